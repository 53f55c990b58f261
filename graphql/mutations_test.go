package graphql

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"tierstock/allocation"
	"tierstock/flow"
	"tierstock/master"
	"tierstock/model"
	"tierstock/replenish"
)

// Every field of each line, and what the engine is to get of it.
const (
	lineKeyJSON = `{"jobType":"J","orderId":"O","lineId":"L","revision":"3"}`
	taskKeyJSON = `{"jobType":"J","taskId":"T","revision":"3"}`
	binJSON     = `{"warehouse":"W","bin":"B","sku":"S","owner":"X","batch":"Y","pack":"P"}`
	auditJSON   = `{"reason":"ASN","reference":"R","note":"N","occurredAt":"1970-01-01T00:00:01Z"}`
)

var (
	aLineKey = model.LineKey{JobType: "J", OrderID: "O", LineID: "L", Revision: 3}
	aTaskKey = model.TaskKey{JobType: "J", TaskID: "T", Revision: 3}
	aBin     = model.BinStockKey{Warehouse: "W", Bin: "B", SKU: "S", Owner: "X", Batch: "Y", Pack: "P"}
	anAudit  = model.Audit{Reason: "ASN", Reference: "R", Note: "N", OccurredAt: 1_000_000}
)

// mappings are a full line and the shortest one of each mutation. In the text, LK, TK, AT and AU
// stand for the parts above.
func mappings() []struct {
	mutation, line string
	want           any
} {
	two, seconds := new(model.Whole(2)), new(int64(60))
	type mapping = struct {
		mutation, line string
		want           any
	}
	return []mapping{
		{"receive", `{"key":LK,"at":{"warehouse":"W","zone":"Z","sku":"S","owner":"X","batch":"Y",
			"pack":"P"},"qty":"2","bin":"B","expiresOn":"2027-01-31","receivedOn":"2026-01-31","audit":AU}`,
			model.ReceiveLine{Key: aLineKey, At: model.ZoneStockKey{Warehouse: "W", Zone: "Z", SKU: "S",
				Owner: "X", Batch: "Y", Pack: "P"},
				Qty: *two, Bin: "B", ExpiresOn: "2027-01-31", ReceivedOn: "2026-01-31", Audit: anAudit}},
		{"reserve", `{"key":LK,"warehouse":"W","sku":"S","qty":"2","owner":"X","zones":["Z2","Z1"],
			"batch":"Y","pack":"P","strategy":"FIFO","minRemainingDays":5,"allowPartial":true,
			"ttlSeconds":60,"audit":AU}`,
			model.ReserveLine{Key: aLineKey, Warehouse: "W", Item: model.Item{Owner: "X", SKU: "S"},
				Qty:   *two,
				Zones: []string{"Z2", "Z1"}, Batch: new("Y"), Pack: "P", Strategy: "FIFO", MinRemainingDays: 5,
				AllowPartial: true, TTLSeconds: seconds, Audit: anAudit}},
		{"reserve", `{"key":LK,"warehouse":"W","sku":"S","qty":"2","batch":"","ttlSeconds":0}`,
			model.ReserveLine{Key: aLineKey, Warehouse: "W", Item: model.Item{SKU: "S"}, Qty: *two,
				Batch: new(""), TTLSeconds: new(int64(0))}},
		{"reserve", `{"key":LK,"warehouse":"W","sku":"S","qty":"-2"}`,
			model.ReserveLine{Key: aLineKey, Warehouse: "W", Item: model.Item{SKU: "S"}, Qty: -*two}},
		{"release", `{"key":LK,"warehouse":"W","reservation":LK,"sku":"S","qty":"2","audit":AU}`,
			model.ReleaseLine{Key: aLineKey, Warehouse: "W", Reservation: &aLineKey, SKU: "S", Qty: two,
				Audit: anAudit}},
		{"release", `{"key":LK,"warehouse":"W","qty":"0"}`,
			model.ReleaseLine{Key: aLineKey, Warehouse: "W", Qty: new(model.Quantity(0))}},
		{"release", `{"key":LK,"warehouse":"W"}`, model.ReleaseLine{Key: aLineKey, Warehouse: "W"}},
		{"extend", `{"key":LK,"warehouse":"W","reservation":LK,"ttlSeconds":60,"audit":AU}`,
			model.ExtendLine{Key: aLineKey, Warehouse: "W", Reservation: aLineKey, TTLSeconds: 60,
				Audit: anAudit}},
		{"deduct", `{"key":LK,"warehouse":"W","reservation":LK,"sku":"S","qty":"2",
			"closeRemainder":true,"audit":AU}`,
			model.DeductLine{Key: aLineKey, Warehouse: "W", Reservation: &aLineKey, SKU: "S", Qty: two,
				CloseRemainder: true, Audit: anAudit}},
		{"deduct", `{"key":LK,"warehouse":"W"}`, model.DeductLine{Key: aLineKey, Warehouse: "W"}},
		{"restore", `{"key":LK,"warehouse":"W","deduction":LK,"pick":TK,"sku":"S","qty":"2","audit":AU}`,
			model.RestoreLine{Key: aLineKey, Warehouse: "W", Deduction: &aLineKey, Pick: &aTaskKey,
				SKU: "S", Qty: two, Audit: anAudit}},
		{"restore", `{"key":LK,"warehouse":"W"}`, model.RestoreLine{Key: aLineKey, Warehouse: "W"}},
		{"pin", `{"key":TK,"warehouse":"W","reservation":LK,"bin":"B","qty":"2","audit":AU}`,
			model.PinLine{Key: aTaskKey, Warehouse: "W", Reservation: aLineKey, Bin: "B", Qty: two,
				Audit: anAudit}},
		{"pin", `{"key":TK,"warehouse":"W","reservation":LK}`, model.PinLine{Key: aTaskKey,
			Warehouse: "W", Reservation: aLineKey}},
		{"unpin", `{"key":TK,"warehouse":"W","task":"77","audit":AU}`,
			model.UnpinLine{Key: aTaskKey, Warehouse: "W", Task: "77", Audit: anAudit}},
		{"pick", `{"key":TK,"reservation":LK,"from":AT,"qty":"2","toBin":"C","short":true,"audit":AU}`,
			model.PickLine{Key: aTaskKey, Reservation: aLineKey, From: aBin, Qty: *two, ToBin: "C",
				Short: true, Audit: anAudit}},
		{"move", `{"key":TK,"from":AT,"toBin":"C","qty":"2","withReservation":LK,"frozen":true,
			"audit":AU}`,
			model.MoveLine{Key: aTaskKey, From: aBin, ToBin: "C", Qty: *two, WithReservation: &aLineKey,
				Frozen: true, Audit: anAudit}},
		{"move", `{"key":TK,"from":AT,"toBin":"C","qty":"2"}`, model.MoveLine{Key: aTaskKey, From: aBin,
			ToBin: "C", Qty: *two}},
		{"adjust", `{"key":TK,"at":AT,"delta":"-2","frozen":true,"expectedOnHand":"0","audit":AU}`,
			model.AdjustLine{Key: aTaskKey, At: aBin, Delta: -*two, Frozen: true,
				ExpectedOnHand: new(model.Quantity(0)), Audit: anAudit}},
		{"adjust", `{"key":TK,"at":AT,"delta":"2","audit":{}}`, model.AdjustLine{Key: aTaskKey,
			At: aBin, Delta: *two}},
		{"count", `{"key":TK,"at":AT,"counted":"0","expectedVersion":"9","audit":AU}`,
			model.CountLine{Key: aTaskKey, At: aBin, ExpectedVersion: 9, Audit: anAudit}},
		{"freeze", `{"key":TK,"at":AT,"qty":"2","audit":AU}`, model.FreezeLine{Key: aTaskKey, At: aBin,
			Qty: *two, Audit: anAudit}},
		{"unfreeze", `{"key":TK,"at":AT,"qty":"2","audit":AU}`, model.FreezeLine{Key: aTaskKey,
			At: aBin, Qty: *two, Audit: anAudit}},
		{"block", `{"key":TK,"warehouse":"W","bin":"B","audit":AU}`, model.BlockLine{Key: aTaskKey,
			Warehouse: "W", Bin: "B", Audit: anAudit}},
		{"unblock", `{"key":TK,"warehouse":"W","bin":"B","audit":AU}`, model.BlockLine{Key: aTaskKey,
			Warehouse: "W", Bin: "B", Audit: anAudit}},
		{"repack", `{"key":TK,"at":AT,"toPack":"","qty":"2","audit":AU}`,
			model.RepackLine{Key: aTaskKey, At: aBin, Qty: *two, Audit: anAudit}},
		{"reportException", `{"key":TK,"kind":"DAMAGED","at":AT,"qty":"2","reservation":LK,"audit":AU}`,
			model.ExceptionLine{Key: aTaskKey, Kind: model.Damaged, At: aBin, Qty: two,
				Reservation: &aLineKey, Audit: anAudit}},
		{"reportException", `{"key":TK,"kind":"OTHER","at":AT}`, model.ExceptionLine{Key: aTaskKey,
			Kind: model.OtherException, At: aBin}},
		{"takeOver", `{"key":LK,"from":{"jobType":"J","orderId":"F","lineId":"1"},"qty":"2",
			"to":{"key":LK,"warehouse":"W","sku":"S","qty":"2","priority":9,"channel":"C"}}`,
			allocation.TakeOver{Key: aLineKey, From: model.LineKey{JobType: "J", OrderID: "F",
				LineID: "1"}, Qty: *two, To: model.ReserveLine{Key: aLineKey, Warehouse: "W",
				Item: model.Item{SKU: "S"}, Qty: *two, Priority: 9, Channel: "C"}}},
		{"upsertWarehouses", `{"code":"W","name":"N","timezone":"Europe/Berlin","region":"EU",
			"priority":5,"latitude":"50.9","longitude":"-6","dailyLines":40}`,
			master.WarehouseInput{Code: "W", Name: new("N"), Timezone: new("Europe/Berlin"),
				Region: new("EU"), Priority: new(int64(5)), Latitude: new(model.Quantity(50_900_000)),
				Longitude: new(-6 * model.One), DailyLines: new(int64(40))}},
		{"upsertWarehouses", `{"code":"W","name":""}`, master.WarehouseInput{Code: "W", Name: new("")}},
		{"upsertZones", `{"warehouse":"W","code":"Z","name":"N","allocatable":false,"priority":-1}`,
			master.ZoneInput{Warehouse: "W", Code: "Z", Name: new("N"), Allocatable: new(false),
				Priority: new(int64(-1))}},
		{"upsertZones", `{"warehouse":"W","code":"Z"}`, master.ZoneInput{Warehouse: "W", Code: "Z"}},
		{"upsertBins", `{"warehouse":"W","zone":"Z","code":"B","kind":"TOTE","pickSequence":7,
			"parent":"T"}`,
			master.BinInput{Warehouse: "W", Zone: "Z", Code: "B", Kind: new(model.ToteBin),
				PickSequence: new(int64(7)), Parent: new("T")}},
		{"upsertBins", `{"warehouse":"W","zone":"Z","code":"B"}`, master.BinInput{Warehouse: "W",
			Zone: "Z", Code: "B"}},
		{"upsertSkus", `{"code":"S","name":"N","unit":"KG","decimals":3,"packs":[{"code":"CASE",
			"numerator":"12"},{"code":"BIT","numerator":"1","denominator":"9"}],"active":false}`,
			master.SKUInput{Code: "S", Name: new("N"), Unit: new("KG"), Decimals: new(3), Active: new(false),
				Packs: &[]model.Pack{{Code: "CASE", Size: model.Fraction{Numerator: 12, Denominator: 1}},
					{Code: "BIT", Size: model.Fraction{Numerator: 1, Denominator: 9}}}}},
		{"upsertSkus", `{"code":"S","packs":[]}`, master.SKUInput{Code: "S", Packs: &[]model.Pack{}}},
		{"upsertSkus", `{"code":"S"}`, master.SKUInput{Code: "S"}},
		{"upsertBatches", `{"warehouse":"W","owner":"X","sku":"S","batch":"Y","expiresOn":"2027-01-31",
			"hold":true}`,
			master.BatchInput{Warehouse: "W", Owner: "X", SKU: "S", Batch: "Y",
				ExpiresOn: new(model.Date("2027-01-31")), Hold: new(true)}},
		{"upsertStockLevels", `{"warehouse":"W","zone":"Z","bin":"B","owner":"X","sku":"S","min":"1",
			"max":"9.5","pack":"CASE","strategy":"LIFO","sources":["A","C"]}`,
			replenish.Level{Warehouse: "W", Zone: "Z", Bin: "B", Item: model.Item{Owner: "X", SKU: "S"},
				Min: model.One, Max: 9_500_000, Pack: "CASE", Strategy: "LIFO",
				Sources: []string{"A", "C"}}},
		{"upsertStockLevels", `{"warehouse":"W","zone":"Z","sku":"S","min":"0","max":"0"}`,
			replenish.Level{Warehouse: "W", Zone: "Z", Item: model.Item{SKU: "S"}}},
		{"upsertBatches", `{"warehouse":"W","sku":"S","batch":"Y"}`, master.BatchInput{Warehouse: "W",
			SKU: "S", Batch: "Y"}},
	}
}

