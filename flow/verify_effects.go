package flow

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"maps"
	"math"
	"math/big"
	"slices"

	"tierstock/model"
	"tierstock/store"
)

// Bounds of one stretch of commits whose flows are in memory together.
const (
	stretchCommitsMax = 5000
	stretchFlowsMax   = 20000
)

// stretch is what has been added up of some commits and of the effects in them.
type stretch struct {
	after, to int64
	commits   map[int64]*commitTally
	effects   map[effectName]*effectTally
	packs     map[packName]model.Fraction
}

type effectName struct {
	commit int64
	key    model.Key
}

type packName struct{ sku, pack string }

// commitTally are the places that a commit's flows take; promised is how many it says there are.
type commitTally struct {
	known    bool
	promised int64
	places   []int
}

// effectTally are the legs of an effect, and what it did to on hand where that must add up.
type effectTally struct {
	legs    []int
	arrived bool
	onHand  map[tallyItem]model.Quantity
}

type tallyItem struct {
	tier                    model.Tier
	owner, sku, batch, pack string
}

// effects goes through all commits and their flows once, for the parts of invariants 7, 8 and 9
// that are about commits and effects: legs numbered without a hole, quantities that are kept, and
// as many flows as were committed.
func (c *checker) effects(ctx context.Context) error {
	if err := c.loadRestated(ctx); err != nil {
		return err
	}
	for after := int64(math.MinInt64); after < math.MaxInt64; {
		s, err := c.readStretch(ctx, after)
		if err != nil {
			return err
		}
		s.judge(c)
		after = s.to
	}
	return nil
}

func (c *checker) readStretch(ctx context.Context, after int64) (*stretch, error) {
	s := &stretch{after: after, to: math.MaxInt64, commits: map[int64]*commitTally{},
		effects: map[effectName]*effectTally{}, packs: map[packName]model.Fraction{}}
	if err := s.readCommits(ctx, c); err != nil {
		return nil, err
	}
	for _, ledger := range ledgers() {
		if err := s.readFlows(ctx, c, ledger); err != nil {
			return nil, err
		}
	}
	return s, s.readPacks(ctx, c)
}

// readCommits takes commits until their flows are enough; with the last of them the stretch is
// open at its end, so that flows without a commit are seen too.
func (s *stretch) readCommits(ctx context.Context, c *checker) error {
	var flows, last int64
	full := false
	err := store.EachRow(ctx, c.tx, `SELECT id, flows FROM commits WHERE warehouse = ? AND id > ?
		ORDER BY id LIMIT ?`, []any{c.warehouse, s.after, stretchCommitsMax},
		func(rows *sql.Rows) error {
			var id int64
			tally := &commitTally{known: true}
			err := rows.Scan(&id, &tally.promised)
			if flows >= stretchFlowsMax {
				full = true
				return err
			}
			s.commits[id], last = tally, id
			flows += tally.promised
			return err
		})
	if full || len(s.commits) == stretchCommitsMax {
		s.to = last
	}
	return err
}

func (s *stretch) readFlows(ctx context.Context, c *checker, ledger ledger) error {
	return store.EachRow(ctx, c.tx, `SELECT f.commit_id, f.pos, f.action, f.job_type, f.order_id,
			f.line_id, f.task_id, f.revision, f.leg, f.on_hand_delta, COALESCE(s.owner, ''),
			COALESCE(s.sku, ''), COALESCE(s.batch, ''), COALESCE(s.pack, '')
		FROM `+ledger.flows+` AS f
		LEFT JOIN `+ledger.stocks+` AS s ON s.warehouse = f.warehouse AND s.id = f.stock_id
		WHERE f.warehouse = ? AND f.commit_id > ? AND f.commit_id <= ?`,
		[]any{c.warehouse, s.after, s.to}, func(rows *sql.Rows) error {
			var effect effectName
			var pos, leg int
			var onHand model.Quantity
			item, key := tallyItem{tier: ledger.tier}, &effect.key
			err := rows.Scan(&effect.commit, &pos, &key.Action, &key.JobType, &key.OrderID,
				&key.LineID, &key.TaskID, &key.Revision, &leg, &onHand, &item.owner, &item.sku,
				&item.batch, &item.pack)
			c.flows++
			s.commit(effect.commit).places = append(s.commit(effect.commit).places, pos)
			s.effect(effect).add(key.Action, leg, item, onHand)
			return err
		})
}

func (s *stretch) commit(id int64) *commitTally {
	if s.commits[id] == nil {
		s.commits[id] = &commitTally{}
	}
	return s.commits[id]
}

func (s *stretch) effect(name effectName) *effectTally {
	if s.effects[name] == nil {
		s.effects[name] = &effectTally{}
	}
	return s.effects[name]
}

func (e *effectTally) add(action model.Action, leg int, item tallyItem, onHand model.Quantity) {
	e.legs = append(e.legs, leg)
	if onHand == 0 || action != model.Move && action != model.Pick && action != model.Repack {
		return
	}
	e.arrived = e.arrived || item.tier == model.BinTier && onHand > 0
	if e.onHand == nil {
		e.onHand = map[tallyItem]model.Quantity{}
	}
	e.onHand[item] += onHand
}

