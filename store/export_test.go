package store

import (
	"time"
)

// The fates, for the tests.
const (
	FateFail    = fateFail
	FateRedo    = fateRedo
	FateMove    = fateMove
	FateUnknown = fateUnknown
)

// The classification, for the tests.
var (
	FateOf       = fateOf
	FateOfCommit = fateOfCommit
)

// RedoMax is how often a transaction is tried.
const RedoMax = redoMax

// IDs makes a source of identifiers with a clock of its own.
func IDs(clock func() time.Time, node int64) func() int64 {
	return newIDSource(clock, node).next
}

// MigrationLease is its name.
const MigrationLease = migrationLease
