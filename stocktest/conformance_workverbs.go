package stocktest

import (
	"strconv"

	"tierstock/model"
)

// taskK is the key that the cases of task verbs come under.
func taskK() model.TaskKey { return model.TaskKey{JobType: "FLOOR", TaskID: "K"} }

// workVerbs are the verbs of floor work for reservations.
func workVerbs() []verbTest {
	return []verbTest{pinCase(), unpinCase(), pickCase(), pickToCase(), shortCase(), moveCase(),
		moveHeldCase()}
}

// heldTea is 4 in F1, 4 in F2 and 4 in B1, of which R1 holds 6 in FAST and has 3 pinned in F1.
func heldTea(s *Site) {
	s.t.Helper()
	s.Receive("F1", "4").OK()
	s.Receive("F2", "4").OK()
	s.Receive("B1", "4").OK()
	s.Reserve("R1", "6").OK()
	s.Reserve("R2", "1").OK()
	s.Pin("R1", "F1", "3").OK()
}

func pinCase() verbTest {
	type line = model.PinLine
	return verbCase[line]{name: "pin",
		before: heldTea,
		verb:   func(s *Site) Verb[line] { return s.Tier3.Pin },
		line: func(s *Site) line {
			return line{Key: taskK(), Warehouse: s.Warehouse, Reservation: Line("R1"),
				Qty: new(s.Qty("2"))}
		},
		fails: func(l *line) { l.Qty = new(4 * model.One) },
		same:  edits[line]{"audit": func(l *line) { l.Audit = someAudit() }},
		other: edits[line]{
			"reservation": func(l *line) { l.Reservation = Line("R2") },
			"bin":         func(l *line) { l.Bin = "F1" },
			"qty":         func(l *line) { l.Qty = new(model.One) },
			"all":         func(l *line) { l.Qty = nil },
		},
		legs: []string{"F1 0/1/0", "F2 0/1/0"}}
}

func unpinCase() verbTest {
	type line = model.UnpinLine
	return verbCase[line]{name: "unpin",
		before: heldTea,
		verb:   func(s *Site) Verb[line] { return s.Tier3.Unpin },
		line: func(s *Site) line {
			return line{Key: taskK(), Warehouse: s.Warehouse, Task: s.taskIn("F1")}
		},
		fails: func(l *line) { l.Task = "1" },
		same:  edits[line]{"audit": func(l *line) { l.Audit = someAudit() }},
		other: edits[line]{"task": func(l *line) { l.Task += "1" }},
		legs:  []string{"F1 0/-3/0"}}
}

// taskIn is the id of the only task in a bin.
func (s *Site) taskIn(bin string) string {
	s.t.Helper()
	for _, task := range s.tasks(s.t.Context()) {
		if task.Bin == bin {
			return strconv.FormatInt(task.ID, 10)
		}
	}
	s.t.Fatalf("no task in %s", bin)
	return ""
}

func pickCase() verbTest {
	type line = model.PickLine
	return verbCase[line]{name: "pick",
		before: heldTea,
		verb:   func(s *Site) Verb[line] { return s.Tier3.Pick },
		line: func(s *Site) line {
			return line{Key: taskK(), Reservation: Line("R1"), From: s.InBin("F1"), Qty: s.Qty("2")}
		},
		fails: func(l *line) { l.Qty = 5 * model.One },
		same: edits[line]{
			"audit":               func(l *line) { l.Audit = someAudit() },
			"the unit is no pack": func(l *line) { l.From.Pack = "EA" },
		},
		other: edits[line]{
			"reservation": func(l *line) { l.Reservation = Line("R2") },
			"bin":         func(l *line) { l.From.Bin = "F2" },
			"owner":       func(l *line) { l.From.Owner = "OWN" },
			"SKU":         func(l *line) { l.From.SKU = Salt },
			"batch":       func(l *line) { l.From.Batch = "L1" },
			"pack":        func(l *line) { l.From.Pack = "CASE" },
			"qty":         func(l *line) { l.Qty = model.One },
			"toBin":       func(l *line) { l.ToBin = "T1" },
			"short":       func(l *line) { l.Short = true },
		},
		legs: []string{"F1 -2/-2/0", "FAST -2/-2/0"}}
}

