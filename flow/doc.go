// Package flow is the one write path of the ledger, and the ledger's readers.
//
// Callers hand it movements: an idempotency key, what must be locked, and a rule that decides
// from locked balances. Lanes gather whatever arrives while the previous transaction commits;
// a batch locks its rows in one order, decides line by line on running balances, writes each
// touched row once and each leg once, and commits once:
//
//	Submit -> lane -> commit -> Book.load -> Movement.Decide -> Book.write
//
// It knows rows, holds and pins, but no verb: those are in tier2, tier3 and allocation.
package flow
