package graphql

import "tierstock/model"

// addEnums adds the enums of the contract, from the vocabulary's own lists.
func addEnums(b *builder) {
	b.enum("ResultCode", "APPLIED: done now. REPLAYED: this key was applied before; the answer "+
		"is the first one's. PARTIAL: applied for less than asked, as allowed. INSUFFICIENT: not "+
		"enough available; nothing changed, the key is free to be tried again. KEY_CONFLICT: the "+
		"key was used with another content. CANCELLED: a release for this key came first. STALE: "+
		"the guard value is no longer current. SKIPPED: nothing wrong with this line, another "+
		"line of its all-or-nothing call failed. BUSY: overloaded or contended; try again with "+
		"the same key. TOO_OLD: the key belongs to archived history.", names(model.Codes)...)
	b.enum("BatchPolicy", "Whether each line stands alone.", policyAllOrNothing, policyPerLine)
	b.enum("Tier", "ZONE is tier 2, BIN is tier 3.", string(model.ZoneTier), string(model.BinTier))
	b.enum("Action", "The verb of an effect.", names(model.Actions)...)
	b.enum("Reason", "Why stock changed, for people and reports.", names(model.Reasons)...)
	b.enum("ReservationState", "What ended the last of a reservation, or that it is open.",
		names(model.ReservationStates)...)
	b.enum("TaskKind", "The kind of floor work.", names(model.TaskKinds)...)
	b.enum("TaskState", "How far floor work is.", names(model.TaskStates)...)
	b.enum("ExceptionKind", "What a worker found wrong.", names(model.ExceptionKinds)...)
	b.enum("BinKind", "What a bin is.", names(model.BinKinds)...)
}

// The values of BatchPolicy.
const (
	policyAllOrNothing = "ALL_OR_NOTHING"
	policyPerLine      = "PER_LINE"
)

func names[T ~string](values []T) []string {
	read := make([]string, len(values))
	for i, value := range values {
		read[i] = string(value)
	}
	return read
}
