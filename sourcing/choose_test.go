package sourcing_test

import (
	"fmt"
	"strings"
	"testing"

	"tierstock/model"
	"tierstock/sourcing"
)

// at is a candidate of that priority with whole units of SKUs: "TEA 5, SALT 2".
func at(warehouse string, priority int64, stock string) sourcing.Candidate {
	candidate := sourcing.Candidate{Warehouse: warehouse, Region: warehouse[:1], Priority: priority}
	for part := range strings.SplitSeq(stock, ", ") {
		var sku string
		var qty int64
		if _, err := fmt.Sscan(part, &sku, &qty); err == nil {
			candidate.Stock = append(candidate.Stock, sourcing.Stock{Item: model.Item{SKU: sku},
				Days: sourcing.Lasting, Qty: model.Whole(qty)})
		}
	}
	return candidate
}

func limited(candidate sourcing.Candidate, lines int64) sourcing.Candidate {
	candidate.Limited, candidate.LinesLeft = true, lines
	return candidate
}

func placed(candidate sourcing.Candidate, latitude, longitude int64) sourcing.Candidate {
	candidate.At = &sourcing.Place{Latitude: model.Whole(latitude),
		Longitude: model.Whole(longitude)}
	return candidate
}

func wants(lines string) (demand sourcing.Demand) {
	for _, stock := range at("X", 0, lines).Stock {
		demand.Lines = append(demand.Lines, sourcing.Want{Item: stock.Item, Qty: stock.Qty})
	}
	return demand
}

// written is a plan as text: "A 0:5 1:2; B 2:1 | C LESS_STOCK".
func written(choice sourcing.Choice) string {
	var parts, looks []string
	for _, part := range choice.Parts {
		text := part.Warehouse
		for _, line := range part.Lines {
			text += fmt.Sprintf(" %d:%s", line.Line, line.Qty)
		}
		parts = append(parts, text)
	}
	for _, look := range choice.Looks {
		if look.Reason != "" {
			looks = append(looks, look.Warehouse+" "+string(look.Reason))
		}
	}
	return strings.Join(parts, "; ") + " | " + strings.Join(looks, ", ")
}

func TestChoose(t *testing.T) {
	berlin := &sourcing.Place{Latitude: model.Whole(52), Longitude: model.Whole(13)}
	for _, test := range []struct {
		name       string
		demand     sourcing.Demand
		options    sourcing.Options
		candidates []sourcing.Candidate
		want       string
	}{
		{"nobody", wants("TEA 5"), sourcing.Options{}, nil, " | "},
		{"by code", wants("TEA 5"), sourcing.Options{},
			[]sourcing.Candidate{at("B", 0, "TEA 9"), at("A", 0, "TEA 9")}, "A 0:5 | B NOT_NEEDED"},
		{"by priority", wants("TEA 5"), sourcing.Options{},
			[]sourcing.Candidate{at("B", 1, "TEA 9"), at("A", 0, "TEA 9")},
			"B 0:5 | A LOWER_PRIORITY"},
		{"region before priority", wants("TEA 5"), sourcing.Options{Regions: []string{"A"}},
			[]sourcing.Candidate{at("B", 1, "TEA 9"), at("A", 0, "TEA 9")},
			"A 0:5 | B OTHER_REGION"},
		{"by distance", wants("TEA 5"), sourcing.Options{Destination: berlin},
			[]sourcing.Candidate{placed(at("A", 0, "TEA 9"), 48, 2), placed(at("B", 0, "TEA 9"), 53, 10),
				at("C", 0, "TEA 9")}, "B 0:5 | A FARTHER, C FARTHER"},
		{"one warehouse before two nearer ones", wants("TEA 5, SALT 5"), sourcing.Options{},
			[]sourcing.Candidate{at("A", 9, "TEA 9"), at("B", 9, "SALT 9"), at("C", 0, "TEA 5, SALT 5")},
			"C 0:5 1:5 | A LESS_STOCK, B LESS_STOCK"},
		{"a line is split only where it must be", wants("TEA 10, SALT 5, OIL 5"), sourcing.Options{},
			[]sourcing.Candidate{at("A", 0, "TEA 6, SALT 5"), at("B", 0, "TEA 4, OIL 5"),
				at("C", 0, "TEA 10")}, "A 1:5; B 2:5; C 0:10 | "},
		{"unless there may be no more splits", wants("TEA 10, SALT 5, OIL 5"),
			sourcing.Options{MaxSplits: new(1)},
			[]sourcing.Candidate{at("A", 0, "TEA 6, SALT 5"), at("B", 0, "TEA 4, OIL 5"),
				at("C", 0, "TEA 10")}, "A 0:6 1:5; B 0:4 2:5 | C LESS_STOCK"},
		{"no splits", wants("TEA 10, SALT 5"), sourcing.Options{MaxSplits: new(0)},
			[]sourcing.Candidate{at("A", 0, "TEA 6, SALT 5"), at("B", 0, "TEA 10")},
			"A 0:6 1:5 | B LESS_STOCK"},
		{"a line that must be split", wants("TEA 10"), sourcing.Options{},
			[]sourcing.Candidate{at("A", 0, "TEA 3"), at("B", 0, "TEA 4"), at("C", 0, "TEA 6")},
			"B 0:4; C 0:6 | A LESS_STOCK"},
		{"the rest stays short", wants("TEA 10"), sourcing.Options{},
			[]sourcing.Candidate{at("A", 0, "TEA 3"), at("B", 0, "SALT 4")},
			"A 0:3 | B NO_STOCK"},
		{"all or nothing", sourcing.Demand{Whole: true, Lines: wants("TEA 10").Lines},
			sourcing.Options{}, []sourcing.Candidate{at("A", 0, "TEA 3"), at("B", 0, "TEA 6")},
			" | A NOT_WHOLE, B NOT_WHOLE"},
		{"capacity", wants("TEA 1, SALT 1, OIL 1"), sourcing.Options{},
			[]sourcing.Candidate{limited(at("A", 9, "TEA 1, SALT 1, OIL 1"), 1),
				limited(at("B", 0, "TEA 1"), 5), limited(at("C", 9, "TEA 1, SALT 1, OIL 1"), 0),
				at("D", 0, "SALT 1")}, "A 2:1; B 0:1; D 1:1 | C NO_CAPACITY"},
		{"allowed and excluded", wants("TEA 1"),
			sourcing.Options{Allowed: []string{"A", "B"}, Excluded: []string{"A"}},
			[]sourcing.Candidate{at("A", 0, "TEA 1"), at("B", 0, "TEA 1"), at("C", 0, "TEA 1")},
			"B 0:1 | A NOT_ALLOWED, C NOT_ALLOWED"},
		{"one SKU on two lines", wants("TEA 6, TEA 6"), sourcing.Options{},
			[]sourcing.Candidate{at("A", 0, "TEA 8"), at("B", 0, "TEA 4")},
			"A 0:6 1:2; B 1:4 | "},
		{"lines that must be packed like this", wants("TEA 4, TEA 4, TEA 6, TEA 6"),
			sourcing.Options{}, []sourcing.Candidate{at("A", 0, "TEA 10"), at("B", 0, "TEA 10")},
			"A 0:4 2:6; B 1:4 3:6 | "},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.demand.Options = test.options
			choice := sourcing.Choose(test.demand, test.candidates)
			if got := written(choice); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
			if !choice.Exact {
				t.Error("the search ended early")
			}
		})
	}
}

