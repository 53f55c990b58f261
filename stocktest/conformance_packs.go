package stocktest

import (
	"testing"

	"tierstock/master"
	"tierstock/model"
	"tierstock/store"
)

// conformPacks is about quantities and packs, and about the contract's "Masters" where stock is
// involved.
func conformPacks(t *testing.T, db *store.DB) {
	t.Helper()
	play(t, db, []scenario{
		{"repacking keeps the base quantity", repackKeeps},
		{"pack sizes are fractions", repackFractions},
		{"a remainder is INVALID", repackRemainder},
		{"full packs of fractions", fullPacksFractions},
		{"six fraction digits are exact", exactDigits},
		{"a sum past twelve integer digits is INVALID", overflow},
		{"sums in tier 2 count too", overflowAbove},
		{"a stock row once made stays and is listed at 0", rowsStay},
		{"an empty bin may change its zone, its rows with it", binMoves},
		{"a bin with stock may not", binStays},
		{"a pack in use may not change", packInUse},
		{"decimals may rise", decimalsRise},
		{"a closed zone keeps its promises", zoneCloses},
	})
}

func repackKeeps(s *Site) {
	s.Receive("F1", "2", inPack("CASE"))
	s.Repack("F1", "CASE", "BOX", "1").OK().Legs("F1*CASE -1/0/0", "F1*BOX 2/0/0",
		"FAST*CASE -1/0/0", "FAST*BOX 2/0/0")
	s.Repack("F1", "BOX", "", "1").OK()
	s.Repack("F1", "CASE", "EA", "1").OK()
	s.Expect("F1 18/0/0", "F1*BOX 1/0/0", "F1*CASE 0/0/0")
	s.Repack("F1", "", "CASE", "12").OK()
	s.Repack("F1", "", "BOX", "6").OK()
	s.Repack("F1", "BOX", "CASE", "2").OK()
	s.Expect("F1 0/0/0", "F1*BOX 0/0/0", "F1*CASE 2/0/0", "FAST*CASE 2/0/0")
}

// Flour in a bin of the site, by its packs.
func (s *Site) flourRepack(pack, toPack, qty string) Answer {
	s.t.Helper()
	return s.Repack("F1", pack, toPack, qty, func(l *model.RepackLine) { l.At.SKU = Flour })
}

// "Pack sizes are fractions": 9 x 1/9 of a box is a box.
func repackFractions(s *Site) {
	receiveFlour("2")(s)
	s.flourRepack("", "NINTH", "1").OK().Legs("F1/FLOUR -1/0/0", "F1/FLOUR*NINTH 9/0/0",
		"FAST/FLOUR -1/0/0", "FAST/FLOUR*NINTH 9/0/0")
	for range 3 {
		s.flourRepack("NINTH", "THIRD", "3").OK()
	}
	s.Expect("F1/FLOUR*NINTH 0/0/0", "F1/FLOUR*THIRD 3/0/0")
	s.flourRepack("THIRD", "", "3").OK()
	s.flourRepack("", "THIRD", "2").OK()
	s.flourRepack("THIRD", "NINTH", "0.5").OK()
	s.Expect("F1/FLOUR 0/0/0", "F1/FLOUR*THIRD 5.5/0/0", "F1/FLOUR*NINTH 1.5/0/0")
}

func repackRemainder(s *Site) {
	receiveFlour("25")(s)
	s.flourRepack("", "NINTH", "1").OK()
	s.flourRepack("NINTH", "", "1").Refused(model.Invalid, "qty", "NINTH", "KG")
	s.flourRepack("NINTH", "THIRD", "1").Refused(model.Invalid, "qty", "THIRD")
	s.flourRepack("", "SACK", "0.000001").Refused(model.Invalid, "qty", "SACK")
	s.flourRepack("", "SACK", "0.000025").OK()
	s.flourRepack("SACK", "", "0.000001").OK()
	s.flourRepack("", "NINTH", "0.000001").OK()
	s.Expect("F1/FLOUR 23.999999/0/0", "F1/FLOUR*NINTH 9.000009/0/0", "F1/FLOUR*SACK 0/0/0")
	s.Receive("F1", "7")
	s.Repack("F1", "", "BOX", "7").Refused(model.Invalid, "qty", "7", "BOX")
	s.Repack("F1", "", "BOX", "6").OK()
}

