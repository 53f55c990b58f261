package bench

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// hostile is what a name must not be able to do to a page.
const hostile = `"><script>alert(1)</script>&'{{.}}` + "\x00\x1b\xff"

// hostileReport is the sample with bad text and bad figures wherever a report has room for them.
func hostileReport() Report {
	report := sampleReport()
	report.Server = Server{
		Database: hostile, Redis: hostile, CPU: hostile, Go: hostile, Commit: hostile, Date: hostile,
		Settings: map[string]string{hostile: hostile}, Seconds: math.NaN(),
	}
	report.Scores = map[string]float64{hostile: math.Inf(1), "nothing": math.NaN()}
	report.Goals = append(report.Goals,
		Goal{Score: hostile, Words: hostile, Value: math.NaN(), Reached: true},
		Goal{Score: "zero", Goal: 0, Value: 0})
	nan := math.NaN()
	report.Cells = append(report.Cells,
		Cell{Workload: hostile, Contender: hostile, Oracle: hostile},
		Cell{Workload: Hot1, Contender: hostile, Callers: 64, LinesPerSecond: 9, Oracle: "ok"},
		Cell{Workload: Hot1, Contender: "naive", Callers: 16, LinesPerSecond: nan, P99Ms: nan,
			LowestPerSec: nan, HighestPerSec: math.Inf(1), P50Ms: math.Inf(-1), Oracle: "ok"},
		Cell{Workload: Hot1, Contender: "queue", Callers: 16, Oracle: "ok"},
		Cell{Workload: Hot1, Contender: "queue", Callers: -1, LinesPerSecond: 1, Oracle: "ok"})
	return report
}

func svgOf(t *testing.T, report Report) string {
	t.Helper()
	var buffer bytes.Buffer
	if err := WriteSVG(&buffer, report); err != nil {
		t.Fatal(err)
	}
	return buffer.String()
}

// wellFormed reads all of an XML document, and finds no element that its name forbids.
func wellFormed(t *testing.T, document string) {
	t.Helper()
	decoder := xml.NewDecoder(strings.NewReader(document))
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if start, ok := token.(xml.StartElement); ok && start.Name.Local == "script" {
			t.Error("the picture has a script")
		}
	}
}

func TestPicture(t *testing.T) {
	picture := svgOf(t, sampleReport())
	wellFormed(t, picture)
	for _, l := range drawn {
		if count := strings.Count(picture, ">"+l.Name+"</text>"); count != 2 {
			t.Errorf("%s is named %d times, not once in each chart", l.Name, count)
		}
	}
	for _, words := range []string{
		"callers at once", "lines a second", "p99 in milliseconds", ">4,096<", "MariaDB 10.11.19",
		"sync_binlog = 0", "prefers-color-scheme", `class="ground"`,
		"merged, 1,000 callers: 100,200 lines a second (95,190 to 103,206)",
	} {
		if !strings.Contains(picture, words) {
			t.Errorf("the picture does not say %q", words)
		}
	}
	for _, words := range []string{"NaN", "Inf", "ZgotmplZ", ">limit<"} {
		if strings.Contains(picture, words) {
			t.Errorf("the picture says %q", words)
		}
	}
}

func TestPictureOfHostileReport(t *testing.T) {
	picture := svgOf(t, hostileReport())
	wellFormed(t, picture)
	for _, words := range []string{"NaN", "Inf", "ZgotmplZ", "<script"} {
		if strings.Contains(picture, words) {
			t.Errorf("the picture says %q", words)
		}
	}
}

func TestPictureOfOnePoint(t *testing.T) {
	picture := svgOf(t, Report{Cells: sampleCells("hot1", "merged", curvePoint{64, 100, 1, 10})})
	wellFormed(t, picture)
	if strings.Contains(picture, "NaN") || strings.Contains(picture, ">naive<") {
		t.Error("one point is drawn with what is not there")
	}
}

func TestNoPicture(t *testing.T) {
	broken := sampleCells("hot1", "merged", curvePoint{64, 100, 1, 10})
	broken[0].Oracle = "1 lost"
	for name, cells := range map[string][]Cell{
		"empty":          nil,
		"other workload": sampleCells("zipf", "merged", curvePoint{64, 100, 1, 10}),
		"oracle not ok":  broken,
		"nothing done":   sampleCells("hot1", "merged", curvePoint{64, 0, 0, 0}),
	} {
		var buffer bytes.Buffer
		err := WriteSVG(&buffer, Report{Cells: cells})
		if err == nil || !strings.Contains(err.Error(), Hot1) || buffer.Len() > 0 {
			t.Errorf("%s: %v, and %d bytes", name, err, buffer.Len())
		}
	}
}

// A cell that does not count must not lift a curve, and the picture says that it is missing.
func TestBrokenCellIsNotDrawn(t *testing.T) {
	report := sampleReport()
	before, _ := newChart(report.Cells, Hot1, linesPerSecond)
	broken := sampleCells("hot1", "optimistic", curvePoint{1000, 900000, 0.1, 0.2})
	broken[0].Oracle = "12 pieces oversold"
	report.Cells = append(report.Cells, broken...)
	after, _ := newChart(report.Cells, Hot1, linesPerSecond)
	if difference := cmp.Diff(before, after); difference != "" {
		t.Errorf("a cell whose oracle is not ok changes the curves: %s", difference)
	}
	if !strings.Contains(svgOf(t, report), "oracle is not ok: optimistic at 1,000 callers") {
		t.Error("the picture does not say what it leaves out")
	}
}
