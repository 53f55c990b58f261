package model

// Code is the business outcome of one line; the contract's ResultCode.
type Code string

// The outcomes. Applied, Replayed and Partial are successes; the others wrote nothing.
const (
	Applied      Code = "APPLIED"
	Replayed     Code = "REPLAYED"
	Partial      Code = "PARTIAL"
	Insufficient Code = "INSUFFICIENT"
	KeyConflict  Code = "KEY_CONFLICT"
	Cancelled    Code = "CANCELLED"
	Stale        Code = "STALE"
	NotFound     Code = "NOT_FOUND"
	Invalid      Code = "INVALID"
	InvalidState Code = "INVALID_STATE"
	Forbidden    Code = "FORBIDDEN"
	Busy         Code = "BUSY"
	Skipped      Code = "SKIPPED"
	TooOld       Code = "TOO_OLD"
)

// Codes are all outcomes, in the contract's order.
var Codes = []Code{Applied, Replayed, Partial, Insufficient, KeyConflict, Cancelled, Stale,
	NotFound, Invalid, InvalidState, Forbidden, Busy, Skipped, TooOld}

// Succeeded says whether the line's effect is in the ledger.
func (c Code) Succeeded() bool { return c == Applied || c == Replayed || c == Partial }

// Retryable says whether the same line may succeed later as it is.
func (c Code) Retryable() bool {
	return c == Busy || c == Stale || c == Insufficient || c == Skipped
}

// Action is the verb of an effect, and part of its key.
type Action string

// The verbs.
const (
	Receive   Action = "RECEIVE"
	Reserve   Action = "RESERVE"
	Release   Action = "RELEASE"
	Extend    Action = "EXTEND"
	Expire    Action = "EXPIRE"
	Deduct    Action = "DEDUCT"
	Restore   Action = "RESTORE"
	Pin       Action = "PIN"
	Unpin     Action = "UNPIN"
	Pick      Action = "PICK"
	Move      Action = "MOVE"
	Adjust    Action = "ADJUST"
	Count     Action = "COUNT"
	Freeze    Action = "FREEZE"
	Unfreeze  Action = "UNFREEZE"
	Block     Action = "BLOCK"
	Unblock   Action = "UNBLOCK"
	Repack    Action = "REPACK"
	Exception Action = "EXCEPTION"
	Repair    Action = "REPAIR"
)

// Actions are all verbs, in the contract's order.
var Actions = []Action{Receive, Reserve, Release, Extend, Expire, Deduct, Restore, Pin, Unpin,
	Pick, Move, Adjust, Count, Freeze, Unfreeze, Block, Unblock, Repack, Exception, Repair}

// Tier says which ledger a stock row belongs to.
type Tier string

// Tier 2 holds what may be promised, tier 3 where it lies.
const (
	ZoneTier Tier = "ZONE"
	BinTier  Tier = "BIN"
)

// Reason is why stock changed, for people and reports.
type Reason string

// Reasons are all reasons of the contract.
var Reasons = []Reason{"ORDER", "ASN", "RETURN", "COUNT", "DAMAGE", "EXPIRY", "QUALITY_HOLD",
	"RECALL", "LOSS", "FOUND", "MISPICK", "REPLENISH", "RECONCILE", "SYNC", "OTHER"}

// ReservationState says what ended the last of a reservation, or that it is open.
type ReservationState string

// The states of a reservation. Cancelled is one whose release came before it.
const (
	ReservationOpen      ReservationState = "OPEN"
	ReservationDeducted  ReservationState = "DEDUCTED"
	ReservationReleased  ReservationState = "RELEASED"
	ReservationExpired   ReservationState = "EXPIRED"
	ReservationCancelled ReservationState = "CANCELLED"
)

// ReservationStates are all of them.
var ReservationStates = []ReservationState{ReservationOpen, ReservationDeducted,
	ReservationReleased, ReservationExpired, ReservationCancelled}

// TaskKind is the kind of floor work.
type TaskKind string

// The kinds of work. GoodsPicked is not work but its trace: goods that a pick put into a tote
// and that stay tied to their reservation there. It is never shown as a task.
const (
	TaskPick      TaskKind = "PICK"
	TaskCount     TaskKind = "COUNT"
	TaskReplenish TaskKind = "REPLENISH"
	TaskMove      TaskKind = "MOVE"
	GoodsPicked   TaskKind = "PICKED"
)

// TaskKinds are the kinds a person sees.
var TaskKinds = []TaskKind{TaskPick, TaskCount, TaskReplenish, TaskMove}

// TaskState is how far floor work is.
type TaskState string

// The states of a task.
const (
	TaskOpen      TaskState = "OPEN"
	TaskDone      TaskState = "DONE"
	TaskShort     TaskState = "SHORT"
	TaskCancelled TaskState = "CANCELLED"
)

// TaskStates are all of them.
var TaskStates = []TaskState{TaskOpen, TaskDone, TaskShort, TaskCancelled}

// ShortageState is what became of a shortage.
type ShortageState string

// The states of a shortage.
const (
	ShortageOpen      ShortageState = "OPEN"
	ShortageCovered   ShortageState = "COVERED"
	ShortageCancelled ShortageState = "CANCELLED"
)

// ShortageStates are all of them.
var ShortageStates = []ShortageState{ShortageOpen, ShortageCovered, ShortageCancelled}

// ExceptionKind is what a worker found wrong.
type ExceptionKind string

// Exceptions. All but Overage and OtherException take stock out of what may be promised.
const (
	ShortPick      ExceptionKind = "SHORT_PICK"
	BinEmpty       ExceptionKind = "BIN_EMPTY"
	Overage        ExceptionKind = "OVERAGE"
	Damaged        ExceptionKind = "DAMAGED"
	WrongSKU       ExceptionKind = "WRONG_SKU"
	WrongBatch     ExceptionKind = "WRONG_BATCH"
	BinBlocked     ExceptionKind = "BIN_BLOCKED"
	OtherException ExceptionKind = "OTHER"
)

// ExceptionKinds are all of them.
var ExceptionKinds = []ExceptionKind{ShortPick, BinEmpty, Overage, Damaged, WrongSKU, WrongBatch,
	BinBlocked, OtherException}

// BinKind is what a bin is.
type BinKind string

// Kinds of bins. Every zone has one staging bin, made with it.
const (
	StorageBin BinKind = "STORAGE"
	PickBin    BinKind = "PICK"
	StagingBin BinKind = "STAGING"
	ToteBin    BinKind = "TOTE"
	ToteCell   BinKind = "TOTE_CELL"
)

// BinKinds are all of them.
var BinKinds = []BinKind{StorageBin, PickBin, StagingBin, ToteBin, ToteCell}

// IsTote says whether goods in such a bin are on their way rather than at home.
func (k BinKind) IsTote() bool { return k == ToteBin || k == ToteCell }
