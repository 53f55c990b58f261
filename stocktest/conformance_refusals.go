package stocktest

import (
	"slices"
	"testing"

	"tierstock/model"
	"tierstock/store"
)

// refusal is a call on the stocked site that must be refused, with the field at fault and words
// of the message: "Each refusal names the field and says what there was, and who holds it where
// that is the reason".
type refusal struct {
	name  string
	call  func(s *Site) Answer
	code  model.Code
	field string
	words []string
}

// words are what a message must name.
func words(words ...string) []string { return words }

// conformRefusals is the contract's "Refusals", and bad input for each field of each verb. As
// none of the calls does anything, one site serves all of a verb's.
func conformRefusals(t *testing.T, db *store.DB) {
	t.Helper()
	verbs := map[string][]refusal{"receive": receiveRefusals(), "reserve": reserveRefusals(),
		"release": releaseRefusals(), "extend": extendRefusals(), "deduct": deductRefusals(),
		"restore": restoreRefusals(), "pin": pinRefusals(), "unpin": unpinRefusals(),
		"pick": pickRefusals(), "move": moveRefusals(), "adjust": adjustRefusals(),
		"count": countRefusals(), "freeze": freezeRefusals(), "unfreeze": unfreezeRefusals(),
		"block": blockRefusals(), "unblock": unblockRefusals(), "repack": repackRefusals(),
		"exception": exceptionRefusals()}
	for verb, refusals := range verbs {
		t.Run(verb, func(t *testing.T) {
			s := New(t, db)
			stock(s)
			before := s.Picture()
			for _, each := range refusals {
				t.Run(each.name, func(t *testing.T) {
					on := *s
					on.t = t
					each.call(&on).Refused(each.code, each.field, each.words...)
					s.calls, s.trace = on.calls, on.trace
				})
			}
			s.Same(before)
		})
	}
}

// stock makes the stocked site:
//
//	F1  10, of which 3 are frozen and 4 pinned for R1, which holds them
//	F2  6, frozen in a blocked bin
//	B1  8, of which R2 holds 2 and OVERDUE, whose time is over, 1; batch L1 (2030-01-01) has 5
//	T1  2, which R3 holds; they were picked into it
//
// ENDED held 1 and was released; LEFT held 2 in B1, and they left.
func stock(s *Site) {
	s.t.Helper()
	bulk := func(l *model.ReserveLine) { l.Zones = []string{"BULK"} }
	s.Receive("F1", "10").OK()
	s.Reserve("R1", "4").OK()
	s.Pin("R1", "F1", "4").OK()
	s.Freeze("F1", "3").OK()
	s.Receive("F2", "6").OK()
	s.Block("F2").OK()
	s.Receive("F3", "2").OK()
	s.Reserve("R3", "2").OK()
	s.Pick("R3", "F3", "2", "T1").OK()
	s.Receive("B1", "10").OK()
	s.Receive("B1", "5", dated("L1", "2030-01-01")).OK()
	s.Reserve("ENDED", "1", bulk).OK()
	s.Release("ENDED", "").OK()
	s.Reserve("LEFT", "2", bulk, noBatch).OK()
	s.Deduct("LEFT", "", func(l *model.DeductLine) { l.Key = Line("LEFT") }).OK()
	s.Reserve("OVERDUE", "1", bulk, noBatch, ttl(60)).OK()
	s.Elapse()
	s.Reserve("R2", "2", bulk, noBatch).OK()
	s.Expect("F1 10/4/3", "F2 6/0/6", "F3 0/0/0", "T1 2/2/0", "B1 8/0/0", "B1:L1 5/0/0",
		"FAST 18/6/9", "BULK 8/3/0", "BULK:L1 5/0/0", "R2 OPEN held=2 open=2")
}

// dated is an edit that receives a batch with its expiry date.
func dated(batch string, expiresOn model.Date) func(*model.ReceiveLine) {
	return func(line *model.ReceiveLine) { line.At.Batch, line.ExpiresOn = batch, expiresOn }
}

