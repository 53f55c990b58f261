package flow

import (
	"context"
	"database/sql"
	"slices"
	"sync"

	"tierstock/store"
)

// stagingBins remembers the staging bin of each zone. It is given once and for ever.
type stagingBins struct{ known sync.Map }

type siteZone struct{ warehouse, zone string }

// findStaging adds the staging bins that goods arrive in by default.
func (b *Book) findStaging(ctx context.Context, n *needed) error {
	var unknown []string
	for _, zones := range n.stagingOf {
		for zone := range zones {
			if _, ok := b.engine.staging.known.Load(siteZone{b.warehouse, zone}); !ok &&
				!slices.Contains(unknown, zone) {
				unknown = append(unknown, zone)
			}
		}
	}
	for _, zones := range chunks(unknown, chunkKeys) {
		statement, args := sqlStagingBins(b.warehouse, zones)
		err := store.EachRow(ctx, b.q, statement, args, func(rows *sql.Rows) error {
			var zone, bin string
			err := rows.Scan(&zone, &bin)
			b.engine.staging.known.Store(siteZone{b.warehouse, zone}, bin)
			return err
		})
		if err != nil {
			return err
		}
	}
	for item, zones := range n.stagingOf {
		for zone := range zones {
			if bin, ok := b.engine.staging.known.Load(siteZone{b.warehouse, zone}); ok {
				n.addBins(n.bins, item, []string{bin.(string)})
			}
		}
	}
	return nil
}
