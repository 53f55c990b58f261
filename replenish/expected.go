package replenish

import (
	"context"
	"database/sql"
	"math"

	"tierstock/forecast"
	"tierstock/master"
	"tierstock/model"
	"tierstock/store"
)

// Settings say how much is to be kept.
type Settings struct {
	// Service is the probability that a lead time's demand is served, such as 0.95.
	Service float64
	// LeadDays is how long it takes until what is bought is there.
	LeadDays int
	// CoverDays is for how long what is brought to where goods are picked should last.
	CoverDays int
}

// Usual are the settings of who names none: goods are brought every week and bought every
// fortnight.
func Usual() Settings { return Settings{Service: 0.95, LeadDays: 14, CoverDays: 7} }

// Expected is what is expected of an item.
type Expected struct {
	Item model.Item
	AsOf model.Date
	forecast.Forecast

	// SafetyStock and ReorderPoint are for the lead time, in base units.
	SafetyStock, ReorderPoint model.Quantity
	// Cover is the demand of the days to cover, with safety stock for them, in base units.
	Cover model.Quantity
}

func (s Settings) expected(item model.Item, date model.Date, f forecast.Forecast) *Expected {
	lead, cover := float64(s.LeadDays), float64(s.CoverDays)
	return &Expected{Item: item, AsOf: date, Forecast: f,
		SafetyStock:  quantity(f.SafetyStock(s.Service, lead)),
		ReorderPoint: quantity(f.ReorderPoint(s.Service, lead)),
		Cover:        quantity(f.Over(cover) + f.SafetyStock(s.Service, cover))}
}

// quantity is an amount in units as a quantity, rounded to millionths.
func quantity(amount float64) model.Quantity {
	return model.Quantity(min(math.Round(amount*float64(model.One)), float64(model.QuantityMax)/2))
}

// askedOn is a day's part of a series.
type askedOn struct {
	item model.Item
	day  model.Date
	qty  model.Quantity
}

// series makes the series of one item after the other.
type series struct {
	first, end model.Date
	settings   Settings
	unserved   map[model.Item][]askedOn
	expected   map[model.Item]*Expected

	item  model.Item
	daily []float64
}

// expect forecasts every item of a warehouse that was asked for before a date. All series begin on
// the first day that anything was asked for.
func (s *Service) expect(ctx context.Context, tx *store.Tx, view *master.View, date model.Date,
	settings Settings) (map[model.Item]*Expected, error) {
	all := &series{first: date, end: date, settings: settings,
		unserved: map[model.Item][]askedOn{}, expected: map[model.Item]*Expected{}}
	if err := all.begin(ctx, tx, view); err != nil {
		return nil, err
	}
	rows, err := tx.Query(ctx, `SELECT owner, sku, day, qty FROM daily_demand
		WHERE warehouse = ? AND day >= ? AND day < ? ORDER BY sku, owner, day`,
		view.Warehouse.Code, all.first, date)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var part askedOn
		if err := scanItem(rows, &part.item, &part.day, &part.qty); err != nil {
			return nil, err
		}
		all.add(part)
	}
	all.finish()
	for item := range all.unserved {
		all.add(askedOn{item: item, day: all.first})
		all.finish()
	}
	return all.expected, rows.Err()
}

// begin finds the first day of all series, and what got nothing.
func (s *series) begin(ctx context.Context, tx *store.Tx, view *master.View) error {
	oldest := s.end.Plus(-forecast.DaysMax)
	days, err := collect(ctx, tx, func(rows *sql.Rows, day *model.Date) error {
		return rows.Scan(day)
	}, `SELECT COALESCE(MIN(day), '') FROM daily_demand WHERE warehouse = ? AND day >= ?
		AND day < ?`, view.Warehouse.Code, oldest, s.end)
	if err != nil {
		return err
	}
	if days[0] != "" {
		s.first = days[0]
	}
	shortages, err := readShortages(ctx, tx, view, `source = '' AND state <> 'COVERED'`)
	for _, short := range shortages {
		day := model.DateIn(short.at, view.Warehouse.Location())
		if day < oldest || day >= s.end {
			continue
		}
		s.first = min(s.first, day)
		s.unserved[short.item] = append(s.unserved[short.item], askedOn{short.item, day, short.qty})
	}
	return err
}

// add adds a part to the series of its item, which it begins where another item's was open.
func (s *series) add(part askedOn) {
	if s.daily == nil || part.item != s.item {
		s.finish()
		s.item, s.daily = part.item, make([]float64, s.first.DaysUntil(s.end))
	}
	s.daily[s.first.DaysUntil(part.day)] += part.qty.Decimal().InexactFloat64()
}

// finish forecasts the series that is open.
func (s *series) finish() {
	if s.daily == nil {
		return
	}
	for _, part := range s.unserved[s.item] {
		s.daily[s.first.DaysUntil(part.day)] += part.qty.Decimal().InexactFloat64()
	}
	delete(s.unserved, s.item)
	s.expected[s.item] = s.settings.expected(s.item, s.end, forecast.Of(s.daily))
	s.daily = nil
}

// shortage is demand that stock did not serve, in base units.
type shortage struct {
	item model.Item
	qty  model.Quantity
	at   model.Instant
}

// readShortages reads what shortages lack, in base units.
func readShortages(ctx context.Context, q store.Queryer, view *master.View, condition string) (
	[]shortage, error) {
	type row struct {
		askedFor

		at model.Instant
	}
	found, err := collect(ctx, q, func(rows *sql.Rows, r *row) error {
		return scanItem(rows, &r.item, &r.qty, &r.asked, &r.at)
	}, `SELECT owner, sku, qty - covered, asked, created_at FROM shortages
		WHERE warehouse = ? AND `+condition+` ORDER BY id`, view.Warehouse.Code)
	if err != nil {
		return nil, err
	}
	asked := make([]askedFor, len(found))
	for i, each := range found {
		asked[i] = each.askedFor
	}
	if err := loadSizes(ctx, q, view, asked); err != nil {
		return nil, err
	}
	all := make([]shortage, len(found))
	for i, each := range found {
		base, err := each.base(view)
		if err != nil {
			return nil, err
		}
		all[i] = shortage{each.item, base, each.at}
	}
	return all, nil
}
