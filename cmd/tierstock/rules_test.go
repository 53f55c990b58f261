package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tierstock/stocktest"
)

const twoProblems = "sets:\n  s:\n  - {name: a, when: qty}\n  - {name: b, strategy: FIRST}\n"

func written(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "rules.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestBadRulesAtTheStart: all problems are told, and nothing has been opened or made.
func TestBadRulesAtTheStart(t *testing.T) {
	path := written(t, twoProblems)
	t.Chdir(t.TempDir())
	for _, args := range [][]string{{"serve", "--rules", path}, {"demo", "--rules", path}, {"serve"}} {
		if len(args) == 1 {
			t.Setenv("TIERSTOCK_RULES", path)
		}
		code, out, errOut := tierstock(t, args...)
		if code != exitUsage || out != "" || strings.Count(errOut, "\n") != 3 ||
			!strings.HasPrefix(errOut, "tierstock: --rules: "+path+": 2 problems\n  line 3: set s: ") ||
			!strings.Contains(errOut, "\n  line 4: set s: rule b: strategy: there is no") {
			t.Errorf("%v: exit %d, %q %q", args, code, out, errOut)
		}
	}
	if made, err := filepath.Glob("*"); err != nil || len(made) > 0 {
		t.Error(made, err)
	}
}

func TestRulesCommands(t *testing.T) {
	good := written(t, "sets:\n  s:\n  - {name: a, when: priority % minRemainingDays == 0}\n")
	bad := written(t, twoProblems)
	for _, c := range []struct {
		args string
		code int
		want string
	}{
		{"check " + good, exitDone, "rules.yaml is good: 1 set\n"},
		{"check " + bad, exitFailed, "2 problems\n  line 3: "},
		{"check missing.yaml", exitUsage, "tierstock: missing.yaml: no such file or directory\n"},
		{"check .", exitUsage, "tierstock: .: is not a regular file\n"},
		{"check", exitUsage, "expected \"<file>\""},
		{"try " + bad, exitFailed, "2 problems\n  line 3: "},
		{"try missing.yaml", exitUsage, "no such file"},
		{"try " + good, exitDone, "FEFO: no set is named, and there is no default set\n"},
		{"try --set t " + good, exitUsage, "--set: " + good + " has no set t\n"},
		{"try --set s --demand minRemainingDays=2 " + good, exitDone, "a  yes  priority"},
		{"try --set s --demand minRemainingDays=2,priority=1 " + good, exitFailed, "no rule for this"},
		{"try --set s " + good, exitFailed, "a  failed  priority % minRemainingDays == 0\ntierstock: " +
			"rule set s, rule a: the condition failed: runtime error: integer divide by zero"},
		{"try --demand colour=red " + good, exitUsage, "--demand: a demand has no \"colour\"; it has"},
		{"try --demand qty " + good, exitUsage, "--demand: \"qty\" is not key=value"},
		{"try --demand qty=few " + good, exitUsage, "--demand: \"few\" is not a decimal"},
		{"try --demand priority=x " + good, exitUsage, "--demand: priority: \"x\" is no such value"},
		{"try --demand shipComplete=x " + good, exitUsage, "shipComplete: \"x\" is no such value"},
		{"try --demand sku=A,sku=B " + good, exitUsage, "--demand: sku is given twice"},
	} {
		code, out, errOut := tierstock(t, append([]string{"rules"}, strings.Fields(c.args)...)...)
		if code != c.code || !strings.Contains(out+errOut, c.want) {
			t.Errorf("%s: exit %d, %q, want %q", c.args, code, out+errOut, c.want)
		}
	}
}

// TestServeByRules: the rules are in force, and are closed with the rest.
func TestServeByRules(t *testing.T) {
	path := written(t, "default: s\nsets: {s: [{name: a, zones: NOWHERE}]}\n")
	said := served(t, func(url string) {
		if status, body := post(t, url, `{ ruleSets { file sets { rules { summary } } } }`); status !=
			200 || !strings.Contains(body, "FEFO; only zones NOWHERE") {
			t.Error(status, body)
		}
	}, "serve", "--rules", path, "--db", stocktest.Backends(t)[0].URL(t))
	if !strings.Contains(said, "rules loaded") || !strings.Contains(said, "stopped") {
		t.Error(said)
	}
}