func noBatch(line *model.ReserveLine) { line.Batch = new("") }

// quantities are the bad ones. They are refused before anything is looked at.
func quantities(call func(s *Site, qty string) Answer) []refusal {
	var refusals []refusal
	for _, bad := range []struct{ qty, word string }{{"0", "0"}, {"-1", "-1"},
		{"0.5", "0 fraction digits"}, {"1.000001", "1.000001"}} {
		refusals = append(refusals, refusal{"qty " + bad.qty,
			func(s *Site) Answer { return call(s, bad.qty) }, model.Invalid, "qty",
			words(bad.word)})
	}
	return refusals
}

// binRows are the bad ones of a field that names a tier-3 row.
func binRows(field string, call func(s *Site, at model.BinStockKey) Answer) []refusal {
	at := func(edit func(*model.BinStockKey)) func(s *Site) Answer {
		return func(s *Site) Answer {
			key := s.InBin("F1")
			edit(&key)
			return call(s, key)
		}
	}
	return []refusal{
		{field + " warehouse", at(func(k *model.BinStockKey) { k.Warehouse = "NONE" }),
			model.NotFound, "warehouse", words("NONE")},
		{field + " bin", at(func(k *model.BinStockKey) { k.Bin = "NONE" }), model.NotFound,
			field + ".bin", words("NONE")},
		{field + " bin in another case", at(func(k *model.BinStockKey) { k.Bin = "f1" }),
			model.NotFound, field + ".bin", words("f1")},
		{field + " SKU", at(func(k *model.BinStockKey) { k.SKU = "NONE" }), model.NotFound,
			field + ".sku", words("NONE")},
		{field + " pack", at(func(k *model.BinStockKey) { k.Pack = "KEG" }), model.Invalid,
			field + ".pack", words("KEG", Tea)},
	}
}

// reservations are the bad ones of a field that names a reservation that must be open.
func reservations(field string, call func(s *Site, name string) Answer) []refusal {
	return []refusal{
		{"no reservation", func(s *Site) Answer { return call(s, "NONE") }, model.NotFound, field,
			words("NONE")},
		{"an ended reservation", func(s *Site) Answer { return call(s, "ENDED") },
			model.InvalidState, field, words("RELEASED")},
		{"a deducted reservation", func(s *Site) Answer { return call(s, "LEFT") },
			model.InvalidState, field, words("DEDUCTED")},
		{"one that is past its time", func(s *Site) Answer { return call(s, "OVERDUE") },
			model.InvalidState, field, words("EXPIRED")},
	}
}

func receiveRefusals() []refusal {
	receive := func(place, qty string, edits ...func(*model.ReceiveLine)) func(*Site) Answer {
		return func(s *Site) Answer { return s.Receive(place, qty, edits...) }
	}
	return append([]refusal{
		{"warehouse", receive("F1", "1", func(l *model.ReceiveLine) { l.At.Warehouse = "NONE" }),
			model.NotFound, "warehouse", words("NONE")},
		{"zone", receive("F1", "1", func(l *model.ReceiveLine) { l.At.Zone = "NONE" }),
			model.NotFound, "at.zone", words("NONE")},
		{"SKU", receive("F1", "1", func(l *model.ReceiveLine) { l.At.SKU = "NONE" }),
			model.NotFound, "at.sku", words("NONE")},
		{"SKU in another case", receive("F1", "1", func(l *model.ReceiveLine) { l.At.SKU = "tea" }),
			model.NotFound, "at.sku", words("tea")},
		{"pack", receive("F1", "1", func(l *model.ReceiveLine) { l.At.Pack = "KEG" }),
			model.Invalid, "at.pack", words("KEG")},
		{"bin", receive("NONE", "1", func(l *model.ReceiveLine) { l.At.Zone = "FAST" }),
			model.NotFound, "bin", words("NONE")},
		{"a bin of another zone", receive("B1", "1",
			func(l *model.ReceiveLine) { l.At.Zone = "FAST" }), model.Invalid, "bin",
			words("B1", "BULK")},
		{"a blocked bin", receive("F2", "1"), model.InvalidState, "bin", words("F2", "blocked")},
		{"a date without a batch", receive("F1", "1", dated("", "2030-01-01")), model.Invalid,
			"expiresOn", words("batch")},
		{"another date", receive("F1", "1", dated("L1", "2030-01-02")), model.Invalid,
			"expiresOn", words("L1", "2030-01-01")},
		{"too much", receive("F1", "999999999999"), model.Invalid, "qty",
			words("1000000000017", "twelve")},
	}, quantities(func(s *Site, qty string) Answer { return s.Receive("F1", qty) })...)
}

