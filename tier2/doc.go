// Package tier2 keeps what may be promised: receive, release, extend, deduct and restore, the
// end of reservations whose time is over, and the views of zone stock, reservations and tier 1.
// Reserving is in package allocation, which chooses the stock.
package tier2
