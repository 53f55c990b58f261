package main

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"tierstock/model"
	"tierstock/store"
)

// word is the last word of verify: a demo that goes on asks whether there is one, and people may
// read it.
type word struct {
	At        model.Instant `json:"at"`
	Breaches  int           `json:"breaches"`
	Flows     int64         `json:"flows"`
	StockRows int64         `json:"stockRows"`
}

// The word is about all warehouses, so its mark belongs to none.
const (
	wordMark   = "verify"
	selectWord = `SELECT 1 FROM marks WHERE warehouse = '' AND name = ?`
	updateWord = `UPDATE marks SET value = ? WHERE warehouse = '' AND name = ?`
	insertWord = `INSERT INTO marks (value, warehouse, name) VALUES (?, '', ?)`
)

func keepWord(ctx context.Context, db *store.DB, said word) error {
	text, err := json.Marshal(said)
	if err != nil {
		return err
	}
	return db.Transact(ctx, func(tx *store.Tx) error {
		known, err := isVerified(ctx, tx, tx.ForUpdate())
		if err != nil {
			return err
		}
		statement := updateWord
		if !known {
			statement = insertWord
		}
		_, err = tx.Exec(ctx, statement, string(text), wordMark)
		if errors.Is(err, store.ErrDuplicate) {
			return store.Redo(err)
		}
		return err
	})
}

// isVerified is false where nobody has verified yet.
func isVerified(ctx context.Context, q store.Queryer, lock string) (known bool, err error) {
	rows, err := q.Query(ctx, selectWord+lock, wordMark)
	if err != nil {
		return false, err
	}
	defer func() { _ = rows.Close() }()
	known = rows.Next()
	return known, rows.Err()
}

// thousands writes a count as people read it.
func thousands[N int | int64](count N) string {
	text := strconv.FormatInt(int64(count), 10)
	var parts []string
	for len(text) > 3 {
		parts = append([]string{text[len(text)-3:]}, parts...)
		text = text[:len(text)-3]
	}
	return strings.Join(append([]string{text}, parts...), ",")
}

func plural[N int | int64](count N, noun string) string {
	switch {
	case count == 1:
		return "1 " + noun
	case strings.HasSuffix(noun, "ch"):
		return thousands(count) + " " + noun + "es"
	}
	return thousands(count) + " " + noun + "s"
}
