// Package cdc is an example of a cache of stock beside tierstock that never claims to be fresher
// than it is. It is kept by either of two followers: Feed asks GraphQL for what happened, Binlog
// listens to the database. docs/cdc.md compares them. It is a module of its own, so that go.mod of
// the program has nothing of replication.
package cdc

import (
	"errors"
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/shopspring/decimal"
)

// ErrStale is stock that is not known as of a moment late enough.
var ErrStale = errors.New("stale")

// Key names a row of tier 2 within a warehouse. Owner, Batch and Pack are "" for none.
type Key struct {
	Zone, Owner, SKU, Batch, Pack string
}

// Stock is what a row has.
type Stock struct {
	OnHand, Reserved, Frozen decimal.Decimal
}

// Available is what may still be promised.
func (s Stock) Available() decimal.Decimal { return s.OnHand.Sub(s.Reserved).Sub(s.Frozen) }

// row is a Stock with the number of the flow that made it so. It rises with each flow of the row; 0
// is not known.
type row struct {
	Stock

	seq int64
}

// change is how a row is after a flow. That it says how the row is, and not by how much it changed,
// makes it harmless to apply twice.
type change struct {
	key Key
	row row
}

// Cache is a warehouse's stock as of a moment, which is when a follower asked for what it then was
// told: every write that was answered before that moment is in it.
type Cache struct {
	now func() time.Time

	mu   sync.RWMutex
	rows map[Key]row
	asOf time.Time
}

// NewCache makes one that knows nothing yet.
func NewCache() *Cache { return &Cache{now: time.Now, rows: map[Key]row{}} }

// Get says how a row was at asOf or later, and nothing at all where that is longer ago than maxAge:
// the error is ErrStale then. A row that is not there has nothing.
func (c *Cache) Get(key Key, maxAge time.Duration) (stock Stock, asOf time.Time, err error) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if c.asOf.IsZero() {
		return Stock{}, time.Time{}, fmt.Errorf("%w: nothing is known yet", ErrStale)
	}
	if age := c.now().Sub(c.asOf); age > maxAge {
		return Stock{}, c.asOf, fmt.Errorf("%w: what is known is %v old", ErrStale, age)
	}
	return c.rows[key].Stock, c.asOf, nil
}

// All are the rows there are, under the same condition as Get.
func (c *Cache) All(maxAge time.Duration) (map[Key]Stock, time.Time, error) {
	_, asOf, err := c.Get(Key{}, maxAge)
	if err != nil {
		return nil, asOf, err
	}
	c.mu.RLock()
	defer c.mu.RUnlock()
	all := make(map[Key]Stock, len(c.rows))
	for key, known := range c.rows {
		all[key] = known.Stock
	}
	return all, c.asOf, nil
}

// replace takes a snapshot. Each of its rows was read after asOf, so asOf stays true.
func (c *Cache) replace(rows map[Key]row) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.rows = maps.Clone(rows)
}

// apply takes changes in the order they come, and leaves out those that a row has seen.
func (c *Cache) apply(changes []change) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, one := range changes {
		if known, found := c.rows[one.key]; !found || one.row.seq > known.seq {
			c.rows[one.key] = one.row
		}
	}
}

// complete says that all that was committed before a moment has been applied.
func (c *Cache) complete(asOf time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if asOf.After(c.asOf) {
		c.asOf = asOf
	}
}
