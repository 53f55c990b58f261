// Package wmsync keeps the engine agreed with the systems around it: a WMS or ERP that owns
// articles, orders, notices of goods to come and book totals, and wants to know what the floor did.
//
// Pull reads a system's streams of changes and applies each item once, through the one write path:
// what it did, that it was taken in, and the stream's new cursor are one transaction. What cannot
// be applied becomes a dead letter. Relay reads the feed, which is the outbox, and delivers what
// changed on the floor, in order per SKU, each message until it is taken or dead. Compare lays the
// system's books beside ours.
//
// Source and Sink are all that a system has to be; wmsync/wes, wmsync/tryton and wmsync/kafka are
// such.
package wmsync
