package graphql

import (
	"context"
	"fmt"
	"testing"

	"tierstock/flow"
	"tierstock/model"
	"tierstock/stocktest"
	"tierstock/store"
)

// archive archives all that was done so far, as if it were old.
func (w *whole) archive() {
	w.t.Helper()
	ctx := context.Background()
	err := w.db.Transact(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, "UPDATE commits SET recorded_at = 1 WHERE warehouse = 'W'")
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	stocktest.Announce(w.t, w.db, "W")
	_, err = flow.Archive(ctx, w.db, flow.ArchiveOptions{Warehouse: "W", Before: "1999-12-31",
		Keep: func(context.Context, []flow.ArchivedFlow) error { return nil }})
	if err != nil {
		w.t.Fatal(err)
	}
}

// Who reads the feed from before the archive's end, or asks after a key that is there, is told.
func TestArchivedHistory(t *testing.T) {
	w := newWhole(t)
	const feed = `flows(warehouse:"W",first:2%s){edges{node{seq}} pageInfo{endCursor hasNextPage}}`
	ask := func(paging string) string { return "{" + fmt.Sprintf(feed, paging) + "}" }
	cursor := w.want(ask(""), nil).at("flows.pageInfo.endCursor").(string)
	w.archive()
	w.want(ask(""), map[string]any{"flows.pageInfo.hasNextPage": false})
	w.want(ask(`,filter:{afterSeq:"8"}`), nil)
	const byLine = `flowsByLine(warehouse:"W",key:{jobType:"ASN",orderId:"A1",lineId:"%s"}){seq}`
	for document, code := range map[string]string{
		ask(`,after:"` + cursor + `"`):                                       codeBadCursor,
		ask(`,filter:{afterSeq:"0"}`):                                        codeBadCursor,
		ask(`,filter:{sku:"TEA",afterSeq:"7"}`):                              codeBadCursor,
		"{" + fmt.Sprintf(byLine, "1") + "}":                                 codeBadRequest,
		`{flowsByTask(warehouse:"W",key:{jobType:"T",taskId:"never"}){seq}}`: "",
		"{" + fmt.Sprintf(byLine, "never") + "}":                             "",
	} {
		codes := w.ask(t, document, nil).codes()
		if code == "" && len(codes) > 0 || code != "" && (len(codes) != 1 || codes[0] != code) {
			t.Errorf("%s: %v, not %q", document, codes, code)
		}
	}
	w.want(`mutation{receive(lines:{key:{jobType:"ASN",orderId:"A1",lineId:"1"},
		at:{warehouse:"W",zone:"FAST",sku:"TEA"},qty:"10",bin:"F1"}){results{code field}}}`,
		map[string]any{"receive.results.0.code": string(model.TooOld),
			"receive.results.0.field": "key"})
}
