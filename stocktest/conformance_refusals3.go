package stocktest

import (
	"database/sql"
	"slices"

	"tierstock/model"
)

// The refusals of the tier-3 verbs, on the stocked site.

func pinRefusals() []refusal {
	pin := func(name, bin, qty string, edits ...func(*model.PinLine)) func(*Site) Answer {
		return func(s *Site) Answer { return s.Pin(name, bin, qty, edits...) }
	}
	return slices.Concat([]refusal{
		{"warehouse", pin("R2", "", "", func(l *model.PinLine) { l.Warehouse = "NONE" }),
			model.NotFound, "warehouse", words("NONE")},
		{"bin", pin("R2", "NONE", "1"), model.NotFound, "bin", words("NONE")},
		{"a bin where it holds nothing", pin("R2", "F1", "1"), model.InvalidState, "bin",
			words("FAST")},
		{"a bin with nothing of it", pin("R2", "B2", "1"), model.Insufficient, "qty", words("0")},
		{"more than is held", pin("R2", "", "3"), model.InvalidState, "qty", words("2")},
		{"more than is held and not pinned", pin("R1", "", "1"), model.InvalidState, "qty",
			words("0")},
		{"all of nothing", pin("R1", "", ""), model.InvalidState, "qty", words("0")},
		{"picked goods", pin("R3", "", ""), model.InvalidState, "qty", words("0")},
	}, reservations("reservation", func(s *Site, name string) Answer {
		return s.Pin(name, "", "")
	}), quantities(func(s *Site, qty string) Answer { return s.Pin("R2", "", qty) }))
}

func unpinRefusals() []refusal {
	unpin := func(task string, edits ...func(*model.UnpinLine)) func(*Site) Answer {
		return func(s *Site) Answer {
			line := model.UnpinLine{Key: s.NextTask(), Warehouse: s.Warehouse, Task: task}
			return submit(s, s.Tier3.Unpin, &line, edits)
		}
	}
	return []refusal{
		{"warehouse", unpin("1", func(l *model.UnpinLine) { l.Warehouse = "NONE" }),
			model.NotFound, "warehouse", words("NONE")},
		{"no task", unpin("1"), model.NotFound, "task", words("1")},
		{"no id", unpin("x'; --"), model.NotFound, "task", words("x'; --")},
		{"no text", unpin(""), model.NotFound, "task", nil},
		{"goods picked", func(s *Site) Answer { return unpin(s.pickedIn("T1"))(s) },
			model.NotFound, "task", nil},
	}
}

// pickedIn is the id of what ties picked goods to their reservation; it is no task.
func (s *Site) pickedIn(bin string) (id string) {
	s.t.Helper()
	s.read(`SELECT t.id FROM tasks AS t JOIN bin_stocks AS b ON b.warehouse = t.warehouse
		AND b.id = t.bin_stock_id WHERE t.warehouse = ? AND b.bin = ? AND t.kind = ?`,
		[]any{s.Warehouse, bin, model.GoodsPicked},
		func(rows *sql.Rows) error { return rows.Scan(&id) })
	return id
}

func pickRefusals() []refusal {
	pick := func(name, bin, qty, toBin string, edits ...func(*model.PickLine)) func(*Site) Answer {
		return func(s *Site) Answer { return s.Pick(name, bin, qty, toBin, edits...) }
	}
	return slices.Concat([]refusal{
		{"more than is held", pick("R1", "F1", "5", ""), model.InvalidState, "qty",
			words("4", "5")},
		{"a row it does not hold", pick("R2", "F1", "1", ""), model.InvalidState, "from", nil},
		{"another batch", pick("R2", "B1", "1", "",
			func(l *model.PickLine) { l.From.Batch = "L1" }), model.InvalidState, "from", nil},
		{"another owner's", pick("R2", "B1", "1", "",
			func(l *model.PickLine) { l.From.Owner = "OWN" }), model.InvalidState, "from", nil},
		{"what is not there", pick("R2", "B2", "1", ""), model.Insufficient, "qty", words("0")},
		{"what is picked for others", pick("R1", "T1", "1", ""), model.Insufficient, "qty",
			words("0", "R3/1 holds 2")},
		{"from a blocked bin", pick("R1", "F2", "1", ""), model.Insufficient, "qty",
			words("0", "6 frozen")},
		{"to no bin", pick("R1", "F1", "1", "NONE"), model.NotFound, "toBin", words("NONE")},
		{"to the bin itself", pick("R1", "F1", "1", "F1"), model.Invalid, "toBin", words("F1")},
		{"to a blocked bin", pick("R1", "F1", "1", "F2"), model.InvalidState, "toBin",
			words("F2", "blocked")},
	}, reservations("reservation", func(s *Site, name string) Answer {
		return s.Pick(name, "B1", "1", "")
	}), binRows("from", func(s *Site, at model.BinStockKey) Answer {
		return s.Pick("R1", "F1", "1", "", func(l *model.PickLine) { l.From = at })
	}), quantities(func(s *Site, qty string) Answer { return s.Pick("R1", "F1", qty, "") }))
}

