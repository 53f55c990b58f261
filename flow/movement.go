package flow

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strconv"

	"tierstock/master"
	"tierstock/model"
)

// Movement is one effect that is asked for: decided from locked rows, applied at most once.
type Movement struct {
	Key   model.Key
	Audit model.Audit
	Needs Needs
	// Content writes what the call asks of stock, normalised, into the replay check.
	Content func(content *Content, view *master.View)
	// SameAs, where set, says whether what the key did before, under another content, is what is
	// asked for now. The reservation of the key's line is locked for it.
	SameAs func(r *Reservation, view *master.View) bool
	// Decide posts the effect's legs, or returns a *model.Refusal. What it did before a refusal
	// is undone.
	Decide func(effect *Effect) error

	actor  string
	preset *model.Refusal
}

// Needs says which rows a movement reads or writes; they are locked before it is decided.
type Needs struct {
	// Items: every tier-2 row of these is locked.
	Items []model.Item
	// Bins: the items' tier-3 rows in these bins are locked.
	Bins []string
	// StagingOf: the items' tier-3 row in this zone's staging bin is locked.
	StagingOf string
	// FreeBins: tier-3 rows with stock of every item involved are locked.
	FreeBins bool
	// Reservations: locked with their holds and pins, and their items' rows.
	Reservations []model.LineKey
	// Task: this task is loaded, with its reservation.
	Task int64
	// Enters: stock goes into these bins, so that none of them may be blocked meanwhile.
	Enters []string
	// WholeBin: every row in this bin is locked, whatever it holds.
	WholeBin string
	// CountTasks: open count tasks of the rows in Bins are loaded.
	CountTasks bool
	// PinsIn: every reservation with a pin on an item's row in this bin is locked.
	PinsIn string
	// Work: the open task to move goods that goes by this key, whatever its revision, is locked.
	Work *model.TaskKey
	// Departed: what left under this key, and how much of it came back.
	Departed *model.Key
}

// contentVersion is kept beside each hash, so that a later encoding can tell its own.
const contentVersion = 1

// Content collects what makes two calls with one key the same call: tagged fields, those at
// their default left out, so that a field added later does not turn old replays into conflicts.
type Content struct{ encoded []byte }

// Text adds a field unless it is "".
func (c *Content) Text(tag byte, text string) *Content {
	if text == "" {
		return c
	}
	c.encoded = append(c.encoded, tag)
	c.encoded = binary.AppendUvarint(c.encoded, uint64(len(text)))
	c.encoded = append(c.encoded, text...)
	return c
}

// Number adds a field unless it is 0.
func (c *Content) Number(tag byte, number int64) *Content {
	if number == 0 {
		return c
	}
	return c.Text(tag, strconv.FormatInt(number, 10))
}

// Quantity adds a field unless it is 0.
func (c *Content) Quantity(tag byte, qty model.Quantity) *Content {
	return c.Number(tag, int64(qty))
}

// Optional adds a field unless it was left out; 0 is not the same as that.
func (c *Content) Optional(tag byte, qty *model.Quantity) *Content {
	if qty == nil {
		return c
	}
	return c.Text(tag, strconv.FormatInt(int64(*qty), 10))
}

// Flag adds a field where it is true.
func (c *Content) Flag(tag byte, flag bool) *Content {
	if flag {
		return c.Text(tag, "1")
	}
	return c
}

// Set adds texts whose order and repetition do not matter.
func (c *Content) Set(tag byte, texts []string) *Content {
	sorted := slices.Compact(slices.Sorted(slices.Values(texts)))
	for _, text := range sorted {
		c.Text(tag, text)
	}
	return c
}

// Line adds an order line's key unless it is the call's own, which is the default.
func (c *Content) Line(tag byte, line *model.LineKey, own model.LineKey) *Content {
	if line == nil || *line == own {
		return c
	}
	return c.Text(tag, line.JobType).Text(tag, line.OrderID).Text(tag, line.LineID).
		Text(tag, strconv.FormatInt(line.Revision, 10))
}

// hash is 56 bits of SHA-256 and the version in the lowest byte. It only tells two contents of
// one key apart, so 56 bits are plenty.
func (c *Content) hash() int64 {
	sum := sha256.Sum256(c.encoded)
	return int64(binary.BigEndian.Uint64(sum[:8])&^0xff | contentVersion)
}

// hashOf is the hash of a movement's content.
func (c *Content) hashOf(movement *Movement, view *master.View) int64 {
	c.encoded = c.encoded[:0]
	movement.Content(c, view)
	return c.hash()
}

// Refuse is an error that answers a line instead of failing the call.
func Refuse(code model.Code, field, message string) error {
	return &model.Refusal{Code: code, Field: field, Message: message}
}
