package cdc

import (
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/dolthub/vitess/go/mysql"
	"github.com/dolthub/vitess/go/sqltypes"
	querypb "github.com/dolthub/vitess/go/vt/proto/query"
	"github.com/shopspring/decimal"
)

// wanted are the columns that make a change, in the order that changeOf takes them.
func wanted() []string {
	return []string{"warehouse", "zone", "owner", "sku", "batch", "pack", "on_hand", "reserved",
		"frozen", "row_seq"}
}

// changeOf reads a row's wanted columns. The database has quantities in millionths.
func changeOf(values []sqltypes.Value) (change, error) {
	var numbers [4]int64
	for i := range numbers {
		number, err := strconv.ParseInt(values[6+i].ToString(), 10, 64)
		if err != nil {
			return change{}, err
		}
		numbers[i] = number
	}
	const millionths = -6
	return change{
		Key{Zone: values[1].ToString(), Owner: values[2].ToString(), SKU: values[3].ToString(),
			Batch: values[4].ToString(), Pack: values[5].ToString()},
		row{Stock{decimal.New(numbers[0], millionths), decimal.New(numbers[1], millionths),
			decimal.New(numbers[2], millionths)}, numbers[3]},
	}, nil
}

// events reads a binary log. It applies a transaction when it has all of it.
type events struct {
	*Binlog

	columns []string
	reached *reached

	format      mysql.BinlogFormat
	tables      map[uint64]*mysql.TableMap // those that are ours, by the number in the events
	transaction mysql.GTID
	standalone  bool // the transaction is one statement without an end of its own
	pending     []change
}

// read reads until the connection ends.
func (e *events) read(conn *mysql.Conn) error {
	e.tables = map[uint64]*mysql.TableMap{}
	for {
		event, err := conn.ReadBinlogEvent()
		if err != nil {
			return err
		}
		if !event.IsValid() {
			return errors.New("an event of the binary log cannot be read")
		}
		if event.IsFormatDescription() {
			if e.format, err = event.Format(); err != nil {
				return err
			}
			continue
		}
		if e.format.IsZero() {
			continue // the name of the file comes before its format
		}
		if event, _, err = event.StripChecksum(e.format); err != nil {
			return err
		}
		if err := e.take(event); err != nil {
			return err
		}
	}
}

func (e *events) take(event mysql.BinlogEvent) (err error) {
	switch {
	case event.IsGTID():
		var hasBegin bool
		e.transaction, hasBegin, err = event.GTID(e.format)
		e.standalone, e.pending = !hasBegin, nil
		return err
	case event.IsTableMap():
		return e.takeTable(event)
	case event.IsWriteRows(), event.IsUpdateRows():
		return e.takeRows(event)
	case event.IsDeleteRows() && e.tables[event.TableID(e.format)] != nil:
		return errors.New("rows of stock were deleted, which the engine never does")
	case event.IsXID():
		e.end()
	case event.IsQuery():
		query, err := event.Query(e.format)
		if err != nil {
			return err
		}
		if e.standalone || query.SQL == "COMMIT" {
			e.end()
		}
	}
	return nil
}

// end applies what the transaction did to stock, before it is said to have been reached.
func (e *events) end() {
	if e.transaction == nil {
		return
	}
	e.Cache.apply(e.pending)
	e.reached.pass(e.transaction)
	e.transaction, e.pending = nil, nil
}

func (e *events) takeTable(event mysql.BinlogEvent) error {
	described, err := event.TableMap(e.format)
	if err != nil {
		return err
	}
	if described.Database != e.Address.DbName || described.Name != table {
		return nil
	}
	if len(described.Types) != len(e.columns) {
		return fmt.Errorf("%s has %d columns now, and had %d", table, len(described.Types),
			len(e.columns))
	}
	e.tables[event.TableID(e.format)] = described
	return nil
}

func (e *events) takeRows(event mysql.BinlogEvent) error {
	described := e.tables[event.TableID(e.format)]
	if described == nil {
		return nil
	}
	rows, err := event.Rows(e.format, described)
	if err != nil {
		return err
	}
	for _, written := range rows.Rows {
		values, err := e.values(described, rows.DataColumns, written)
		if err != nil {
			return err
		}
		if values[0].ToString() != e.Warehouse {
			continue
		}
		read, err := changeOf(values)
		if err != nil {
			return err
		}
		e.pending = append(e.pending, read)
	}
	return nil
}

// values are a row's wanted columns, out of all of them.
func (e *events) values(described *mysql.TableMap, present mysql.Bitmap, written mysql.Row) (
	[]sqltypes.Value, error) {
	names := wanted()
	values := make([]sqltypes.Value, len(names))
	found, offset, place := 0, 0, 0
	for i, name := range e.columns {
		if !present.Bit(i) {
			continue
		}
		isNull := written.NullColumns.Bit(place)
		place++
		if isNull {
			continue
		}
		value, length, err := mysql.CellValue(written.Data, offset, described.Types[i],
			described.Metadata[i], querypb.Type_INT64)
		if err != nil {
			return nil, err
		}
		offset += length
		if wantedAt := slices.Index(names, name); wantedAt >= 0 {
			values[wantedAt] = value
			found++
		}
	}
	if found != len(names) {
		return nil, errors.New("the binary log leaves columns out: set binlog_row_image to FULL")
	}
	return values, nil
}
