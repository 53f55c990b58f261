package wmsync

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"tierstock/model"
	"tierstock/store"
)

// noticeTaker takes notices of goods to come. They count as incoming until they are received under
// jobType ASN, with the notice's id and the line's.
type noticeTaker struct{}

// expectedRow is a row of expected_goods.
type expectedRow struct {
	Warehouse                string
	ASNID                    string `gorm:"column:asn_id"`
	LineID                   string
	System, Zone, Owner, SKU string
	Batch, Pack              string
	ExpiresOn                model.Date
	Qty                      model.Quantity
	Closed                   bool
	UpdatedAt                model.Instant
}

func (noticeTaker) read(ctx context.Context, p *puller, it *item) error {
	if it.Op == Delta {
		return errNoDelta
	}
	if it.Op == Delete {
		return p.readDelete(ctx, it)
	}
	data, err := read[noticeData](it.Data)
	if err != nil {
		return err
	}
	var c check
	it.warehouse = c.warehouse(&p.System, orText(data.Warehouse, it.askedOf))
	it.key = c.code("asnId", orText(data.ASN, it.Key), nil)
	rows := make([]expectedRow, len(data.Lines))
	for i, line := range data.Lines {
		in := fmt.Sprintf("lines[%d].", i)
		rows[i] = expectedRow{Warehouse: it.warehouse, ASNID: it.key,
			LineID: c.code(in+"lineId", line.LineID, nil), System: p.Name,
			Zone: c.zone(&p.System, data.Zone), Owner: c.label("owner", data.Owner, p.Owners),
			SKU: c.code(in+"sku", line.SKU, p.SKUs), Pack: c.label(in+"pack", line.Pack, p.Packs),
			Batch: line.Batch, ExpiresOn: c.date(in+"expiresOn", line.ExpiresOn),
			Qty: model.Quantity(line.Qty)}
		c.add(in+"batch", model.CheckLabel(line.Batch))
		if line.Qty <= 0 {
			c.add(in+"qty", errors.New("must be greater than zero"))
		}
		if slices.ContainsFunc(rows[:i], func(r expectedRow) bool { return r.LineID == line.LineID }) {
			c.add(in+"lineId", fmt.Errorf("%q is there twice", line.LineID))
		}
		it.articles = append(it.articles, rows[i].SKU)
	}
	if len(rows) > 0 {
		it.about = model.Item{Owner: rows[0].Owner, SKU: rows[0].SKU}
	}
	it.data = rows
	return c.wrong
}

func (noticeTaker) plan(ctx context.Context, p *puller, warehouse string, items []*item,
	_ map[string]state) error {
	for _, it := range items {
		rows, _ := it.data.([]expectedRow)
		unknown, err := p.unknownArticles(ctx, it.articles)
		if err != nil {
			return err
		}
		it.keep = &state{Version: it.Version, Gone: it.Op == Delete}
		it.after = func(ctx context.Context, tx *store.Tx, _ []model.Result) (string, error) {
			if len(unknown) > 0 {
				return faultOf(model.NotFound, "lines.sku", "there is no SKU "+unknown[0]), nil
			}
			return p.expect(ctx, tx, warehouse, it.key, rows)
		}
	}
	return nil
}

// expect notes what a notice says now; what it does not name any more will not come.
func (p *puller) expect(ctx context.Context, tx *store.Tx, warehouse, asn string,
	rows []expectedRow) (fault string, err error) {
	other := ""
	err = store.EachRow(ctx, tx, `SELECT system FROM expected_goods WHERE warehouse = ?
		AND asn_id = ? AND system <> ?`, []any{warehouse, asn, p.Name}, scanInto(&other))
	if err != nil || other != "" {
		return faultOf(model.InvalidState, "asnId", "notice "+asn+" is system "+other+"'s"), err
	}
	now, err := tx.Now(ctx)
	if err != nil {
		return "", err
	}
	_, err = tx.Exec(ctx, `DELETE FROM expected_goods WHERE warehouse = ? AND asn_id = ?`, warehouse,
		asn)
	if err != nil {
		return "", err
	}
	for i := range rows {
		rows[i].UpdatedAt = now
	}
	return "", insert(tx, "expected_goods", rows)
}
