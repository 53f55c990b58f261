package rules

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"tierstock/allocation"
	"tierstock/model"
)

const goodFile = `
default: web
sets:
  web:
    - name: promotion
      when: channel == "PROMO"
      pool: PROMO
      ordinary: true
      strategy: FIFO
      zones: [FAST, BULK]
      keep: {FAST: 0.5}
      atLeast: {BULK: 24}
      weights: {expiry: 2, zone: -0.5}
      minRemainingDays: 10
      coverShortages: true
    - name: wholesale
      when: |
        jobType == "B2B"
        and qty >= 24
      notZones: SHOP
      batches: ["LOT-*", ""]
      notBatches: ["LOT-9"]
    - name: rest
  strict:
    - name: vip
      when: priority % minRemainingDays == 0
      pool: VIP
`

func parsed(t *testing.T, text string) *Sets {
	t.Helper()
	sets, err := Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return sets
}

func TestRulesDecide(t *testing.T) {
	sets := parsed(t, goodFile)
	for _, c := range []struct {
		set    string
		demand allocation.Demand
		want   string
	}{
		{"web", allocation.Demand{Channel: "PROMO"}, "web/promotion"},
		{"", allocation.Demand{Channel: "PROMO", JobType: "B2B", Qty: model.Whole(24)}, "web/promotion"},
		{"", allocation.Demand{JobType: "B2B", Qty: model.Whole(24)}, "web/wholesale"},
		{"", allocation.Demand{JobType: "B2B", Qty: model.Whole(24) - 1}, "web/rest"},
		{"strict", allocation.Demand{Priority: 4, MinRemainingDays: 2}, "strict/vip"},
		{"strict", allocation.Demand{Warehouse: "W1", SKU: "TEA", Priority: 5, MinRemainingDays: 2,
			Qty: model.One / 2, ShipComplete: true}, "rule set strict has no rule for this demand " +
			"(warehouse W1, sku TEA, priority 5, qty 0.5, minRemainingDays 2, shipComplete true); a " +
			"last rule without when is for all the rest"},
		{"strict", allocation.Demand{Priority: 5}, "rule set strict, rule vip: the condition failed: " +
			"runtime error: integer divide by zero (column 10 of the condition)"},
		{"other", allocation.Demand{}, "unknown"},
	} {
		ruling, known, err := sets.Rule(c.set, c.demand)
		got := "unknown"
		if err != nil {
			got = err.Error()
		} else if known {
			got = ruling.Rule.Name
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.set, got, c.want)
		}
	}
	summaries := []string{"FIFO; pool PROMO first, then ordinary stock; only zones FAST, BULK; " +
		"keep 0.5 in FAST; at least 24 in BULK; at least 10 days left; weights expiry 2, zone -0.5; " +
		"shortages covered", `FEFO; not zones SHOP; only batches LOT-*, ""; not batches LOT-9`, "FEFO",
		"FEFO; pool VIP only"}
	rules := slices.Concat(sets.List[0].Rules, sets.List[1].Rules)
	for i := range rules {
		if got := rules[i].Summary(); got != summaries[i] {
			t.Errorf("%s: %q, want %q", rules[i].Name, got, summaries[i])
		}
	}
}

func TestWithoutDefault(t *testing.T) {
	sets := parsed(t, "sets: {a: [{name: b}]}")
	if _, known, err := sets.Rule("", allocation.Demand{}); known || err != nil {
		t.Error(known, err)
	}
}

