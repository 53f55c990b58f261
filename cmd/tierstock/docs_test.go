package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tierstock/allocation"
	"tierstock/allocation/rules"
)

// block is a fenced block of a document.
type block struct {
	kind, text string
	line       int
}

func blocksOf(t *testing.T, document string) (blocks []block) {
	t.Helper()
	text, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	var open *block
	line := 0
	for each := range strings.Lines(string(text)) {
		line++
		kind, fence := strings.CutPrefix(strings.TrimSpace(each), "```")
		switch {
		case fence && open == nil:
			open = &block{kind: kind, line: line}
		case fence:
			blocks, open = append(blocks, *open), nil
		case open != nil:
			open.text += each
		}
	}
	return blocks
}

// TestRuleExamples: each file of rules in docs/allocation.md is written as rules.yaml, and the
// commands below it must answer as the document says.
func TestRuleExamples(t *testing.T) {
	blocks := blocksOf(t, filepath.Join("..", "..", "docs", "allocation.md"))
	t.Chdir(t.TempDir())
	files, commands := 0, 0
	for _, block := range blocks {
		switch block.kind {
		case "yaml":
			files++
			if err := os.WriteFile("rules.yaml", []byte(block.text), 0o600); err != nil {
				t.Fatal(err)
			}
		case "console":
			for session := range strings.SplitSeq(block.text, "$ tierstock ") {
				command, want, _ := strings.Cut(session, "\n")
				if command == "" {
					continue
				}
				commands++
				_, out, errOut := tierstock(t, strings.Fields(command)...)
				if got := out + errOut; got != want {
					t.Errorf("line %d: tierstock %s says\n%s\nand not\n%s", block.line, command, got, want)
				}
			}
		}
	}
	if files < 6 || commands < 12 {
		t.Errorf("%d files and %d commands are tried", files, commands)
	}
}

// TestRuleTables: the document names every strategy, weight and attribute.
func TestRuleTables(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "allocation.md"))
	if err != nil {
		t.Fatal(err)
	}
	names := append(allocation.Strategies(), allocation.Weighed()...)
	names = append(append(names, rules.Attributes...), rules.Keys()...)
	for _, name := range names {
		if !strings.Contains(string(text), "`"+name+"`") {
			t.Errorf("docs/allocation.md does not say what %s is", name)
		}
	}
}
