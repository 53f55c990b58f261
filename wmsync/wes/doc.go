// Package wes speaks the HTTP protocol wes-sync/1, which docs/wms-sync.md describes: it pulls
// streams of changes and snapshots, and posts movements.
//
// It is strict about what an answer is and liberal about how it is written. An answer that is no
// JSON, is cut off, goes on after its end, or points elsewhere is a failure. Cursors and ids may be
// strings or numbers, and receipts come in several shapes. One bad item never fails its page: it is
// a Change with a Fault.
//
// Ids longer than 200 bytes are kept as "sha256:" and the hash of the id; an item without an id
// that can be used is known as "raw-sha256:" and the hash of its bytes, so that the same bad item
// is the same dead letter when it comes again.
//
// Only the configured host is called, without a proxy, and redirects are never followed. What goes
// wrong is told without the credentials that were sent.
package wes
