package stocktest

import "tierstock/model"

// lineVerbs are the verbs with an order line's key.
func lineVerbs() []verbTest {
	return []verbTest{receiveCase(), reserveCase(), releaseCase(), earlyReleaseCase(), extendCase(),
		deductCase(), restoreCase(), restorePickCase()}
}

// someAudit is an audit part that differs from none: it is no content.
func someAudit() model.Audit {
	return model.Audit{Reason: "OTHER", Reference: "REF", Note: "note", OccurredAt: 1}
}

func receiveCase() verbTest {
	type line = model.ReceiveLine
	return verbCase[line]{name: "receive",
		before: func(*Site) {},
		verb:   func(s *Site) Verb[line] { return s.Tier2.Receive },
		line: func(s *Site) line {
			at := model.ZoneStockKey{Warehouse: s.Warehouse, Zone: "FAST", SKU: Flour, Batch: "L1",
				Pack: "KG"}
			return line{Key: Line("K"), At: at, Qty: s.Qty("1.50")}
		},
		fails: func(l *line) { l.Qty = 0 },
		same: edits[line]{
			"audit":               func(l *line) { l.Audit = someAudit() },
			"the unit is no pack": func(l *line) { l.At.Pack = "" },
			"staging is no bin":   func(l *line) { l.Bin = "FAST-STAGING" },
			"1.50 is 1.5":         func(l *line) { l.Qty = model.One + model.One/2 },
		},
		other: edits[line]{
			"zone":       func(l *line) { l.At.Zone = "BULK" },
			"owner":      func(l *line) { l.At.Owner = "OWN" },
			"SKU":        func(l *line) { l.At.SKU = Tea },
			"batch":      func(l *line) { l.At.Batch = "l1" },
			"pack":       func(l *line) { l.At.Pack = "SACK" },
			"qty":        func(l *line) { l.Qty++ },
			"bin":        func(l *line) { l.Bin = "F1" },
			"expiresOn":  func(l *line) { l.ExpiresOn = "2030-01-01" },
			"receivedOn": func(l *line) { l.ReceivedOn = "2020-01-01" },
		},
		legs: []string{"FAST/FLOUR:L1 1.5/0/0", "FAST-STAGING/FLOUR:L1 1.5/0/0"}}
}

func reserveCase() verbTest {
	type line = model.ReserveLine
	return verbCase[line]{name: "reserve",
		before: func(s *Site) {
			s.Receive("F1", "4")
			s.Receive("B1", "2")
		},
		verb: func(s *Site) Verb[line] { return s.Allocation.Reserve },
		line: func(s *Site) line {
			return line{Key: Line("K"), Warehouse: s.Warehouse, Item: model.Item{SKU: Tea},
				Qty: s.Qty("5"), Zones: []string{"FAST", "BULK"}, Strategy: "FEFO",
				TTLSeconds: new(int64(60))}
		},
		fails: func(l *line) { l.Qty = 7 * model.One },
		same: edits[line]{
			"audit":               func(l *line) { l.Audit = someAudit() },
			"zones are a set":     func(l *line) { l.Zones = []string{"BULK", "FAST", "BULK"} },
			"the unit is no pack": func(l *line) { l.Pack = "EA" },
			"FEFO is the default": func(l *line) { l.Strategy = "" },
		},
		other: edits[line]{
			"SKU":              func(l *line) { l.Item.SKU = Salt },
			"owner":            func(l *line) { l.Item.Owner = "OWN" },
			"qty":              func(l *line) { l.Qty = model.One },
			"zones":            func(l *line) { l.Zones = l.Zones[:1] },
			"any zone":         func(l *line) { l.Zones = nil },
			"no batch":         func(l *line) { l.Batch = new("") },
			"batch":            func(l *line) { l.Batch = new("L1") },
			"pack":             func(l *line) { l.Pack = "CASE" },
			"strategy":         func(l *line) { l.Strategy = "FIFO" },
			"any pack":         func(l *line) { l.Strategy = "FULL_PACKS" },
			"minRemainingDays": func(l *line) { l.MinRemainingDays = 1 },
			"allowPartial":     func(l *line) { l.AllowPartial = true },
			"ttlSeconds":       func(l *line) { l.TTLSeconds = new(int64(61)) },
			"no ttlSeconds":    func(l *line) { l.TTLSeconds = nil },
		},
		legs: []string{"FAST 0/4/0", "BULK 0/1/0"}}
}

func releaseCase() verbTest {
	type line = model.ReleaseLine
	return verbCase[line]{name: "release",
		before: func(s *Site) {
			s.Receive("F1", "5")
			s.Reserve("R1", "4")
			s.Reserve("R2", "1")
			s.Pin("R1", "F1", "3")
		},
		verb: func(s *Site) Verb[line] { return s.Tier2.Release },
		line: func(s *Site) line {
			return line{Key: Line("K"), Warehouse: s.Warehouse, Reservation: new(Line("R1")),
				Qty: new(s.Qty("2"))}
		},
		fails: func(l *line) { l.Qty = new(5 * model.One) },
		same: edits[line]{
			"audit": func(l *line) { l.Audit = someAudit() },
			"hint":  func(l *line) { l.SKU = Tea },
		},
		other: edits[line]{
			"qty":                  func(l *line) { l.Qty = new(model.One) },
			"all":                  func(l *line) { l.Qty = nil },
			"reservation":          func(l *line) { l.Reservation = new(Line("R2")) },
			"its own reservation":  func(l *line) { l.Reservation = nil },
			"reservation revision": func(l *line) { l.Reservation.Revision = 1 },
		},
		legs: []string{"FAST 0/-2/0", "F1 0/-1/0"}}
}