// readPacks reads the sizes of the packs that were repacked.
func (s *stretch) readPacks(ctx context.Context, c *checker) error {
	skus := map[string]bool{}
	for name, effect := range s.effects {
		if name.key.Action == model.Repack {
			for item := range effect.onHand {
				skus[item.sku] = true
			}
		}
	}
	for _, some := range chunks(slices.Sorted(maps.Keys(skus)), chunkKeys) {
		args := make([]any, len(some))
		for i, sku := range some {
			args[i] = sku
		}
		err := store.EachRow(ctx, c.tx, `SELECT sku, code, numerator, denominator FROM sku_packs
			WHERE sku IN (`+store.InList(len(some))+`)`, args, func(rows *sql.Rows) error {
			var name packName
			var size model.Fraction
			err := rows.Scan(&name.sku, &name.pack, &size.Numerator, &size.Denominator)
			s.packs[name] = size
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// judge reports what does not add up, in the order of commits, unless someone has accepted the
// commit as it is.
func (s *stretch) judge(c *checker) {
	var found []finding
	collecting := *c
	collecting.report = func(f finding) { found = append(found, f) }
	for id := range s.commits {
		if !c.restated[id] {
			s.judgeCommit(&collecting, id)
		}
	}
	for name := range s.effects {
		if !c.restated[name.commit] {
			s.judgeEffect(&collecting, name)
		}
	}
	slices.SortStableFunc(found, func(one, other finding) int {
		return cmp.Or(cmp.Compare(one.commit, other.commit), cmp.Compare(one.name, other.name))
	})
	for _, f := range found {
		c.report(f)
	}
}

func (s *stretch) judgeCommit(c *checker, id int64) {
	commit, flows := s.commits[id], int64(len(s.commits[id].places))
	if commit.known && flows == commit.promised && isRun(commit.places) {
		return
	}
	found := finding{commit: id, name: commitName(id)}
	switch {
	case !commit.known:
		c.found(9, kindNoCommit, found.differs(amountFlows, count(flows), count(0),
			"as there is no such commit"))
	case flows != commit.promised:
		c.found(9, kindCommitFlows, found.differs(amountFlows, count(flows),
			count(commit.promised), "as it says"))
	default:
		c.found(9, kindCommitFlows, found.says("places 0 and on, each once",
			fmt.Sprint(commit.places)))
	}
}

func (n effectName) finding() finding {
	return finding{commit: n.commit, name: keyName(n.key) + " (" + commitName(n.commit) + ")"}
}

func (s *stretch) judgeEffect(c *checker, name effectName) {
	effect := s.effects[name]
	if !isRun(effect.legs) {
		c.found(7, kindEffectLegs, name.finding().differs(amountLegs, count(int64(len(effect.legs))),
			count(int64(slices.Max(effect.legs))+1), fmt.Sprintf("each of them once, not %v",
				effect.legs)))
	}
	switch {
	case name.key.Action == model.Repack:
		s.judgeRepack(c, name, effect)
	case name.key.Action == model.Move, effect.arrived:
		for _, item := range sortedTally(effect.onHand) {
			if sum := effect.onHand[item]; sum != 0 {
				c.notKept(name, item, sum.String())
			}
		}
	}
}

// judgeRepack adds up base units, exactly, per tier, owner, SKU and batch.
func (s *stretch) judgeRepack(c *checker, name effectName, effect *effectTally) {
	sums := map[tallyItem]*big.Rat{}
	for item, packs := range effect.onHand {
		size, ok := s.packs[packName{item.sku, item.pack}]
		if !ok {
			size = model.Each
		}
		item.pack = ""
		if sums[item] == nil {
			sums[item] = new(big.Rat)
		}
		sums[item].Add(sums[item], worth(packs, size))
	}
	for _, item := range sortedTally(sums) {
		if sums[item].Sign() != 0 {
			c.notKept(name, item, sums[item].FloatString(model.QuantityScale)+" base units")
		}
	}
}

func (c *checker) notKept(name effectName, item tallyItem, change string) {
	c.found(8, kindQuantityKept, name.finding().says(
		fmt.Sprintf("no change of on hand in tier %s of SKU %s, owner %q, batch %q, pack %q",
			item.tier, item.sku, item.owner, item.batch, item.pack), "a change of "+change))
}

func sortedTally[V any](sums map[tallyItem]V) []tallyItem {
	return slices.SortedFunc(maps.Keys(sums), func(one, other tallyItem) int {
		return cmp.Or(cmp.Compare(one.tier, other.tier), cmp.Compare(one.owner, other.owner),
			cmp.Compare(one.sku, other.sku), cmp.Compare(one.batch, other.batch),
			cmp.Compare(one.pack, other.pack))
	})
}

// isRun says whether the numbers are 0, 1, 2 and so on, each once, in any order.
func isRun(numbers []int) bool {
	seen := make([]bool, len(numbers))
	for _, number := range numbers {
		if number < 0 || number >= len(seen) || seen[number] {
			return false
		}
		seen[number] = true
	}
	return true
}
