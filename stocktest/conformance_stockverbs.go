package stocktest

import "tierstock/model"

// stockVerbs are the verbs that change what lies in bins.
func stockVerbs() []verbTest {
	return []verbTest{adjustCase(), countCase(), sameCountCase(), freezeCase(), unfreezeCase(),
		blockCase(), blockEmptyCase(), unblockCase(), repackCase(), exceptionCase(),
		otherExceptionCase()}
}

// flour is the row of FLOUR in F1, in its own unit.
func flour(s *Site) model.BinStockKey {
	return model.BinStockKey{Warehouse: s.Warehouse, Bin: "F1", SKU: Flour, Pack: "KG"}
}

// receiveFlour brings FLOUR into F1.
func receiveFlour(qty string) func(*Site) {
	return func(s *Site) {
		s.t.Helper()
		s.Receive("F1", qty, func(l *model.ReceiveLine) { l.At.SKU = Flour }).OK()
	}
}

func adjustCase() verbTest {
	type line = model.AdjustLine
	return verbCase[line]{name: "adjust",
		before: receiveFlour("2"),
		verb:   func(s *Site) Verb[line] { return s.Tier3.Adjust },
		line: func(s *Site) line {
			return line{Key: taskK(), At: flour(s), Delta: s.Qty("-0.50")}
		},
		fails: func(l *line) { l.Delta = -3 * model.One },
		same: edits[line]{
			"audit":               func(l *line) { l.Audit = someAudit() },
			"a guard":             func(l *line) { l.ExpectedOnHand = new(9 * model.One) },
			"the unit is no pack": func(l *line) { l.At.Pack = "" },
		},
		other: edits[line]{
			"bin":    func(l *line) { l.At.Bin = "F2" },
			"owner":  func(l *line) { l.At.Owner = "OWN" },
			"SKU":    func(l *line) { l.At.SKU = Tea },
			"batch":  func(l *line) { l.At.Batch = "L1" },
			"pack":   func(l *line) { l.At.Pack = "SACK" },
			"delta":  func(l *line) { l.Delta = -l.Delta },
			"frozen": func(l *line) { l.Frozen = true },
		},
		legs: []string{"F1/FLOUR -0.5/0/0", "FAST/FLOUR -0.5/0/0"}}
}

func countCase() verbTest {
	type line = model.CountLine
	return verbCase[line]{name: "count",
		before: receiveFlour("2"),
		verb:   func(s *Site) Verb[line] { return s.Tier3.Count },
		line: func(s *Site) line {
			return line{Key: taskK(), At: flour(s), Counted: s.Qty("2.5"), ExpectedVersion: 1}
		},
		fails: func(l *line) { l.ExpectedVersion = 0 },
		same: edits[line]{
			"audit":               func(l *line) { l.Audit = someAudit() },
			"a guard":             func(l *line) { l.ExpectedVersion = 9 },
			"the unit is no pack": func(l *line) { l.At.Pack = "" },
		},
		other: edits[line]{
			"bin":     func(l *line) { l.At.Bin = "F2" },
			"pack":    func(l *line) { l.At.Pack = "SACK" },
			"counted": func(l *line) { l.Counted = 0 },
		},
		legs: []string{"F1/FLOUR 0.5/0/0", "FAST/FLOUR 0.5/0/0"}}
}

// sameCountCase: "Counting what the book says is APPLIED, with a flow of zero deltas".
func sameCountCase() verbTest {
	type line = model.CountLine
	return verbCase[line]{name: "count what is there",
		before: receiveFlour("2"),
		verb:   func(s *Site) Verb[line] { return s.Tier3.Count },
		line: func(s *Site) line {
			return line{Key: taskK(), At: flour(s), Counted: s.Qty("2"), ExpectedVersion: 1}
		},
		fails: func(l *line) { l.Counted = -1 },
		legs:  []string{"F1/FLOUR 0/0/0", "FAST/FLOUR 0/0/0"}}
}

func freezeCase() verbTest {
	type line = model.FreezeLine
	return verbCase[line]{name: "freeze",
		before: receiveFlour("2"),
		verb:   func(s *Site) Verb[line] { return s.Tier3.Freeze },
		line:   func(s *Site) line { return line{Key: taskK(), At: flour(s), Qty: s.Qty("1.5")} },
		fails:  func(l *line) { l.Qty = 3 * model.One },
		same: edits[line]{
			"audit":               func(l *line) { l.Audit = someAudit() },
			"the unit is no pack": func(l *line) { l.At.Pack = "" },
		},
		other: edits[line]{
			"bin": func(l *line) { l.At.Bin = "F2" },
			"qty": func(l *line) { l.Qty = model.One },
		},
		legs: []string{"F1/FLOUR 0/0/1.5", "FAST/FLOUR 0/0/1.5"}}
}

func unfreezeCase() verbTest {
	type line = model.FreezeLine
	return verbCase[line]{name: "unfreeze",
		before: func(s *Site) {
			s.Receive("F1", "2")
			s.Freeze("F1", "2")
		},
		verb:  func(s *Site) Verb[line] { return s.Tier3.Unfreeze },
		line:  func(s *Site) line { return line{Key: taskK(), At: s.InBin("F1"), Qty: s.Qty("1")} },
		fails: func(l *line) { l.Qty = 3 * model.One },
		same:  edits[line]{"audit": func(l *line) { l.Audit = someAudit() }},
		other: edits[line]{"qty": func(l *line) { l.Qty = 2 * model.One }},
		legs:  []string{"F1 0/0/-1", "FAST 0/0/-1"}}
}