// earlyReleaseCase comes before its reserve and touches no row.
func earlyReleaseCase() verbTest {
	type line = model.ReleaseLine
	return verbCase[line]{name: "release before reserve",
		before: func(*Site) {},
		verb:   func(s *Site) Verb[line] { return s.Tier2.Release },
		line:   func(s *Site) line { return line{Key: Line("K"), Warehouse: s.Warehouse} },
		fails:  func(l *line) { l.Qty = new(model.One) },
		same: edits[line]{
			"its own reservation": func(l *line) { l.Reservation = new(Line("K")) },
			"hint":                func(l *line) { l.SKU = Salt },
		},
		other: edits[line]{
			"qty":         func(l *line) { l.Qty = new(model.One) },
			"reservation": func(l *line) { l.Reservation = new(Line("R2")) },
		}}
}

func extendCase() verbTest {
	type line = model.ExtendLine
	return verbCase[line]{name: "extend",
		before: func(s *Site) {
			s.Receive("F1", "4")
			s.Reserve("R1", "2", ttl(60))
			s.Reserve("R2", "2", ttl(60))
		},
		verb: func(s *Site) Verb[line] { return s.Tier2.Extend },
		line: func(s *Site) line {
			return line{Key: Line("K"), Warehouse: s.Warehouse, Reservation: Line("R1"),
				TTLSeconds: 30}
		},
		fails: func(l *line) { l.TTLSeconds = 0 },
		same:  edits[line]{"audit": func(l *line) { l.Audit = someAudit() }},
		other: edits[line]{
			"ttlSeconds":  func(l *line) { l.TTLSeconds = 31 },
			"reservation": func(l *line) { l.Reservation = Line("R2") },
		}}
}

// ttl is an edit that gives a reservation a time to live.
func ttl(seconds int64) func(*model.ReserveLine) {
	return func(line *model.ReserveLine) { line.TTLSeconds = &seconds }
}

func deductCase() verbTest {
	type line = model.DeductLine
	return verbCase[line]{name: "deduct",
		before: func(s *Site) {
			s.Receive("F1", "4")
			s.Receive("F2", "4")
			s.Reserve("K", "6")
			s.Pin("K", "F2", "1")
		},
		verb: func(s *Site) Verb[line] { return s.Tier2.Deduct },
		line: func(s *Site) line {
			return line{Key: Line("K"), Warehouse: s.Warehouse, Qty: new(s.Qty("4")),
				CloseRemainder: true}
		},
		fails: func(l *line) { l.Qty = new(7 * model.One) },
		same: edits[line]{
			"audit":               func(l *line) { l.Audit = someAudit() },
			"hint":                func(l *line) { l.SKU = Tea },
			"its own reservation": func(l *line) { l.Reservation = new(Line("K")) },
		},
		other: edits[line]{
			"qty":            func(l *line) { l.Qty = new(model.One) },
			"all":            func(l *line) { l.Qty = nil },
			"closeRemainder": func(l *line) { l.CloseRemainder = false },
			"reservation":    func(l *line) { l.Reservation = new(Line("R2")) },
		},
		legs: []string{"FAST -4/-6/0", "F2 -1/-1/0", "F1 -3/0/0"}}
}

func restoreCase() verbTest {
	type line = model.RestoreLine
	return verbCase[line]{name: "restore",
		before: func(s *Site) {
			s.Receive("F1", "4")
			s.Reserve("K", "4")
			s.Deduct("K", "3", func(l *model.DeductLine) { l.Key = Line("K") })
		},
		verb: func(s *Site) Verb[line] { return s.Tier2.Restore },
		line: func(s *Site) line {
			return line{Key: Line("K"), Warehouse: s.Warehouse, Qty: new(s.Qty("2"))}
		},
		fails: func(l *line) { l.Qty = new(4 * model.One) },
		same: edits[line]{
			"audit":             func(l *line) { l.Audit = someAudit() },
			"hint":              func(l *line) { l.SKU = Tea },
			"its own deduction": func(l *line) { l.Deduction = new(Line("K")) },
		},
		other: edits[line]{
			"qty":       func(l *line) { l.Qty = new(model.One) },
			"all":       func(l *line) { l.Qty = nil },
			"deduction": func(l *line) { l.Deduction = new(Line("R2")) },
			"pick":      func(l *line) { l.Pick = &model.TaskKey{JobType: "SO", TaskID: "K"} },
		},
		legs: []string{"FAST 2/0/0", "F1 2/0/0"}}
}

func restorePickCase() verbTest {
	type line = model.RestoreLine
	key := model.TaskKey{JobType: "FLOOR", TaskID: "P", Revision: 1}
	return verbCase[line]{name: "restore a pick",
		before: func(s *Site) {
			s.Receive("F1", "4")
			s.Reserve("R1", "4")
			s.Pick("R1", "F1", "3", "", func(l *model.PickLine) { l.Key = key })
		},
		verb: func(s *Site) Verb[line] { return s.Tier2.Restore },
		line: func(s *Site) line {
			return line{Key: Line("K"), Warehouse: s.Warehouse, Pick: new(key)}
		},
		fails: func(l *line) { l.Qty = new(4 * model.One) },
		same: edits[line]{
			"audit": func(l *line) { l.Audit = someAudit() },
			"hint":  func(l *line) { l.SKU = Tea },
		},
		other: edits[line]{
			"qty":           func(l *line) { l.Qty = new(model.One) },
			"pick":          func(l *line) { l.Pick.TaskID = "Q" },
			"pick job type": func(l *line) { l.Pick.JobType = "Q" },
			"pick revision": func(l *line) { l.Pick.Revision = 2 },
			"deduction":     func(l *line) { l.Pick = nil },
			"both":          func(l *line) { l.Deduction = new(Line("R2")) },
		},
		legs: []string{"FAST 3/0/0", "F1 3/0/0"}}
}
