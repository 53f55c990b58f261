// Package model is the vocabulary of the stock engine: quantities, keys, the lines that
// callers hand in, and what they get back. It is pure: no SQL, no HTTP, no clock.
package model