func fullPacksFractions(s *Site) {
	receiveFlour("2")(s)
	s.flourRepack("", "THIRD", "1").OK()
	flour := func(l *model.ReserveLine) { l.Item.SKU, l.Strategy = Flour, "FULL_PACKS" }
	s.Reserve("R1", "2", flour).OK().Qty("2", "0").
		Legs("FAST/FLOUR 0/1/0", "FAST/FLOUR*THIRD 0/3/0")
	s.Deduct("R1", "").OK().Qty("2", "0")
	s.Expect("R1 DEDUCTED held=2 deducted=2", "F1/FLOUR 0/0/0", "F1/FLOUR*THIRD 0/0/0")
}

func exactDigits(s *Site) {
	flour := func(l *model.ReceiveLine) { l.At.SKU = Flour }
	for range 3 {
		s.Receive("F1", "0.1", flour).OK()
	}
	s.Receive("F1", "0.000001", flour).OK()
	reserve := func(l *model.ReserveLine) { l.Item.SKU = Flour }
	s.Reserve("R1", "0.300002", reserve).Refused(model.Insufficient, "qty", "0.300001")
	s.Reserve("R1", "0.300001", reserve).OK()
	s.Reserve("R2", "0.000001", reserve).Refused(model.Insufficient, "qty", "0")
	s.Deduct("R1", "0.000001").OK()
	s.Expect("F1/FLOUR 0.3/0/0", "R1 OPEN held=0.300001 open=0.3 deducted=0.000001")
}

const most = "999999999999.999999"

func overflow(s *Site) {
	flour := func(l *model.ReceiveLine) { l.At.SKU = Flour }
	s.Receive("F1", most, flour).OK()
	s.Receive("F1", "0.000001", flour).Refused(model.Invalid, "qty", "1000000000000")
	adjust := func(l *model.AdjustLine) { l.At.SKU = Flour }
	s.Adjust("F1", most, adjust).Refused(model.Invalid, "delta")
	s.Adjust("F1", "-"+most, adjust).OK()
	s.Receive("F1", most, flour).OK()
	reserve := func(l *model.ReserveLine) { l.Item.SKU = Flour }
	s.Reserve("R1", most, reserve).OK()
	s.Deduct("R1", "").OK()
	s.Expect("F1/FLOUR 0/0/0")
	// Two in one call overflow only together.
	line := model.ReceiveLine{Key: s.NextLine(), At: s.InZone("FAST"), Qty: s.Qty("600000000000")}
	other := line
	other.Key = s.NextLine()
	s.wantCodes(Call(s, s.Tier2.Receive, allOrNothing, line, other), model.Skipped, model.Invalid)
}

func overflowAbove(s *Site) {
	s.Receive("F1", "600000000000").OK()
	s.Receive("F2", "600000000000").Refused(model.Invalid, "qty", "1200000000000")
	s.Count("F2", "600000000000").Refused(model.Invalid, "counted", "1200000000000")
	s.Receive("B1", "600000000000").OK()
	s.Move("F1", "B1", "600000000000").Refused(model.Invalid, "qty", "1200000000000")
	s.Receive("B1", "100000000000", inPack("CASE")).OK()
	s.Repack("B1", "CASE", "", "100000000000").Refused(model.Invalid, "qty")
}

// "A stock row, once made, stays, and is listed at 0".
func rowsStay(s *Site) {
	s.Receive("F1", "5")
	s.Adjust("F1", "-5").OK()
	s.Expect("F1 0/0/0", "FAST 0/0/0")
	s.Receive("F1", "5").OK()
	s.Move("F1", "B1", "5").OK()
	s.Expect("F1 0/0/0", "FAST 0/0/0", "B1 5/0/0")
}

