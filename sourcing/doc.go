// Package sourcing chooses the warehouses for orders that name none.
//
// A plan comes first: Choose, a pure function from candidates and demand to parts and an
// explanation. It is made from plain reads and promises nothing. Executing it reserves each
// warehouse's part in a transaction of its own, and plans again what somebody else was faster to
// take.
package sourcing
