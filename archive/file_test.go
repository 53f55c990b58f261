package archive_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tierstock/archive"
	"tierstock/flow"
	"tierstock/model"
)

var update = flag.Bool("update", false, "rewrite the golden file")

func samples() []flow.ArchivedFlow {
	key := model.LineKey{JobType: "SO", OrderID: "A-1", LineID: "1", Revision: 1 << 60}
	return []flow.ArchivedFlow{
		{Flow: model.Flow{ID: "Z123-0", Seq: 5, RowSeq: 3, Tier: model.ZoneTier,
			Key: key.For("W1", model.Deduct), Reservation: 77, Zone: "FAST", Owner: "o", SKU: "TEA",
			Batch: "b<1>", Pack: "CASE",
			Delta: model.Amounts{OnHand: -1_500_000, Reserved: -1_500_000},
			After: model.Amounts{OnHand: 1, Frozen: 1}, Actor: "anna", RecordedAt: 1_600_000_000_123_456,
			Audit: model.Audit{Reason: "ORDER", Reference: "r", Note: "n\n", OccurredAt: 1}},
			Commit: 123, Tick: 9, StockID: 11, ReceivedOn: "2020-01-01", Applied: 1_500_000,
			Content: -42},
		{Flow: model.Flow{ID: "B123-1", Seq: 6, RowSeq: 4, Tier: model.BinTier, Leg: 1,
			Key: key.For("W1", model.Deduct), Zone: "FAST", Bin: "F1", SKU: "TEA",
			Delta: model.Amounts{OnHand: -1_500_000}, RecordedAt: 1_600_000_000_000_000},
			Commit: 123, Tick: 9, Pos: 1, StockID: 12},
		{Flow: model.Flow{ID: "E0", RecordedAt: 1, Key: model.TaskKey{JobType: "FLOOR",
			TaskID: "T"}.For("W1", model.Exception)}},
	}
}

// The face of the files: what reads them must not find it changed.
func TestLines(t *testing.T) {
	file := archive.New(t.TempDir(), "W1", 1)
	if err := file.Keep(t.Context(), samples()); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	got := unpacked(t, file.Path())
	golden := filepath.Join("testdata", "flows.golden.jsonl")
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil || got != string(want) {
		t.Errorf("%v\n%s", err, got)
	}
}

func unpacked(t *testing.T, path string) string {
	t.Helper()
	packed, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	reader, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	lines, err := io.ReadAll(reader)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Fatal(err)
	}
	return string(lines)
}

// A crash tears at most the batch that was being written; those before it can be read whole.
func TestTornFile(t *testing.T) {
	file := archive.New(t.TempDir(), "W1", 1)
	if file.Bytes() != 0 || file.Close() != nil {
		t.Error("a file of nothing")
	}
	var whole int64
	for range 2 {
		whole = file.Bytes()
		if err := file.Keep(t.Context(), samples()); err != nil {
			t.Fatal(err)
		}
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	for end := whole; end < file.Bytes(); end += 7 {
		if err := os.Truncate(file.Path(), file.Bytes()); err != nil {
			t.Fatal(err)
		}
		torn := filepath.Join(t.TempDir(), "torn")
		packed, err := os.ReadFile(file.Path())
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(torn, packed[:end], 0o600); err != nil {
			t.Fatal(err)
		}
		lines := strings.SplitAfter(unpacked(t, torn), "\n")
		for _, line := range lines[:3] {
			if !json.Valid([]byte(line)) {
				t.Fatalf("cut at %d: %q", end, line)
			}
		}
	}
}

func TestFileNames(t *testing.T) {
	folder := t.TempDir()
	for code, want := range map[string]string{"W1": "flows-W1-7.jsonl.gz",
		"../Ü:": "flows-_____-7.jsonl.gz", "..": "flows-__-7.jsonl.gz"} {
		file := archive.New(folder, code, 7)
		if filepath.Dir(file.Path()) != folder || filepath.Base(file.Path()) != want {
			t.Errorf("%q: %s", code, file.Path())
		}
	}
	for range 2 {
		file := archive.New(folder, "W1", 7)
		err := file.Keep(t.Context(), samples())
		if again := errors.Is(err, os.ErrExist); file.Close() != nil || err != nil && !again {
			t.Error(err)
		}
	}
	missing := archive.New(filepath.Join(folder, "missing"), "W1", 7)
	if err := missing.Keep(t.Context(), samples()); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}
