package wmsync_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"tierstock/model"
	"tierstock/stocktest"
	"tierstock/wmsync"
)

// told are the movements that the system keeps, as "TYPE from>to qty".
func (b *bench) told() (told []string) {
	for _, movement := range b.far.ledger {
		place := func(p *wmsync.Place) string {
			if p == nil {
				return ""
			}
			return p.Zone + "/" + p.Bin
		}
		told = append(told, fmt.Sprintf("%s %s>%s %s %s", movement.Type, place(movement.From),
			place(movement.To), movement.SKU, movement.Qty))
	}
	return told
}

// What happens on the floor is told as goods that went from one place to another.
func TestMovementsAreTold(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.Receive("F1", "10").OK()
		b.Move("F1", "B1", "4").OK()
		b.Reserve("A1", "3").OK()
		b.Deduct("A1", "").OK()
		b.Count("B1", "5").OK()
		b.Freeze("B1", "1").OK()
		b.relay()
		want := []string{"RECEIVE >FAST/F1 tea 10", "MOVE FAST/F1>BULK/B1 tea 4",
			"DEDUCT FAST/F1> tea 3", "COUNT >BULK/B1 tea 1"}
		if told := b.told(); !slices.Equal(told, want) {
			t.Errorf("told %q, not %q", told, want)
		}
		calls := len(b.far.calls)
		b.relay()
		if len(b.far.calls) != calls {
			t.Error("what was told is told again")
		}
		if id := b.far.ledger[0].ID; !strings.HasPrefix(id, b.Warehouse+"/RECEIVE/") ||
			b.far.ledger[0].Warehouse != "MAIN" {
			t.Errorf("%+v", b.far.ledger[0])
		}
	})
}

// A movement that fails holds back only its article; what is rejected is dead until it is put back.
func TestOneArticleWaits(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		salt := func(line *model.ReceiveLine) { line.At.SKU = stocktest.Salt }
		b.Receive("F1", "1").OK()
		b.Receive("F1", "2", salt).OK()
		b.Receive("F1", "3").OK()
		b.Receive("F1", "4", salt).OK()
		refuse := wmsync.Retry
		b.far.judge = func(m wmsync.Movement) wmsync.Receipt {
			if m.Qty == "1" {
				return wmsync.Receipt{Outcome: refuse, Message: "not today"}
			}
			return wmsync.Receipt{Outcome: wmsync.Applied}
		}
		b.relay()
		b.wantTold("2 4")
		waiting := b.messages(false)
		if len(waiting) != 2 || waiting[0].State != wmsync.Waiting || waiting[0].Attempts != 1 ||
			waiting[0].LastError != "not today" || waiting[1].State != wmsync.Held {
			t.Errorf("%+v", waiting)
		}
		b.relay()
		b.wantTold("2 4")
		refuse = wmsync.Rejected
		b.letTimePass()
		b.relay()
		b.wantTold("2 4 3")
		letters := b.dead("not today")
		b.far.judge = nil
		b.requeue(letters...)
		b.relay()
		b.wantTold("2 4 3 1")
		b.dead()
	})
}

// wantTold compares the quantities of what the system keeps.
func (b *bench) wantTold(want string) {
	b.t.Helper()
	var told []string
	for _, movement := range b.far.ledger {
		told = append(told, movement.Qty)
	}
	if got := strings.Join(told, " "); got != want {
		b.t.Errorf("told %q, not %q", got, want)
	}
}

// letTimePass brings the next try of every message, and of the system, to now.
func (b *bench) letTimePass() {
	b.t.Helper()
	b.Write(`UPDATE sync_messages SET next_at = 0 WHERE warehouse = ?`, b.Warehouse)
	b.Write(`UPDATE sync_places SET retry_at = 0 WHERE warehouse = ?`, b.Warehouse)
}

// A message is tried nine times, then it is dead.
func TestLastTry(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.far.judge = func(wmsync.Movement) wmsync.Receipt {
			return wmsync.Receipt{Outcome: wmsync.Retry, RetryAfter: time.Hour}
		}
		b.Receive("F1", "1").OK()
		for try := range 9 {
			if dead := b.messages(true); len(dead) > 0 {
				t.Fatalf("dead after %d tries", try)
			}
			b.relay()
			b.letTimePass()
		}
		if letters := b.dead("retry"); letters[0].Attempts != 9 {
			t.Errorf("%+v", letters[0])
		}
	})
}