func reserveRefusals() []refusal {
	reserve := func(qty string, edits ...func(*model.ReserveLine)) func(*Site) Answer {
		return func(s *Site) Answer {
			return s.Reserve("NEW", qty, edits...)
		}
	}
	return append([]refusal{
		{"warehouse", reserve("1", func(l *model.ReserveLine) { l.Warehouse = "NONE" }),
			model.NotFound, "warehouse", words("NONE")},
		{"SKU", reserve("1", func(l *model.ReserveLine) { l.Item.SKU = "NONE" }), model.NotFound,
			"sku", words("NONE")},
		{"zone", reserve("1", func(l *model.ReserveLine) { l.Zones = []string{"FAST", "NONE"} }),
			model.NotFound, "zones[1]", words("NONE")},
		{"pack", reserve("1", func(l *model.ReserveLine) { l.Pack = "KEG" }), model.Invalid,
			"pack", words("KEG")},
		{"strategy", reserve("1", func(l *model.ReserveLine) { l.Strategy = "BEST" }),
			model.Invalid, "strategy", words("BEST")},
		{"minRemainingDays", reserve("1", func(l *model.ReserveLine) { l.MinRemainingDays = -1 }),
			model.Invalid, "minRemainingDays", words("-1")},
		{"ttlSeconds 0", reserve("1", ttl(0)), model.Invalid, "ttlSeconds", words("0")},
		{"ttlSeconds -1", reserve("1", ttl(-1)), model.Invalid, "ttlSeconds", words("-1")},
		{"ttlSeconds without end", reserve("1", ttl(1<<62)), model.Invalid, "ttlSeconds", nil},
		{"more than is available", reserve("9",
			func(l *model.ReserveLine) { l.Batch = new("") }), model.Insufficient, "qty",
			words("8", "9", "R1/1 holds 4")},
		{"held by others", reserve("4", func(l *model.ReserveLine) { l.Zones = []string{"FAST"} }),
			model.Insufficient, "qty", words("3", "4", "R1/1 holds 4", "R3/1 holds 2")},
		{"another owner's", reserve("1", func(l *model.ReserveLine) { l.Item.Owner = "OWN" }),
			model.Insufficient, "qty", words("0")},
		{"another batch", reserve("1", func(l *model.ReserveLine) { l.Batch = new("L2") }),
			model.Insufficient, "qty", words("0", "WRONG_BATCH")},
		{"another pack", reserve("1", func(l *model.ReserveLine) { l.Pack = "CASE" }),
			model.Insufficient, "qty", words("0", "WRONG_PACK")},
	}, quantities(func(s *Site, qty string) Answer { return s.Reserve("NEW", qty) })...)
}

func releaseRefusals() []refusal {
	release := func(name, qty string, edits ...func(*model.ReleaseLine)) func(*Site) Answer {
		return func(s *Site) Answer { return s.Release(name, qty, edits...) }
	}
	return slices.Concat([]refusal{
		{"warehouse", release("R1", "", func(l *model.ReleaseLine) { l.Warehouse = "NONE" }),
			model.NotFound, "warehouse", words("NONE")},
		{"more than is open", release("R1", "5"), model.InvalidState, "qty", words("4", "5")},
		{"a wrong hint", release("R1", "1", func(l *model.ReleaseLine) { l.SKU = Salt }),
			model.Invalid, "sku", words(Tea, Salt)},
		{"a wrong hint of one that has ended", release("ENDED", "",
			func(l *model.ReleaseLine) { l.SKU = Salt }), model.Invalid, "sku", words(Tea, Salt)},
	}, reservations("reservation", func(s *Site, name string) Answer {
		return s.Release(name, "1")
	}), quantities(func(s *Site, qty string) Answer { return s.Release("R1", qty) }))
}