// TestBadFiles: each problem is told with its line, and what to do.
func TestBadFiles(t *testing.T) {
	rule := func(lines string) string { return "sets:\n  s:\n  - name: r\n    " + lines + "\n" }
	for _, c := range []struct{ text, want string }{
		{"", "line 1: there are no rules; write sets:"},
		{"# nothing\n", "line 1: there are no rules"},
		{"a: [\n", "line 1: this is not YAML"},
		{"sets:\n  a: b: c\n", "line 2: this is not YAML: mapping values are not allowed"},
		{"\x00", "line 1: this is not YAML"},
		{"- a\n", "line 1: the file must be a mapping"},
		{"default: s\n", "line 1: there are no rule sets"},
		{"default: x\nsets: {s: [{name: r}]}", "line 1: there is no set x, which is to be the default"},
		{"sets: {s: [{name: r}]}\n---\na: b\n", "there is a second document"},
		{"sets: {s: [{name: r}]}\n---\n[", "this is not YAML"},
		{"sets: {}\n", "line 1: sets: must hold rule sets by name"},
		{"set: {s: [{name: r}]}\n", `line 1: the file has no key "set"; the keys are default, sets`},
		{"sets: {FEFO: [{name: r}]}", "line 1: set FEFO: this is the name of a strategy"},
		{"sets: {fifo: [{name: r}]}", "set fifo: this is the name of a strategy"},
		{"sets: {' s': [{name: r}]}", "a set's name: \" s\" begins or ends with a space"},
		{"sets:\n  s: [{name: r}]\n  s: [{name: r}]\n", "line 3: set s: there are two sets of this name"},
		{"sets: {s: []}", "set s: a set must be a list of rules"},
		{"sets: {s: {name: r}}", "set s: a set must be a list of rules"},
		{"sets: {s: [r]}", "set s: a rule must be a mapping"},
		{"sets: {s: [{when: qty > 1}]}", "set s: a rule must have a name; write name:"},
		{"sets: {s: [{name: a/b}]}", `set s: rule a/b: name: "a/b" has a /`},
		{"sets:\n  s:\n  - {name: a, when: qty > 1}\n  - {name: a}\n",
			"line 4: set s: rule a: the rule of line 3 has this name too"},
		{"sets:\n  s:\n  - {name: a}\n  - {name: b, when: qty > 1}\n",
			"line 4: set s: rule b: it can never decide: the rule of line 3, without when"},
		{"sets:\n  s:\n  - {name: a, when: qty > 1}\n  - {name: b, when: qty > 1}\n",
			"line 4: set s: rule b: it can never decide: the rule of line 3 has the same when"},
		{"sets: &x\n  s: [{name: r}]\n  t: *x\n", "set t: a set must be a list of rules"},
		{"sets:\n  s:\n  - &x {name: a, when: qty > 1}\n  - <<: *x\n", `a rule has no key "<<"`},
		{rule("name: q"), "line 4: set s: rule r: name is given twice"},
		{rule("wen: qty > 1"), `line 4: set s: rule r: a rule has no key "wen"; the keys are atLeast, `},
		{rule("when: qty >"), "line 4: set s: rule r: when: unexpected token"},
		{rule("when:"), "line 4: set s: rule r: when must be a single value"},
		{rule("when: ''"), "line 4: set s: rule r: when is empty"},
		{rule("when: [a]"), "when must be a single value"},
		{rule("when: colour == 1"), "when: there is no attribute colour; there are warehouse"},
		{rule("strategy: fefo"), `line 4: set s: rule r: strategy: there is no "fefo"; the strategies`},
		{rule("zones: ['']"), `line 4: set s: rule r: zones: "" is empty`},
		{rule("zones: []"), "zones: has 0 entries"},
		{rule("zones: [A, A]"), `zones: "A" is there twice; leave one out`},
		{rule("zones: {A: B}"), "zones must be a single value"},
		{rule("zones: [A]\n    notZones: [A]"), "zone A is in zones and notZones"},
		{rule("zones: [A]\n    keep: {B: 1}"), "keep names zone B, which the rule denies"},
		{rule("notZones: [B]\n    atLeast: {B: 1}"), "atLeast names zone B, which the rule denies"},
		{rule("batches: ['[']"), `line 4: set s: rule r: batches: "[" is no pattern; * is any text`},
		{rule("notBatches: ['a[']"), `notBatches: "a[" is no pattern`},
		{rule("batches: [~]"), "batches must be a single value"},
		{rule("pool: ''"), `pool: "" is empty`},
		{rule("ordinary: true"), "ordinary says whether other stock may follow that of a pool"},
		{rule("pool: P\n    ordinary: yes please"), `line 5: set s: rule r: ordinary: "yes please" is`},
		{rule("keep: 5"), "keep must hold 1 to 500 numbers by name"},
		{rule("keep: {A: -5}"), "keep A: -5 is not above 0; write a quantity in base units"},
		{rule("keep: {A: 0}"), "keep A: 0 is not above 0"},
		{rule("keep: {A: 1e3}"), `keep A: "1e3" is not a decimal`},
		{rule("keep: {A: 1, A: 2}"), "keep: A is there twice"},
		{rule("atLeast:\n      A: 1\n      ' B': 1"), `line 6: set s: rule r: atLeast: " B" begins`},
		{rule("atLeast: {A: 0.0000001}"), "atLeast A: \"0.0000001\" has more than 12"},
		{rule("minRemainingDays: -1"), `minRemainingDays: "-1" is no number from 0`},
		{rule("minRemainingDays: 1.5"), `minRemainingDays: "1.5" is no number from 0`},
		{rule("weights: {age: .nan}"), `weights age: ".nan" is no number`},
		{rule("weights: {age: NaN}"), `weights age: "NaN" is no number`},
		{rule("weights: {age: 0}"), `weights age: "0" is no number`},
		{rule("weights: {colour: 1}"), `weights: there is no "colour"; the names are age, exact`},
		{rule("coverShortages: 1"), `coverShortages: "1" is neither true nor false`},
		{rule("#" + strings.Repeat("x", fileBytesMax)), "the file has more than 1048576 bytes"},
	} {
		_, err := Parse([]byte(c.text))
		problems, ok := errors.AsType[*Problems](err)
		if !ok {
			t.Errorf("%.80q: %v, want %q", c.text, err, c.want)
			continue
		}
		if !slices.ContainsFunc(problems.List, func(p Problem) bool {
			return strings.Contains(p.String(), c.want) && p.Remedy != ""
		}) {
			t.Errorf("%.80q: %q, want %q", c.text, err, c.want)
		}
	}
}

