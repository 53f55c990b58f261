package stocktest

import (
	"context"

	"tierstock/model"
	"tierstock/store"
)

// Naive is the textbook mistake, kept so that the races are known to bite: it reads what is
// available, decides, and writes what it worked out, in different transactions.
type Naive struct {
	DB        *store.DB
	Warehouse string
	// Between is called after reading and before writing, to let others do the same.
	Between func()
}

// Reserve holds qty of a tier-2 row if it thinks that there is enough, and says whether it did.
func (n Naive) Reserve(ctx context.Context, row int64, qty model.Quantity) (bool, error) {
	available, reserved, err := n.read(ctx, row)
	if err != nil {
		return false, err
	}
	n.Between()
	if available < qty {
		return false, nil
	}
	err = n.DB.Transact(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE zone_stocks SET reserved = ?, tick = tick + 1
			WHERE warehouse = ? AND id = ?`, reserved+qty, n.Warehouse, row)
		return err
	})
	return err == nil, err
}

func (n Naive) read(ctx context.Context, row int64) (available, reserved model.Quantity,
	err error) {
	rows, err := n.DB.Reader().Query(ctx, `SELECT on_hand - reserved - frozen, reserved
		FROM zone_stocks WHERE warehouse = ? AND id = ?`, n.Warehouse, row)
	if err != nil {
		return 0, 0, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := rows.Scan(&available, &reserved); err != nil {
			return 0, 0, err
		}
	}
	return available, reserved, rows.Err()
}
