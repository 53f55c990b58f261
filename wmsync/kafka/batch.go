package kafka

import (
	"github.com/twmb/franz-go/pkg/kgo"

	"tierstock/wmsync"
)

// batch is what became of the movements of one call, by their place in it. A movement of which no
// record could be made has none, and the error from the beginning.
type batch struct {
	records []*kgo.Record
	errs    []error
	place   map[*kgo.Record]int
}

func newBatch(topic string, movements []wmsync.Movement) *batch {
	b := &batch{records: make([]*kgo.Record, len(movements)), errs: make([]error, len(movements)),
		place: make(map[*kgo.Record]int, len(movements))}
	for i, movement := range movements {
		value, err := envelope(movement)
		if err != nil {
			b.errs[i] = err
			continue
		}
		b.records[i] = &kgo.Record{Topic: topic, Key: key(movement), Value: value,
			Headers: []kgo.RecordHeader{{Key: "content-type", Value: []byte(contentType)}}}
		b.place[b.records[i]] = i
	}
	return b
}

// open are the records there are.
func (b *batch) open() []*kgo.Record {
	var records []*kgo.Record
	for _, record := range b.records {
		if record != nil {
			records = append(records, record)
		}
	}
	return records
}

func (b *batch) note(record *kgo.Record, err error) { b.errs[b.place[record]] = err }

// refused are the records that a broker does not want as they were sent.
func (b *batch) refused() []*kgo.Record {
	var records []*kgo.Record
	for i, record := range b.records {
		if record != nil && isRefusal(b.errs[i]) {
			records = append(records, record)
		}
	}
	return records
}

// waits says whether any is to be sent again.
func (b *batch) waits() bool {
	for _, err := range b.errs {
		if outcome(err) == wmsync.Retry {
			return true
		}
	}
	return false
}

func (b *batch) anyTaken() bool {
	for _, err := range b.errs {
		if err == nil {
			return true
		}
	}
	return false
}

func (b *batch) receipts() []wmsync.Receipt {
	receipts := make([]wmsync.Receipt, len(b.errs))
	for i, err := range b.errs {
		receipts[i].Outcome = outcome(err)
		if err != nil {
			receipts[i].Message = words(err)
		}
	}
	return receipts
}