func moveRefusals() []refusal {
	move := func(bin, toBin, qty string, edits ...func(*model.MoveLine)) func(*Site) Answer {
		return func(s *Site) Answer { return s.Move(bin, toBin, qty, edits...) }
	}
	frozen := func(l *model.MoveLine) { l.Frozen = true }
	return slices.Concat([]refusal{
		{"more than is free", move("F1", "F3", "4"), model.Insufficient, "qty",
			words("3", "R1/1 holds 4", "3 frozen")},
		{"more than tier 2 can spare", func(s *Site) Answer {
			return s.Move("B1", "F3", "6")
		}, model.Insufficient, "qty", words("5", "BULK", "R2/1 holds 2", "OVERDUE/1 holds 1")},
		{"picked goods", move("T1", "F3", "1"), model.Insufficient, "qty",
			words("0", "R3/1 holds 2")},
		{"more than is frozen", move("F1", "F3", "4", frozen), model.InvalidState, "qty",
			words("3")},
		{"frozen together with withReservation", move("F1", "F3", "1", frozen, With("R1")),
			model.Invalid, "frozen", words("withReservation")},
		{"with one that does not hold the row", move("F1", "F3", "1", With("R2")),
			model.InvalidState, "withReservation", nil},
		{"with one that holds less", move("B1", "B2", "3", With("R2")), model.InvalidState, "qty",
			words("2")},
		{"what is pinned for others", move("T1", "F3", "1", With("R1")), model.InvalidState,
			"qty", words("0")},
		{"from a blocked bin", move("F2", "F3", "1"), model.Insufficient, "qty", words("0")},
		{"to the bin itself", move("F1", "F1", "1"), model.Invalid, "toBin", words("F1")},
		{"to no bin", move("F1", "NONE", "1"), model.NotFound, "toBin", words("NONE")},
		{"to a blocked bin", move("F1", "F2", "1"), model.InvalidState, "toBin",
			words("F2", "blocked")},
		{"frozen to a blocked bin", move("F1", "F2", "1", frozen), model.InvalidState, "toBin",
			words("F2", "blocked")},
		{"with a reservation to a blocked bin", move("F1", "F2", "1", With("R1")),
			model.InvalidState, "toBin", words("F2", "blocked")},
	}, reservations("withReservation", func(s *Site, name string) Answer {
		return s.Move("B1", "B2", "1", With(name))
	}), binRows("from", func(s *Site, at model.BinStockKey) Answer {
		return s.Move("F1", "F3", "1", func(l *model.MoveLine) { l.From = at })
	}), quantities(func(s *Site, qty string) Answer { return s.Move("F1", "F3", qty) }))
}

