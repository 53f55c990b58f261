// Package tier3 keeps where stock lies: pin, unpin, pick, move, adjust, count, freeze, block,
// repack, and what workers report as wrong; and the views of bin stock and tasks.
package tier3
