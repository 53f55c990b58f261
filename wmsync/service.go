package wmsync

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"tierstock/allocation"
	"tierstock/flow"
	"tierstock/master"
	"tierstock/model"
	"tierstock/store"
	"tierstock/tier2"
)

// Limits of syncing.
const (
	// pageItems is how many items a page is asked for: the protocol's number.
	pageItems = 500
	// commitItems bounds the items of one transaction: it holds locks, and others want the rows.
	commitItems = 100
	// commitLines bounds the lines of orders and notices of one transaction, but for those of a single
	// one.
	commitLines = 1000
	// insertBytesMax bounds the texts of one statement. A quarter of what MariaDB takes unless told
	// otherwise: escaped, a text may be twice as long.
	insertBytesMax = 4 << 20
	// bodyBytesMax bounds what is kept of an item that is dead: what a source hands on at most.
	bodyBytesMax = 2 << 20
	// pagesMax bounds one run of a stream; the next goes on from there.
	pagesMax = 2000
	// snapshotRowsMax bounds what a snapshot may be, all of which is in memory at once.
	snapshotRowsMax = 1_000_000
	// leaseTime is for how long a process that has died keeps others from a stream; one that lives
	// prolongs it.
	leaseTime = 30 * time.Second
	// clockSkewMax is how far ahead of ours a system's clock may be; beyond it a date is a mistake.
	clockSkewMax = time.Hour
)

// Remote is a system and how it is reached. Source is nil where nothing is pulled, Sink where
// nothing is pushed. Local is one that lives in this process, out of reach of others.
type Remote struct {
	System
	Source Source
	Sink   Sink
	Local  bool
}

// Deps are what syncing works with. Next says when a stream is pulled after a moment; nil goes by
// Pulling.Every alone. Watch is told what came of what is synced, from several goroutines; it and
// Log may be nil.
type Deps struct {
	DB         *store.DB
	Catalog    *master.Catalog
	Engine     *flow.Engine
	Allocation *allocation.Service
	Next       func(pulling Pulling, after time.Time) time.Time
	// Reconcile compares the books of a warehouse whose changes are not all known any more; nil leaves
	// it to the night.
	Reconcile func(ctx context.Context, warehouse string) error
	// LookAgain is how long what differs and is not explained is left before it is looked at again; 0
	// is two seconds.
	LookAgain time.Duration
	Watch     func(Told)
	Log       *slog.Logger
}

// Service syncs with the systems it was made with. It is safe for concurrent use, and any number of
// processes may do so at once: leases let one at a time work on a stream.
type Service struct {
	db         *store.DB
	catalog    *master.Catalog
	engine     *flow.Engine
	allocation *allocation.Service
	stock      *tier2.Reader
	next       func(Pulling, time.Time) time.Time
	reconcile  func(ctx context.Context, warehouse string) error
	lookAgain  time.Duration
	watch      func(Told)
	log        *slog.Logger
	remotes    []*remote
	roundTime  time.Duration
}

// remote is a Remote with what is derived from it.
type remote struct {
	Remote
	out     codes    // ours to theirs
	working sync.Map // what is being worked at for a local one, to its mutex
}

// New makes the service. Systems whose configuration is wrong are not its business: they were
// refused when it was read.
func New(deps Deps, remotes []Remote) *Service {
	s := &Service{db: deps.DB, catalog: deps.Catalog, engine: deps.Engine,
		allocation: deps.Allocation, stock: tier2.NewReader(deps.DB, deps.Catalog),
		next: deps.Next, reconcile: deps.Reconcile,
		lookAgain: deps.LookAgain, watch: deps.Watch, log: deps.Log,
		roundTime: roundTimeMax}
	if s.lookAgain == 0 {
		s.lookAgain = lookAgainAfter
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.watch == nil {
		s.watch = func(Told) {}
	}
	if s.next == nil {
		s.next = func(pulling Pulling, after time.Time) time.Time { return after.Add(pulling.Every) }
	}
	for _, each := range remotes {
		s.remotes = append(s.remotes, &remote{Remote: each, out: outward(&each.System)})
	}
	return s
}

// Systems are the systems there are.
func (s *Service) Systems() []System {
	systems := make([]System, len(s.remotes))
	for i, remote := range s.remotes {
		systems[i] = remote.System
	}
	return systems
}

func (s *Service) find(system string) *remote {
	i := slices.IndexFunc(s.remotes, func(r *remote) bool { return r.Name == system })
	if i < 0 {
		return nil
	}
	return s.remotes[i]
}

// actor is who does what the system said, as flows will tell.
func (r *remote) actor() string { return r.job() }

// pulls says whether the stream is among those that are pulled.
func (r *remote) pulls(stream Stream) bool {
	return r.Source != nil && slices.Contains(r.Pull.Streams, stream)
}

// leaseOf names a lease; its parts may be longer than a name of a lease together.
func leaseOf(work string, parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return "sync." + work + "." + hex.EncodeToString(sum[:16])
}

// codes turn codes of one side into the other's. What a map does not name is the same.
type codes struct{ warehouses, zones, owners, skus, packs map[string]string }

func (s System) inward() codes {
	return codes{s.Warehouses, s.Zones, s.Owners, s.SKUs, s.Packs}
}

func outward(s *System) codes {
	return codes{inverse(s.Warehouses), inverse(s.Zones), inverse(s.Owners), inverse(s.SKUs),
		inverse(s.Packs)}
}

func inverse(codes map[string]string) map[string]string {
	back := make(map[string]string, len(codes))
	for theirs, ours := range codes {
		back[ours] = theirs
	}
	return back
}

// mapped is what a map says of a code.
func mapped(codes map[string]string, code string) string {
	if other, named := codes[code]; named {
		return other
	}
	return code
}

// now is the database's clock, which all processes share.
func (s *Service) now(ctx context.Context) (now model.Instant, err error) {
	err = store.EachRow(ctx, s.db.Reader(), "SELECT "+store.NowSQL(s.db.Dialect()), nil,
		func(rows *sql.Rows) error { return rows.Scan(&now) })
	return now, err
}
