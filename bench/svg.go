package bench

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode"
)

// Pictures are written here, not by a plotting library. gonum.org/v1/plot was tried: it writes each
// colour into each shape, so that one drawing cannot follow a reader's light or dark, places text
// by the widths of a font that the reader may not have, and brings eight modules. What is needed
// of it is two logarithms.

//go:embed *.gohtml *.css
var faces embed.FS

var templates = template.Must(template.ParseFS(faces, "*.gohtml", "*.css"))

const (
	pictureHeader = 66
	captionStep   = 17
	// captionRunes fit into one line of the picture.
	captionRunes = 150
)

// picture is what the template of the same name draws.
type picture struct {
	Width, Height  int
	Heading, Words string
	Charts         []chart
	Captions       []tick
}

// GroundWidth and GroundHeight leave half a unit at each edge for the stroke.
func (p picture) GroundWidth() int  { return p.Width - 1 }
func (p picture) GroundHeight() int { return p.Height - 1 }

// WriteSVG draws callers against lines a second and against p99 on the one hot row. It brings its
// own ground and colours, so that it can be read on any page. A report without a cell to draw is
// an error, and nothing is written.
func WriteSVG(w io.Writer, report Report) error {
	p := picture{
		Heading: "One hot stock row, more and more callers",
		Words:   "Workload hot1: every line reserves one piece of the same stock row.",
	}
	for _, m := range []measure{linesPerSecond, p99} {
		c, ok := newChart(report.Cells, Hot1, m)
		if !ok {
			return fmt.Errorf("no picture without a cell of %s whose oracle is ok and whose %s is "+
				"above 0; there are %d cells", Hot1, m.axis, len(report.Cells))
		}
		c.Left += len(p.Charts) * panelWidth
		c.Top += pictureHeader
		p.Charts = append(p.Charts, c)
	}
	at := pictureHeader + panelHeight + captionStep
	for _, text := range captions(report) {
		p.Captions = append(p.Captions, tick{At: fmt.Sprint(at), Text: text})
		at += captionStep
	}
	p.Width, p.Height = 2*panelWidth, at+4
	return render(w, "picture", p)
}

// render writes all or nothing.
func render(w io.Writer, name string, data any) error {
	var buffer bytes.Buffer
	if err := templates.ExecuteTemplate(&buffer, name, data); err != nil {
		return err
	}
	_, err := w.Write(buffer.Bytes())
	return err
}

// captions say where the figures come from, and what the contenders do not do alike.
func captions(report Report) []string {
	s := report.Server
	texts := []string{machine(s)}
	if len(s.Settings) > 0 {
		texts = append(texts, settings(s))
	}
	if hasContender(report.Cells, "redis") || hasContender(report.Cells, "redis-durable") {
		texts = append(texts, "redis keeps nothing on disk; redis-durable syncs every write and "+
			"pipelines by itself. All others commit to the database.")
	}
	if void := undrawnCells(report.Cells); len(void) > 0 {
		texts = append(texts, "Not drawn, because the oracle is not ok: "+strings.Join(void, ", "))
	}
	for i, text := range texts {
		texts[i] = shortened(printable(text), captionRunes)
	}
	return texts
}

// undrawnCells are those that the picture leaves out because they do not count: a gap must say so.
func undrawnCells(cells []Cell) []string {
	var void []string
	for _, c := range cells {
		isDrawn := slices.ContainsFunc(drawn, func(l look) bool { return l.Name == c.Contender })
		if c.Workload == Hot1 && isDrawn && !cellCounts(c) {
			void = append(void, c.Contender+" at "+plural(c.Callers, "caller"))
		}
	}
	return void
}

func hasContender(cells []Cell, name string) bool {
	return slices.ContainsFunc(cells, func(c Cell) bool { return c.Contender == name })
}

// machine is the server in one line, without what is unknown.
func machine(s Server) string {
	var parts []string
	add := func(known bool, text string) {
		if known {
			parts = append(parts, text)
		}
	}
	add(s.Database != "", s.Database)
	add(s.Redis != "", s.Redis)
	add(s.Cores > 0, plural(s.Cores, "core"))
	add(s.CPU != "", s.CPU)
	add(s.Rounds > 0 && s.Seconds > 0,
		fmt.Sprintf("median of %s of %s s", plural(s.Rounds, "round"), figure(s.Seconds)))
	add(s.Date != "", s.Date)
	return strings.Join(parts, " · ")
}

func settings(s Server) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(s.Settings)) {
		parts = append(parts, name+" = "+s.Settings[name])
	}
	return strings.Join(parts, ", ")
}

// printable replaces what XML has no way to write: a control character from a server's variable
// must not cost the picture.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, text)
}

func shortened(text string, runesMax int) string {
	if runes := []rune(text); len(runes) > runesMax {
		return string(runes[:runesMax-1]) + "…"
	}
	return text
}
