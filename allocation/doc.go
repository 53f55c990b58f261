// Package allocation decides which stock serves a demand, and says why.
//
// Strategies are pure functions from candidates to what is taken of each; reserving applies one
// inside the commit, to locked balances.
package allocation