func extendRefusals() []refusal {
	extend := func(name string, seconds int64, edits ...func(*model.ExtendLine)) func(*Site) Answer {
		return func(s *Site) Answer { return s.Extend(name, seconds, edits...) }
	}
	return append([]refusal{
		{"warehouse", extend("R2", 60, func(l *model.ExtendLine) { l.Warehouse = "NONE" }),
			model.NotFound, "warehouse", words("NONE")},
		{"ttlSeconds 0", extend("R2", 0), model.Invalid, "ttlSeconds", words("0")},
		{"ttlSeconds -1", extend("R2", -1), model.Invalid, "ttlSeconds", words("-1")},
		{"ttlSeconds without end", extend("R2", 1<<62), model.Invalid, "ttlSeconds", nil},
		{"pinned", extend("R1", 60), model.InvalidState, "reservation", words("floor work")},
		{"picked", extend("R3", 60), model.InvalidState, "reservation", words("floor work")},
	}, reservations("reservation", func(s *Site, name string) Answer {
		return s.Extend(name, 60)
	})...)
}

func deductRefusals() []refusal {
	deduct := func(name, qty string, edits ...func(*model.DeductLine)) func(*Site) Answer {
		return func(s *Site) Answer { return s.Deduct(name, qty, edits...) }
	}
	return slices.Concat([]refusal{
		{"warehouse", deduct("R1", "", func(l *model.DeductLine) { l.Warehouse = "NONE" }),
			model.NotFound, "warehouse", words("NONE")},
		{"more than is open", deduct("R1", "5"), model.InvalidState, "qty", words("4", "5")},
		{"a wrong hint", deduct("R1", "", func(l *model.DeductLine) { l.SKU = Salt }),
			model.Invalid, "sku", words(Tea, Salt)},
	}, reservations("reservation", func(s *Site, name string) Answer {
		return s.Deduct(name, "")
	}), quantities(func(s *Site, qty string) Answer { return s.Deduct("R1", qty) }))
}

func restoreRefusals() []refusal {
	left, pick := Answer{Line: Line("LEFT")}, model.TaskKey{JobType: "FLOOR", TaskID: "NONE"}
	restore := func(of Answer, qty string, edits ...func(*model.RestoreLine)) func(*Site) Answer {
		return func(s *Site) Answer { return s.Restore(of, qty, edits...) }
	}
	return append([]refusal{
		{"warehouse", restore(left, "", func(l *model.RestoreLine) { l.Warehouse = "NONE" }),
			model.NotFound, "warehouse", words("NONE")},
		{"no deduction", restore(Answer{Line: Line("R1")}, ""), model.NotFound, "deduction",
			words("R1")},
		{"no pick", restore(Answer{Task: pick}, ""), model.NotFound, "pick", words("NONE")},
		{"a deduction and a pick", restore(left, "", func(l *model.RestoreLine) { l.Pick = &pick }),
			model.Invalid, "pick", words("deduction")},
		{"more than left", restore(left, "3"), model.InvalidState, "qty", words("2")},
		{"a pick that left nothing", func(s *Site) Answer {
			key := model.TaskKey{JobType: "FLOOR", TaskID: "TASK-7"}
			return s.Restore(Answer{Task: key}, "")
		}, model.InvalidState, "qty", words("0")},
		{"a wrong hint", restore(left, "", func(l *model.RestoreLine) { l.SKU = Salt }),
			model.Invalid, "sku", words(Tea, Salt)},
	}, quantities(func(s *Site, qty string) Answer { return s.Restore(left, qty) })...)
}
