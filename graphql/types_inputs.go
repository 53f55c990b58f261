package graphql

// addInputs adds the contract's input types, in its words.
func addInputs(b *builder) {
	addKeyInputs(b)
	addStockInputs(b)
	addFloorInputs(b)
	addMasterInputs(b)
	addFilterInputs(b)
}

func addKeyInputs(b *builder) {
	b.input("LineKey", "Tier-2 idempotency key. One effect per (warehouse, action, jobType, "+
		"orderId, lineId, revision), for ever. revision is raised when the same line is "+
		"legitimately asked for again (reserve, release, reserve).",
		`jobType: Code!, orderId: Code!, lineId: Code!, revision: Long = "0"`)
	b.input("TaskKey", "Tier-3 idempotency key. One effect per (warehouse, action, jobType, "+
		"taskId, revision), for ever.",
		`jobType: Code!, taskId: Code!, revision: Long = "0"`)
	b.input("ZoneStockKey", "Tier-2 row: zone + owner + SKU + batch + pack. owner and batch left "+
		"out mean 'none', one value, never NULL; pack left out means the SKU's base unit.",
		`warehouse: Code!, zone: Code!, sku: Code!, owner: Label, batch: Label, pack: Label`)
	b.input("BinStockKey", "Tier-3 row: bin + owner + SKU + batch + pack. A bin code is unique in "+
		"its warehouse; totes and tote cells are bins.",
		`warehouse: Code!, bin: Code!, sku: Code!, owner: Label, batch: Label, pack: Label`)
	b.input("Audit", "Why and when, for people; never part of what makes two calls the same.",
		`reason: Reason, reference: Code, note: Text, occurredAt: DateTime`)
}

func addStockInputs(b *builder) {
	b.input("ReceiveLine", "Physical goods come in. Without bin they land in the zone's staging "+
		"bin. expiresOn needs a batch; the first date given stays, another later is INVALID. "+
		"receivedOn left out is today.",
		`key: LineKey!, at: ZoneStockKey!, qty: Decimal!, bin: Code, expiresOn: Date, `+
			`receivedOn: Date, audit: Audit`)
	b.input("ReserveLine", "Hold stock for an order line. zones, batch and pack narrow the choice "+
		`(batch left out is any, "" is none); strategy names a strategy or a rule set. Without `+
		"ttlSeconds it never expires. priority and channel are for rules to look at.",
		`key: LineKey!, warehouse: Code!, sku: Code!, qty: Decimal!, owner: Label, `+
			`zones: [Code!], batch: Label, pack: Label, strategy: Code, minRemainingDays: Int, `+
			`allowPartial: Boolean = false, ttlSeconds: Int, audit: Audit, priority: Int = 0, `+
			`channel: Label`)
	b.input("ReleaseLine", "Give held stock back. reservation left out means the reservation of "+
		"this same key; qty left out means all that is open. sku is a hint that saves a look-up; "+
		"where given it must be right.",
		`key: LineKey!, warehouse: Code!, reservation: LineKey, sku: Code, qty: Decimal, `+
			`audit: Audit`)
	b.input("ExtendLine", "A new time to live, counted from now.",
		`key: LineKey!, warehouse: Code!, reservation: LineKey!, ttlSeconds: Int!, audit: Audit`)
	b.input("DeductLine", "Held stock leaves the warehouse. reservation, sku and qty as in "+
		"ReleaseLine; closeRemainder releases the rest.",
		`key: LineKey!, warehouse: Code!, reservation: LineKey, sku: Code, qty: Decimal, `+
			`closeRemainder: Boolean = false, audit: Audit`)
	b.input("RestoreLine", "What left comes back as free stock; never more than left under that "+
		"key. Names either a deduction (left out: this same key) or a pick.",
		`key: LineKey!, warehouse: Code!, deduction: LineKey, pick: TaskKey, sku: Code, `+
			`qty: Decimal, audit: Audit`)
}