func TestChooseHonoursBatchPackAndLife(t *testing.T) {
	tea := func(batch, pack string, days int, qty int64) sourcing.Stock {
		return sourcing.Stock{Item: model.Item{SKU: "TEA"}, Batch: batch, Pack: pack, Days: days,
			Qty: model.Whole(qty)}
	}
	want := func(qty int64, batch *string, pack string, days int) sourcing.Want {
		return sourcing.Want{Item: model.Item{SKU: "TEA"}, Qty: model.Whole(qty), Batch: batch,
			Pack: pack, MinRemainingDays: days}
	}
	candidates := []sourcing.Candidate{{Warehouse: "A", Stock: []sourcing.Stock{tea("L1", "", 5, 4),
		tea("L2", "", 50, 4), tea("", "", sourcing.Lasting, 4), tea("", "CASE", sourcing.Lasting, 9)}}}
	for _, test := range []struct {
		name  string
		lines []sourcing.Want
		want  string
	}{
		{"any batch", []sourcing.Want{want(20, nil, "", 0)}, "A 0:12 | "},
		{"a batch", []sourcing.Want{want(20, new("L1"), "", 0)}, "A 0:4 | "},
		{"no batch", []sourcing.Want{want(20, new(""), "", 0)}, "A 0:4 | "},
		{"a pack", []sourcing.Want{want(20, nil, "CASE", 0)}, "A 0:9 | "},
		{"life", []sourcing.Want{want(20, nil, "", 6)}, "A 0:8 | "},
		{"who is choosy goes first", []sourcing.Want{want(9, nil, "", 0), want(4, nil, "", 60),
			want(4, new("L1"), "", 0)}, "A 0:4 1:4 2:4 | "},
		{"another owner's", []sourcing.Want{{Item: model.Item{Owner: "ACME", SKU: "TEA"},
			Qty: model.One}}, " | A NO_STOCK"},
		{"tried there", []sourcing.Want{{Item: model.Item{SKU: "TEA"}, Qty: model.One,
			Not: map[string]bool{"A": true}}}, " | A TRIED"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := written(sourcing.Choose(sourcing.Demand{Lines: test.lines}, candidates))
			if got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestDistancesAreThoseOfTheGlobe(t *testing.T) {
	for _, test := range []struct {
		latitude, longitude, latitude2, longitude2 int64
		kilometres                                 int64
	}{
		{0, 0, 0, 0, 0}, {0, 179, 0, -179, 222}, {90, 0, -90, 77, 20_015}, {52, 13, 48, 2, 901},
	} {
		demand := wants("TEA 1")
		demand.Destination = &sourcing.Place{Latitude: model.Whole(test.latitude2),
			Longitude: model.Whole(test.longitude2)}
		choice := sourcing.Choose(demand, []sourcing.Candidate{
			placed(at("A", 0, "TEA 1"), test.latitude, test.longitude)})
		if got := choice.Looks[0].Metres / 1000; got != test.kilometres {
			t.Errorf("%+v: %d km", test, got)
		}
	}
}

// A long way of many candidates ends, and says that there may be better plans.
func TestChooseAmongManyIsBounded(t *testing.T) {
	var candidates []sourcing.Candidate
	demand := sourcing.Demand{}
	for i := range 60 {
		sku := fmt.Sprintf("SKU%d", i%20)
		candidates = append(candidates, limited(at(fmt.Sprintf("W%02d", i), 0,
			fmt.Sprintf("%s 7, SKU%d 3, SKU%d 2", sku, (i+1)%20, (i+7)%20)), 2))
	}
	for i := range 20 {
		demand.Lines = append(demand.Lines, sourcing.Want{
			Item: model.Item{SKU: fmt.Sprintf("SKU%d", i)}, Qty: model.Whole(9)})
	}
	choice := sourcing.Choose(demand, candidates)
	if choice.Exact || len(choice.Parts) != 12 || len(choice.Looks) != 60 {
		t.Error(choice.Exact, len(choice.Parts), len(choice.Looks))
	}
}