// TestAllProblemsAreTold, in the order of the lines, and not without end.
func TestAllProblemsAreTold(t *testing.T) {
	_, err := Parse([]byte("sets:\n  s:\n  - {name: a, when: qty}\n  - {name: b, strategy: X," +
		" pool: P, keep: {Z: -1}}\n  - {name: c}\ndefault: t\n"))
	problems, _ := errors.AsType[*Problems](err)
	if problems == nil || len(problems.List) != 5 || strings.Count(err.Error(), "\n") != 4 {
		t.Fatal(err)
	}
	var lines []int
	for _, problem := range problems.List {
		lines = append(lines, problem.Line)
	}
	if want := []int{3, 4, 4, 5, 6}; !slices.Equal(lines, want) {
		t.Errorf("lines %v, want %v", lines, want)
	}
	var many strings.Builder
	many.WriteString("sets:\n  s:\n")
	for i := range 200 {
		fmt.Fprintf(&many, "  - {name: r%d, when: qty > %d, strategy: X}\n", i, i)
	}
	_, err = Parse([]byte(many.String()))
	problems, _ = errors.AsType[*Problems](err)
	if problems == nil || len(problems.List) != problemsMax || problems.More != 150 ||
		!strings.HasSuffix(err.Error(), "\nand 150 more") {
		t.Error(err)
	}
}

// BenchmarkRule is what a set of twenty rules costs each order line, whose rule is the last.
func BenchmarkRule(b *testing.B) {
	var text strings.Builder
	text.WriteString("sets:\n  s:\n")
	for i := range 19 {
		fmt.Fprintf(&text, "  - {name: r%d, when: 'channel == \"C%d\" and qty %% 12 == 0'}\n", i, i)
	}
	text.WriteString("  - {name: rest}\n")
	sets, err := Parse([]byte(text.String()))
	if err != nil {
		b.Fatal(err)
	}
	demand := allocation.Demand{Channel: "WEB", Qty: model.Whole(24)}
	for b.Loop() {
		if _, _, err := sets.Rule("s", demand); err != nil {
			b.Fatal(err)
		}
	}
}

// FuzzParse: whatever the text, there are sets or there are problems.
func FuzzParse(f *testing.F) {
	f.Add([]byte(goodFile))
	f.Add([]byte("sets: {s: [{name: r, when: 'qty in [1, 2.5]'}]}"))
	f.Fuzz(func(t *testing.T, text []byte) {
		sets, err := Parse(text)
		if (sets == nil) == (err == nil) {
			t.Fatal(sets, err)
		}
		if sets == nil {
			return
		}
		demand := allocation.Demand{SKU: "TEA", Qty: model.One}
		for _, set := range sets.List {
			if ruling, known, err := sets.Rule(set.Name, demand); !known || err == nil &&
				ruling.Rule == nil {
				t.Fatal(set.Name, ruling, known, err)
			}
		}
	})
}
