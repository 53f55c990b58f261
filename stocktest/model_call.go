package stocktest

import (
	"encoding/json"
	"slices"

	"tierstock/model"
)

// Ask is one line of a call, as the model takes it.
type Ask struct {
	key     model.Key
	content string
	// sameAs, where given, says whether what the key did before is what is asked for now.
	sameAs func(s *site) bool
	decide func(s *site, a *answer)
}

// Verdict is what may be answered to a line. Where several things are wrong with it at once,
// Codes has the code of each: the contract does not say which is told.
type Verdict struct {
	Codes             []model.Code
	Applied, Shortage model.Quantity
}

// answer collects what becomes of a line while it is decided.
type answer struct {
	refusals          []model.Code
	applied, shortage model.Quantity
	partial           bool
	left              departure
}

func (a *answer) refuse(code model.Code) { a.refusals = append(a.refusals, code) }

// refuseIf refuses, and says whether it did.
func (a *answer) refuseIf(wrong bool, code model.Code) bool {
	if wrong {
		a.refuse(code)
	}
	return wrong
}

func (a *answer) refused() bool { return len(a.refusals) > 0 }

// ask makes an Ask. content is the line without what does not count when two calls are compared,
// and with its defaults filled in or left out, always in the same way.
func ask(key model.Key, content any, decide func(s *site, a *answer)) Ask {
	text, err := json.Marshal(content)
	if err != nil {
		panic(err)
	}
	return Ask{key: key, content: string(text), decide: decide}
}

// Call takes the lines of one call in order. A dry one changes nothing.
func (m *Model) Call(allOrNothing, dry bool, asks []Ask) []Verdict {
	before := map[string]*site{}
	for code, site := range m.sites {
		before[code] = site.clone()
	}
	verdicts := make([]Verdict, len(asks))
	failed := false
	for i, ask := range asks {
		switch {
		case allOrNothing && ask.key.Warehouse != asks[0].key.Warehouse ||
			allOrNothing && spansSites(asks):
			verdicts[i] = refusedWith(model.Invalid)
		case hasTwin(asks, i):
			verdicts[i] = refusedWith(model.Invalid)
		default:
			verdicts[i] = m.line(ask)
		}
		failed = failed || !verdicts[i].Codes[0].Succeeded()
	}
	if dry || allOrNothing && failed {
		m.sites = before
	}
	if allOrNothing && failed {
		skipOthers(verdicts)
	}
	return verdicts
}

func spansSites(asks []Ask) bool {
	return slices.ContainsFunc(asks, func(other Ask) bool {
		return other.key.Warehouse != asks[0].key.Warehouse
	})
}

func hasTwin(asks []Ask, i int) bool {
	for j, other := range asks {
		if j != i && other.key == asks[i].key {
			return true
		}
	}
	return false
}

func skipOthers(verdicts []Verdict) {
	for i, verdict := range verdicts {
		if code := verdict.Codes[0]; code == model.Applied || code == model.Partial {
			verdicts[i] = refusedWith(model.Skipped)
		}
	}
}

func refusedWith(codes ...model.Code) Verdict { return Verdict{Codes: codes} }

// line decides one line: its key first, then the rest.
func (m *Model) line(ask Ask) Verdict {
	site := m.sites[ask.key.Warehouse]
	if site == nil {
		return refusedWith(model.NotFound)
	}
	if done, known := site.effects[ask.key]; known {
		switch {
		case done.cancelled:
			return refusedWith(model.Cancelled)
		case done.content != ask.content && (ask.sameAs == nil || !ask.sameAs(site)):
			return refusedWith(model.KeyConflict)
		}
		return Verdict{Codes: []model.Code{model.Replayed}, Applied: done.applied,
			Shortage: done.shortage}
	}
	after := site.clone()
	var answer answer
	ask.decide(after, &answer)
	after.settle(site, &answer)
	if answer.refused() {
		return refusedWith(answer.refusals...)
	}
	after.effects[ask.key] = effect{content: ask.content, applied: answer.applied,
		shortage: answer.shortage, left: answer.left}
	m.sites[ask.key.Warehouse] = after
	code := model.Applied
	if answer.partial {
		code = model.Partial
	}
	return Verdict{Codes: []model.Code{code}, Applied: answer.applied, Shortage: answer.shortage}
}

// settle is what holds for every line: versions rise with what is on hand, empty rows forget
// since when, and no row outgrows twelve digits.
func (s *site) settle(before *site, a *answer) {
	for key, row := range s.binRows {
		if row.OnHand != before.binHas(key).OnHand {
			row.version++
		}
		a.refuseIf(!row.OnHand.Fits(), model.Invalid)
	}
	for _, row := range s.zoneRows {
		if row.OnHand == 0 {
			row.since = ""
		}
		a.refuseIf(!row.OnHand.Fits(), model.Invalid)
	}
}
