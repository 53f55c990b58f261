package replenish

import (
	"cmp"
	"slices"

	"tierstock/allocation"
	"tierstock/flow"
	"tierstock/model"
)

// Kind is what a suggestion asks for.
type Kind string

// Kinds of suggestions: goods to bring from bin to bin, and goods to buy.
const (
	KindMove Kind = "MOVE"
	KindBuy  Kind = "BUY"
)

// Kinds are all of them.
var Kinds = []Kind{KindMove, KindBuy}

// Reason is what a suggestion is for.
type Reason string

// Reasons: there is less than the level's minimum, or than what is expected; or there would be
// enough but for what is promised or short.
const (
	ReasonLevel    Reason = "LEVEL"
	ReasonReserved Reason = "RESERVED"
	ReasonForecast Reason = "FORECAST"
)

// Reasons are all of them.
var Reasons = []Reason{ReasonLevel, ReasonReserved, ReasonForecast}

// Suggestion is something to bring or to buy. A MOVE's Qty is in packs of Pack, a BUY's in base
// units, and it names no places. Present is what the target has, and has coming, and Wanted what it
// should have, in base units.
type Suggestion struct {
	Line            int
	Kind            Kind
	Reason          Reason
	Item            model.Item
	Batch, Pack     string
	Qty             model.Quantity
	Zone, Bin       string
	ToZone, ToBin   string
	Present, Wanted model.Quantity
	// Task is the task made of it, 0 for none, and TaskID what it goes by.
	Task   int64
	TaskID string

	// source is the tier-3 row that it takes from, and pickSequence its bin's.
	source       int64
	pickSequence int64
}

// stock is what lies in one bin: the tier-3 row, the tier-2 row that it belongs to, which it shares
// with the zone's other bins, and what is known of both.
type stock struct {
	row, bin *flow.StockRow
	place    model.Bin
	size     model.Fraction
	batch    model.Batch
}

// target is a place to keep supplied.
type target struct {
	Level

	// isLevel: somebody has set a level, else it is a bin where the item is picked.
	isLevel bool
	// packSize is the size of the level's pack, zero where there is none.
	packSize model.Fraction
}

// picture is all that is known of one item when a run looks at it.
type picture struct {
	item     model.Item
	decimals int
	today    model.Date
	zones    map[string]model.Zone
	stocks   []*stock
	targets  []target
	// coming is what open tasks will bring into a bin, in base units.
	coming map[string]model.Quantity
	// announced is what notices say that will be received, in base units.
	announced model.Quantity
	// expected is nil for an item that nobody has asked for.
	expected *Expected
	// short is what open shortages lack, in base units.
	short model.Quantity

	// supplied are the zones of the targets.
	supplied map[string]bool
}

// plan says what to bring and to buy. It looks at nothing but the picture, which it uses up: what
// it takes for one target is gone for the next.
func (p *picture) plan() []Suggestion {
	slices.SortFunc(p.targets, p.compareTargets)
	p.supplied = map[string]bool{}
	for _, t := range p.targets {
		p.supplied[t.Zone] = true
	}
	buy := p.buy()
	var all []Suggestion
	reserved := p.short
	for i := range p.targets {
		need := p.needOf(&p.targets[i], reserved)
		reserved = 0 // a shortage is served at one place
		all = append(all, p.bring(need)...)
	}
	return append(all, buy...)
}

// compareTargets: the zones of higher priority first, bins before their zone, which then counts
// what comes into them.
func (p *picture) compareTargets(one, other target) int {
	return cmp.Or(
		cmp.Compare(p.zones[other.Zone].Priority, p.zones[one.Zone].Priority),
		cmp.Compare(one.Zone, other.Zone),
		cmp.Compare(isZone(one), isZone(other)),
		cmp.Compare(one.Bin, other.Bin))
}

func isZone(t target) int {
	if t.Bin == "" {
		return 1
	}
	return 0
}

// need is how much a target lacks, and why.
type need struct {
	target          *target
	reason          Reason
	present, wanted model.Quantity
	qty             model.Quantity
}

