package wmsync

import (
	"context"
	"database/sql"
	"encoding/json"
	"strings"

	"tierstock/model"
	"tierstock/store"
)

// passedMax is how many articles that have to wait are passed over where they are held back. More
// are no matter of theirs, but of the system.
const passedMax = 100

// held are messages that did not go through at once, but those that are dead, in their order. Of
// articles that were passed over they are not all; the place is of the message that has to wait.
type held struct {
	messages []*parcel
	passed   map[model.Item]feedPlace
}

// feedPlace is where a message is from: its effect's place in the feed, and its part of it.
type feedPlace struct {
	seq  int64
	part int
}

func (h *held) isNone() bool { return len(h.messages) == 0 && len(h.passed) == 0 }

// heldBack reads the messages that did not go through. Those behind one that has to wait are left
// out, however many they are: an article that waits must not make the others wait.
func (r *relay) heldBack(ctx context.Context) (held, error) {
	passed, err := r.passedOver(ctx)
	if err != nil {
		return held{}, err
	}
	found := held{passed: passed}
	query, args := `SELECT `+messageColumns+` FROM sync_messages WHERE warehouse = ? AND system = ?
		AND state IN (?, ?, ?) AND stream = ?`,
		[]any{r.warehouse, r.Name, Waiting, Held, Queued, Movements}
	if len(passed) > 0 {
		query += ` AND (state = ? OR NOT (` +
			strings.Repeat(`owner = ? AND sku = ? OR `, len(passed)-1) + `owner = ? AND sku = ?))`
		args = append(args, Queued)
		for article := range passed {
			args = append(args, article.Owner, article.SKU)
		}
	}
	err = store.EachRow(ctx, r.db.Reader(), query+` ORDER BY seq, part LIMIT ?`,
		append(args, heldMax+1), func(rows *sql.Rows) error {
			message, err := scanMessage(rows)
			if err != nil {
				return err
			}
			p := &parcel{row: message, article: model.Item{Owner: message.Owner, SKU: message.SKU}}
			if at, over := passed[p.article]; over && at.isBefore(p.row) {
				return nil
			}
			found.messages = append(found.messages, p)
			return json.Unmarshal([]byte(message.Body), &p.Movement)
		})
	return found, err
}

func (p feedPlace) isBefore(message Message) bool {
	return p.seq < message.Seq || p.seq == message.Seq && p.part <= message.Part
}

// passedOver are the articles that have a message which waits for its time, unless they are many.
func (r *relay) passedOver(ctx context.Context) (map[model.Item]feedPlace, error) {
	passed := map[model.Item]feedPlace{}
	err := store.EachRow(ctx, r.db.Reader(), `SELECT owner, sku, seq, part FROM sync_messages
		WHERE warehouse = ? AND system = ? AND state = ? AND stream = ? AND next_at > ?
		ORDER BY seq, part LIMIT ?`, []any{r.warehouse, r.Name, Waiting, Movements, r.now,
		passedMax + 1}, func(rows *sql.Rows) error {
		var article model.Item
		var at feedPlace
		err := rows.Scan(&article.Owner, &article.SKU, &at.seq, &at.part)
		if _, known := passed[article]; !known {
			passed[article] = at
		}
		return err
	})
	if len(passed) > passedMax {
		clear(passed)
	}
	return passed, err
}
