package stocktest

import (
	"context"
	"strconv"

	"tierstock/flow"
	"tierstock/model"
)

// Each verb below makes one line under a key of its own and submits it. What the short arguments
// cannot say, edits do. A quantity "" is left out where it may be.

// Line is the key of the reservation that Reserve makes under that name.
func Line(name string) model.LineKey {
	return model.LineKey{JobType: "SO", OrderID: name, LineID: "1"}
}

// NextLine is an order line's key that no call has had.
func (s *Site) NextLine() model.LineKey {
	s.calls++
	return model.LineKey{JobType: "SO", OrderID: "ORDER", LineID: strconv.Itoa(s.calls)}
}

// NextTask is a task's key that no call has had.
func (s *Site) NextTask() model.TaskKey {
	s.calls++
	return model.TaskKey{JobType: "FLOOR", TaskID: "TASK-" + strconv.Itoa(s.calls)}
}

// InZone is the tier-2 row of TEA in that zone, or over that bin.
func (s *Site) InZone(place string) model.ZoneStockKey {
	return model.ZoneStockKey{Warehouse: s.Warehouse, Zone: s.Zones[place], SKU: Tea}
}

// InBin is the tier-3 row of TEA in that bin.
func (s *Site) InBin(bin string) model.BinStockKey {
	return model.BinStockKey{Warehouse: s.Warehouse, Bin: bin, SKU: Tea}
}

func submit[L any](s *Site, verb Verb[L], line *L, edits []func(*L)) Answer {
	s.t.Helper()
	for _, edit := range edits {
		edit(line)
	}
	return Answer{Result: Call(s, verb, flow.Mode{}, *line)[0], site: s}
}

func (a Answer) under(line model.LineKey) Answer {
	a.Line = line
	return a
}

func (a Answer) underTask(task model.TaskKey) Answer {
	a.Task = task
	return a
}

// Receive brings TEA into a bin, or with a zone's code into its staging bin.
func (s *Site) Receive(place, qty string, edits ...func(*model.ReceiveLine)) Answer {
	s.t.Helper()
	line := model.ReceiveLine{Key: s.NextLine(), At: s.InZone(place), Bin: place, Qty: s.Qty(qty)}
	if s.Zones[place] == place {
		line.Bin = ""
	}
	return submit(s, s.Tier2.Receive, &line, edits).under(line.Key)
}

// ofSKU is an edit that brings another SKU.
func ofSKU(sku string) func(*model.ReceiveLine) {
	return func(line *model.ReceiveLine) { line.At.SKU = sku }
}

// Reserve holds TEA for the order of that name.
func (s *Site) Reserve(name, qty string, edits ...func(*model.ReserveLine)) Answer {
	s.t.Helper()
	line := model.ReserveLine{Key: Line(name), Warehouse: s.Warehouse,
		Item: model.Item{SKU: Tea}, Qty: s.Qty(qty)}
	return submit(s, s.Allocation.Reserve, &line, edits).under(line.Key)
}

// Release gives back what the order of that name holds.
func (s *Site) Release(name, qty string, edits ...func(*model.ReleaseLine)) Answer {
	s.t.Helper()
	line := model.ReleaseLine{Key: s.NextLine(), Warehouse: s.Warehouse,
		Reservation: new(Line(name)), Qty: s.QtyOr(qty)}
	return submit(s, s.Tier2.Release, &line, edits).under(line.Key)
}

// Extend gives the order's reservation a new time to live.
func (s *Site) Extend(name string, ttl int64, edits ...func(*model.ExtendLine)) Answer {
	s.t.Helper()
	line := model.ExtendLine{Key: s.NextLine(), Warehouse: s.Warehouse, Reservation: Line(name),
		TTLSeconds: ttl}
	return submit(s, s.Tier2.Extend, &line, edits).under(line.Key)
}

// Deduct lets leave what the order of that name holds.
func (s *Site) Deduct(name, qty string, edits ...func(*model.DeductLine)) Answer {
	s.t.Helper()
	line := model.DeductLine{Key: s.NextLine(), Warehouse: s.Warehouse,
		Reservation: new(Line(name)), Qty: s.QtyOr(qty)}
	return submit(s, s.Tier2.Deduct, &line, edits).under(line.Key)
}

// Restore brings back what left in a deduction or a pick.
func (s *Site) Restore(of Answer, qty string, edits ...func(*model.RestoreLine)) Answer {
	s.t.Helper()
	line := model.RestoreLine{Key: s.NextLine(), Warehouse: s.Warehouse, Qty: s.QtyOr(qty)}
	if of.Task.TaskID != "" {
		line.Pick = &of.Task
	} else {
		line.Deduction = &of.Line
	}
	return submit(s, s.Tier2.Restore, &line, edits).under(line.Key)
}

// Pin ties what the order holds to that bin, or with "" to bins that the engine chooses.
func (s *Site) Pin(name, bin, qty string, edits ...func(*model.PinLine)) Answer {
	s.t.Helper()
	line := model.PinLine{Key: s.NextTask(), Warehouse: s.Warehouse, Reservation: Line(name),
		Bin: bin, Qty: s.QtyOr(qty)}
	return submit(s, s.Tier3.Pin, &line, edits).underTask(line.Key)
}