// needOf finds what a target lacks. It is brought something once it has less than the most of its
// minimum, what is short, and what is expected; and then, where somebody has set a level, up to its
// maximum, so that one way serves for long.
func (p *picture) needOf(t *target, short model.Quantity) need {
	present, promised := p.presentAt(t)
	n := need{target: t, reason: ReasonLevel, present: present, wanted: t.Min}
	if short > n.wanted {
		n.reason, n.wanted = ReasonReserved, short
	}
	if p.expected != nil {
		share := p.roundUp(p.expected.Cover / model.Quantity(len(p.targets)))
		if share > n.wanted {
			n.reason, n.wanted = ReasonForecast, share
		}
	}
	if t.isLevel {
		n.wanted = min(n.wanted, t.Max)
	}
	if n.present >= n.wanted {
		return n
	}
	if n.qty = n.wanted - n.present; t.isLevel {
		n.qty = t.Max - n.present
	}
	if n.present+promised >= n.wanted {
		n.reason = ReasonReserved // but for what is promised there would be enough
	}
	return n
}

// at says whether a stock lies at a target. Totes are on their way to somewhere else.
func (t *target) at(s *stock) bool {
	return s.bin.Zone == t.Zone && !s.place.Kind.IsTote() && (t.Bin == "" || s.bin.Bin == t.Bin)
}

// presentAt is what a target has that nobody has been promised, with what is on its way there, and
// what it has that is promised, in base units. Of a zone, tier 2 says what is promised.
func (p *picture) presentAt(t *target) (present, promised model.Quantity) {
	rows := map[*flow.StockRow]bool{}
	for _, s := range p.stocks {
		if !t.at(s) || p.unfit(s) || t.Bin == "" && rows[s.row] {
			continue
		}
		row, reserved := s.row, s.row.Reserved
		rows[row] = true
		if t.Bin != "" {
			row = s.bin
			reserved = row.Reserved + p.untied(s)
		}
		unfrozen := row.OnHand - row.Frozen
		present = plus(present, s.base(unfrozen-reserved))
		promised = plus(promised, s.base(min(reserved, unfrozen)))
	}
	for bin, qty := range p.coming {
		if bin == t.Bin || t.Bin == "" && p.zoneOf(bin) == t.Zone {
			present = plus(present, qty)
		}
	}
	return present, promised
}

// untied is what of a tier-2 row is promised without being tied to a bin, and cannot come from any
// other bin than that of the stock, in the row's packs.
func (p *picture) untied(s *stock) model.Quantity {
	rest := s.row.Reserved
	for _, other := range p.stocks {
		if other.row != s.row {
			continue
		}
		tied := other.bin.Reserved
		if other != s {
			tied += other.bin.Available()
		}
		rest = max(rest-tied, -model.QuantityMax)
	}
	return max(0, rest)
}

// plus adds without leaving what a quantity can hold.
func plus(one, other model.Quantity) model.Quantity { return min(one+other, model.QuantityMax) }

func (s *stock) base(qty model.Quantity) model.Quantity {
	base, _ := s.size.Base(max(0, qty))
	return base
}

// unfit says that nobody would be promised a stock: its batch is on hold, or too old.
func (p *picture) unfit(s *stock) bool {
	return s.batch.Hold || s.batch.ExpiresOn != "" && s.batch.ExpiresOn < p.today
}

// zoneOf is the zone of a bin that any of the item lies in, or of its targets.
func (p *picture) zoneOf(bin string) string {
	for _, s := range p.stocks {
		if s.bin.Bin == bin {
			return s.bin.Zone
		}
	}
	for _, t := range p.targets {
		if t.Bin == bin {
			return t.Zone
		}
	}
	for _, zone := range p.zones {
		if zone.StagingBin == bin {
			return zone.Code
		}
	}
	return ""
}

// roundUp rounds to what the article can be counted in.
func (p *picture) roundUp(qty model.Quantity) model.Quantity {
	step := model.Quantity(1)
	for range model.QuantityScale - p.decimals {
		step *= 10
	}
	return (qty + step - 1) / step * step
}

