package graphql

import (
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	gql "github.com/graphql-go/graphql"

	"tierstock/access"
	"tierstock/allocation"
	"tierstock/allocation/rules"
	"tierstock/flow"
	"tierstock/master"
	"tierstock/replenish"
	"tierstock/store"
	"tierstock/tier2"
	"tierstock/tier3"
	"tierstock/trail"
	"tierstock/wmsync"
)

// Deps are what the API calls. Timeout is how long a request may take, 0 for the usual time; Log
// may be nil. Rules is the file that Allocation has its rules from, nil for none.
type Deps struct {
	DB         *store.DB
	Catalog    *master.Catalog
	Tier2      *tier2.Service
	Tier3      *tier3.Service
	Allocation *allocation.Service
	Rules      *rules.File
	Reconciler *flow.Reconciler
	Replenish  *replenish.Service
	// Sync knows the systems of the configuration; nil where there are none.
	Sync *wmsync.Service
	// Keys check bearer tokens; nil takes every caller for ADMIN. Rates may be nil.
	Keys  *access.Keys
	Rates *access.Rates
	Log   *slog.Logger
	// Tracer follows operations; nil follows none.
	Tracer  *trail.Tracer
	Timeout time.Duration
}

// API is the GraphQL API of one engine. It is safe for concurrent use.
type API struct {
	db      *store.DB
	catalog *master.Catalog
	stock   *tier2.Reader
	floor   *tier3.Reader
	// allocation lists shortages and holders.
	allocation *allocation.Service
	rules      *rules.File
	replenish  *replenish.Service
	sync       *wmsync.Service
	verbs      verbs
	schema     gql.Schema
	inputs     inputFields
	documents  *documents
	keys       *access.Keys
	rates      *access.Rates
	places     chan struct{} // one for each request that is worked on
	bodies     atomic.Int64  // the bytes of their bodies
	timeout    time.Duration
	log        *slog.Logger
	tracer     *trail.Tracer
}

// New makes the API. Its error is a defect of the schema's tables.
func New(deps Deps) (*API, error) {
	return newAPI(deps, verbsOf(deps))
}

func newAPI(deps Deps, verbs verbs) (*API, error) {
	a := &API{db: deps.DB, catalog: deps.Catalog, stock: tier2.NewReader(deps.DB, deps.Catalog),
		floor: tier3.NewReader(deps.DB), allocation: deps.Allocation, rules: deps.Rules,
		replenish: deps.Replenish, sync: deps.Sync, verbs: verbs, documents: newDocuments(),
		keys: deps.Keys, rates: deps.Rates, places: make(chan struct{}, requestsMax),
		timeout: deps.Timeout, log: deps.Log, tracer: deps.Tracer}
	if a.sync == nil {
		a.sync = wmsync.New(wmsync.Deps{DB: deps.DB, Catalog: deps.Catalog}, nil)
	}
	if a.timeout == 0 {
		a.timeout = requestTimeMax
	}
	if a.log == nil {
		a.log = slog.New(slog.DiscardHandler)
	}
	err := a.build()
	return a, err
}

// building keeps two schemas from being built at once: graphql-go's own introspection types are
// globals of its package, and are filled on first use without a lock.
var building sync.Mutex

func (a *API) build() error {
	building.Lock()
	defer building.Unlock()
	b := newBuilder()
	addEnums(b)
	addInputs(b)
	addStockTypes(b, a.binsField(), a.incomingField())
	addLedgerTypes(b)
	addWorkTypes(b)
	addResultTypes(b)
	addAllocationTypes(b)
	addRuleTypes(b)
	addSourcingTypes(b)
	addReplenishmentTypes(b)
	addMasterTypes(b)
	addMasterResultTypes(b)
	addSyncTypes(b)
	addReconciliationTypes(b, a.differencesField())
	addPageInfo(b)
	for _, node := range []string{"Zone", "Bin", "Sku", "WarehouseStock", "ZoneStock", "BinStock",
		"Reservation", "Task", "ReconciliationRun", "Difference"} {
		addConnection(b, node)
	}
	addConnection(b, "Flow", column[connection]{"safeSeq", "Long!",
		func(c connection) any { return c.safeSeq }})
	b.object("Query", "", a.guarded(a.queryFields(), false))
	b.object("Mutation", "", a.guarded(a.mutationFields(), true))
	schema, err := gql.NewSchema(gql.SchemaConfig{Query: b.types["Query"].(*gql.Object),
		Mutation: b.types["Mutation"].(*gql.Object)})
	if err = errors.Join(b.err, err); err != nil {
		return err
	}
	warm(&schema)
	a.schema, a.inputs = schema, inputFieldsOf(&schema)
	return nil
}

// warm has graphql-go fill every table that it would otherwise fill on first use, unlocked.
func warm(schema *gql.Schema) {
	for _, kind := range schema.TypeMap() {
		switch kind := kind.(type) {
		case *gql.Enum:
			kind.ParseValue("")
			kind.Serialize("")
		case *gql.InputObject:
			kind.Fields()
		case *gql.Object:
			kind.Fields()
			kind.Interfaces()
		}
	}
	correctDefaults()
}