func (s *Site) toZone(bin, zone string) master.Result {
	s.t.Helper()
	outcome, err := s.Catalog.UpsertBins(s.t.Context(),
		[]master.BinInput{{Warehouse: s.Warehouse, Code: bin, Zone: zone}})
	if err != nil {
		s.t.Fatal(err)
	}
	s.trace = s.traces()
	s.Verify()
	return outcome.Results[0]
}

func binMoves(s *Site) {
	s.Receive("F1", "5")
	s.Move("F1", "F2", "5").OK()
	if result := s.toZone("F1", "BULK"); result.Code != model.Applied {
		s.t.Fatalf("%+v", result)
	}
	s.Move("F2", "F1", "2").OK().Legs("F2 -2/0/0", "F1 2/0/0", "FAST -2/0/0", "BULK 2/0/0")
	s.Receive("F1", "1", func(l *model.ReceiveLine) { l.At.Zone = "FAST" }).
		Refused(model.Invalid, "bin", "BULK")
	s.Reserve("R1", "2", func(l *model.ReserveLine) { l.Zones = []string{"BULK"} }).OK()
	s.Pin("R1", "", "").OK().Legs("F1 0/2/0")
}

func binStays(s *Site) {
	s.Receive("F1", "5")
	result := s.toZone("F1", "BULK")
	if result.Code != model.InvalidState || result.Field != "zone" {
		s.t.Errorf("%+v", result)
	}
	s.Expect("F1 5/0/0", "FAST 5/0/0")
}

// "A pack in use may not change or go." SKUs belong to all warehouses, so this one is the test's.
func packInUse(s *Site) {
	code := "SKU-" + s.Warehouse
	set := func(numerator int64) master.Result {
		outcome, err := s.Catalog.UpsertSKUs(s.t.Context(), []master.SKUInput{{Code: code,
			Packs: &[]model.Pack{{Code: "TRAY", Size: model.Fraction{Numerator: numerator,
				Denominator: 1}}}}})
		if err != nil {
			s.t.Fatal(err)
		}
		return outcome.Results[0]
	}
	tray := func(l *model.ReceiveLine) { l.At.SKU, l.At.Pack = code, "TRAY" }
	s.Receive("F1", "2", tray).Refused(model.NotFound, "at.sku", code)
	if result := set(4); result.Code != model.Applied {
		s.t.Fatalf("%+v", result)
	}
	s.Receive("F1", "2", tray).OK()
	if result := set(5); result.Code != model.InvalidState || result.Field != "packs" {
		s.t.Errorf("%+v", result)
	}
	s.Repack("F1", "TRAY", "", "2", func(l *model.RepackLine) { l.At.SKU = code }).OK().
		Legs("F1/"+code+"*TRAY -2/0/0", "F1/"+code+" 8/0/0", "FAST/"+code+"*TRAY -2/0/0",
			"FAST/"+code+" 8/0/0")
}

func decimalsRise(s *Site) {
	code := "SKU-" + s.Warehouse
	set := func(decimals int) {
		s.Masters(s.Catalog.UpsertSKUs(s.t.Context(), []master.SKUInput{{Code: code,
			Decimals: &decimals}}))
	}
	half := func(l *model.ReceiveLine) { l.At.SKU = code }
	set(0)
	s.Receive("F1", "0.5", half).Refused(model.Invalid, "qty", "0.5", "0 fraction digits")
	set(1)
	s.Receive("F1", "0.5", half).OK()
	s.Receive("F1", "0.05", half).Refused(model.Invalid, "qty", "0.05", "1 fraction digits")
}

func zoneCloses(s *Site) {
	s.Receive("F1", "5")
	s.Reserve("R1", "2").OK()
	s.Masters(s.Catalog.UpsertZones(s.t.Context(), []master.ZoneInput{{Warehouse: s.Warehouse,
		Code: "FAST", Allocatable: new(false)}}))
	s.Reserve("R2", "1").Refused(model.Insufficient, "qty", "NOT_ALLOCATABLE")
	s.Pin("R1", "", "").OK()
	s.Pick("R1", "F1", "1", "").OK()
	s.Deduct("R1", "").OK()
	s.Expect("R1 DEDUCTED held=2 deducted=2", "FAST 3/0/0")
}
