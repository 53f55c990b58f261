package wmsync_test

import (
	"slices"
	"strings"
	"testing"

	"tierstock/master"
	"tierstock/model"
	"tierstock/stocktest"
	"tierstock/tier2"
	"tierstock/wmsync"
)

// incoming is what is announced of an article and not received.
func (b *bench) incoming(sku string) string {
	b.t.Helper()
	found, err := tier2.Incoming(b.t.Context(), b.DB.Reader(), b.Warehouse, []string{sku})
	if err != nil {
		b.t.Fatal(err)
	}
	return found[model.Item{SKU: sku}].String()
}

func (b *bench) wantIncoming(want string) {
	b.t.Helper()
	if got := b.incoming(stocktest.Tea); got != want {
		b.t.Errorf("%s is incoming, not %s", got, want)
	}
}

// What is announced is incoming until it is received under its line, in whatever packs; a newer
// notice takes the place of the older, and one that is deleted announces nothing.
func TestNotices(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		const notice = `{"asnId":"N1","warehouse":"MAIN","zone":"BULK","lines":[
			{"lineId":"1","sku":"tea","qty":"30"},{"lineId":"2","sku":"tea","qty":"2","pack":"CASE"}]}`
		b.far.tell(wmsync.Inbound, wmsync.Upsert, "n1", 1, notice)
		b.pull(wmsync.Inbound)
		b.wantIncoming("54")
		receive := func(line string, revision int64, qty, pack string) {
			b.Receive("BULK", qty, func(l *model.ReceiveLine) {
				l.Key = model.LineKey{JobType: "ASN", OrderID: "N1", LineID: line, Revision: revision}
				l.At.Pack = pack
			}).OK()
		}
		receive("1", 0, "10", "")
		receive("1", 1, "1", "CASE")
		b.wantIncoming("32")
		receive("2", 0, "50", "") // more than was announced: the line has come
		b.wantIncoming("8")
		b.far.tell(wmsync.Inbound, wmsync.Upsert, "n2", 2, `{"asnId":"N1","warehouse":"MAIN","lines":[
			{"lineId":"1","sku":"tea","qty":"25"}]}`)
		b.far.tell(wmsync.Inbound, wmsync.Upsert, "n3", 1, `{"asnId":"N2","warehouse":"MAIN","lines":[
			{"lineId":"1","sku":"tea","qty":"0"}]}`)
		b.pull(wmsync.Inbound)
		b.wantIncoming("3")
		b.dead("data.lines[0].qty: must be greater than zero")
		b.far.tell(wmsync.Inbound, wmsync.Delete, "n4", 3, `{"asnId":"N1"}`)
		b.pull(wmsync.Inbound)
		b.wantIncoming("0")
		b.relay()
		if told := b.told(); len(told) != 3 || told[0] != "RECEIVE >BULK/BULK-STAGING tea 10" {
			t.Errorf("told %q", told)
		}
	})
}

// What is announced of an article that is not here yet is listed among what the warehouse has, page
// by page and as the filter says.
func TestNoticesOfWhatIsNotHere(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.Receive("F1", "7").OK()
		b.far.tell(wmsync.Inbound, wmsync.Upsert, "n1", 1, `{"asnId":"N1","warehouse":"MAIN",
			"zone":"BULK","lines":[{"lineId":"1","sku":"tea","qty":"3"},
			{"lineId":"2","sku":"SALT","qty":"4"},
			{"lineId":"3","sku":"FLOUR","qty":"5"},{"lineId":"4","sku":"FLOUR","qty":"6"}]}`)
		b.far.tell(wmsync.Inbound, wmsync.Upsert, "n2", 1, `{"asnId":"N2","warehouse":"MAIN",
			"owner":"ANN","lines":[{"lineId":"1","sku":"tea","qty":"3"}]}`)
		b.pull(wmsync.Inbound)
		b.dead()
		reader := tier2.NewReader(b.DB, b.Catalog)
		list := func(filter master.StockFilter, first int) (listed []string) {
			var after model.Item
			for more := true; more; {
				page, err := reader.WarehouseStocks(t.Context(), b.Warehouse, filter, after, first)
				if err != nil || len(page.Rows) > first {
					t.Fatalf("%+v %v", page, err)
				}
				for _, row := range page.Rows {
					after = row.Item
					listed = append(listed, after.SKU+after.Owner+" "+row.OnHand.String())
				}
				more = page.More
			}
			return listed
		}
		all := []string{"FLOUR 0", "SALT 0", "TEA 7", "TEAANN 0"}
		for first := 1; first < 6; first++ {
			if got := list(master.StockFilter{}, first); !slices.Equal(got, all) {
				t.Errorf("in pages of %d: %q", first, got)
			}
		}
		ann := "ANN"
		for want, filter := range map[string]master.StockFilter{
			"SALT 0":               {SKUs: []string{"SALT"}},
			"TEAANN 0":             {Zones: []string{"FAST"}, Owner: &ann},
			"TEA 7":                {OnlyAvailable: true},
			"FLOUR 0,SALT 0,TEA 0": {Zones: []string{"BULK"}},
		} {
			if got := strings.Join(list(filter, 10), ","); got != want {
				t.Errorf("%+v: %s, want %s", filter, got, want)
			}
		}
	})
}
