package wmsync

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"tierstock/master"
	"tierstock/model"
	"tierstock/store"
)

// MessageState is what is to become of a message that did not go through at once.
type MessageState string

// The states of a message.
const (
	// Waiting is tried again at its time, Held when an earlier one of its article is through.
	Waiting MessageState = "WAITING"
	Held    MessageState = "HELD"
	// Queued was put back by somebody and is tried at once.
	Queued MessageState = "QUEUED"
	// Dead is given up, until somebody puts it back; Discarded is given up for good, by somebody.
	Dead      MessageState = "DEAD"
	Discarded MessageState = "DISCARDED"
)

// Message is one that did not go through at once: a movement on its way out, or an item that could
// not be applied. NextAt is when it is tried again. Body is what is sent, or what came.
type Message struct {
	ID                int64
	Warehouse, System string
	Stream            Stream
	Item              string
	Owner, SKU        string
	State             MessageState
	Attempts          int
	Body              string
	LastError         string
	NextAt            model.Instant
	Seq               int64
	Part              int
	CreatedAt         model.Instant
}

const messageColumns = `id, warehouse, system, stream, item, owner, sku, state, attempts, body,
	last_error, next_at, seq, part, created_at`

func scanMessage(rows *sql.Rows) (m Message, err error) {
	err = rows.Scan(&m.ID, &m.Warehouse, &m.System, &m.Stream, &m.Item, &m.Owner, &m.SKU, &m.State,
		&m.Attempts, &m.Body, &m.LastError, &m.NextAt, &m.Seq, &m.Part, &m.CreatedAt)
	return m, err
}

// writeLetters writes what is dead, and takes what was put back and has been applied away.
func (b *batch) writeLetters(ctx context.Context, tx *store.Tx, now model.Instant) error {
	var rows []Message
	for _, it := range b.fresh {
		fault := b.faults[it]
		switch {
		case it.letter != 0:
			if err := answerLetter(ctx, tx, it, fault); err != nil {
				return err
			}
		case fault != "":
			rows = append(rows, Message{ID: tx.NewID(), Warehouse: b.warehouse, System: b.Name,
				Stream: b.stream, Item: it.ID, Owner: codeIn(it.about.Owner), SKU: codeIn(it.about.SKU),
				State: Dead, Attempts: 1, Body: it.body(), LastError: shortText(fault), CreatedAt: now})
		}
	}
	if b.forgetsOldRows(rows) {
		for _, row := range rows {
			_, err := tx.Exec(ctx, `DELETE FROM sync_messages WHERE warehouse = ? AND system = ?
				AND state = ? AND stream = ? AND item = ?`, b.warehouse, b.Name, Dead, b.stream, row.Item)
			if err != nil {
				return err
			}
		}
	}
	return insertLarge(tx, "sync_messages", rows, func(row *Message) int { return len(row.Body) })
}

// codeIn is a code that an item names, "" where it is none: no column would take it.
func codeIn(text string) string {
	if model.CheckCode(text) != nil {
		return ""
	}
	return text
}

// forgetsOldRows: what a snapshot says again takes the place of what the one before said.
func (b *batch) forgetsOldRows(rows []Message) bool {
	return len(rows) > 0 && b.fresh[0].ofSnapshot
}

