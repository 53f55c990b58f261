package sample

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"tierstock/model"
)

// Limits of an order file. A file this long is a year of a large shop; one longer is better cut.
const (
	linesMax  = 500_000
	piecesMax = 1_000_000_000
)

// OrderLine is one line of an order as the shop's file has it. ShipOn and Kind are "" where the
// file does not say.
type OrderLine struct {
	OrderID, LineID   string
	OrderedOn, ShipOn model.Date
	SKU, Name, Kind   string
	Pieces            int64
}

// Key is the order line's key, which its reservation has too.
func (l OrderLine) Key() model.LineKey {
	return model.LineKey{JobType: orderJob, OrderID: l.OrderID, LineID: l.LineID}
}

// taskID names the floor work for the line.
func (l OrderLine) taskID() string { return l.OrderID + "/" + l.LineID }

// The columns that are read. Others, such as the sample's state and postal_code, may be there.
const (
	columnLine    = "line_id"
	columnOrder   = "order_id"
	columnDate    = "order_date"
	columnShip    = "ship_date"
	columnSKU     = "product_id"
	columnKind    = "sub_category"
	columnName    = "product_name"
	columnPieces  = "quantity"
	byteOrderMark = "\ufeff"
)

var requiredColumns = []string{columnLine, columnOrder, columnDate, columnSKU, columnName,
	columnPieces}

// BadFile says what is wrong with an order file, in one line: the first fault, and where the
// others are.
type BadFile struct {
	Line   int
	Column string
	Why    string
	Others []int // lines of the other faults, the first few
	More   int   // how many faults there are beyond those
}

// othersMax is how many lines with faults a message names beside the first.
const othersMax = 10

func (b *BadFile) Error() string {
	var text strings.Builder
	fmt.Fprintf(&text, "line %d", b.Line)
	if b.Column != "" {
		fmt.Fprintf(&text, ", column %s", b.Column)
	}
	fmt.Fprintf(&text, ": %s", b.Why)
	if len(b.Others) > 0 {
		places := make([]string, len(b.Others))
		for i, line := range b.Others {
			places[i] = strconv.Itoa(line)
		}
		fmt.Fprintf(&text, "; line %s too", strings.Join(places, ", "))
	}
	if b.More > 0 {
		fmt.Fprintf(&text, " and %d more", b.More)
	}
	return text.String() + "; nothing was imported"
}

// addf notes a fault: the first in full, of the others the lines.
func (b *BadFile) addf(line int, column, format string, args ...any) {
	switch {
	case b.Line == 0:
		b.Line, b.Column, b.Why = line, column, fmt.Sprintf(format, args...)
	case line == b.Line, slices.Contains(b.Others, line):
	case len(b.Others) < othersMax:
		b.Others = append(b.Others, line)
	default:
		b.More++
	}
}

// orderReader reads and judges an order file line by line.
type orderReader struct {
	csv    *csv.Reader
	places map[string]int // column to its place
	faults BadFile
	seen   map[string]int // task id to the line that has it
}

// ReadOrders reads a whole order file and judges all of it; a file with a fault gives a *BadFile
// and no lines. Lines come in the order of the file.
func ReadOrders(source io.Reader) ([]OrderLine, error) {
	reader := orderReader{csv: csv.NewReader(source), seen: map[string]int{}}
	reader.csv.ReuseRecord = true
	if err := reader.readHeader(); err != nil {
		return nil, err
	}
	var lines []OrderLine
	for {
		record, err := reader.csv.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if fault, err := reader.unreadable(err); fault || err != nil {
			if err != nil {
				return nil, err
			}
			continue
		}
		lines = append(lines, reader.line(record))
		if len(lines) > linesMax {
			reader.faults.addf(reader.place(), "", "the file has more than %d lines; cut it", linesMax)
			break
		}
	}
	if len(lines) == 0 {
		reader.faults.addf(1, "", "there is no order line below the header")
	}
	if reader.faults.Line > 0 {
		return nil, &reader.faults
	}
	return lines, nil
}

// unreadable tells faults of the file, which are noted, from failures to read it.
func (r *orderReader) unreadable(err error) (fault bool, failure error) {
	var wrong *csv.ParseError
	switch {
	case err == nil:
		return false, nil
	case !errors.As(err, &wrong):
		return false, err
	case errors.Is(wrong.Err, csv.ErrFieldCount):
		r.faults.addf(wrong.Line, "", "it has not as many fields as the header; quote fields that "+
			"have a comma in them")
		return true, nil
	}
	// After a quote gone wrong the rest of the file cannot be told apart.
	r.faults.addf(wrong.Line, "", "%v; double the quotes inside a quoted field", wrong.Err)
	return false, &r.faults
}

