package rules

import (
	"strings"
	"testing"
	"time"

	"github.com/expr-lang/expr"

	"tierstock/allocation"
	"tierstock/model"
)

func quantity(t *testing.T, text string) model.Quantity {
	t.Helper()
	qty, err := model.ParseQuantity(text)
	if err != nil {
		t.Fatal(err)
	}
	return qty
}

func TestConditions(t *testing.T) {
	demand := allocation.Demand{Warehouse: "W1", Owner: "ACME", SKU: "TEA-1", JobType: "SO",
		OrderID: "A1", LineID: "7", Channel: "WEB", Priority: 5, Pack: "CASE", Batch: "L1",
		MinRemainingDays: 30, ShipComplete: true}
	for _, c := range []struct {
		when, qty string
		want      bool
	}{
		{`warehouse == "W1" and owner == "ACME" and orderId == "A1" and lineId == "7"`, "1", true},
		{`jobType != "SO" or batch != "L1"`, "1", false},
		{`sku startsWith "TEA-" && !(pack == "BOX")`, "1", true},
		{`sku matches "^T.A-[0-9]$" and sku contains "EA" and not (sku endsWith "2")`, "1", true},
		{`lower(channel) == "web" and upper(channel) == "WEB" and len(channel) == 3`, "1", true},
		{`channel in ["WEB", "SHOP"] and channel not in ["B2B"]`, "1", true},
		{`priority in [1, 5] and priority >= 5 and priority + 1 < 7 and priority % 2 == 1`, "1", true},
		{`minRemainingDays > 29 and shipComplete`, "1", true},
		{`shipComplete ? priority > 9 : priority > 1`, "1", false},
		{`qty == 0.1`, "0.1", true},
		{`qty == 0.1`, "0.100001", false},
		{`qty > 0.3`, "0.300001", true},
		{`0.3 <= qty`, "0.299999", false},
		{`qty == 999999999999.999999`, "999999999999.999999", true},
		{`qty >= 999999999999.999999`, "999999999999.999998", false},
		{`qty % 12 == 0`, "36", true},
		{`qty % 12 == 0`, "36.5", false},
		{`qty % 0.25 == 0`, "1.75", true},
		{`qty - 1 > -0.5`, "0.6", true},
		{`qty in [1, 2.5, 3]`, "2.5", true},
		{`qty in [1, 2]`, "2", true},
		{`qty not in [1, 2]`, "2.5", true},
		{`not (qty < 24) or priority == 9`, "24", true},
		{"qty\n  >=\n  2", "2", true},
		{`sku == "ä" or qty >= 2.5`, "2.5", true},
	} {
		made, err := compile(c.when)
		if err != nil {
			t.Errorf("%s: %v", c.when, err)
			continue
		}
		demand.Qty = quantity(t, c.qty)
		if got, err := made.holds(see(demand)); got != c.want || err != nil {
			t.Errorf("%s of %s: %v, %v", c.when, c.qty, got, err)
		}
	}
}

// TestConditionsThatAreRefused: what is wrong is said; nothing that could run long is let in.
func TestConditionsThatAreRefused(t *testing.T) {
	for _, c := range []struct{ when, want string }{
		{`colour == "red"`, "there is no attribute colour; there are warehouse, owner, sku"},
		{`qty`, "qty can only be compared"},
		{`priority`, "is not true or false"},
		{`true`, "is the same for every demand"},
		{`1 == 1`, "is the same for every demand"},
		{`priority > 1.5`, "1.5: only qty has fractions"},
		{`qty > 0.0000001`, "more than 12 integer or 6 fraction digits"},
		{`qty > 1e3`, `"1e3" is not a decimal`},
		{`qty > 0x10`, `"0x10" is not a decimal`},
		{`qty > "5"`, "compare it with a number"},
		{`qty > priority`, "qty is a quantity, and priority is none"},
		{`qty * 2 > 4`, "cannot be written here"},
		{`qty / 2 > 4`, "cannot be written here"},
		{`qty > 1 * 2`, "compare it with a number"},
		{`qty in 1..5`, "in needs a list"},
		{`priority in 1..5`, "in needs a list"},
		{`sku == 5`, "mismatched types"},
		{`sku matches "["`, "missing closing"},
		{`sku matches owner`, "matches needs a pattern in quotes"},
		{`sku == `, "unexpected token"},
		{`(sku == "A"`, "unexpected token"},
		{`shipComplete == "yes"`, "mismatched types"},
		{`priority ** 99 > 1`, "the operator ** cannot be written here"},
		{`sku?.x == 1`, "cannot be written here"},
		{`sku[0:1] == "T"`, "cannot be written here"},
		{`{"a": 1}["a"] == priority`, "cannot be written here"},
		{`let x = priority; x > 1`, "variables cannot be written here"},
		{`priority > 1; priority > 2`, "variables cannot be written here"},
		{`any([1, 2], # == priority)`, "cannot"},
		{`len(1..1000000000) > priority`, "ranges cannot be written here"},
		{`count([1, 2], true) > priority`, "loops and variables"},
		{`repeat(sku, 1000000) == sku`, "repeat cannot be called; there are the functions len, lower"},
		{`env("HOME") == sku`, "cannot be called"},
		{`$env.sku == "A"`, "cannot be written here"},
		{`now() > date("2026-01-01") or priority > 1`, "cannot be called"},
		{`sku.Foo() == "A"`, "cannot be"},
		{strings.Repeat("(", 1999), "unexpected token"},
		{strings.Repeat("!", 1980) + "shipComplete", "exceeds maximum allowed nodes"},
		{strings.Repeat("len(sku)>1 or ", 130) + "shipComplete", "exceeds maximum allowed nodes"},
		{`priority > 1 or true`, "is the same for every demand"},
		{strings.Repeat(" ", 2001) + "shipComplete", "has more than 2000 characters"},
	} {
		made, err := compile(c.when)
		if err == nil {
			t.Errorf("%.60s is let in: %v", c.when, made.program.Disassemble())
			continue
		}
		if !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%.60s: %q, want %q", c.when, err, c.want)
		}
	}
}

// TestConditionsThatFail: a panic, a loop, a heap of memory are an error of the line.
func TestConditionsThatFail(t *testing.T) {
	demand := allocation.Demand{SKU: "TEA", Priority: 1, Qty: model.Whole(1)}
	byZero, err := compile("priority % minRemainingDays == 0")
	if err != nil {
		t.Fatal(err)
	}
	conditions := map[string]*condition{"integer divide by zero": byZero, "nil": {nil}}
	for want, code := range map[string]string{
		"memory budget exceeded":           `len(map(1..100000000, #)) > 0`,
		"neither true nor false":           `sku`,
		"memory budget exceeded ":          `len(repeat(sku, 100000)) > 0`,
		"invalid operation":                `boom() == 1`,
		"memory budget exceeded (column 6": `any(1..1000000, all(1..1000001, # > 5000000))`,
	} {
		program, err := expr.Compile(code, expr.Env(seen{}), expr.AsAny(),
			expr.Function("boom", func(...any) (any, error) { panic("invalid operation") }))
		if err != nil {
			t.Fatal(code, err)
		}
		conditions[want] = &condition{program}
	}
	for want, condition := range conditions {
		start := time.Now()
		holds, err := condition.holds(see(demand))
		if holds || err == nil || !strings.Contains(err.Error(), strings.TrimSpace(want)) {
			t.Errorf("%v %v, want %q", holds, err, want)
		}
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("%q took %s", want, took)
		}
	}
}