func TestLinesReachTheVerbs(t *testing.T) {
	parts := strings.NewReplacer("LK", lineKeyJSON, "TK", taskKeyJSON, "AT", binJSON, "AU", auditJSON)
	bench := newBench(t)
	lineTypes := map[string]string{}
	for _, field := range bench.mutationFields() {
		if args, ok := strings.CutPrefix(field.args, "lines: ["); ok {
			lineTypes[field.name], _, _ = strings.Cut(args, "!")
		}
	}
	seen := map[string]bool{}
	for _, mapping := range mappings() {
		seen[mapping.mutation] = true
		results := "results{code}"
		document := fmt.Sprintf("mutation($lines:[%s!]!){%s(lines:$lines){%s}}",
			lineTypes[mapping.mutation], mapping.mutation, results)
		line := parts.Replace(mapping.line)
		reply := bench.send(t, fmt.Sprintf(`{"query":%q,"variables":{"lines":[%s]}}`, document, line))
		if code := reply.at(mapping.mutation + ".results.0.code"); code != "APPLIED" {
			t.Errorf("%s: %s", mapping.line, reply.Body)
			continue
		}
		want := reflect.MakeSlice(reflect.SliceOf(reflect.TypeOf(mapping.want)), 0, 1)
		want = reflect.Append(want, reflect.ValueOf(mapping.want))
		if !reflect.DeepEqual(bench.recorder.lines, want.Interface()) {
			t.Errorf("%s %s:\n%+v", mapping.mutation, mapping.line, bench.recorder.lines)
		}
		if last := bench.recorder.called[len(bench.recorder.called)-1]; last != mapping.mutation {
			t.Errorf("%s called %s", mapping.mutation, last)
		}
	}
	for name := range lineTypes {
		if !seen[name] {
			t.Errorf("%s has no mapping here", name)
		}
	}
}

