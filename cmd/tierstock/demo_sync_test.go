package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tierstock/sample"
	"tierstock/stocktest"
)

// syncedDays are days that are played before it is looked how the demo is synced.
const syncedDays = "30"

// TestDemoStaysSynced: after the demo the WMS is connected, is told what is done by hand, and is so
// after a restart, with books that agree.
func TestDemoStaysSynced(t *testing.T) {
	for _, backend := range stocktest.Backends(t) {
		t.Run(string(backend.Name), func(t *testing.T) {
			databaseURL := backend.URL(t)
			for run, key := range []string{"first", "second"} {
				said := served(t, func(url string) {
					before := awaitSynced(t, url, "")
					receiveOne(t, url, key)
					awaitSynced(t, url, before)
					reconcileBooks(t, url)
				}, "demo", "--db", databaseURL, "--days", syncedDays)
				first := strings.Contains(said, " 0 explained by what is under way, 0 to be decided")
				if first != (run == 0) || !strings.Contains(said, "pulled from a simulated WMS, ") ||
					strings.Contains(said, `"level":"ERROR"`) {
					t.Error(said)
				}
			}
		})
	}
}

// awaitSynced waits until every stream is well and all is told that happened after a cursor of the
// movements, and gives that cursor.
func awaitSynced(t *testing.T, url, after string) string {
	t.Helper()
	var body, told string
	for began := time.Now(); time.Since(began) < 20*time.Second; time.Sleep(50 * time.Millisecond) {
		_, body = post(t, url, `{ syncStreams { system stream state pending dead cursor } }`)
		var answer struct {
			Data struct {
				SyncStreams []struct {
					System  string `json:"system"`
					Stream  string `json:"stream"`
					State   string `json:"state"`
					Cursor  string `json:"cursor"`
					Pending int    `json:"pending"`
					Dead    int    `json:"dead"`
				} `json:"syncStreams"`
			} `json:"data"`
		}
		if err := json.Unmarshal([]byte(body), &answer); err != nil {
			t.Fatal(err, body)
		}
		var streams []string
		waiting := false
		for _, stream := range answer.Data.SyncStreams {
			streams = append(streams, stream.Stream)
			waiting = waiting || stream.System != sample.System || stream.State != "OK" ||
				stream.Pending > 0 || stream.Dead > 0
			if stream.Stream == "movements" {
				told = stream.Cursor
			}
		}
		all := []string{"skus", "stock", "inbound", "orders", "movements", "reconciliation"}
		if slices.Equal(streams, all) && !waiting && told != after {
			return told
		}
	}
	t.Fatal(body)
	return ""
}

func receiveOne(t *testing.T, url, key string) {
	t.Helper()
	_, body := post(t, url, `mutation { receive(lines: [{key: {jobType: "FOUND", orderId: "`+key+
		`", lineId: "1"}, at: {warehouse: "W1", zone: "DOCK", sku: "OFF-PA-10000174"}, qty: "1"}])
		{ results { code } } }`)
	if !strings.Contains(body, `"APPLIED"`) {
		t.Fatal(body)
	}
}

func reconcileBooks(t *testing.T, url string) {
	t.Helper()
	_, body := post(t, url, `mutation { runReconciliation(warehouse: "W1", scope: EXTERNAL)
		{ code message run { state compared matched timing open } } }`)
	if !strings.Contains(body, `"state":"DONE"`) || !strings.Contains(body, `"open":0`) ||
		strings.Contains(body, `"compared":0`) {
		t.Error(body)
	}
}

// TestDemoKeepsItsName: a system of the configuration may not be named as the demo's own.
func TestDemoKeepsItsName(t *testing.T) {
	t.Chdir(t.TempDir())
	text := "systems:\n  - name: " + sample.System + "\n    kind: wes-sync\n" +
		"    url: http://127.0.0.1:1\n    warehouses: {MAIN: W1}\n"
	if err := os.WriteFile("c.yaml", []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	code, _, said := tierstock(t, "demo", "--config", "c.yaml", "--listen", "127.0.0.1:0")
	if code != exitUsage || !strings.Contains(said, "a system is named wms, as the one that") {
		t.Error(code, said)
	}
	if made, err := filepath.Glob("*.db*"); err != nil || len(made) > 0 {
		t.Error(made, err)
	}
}
