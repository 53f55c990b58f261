// Package tryton syncs with a Tryton 6.0 server over JSON-RPC: it reads products, done moves,
// customer and supplier shipments, and books what happened on the floor. Its modules stock and
// stock_lot have to be activated; the user needs a company and the rights of the group stock.
//
// Tryton has no feed. Changes reads records by the time they were last written or created, as
// Tryton's own clock has it, and reads the last minutes again each time: a transaction stamps its
// records with the time it began, and shows them when it ends. The cursor remembers which of those
// were given.
//
// A done move never changes what it did, but may be written again, as when its cost is computed
// anew. So the cursor of a snapshot of stock also knows the greatest id of a move then, and which
// moves up to it were not done: the snapshot sums exactly those that were, and only the others are
// changes after it.
//
// Each movement becomes an internal shipment whose reference is "tierstock:" and the movement's id,
// created together with its move. What comes into the warehouse comes from its lost-and-found
// location, and what leaves goes there: only internal shipments carry a reference and need neither
// a party nor a price, and a price of nothing would spoil the average cost. A movement between
// places that Tryton does not tell apart is acknowledged, and books nothing.
//
// Goods that were picked for a shipment of Tryton's, or received for one, are booked by that alone.
// The shipment stays as it is, and has to be cancelled there: brought to its end, it would book
// them once more.
package tryton