func addFloorInputs(b *builder) {
	b.input("PinLine", "Tie what a reservation holds to bins, one task per bin row. Without bin "+
		"the engine chooses; qty left out means all that is held and not pinned.",
		`key: TaskKey!, warehouse: Code!, reservation: LineKey!, bin: Code, qty: Decimal, `+
			`audit: Audit`)
	b.input("UnpinLine", "Cancel a task (its id); the reservation keeps its hold. The tasks of "+
		"one pin share its key's taskId; a part that moves gets a task of its own; a pick "+
		"advances the task of its key first.",
		`key: TaskKey!, warehouse: Code!, task: ID!, audit: Audit`)
	b.input("PickLine", "A worker took goods from a bin for a reservation. Without toBin they "+
		"leave both tiers; with toBin (a tote, a packing station) they move there and stay held. "+
		"short: the bin did not have the rest.",
		`key: TaskKey!, reservation: LineKey!, from: BinStockKey!, qty: Decimal!, toBin: Code, `+
			`short: Boolean = false, audit: Audit`)
	b.input("MoveLine", "Bin to bin. Free stock unless withReservation names whose pinned or held "+
		"stock goes along, or frozen moves frozen stock, which stays frozen.",
		`key: TaskKey!, from: BinStockKey!, toBin: Code!, qty: Decimal!, `+
			`withReservation: LineKey, frozen: Boolean = false, audit: Audit`)
	b.input("AdjustLine", "A signed change with a reason; frozen takes from, or adds, frozen "+
		"stock. expectedOnHand, where given, must be current.",
		`key: TaskKey!, at: BinStockKey!, delta: Decimal!, frozen: Boolean = false, `+
			`expectedOnHand: Decimal, audit: Audit!`)
	b.input("CountLine", "Blind count: counted is absolute and may be 0; expectedVersion is the "+
		`row's version when counting began, "0" for a row that is not there.`,
		`key: TaskKey!, at: BinStockKey!, counted: Decimal!, expectedVersion: Long!, audit: Audit`)
	b.input("FreezeLine", "Take stock out of what may be promised, without moving it.",
		`key: TaskKey!, at: BinStockKey!, qty: Decimal!, audit: Audit!`)
	b.input("BlockLine", "Freezes all that is in the bin and lets nothing in. Unblocking opens it "+
		"again; what is in it stays frozen until someone who looked unfreezes it. With stock in "+
		"it that is pinned, or that tier 2 could not spare: INVALID_STATE, and "+
		"reportException(BIN_BLOCKED) finds other stock for the holders.",
		`key: TaskKey!, warehouse: Code!, bin: Code!, audit: Audit!`)
	b.input("RepackLine", "qty packs of `at`, free ones, become toPack by the SKU's pack sizes; a "+
		"remainder is INVALID.",
		`key: TaskKey!, at: BinStockKey!, toPack: Label!, qty: Decimal!, audit: Audit`)
	b.input("ExceptionLine", "What is wrong with a bin row.",
		`key: TaskKey!, kind: ExceptionKind!, at: BinStockKey!, qty: Decimal, `+
			`reservation: LineKey, audit: Audit`)
}

func addMasterInputs(b *builder) {
	b.input("SkuInput", "A field left out keeps its value, or gets the value named here when the "+
		"row is new. A new SKU: unit EA, decimals 0, no packs, active.",
		`code: Code!, name: Text, unit: Code, decimals: Int, packs: [PackInput!], active: Boolean`)
	b.input("PackInput", "numerator/denominator base units per pack: a case of 12 is 12/1.",
		`code: Code!, numerator: Long!, denominator: Long = "1"`)
	b.input("WarehouseInput", "New: timezone UTC, priority 0. Higher priority goes first. "+
		"latitude and longitude, in degrees, come together; dailyLines: how many order lines it "+
		"takes a day, 0 for any number.",
		`code: Code!, name: Text, timezone: Code, region: Code, priority: Int, `+
			`latitude: Decimal, longitude: Decimal, dailyLines: Int`)
	b.input("ZoneInput", "New: allocatable, priority 0. A zone comes with its "+
		"staging bin. pool: the activity that its stock is kept for; others are never promised it.",
		`warehouse: Code!, code: Code!, name: Text, allocatable: Boolean, priority: Int, `+
			`pool: Label`)
	b.input("BinInput", "New: STORAGE, pickSequence 0. parent: the tote of a cell, in the same "+
		"zone.",
		`warehouse: Code!, zone: Code!, code: Code!, kind: BinKind, pickSequence: Int, `+
			`parent: Code`)
	b.input("BatchInput", "Corrects an expiry date, or holds a whole batch back (a recall): a "+
		"batch on hold is not promised. pool: the activity that it is kept for, instead of its zone's.",
		`warehouse: Code!, owner: Label, sku: Code!, batch: Code!, expiresOn: Date, `+
			`hold: Boolean, pool: Label`)
}

func addFilterInputs(b *builder) {
	b.input("StockFilter", "Narrows a list of stock rows.",
		`zones: [Code!], bins: [Code!], skus: [Code!], owner: Label, batch: Label, pack: Label, `+
			`expiresBefore: Date, onlyAvailable: Boolean`)
	b.input("FlowFilter", "orderId, taskId, sku, bin and reservation are indexed; other "+
		"combinations need from and to (of recordedAt) within 31 days, or they are TOO_COSTLY; "+
		"afterSeq alone is a plain read of the feed.",
		`reservation: ID, tier: Tier, actions: [Action!], jobType: Code, orderId: Code, `+
			`lineId: Code, taskId: Code, zone: Code, bin: Code, sku: Code, batch: Label, `+
			`afterSeq: Long, from: DateTime, to: DateTime`)
	b.input("ReservationFilter", "Narrows a list of reservations.",
		`orderId: Code, sku: Code, zone: Code, states: [ReservationState!]`)
	b.input("TaskFilter", "Narrows a list of tasks.",
		`kinds: [TaskKind!], orderId: Code, zone: Code, bin: Code, states: [TaskState!]`)
}
