// Package replenish keeps the places where goods are picked supplied. It counts what was asked for
// on each day, forecasts each item's demand from that, and once a business date proposes which
// goods to bring from where, as tasks if so asked, and which to buy. It moves nothing itself: that
// is a move under the key of a task.
package replenish