func (r *orderReader) readHeader() error {
	header, err := r.csv.Read()
	if errors.Is(err, io.EOF) {
		r.faults.addf(1, "", "the file is empty; its first line must name the columns")
		return &r.faults
	}
	if fault, err := r.unreadable(err); fault || err != nil {
		return err
	}
	r.places = make(map[string]int, len(header))
	for i, name := range header {
		name = strings.TrimSpace(strings.TrimPrefix(name, byteOrderMark))
		if _, twice := r.places[name]; twice {
			r.faults.addf(1, name, "is there twice; remove one")
		}
		r.places[name] = i
	}
	var missing []string
	for _, name := range requiredColumns {
		if _, ok := r.places[name]; !ok {
			missing = append(missing, name)
		}
	}
	if len(missing) == len(requiredColumns) && len(header) == 1 {
		r.faults.addf(1, "", "it names none of the columns %s; separate fields by commas and save "+
			"the file as UTF-8", strings.Join(requiredColumns, ", "))
	} else if len(missing) > 0 {
		r.faults.addf(1, "", "the header lacks %s; add what is missing", strings.Join(missing, ", "))
	}
	if r.faults.Line > 0 {
		return &r.faults
	}
	return nil
}

// place is the line of the file that the record just read begins on.
func (r *orderReader) place() int {
	line, _ := r.csv.FieldPos(0)
	return line
}

func (r *orderReader) line(record []string) OrderLine {
	line := OrderLine{
		OrderID:   r.code(record, columnOrder),
		LineID:    r.code(record, columnLine),
		SKU:       r.code(record, columnSKU),
		OrderedOn: r.date(record, columnDate),
		Name:      r.text(record, columnName),
		Pieces:    r.pieces(record),
	}
	if at, ok := r.places[columnShip]; ok && record[at] != "" {
		line.ShipOn = r.date(record, columnShip)
		if line.ShipOn != "" && line.ShipOn < line.OrderedOn {
			r.faultf(columnShip, "%s is before the order's date %s; correct one of them", line.ShipOn,
				line.OrderedOn)
		}
	}
	if at, ok := r.places[columnKind]; ok {
		line.Kind = strings.Clone(record[at])
	}
	r.checkKey(line)
	return line
}

// checkKey keeps the keys that the line will have within the engine's limits, and apart.
func (r *orderReader) checkKey(line OrderLine) {
	task := line.taskID()
	if utf8.RuneCountInString(task) > model.CodeCharsMax {
		r.faultf(columnLine, "order_id and line_id have more than %d characters together; shorten "+
			"them", model.CodeCharsMax-1)
	}
	if first, twice := r.seen[task]; twice {
		r.faultf(columnLine, "line %d has the same order_id and line_id; give each order line its "+
			"own", first)
		return
	}
	r.seen[task] = r.place()
}

func (r *orderReader) faultf(column, format string, args ...any) {
	r.faults.addf(r.place(), column, format, args...)
}

func (r *orderReader) code(record []string, column string) string {
	text := record[r.places[column]]
	if err := model.CheckCode(text); err != nil {
		r.faultf(column, "%.80q %v; correct it", text, err)
	}
	return strings.Clone(text)
}

func (r *orderReader) text(record []string, column string) string {
	text := record[r.places[column]]
	if err := model.CheckText(text); err != nil {
		r.faultf(column, "%v; correct it", err)
	}
	return strings.Clone(text)
}

func (r *orderReader) date(record []string, column string) model.Date {
	date, err := model.ParseDate(strings.Clone(record[r.places[column]]))
	if err != nil {
		r.faultf(column, "%v; write dates so", err)
	}
	return date
}

func (r *orderReader) pieces(record []string) int64 {
	text := record[r.places[columnPieces]]
	pieces, err := strconv.ParseInt(text, 10, 64)
	if err != nil || pieces < 1 || pieces > piecesMax {
		r.faultf(columnPieces, "%.40q is not a whole number of pieces from 1 to %d; correct it", text,
			piecesMax)
	}
	return pieces
}
