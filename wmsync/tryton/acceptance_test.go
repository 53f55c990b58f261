package tryton_test

import (
	"database/sql"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tierstock/flow"
	"tierstock/model"
	"tierstock/stocktest"
	"tierstock/store"
	"tierstock/tier2"
	"tierstock/wmsync"
	"tierstock/wmsync/tryton"
)

// shop is a warehouse of ours that is synced with one in Tryton, as an operator sees both. Tryton's
// product tea is our TEA; flour, counted in kg and kept in lots, has one code on both sides.
type shop struct {
	*floor
	site       *stocktest.Site
	service    *wmsync.Service
	reconciler *flow.Reconciler
	wire       *wire
	tea, flour string
}

// wire is the way to Tryton, which may be cut.
type wire struct {
	url *url.URL
	cut atomic.Bool
}

// newWire listens on a port of its own and passes on to the server.
func newWire(t *testing.T, address string) *wire {
	t.Helper()
	target, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	pass := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: target.Scheme, Host: target.Host})
	w := &wire{}
	server := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		if w.cut.Load() {
			panic(http.ErrAbortHandler) // the connection ends without an answer
		}
		pass.ServeHTTP(out, r)
	}))
	t.Cleanup(server.Close)
	if w.url, err = url.Parse(server.URL); err != nil {
		t.Fatal(err)
	}
	w.url.Path = target.Path
	return w
}

// newShop makes both sides; ours is empty, and Tryton has 40 tea and 11 kg of flour in two lots.
func newShop(t *testing.T) *shop {
	t.Helper()
	s := &shop{floor: newFloor(t)}
	s.Unit("EA") // what TEA is counted in here, for good
	s.tea, s.flour = s.product("EA"), s.product("kg")
	s.Receive(s.code, s.tea, "", "40")
	s.Receive(s.code, s.flour, "L1", "10.3")
	s.Receive(s.code, s.flour, "L2", "0.7")
	db := stocktest.Migrated(t, "sqlite:"+t.TempDir()+"/stock.db")
	s.site = stocktest.New(t, db)
	s.connect(t, db)
	return s
}

// connect syncs the site with the warehouse in Tryton.
func (s *shop) connect(t *testing.T, db *store.DB) {
	t.Helper()
	system := s.Clerk(s.System(map[string]string{s.code: s.site.Warehouse}))
	s.wire = newWire(t, system.URL)
	system.URL, system.DefaultZone, system.Push = s.wire.url.String(), "FAST", true
	system.SKUs = map[string]string{s.tea: stocktest.Tea}
	system.Pull = wmsync.Pulling{Streams: wmsync.Streams, Every: 10 * time.Second}
	client := tryton.New(system, tryton.Options{})
	s.service = wmsync.New(wmsync.Deps{DB: db, Catalog: s.site.Catalog, Engine: s.site.Engine,
		Allocation: s.site.Allocation, LookAgain: 100 * time.Millisecond},
		[]wmsync.Remote{{System: system, Source: client, Sink: client}})
	s.reconciler = flow.NewReconciler(db, s.site.Engine.Repair, s.service)
}

// sync pulls streams and delivers, all of which must work, and leaves nothing behind.
func (s *shop) sync() {
	s.t.Helper()
	for _, stream := range wmsync.Streams {
		if err := s.service.Pull(s.t.Context(), "erp", stream, false); err != nil {
			s.t.Fatalf("pull %s: %v", stream, err)
		}
	}
	if err := s.service.Relay(s.t.Context(), "erp", s.site.Warehouse); err != nil {
		s.t.Fatal(err)
	}
	left, err := s.service.Messages(s.t.Context(), wmsync.MessageFilter{}, 0, 10)
	if err != nil || len(left.Rows) > 0 {
		s.t.Fatalf("did not go through: %+v %v", left.Rows, err)
	}
	s.site.Verify()
}

// run compares with Tryton, and wants so many differences to be open, and none to be explained.
func (s *shop) run(open int64) []flow.Difference {
	s.t.Helper()
	return s.runWith(open, 0)
}

func (s *shop) runWith(open, timing int64) []flow.Difference {
	s.t.Helper()
	run, err := s.reconciler.Reconcile(s.t.Context(), flow.ScopeExternal, s.site.Warehouse, "")
	if err != nil {
		s.t.Fatal(err)
	}
	page, err := flow.Differences(s.t.Context(), s.site.DB, s.site.Warehouse, run.ID, 0, 100)
	if err != nil {
		s.t.Fatal(err)
	}
	if run.State != flow.RunDone || run.Open != open || run.Timing != timing ||
		run.Compared == 0 || run.Matched != run.Compared-open-timing ||
		int64(len(page.Rows)) != open+timing {
		s.t.Fatalf("%+v: %+v", run, page.Rows)
	}
	s.site.Verify()
	return page.Rows
}