func TestModesReachTheVerbs(t *testing.T) {
	bench := newBench(t)
	lines := []any{receiving("bin", "B1")}
	for _, test := range []struct {
		policy any
		dry    any
		want   flow.Mode
	}{
		{nil, nil, flow.Mode{AllOrNothing: true, Actor: "ADMIN"}},
		{"PER_LINE", true, flow.Mode{DryRun: true, Actor: "ADMIN"}},
		{"ALL_OR_NOTHING", false, flow.Mode{AllOrNothing: true, Actor: "ADMIN"}},
	} {
		reply := bench.ask(t, receiveMany, map[string]any{"lines": lines, "policy": test.policy,
			"dry": test.dry})
		if len(reply.Errors) > 0 || bench.recorder.mode != test.want {
			t.Errorf("%+v: %+v %s", test, bench.recorder.mode, reply.Body)
		}
		if committed := reply.at("receive.committed"); committed != !test.want.DryRun {
			t.Errorf("%+v: committed is %v", test, committed)
		}
	}
}

func TestCountsOfACall(t *testing.T) {
	bench := newBench(t)
	bench.recorder.answer = func(context.Context, int) ([]model.Result, error) {
		results := make([]model.Result, len(model.Codes))
		for i, code := range model.Codes {
			results[i].Code = code
		}
		return results, nil
	}
	reply := bench.ask(t, strings.Replace(receiveOne, "{committed results{code}}",
		"{committed applied replayed failed results{index code retryable}}", 1), nil)
	if reply.at("receive.committed") != true || reply.at("receive.applied") != 2.0 ||
		reply.at("receive.replayed") != 1.0 || reply.at("receive.failed") != float64(len(model.Codes)-3) {
		t.Errorf("%s", reply.Body)
	}
	bench.recorder.answer = func(context.Context, int) ([]model.Result, error) {
		return []model.Result{{Code: model.Replayed}}, nil
	}
	if reply = bench.ask(t, receiveOne, nil); reply.at("receive.committed") != false {
		t.Errorf("%s", reply.Body)
	}
}

