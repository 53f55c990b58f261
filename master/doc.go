// Package master keeps the masters: warehouses, zones and their bins, SKUs with their packs,
// and batches. It changes them, pages through them, and hands the write path a
// cached Catalog of them. It holds no stock and decides nothing about it; it looks at stock
// only to refuse a change that stock in the warehouse stands against.
package master
