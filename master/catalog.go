package master

import (
	"context"
	"fmt"
	"maps"
	"math"
	"sync"
	"sync/atomic"
	"time"

	// The zone files come with the program, so that a warehouse's calendar day is the same on
	// a machine that has none.
	_ "time/tzdata"

	"tierstock/model"
	"tierstock/store"
)

// cachedMax bounds the SKUs, and the bins, kept for one warehouse: at some hundred bytes each
// that is tens of megabytes. Past it the cache starts anew.
const cachedMax = 100_000

// Catalog answers what the masters say, from memory while nobody has changed them. It is safe
// for concurrent use.
type Catalog struct {
	db *store.DB

	mu       sync.Mutex
	contents map[string]*content

	hits, misses atomic.Int64
}

// Cached is how many views were served from memory, and how many had to be read.
func (c *Catalog) Cached() (hits, misses int64) { return c.hits.Load(), c.misses.Load() }

// New makes a catalog with nothing in memory yet.
func New(db *store.DB) *Catalog {
	return &Catalog{db: db, contents: map[string]*content{}}
}

// revisions are the counts of changes that cached content is good for.
type revisions struct{ shared, own int64 }

// content is what has been read of one warehouse's masters at one pair of revisions. Zones are
// there whole; SKUs and bins come as they are asked for.
type content struct {
	revisions revisions
	location  *time.Location
	zones     map[string]model.Zone
	skus      shelf[model.SKU]
	bins      shelf[model.Bin]
}

// View is the masters of one warehouse as of one moment. It is safe for concurrent use.
type View struct {
	Warehouse model.Warehouse
	// Now is the database's clock at that moment.
	Now model.Instant
	// Archived says whether any of the warehouse's flows have been archived by then.
	Archived bool

	content *content
	skus    shelf[model.SKU]
	bins    shelf[model.Bin]
}

// View reads the revisions, the database's clock, the warehouse and whether it has an archive in
// one statement, and reuses what is in memory for those revisions. A warehouse that does not exist
// gives nil and no error.
//
// In a transaction that decides about stock, call it after the stock rows are locked, and before
// the transaction changes a master: what it reads is shared with others, who must not see what
// may yet be rolled back.
func (c *Catalog) View(ctx context.Context, q store.Queryer, warehouse string) (*View, error) {
	view, at, err := c.look(ctx, q, warehouse)
	if view == nil || err != nil {
		return nil, err
	}
	c.mu.Lock()
	cached := c.contents[warehouse]
	c.mu.Unlock()
	if cached != nil && cached.revisions == at {
		c.hits.Add(1)
	} else {
		c.misses.Add(1)
		if cached, err = readContent(ctx, q, view.Warehouse, at); err != nil {
			return nil, err
		}
		c.mu.Lock()
		c.contents[warehouse] = cached
		c.mu.Unlock()
	}
	view.content = cached
	return view, nil
}

// look reads what must be fresh in every view.
func (c *Catalog) look(ctx context.Context, q store.Queryer, warehouse string,
) (*View, revisions, error) {
	rows, err := q.Query(ctx, fmt.Sprintf(selectFresh, store.NowSQL(c.db.Dialect())),
		warehouse, warehouse, warehouse)
	if err != nil {
		return nil, revisions{}, err
	}
	defer func() { _ = rows.Close() }()
	if !rows.Next() {
		return nil, revisions{}, rows.Err()
	}
	var view View
	var at revisions
	w := &view.Warehouse
	err = rows.Scan(&view.Now, &at.shared, &at.own, &view.Archived, &w.Code, &w.Name,
		&w.Timezone, &w.Region, &w.Priority, &w.Latitude, &w.Longitude, &w.Located, &w.DailyLines)
	return &view, at, err
}

func readContent(ctx context.Context, q store.Queryer, warehouse model.Warehouse, at revisions,
) (*content, error) {
	fresh := &content{revisions: at, location: warehouse.Location(), zones: map[string]model.Zone{}}
	zones, err := collect(ctx, q, scanZone, selectZones, warehouse.Code)
	if err != nil {
		return nil, err
	}
	for _, zone := range zones {
		fresh.zones[zone.Code] = zone
	}
	return fresh, nil
}

// SameAs says whether nothing has changed between two views of one warehouse.
func (v *View) SameAs(other *View) bool { return v.content.revisions == other.content.revisions }

// Today is the warehouse's calendar day.
func (v *View) Today() model.Date { return model.DateIn(v.Now, v.content.location) }

// Zone is the zone of that code.
func (v *View) Zone(code string) (model.Zone, bool) {
	zone, ok := v.content.zones[code]
	return zone, ok
}

// SKU is the SKU of that code, once it has been loaded. Its packs are shared: do not change them.
func (v *View) SKU(code string) (model.SKU, bool) { return v.skus.get(code) }

// Bin is the bin of that code, once it has been loaded.
func (v *View) Bin(code string) (model.Bin, bool) { return v.bins.get(code) }

// Load reads the SKUs and bins that the view does not know yet, with at most one statement for
// each of the two. That a code does not exist is remembered too, in this view only, so that one
// made later is seen.
func (v *View) Load(ctx context.Context, q store.Queryer, skus, bins []string) error {
	err := fill(&v.skus, &v.content.skus, skus, func(s model.SKU) string { return s.Code },
		func(codes []string) ([]model.SKU, error) { return skusNamed(ctx, q, codes, "") })
	if err != nil {
		return err
	}
	return fill(&v.bins, &v.content.bins, bins, func(b model.Bin) string { return b.Code },
		func(codes []string) ([]model.Bin, error) {
			return binsNamed(ctx, q, v.Warehouse.Code, codes, "")
		})
}

// NormalPack is the pack under which stock of that SKU is kept: the SKU's own unit is the base
// pack "".
func (v *View) NormalPack(sku, pack string) string {
	if known, ok := v.SKU(sku); ok && known.Unit == pack {
		return ""
	}
	return pack
}

// fill brings the codes that a view does not know onto its shelf: those that the shared shelf
// has from there, the others read.
func fill[T any](own, shared *shelf[T], codes []string, codeOf func(T) string,
	read func([]string) ([]T, error)) error {
	wanted := own.unknown(codes)
	if len(wanted) == 0 {
		return nil
	}
	found := shared.among(wanted)
	if missing := without(wanted, found); len(missing) > 0 {
		rows, err := read(missing)
		if err != nil {
			return err
		}
		fresh := make(map[string]*T, len(rows))
		for i := range rows {
			fresh[codeOf(rows[i])] = &rows[i]
		}
		shared.add(fresh, cachedMax)
		maps.Copy(found, fresh)
	}
	for _, code := range wanted {
		if found[code] == nil {
			found[code] = nil
		}
	}
	own.add(found, math.MaxInt)
	return nil
}

func without[T any](codes []string, found map[string]*T) []string {
	var missing []string
	for _, code := range codes {
		if found[code] == nil {
			missing = append(missing, code)
		}
	}
	return missing
}