const wholeResult = `{results{index code retryable field message qtyApplied shortage
	flows{id seq rowSeq tier action leg jobType orderId lineId taskId revision reservation warehouse
		zone bin owner sku
		batch pack onHandDelta reservedDelta frozenDelta onHandAfter reservedAfter frozenAfter reason
			reference note
		actor occurredAt recordedAt}
	zoneStocks{id warehouse zone owner sku batch pack expiresOn receivedOn onHold onHand reserved
		frozen available
		promisable updatedAt}
	binStocks{id warehouse zone bin owner sku batch pack onHand reserved frozen available version
		updatedAt}
	reservation{id jobType orderId lineId revision warehouse owner sku requested held open deducted
		released state
		expiresAt createdAt holds{zone batch pack reserved pinned deducted released}}
	tasks{id kind jobType taskId state orderId lineId zone bin toBin owner sku batch pack qty done
		pickSequence}
	explanation{zone bin batch pack expiresOn available taken rank skipped}}}`

func TestResultsAreShownWhole(t *testing.T) {
	bench := newBench(t)
	bench.recorder.answer = func(context.Context, int) ([]model.Result, error) {
		return []model.Result{aResult(), {Code: model.Busy, Field: "at.bin", Message: "try again"}}, nil
	}
	reply := bench.ask(t, strings.Replace(receiveOne, "{committed results{code}}", wholeResult, 1),
		nil)
	if len(reply.Errors) > 0 {
		t.Fatal(reply.Body)
	}
	for path, want := range map[string]any{
		"index": 0.0, "code": "PARTIAL", "retryable": false, "field": nil, "message": nil,
		"qtyApplied": "1.5", "shortage": "0.5",
		"flows.0.id": "Z1-0", "flows.0.seq": nil, "flows.0.rowSeq": "4", "flows.0.tier": "ZONE",
		"flows.0.action": "RESERVE", "flows.0.reservation": "9", "flows.0.onHandDelta": "0",
		"flows.0.reservedDelta": "1.5", "flows.0.reservedAfter": "-0.000001", "flows.0.reason": nil,
		"flows.0.occurredAt": nil, "flows.0.recordedAt": "1970-01-01T00:00:00.000001Z",
		"flows.1.reservation": nil, "flows.1.reason": "ASN", "flows.1.seq": "5",
		"zoneStocks.0.id": "3", "zoneStocks.0.available": "7", "zoneStocks.0.expiresOn": nil,
		"zoneStocks.0.receivedOn": "2026-01-31", "zoneStocks.0.owner": "",
		"binStocks.0.version": "8", "binStocks.0.bin": "B1",
		"reservation.id": "9", "reservation.state": "OPEN", "reservation.expiresAt": nil,
		"reservation.holds.0.pinned": "1", "tasks.0.kind": "PICK", "tasks.0.pickSequence": 12.0,
		"explanation.0.skipped": "EXPIRED", "explanation.0.bin": nil, "explanation.0.rank": 1.0,
	} {
		if got := reply.at("receive.results.0." + path); got != want {
			t.Errorf("%s is %#v, not %#v", path, got, want)
		}
	}
	for path, want := range map[string]any{"index": 1.0, "retryable": true, "field": "at.bin",
		"message": "try again", "reservation": nil, "qtyApplied": "0"} {
		if got := reply.at("receive.results.1." + path); got != want {
			t.Errorf("of the second, %s is %#v, not %#v", path, got, want)
		}
	}
	for _, list := range []string{"flows", "zoneStocks", "binStocks", "tasks", "explanation"} {
		if items, ok := reply.at("receive.results.1." + list).([]any); !ok || len(items) != 0 {
			t.Errorf("of the second, %s is %#v", list, items)
		}
	}
}