// Unpin cancels the first task of an answer.
func (s *Site) Unpin(of Answer, edits ...func(*model.UnpinLine)) Answer {
	s.t.Helper()
	line := model.UnpinLine{Key: s.NextTask(), Warehouse: s.Warehouse, Task: of.TaskID(0)}
	return submit(s, s.Tier3.Unpin, &line, edits).underTask(line.Key)
}

// Pick takes goods from a bin for the order, out of the warehouse or, where toBin is given, there.
func (s *Site) Pick(name, bin, qty, toBin string, edits ...func(*model.PickLine)) Answer {
	s.t.Helper()
	line := model.PickLine{Key: s.NextTask(), Reservation: Line(name), From: s.InBin(bin),
		Qty: s.Qty(qty), ToBin: toBin}
	return submit(s, s.Tier3.Pick, &line, edits).underTask(line.Key)
}

// Short is an edit that makes a pick a short one.
func Short(line *model.PickLine) { line.Short = true }

// Move moves TEA from bin to bin.
func (s *Site) Move(bin, toBin, qty string, edits ...func(*model.MoveLine)) Answer {
	s.t.Helper()
	line := model.MoveLine{Key: s.NextTask(), From: s.InBin(bin), ToBin: toBin, Qty: s.Qty(qty)}
	return submit(s, s.Tier3.Move, &line, edits).underTask(line.Key)
}

// With is an edit that lets a move take what the order of that name holds along.
func With(name string) func(*model.MoveLine) {
	return func(line *model.MoveLine) { line.WithReservation = new(Line(name)) }
}

// Adjust changes a bin row.
func (s *Site) Adjust(bin, delta string, edits ...func(*model.AdjustLine)) Answer {
	s.t.Helper()
	line := model.AdjustLine{Key: s.NextTask(), At: s.InBin(bin), Delta: s.Qty(delta)}
	return submit(s, s.Tier3.Adjust, &line, edits).underTask(line.Key)
}

// Count counts a bin row that is still at its version.
func (s *Site) Count(bin, counted string, edits ...func(*model.CountLine)) Answer {
	s.t.Helper()
	line := model.CountLine{Key: s.NextTask(), At: s.InBin(bin), Counted: s.Qty(counted)}
	edited := line
	for _, edit := range edits {
		edit(&edited)
	}
	line.ExpectedVersion = s.Version(edited.At)
	return submit(s, s.Tier3.Count, &line, edits).underTask(line.Key)
}

// Freeze takes TEA in a bin out of what may be promised.
func (s *Site) Freeze(bin, qty string, edits ...func(*model.FreezeLine)) Answer {
	s.t.Helper()
	return s.freezing(s.Tier3.Freeze, bin, qty, edits)
}

// Unfreeze gives it back.
func (s *Site) Unfreeze(bin, qty string, edits ...func(*model.FreezeLine)) Answer {
	s.t.Helper()
	return s.freezing(s.Tier3.Unfreeze, bin, qty, edits)
}

func (s *Site) freezing(verb Verb[model.FreezeLine], bin, qty string,
	edits []func(*model.FreezeLine)) Answer {
	s.t.Helper()
	line := model.FreezeLine{Key: s.NextTask(), At: s.InBin(bin), Qty: s.Qty(qty)}
	return submit(s, verb, &line, edits).underTask(line.Key)
}

// Block closes a bin.
func (s *Site) Block(bin string, edits ...func(*model.BlockLine)) Answer {
	s.t.Helper()
	return s.blocking(s.Tier3.Block, bin, edits)
}

// Unblock opens it.
func (s *Site) Unblock(bin string, edits ...func(*model.BlockLine)) Answer {
	s.t.Helper()
	return s.blocking(s.Tier3.Unblock, bin, edits)
}

func (s *Site) blocking(verb Verb[model.BlockLine], bin string,
	edits []func(*model.BlockLine)) Answer {
	s.t.Helper()
	line := model.BlockLine{Key: s.NextTask(), Warehouse: s.Warehouse, Bin: bin}
	return submit(s, verb, &line, edits).underTask(line.Key)
}

// Repack turns packs of TEA in a bin into packs of another size.
func (s *Site) Repack(bin, pack, toPack, qty string, edits ...func(*model.RepackLine)) Answer {
	s.t.Helper()
	line := model.RepackLine{Key: s.NextTask(), At: s.InBin(bin), ToPack: toPack, Qty: s.Qty(qty)}
	line.At.Pack = pack
	return submit(s, s.Tier3.Repack, &line, edits).underTask(line.Key)
}

// Report says what is wrong with the TEA in a bin.
func (s *Site) Report(kind model.ExceptionKind, bin, qty string,
	edits ...func(*model.ExceptionLine)) Answer {
	s.t.Helper()
	line := model.ExceptionLine{Key: s.NextTask(), Kind: kind, At: s.InBin(bin), Qty: s.QtyOr(qty)}
	return submit(s, s.Tier3.Report, &line, edits).underTask(line.Key)
}

// Version is a bin row's version, 0 where it is not there.
func (s *Site) Version(at model.BinStockKey) (version int64) {
	s.t.Helper()
	for _, row := range s.binStocks(context.Background()) {
		if row.Key == at {
			version = row.Version
		}
	}
	return version
}