// resolve decides about a difference, of which both sides' quantities are known.
func (s *shop) resolve(found flow.Difference, action flow.DifferenceAction, ours, theirs string) {
	s.t.Helper()
	if found.State != flow.DifferenceOpen || found.Kind != "BOOK:erp" ||
		found.Ours != s.site.Qty(ours) || found.Theirs != s.site.Qty(theirs) {
		s.t.Errorf("not %s against %s: %+v", ours, theirs, found)
	}
	_, err := s.reconciler.Resolve(s.t.Context(), flow.Resolution{ID: found.ID, Action: action,
		ExpectedDiff: found.Diff, Note: "looked at", Actor: "ann"})
	if err != nil {
		s.t.Fatal(err)
	}
	s.site.Verify()
}

// TestAcceptance is a day of a warehouse beside a Tryton: what is there is pulled, what is done is
// told, and what is amiss is found and ended.
func TestAcceptance(t *testing.T) {
	s := newShop(t)
	s.sync()
	s.site.Expect("FAST 40/0/0", "FAST-STAGING 40/0/0", "FAST/"+s.flour+":L1 10.3/0/0",
		"FAST/"+s.flour+":L2 0.7/0/0")
	s.run(0)
	for _, part := range []struct {
		name string
		play func(*testing.T, *shop)
	}{{"work here is told there", workHere}, {"work there is pulled once", workThere},
		{"orders are allocated", orders}, {"what is announced is received", announced},
		{"what is dead is put back", dead},
		{"differences are resolved", differences}, {"a Tryton that is away", away}} {
		began := time.Now()
		part.play(t, s)
		t.Logf("%s: %s", part.name, time.Since(began).Round(time.Millisecond))
		if t.Failed() {
			return
		}
	}
}

func workHere(_ *testing.T, s *shop) {
	s.site.Receive("F1", "12").OK()
	s.site.Move("FAST-STAGING", "B1", "30").OK()
	s.site.Reserve("A1", "5").OK()
	s.site.Pin("A1", "F1", "5").OK()
	s.site.Pick("A1", "F1", "3", "T1").OK()
	s.site.Pick("A1", "F1", "2", "").OK()
	s.site.Deduct("A1", "").OK()
	s.site.Count("B1", "29").OK()
	s.site.Freeze("B1", "1").OK()
	s.expectOnHand(s.tea, "", "40")
	s.sync()
	s.expectOnHand(s.tea, "", "46")
	s.site.Expect("BULK 29/0/1", "FAST 17/0/0")
	s.sync()
	s.expectOnHand(s.tea, "", "46")
	s.run(0)
}

func workThere(_ *testing.T, s *shop) {
	s.Ship(s.code, s.tea, "", "4")
	s.Receive(s.code, s.flour, "L3", "2.5")
	for range 3 {
		s.sync()
		s.site.Expect("FAST/" + s.flour + ":L3 2.5/0/0")
	}
	s.expectOnHand(s.tea, "", "42")
	s.run(0)
}

func orders(_ *testing.T, s *shop) {
	id, number := s.Order(s.code, s.tea, "6")
	inLots, ofFlour := s.Order(s.code, s.flour, "12.5") // of whichever lots there are
	s.sync()
	s.site.Expect(number+" OPEN held=6 open=6 pinned=6",
		ofFlour+" OPEN held=12.5 open=12.5 pinned=12.5")
	s.run(0)
	s.ship(ofFlour)
	s.CancelOrder(id)
	s.sync()
	s.site.Expect(number+" RELEASED held=6 released=6", ofFlour+" DEDUCTED held=12.5 deducted=12.5")
	s.expectOnHand(s.flour, "", "1")
	s.CancelOrder(inLots) // or it would be shipped there once more
	s.sync()
	s.expectOnHand(s.flour, "", "1")
	s.run(0)
}

// ship lets leave what is held for an order of Tryton's.
func (s *shop) ship(order string) {
	s.t.Helper()
	page, err := tier2.NewReader(s.site.DB, s.site.Catalog).Reservations(s.t.Context(),
		s.site.Warehouse, tier2.ReservationFilter{OrderID: order}, 0, 10)
	if err != nil || len(page.Rows) != 1 {
		s.t.Fatalf("%+v %v", page.Rows, err)
	}
	line := model.DeductLine{Key: s.site.NextLine(), Warehouse: s.site.Warehouse,
		Reservation: &page.Rows[0].Key}
	results := stocktest.Call(s.site, s.site.Tier2.Deduct, flow.Mode{}, line)
	if results[0].Code != model.Applied {
		s.t.Fatalf("%+v", results)
	}
}