// A system that is away is left alone, and told all of it in order when it is back.
func TestSystemIsAway(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.far.down = &wmsync.Failure{Kind: wmsync.Unreachable, Message: "connection refused"}
		var want []string
		for i := range 40 {
			b.Receive("F1", fmt.Sprint(i+1)).OK()
			want = append(want, fmt.Sprint(i+1))
			if i%8 == 0 {
				b.relay()
				b.letTimePass()
			}
		}
		calls := len(b.far.calls)
		b.relay()
		b.relay()
		if len(b.far.calls) != calls+1 {
			t.Errorf("called %d times while it is to be left alone", len(b.far.calls)-calls)
		}
		streams, err := b.service.Streams(t.Context(), "erp1", nil)
		if err != nil {
			t.Fatal(err)
		}
		push := streams[4]
		if push.State != wmsync.StreamFailing || push.LastError != "connection refused" ||
			push.Pending < 40 || push.Lag < 0 {
			t.Errorf("%+v", push)
		}
		b.far.down = nil
		b.letTimePass()
		b.relay()
		b.wantTold(strings.Join(want, " "))
		b.dead()
		b.Verify()
	})
}

// One movement that makes a system refuse a whole batch is found, and is the only one that is dead.
func TestPoisonousMovement(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		far := &pickyFarSide{farSide: b.far}
		service := wmsync.New(wmsync.Deps{DB: b.DB, Catalog: b.Catalog, Engine: b.Engine,
			Allocation: b.Allocation}, []wmsync.Remote{{System: b.system(), Sink: far}})
		for i, sku := range []string{stocktest.Tea, stocktest.Salt, stocktest.Flour} {
			b.Receive("F1", fmt.Sprint(i+1), func(line *model.ReceiveLine) { line.At.SKU = sku }).OK()
		}
		if err := service.Relay(t.Context(), "erp1", b.Warehouse); err != nil {
			t.Fatal(err)
		}
		b.wantTold("1 3")
		b.dead("HTTP 400")
	})
}

// In whatever way a sink fails, it is told each movement once in its ledger, and those of an
// article in the order in which they happened.
func TestDeliveryIsInOrder(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		random := rand.New(rand.NewPCG(1, 2))
		b.far.judge = func(wmsync.Movement) wmsync.Receipt {
			if random.IntN(3) == 0 {
				return wmsync.Receipt{Outcome: wmsync.Retry}
			}
			return wmsync.Receipt{Outcome: wmsync.Applied}
		}
		skus := []string{stocktest.Tea, stocktest.Salt, stocktest.Flour}
		for i := range 60 {
			b.Receive("F1", "1", func(line *model.ReceiveLine) { line.At.SKU = skus[i%3] }).OK()
			if i%10 == 0 {
				b.relay()
				b.letTimePass()
			}
		}
		for range 200 {
			b.relay()
			b.letTimePass()
		}
		last, seen := map[string]int64{}, map[string]bool{}
		for _, movement := range b.far.ledger {
			if seen[movement.ID] || movement.Seq <= last[movement.SKU] {
				t.Errorf("%s at %d after %d", movement.ID, movement.Seq, last[movement.SKU])
			}
			seen[movement.ID], last[movement.SKU] = true, movement.Seq
		}
		if len(b.far.ledger) != 60 {
			t.Errorf("told %d of 60", len(b.far.ledger))
		}
		for _, call := range b.far.calls {
			skus := map[string]bool{}
			for _, movement := range call {
				if skus[movement.SKU] {
					t.Fatalf("two of %s in one call", movement.SKU)
				}
				skus[movement.SKU] = true
			}
		}
	})
}

// Who sees none of a system's warehouses sees neither it nor its messages, nor puts them back.
func TestMessagesOfOthers(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.Receive("F1", "1").OK()
		b.far.judge = func(wmsync.Movement) wmsync.Receipt {
			return wmsync.Receipt{Outcome: wmsync.Rejected, Message: "no"}
		}
		b.relay()
		letters := b.dead("no")
		stranger := func(warehouse string) bool { return warehouse == "ELSEWHERE" }
		page, err := b.service.Messages(t.Context(), wmsync.MessageFilter{Sees: stranger}, 0, 10)
		if err != nil || len(page.Rows) > 0 {
			t.Errorf("%+v %v", page.Rows, err)
		}
		count, err := b.service.Requeue(t.Context(), []int64{letters[0].ID}, stranger)
		if count != 0 || err != nil {
			t.Errorf("%d were put back: %v", count, err)
		}
		streams, err := b.service.Streams(t.Context(), "", stranger)
		if err != nil || len(streams) > 0 || b.service.Known("erp1", stranger) {
			t.Errorf("%+v %v", streams, err)
		}
		b.dead("no")
	})
}

