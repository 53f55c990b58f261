// Package wmssim is a warehouse management system to sync with: it serves the protocol wes-sync/1
// from memory, keeps books of its own and a ledger of the movements that it is told, and misbehaves
// when told to.
//
// It is for tests and demonstrations, and no model of how a WMS should be: it takes what it is
// given without judging it, so that a test can have it send anything, and it forgets all at its
// end. What goes wrong is drawn from a seed, so that what happens to one caller after another
// repeats.
package wmssim
