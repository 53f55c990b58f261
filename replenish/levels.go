package replenish

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"tierstock/allocation"
	"tierstock/flow"
	"tierstock/master"
	"tierstock/model"
	"tierstock/store"
)

// Level is how much of an item is to be in a zone or, where Bin is not "", in one bin of it.
type Level struct {
	Warehouse, Zone, Bin string
	Item                 model.Item
	// Min and Max are in base units: with less than Min there, it is filled up to Max.
	Min, Max model.Quantity
	// Pack is what is moved whole, "" for any quantity.
	Pack string
	// Strategy chooses which goods come, "" for FEFO, and Sources are the zones that they come from,
	// none for those that are nobody's target for the item.
	Strategy string
	Sources  []string
}

// sourcesMax bounds the zones that a level names.
const sourcesMax = 50

// LevelPlace is what makes a level one of its warehouse.
type LevelPlace struct{ SKU, Owner, Zone, Bin string }

// Place is the level's place in lists.
func (l *Level) Place() LevelPlace {
	return LevelPlace{l.Item.SKU, l.Item.Owner, l.Zone, l.Bin}
}

func (l *Level) same(other *Level) bool {
	return l.Min == other.Min && l.Max == other.Max && l.Pack == other.Pack &&
		l.Strategy == other.Strategy && slices.Equal(l.Sources, other.Sources)
}

// UpsertLevels sets levels whole: what a line leaves out is none. Lines are judged each for itself.
func (s *Service) UpsertLevels(ctx context.Context, lines []Level) (master.Outcome, error) {
	if len(lines) > master.LinesMax {
		return master.Outcome{}, master.ErrTooManyLines
	}
	outcome := master.Outcome{Results: make([]master.Result, len(lines))}
	type identity struct {
		warehouse string
		place     LevelPlace
	}
	times := map[identity]int{}
	for _, line := range lines {
		times[identity{line.Warehouse, line.Place()}]++
	}
	places := map[string][]int{}
	var warehouses []string
	for i, line := range lines {
		if times[identity{line.Warehouse, line.Place()}] > 1 {
			outcome.Results[i] = master.Result{Code: model.Invalid, Field: "sku",
				Message: "is named for this place by two lines of this call"}
			continue
		}
		if places[line.Warehouse] == nil {
			warehouses = append(warehouses, line.Warehouse)
		}
		places[line.Warehouse] = append(places[line.Warehouse], i)
	}
	for _, warehouse := range warehouses {
		if err := s.upsertIn(ctx, warehouse, lines, places[warehouse], &outcome); err != nil {
			return master.Outcome{}, err
		}
	}
	return outcome, nil
}