func adjustRefusals() []refusal {
	adjust := func(bin, delta string, edits ...func(*model.AdjustLine)) func(*Site) Answer {
		return func(s *Site) Answer { return s.Adjust(bin, delta, edits...) }
	}
	frozen := func(l *model.AdjustLine) { l.Frozen = true }
	return slices.Concat([]refusal{
		{"down by more than is free", adjust("F1", "-4"), model.Insufficient, "delta",
			words("3", "R1/1 holds 4", "3 frozen")},
		{"down by more than tier 2 can spare", adjust("B1", "-6"), model.Insufficient, "delta",
			words("5", "BULK", "R2/1 holds 2")},
		{"down by more than is frozen", adjust("F1", "-4", frozen), model.Insufficient, "delta",
			words("3", "frozen")},
		{"free stock of a blocked bin", adjust("F2", "-1"), model.Insufficient, "delta",
			words("0", "6 frozen")},
		{"a row that is not there", adjust("B2", "-1"), model.Insufficient, "delta", words("0")},
		{"too much", adjust("F1", "999999999999"), model.Invalid, "delta",
			words("1000000000009", "twelve")},
		{"a guard", adjust("F1", "1", func(l *model.AdjustLine) {
			l.ExpectedOnHand = new(9 * model.One)
		}), model.Stale, "expectedOnHand", words("10", "9")},
		{"delta 0", adjust("F1", "0"), model.Invalid, "delta", words("zero")},
		{"delta 0.5", adjust("F1", "0.5"), model.Invalid, "delta", words("0.5")},
		{"delta -0.5", adjust("F1", "-0.5"), model.Invalid, "delta", words("-0.5")},
	}, binRows("at", func(s *Site, at model.BinStockKey) Answer {
		return s.Adjust("F1", "1", func(l *model.AdjustLine) { l.At = at })
	}))
}

func countRefusals() []refusal {
	count := func(bin, counted string, edits ...func(*model.CountLine)) func(*Site) Answer {
		return func(s *Site) Answer { return s.Count(bin, counted, edits...) }
	}
	return slices.Concat([]refusal{
		{"a stale version", count("F1", "10", func(l *model.CountLine) { l.ExpectedVersion = 7 }),
			model.Stale, "expectedVersion", words("1")},
		{"0 for a row that is there", count("F1", "10",
			func(l *model.CountLine) { l.ExpectedVersion = 0 }), model.Stale, "expectedVersion",
			words("1")},
		{"a version of a row that is not there", count("B2", "10",
			func(l *model.CountLine) { l.ExpectedVersion = 1 }), model.Stale, "expectedVersion",
			words("0")},
		{"below what is pinned and frozen", count("F1", "6"), model.InvalidState, "counted",
			words("4", "3", "R1/1 holds 4")},
		{"below what tier 2 has reserved", count("B1", "2"), model.InvalidState, "counted",
			words("5", "BULK", "R2/1 holds 2", "OVERDUE/1 holds 1")},
		{"below what is frozen", count("F2", "5"), model.InvalidState, "counted", words("6")},
		{"counted -1", count("F1", "-1"), model.Invalid, "counted", words("-1")},
		{"counted 9.5", count("F1", "9.5"), model.Invalid, "counted", words("9.5")},
	}, binRows("at", func(s *Site, at model.BinStockKey) Answer {
		return s.Count("F1", "10", func(l *model.CountLine) { l.At = at })
	}))
}

func freezeRefusals() []refusal {
	freeze := func(bin, qty string) func(*Site) Answer {
		return func(s *Site) Answer { return s.Freeze(bin, qty) }
	}
	return slices.Concat([]refusal{
		{"more than is free", freeze("F1", "4"), model.Insufficient, "qty",
			words("3", "R1/1 holds 4", "3 frozen")},
		{"more than tier 2 can spare", freeze("B1", "6"), model.Insufficient, "qty",
			words("5", "BULK", "R2/1 holds 2")},
		{"picked goods", freeze("T1", "1"), model.Insufficient, "qty", words("R3/1 holds 2")},
		{"a blocked bin", freeze("F2", "1"), model.Insufficient, "qty", words("6 frozen")},
	}, binRows("at", func(s *Site, at model.BinStockKey) Answer {
		return s.Freeze("F1", "1", func(l *model.FreezeLine) { l.At = at })
	}), quantities(func(s *Site, qty string) Answer { return s.Freeze("F1", qty) }))
}

func unfreezeRefusals() []refusal {
	unfreeze := func(bin, qty string) func(*Site) Answer {
		return func(s *Site) Answer { return s.Unfreeze(bin, qty) }
	}
	return slices.Concat([]refusal{
		{"more than is frozen", unfreeze("F1", "4"), model.InvalidState, "qty", words("3")},
		{"a row that is not there", unfreeze("B2", "1"), model.InvalidState, "qty", words("0")},
		{"a blocked bin", unfreeze("F2", "1"), model.InvalidState, "at.bin",
			words("F2", "blocked")},
	}, binRows("at", func(s *Site, at model.BinStockKey) Answer {
		return s.Unfreeze("F1", "1", func(l *model.FreezeLine) { l.At = at })
	}), quantities(func(s *Site, qty string) Answer { return s.Unfreeze("F1", qty) }))
}

