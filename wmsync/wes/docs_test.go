package wes

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tierstock/wmsync"
)

// TestDocumentedAnswers: each example of docs/wms-sync.md is JSON, and each answer in it can be
// read without a fault.
func TestDocumentedAnswers(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "wms-sync.md"))
	if err != nil {
		t.Fatal(err)
	}
	read := map[string]int{}
	for n, block := range strings.Split(string(text), "\n```json\n")[1:] {
		block, _, _ = strings.Cut(block, "\n```")
		var fields map[string]json.RawMessage
		if err := json.Unmarshal([]byte(block), &fields); err != nil {
			t.Errorf("example %d: %v", n+1, err)
			continue
		}
		for _, name := range []string{"items", "rows", "results", "movements"} {
			if _, there := fields[name]; there {
				read[name]++
				checkExample(t, name, []byte(block))
			}
		}
	}
	if len(read) != 4 {
		t.Errorf("examples are of %v", read)
	}
}

func checkExample(t *testing.T, name string, block []byte) {
	t.Helper()
	switch name {
	case "items":
		page, err := readPage(block)
		if err != nil || page.Items[0].Fault != "" || page.Next == "" || page.AsOf.IsZero() {
			t.Errorf("%+v, %v", page, err)
		}
	case "rows":
		snapshot, err := readSnapshot(block)
		if err != nil || len(snapshot.Rows) != snapshot.RowCount || snapshot.Cursor == "" {
			t.Errorf("%+v, %v", snapshot, err)
		}
	case "results":
		checkReceipts(t, block)
	case "movements":
		decoder := json.NewDecoder(strings.NewReader(string(block)))
		decoder.DisallowUnknownFields()
		var sent struct {
			BatchID   string            `json:"batchId"`
			Movements []wmsync.Movement `json:"movements"`
		}
		if err := decoder.Decode(&sent); err != nil || len(sent.Movements) == 0 {
			t.Error(err, sent)
		}
	}
}

func checkReceipts(t *testing.T, block []byte) {
	t.Helper()
	answers, err := readAnswers(block, nil)
	if err != nil || len(answers) != 4 {
		t.Fatal(answers, err)
	}
	want := []wmsync.Outcome{wmsync.Applied, wmsync.Duplicate, wmsync.Rejected, wmsync.Retry}
	for i, each := range answers {
		if each.id == "" || each.receipt.Outcome != want[i] {
			t.Errorf("%+v, want %s", each, want[i])
		}
	}
}
