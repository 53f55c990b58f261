package replenish

import (
	"context"
	"database/sql"

	"tierstock/master"
	"tierstock/model"
	"tierstock/store"
)

// Service computes and keeps what is needed for replenishment. It is safe for concurrent use.
type Service struct {
	db      *store.DB
	catalog *master.Catalog
}

// New makes the service.
func New(db *store.DB, catalog *master.Catalog) *Service { return &Service{db, catalog} }

// collect reads a statement's rows with one scanner.
func collect[T any](ctx context.Context, q store.Queryer, scan func(*sql.Rows, *T) error,
	statement string, args ...any) (all []T, err error) {
	err = store.EachRow(ctx, q, statement, args, func(rows *sql.Rows) error {
		var row T
		err := scan(rows, &row)
		all = append(all, row)
		return err
	})
	return all, err
}

// insertChunk bounds the rows of one INSERT.
const insertChunk = 500

// insert adds rows in as few statements as their number allows. columns begin with the warehouse,
// and tail is what follows the values.
func insert(ctx context.Context, tx *store.Tx, table, columns, tail string, count int,
	write func(i int, row *store.Text)) error {
	head := "INSERT INTO " + table + " (" + columns + ") VALUES "
	for from := 0; from < count; from += insertChunk {
		text := tx.Text().SQL(head)
		for i := from; i < min(count, from+insertChunk); i++ {
			if i > from {
				text.SQL(", ")
			}
			text.SQL("(")
			write(i, text)
			text.SQL(")")
		}
		if _, err := tx.ExecText(ctx, text.SQL(tail), head+"(...)"+tail); err != nil {
			return err
		}
	}
	return nil
}

// texts and numbers write values of a row, which begins with texts.
func texts(row *store.Text, values ...string) {
	for i, value := range values {
		if i > 0 {
			row.SQL(", ")
		}
		row.String(value)
	}
}

func numbers(row *store.Text, values ...int64) {
	for _, value := range values {
		row.SQL(", ").Int(value)
	}
}

// skuList is the places for codes of an IN list, and the arguments: the warehouse, then the codes.
func skuList(warehouse string, skus []string) (string, []any) {
	args := make([]any, 0, len(skus)+1)
	args = append(args, warehouse)
	for _, sku := range skus {
		args = append(args, sku)
	}
	return store.InList(len(skus)), args
}

// scanItem scans an item's columns, owner and sku, and then others.
func scanItem(rows *sql.Rows, item *model.Item, into ...any) error {
	return rows.Scan(append([]any{&item.Owner, &item.SKU}, into...)...)
}
