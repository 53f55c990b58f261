package stocktest

import (
	"cmp"
	"maps"
	"slices"

	"tierstock/model"
)

// Model is the reference that the engine is held to: the contract's rules over plain maps, one
// line after the other, without locks, batches or SQL. It shares nothing with the engine but the
// vocabulary of package model. Where the contract leaves an order open, such as which of two
// equal bins is first, it does as the engine does, so that the two can be compared at all.
type Model struct {
	today model.Date
	skus  map[string]model.SKU
	sites map[string]*site
}

// site is one warehouse.
type site struct {
	code         string
	today        model.Date
	zones        map[string]model.Zone
	bins         map[string]*model.Bin
	zoneRows     map[model.ZoneStockKey]*zoneRow
	binRows      map[model.BinStockKey]*binRow
	batches      map[lot]*model.Batch
	promises     map[model.LineKey]*promise
	works        []*work
	effects      map[model.Key]effect
	zoneRowsBorn int
}

// zoneRow is a tier-2 row; born orders the rows of a site by age.
type zoneRow struct {
	model.Amounts
	since model.Date
	born  int
}

type binRow struct {
	model.Amounts
	version int64
}

// lot names a batch.
type lot struct {
	item model.Item
	code string
}

// promise is a reservation. ttl says that its time to live runs, overdue that it is over.
type promise struct {
	key                   model.LineKey
	item                  model.Item
	requested             model.Quantity
	asked                 model.ReserveLine
	baseUnits             bool
	started, ttl, overdue bool
	state                 model.ReservationState
	holds                 []*hold
}

type hold struct {
	row                      model.ZoneStockKey
	held, deducted, released model.Quantity
}

// work is a task, or the mark of goods picked into a bin. name is the id that the database gave.
type work struct {
	kind          model.TaskKind
	state         model.TaskState
	key           model.TaskKey
	promise       *model.LineKey
	row           model.BinStockKey
	toBin         string
	qty, done     model.Quantity
	pinned, froze model.Quantity
	sequence      int64
	name          string
}

// effect is what a key has done.
type effect struct {
	content           string
	applied, shortage model.Quantity
	cancelled         bool
	left              departure
}

// departure is what left the warehouse under a key, row by row in the order it left, and how
// much of it has come back.
type departure struct {
	promise  model.LineKey
	item     model.Item
	rows     []departed
	restored model.Quantity
}

type departed struct {
	row   model.BinStockKey
	zone  string
	qty   model.Quantity
	since model.Date
}

// NewModel is an empty world on that day.
func NewModel(today model.Date) *Model {
	return &Model{today: today, skus: map[string]model.SKU{}, sites: map[string]*site{}}
}

// AddSKU makes an article known.
func (m *Model) AddSKU(sku model.SKU) { m.skus[sku.Code] = sku }

// AddWarehouse makes an empty site known.
func (m *Model) AddWarehouse(code string) {
	m.sites[code] = &site{code: code, today: m.today,
		zones: map[string]model.Zone{}, bins: map[string]*model.Bin{},
		zoneRows: map[model.ZoneStockKey]*zoneRow{}, binRows: map[model.BinStockKey]*binRow{},
		batches: map[lot]*model.Batch{}, promises: map[model.LineKey]*promise{},
		effects: map[model.Key]effect{}}
}

// AddZone makes a zone and its staging bin known.
func (m *Model) AddZone(zone model.Zone) {
	m.sites[zone.Warehouse].zones[zone.Code] = zone
	m.AddBin(model.Bin{Warehouse: zone.Warehouse, Zone: zone.Code, Code: zone.StagingBin,
		Kind: model.StagingBin})
}

// AddBin makes a bin known.
func (m *Model) AddBin(bin model.Bin) { m.sites[bin.Warehouse].bins[bin.Code] = &bin }

// clone is a copy that shares nothing that changes.
func (s *site) clone() *site {
	copied := *s
	copied.bins = cloneValues(s.bins)
	copied.zoneRows = cloneValues(s.zoneRows)
	copied.binRows = cloneValues(s.binRows)
	copied.batches = cloneValues(s.batches)
	copied.promises = cloneValues(s.promises)
	for _, promise := range copied.promises {
		promise.holds = clonePointers(promise.holds)
	}
	copied.works = clonePointers(s.works)
	copied.effects = maps.Clone(s.effects)
	return &copied
}

