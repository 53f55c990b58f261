package flow

import (
	"database/sql"
	"fmt"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"tierstock/model"
)

// finding is a place where the books do not agree: with themselves, with the ledger, or with each
// other. ours is what the place says, theirs what it should say.
type finding struct {
	invariant int
	kind      string
	warehouse string
	row       rowName
	// reservation, task and commit are what it is about, 0 where they are not part of it.
	reservation, task, commit int64
	// name says what it is about where that is no stock row.
	name            string
	quantity        string
	ours, theirs    decimal.Decimal
	expected, found string
}

// The names of the amounts that differ.
const (
	amountOnHand   = "ON_HAND"
	amountReserved = "RESERVED"
	amountFrozen   = "FROZEN"
	amountPinned   = "PINNED"
	amountOpen     = "OPEN"
	amountHeld     = "HELD"
	amountRowSeq   = "ROW_SEQ"
	amountFlows    = "FLOWS"
	amountLegs     = "LEGS"
	amountKeys     = "KEYS"
)

// What a finding is of.
const (
	kindUnsound      = "UNSOUND_AMOUNTS"
	kindBlockedFree  = "FREE_IN_BLOCKED_BIN"
	kindWrongZone    = "BIN_IN_ANOTHER_ZONE"
	kindTierSum      = "TIER_SUM"
	kindNoZoneRow    = "NO_ZONE_ROW"
	kindPinsOverHold = "PINS_OVER_HOLD"
	kindNoStockRow   = "NO_STOCK_ROW"
	kindMissingFlow  = "MISSING_FLOW"
	kindExtraFlow    = "EXTRA_FLOW"
	kindBrokenChain  = "BROKEN_CHAIN"
	kindBalance      = "BALANCE"
	kindHeldSum      = "HELD_SUM"
	kindPinnedSum    = "PINNED_SUM"
	kindOrphanHold   = "ORPHAN_HOLD"
	kindOrphanPin    = "ORPHAN_PIN"
	kindHeld         = "HELD_AMOUNTS"
	kindOverHeld     = "HELD_OVER_REQUESTED"
	kindDoubledKey   = "DOUBLED_KEY"
	kindEffectLegs   = "EFFECT_LEGS"
	kindQuantityKept = "QUANTITY_NOT_KEPT"
	kindCommitFlows  = "COMMIT_FLOWS"
	kindNoCommit     = "NO_COMMIT"
	kindNoReserve    = "NO_RESERVE_FLOW"
	kindNoOwner      = "NO_RESERVATION"
	kindFeedNumbers  = "FEED_NUMBERS"
	kindFeedOrder    = "FEED_ORDER"
	kindFeedPlace    = "FEED_PLACE"
	kindArchivedKeys = "ARCHIVED_KEYS"
)

// rowName is the identity of a stock row, as people and as differences know it.
type rowName struct {
	tier                               model.Tier
	id                                 int64
	zone, bin, owner, sku, batch, pack string
}

// zoneColumns and binColumns select the identity of s, as scanName reads it.
const (
	zoneColumns = `COALESCE(s.id, 0), COALESCE(s.zone, ''), '', COALESCE(s.owner, ''),
		COALESCE(s.sku, ''), COALESCE(s.batch, ''), COALESCE(s.pack, '')`
	binColumns = `COALESCE(s.id, 0), COALESCE(s.zone, ''), COALESCE(s.bin, ''),
		COALESCE(s.owner, ''), COALESCE(s.sku, ''), COALESCE(s.batch, ''), COALESCE(s.pack, '')`
)

func (l ledger) nameColumns() string {
	if l.tier == model.ZoneTier {
		return zoneColumns
	}
	return binColumns
}

// scanName reads an identity, then what follows it.
func scanName(rows *sql.Rows, tier model.Tier, into ...any) (rowName, error) {
	name := rowName{tier: tier}
	identity := []any{&name.id, &name.zone, &name.bin, &name.owner, &name.sku, &name.batch,
		&name.pack}
	err := rows.Scan(append(identity, into...)...)
	return name, err
}

func (n rowName) String() string {
	place, table := "zone "+n.zone, ledgerOf(n.tier).stocks
	if n.tier == model.BinTier {
		place = "bin " + n.bin
	}
	words := []string{place, "SKU " + n.sku}
	for _, part := range []struct{ word, value string }{
		{"owner", n.owner}, {"batch", n.batch}, {"pack", n.pack}} {
		if part.value != "" {
			words = append(words, part.word+" "+part.value)
		}
	}
	return fmt.Sprintf("%s (%s %d)", strings.Join(words, ", "), table, n.id)
}

// subject says in words what the finding is about.
func (f finding) subject() string {
	if f.name != "" {
		return f.name
	}
	return f.row.String()
}

// differs fills in an amount that is not what it should be, and the words for it.
func (f finding) differs(quantity string, ours, theirs decimal.Decimal, why string) finding {
	word := strings.ReplaceAll(strings.ToLower(quantity), "_", " ")
	f.quantity, f.ours, f.theirs = quantity, ours, theirs
	f.expected = word + " " + theirs.String() + ", " + why
	f.found = word + " " + ours.String()
	return f
}

// says fills in what should be and what is, where it is no amount.
func (f finding) says(expected, found string) finding {
	f.expected, f.found = expected, found
	return f
}

// total is a sum in whole units and millionths.
type total struct{ units, rest int64 }

func (t total) decimal() decimal.Decimal {
	return decimal.New(t.units, 0).Add(decimal.New(t.rest, -model.QuantityScale))
}

func count(n int64) decimal.Decimal { return decimal.NewFromInt(n) }

// scanned are three amounts as a statement selects them.
func scanned(a *model.Amounts) []any { return []any{&a.OnHand, &a.Reserved, &a.Frozen} }

// amountsOf pairs the names of the amounts with their values.
func amountsOf(ours, theirs model.Amounts) [3]struct {
	name         string
	ours, theirs model.Quantity
} {
	return [3]struct {
		name         string
		ours, theirs model.Quantity
	}{
		{amountOnHand, ours.OnHand, theirs.OnHand},
		{amountReserved, ours.Reserved, theirs.Reserved},
		{amountFrozen, ours.Frozen, theirs.Frozen},
	}
}

func commitName(id int64) string { return "commit " + strconv.FormatInt(id, 10) }

func reservationName(line model.LineKey, id int64) string {
	if line.OrderID == "" {
		return fmt.Sprintf("reservation %d", id)
	}
	return fmt.Sprintf("reservation of %s order %s line %s revision %d (reservations %d)",
		line.JobType, line.OrderID, line.LineID, line.Revision, id)
}

func keyName(key model.Key) string {
	if key.IsTask() {
		return fmt.Sprintf("%s of %s task %s revision %d", key.Action, key.JobType, key.TaskID,
			key.Revision)
	}
	return fmt.Sprintf("%s of %s order %s line %s revision %d", key.Action, key.JobType,
		key.OrderID, key.LineID, key.Revision)
}