// announced has goods received here that Tryton expects.
func announced(t *testing.T, s *shop) {
	id, number := s.Expect(s.code, s.tea, "6")
	s.sync()
	s.wantIncoming("6")
	line := ""
	err := store.EachRow(t.Context(), s.site.DB.Reader(), `SELECT line_id FROM expected_goods
		WHERE warehouse = ? AND asn_id = ?`, []any{s.site.Warehouse, number},
		func(rows *sql.Rows) error { return rows.Scan(&line) })
	if err != nil || line == "" {
		t.Fatal(line, err)
	}
	s.site.Receive("F3", "6", func(l *model.ReceiveLine) {
		l.Key = model.LineKey{JobType: "ASN", OrderID: number, LineID: line}
	}).OK()
	s.wantIncoming("0")
	s.sync()
	s.expectOnHand(s.tea, "", "48")
	s.CancelExpected(id) // or it would be received there once more
	s.sync()
	s.expectOnHand(s.tea, "", "48")
	s.run(0)
}

func (s *shop) wantIncoming(want string) {
	s.t.Helper()
	found, err := tier2.Incoming(s.t.Context(), s.site.DB.Reader(), s.site.Warehouse,
		[]string{stocktest.Tea})
	if got := found[model.Item{SKU: stocktest.Tea}]; err != nil || got.String() != want {
		s.t.Errorf("%s is incoming, not %s: %v", got, want, err)
	}
}

// dead has Tryton ship what is promised here to somebody else.
func dead(t *testing.T, s *shop) {
	s.site.Reserve("A2", "47").OK()
	s.Ship(s.code, s.tea, "", "2")
	if err := s.service.Pull(t.Context(), "erp", wmsync.Stock, false); err != nil {
		t.Fatal(err)
	}
	letters, err := s.service.Messages(t.Context(), wmsync.MessageFilter{}, 0, 10)
	if err != nil || len(letters.Rows) != 1 || letters.Rows[0].State != wmsync.Dead ||
		!strings.HasPrefix(letters.Rows[0].LastError, "INSUFFICIENT") {
		t.Fatalf("%+v %v", letters.Rows, err)
	}
	explained := s.runWith(0, 1)[0]
	if explained.Ours != s.site.Qty("46") || explained.Diff != 0 {
		t.Errorf("%+v", explained)
	}
	s.site.Release("A2", "").OK()
	count, err := s.service.Requeue(t.Context(), []int64{letters.Rows[0].ID}, nil)
	if err != nil || count != 1 {
		t.Fatal(count, err)
	}
	s.sync()
	s.expectOnHand(s.tea, "", "46")
	s.run(0)
}

func differences(t *testing.T, s *shop) {
	s.Lose(s.code, s.tea, "", "3")
	found := s.run(1)
	s.resolve(found[0], flow.AcceptTheirs, "46", "43")
	s.run(0)

	s.Lose(s.code, s.tea, "", "2")
	found = s.run(1)
	s.resolve(found[0], flow.AcceptOurs, "43", "41")
	s.run(0)
	s.expectOnHand(s.tea, "", "43")

	s.Lose(s.code, s.flour, "L3", "0.25")
	found = s.run(1)
	if found[0].Batch != "L3" || found[0].SKU != s.flour {
		t.Errorf("%+v", found[0])
	}
	s.resolve(found[0], flow.AcceptTheirs, "1", "0.75")
	s.run(0)
}

func away(t *testing.T, s *shop) {
	s.wire.cut.Store(true)
	s.site.Receive("F2", "1").OK()
	_, err := s.reconciler.Reconcile(t.Context(), flow.ScopeExternal, s.site.Warehouse, "")
	if _, refused := errors.AsType[*model.Refusal](err); err == nil || refused {
		t.Errorf("nobody is there, and the run says %v", err)
	}
	page, err := flow.Runs(t.Context(), s.site.DB, s.site.Warehouse, flow.ScopeExternal, 0, 1)
	if err != nil || page.Rows[0].State != flow.RunFailed || page.Rows[0].Error == "" ||
		page.Rows[0].Matched != 0 {
		t.Errorf("%+v %v", page.Rows, err)
	}
	s.wire.cut.Store(false)
	s.run(0)
	s.expectOnHand(s.tea, "", "44")
}