func aResult() model.Result {
	zone := model.ZoneStockKey{Warehouse: "W", Zone: "Z", SKU: "S"}
	return model.Result{Code: model.Partial, Applied: 1_500_000, Shortage: 500_000,
		Flows: []model.Flow{
			{ID: "Z1-0", RowSeq: 4, Tier: model.ZoneTier, Key: aLineKey.For("W", model.Reserve),
				Reservation: 9,
				Zone:        "Z", SKU: "S", Delta: model.Amounts{Reserved: 1_500_000},
				After:      model.Amounts{Reserved: -1},
				RecordedAt: 1},
			{ID: "Z1-1", Seq: 5, Tier: model.ZoneTier, Key: aLineKey.For("W", model.Receive), Zone: "Z",
				SKU:   "S",
				Audit: anAudit, RecordedAt: 1},
		},
		ZoneStocks: []model.ZoneStock{{ID: 3, Key: zone, ReceivedOn: "2026-01-31",
			Amounts: model.Amounts{OnHand: model.Whole(10), Reserved: model.Whole(2), Frozen: model.One}}},
		BinStocks: []model.BinStock{{ID: 4, Key: zone.InBin("B1"), Zone: "Z", Version: 8}},
		Reservation: &model.Reservation{ID: 9, Warehouse: "W", Key: aLineKey, Item: zone.Item(),
			State: model.ReservationOpen, Holds: []model.Hold{{Zone: "Z", Pinned: model.One}}},
		Tasks: []model.Task{{ID: 5, Kind: model.TaskPick, Key: aTaskKey, State: model.TaskOpen,
			Zone: "Z", Bin: "B1",
			Item: zone.Item(), PickSequence: 12}},
		Explanation: []model.Candidate{{Zone: "Z", Rank: 1, Skipped: "EXPIRED"}}}
}

// TestAWriteIsAnsweredThoughReadingFails has the database go away after the commit: what the
// write answered stays, and the bins that could not be read are those it touched.
func TestAWriteIsAnsweredThoughReadingFails(t *testing.T) {
	bench := newBench(t)
	bench.recorder.answer = func(context.Context, int) ([]model.Result, error) {
		return []model.Result{aResult()}, bench.db.Close()
	}
	reply := bench.ask(t, strings.Replace(receiveOne, "results{code}",
		"results{code zoneStocks{id bins{bin}}}", 1), nil)
	if reply.at("receive.committed") != true ||
		reply.at("receive.results.0.zoneStocks.0.bins.0.bin") != "B1" {
		t.Errorf("%s", reply.Body)
	}
	if codes := reply.codes(); len(codes) != 1 || codes[0] != codeInternal {
		t.Errorf("%s", reply.Body)
	}
	if strings.Contains(reply.Body, "sql") || !strings.Contains(bench.log.String(),
		"bins of a write") {
		t.Errorf("%s\n%s", reply.Body, bench.log)
	}
}
