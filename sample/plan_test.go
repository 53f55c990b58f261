package sample

import (
	"reflect"
	"slices"
	"testing"

	"tierstock/model"
)

func history(t *testing.T) []OrderLine {
	t.Helper()
	orders, err := History()
	if err != nil {
		t.Fatal(err)
	}
	return orders
}

func TestHistory(t *testing.T) {
	orders := history(t)
	ids, skus := map[string]bool{}, map[string]bool{}
	for i, line := range orders {
		ids[line.OrderID], skus[line.SKU] = true, true
		if i > 0 && line.OrderedOn < orders[i-1].OrderedOn {
			t.Fatalf("%+v is not in order", line)
		}
	}
	if len(orders) != 6682 || len(ids) != 3322 || len(skus) != 1802 {
		t.Error(len(orders), "lines,", len(ids), "orders,", len(skus), "SKUs")
	}
}

func TestPlanFollowsFromTheOrders(t *testing.T) {
	orders := history(t)
	one, other := newPlan(orders, "2026-11-22"), newPlan(orders, "2026-11-22")
	if !reflect.DeepEqual(one, other) {
		t.Error("two plans of the same orders differ")
	}
	last := len(one.days) - 1
	if one.days[0].on != "2023-11-25" || one.days[last-1].on != "2026-11-22" ||
		one.days[last].on != "2026-11-23" || !one.days[last].isToday {
		t.Error(len(one.days), one.days[0].on, one.days[last].on)
	}
	if len(one.days[last].pick) == 0 {
		t.Error("there is no work on the floor today")
	}
}

// TestPlanIsAShopLikeOthers: most is there, not all; goods come in and cases are opened.
func TestPlanIsAShopLikeOthers(t *testing.T) {
	plan := newPlan(history(t), "2026-11-22")
	var asked, held int64
	receipts, opened, dated := 0, 0, 0
	for _, day := range plan.days {
		held += day.held
		receipts += len(day.receive)
		opened += len(day.open)
		for _, line := range day.orders {
			asked += line.Pieces
		}
		for _, line := range day.receive {
			if line.ExpiresOn != "" {
				dated++
			}
		}
	}
	if fill := float64(held) / float64(asked); fill < 0.95 || fill > 0.995 {
		t.Errorf("%.3f of the pieces are there", fill)
	}
	if receipts < 1000 || opened < 500 || dated < receipts/10 {
		t.Error(receipts, "receipts,", opened, "cases opened,", dated, "with a date")
	}
}

func TestPlanKeysAreNamedOnce(t *testing.T) {
	plan := newPlan(history(t), "2026-11-22")
	seen := map[model.Key]bool{}
	check := func(key model.Key) {
		for _, code := range []string{key.OrderID, key.LineID, key.TaskID} {
			if err := model.CheckLabel(code); err != nil {
				t.Errorf("%+v: %v", key, err)
			}
		}
		if seen[key] {
			t.Errorf("%+v is there twice", key)
		}
		seen[key] = true
	}
	for _, line := range plan.opening {
		check(line.Key.For(Warehouse, model.Receive))
	}
	for _, day := range plan.days {
		for _, line := range day.receive {
			check(line.Key.For(Warehouse, model.Receive))
		}
		for _, line := range slices.Concat(day.putAway, day.fetch) {
			check(line.Key.For(Warehouse, model.Move))
		}
		for _, line := range day.open {
			check(line.Key.For(Warehouse, model.Repack))
		}
		for _, line := range day.orders {
			check(line.Key().For(Warehouse, model.Reserve))
		}
	}
}

// TestPlanDatesAreGood: batches outlast the replay by a year, and what comes later need not last
// longer, so that first expired is not always first in.
func TestPlanDatesAreGood(t *testing.T) {
	plan := newPlan(history(t), "2026-11-22")
	last := map[string]model.Date{}
	earlier := 0
	for _, day := range plan.days {
		for _, line := range day.receive {
			if line.ExpiresOn == "" {
				continue
			}
			if line.ExpiresOn < "2027-11-22" {
				t.Errorf("%s of %s expires on %s", line.At.SKU, line.ReceivedOn, line.ExpiresOn)
			}
			if line.ExpiresOn < last[line.At.SKU] {
				earlier++
			}
			last[line.At.SKU] = line.ExpiresOn
		}
	}
	if earlier == 0 {
		t.Error("each batch lasts longer than the one before it")
	}
}

// TestTotesAreEnough: no tote has two orders' goods at once; it is empty when its truck has left,
// on the morning after.
func TestTotesAreEnough(t *testing.T) {
	plan := newPlan(history(t), "2026-11-22")
	for _, day := range plan.days {
		of := map[string]string{}
		for _, picking := range day.pick {
			if other := of[picking.tote]; other != "" && other != picking.OrderID {
				t.Errorf("%s: %s is for %s and %s", day.on, picking.tote, other, picking.OrderID)
			}
			of[picking.tote] = picking.OrderID
		}
	}
}

func TestBinsAreToldApart(t *testing.T) {
	codes := map[string]bool{}
	for _, bin := range bins() {
		if codes[bin.Code] {
			t.Errorf("bin %s is there twice", bin.Code)
		}
		codes[bin.Code] = true
		if zone := zoneOf(bin.Code); zone != bin.Zone {
			t.Errorf("bin %s of zone %s looks like one of %s", bin.Code, bin.Zone, zone)
		}
	}
	if len(codes) < 1900 || len(codes) > 2100 {
		t.Error(len(codes), "bins")
	}
	for _, article := range articlesOf(history(t)) {
		if !codes[article.home] || !codes[article.bulk] || !codes[article.door()] {
			t.Errorf("%+v lives where there is no bin", article)
		}
	}
}