func answerLetter(ctx context.Context, tx *store.Tx, it *item, fault string) error {
	if fault == "" {
		_, err := tx.Exec(ctx, `DELETE FROM sync_messages WHERE warehouse = ? AND id = ?`,
			it.letterSite, it.letter)
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE sync_messages SET state = ?, attempts = attempts + 1,
		last_error = ? WHERE warehouse = ? AND id = ?`, Dead, shortText(fault), it.letterSite,
		it.letter)
	return err
}

// bodyOf is an item as it came, as text that every database takes.
func bodyOf(change Change) string {
	raw := envelopeOf(change)
	if raw == nil {
		raw, _ = json.Marshal(map[string]any{"id": change.ID, "op": change.Op, "key": change.Key,
			"version": change.Version, "occurredAt": change.OccurredAt, "data": change.Data})
	}
	text := strings.ToValidUTF8(string(raw), string(utf8.RuneError))
	if len(text) > bodyBytesMax { // which makes it no JSON any more: it is for people alone
		text = strings.ToValidUTF8(text[:bodyBytesMax], "") + "…"
	}
	return strings.ReplaceAll(text, "\x00", "")
}

// body is bodyOf; of a row of a snapshot with the warehouse that it was asked for.
func (it *item) body() string {
	if !it.ofSnapshot || it.Data == nil {
		return bodyOf(it.Change)
	}
	raw, _ := json.Marshal(envelope{Op: it.Op, Data: it.Data, IsRow: true, AskedOf: it.askedOf})
	return bodyOf(Change{Raw: raw})
}

// envelope is an item as the dead letters keep it. IsRow: it is a row of a snapshot, asked for of a
// warehouse of theirs.
type envelope struct {
	Op         Op              `json:"op"`
	Key        json.RawMessage `json:"key,omitempty"`
	Version    whole           `json:"version"`
	OccurredAt string          `json:"occurredAt,omitempty"`
	Data       json.RawMessage `json:"data"`
	IsRow      bool            `json:"isRow,omitempty"`
	AskedOf    string          `json:"askedOf,omitempty"`
}

// key is the text of a key, which may be a number.
func (e *envelope) key() string {
	var text string
	if json.Unmarshal(e.Key, &text) != nil {
		return string(e.Key)
	}
	return text
}

// applyQueued tries what somebody has put back. Those that fail are dead again.
func (p *puller) applyQueued(ctx context.Context) error {
	letters, err := p.letters(ctx, Queued, 0)
	if err != nil {
		return err
	}
	return p.applyLetters(ctx, letters)
}

func (p *puller) applyLetters(ctx context.Context, letters []Message) error {
	if len(letters) == 0 {
		return nil
	}
	var items []*item
	for _, letter := range letters {
		items = append(items, itemOf(letter))
	}
	if err := p.read(ctx, items); err != nil {
		return err
	}
	if err := p.askForArticles(ctx, items); err != nil {
		return err
	}
	items, err := p.whereabouts(ctx, items)
	if err != nil {
		return err
	}
	for _, part := range parts(items) {
		if err := p.commit(ctx, part, p.row.Place, p.row.Loaded); err != nil {
			return err
		}
	}
	return nil
}

// itemOf reads a letter's body as the item that it was.
func itemOf(letter Message) *item {
	var read envelope
	it := &item{letter: letter.ID, letterSite: letter.Warehouse}
	err := json.Unmarshal([]byte(letter.Body), &read)
	at, _ := time.Parse(time.RFC3339Nano, read.OccurredAt)
	it.ofSnapshot, it.askedOf = read.IsRow && strings.HasPrefix(letter.Item, snapshotID), read.AskedOf
	it.Change = Change{ID: letter.Item, Op: read.Op, Key: read.key(), Version: int64(read.Version),
		OccurredAt: at, Data: read.Data, Raw: json.RawMessage(letter.Body)}
	switch {
	case err != nil:
		it.fault = fmt.Sprintf("the item cannot be read: %v", err)
	case read.Op != Upsert && read.Op != Delete && read.Op != Delta:
		it.fault = "op must be upsert, delete or delta"
	default:
		it.fault = faultIn(letter.Body)
	}
	return it
}

// letters are the stream's messages in a state, in all its warehouses, made at a moment or later.
func (p *puller) letters(ctx context.Context, state MessageState, since model.Instant) (
	found []Message, err error) {
	for _, site := range p.sites() {
		err = store.EachRow(ctx, p.db.Reader(), `SELECT `+messageColumns+` FROM sync_messages
			WHERE warehouse = ? AND system = ? AND state = ? AND stream = ? AND created_at >= ?
			ORDER BY id`, []any{site, p.Name, state, p.stream, since}, func(rows *sql.Rows) error {
			letter, err := scanMessage(rows)
			found = append(found, letter)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

// sites are where a system's rows may stand: its warehouses, and "" for what is none's.
func (r *remote) sites() []string {
	sites := []string{""}
	for _, ours := range r.Warehouses {
		sites = append(sites, ours)
	}
	return sites
}

// MessageFilter narrows a list of messages. System "" is all. Dead nil is dead or alive. Sees says
// whose warehouses are shown, nil for all.
type MessageFilter struct {
	System string
	Dead   *bool
	Sees   func(warehouse string) bool
}

// Messages lists what did not go through at once, both ways, by id from after one.
func (s *Service) Messages(ctx context.Context, filter MessageFilter, after int64, first int) (
	master.Page[Message], error) {
	var found []Message
	sites, err := s.sitesSeen(ctx, filter.Sees)
	if err != nil {
		return master.Page[Message]{}, err
	}
	for _, site := range sites {
		query, args := `SELECT `+messageColumns+` FROM sync_messages WHERE `+site.where+` AND id > ?`,
			append(slices.Clone(site.args), after)
		if filter.System != "" {
			query, args = query+` AND system = ?`, append(args, filter.System)
		}
		if filter.Dead != nil {
			is := ` AND state <> ?`
			if *filter.Dead {
				is = ` AND state = ?`
			}
			query, args = query+is, append(args, Dead)
		}
		err := store.EachRow(ctx, s.db.Reader(), query+` ORDER BY id LIMIT ?`, append(args, first+1),
			func(rows *sql.Rows) error {
				message, err := scanMessage(rows)
				found = append(found, message)
				return err
			})
		if err != nil {
			return master.Page[Message]{}, err
		}
	}
	return master.PageOf(firstByID(found, first+1), first), nil
}

// Requeue puts dead messages back, to be tried at once, and says how many were dead. sees is as in
// MessageFilter.
func (s *Service) Requeue(ctx context.Context, ids []int64, sees func(warehouse string) bool) (
	count int, err error) {
	count, err = s.change(ctx, ids, sees, `state = ?, next_at = 0`, Queued)
	if count == 0 {
		return 0, err
	}
	for _, remote := range s.remotes {
		err = errors.Join(err, s.Wake(ctx, remote.Name), s.tryAgain(ctx, remote, ids))
	}
	return count, err
}

// tryAgain has a system that is left alone because it failed be tried, where movements to it were
// put back.
func (s *Service) tryAgain(ctx context.Context, remote *remote, ids []int64) error {
	for _, warehouse := range remote.Warehouses {
		args := []any{warehouse, remote.Name, warehouse, remote.Name, Movements, Queued}
		for _, id := range ids {
			args = append(args, id)
		}
		err := s.db.Transact(ctx, func(tx *store.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE sync_places SET retry_at = 0 WHERE warehouse = ?
				AND system = ? AND EXISTS (SELECT 1 FROM sync_messages AS m WHERE m.warehouse = ?
					AND m.system = ? AND m.stream = ? AND m.state = ? AND m.id IN (`+
				store.InList(len(ids))+`))`, args...)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Discard gives dead messages up for good, and says how many were dead. They stay on record, with
// who did so and why; what they leave different is no longer explained by them.
func (s *Service) Discard(ctx context.Context, ids []int64, note, actor string,
	sees func(warehouse string) bool) (count int, err error) {
	return s.change(ctx, ids, sees, `state = ?, last_error = ?`, Discarded,
		shortText("discarded by "+actor+": "+note))
}

// change changes those of messages that are dead, and says how many were.
func (s *Service) change(ctx context.Context, ids []int64, sees func(warehouse string) bool,
	set string, values ...any) (count int, err error) {
	sites, err := s.sitesSeen(ctx, sees)
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	for _, site := range sites {
		args := append(slices.Concat(values, site.args), Dead)
		for _, id := range ids {
			args = append(args, id)
		}
		changed := int64(0)
		err := s.db.Transact(ctx, func(tx *store.Tx) (err error) {
			changed, err = tx.Exec(ctx, `UPDATE sync_messages SET `+set+` WHERE `+site.where+`
				AND state = ? AND id IN (`+store.InList(len(ids))+`)`, args...)
			return err
		})
		if err != nil {
			return count, err
		}
		count += int(changed)
	}
	return count, nil
}

// site is a part of the messages.
type site struct {
	where string
	args  []any
}

// sitesSeen are where messages may stand that somebody may see. Those that are no warehouse's are
// for who sees all, and those of articles, which warehouses share, for who sees one of the
// system's.
func (s *Service) sitesSeen(ctx context.Context, sees func(string) bool) (sites []site,
	err error) {
	const ofWarehouse = `warehouse = ?`
	if sees == nil || sees("") {
		sites = append(sites, site{ofWarehouse, []any{""}})
	} else {
		args := []any{"", SKUs}
		for _, remote := range s.remotes {
			if remote.seen(sees) {
				args = append(args, remote.Name)
			}
		}
		if count := len(args) - 2; count > 0 {
			sites = append(sites, site{ofWarehouse + ` AND stream = ? AND system IN (` +
				store.InList(count) + `)`, args})
		}
	}
	warehouses, err := s.catalog.Warehouses(ctx)
	for _, warehouse := range warehouses {
		if sees == nil || sees(warehouse.Code) {
			sites = append(sites, site{ofWarehouse, []any{warehouse.Code}})
		}
	}
	return sites, err
}

// firstByID are the first of messages of several warehouses.
func firstByID(messages []Message, count int) []Message {
	slices.SortFunc(messages, func(one, other Message) int { return cmp.Compare(one.ID, other.ID) })
	return messages[:min(count, len(messages))]
}
