package wmsync

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"tierstock/flow"
	"tierstock/master"
	"tierstock/model"
	"tierstock/store"
	"tierstock/tier3"
)

// recountMax is how many bin rows somebody is sent to count for one difference.
const recountMax = 50

// Decide looks at a difference with a system again and, if it is still what whoever decided was
// looking at, carries the decision out: ACCEPT_THEIRS books here what they have, ACCEPT_OURS tells
// them to book what is here, RECOUNT has the bins of the article counted, IGNORE does nothing.
func (s *Service) Decide(ctx context.Context, difference flow.Difference,
	decision flow.Resolution) error {
	remote := s.find(strings.TrimPrefix(difference.Kind, kindBook))
	if remote == nil {
		return flow.Refuse(model.InvalidState, "id", "the system of this difference is not configured "+
			"any more")
	}
	now, err := s.lay(ctx, remote, difference.Warehouse)
	if failure, ok := errors.AsType[*Failure](err); ok {
		return flow.Refuse(model.Busy, "id", "system "+remote.Name+" cannot be looked at: "+
			failure.Message)
	}
	if err != nil {
		return err
	}
	key := bookKey{difference.Zone, difference.Owner, difference.SKU, difference.Batch,
		difference.Pack}
	row := bookRow{key: key}
	if there := now.rows[key]; there != nil && there.state == flow.DifferenceOpen {
		row = *there
	}
	if row.diff() != decision.ExpectedDiff || row.diff() == 0 {
		return flow.Refuse(model.Stale, "expectedDiff", "the difference is "+row.diff().String()+" now")
	}
	switch decision.Action {
	case flow.AcceptTheirs:
		return s.acceptTheirs(ctx, remote, difference, row, now.grain, decision)
	case flow.AcceptOurs:
		return s.acceptOurs(ctx, remote, difference, row, decision)
	case flow.Recount:
		return s.recount(ctx, difference, row, now.grain, decision)
	}
	return nil
}

func audit(decision flow.Resolution) model.Audit {
	return model.Audit{Reason: "RECONCILE", Note: decision.Note,
		Reference: strconv.FormatInt(decision.ID, 10)}
}

// acceptTheirs books the difference here, as what the system did: it is not told of it.
func (s *Service) acceptTheirs(ctx context.Context, remote *remote, difference flow.Difference,
	row bookRow, grain grain, decision flow.Resolution) error {
	is := booking{at: model.ZoneStockKey{Warehouse: difference.Warehouse, Zone: row.key.zone,
		Owner: row.key.owner, SKU: row.key.sku, Batch: row.key.batch, Pack: row.key.pack},
		qty: -row.diff()}
	if grain.batch {
		is.batch = &is.at.Batch
	}
	if is.qty > 0 && is.at.Zone == "" {
		is.at.Zone = remote.DefaultZone
	}
	movement := remote.booked("reconcile", strconv.FormatInt(difference.ID, 10), is, audit(decision))
	results, err := s.engine.Submit(ctx, flow.Mode{Actor: decision.Actor},
		[]*flow.Movement{movement})
	if err != nil {
		return err
	}
	return refusalOf(results[0])
}

// refusalOf is a result that is none of success as a refusal.
func refusalOf(result model.Result) error {
	if result.Code.Succeeded() {
		return nil
	}
	return &model.Refusal{Code: result.Code, Field: result.Field, Message: result.Message}
}

// acceptOurs has the system told to book the difference. The message goes with those of the relay.
func (s *Service) acceptOurs(ctx context.Context, remote *remote, difference flow.Difference,
	row bookRow, decision flow.Resolution) error {
	if remote.Sink == nil {
		return flow.Refuse(model.InvalidState, "action", "nothing is pushed to system "+remote.Name+
			": set push: true, or accept theirs")
	}
	name := "reconcile/" + strconv.FormatInt(difference.ID, 10)
	return s.db.Transact(ctx, func(tx *store.Tx) error {
		seq, known := int64(0), ""
		err := store.EachRow(ctx, tx, `SELECT seq FROM sync_places WHERE warehouse = ? AND system = ?`,
			[]any{difference.Warehouse, remote.Name},
			func(rows *sql.Rows) error { return rows.Scan(&seq) })
		if err != nil {
			return err
		}
		err = store.EachRow(ctx, tx, `SELECT item FROM sync_messages WHERE warehouse = ?
			AND system = ? AND item = ?`, []any{difference.Warehouse, remote.Name, name},
			scanInto(&known))
		if err != nil || known != "" {
			return err
		}
		now, err := tx.Now(ctx)
		if err != nil {
			return err
		}
		message := remote.correction(difference, row, seq, now, decision)
		message.ID, message.Item = tx.NewID(), name
		return insert(tx, "sync_messages", []Message{message})
	})
}

// correction is the message that has a system book a difference.
func (r *remote) correction(difference flow.Difference, row bookRow, seq int64, now model.Instant,
	decision flow.Resolution) Message {
	id := strconv.FormatInt(difference.ID, 10)
	zone := row.key.zone
	if zone == "" {
		zone = r.DefaultZone
	}
	place := &Place{Zone: mapped(r.out.zones, zone)}
	movement := Movement{ID: strings.Join([]string{url.PathEscape(difference.Warehouse), "RECONCILE",
		id}, "/"), Type: string(model.Adjust), Key: MovementKey{JobType: "RECONCILE", TaskID: id,
		Revision: "0"}, Warehouse: r.out.warehouses[difference.Warehouse],
		Owner: mapped(r.out.owners, row.key.owner), SKU: mapped(r.out.skus, row.key.sku),
		Batch: row.key.batch, Pack: mapped(r.out.packs, row.key.pack), Reason: "RECONCILE",
		Reference: id, Seq: seq, OccurredAt: now.Time().Truncate(time.Microsecond)}
	if off := row.diff(); off > 0 {
		movement.To, movement.Qty = place, off.String()
	} else {
		movement.From, movement.Qty = place, (-off).String()
	}
	return Message{Warehouse: difference.Warehouse, System: r.Name, Stream: Movements,
		Owner: row.key.owner, SKU: row.key.sku, State: Queued, Body: encoded(movement), Seq: seq,
		LastError: shortText("accepted as ours: " + decision.Note), CreatedAt: now}
}

// recount has the bins counted in which the article lies, by count tasks.
func (s *Service) recount(ctx context.Context, difference flow.Difference,
	row bookRow, grain grain, decision flow.Resolution) error {
	filter := master.StockFilter{SKUs: []string{row.key.sku}, Owner: &row.key.owner}
	if grain.zone {
		filter.Zones = []string{row.key.zone}
	}
	if grain.batch {
		filter.Batch = &row.key.batch
	}
	page, err := tier3.NewReader(s.db).Find(ctx, difference.Warehouse, filter, 0, recountMax)
	if err != nil {
		return err
	}
	var lines []model.ExceptionLine
	for _, stock := range page.Rows {
		lines = append(lines, model.ExceptionLine{Kind: model.Overage, At: stock.Key,
			Audit: audit(decision), Key: model.TaskKey{JobType: "RECOUNT",
				TaskID: fmt.Sprintf("%d/%d", difference.ID, stock.ID)}})
	}
	if len(lines) == 0 {
		return flow.Refuse(model.InvalidState, "action", "none of it lies in any bin here, so that "+
			"there is nothing to count: accept theirs or ours")
	}
	results, err := tier3.New(s.db, s.engine).Report(ctx, flow.Mode{Actor: decision.Actor}, lines)
	for _, result := range results {
		if err == nil {
			err = refusalOf(result)
		}
	}
	return err
}
