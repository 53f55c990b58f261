package wmsync

import (
	"context"
	"database/sql"
	"encoding/json"
	"maps"
	"slices"

	"tierstock/model"
	"tierstock/store"
)

// whereabouts settles in which warehouse a key is that the system names in several: an order that
// goes to another warehouse is released in the one that it leaves. What is older than what another
// warehouse knows of its key is old.
func (p *puller) whereabouts(ctx context.Context, items []*item) ([]*item, error) {
	if len(p.Warehouses) < 2 || p.stream != Orders && p.stream != Inbound {
		return items, nil
	}
	named := slices.DeleteFunc(slices.Clone(items), func(it *item) bool {
		return it.fault != "" || it.key == "" || it.ofSnapshot
	})
	newest, version := map[string]*item{}, map[string]int64{}
	for _, it := range named {
		if it.Version == 0 || it.Version >= version[it.key] {
			newest[it.key] = it
		}
		version[it.key] = max(version[it.key], it.Version)
	}
	for _, it := range named {
		it.isOld = newest[it.key].warehouse != it.warehouse
	}
	keys := slices.Sorted(maps.Keys(newest))
	for _, site := range p.sites() {
		states, err := p.manyStates(ctx, site, keys)
		if err != nil {
			return nil, err
		}
		for _, it := range named {
			switch is := states[it.key]; {
			case !is.known || it.warehouse == site:
			case it.Version != 0 && is.Version > it.Version:
				it.isOld = true
			case !is.Gone && newest[it.key] == it && it.letter == 0:
				items = append(items, leaving(it, site))
			}
		}
	}
	return items, nil
}

// manyStates is readStates for any number of keys.
func (p *puller) manyStates(ctx context.Context, site string, keys []string) (
	map[string]state, error) {
	states := map[string]state{}
	for some := range slices.Chunk(keys, commitItems) {
		found, err := p.readStates(ctx, site, some)
		if err != nil {
			return nil, err
		}
		maps.Copy(states, found)
	}
	return states, nil
}

// leaving is the deletion of what an item says is elsewhere.
func leaving(it *item, site string) *item {
	return &item{Change: Change{ID: hashed("left " + site + " " + it.ID), Op: Delete, Key: it.key,
		Version: it.Version}, warehouse: site, key: it.key, about: it.about, isRead: true, ours: true}
}

// placeDeletes gives deletions that name no warehouse that of what else the page says of their key.
func placeDeletes(items []*item) {
	sites := map[string]string{}
	for _, it := range items {
		if it.Op == Upsert && it.fault == "" && it.key != "" {
			sites[it.key] = it.warehouse
		}
	}
	for _, it := range items {
		if site, known := sites[it.key]; known && it.isLost {
			it.warehouse, it.isLost = site, false
		}
	}
}

// otherSystem is another system of the configuration that has an order of that job type in a
// warehouse, "" for none: its lines have the keys that this one's would have.
func (p *puller) otherSystem(ctx context.Context, warehouse string, order model.Order) (
	other string, err error) {
	args := []any{warehouse, p.stream, order.OrderID}
	for _, remote := range p.remotes {
		if remote.Name != p.Name {
			args = append(args, remote.Name)
		}
	}
	if order.JobType == "" || len(p.remotes) < 2 {
		return "", nil
	}
	err = store.EachRow(ctx, p.db.Reader(), `SELECT system, data FROM sync_items WHERE warehouse = ?
		AND stream = ? AND item_key = ? AND system IN (`+store.InList(len(args)-3)+`)`, args,
		func(rows *sql.Rows) error {
			var system, data string
			var held heldOrder
			err := rows.Scan(&system, &data)
			if json.Unmarshal([]byte(data), &held) == nil && held.JobType == order.JobType {
				other = system
			}
			return err
		})
	return other, err
}
