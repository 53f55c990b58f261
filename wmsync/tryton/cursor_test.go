package tryton

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tierstock/wmsync"
)

func TestIDSet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ids := idSet(rapid.SliceOfDistinct(rapid.Int64Range(1, 300), rapid.ID[int64]).Draw(t, "ids"))
		slices.Sort(ids)
		text, err := json.Marshal(ids)
		var read idSet
		if err != nil || json.Unmarshal(text, &read) != nil || !slices.Equal(read, ids) {
			t.Fatalf("%v became %v", ids, read)
		}
	})
}

func TestDamagedIDSet(t *testing.T) {
	for _, text := range []string{`5`, `"*"`, `"gA"`, `"A_____8P"`, `"Af____8P"`} {
		var read idSet
		if err := json.Unmarshal([]byte(text), &read); err == nil && len(read) > openMax {
			t.Errorf("%s is read as %d ids", text, len(read))
		}
	}
}

func TestCursorText(t *testing.T) {
	made := cursor{Stream: wmsync.Stock, From: stamp{5, 6}, Seen: stamps{{7, 9}, {8, 2}}, Base: 90,
		Open: idSet{3, 4, 5, 80}}
	read, err := readCursor(made.text(), wmsync.Stock)
	if err != nil || read.text() != made.text() || !slices.Equal(read.Seen, made.Seen) {
		t.Errorf("%+v became %+v, %v", made, read, err)
	}
	if _, err := readCursor(made.text(), wmsync.SKUs); err == nil {
		t.Error("a cursor is taken for one of another stream")
	}
	for id, counted := range map[int64]bool{2: true, 4: false, 79: true, 80: false, 90: true,
		91: false} {
		if made.counted(id) != counted {
			t.Errorf("%d is counted: %t", id, !counted)
		}
	}
}

// TestCursorFits fills a cursor as far as it may be: it still fits into 64 KiB.
func TestCursorFits(t *testing.T) {
	full := cursor{Stream: wmsync.Stock, From: stamp{At: 1_800_000_000_000_000, ID: 1 << 31}}
	var given []stamp
	for i := range int64(3 * seenMax) {
		given = append(given, stamp{full.From.At + i*97_001, 1<<31 + i%2*50_000})
	}
	full.note(given, time.Hour)
	for text := []byte{}; len(text) <= openBytesMax; text, _ = full.Open.MarshalJSON() {
		for range 1000 {
			full.Open = append(full.Open, 1<<31+int64(len(full.Open))*60)
		}
	}
	if len(full.Open) < 10_000 || len(full.Seen) != seenMax || len(full.text()) > 64<<10 {
		t.Errorf("%d open, %d seen, %d bytes", len(full.Open), len(full.Seen), len(full.text()))
	}
	if full.From != given[2*seenMax-1] {
		t.Errorf("from %v, want the last that was forgotten", full.From)
	}
}

// record is one that a stream could tell of, and that is seen from some moment on.
type record struct {
	stamp   stamp
	visible int64
}

// TestNothingIsMissed reads while transactions end in any order: each record that is seen no later
// than the overlap after its stamp is given, and none twice.
func TestNothingIsMissed(t *testing.T) {
	const overlap = 50
	rapid.Check(t, func(t *rapid.T) {
		var all []record
		for id := range rapid.Int64Range(1, 60).Draw(t, "records") {
			at := rapid.Int64Range(1, 300).Draw(t, "at")
			all = append(all, record{stamp{at, id}, at + rapid.Int64Range(0, overlap).Draw(t, "late")})
		}
		slices.SortFunc(all, func(a, b record) int { return a.stamp.compare(b.stamp) })
		place := cursor{Stream: wmsync.Stock}
		given := map[stamp]int{}
		read := func(now int64, limit int) {
			var page []stamp
			for _, r := range all {
				if r.visible <= now && r.stamp.compare(place.From) > 0 && !place.gave(r.stamp) &&
					len(page) < limit {
					page = append(page, r.stamp)
					given[r.stamp]++
				}
			}
			place.note(page, overlap*time.Microsecond)
			place, _ = readCursor(place.text(), wmsync.Stock)
		}
		for now := int64(0); now <= 400; now += rapid.Int64Range(1, 40).Draw(t, "pause") {
			read(now, rapid.IntRange(1, 80).Draw(t, "limit"))
		}
		for range all {
			read(1000, 80)
		}
		for _, r := range all {
			if given[r.stamp] != 1 {
				t.Fatalf("%+v was given %d times", r, given[r.stamp])
			}
		}
	})
}

func TestHoles(t *testing.T) {
	if got := holes([]int64{3, 4, 7, 9}); !slices.Equal(got, []int64{5, 6, 8}) {
		t.Errorf("holes %v", got)
	}
}
