package sample_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tierstock/flow"
	"tierstock/model"
	"tierstock/sample"
	"tierstock/stocktest"
	"tierstock/store"
	"tierstock/wmsync"
)

// wantAgreed: what the WMS has of each article is what we have, but for the movement that it
// refused and the piece that it lost; comparing finds the one explained and the other open.
func wantAgreed(t *testing.T, site *sample.Site) {
	t.Helper()
	refused, lost := sample.Troubles(t)
	if refused == "" || lost == "" {
		t.Fatal("the plan has no troubles")
	}
	ours := map[string]string{}
	for _, line := range read(t, site.DB, `SELECT sku, SUM(on_hand) FROM zone_stocks
		WHERE warehouse = ? GROUP BY sku`, sample.Warehouse) {
		sku, qty, _ := strings.Cut(line, " ")
		ours[sku] = strings.TrimSuffix(strings.TrimSuffix(qty, "000000"), ".")
	}
	for sku, qty := range site.WMS.Totals() {
		if theirs := qty.String(); theirs != ours[sku] && sku != refused && sku != lost &&
			!(qty == 0 && ours[sku] == "") {
			t.Errorf("%s: %s here, %s there", sku, ours[sku], theirs)
		}
	}
	wantDifferences(t, site, "TIMING "+refused, "OPEN "+lost)
}

func wantDifferences(t *testing.T, site *sample.Site, want ...string) {
	t.Helper()
	found, err := site.Sync.Compare(t.Context(), sample.Warehouse)
	if err != nil || found.Compared == 0 {
		t.Fatal(err, found)
	}
	var got []string
	for _, difference := range found.Differences {
		got = append(got, fmt.Sprint(difference.State, " ", difference.SKU))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if complaints := site.WMS.Complaints(); len(complaints) > 0 {
		t.Error(complaints)
	}
}

// TestTroublesAreSettled: people put the dead letters back and decide on the piece that is lost,
// one way or the other; then nothing is dead, both sides agree, and do so after a restart.
func TestTroublesAreSettled(t *testing.T) {
	for _, action := range []flow.DifferenceAction{flow.AcceptTheirs, flow.AcceptOurs} {
		t.Run(string(action), func(t *testing.T) { settleTroubles(t, action) })
	}
}

func settleTroubles(t *testing.T, action flow.DifferenceAction) {
	stocktest.Each(t, func(t *testing.T, db *store.DB) {
		site := siteOn(t, db)
		outcome, err := sample.PlaySome(t.Context(), t, site, sample.Replay{})
		if err != nil || outcome.Synced.Dead != 2 || outcome.Synced.Pulled != outcome.Orders ||
			outcome.Synced.Pushed == 0 || outcome.Synced.Pushed != len(site.WMS.Ledger()) {
			t.Fatalf("%v %+v", err, outcome)
		}
		wantAgreed(t, site)
		requeueAll(t, site)
		_, lost := sample.Troubles(t)
		wantDifferences(t, site, "OPEN "+lost)
		wantComing(t, site)
		settle(t, site, action)
		wantDifferences(t, site)
		site = siteOn(t, db)
		again, err := sample.PlaySome(t.Context(), t, site, sample.Replay{})
		if err != nil || again.Synced.Dead != 0 || again.Synced.Pulled != outcome.Orders+1 ||
			again.Synced.Pushed != outcome.Synced.Pushed+1 {
			t.Errorf("%v %+v", err, again)
		}
		wantDifferences(t, site)
		wantWhole(t, db)
	})
}

// wantComing: what was bought and has not come is expected.
func wantComing(t *testing.T, site *sample.Site) {
	t.Helper()
	coming := read(t, site.DB, `SELECT asn_id, sku FROM expected_goods WHERE warehouse = ?
		AND zone = 'DOCK' AND qty > 0 AND closed = 0`, sample.Warehouse)
	if diff := cmp.Diff(sample.Coming(t), len(coming)); diff != "" || len(coming) == 0 {
		t.Error(diff, coming)
	}
}

// deadOf are the ids of the dead letters.
func deadOf(t *testing.T, site *sample.Site) (ids []int64) {
	t.Helper()
	dead := true
	page, err := site.Sync.Messages(t.Context(), wmsync.MessageFilter{Dead: &dead}, 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	for _, message := range page.Rows {
		ids = append(ids, message.ID)
	}
	return ids
}

// requeueAll puts all dead letters back, and has them tried.
func requeueAll(t *testing.T, site *sample.Site) {
	t.Helper()
	ids := deadOf(t, site)
	count, err := site.Sync.Requeue(t.Context(), ids, nil)
	if err != nil || count != 2 {
		t.Fatal(count, err)
	}
	if err := site.Sync.Now(t.Context(), sample.System, nil, false); err != nil {
		t.Fatal(err)
	}
	if left := read(t, site.DB, `SELECT stream, last_error FROM sync_messages
		WHERE warehouse = ?`, sample.Warehouse); len(left) > 0 {
		t.Error(left)
	}
	short := read(t, site.DB, `SELECT qty FROM shortages
		WHERE warehouse = ? AND order_id = 'WEB-1001'`, sample.Warehouse)
	if diff := cmp.Diff([]string{fmt.Sprint(int64(2 * model.One))}, short); diff != "" {
		t.Error(diff)
	}
}

// settle decides on the one open difference.
func settle(t *testing.T, site *sample.Site, action flow.DifferenceAction) {
	t.Helper()
	reconciler := flow.NewReconciler(site.DB, nil, site.Sync)
	run, err := reconciler.Reconcile(t.Context(), flow.ScopeExternal, sample.Warehouse, "")
	if err != nil || run.Open != 1 {
		t.Fatal(err, run)
	}
	page, err := flow.Differences(t.Context(), site.DB, sample.Warehouse, run.ID, 0, 10)
	if err != nil || len(page.Rows) != 1 || page.Rows[0].Diff != model.One {
		t.Fatal(err, page)
	}
	_, err = reconciler.Resolve(t.Context(), flow.Resolution{ID: page.Rows[0].ID, Action: action,
		ExpectedDiff: model.One, Note: "it is lost", Actor: "somebody"})
	if err != nil {
		t.Fatal(err)
	}
}

// TestGivenUpStaysMissing: a movement that somebody gave up for good is missing in the WMS's books,
// and still is after a restart.
func TestGivenUpStaysMissing(t *testing.T) {
	db := stocktest.Migrated(t, stocktest.Backends(t)[0].URL(t))
	site := siteOn(t, db)
	if _, err := sample.PlaySome(t.Context(), t, site, sample.Replay{}); err != nil {
		t.Fatal(err)
	}
	ids := deadOf(t, site)
	count, err := site.Sync.Discard(t.Context(), ids, "never mind", "somebody", nil)
	if err != nil || count != 2 {
		t.Fatal(count, err)
	}
	refused, lost := sample.Troubles(t)
	open := []string{"OPEN " + refused, "OPEN " + lost}
	slices.Sort(open)
	wantDifferences(t, site, open...)
	site = siteOn(t, db)
	if _, err := sample.PlaySome(t.Context(), t, site, sample.Replay{}); err != nil {
		t.Fatal(err)
	}
	wantDifferences(t, site, open...)
}
