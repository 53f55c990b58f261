// Package bench measures the engine beside other ways to keep stock in the same database: one
// binary, one schema, one set of connections, one seeded trace, the same durability. After each
// measurement an oracle counts what is in the database; a figure without it says nothing.
package bench