func cloneValues[K comparable, V any](from map[K]*V) map[K]*V {
	copied := make(map[K]*V, len(from))
	for key, value := range from {
		fresh := *value
		copied[key] = &fresh
	}
	return copied
}

func clonePointers[V any](from []*V) []*V {
	copied := make([]*V, len(from))
	for i, value := range from {
		fresh := *value
		copied[i] = &fresh
	}
	return copied
}

// bin is a tier-3 row, made if it is missing; zone a tier-2 row.
func (s *site) bin(key model.BinStockKey) *binRow {
	if s.binRows[key] == nil {
		s.binRows[key] = &binRow{}
	}
	return s.binRows[key]
}

func (s *site) zone(key model.ZoneStockKey) *zoneRow {
	if s.zoneRows[key] == nil {
		s.zoneRowsBorn++
		s.zoneRows[key] = &zoneRow{born: s.zoneRowsBorn}
	}
	return s.zoneRows[key]
}

// binHas and zoneHas look at a row without making it.
func (s *site) binHas(key model.BinStockKey) model.Amounts {
	if row := s.binRows[key]; row != nil {
		return row.Amounts
	}
	return model.Amounts{}
}

func (s *site) zoneHas(key model.ZoneStockKey) model.Amounts {
	if row := s.zoneRows[key]; row != nil {
		return row.Amounts
	}
	return model.Amounts{}
}

// above is the tier-2 row over a bin row.
func (s *site) above(key model.BinStockKey) model.ZoneStockKey {
	return key.InZone(s.bins[key.Bin].Zone)
}

// postBin and postZone change one row, postBoth a bin row and the row above it.
func (s *site) postBin(key model.BinStockKey, change model.Amounts) {
	if change != (model.Amounts{}) {
		row := s.bin(key)
		row.Amounts = row.Plus(change)
	}
}

func (s *site) postZone(key model.ZoneStockKey, change model.Amounts) {
	if change != (model.Amounts{}) {
		row := s.zone(key)
		row.Amounts = row.Plus(change)
	}
}

func (s *site) postBoth(key model.BinStockKey, change model.Amounts) {
	s.postBin(key, change)
	s.postZone(s.above(key), change)
}

// arrive dates what comes into a tier-2 row: the earliest day since it was last empty.
func (s *site) arrive(key model.ZoneStockKey, on model.Date) {
	row := s.zone(key)
	if row.OnHand == 0 || on < row.since {
		row.since = on
	}
}

// freeBins are the bins below a tier-2 row with something free: storage first, then staging,
// then totes, each by pick sequence and code.
func (s *site) freeBins(row model.ZoneStockKey) []model.BinStockKey {
	var free []model.BinStockKey
	for key, amounts := range s.binRows {
		if s.above(key) == row && amounts.Available() > 0 && !s.bins[key.Bin].Blocked {
			free = append(free, key)
		}
	}
	rank := map[model.BinKind]int{model.StagingBin: 1, model.ToteBin: 2, model.ToteCell: 2}
	slices.SortFunc(free, func(a, b model.BinStockKey) int {
		one, other := s.bins[a.Bin], s.bins[b.Bin]
		return cmp.Or(cmp.Compare(rank[one.Kind], rank[other.Kind]),
			cmp.Compare(one.PickSequence, other.PickSequence), cmp.Compare(a.Bin, b.Bin))
	})
	return free
}

// MoveBin puts a bin into another zone, and says what an upsert of it is answered.
func (m *Model) MoveBin(warehouse, code, zone string) model.Code {
	s := m.sites[warehouse]
	bin := s.bins[code]
	if bin.Zone == zone {
		return model.Applied
	}
	for key, row := range s.binRows {
		if key.Bin == code && row.OnHand > 0 {
			return model.InvalidState
		}
	}
	if bin.Kind == model.StagingBin {
		return model.InvalidState
	}
	bin.Zone = zone
	return model.Applied
}

// SetBatch sets a batch's expiry date and hold.
func (m *Model) SetBatch(batch model.Batch) {
	m.sites[batch.Warehouse].batches[lot{batch.Item, batch.Code}] = &batch
}