// upsertIn sets a warehouse's levels in one transaction, which may run more than once.
func (s *Service) upsertIn(ctx context.Context, warehouse string, lines []Level, places []int,
	outcome *master.Outcome) error {
	var found master.Outcome
	err := s.db.Transact(ctx, func(tx *store.Tx) error {
		found = master.Outcome{Results: make([]master.Result, len(places))}
		view, err := s.viewFor(ctx, tx, warehouse, lines, places)
		if err != nil {
			return err
		}
		for i, place := range places {
			err := setLevel(ctx, tx, view, lines[place], &found)
			refusal, refused := errors.AsType[*model.Refusal](err)
			switch {
			case refused:
				found.Results[i] = master.Result{Code: refusal.Code, Field: refusal.Field,
					Message: refusal.Message}
			case err != nil:
				return err
			default:
				found.Results[i].Code = model.Applied
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	outcome.Created += found.Created
	outcome.Updated += found.Updated
	outcome.Unchanged += found.Unchanged
	for i, place := range places {
		outcome.Results[place] = found.Results[i]
	}
	return nil
}

// viewFor is what the masters say about the lines, nil for a warehouse that is not there.
func (s *Service) viewFor(ctx context.Context, tx *store.Tx, warehouse string, lines []Level,
	places []int) (*master.View, error) {
	view, err := s.catalog.View(ctx, tx, warehouse)
	if view == nil || err != nil {
		return nil, err
	}
	var skus, bins []string
	for _, place := range places {
		skus, bins = append(skus, lines[place].Item.SKU), append(bins, lines[place].Bin)
	}
	return view, view.Load(ctx, tx, skus, bins)
}

// setLevel writes a line, or refuses it before it has.
func setLevel(ctx context.Context, tx *store.Tx, view *master.View, line Level,
	outcome *master.Outcome) error {
	if err := line.check(view); err != nil {
		return err
	}
	known, err := levelsWhere(ctx, tx, line.Warehouse, `AND sku = ? AND owner = ? AND zone = ?
		AND bin = ?`+tx.ForUpdate(), line.Item.SKU, line.Item.Owner, line.Zone, line.Bin)
	if err != nil {
		return err
	}
	if len(known) == 1 && known[0].same(&line) {
		outcome.Unchanged++
		return nil
	}
	statement := `INSERT INTO stock_levels (min_qty, max_qty, pack, strategy, sources, warehouse,
		sku, owner, zone, bin) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	if len(known) == 1 {
		outcome.Updated++
		statement = `UPDATE stock_levels SET min_qty = ?, max_qty = ?, pack = ?, strategy = ?,
			sources = ? WHERE warehouse = ? AND sku = ? AND owner = ? AND zone = ? AND bin = ?`
	} else {
		outcome.Created++
	}
	_, err = tx.Exec(ctx, statement, line.Min, line.Max, line.Pack, line.Strategy,
		encode(line.Sources), line.Warehouse, line.Item.SKU, line.Item.Owner, line.Zone, line.Bin)
	if errors.Is(err, store.ErrDuplicate) {
		err = store.Redo(err)
	}
	return err
}

// check says what is wrong with a line.
func (l *Level) check(view *master.View) error {
	if view == nil {
		return flow.Refuse(model.NotFound, "warehouse", "there is no warehouse "+l.Warehouse)
	}
	sku, known := view.SKU(l.Item.SKU)
	if !known {
		return flow.Refuse(model.NotFound, "sku", "there is no SKU "+l.Item.SKU)
	}
	if err := l.checkPlaces(view); err != nil {
		return err
	}
	l.Pack = view.NormalPack(l.Item.SKU, l.Pack)
	if _, known := sku.Size(l.Pack); !known {
		return flow.Refuse(model.Invalid, "pack", l.Item.SKU+" has no pack "+l.Pack)
	}
	if l.Strategy != "" && !allocation.IsStrategy(l.Strategy) {
		return flow.Refuse(model.Invalid, "strategy", "there is no strategy "+l.Strategy)
	}
	return l.checkQuantities(sku)
}

func (l *Level) checkPlaces(view *master.View) error {
	if _, known := view.Zone(l.Zone); !known {
		return flow.Refuse(model.NotFound, "zone", "there is no zone "+l.Zone)
	}
	bin, known := view.Bin(l.Bin)
	switch {
	case l.Bin == "":
	case !known:
		return flow.Refuse(model.NotFound, "bin", "there is no bin "+l.Bin)
	case bin.Zone != l.Zone:
		return flow.Refuse(model.Invalid, "bin", "bin "+l.Bin+" is in zone "+bin.Zone)
	case bin.Kind.IsTote():
		return flow.Refuse(model.Invalid, "bin", "bin "+l.Bin+" is a tote, where goods are on "+
			"their way")
	}
	if len(l.Sources) > sourcesMax {
		return flow.Refuse(model.Invalid, "sources", fmt.Sprintf("are more than %d", sourcesMax))
	}
	for _, source := range l.Sources {
		if _, known := view.Zone(source); !known {
			return flow.Refuse(model.NotFound, "sources", "there is no zone "+source)
		}
		if source == l.Zone {
			return flow.Refuse(model.Invalid, "sources", "zone "+source+" is the level's own")
		}
	}
	return nil
}

func (l *Level) checkQuantities(sku model.SKU) error {
	switch {
	case l.Min < 0:
		return flow.Refuse(model.Invalid, "min", l.Min.String()+" is negative")
	case l.Max < l.Min:
		return flow.Refuse(model.Invalid, "max", l.Max.String()+" is less than min "+l.Min.String())
	case !l.Min.HasAtMost(sku.Decimals):
		return flow.Refuse(model.Invalid, "min", fmt.Sprintf("%s has more than %d fraction digits",
			l.Min, sku.Decimals))
	case !l.Max.HasAtMost(sku.Decimals):
		return flow.Refuse(model.Invalid, "max", fmt.Sprintf("%s has more than %d fraction digits",
			l.Max, sku.Decimals))
	}
	return nil
}

// encode writes a list as JSON, none as "".
func encode(list []string) string {
	if len(list) == 0 {
		return ""
	}
	text, _ := json.Marshal(list)
	return string(text)
}

// Levels lists a warehouse's levels after a place, by SKU, owner, zone and bin; "" is any SKU or
// zone.
func (s *Service) Levels(ctx context.Context, warehouse, zone, sku string, after LevelPlace,
	first int) (master.Page[Level], error) {
	condition, args := `AND (sku > ? OR sku = ? AND (owner > ? OR owner = ? AND (zone > ?
		OR zone = ? AND bin > ?)))`, []any{after.SKU, after.SKU, after.Owner, after.Owner,
		after.Zone, after.Zone, after.Bin}
	if zone != "" {
		condition, args = condition+` AND zone = ?`, append(args, zone)
	}
	if sku != "" {
		condition, args = condition+` AND sku = ?`, append(args, sku)
	}
	levels, err := levelsWhere(ctx, s.db.Reader(), warehouse,
		condition+` ORDER BY sku, owner, zone, bin LIMIT ?`, append(args, first+1)...)
	return master.PageOf(levels, first), err
}

func levelsWhere(ctx context.Context, q store.Queryer, warehouse, condition string, args ...any) (
	[]Level, error) {
	return collect(ctx, q, func(rows *sql.Rows, l *Level) error {
		var sources string
		err := scanItem(rows, &l.Item, &l.Zone, &l.Bin, &l.Min, &l.Max, &l.Pack, &l.Strategy,
			&sources)
		if err == nil && sources != "" {
			err = json.Unmarshal([]byte(sources), &l.Sources)
		}
		l.Warehouse = warehouse
		return err
	}, `SELECT owner, sku, zone, bin, min_qty, max_qty, pack, strategy, sources FROM stock_levels
		WHERE warehouse = ? `+condition, append([]any{warehouse}, args...)...)
}