// bring lets the level's strategy choose what a target lacks from its sources.
func (p *picture) bring(n need) []Suggestion {
	t := n.target
	size, isPacked := p.sizeOf(t)
	qty := n.qty
	if isPacked {
		qty = wholePacks(size, qty)
	}
	if qty <= 0 {
		return nil
	}
	var choices []flow.Choice
	byBin := map[*flow.StockRow]*stock{}
	for _, s := range p.stocks {
		if choice, ok := p.choice(t, s, size, isPacked); ok {
			choices = append(choices, choice)
			byBin[s.bin] = s
		}
	}
	demand := flow.Demand{Qty: qty, Today: p.today,
		Asked: flow.Asked{AnyPack: true, ByBin: true, Strategy: t.Strategy}}
	var all []Suggestion
	for _, choice := range allocation.Choose(demand, choices) {
		if choice.Taken > 0 {
			all = append(all, p.take(n, byBin[choice.Bin], choice.Taken))
		}
	}
	return all
}

// take turns what was chosen into a suggestion, and uses it up.
func (p *picture) take(n need, s *stock, qty model.Quantity) Suggestion {
	s.bin.Reserved += qty
	s.row.Reserved += qty
	to := n.target.Bin
	if to == "" {
		to = p.binIn(n.target.Zone)
	}
	p.coming[to] = plus(p.coming[to], s.base(qty))
	return Suggestion{Kind: KindMove, Reason: n.reason, Item: p.item, Batch: s.bin.Batch,
		Pack: s.bin.Pack, Qty: qty, Zone: s.bin.Zone, Bin: s.bin.Bin, ToZone: n.target.Zone,
		ToBin: to, Present: n.present, Wanted: n.wanted, source: s.bin.ID,
		pickSequence: s.place.PickSequence}
}

// binIn is where goods for a zone go: the first of its bins where the item has a place already,
// else its staging bin. A bin with a level of its own has been given what it takes.
func (p *picture) binIn(zone string) string {
	var best *stock
	for _, s := range p.stocks {
		if s.bin.Zone != zone || s.place.Blocked || s.place.Kind.IsTote() ||
			s.place.Kind == model.StagingBin {
			continue
		}
		isFirst := best == nil || cmp.Or(cmp.Compare(s.place.PickSequence,
			best.place.PickSequence), cmp.Compare(s.bin.Bin, best.bin.Bin)) < 0
		if isFirst && !p.hasLevel(s.bin.Bin) {
			best = s
		}
	}
	if best != nil {
		return best.bin.Bin
	}
	return p.zones[zone].StagingBin
}

// hasLevel says whether a bin has a level of its own.
func (p *picture) hasLevel(bin string) bool {
	return slices.ContainsFunc(p.targets, func(t target) bool { return t.Bin == bin && t.isLevel })
}

// buy proposes to buy what has reached its reorder point, with what has been announced: up to that,
// and the demand of the days to cover beyond it.
func (p *picture) buy() []Suggestion {
	if p.expected == nil || p.expected.ReorderPoint == 0 {
		return nil
	}
	var onHand model.Quantity
	rows := map[*flow.StockRow]bool{}
	for _, s := range p.stocks {
		if !rows[s.row] && !p.unfit(s) {
			rows[s.row] = true
			onHand = plus(onHand, s.base(s.row.Available()))
		}
	}
	onHand = plus(onHand, p.announced)
	present := onHand - p.short
	if present >= p.expected.ReorderPoint {
		return nil
	}
	reason := ReasonForecast
	if onHand >= p.expected.ReorderPoint {
		reason = ReasonReserved
	}
	wanted := p.roundUp(p.expected.ReorderPoint + p.expected.Cover)
	return []Suggestion{{Kind: KindBuy, Reason: reason, Item: p.item,
		Qty: min(p.roundUp(wanted-present), model.QuantityMax), Present: present, Wanted: wanted}}
}