// A system that is to be told from now on is not told what was before it was connected.
func TestToldFromNowOn(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.Receive("F1", "1").OK()
		system := b.system()
		system.PushFromNow = true
		service := wmsync.New(wmsync.Deps{DB: b.DB, Catalog: b.Catalog, Engine: b.Engine,
			Allocation: b.Allocation}, []wmsync.Remote{{System: system, Sink: b.far}})
		for _, qty := range []string{"2", "3"} {
			if err := service.Relay(t.Context(), "erp1", b.Warehouse); err != nil {
				t.Fatal(err)
			}
			b.Receive("F1", qty).OK()
		}
		if err := service.Relay(t.Context(), "erp1", b.Warehouse); err != nil {
			t.Fatal(err)
		}
		b.wantTold("2 3")
	})
}

// What is given up for good is on record, is not dead any more and cannot be put back.
func TestDiscard(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.far.tell(wmsync.Stock, wmsync.Delta, "bad", 0, delta("-1", ""))
		b.pull(wmsync.Stock)
		letters := b.dead("INSUFFICIENT")
		ids := []int64{letters[0].ID}
		for _, want := range []int{1, 0} {
			count, err := b.service.Discard(t.Context(), ids, "booked twice there", "ann", nil)
			if count != want || err != nil {
				t.Errorf("%d were given up: %v", count, err)
			}
		}
		if count, err := b.service.Requeue(t.Context(), ids, nil); count != 0 || err != nil {
			t.Errorf("%d were put back: %v", count, err)
		}
		b.dead()
		kept := b.messages(false)
		if len(kept) != 1 || kept[0].State != wmsync.Discarded ||
			kept[0].LastError != "discarded by ann: booked twice there" {
			t.Errorf("%+v", kept)
		}
	})
}

// How long a message waits counts from the answer on, however late that came.
func TestWaitsCountFromTheAnswer(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		const late = 300 * time.Millisecond
		b.far.judge = func(wmsync.Movement) wmsync.Receipt {
			time.Sleep(late)
			return wmsync.Receipt{Outcome: wmsync.Retry, RetryAfter: time.Hour}
		}
		b.Receive("F1", "1").OK()
		began := time.Now()
		b.relay()
		waits := b.messages(false)[0].NextAt.Time().Sub(began)
		if waits < time.Hour+late-10*time.Millisecond || waits > time.Hour+time.Minute {
			t.Errorf("it waits %s from when it was sent", waits)
		}
	})
}

// Who puts a message back has it tried at once, though the system is left alone because it failed.
func TestPutBackWhileLeftAlone(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.far.judge = func(wmsync.Movement) wmsync.Receipt {
			return wmsync.Receipt{Outcome: wmsync.Rejected}
		}
		b.Receive("F1", "1").OK()
		b.relay()
		letters := b.dead("rejected")
		b.far.judge, b.far.down = nil, &wmsync.Failure{Kind: wmsync.Unreachable, Message: "503",
			RetryAfter: time.Hour}
		b.Receive("B1", "2", func(line *model.ReceiveLine) { line.At.SKU = stocktest.Salt }).OK()
		b.relay()
		b.far.down = nil
		b.relay()
		b.wantTold("")
		b.requeue(letters...)
		b.relay()
		b.wantTold("1") // the other waits for as long as the system said
	})
}

// Letters of articles, which are no warehouse's, are seen by who sees one of the system's.
func TestLettersOfArticlesAreSeen(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.far.tell(wmsync.SKUs, wmsync.Upsert, "s1", 1, `{"code":"tea","unit":"KG"}`)
		b.pull(wmsync.SKUs)
		b.far.tell(wmsync.Stock, wmsync.Delta, "d1", 0, `{"warehouse":"ELSE","sku":"tea","delta":"1"}`)
		b.pull(wmsync.Stock)
		letters := b.dead("INVALID_STATE unit", "ELSE")
		for warehouse, want := range map[string]int{"ELSEWHERE": 0, b.Warehouse: 1} {
			sees := func(code string) bool { return code == warehouse }
			page, err := b.service.Messages(t.Context(), wmsync.MessageFilter{Sees: sees}, 0, 10)
			if err != nil || len(page.Rows) != want {
				t.Errorf("%s: %+v %v", warehouse, page.Rows, err)
			}
			count, err := b.service.Requeue(t.Context(), []int64{letters[0].ID, letters[1].ID}, sees)
			if err != nil || count != want {
				t.Errorf("%s: %d were put back, %v", warehouse, count, err)
			}
		}
	})
}

// A sink that panics ends its run, and neither the process nor what comes after it.
func TestPanicOfASink(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.Receive("F1", "1").OK()
		b.far.judge = func(wmsync.Movement) wmsync.Receipt { panic("no such receipt") }
		err := b.service.RelayAll(t.Context(), "erp1")
		if err == nil || !contains(err.Error(), "no such receipt") {
			t.Errorf("a panic is %v", err)
		}
		b.far.judge = nil
		b.relay()
		b.wantTold("1")
	})
}
