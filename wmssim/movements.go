package wmssim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"

	"tierstock/model"
	"tierstock/wmsync"
)

// postBytesMax bounds what may be posted.
const postBytesMax = 16 << 20

// result is what became of a movement.
type result struct {
	ID         string         `json:"id"`
	Status     wmsync.Outcome `json:"status"`
	Error      string         `json:"error,omitempty"`
	RetryAfter int            `json:"retryAfter,omitempty"`
}

// Ledger are the movements that were applied, in the order in which they were.
func (w *WMS) Ledger() []Entry {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	entries := make([]Entry, len(w.ledger))
	for i, entry := range w.ledger {
		entries[i] = *entry
	}
	return entries
}

// Taken is how many movements were applied.
func (w *WMS) Taken() int {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return len(w.ledger)
}

// Rejected are the movements that were rejected, each as often as it was.
func (w *WMS) Rejected() []Entry {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return slices.Clone(w.rejected)
}

// Complaints say in words where a caller broke the protocol, though it was served.
func (w *WMS) Complaints() []string {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return slices.Clone(w.complaints)
}

// movements takes a batch of movements.
func (w *WMS) movements(_ *http.Request, body []byte) (int, any) {
	var sent struct {
		BatchID   string            `json:"batchId"`
		Movements []wmsync.Movement `json:"movements"`
	}
	if err := json.Unmarshal(body, &sent); err != nil || len(sent.Movements) == 0 {
		return http.StatusBadRequest, problem("the body is no batch of movements")
	}
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.complain(sent.BatchID, sent.Movements)
	results := make([]result, len(sent.Movements))
	for i, movement := range sent.Movements {
		results[i] = w.take(movement)
	}
	return http.StatusOK, struct {
		Results []result `json:"results"`
	}{results}
}

// complain notes a batch that holds two movements of one SKU, of which the second might be taken
// where the first is not.
func (w *WMS) complain(batchID string, movements []wmsync.Movement) {
	seen := map[[3]string]string{}
	for _, movement := range movements {
		of := [3]string{movement.Warehouse, movement.Owner, movement.SKU}
		if other, twice := seen[of]; twice {
			w.complaints = append(w.complaints, fmt.Sprintf("batch %s has %s and %s, both of SKU %s",
				batchID, other, movement.ID, movement.SKU))
		}
		seen[of] = movement.ID
	}
}

// take applies a movement once, and says so.
func (w *WMS) take(movement wmsync.Movement) result {
	if entry := w.taken[movement.ID]; entry != nil {
		entry.Times++
		if !same(entry.Movement, movement) {
			return w.reject(movement, "this id was another movement's")
		}
		return result{ID: movement.ID, Status: wmsync.Duplicate}
	}
	if w.chance(w.faults.RetrySome) {
		return result{ID: movement.ID, Status: wmsync.Retry, Error: "busy", RetryAfter: 1}
	}
	qty, err := model.ParseQuantity(movement.Qty)
	switch {
	case movement.ID == "" || movement.SKU == "" || movement.From == nil && movement.To == nil:
		return w.reject(movement, "it lacks id, sku, or both from and to")
	case err != nil || qty <= 0:
		return w.reject(movement, "qty is not a decimal above zero")
	case !slices.Contains(w.options.Warehouses, movement.Warehouse):
		return w.reject(movement, "there is no such warehouse")
	case slices.Contains(w.faults.RejectSKU, movement.SKU):
		return w.reject(movement, "nothing may be moved of this SKU")
	}
	w.apply(movement, qty)
	return result{ID: movement.ID, Status: wmsync.Applied}
}

func (w *WMS) apply(movement wmsync.Movement, qty model.Quantity) {
	at := func(place *wmsync.Place) Spot {
		return Spot{Warehouse: movement.Warehouse, Zone: place.Zone, Owner: movement.Owner,
			SKU: movement.SKU, Batch: movement.Batch, Pack: movement.Pack}
	}
	if movement.From != nil {
		w.book(at(movement.From), -qty)
	}
	if movement.To != nil {
		w.book(at(movement.To), qty)
	}
	entry := &Entry{Movement: movement, ReceivedAt: w.options.Now().UTC(), Times: 1}
	w.ledger = append(w.ledger, entry)
	w.taken[movement.ID] = entry
}

func (w *WMS) reject(movement wmsync.Movement, why string) result {
	w.rejected = append(w.rejected,
		Entry{Movement: movement, ReceivedAt: w.options.Now().UTC(), Times: 1})
	return result{ID: movement.ID, Status: wmsync.Rejected, Error: why}
}

func same(a, b wmsync.Movement) bool {
	first, _ := json.Marshal(a)
	second, _ := json.Marshal(b)
	return string(first) == string(second)
}