func blockRefusals() []refusal {
	block := func(bin string, edits ...func(*model.BlockLine)) func(*Site) Answer {
		return func(s *Site) Answer { return s.Block(bin, edits...) }
	}
	return []refusal{
		{"warehouse", block("F3", func(l *model.BlockLine) { l.Warehouse = "NONE" }),
			model.NotFound, "warehouse", words("NONE")},
		{"bin", block("NONE"), model.NotFound, "bin", words("NONE")},
		{"a staging bin", block("FAST-STAGING"), model.InvalidState, "bin", words("staging")},
		{"something is pinned there", block("F1"), model.InvalidState, "bin",
			words("4", Tea, "R1/1 holds 4", "BIN_BLOCKED")},
		{"picked goods", block("T1"), model.InvalidState, "bin", words("2", "R3/1 holds 2")},
		{"tier 2 could not spare the stock", block("B1"), model.InvalidState, "bin",
			words("5", "8", "BULK", "R2/1 holds 2", "OVERDUE/1 holds 1", "BIN_BLOCKED")},
		{"blocked already", block("F2"), model.InvalidState, "bin", words("F2")},
	}
}

func unblockRefusals() []refusal {
	unblock := func(bin string, edits ...func(*model.BlockLine)) func(*Site) Answer {
		return func(s *Site) Answer { return s.Unblock(bin, edits...) }
	}
	return []refusal{
		{"warehouse", unblock("F2", func(l *model.BlockLine) { l.Warehouse = "NONE" }),
			model.NotFound, "warehouse", words("NONE")},
		{"bin", unblock("NONE"), model.NotFound, "bin", words("NONE")},
		{"open already", unblock("F1"), model.InvalidState, "bin", words("F1")},
	}
}

func repackRefusals() []refusal {
	repack := func(bin, pack, toPack, qty string) func(*Site) Answer {
		return func(s *Site) Answer { return s.Repack(bin, pack, toPack, qty) }
	}
	return slices.Concat([]refusal{
		{"more than is free", repack("F1", "", "BOX", "6"), model.Insufficient, "qty",
			words("3", "R1/1 holds 4")},
		{"more than tier 2 can spare", repack("B1", "", "BOX", "6"), model.Insufficient, "qty",
			words("5", "BULK", "R2/1 holds 2")},
		{"toPack", repack("F1", "", "KEG", "1"), model.Invalid, "toPack", words("KEG")},
		{"into itself", repack("F1", "", "EA", "1"), model.Invalid, "toPack", nil},
		{"a remainder", repack("F1", "", "BOX", "1"), model.Invalid, "qty", words("1", "BOX")},
		{"half a case", repack("F1", "BOX", "CASE", "1"), model.Invalid, "qty",
			words("1", "CASE")},
		{"a blocked bin", repack("F2", "", "BOX", "6"), model.Insufficient, "qty",
			words("6 frozen")},
	}, binRows("at", func(s *Site, at model.BinStockKey) Answer {
		return s.Repack("F1", "", "BOX", "6", func(l *model.RepackLine) { l.At = at })
	}), quantities(func(s *Site, qty string) Answer { return s.Repack("F1", "", "BOX", qty) }))
}

func exceptionRefusals() []refusal {
	report := func(s *Site, name string) Answer {
		return s.Report(model.Damaged, "B1", "1", func(l *model.ExceptionLine) {
			l.Reservation = new(Line(name))
		})
	}
	return slices.Concat([]refusal{
		{"more than is not frozen", func(s *Site) Answer {
			return s.Report(model.Damaged, "F1", "8")
		}, model.Insufficient, "qty", words("7")},
		{"a row that is not there", func(s *Site) Answer {
			return s.Report(model.Damaged, "B2", "1")
		}, model.Insufficient, "qty", words("0")},
	}, reservations("reservation", report),
		binRows("at", func(s *Site, at model.BinStockKey) Answer {
			return s.Report(model.OtherException, "F1", "",
				func(l *model.ExceptionLine) { l.At = at })
		}), quantities(func(s *Site, qty string) Answer {
			return s.Report(model.OtherException, "F1", qty)
		}))
}
