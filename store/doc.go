// Package store is the door to the database: it opens SQLite or MySQL behind one address, brings
// the schema up to date, runs transactions that are redone whole when the database asks for it,
// turns driver errors into a few kinds, makes identifiers and keeps leases.
//
// It knows tables only as text: what the rows mean is the business of the rooms above.
package store
