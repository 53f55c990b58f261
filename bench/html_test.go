package bench

import (
	"bytes"
	"errors"
	"regexp"
	"strings"
	"testing"
)

func htmlOf(t *testing.T, report Report) string {
	t.Helper()
	var buffer bytes.Buffer
	if err := WriteHTML(&buffer, report); err != nil {
		t.Fatal(err)
	}
	return buffer.String()
}

func TestPage(t *testing.T) {
	got := htmlOf(t, sampleReport())
	for _, words := range []string{
		"104,200 lines a second on one stock row", "45.2 ×", "4 of 7", "2\nmissed, 1 not measured",
		`<span class="verdict missed">missed</span>`, `<span class="verdict reached">reached</span>`,
		"at least 0.85", "at most 0.25", "peakLines", "3 pieces oversold at SKU-7: does not count",
		"innodb_flush_log_at_trx_commit", "Intel Xeon @ 2.80GHz", "187 MiB", "64 × 100",
		"1,000,000 flows before", "make bench", "tierstock bench --db mysql://",
		"The seed of this run was 42", "prefers-color-scheme", "uniform10k, callers at once",
	} {
		if !strings.Contains(got, words) {
			t.Errorf("the page does not say %q", words)
		}
	}
	if count := strings.Count(got, "<svg"); count != 4 {
		t.Errorf("%d charts, not 4", count)
	}
	if strings.Contains(got, "ZgotmplZ") || strings.Contains(got, "NaN") {
		t.Error("the page shows what is no figure")
	}
}

// TestPageNeedsNothing: no script, and nothing that a browser would fetch.
func TestPageNeedsNothing(t *testing.T) {
	fetches := regexp.MustCompile(`<script|<link|<img|<iframe|src=|href=|@import|url\(|https?://`)
	if found := fetches.FindString(htmlOf(t, sampleReport())); found != "" {
		t.Errorf("the page has %q", found)
	}
}

func TestPageOfHostileReport(t *testing.T) {
	got := htmlOf(t, hostileReport())
	for _, words := range []string{"<script", "NaN", "Inf", "ZgotmplZ", "\x00"} {
		if strings.Contains(got, words) {
			t.Errorf("the page says %q", words)
		}
	}
	if !strings.Contains(got, "&lt;script&gt;") {
		t.Error("the page hides the name instead of showing it")
	}
	if !strings.Contains(got, "4 of 9") {
		t.Error("a goal whose value is no number counts as reached")
	}
}

func TestPageOfParts(t *testing.T) {
	for name, c := range map[string]struct {
		report  Report
		without []string
	}{
		"one cell": {Report{Cells: sampleCells("zipf", "naive", curvePoint{64, 100, 1, 10})},
			[]string{"<svg", `class="tile"`, `class="bars"`, "Scores without"}},
		"a zero cell": {Report{Cells: []Cell{{}}}, []string{"<svg", `class="bars"`, ">0 to 0<"}},
		"merged alone": {Report{Cells: sampleCells("hot1", "merged", curvePoint{64, 100, 1, 10})},
			[]string{`class="tile`, `class="bars"`, "×"}},
	} {
		got := htmlOf(t, c.report)
		for _, words := range c.without {
			if _, body, _ := strings.Cut(got, "<body>"); strings.Contains(body, words) {
				t.Errorf("%s: the page has %q", name, words)
			}
		}
		if !strings.HasSuffix(strings.TrimSpace(got), "</html>") {
			t.Errorf("%s: the page does not end", name)
		}
	}
}

func TestNoPage(t *testing.T) {
	var buffer bytes.Buffer
	if err := WriteHTML(&buffer, Report{}); !errors.Is(err, errEmpty) || buffer.Len() > 0 {
		t.Errorf("%v, and %d bytes", err, buffer.Len())
	}
}

// Each stands at the number of callers that suits it best, and only with cells that count.
func TestBars(t *testing.T) {
	cells := sampleCells("hot1", "merged", curvePoint{64, 1000, 1, 1}, curvePoint{1000, 4000, 1, 1})
	cells = append(cells, sampleCells("hot1", "naive", curvePoint{8, 50, 1, 1})...)
	cells = append(cells, sampleCells("hot1", "for-update", curvePoint{64, 80, 1, 1})...)
	broken := sampleCells("hot1", "optimistic", curvePoint{64, 9000, 1, 1})
	broken[0].Oracle = "1 lost"
	groups := barGroups(append(cells, broken...))
	if len(groups) != 1 || len(groups[0].Bars) != 2 {
		t.Fatalf("%+v", groups)
	}
	merged, classic := groups[0].Bars[0], groups[0].Bars[1]
	if merged.Value != "4,000" || merged.Note != "1,000 callers" || merged.Percent != 100 {
		t.Errorf("merged: %+v", merged)
	}
	if classic.Name != "for-update" || classic.Percent != 2 {
		t.Errorf("classic: %+v", classic)
	}
}