func blockCase() verbTest {
	type line = model.BlockLine
	return verbCase[line]{name: "block",
		before: func(s *Site) {
			s.Receive("F1", "3")
			s.Freeze("F1", "1")
			receiveFlour("2")(s)
		},
		verb:  func(s *Site) Verb[line] { return s.Tier3.Block },
		line:  func(s *Site) line { return line{Key: taskK(), Warehouse: s.Warehouse, Bin: "F1"} },
		fails: func(l *line) { l.Bin = "NONE" },
		same:  edits[line]{"audit": func(l *line) { l.Audit = someAudit() }},
		other: edits[line]{"bin": func(l *line) { l.Bin = "F2" }},
		legs:  []string{"F1 0/0/2", "F1/FLOUR 0/0/2", "FAST 0/0/2", "FAST/FLOUR 0/0/2"}}
}

// blockEmptyCase touches no row.
func blockEmptyCase() verbTest {
	type line = model.BlockLine
	return verbCase[line]{name: "block an empty bin",
		before: func(*Site) {},
		verb:   func(s *Site) Verb[line] { return s.Tier3.Block },
		line:   func(s *Site) line { return line{Key: taskK(), Warehouse: s.Warehouse, Bin: "F1"} },
		fails:  func(l *line) { l.Bin = "FAST-STAGING" }}
}

// unblockCase "opens the bin and unfreezes nothing".
func unblockCase() verbTest {
	type line = model.BlockLine
	return verbCase[line]{name: "unblock",
		before: func(s *Site) {
			s.Receive("F1", "3")
			s.Block("F1")
		},
		verb:  func(s *Site) Verb[line] { return s.Tier3.Unblock },
		line:  func(s *Site) line { return line{Key: taskK(), Warehouse: s.Warehouse, Bin: "F1"} },
		fails: func(l *line) { l.Bin = "F2" },
		other: edits[line]{"bin": func(l *line) { l.Bin = "F2" }},
		legs:  []string{"F1 0/0/0", "FAST 0/0/0"}}
}

func repackCase() verbTest {
	type line = model.RepackLine
	return verbCase[line]{name: "repack",
		before: func(s *Site) { s.Receive("F1", "2", func(l *model.ReceiveLine) { l.At.Pack = "CASE" }) },
		verb:   func(s *Site) Verb[line] { return s.Tier3.Repack },
		line: func(s *Site) line {
			at := s.InBin("F1")
			at.Pack = "CASE"
			return line{Key: taskK(), At: at, ToPack: "EA", Qty: s.Qty("1")}
		},
		fails: func(l *line) { l.Qty = 3 * model.One },
		same: edits[line]{
			"audit":               func(l *line) { l.Audit = someAudit() },
			"the unit is no pack": func(l *line) { l.ToPack = "" },
		},
		other: edits[line]{
			"bin":    func(l *line) { l.At.Bin = "F2" },
			"pack":   func(l *line) { l.At.Pack = "BOX" },
			"toPack": func(l *line) { l.ToPack = "BOX" },
			"qty":    func(l *line) { l.Qty = 2 * model.One },
		},
		legs: []string{"F1*CASE -1/0/0", "F1 12/0/0", "FAST*CASE -1/0/0", "FAST 12/0/0"}}
}

func exceptionCase() verbTest {
	type line = model.ExceptionLine
	return verbCase[line]{name: "exception",
		before: heldTea,
		verb:   func(s *Site) Verb[line] { return s.Tier3.Report },
		line: func(s *Site) line {
			return line{Key: taskK(), Kind: model.Damaged, At: s.InBin("F1"), Qty: new(s.Qty("2"))}
		},
		fails: func(l *line) { l.Qty = new(5 * model.One) },
		same: edits[line]{
			"audit":               func(l *line) { l.Audit = someAudit() },
			"the unit is no pack": func(l *line) { l.At.Pack = "EA" },
		},
		other: edits[line]{
			"kind":        func(l *line) { l.Kind = model.WrongBatch },
			"bin":         func(l *line) { l.At.Bin = "F2" },
			"qty":         func(l *line) { l.Qty = new(model.One) },
			"all":         func(l *line) { l.Qty = nil },
			"reservation": func(l *line) { l.Reservation = new(Line("R1")) },
		},
		// 1 in F1 is free; FAST can then spare what the pin on the other lets go, and no more.
		legs: []string{"F1 0/-1/2", "B1 0/1/0", "FAST 0/-1/2", "BULK 0/1/0"}}
}

// otherExceptionCase touches no row.
func otherExceptionCase() verbTest {
	type line = model.ExceptionLine
	return verbCase[line]{name: "other exception",
		before: heldTea,
		verb:   func(s *Site) Verb[line] { return s.Tier3.Report },
		line: func(s *Site) line {
			return line{Key: taskK(), Kind: model.OtherException, At: s.InBin("F1"),
				Reservation: new(Line("R1"))}
		},
		fails: func(l *line) { l.At.Bin = "NONE" },
		other: edits[line]{"kind": func(l *line) { l.Kind = model.Overage }}}
}
