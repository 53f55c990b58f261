package tryton

import (
	"encoding/json"
	"slices"
	"time"

	"tierstock/wmsync"
)

// Limits of a cursor, so that it stays below 64 KiB. Where more than seenMax records were written
// within the overlap, what is seen late of those before the last so many is missed. openBytesMax is
// for the ids in Open, some ten thousand to a million, and openMax for what reading them may take.
const (
	seenMax      = 3000
	openBytesMax = 36 << 10
	openMax      = 1 << 20
)

// stamp is the place of one writing of a record among all: when, in microseconds, and which.
type stamp struct {
	At int64 `json:"at"`
	ID int64 `json:"id"`
}

func (s stamp) compare(other stamp) int {
	if s.At != other.At {
		return int(min(max(s.At-other.At, -1), 1))
	}
	return int(min(max(s.ID-other.ID, -1), 1))
}

func (s stamp) time() time.Time { return time.UnixMicro(s.At).UTC() }

// cursor says which writings of records were given: all up to From, and those in Seen, which are
// behind it and ascending. Of moves, those up to the id Base that are not in Open were in a
// snapshot.
type cursor struct {
	Stream wmsync.Stream `json:"stream"`
	From   stamp         `json:"from"`
	Seen   stamps        `json:"seen,omitempty"`
	Base   int64         `json:"base,omitempty"`
	Open   idSet         `json:"open,omitempty"`
}

// after is the cursor for what happens from a time on, less the overlap.
func (c *Client) after(stream wmsync.Stream, at time.Time) cursor {
	return cursor{Stream: stream, From: stamp{At: at.Add(-c.overlap).UnixMicro()}}
}

func readCursor(text string, stream wmsync.Stream) (cursor, error) {
	read := cursor{Stream: stream}
	if text == "" {
		return read, nil
	}
	if json.Unmarshal([]byte(text), &read) != nil || read.Stream != stream {
		return read, wmsync.Fail(wmsync.Expired, "the cursor is none of Tryton's stream %s", stream)
	}
	return read, nil
}

func (c *cursor) text() string {
	text, _ := json.Marshal(c)
	return string(text)
}

// counted says whether a move was in the snapshot that the cursor began with.
func (c *cursor) counted(move int64) bool { return move <= c.Base && !c.Open.has(move) }

func (c *cursor) gave(s stamp) bool {
	_, found := slices.BinarySearchFunc(c.Seen, s, stamp.compare)
	return found
}

// note remembers that these were given, and forgets those that lie further back than the overlap,
// or are too many: nothing is read that lies before what was forgotten.
func (c *cursor) note(given []stamp, overlap time.Duration) {
	c.Seen = append(slices.Clone(c.Seen), given...)
	slices.SortFunc(c.Seen, stamp.compare)
	c.Seen = slices.Compact(c.Seen)
	if len(c.Seen) == 0 {
		return
	}
	horizon := c.Seen[len(c.Seen)-1].At - overlap.Microseconds()
	forgotten := 0
	for forgotten < len(c.Seen) &&
		(c.Seen[forgotten].At < horizon || len(c.Seen)-forgotten > seenMax) {
		forgotten++
	}
	if forgotten > 0 {
		c.From = c.Seen[forgotten-1]
		c.Seen = c.Seen[forgotten:]
	}
}