func pickToCase() verbTest {
	type line = model.PickLine
	return verbCase[line]{name: "pick to a bin of another zone",
		before: heldTea,
		verb:   func(s *Site) Verb[line] { return s.Tier3.Pick },
		line: func(s *Site) line {
			return line{Key: taskK(), Reservation: Line("R1"), From: s.InBin("F1"), Qty: s.Qty("2"),
				ToBin: "T2"}
		},
		fails: func(l *line) { l.ToBin = "NONE" },
		same:  edits[line]{"audit": func(l *line) { l.Audit = someAudit() }},
		other: edits[line]{
			"toBin":    func(l *line) { l.ToBin = "T1" },
			"no toBin": func(l *line) { l.ToBin = "" },
		},
		legs: []string{"F1 -2/-2/0", "T2 2/2/0", "FAST -2/-2/0", "BULK 2/2/0"}}
}

func shortCase() verbTest {
	type line = model.PickLine
	return verbCase[line]{name: "short pick",
		before: heldTea,
		verb:   func(s *Site) Verb[line] { return s.Tier3.Pick },
		line: func(s *Site) line {
			return line{Key: taskK(), Reservation: Line("R1"), From: s.InBin("F1"), Qty: s.Qty("1"),
				Short: true}
		},
		fails: func(l *line) { l.Qty = 5 * model.One },
		same:  edits[line]{"audit": func(l *line) { l.Audit = someAudit() }},
		other: edits[line]{"short": func(l *line) { l.Short = false }},
		// With 2 let go, FAST can spare the 3 that are left in F1, and then no more.
		legs: []string{"F1 -1/-3/3", "B1 0/2/0", "FAST -1/-3/3", "BULK 0/2/0"}}
}

func moveCase() verbTest {
	type line = model.MoveLine
	return verbCase[line]{name: "move",
		before: func(s *Site) {
			s.Receive("F1", "5")
			s.Freeze("F1", "2")
			s.Reserve("R1", "1")
		},
		verb: func(s *Site) Verb[line] { return s.Tier3.Move },
		line: func(s *Site) line {
			return line{Key: taskK(), From: s.InBin("F1"), ToBin: "B1", Qty: s.Qty("2")}
		},
		fails: func(l *line) { l.Qty = 3 * model.One },
		same: edits[line]{
			"audit":               func(l *line) { l.Audit = someAudit() },
			"the unit is no pack": func(l *line) { l.From.Pack = "EA" },
		},
		other: edits[line]{
			"bin":             func(l *line) { l.From.Bin = "F2" },
			"owner":           func(l *line) { l.From.Owner = "OWN" },
			"SKU":             func(l *line) { l.From.SKU = Salt },
			"batch":           func(l *line) { l.From.Batch = "L1" },
			"pack":            func(l *line) { l.From.Pack = "CASE" },
			"qty":             func(l *line) { l.Qty = model.One },
			"toBin":           func(l *line) { l.ToBin = "B2" },
			"frozen":          func(l *line) { l.Frozen = true },
			"withReservation": func(l *line) { l.WithReservation = new(Line("R1")) },
		},
		legs: []string{"F1 -2/0/0", "B1 2/0/0", "FAST -2/0/0", "BULK 2/0/0"}}
}

// moveHeldCase stays inside a zone: it "has no tier-2 leg".
func moveHeldCase() verbTest {
	type line = model.MoveLine
	return verbCase[line]{name: "move inside a zone with a reservation",
		before: heldTea,
		verb:   func(s *Site) Verb[line] { return s.Tier3.Move },
		line: func(s *Site) line {
			return line{Key: taskK(), From: s.InBin("F1"), ToBin: "F3", Qty: s.Qty("4"),
				WithReservation: new(Line("R1"))}
		},
		fails: func(l *line) { l.WithReservation = new(Line("R2")) },
		same:  edits[line]{"audit": func(l *line) { l.Audit = someAudit() }},
		other: edits[line]{
			"withReservation":    func(l *line) { l.WithReservation = new(Line("R2")) },
			"no withReservation": func(l *line) { l.WithReservation = nil },
		},
		legs: []string{"F1 -4/-3/0", "F3 4/3/0"}}
}
