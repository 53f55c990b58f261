package rules

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"tierstock/allocation"
)

// locked is a buffer that the watcher writes and the test reads.
type locked struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *locked) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func ruleFile(name string) string { return "sets:\n  s:\n  - name: " + name + "\n" }

// replace writes a file as editors do: beside the old one, and then in its place.
func replace(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path+"~", []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+"~", path); err != nil {
		t.Fatal(err)
	}
}

// TestReload: a good file replaces the rules, a bad one is told and does not; a half-written one is
// neither.
func TestReload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "rules.yaml")
		replace(t, path, ruleFile("a"))
		var log locked
		file, err := Open(path, slog.New(slog.NewTextHandler(&log, nil)))
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		opened := file.Status().LoadedAt
		// want waits until a change counts, and looks which rule there is and what is said.
		want := func(rule, refused string, said int) {
			t.Helper()
			time.Sleep(10 * lookTime)
			synctest.Wait()
			ruling, known, err := file.Rule("s", allocation.Demand{})
			if err != nil || !known || ruling.Rule.Name != "s/"+rule {
				t.Errorf("the rule is %v (%v), want %s", ruling.Rule, err, rule)
			}
			status := file.Status()
			if text := fmt.Sprint(status.Refused); !strings.Contains(text, refused) {
				t.Errorf("refused: %s, want %s", text, refused)
			}
			if lines := strings.Count(log.String(), "\n"); lines != said {
				t.Errorf("%d lines are logged, want %d:\n%s", lines, said, &log)
			}
		}
		want("a", "<nil>", 0)
		replace(t, path, ruleFile("b"))
		want("b", "<nil>", 1)
		if !file.Status().LoadedAt.After(opened) {
			t.Error("loaded at", file.Status().LoadedAt)
		}
		replace(t, path, "sets:\n  s:\n  - {nam: c, strategy: X}\n")
		want("b", "line 3: set s: a rule has no key", 4)
		replace(t, path, ruleFile("b"))
		want("b", "<nil>", 5)
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		want("b", "cannot be read: no such file", 6)
		replace(t, path, ruleFile("b"))
		want("b", "<nil>", 7)
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		time.Sleep(lookTime)
		synctest.Wait()
		if err := os.WriteFile(path, []byte(ruleFile("c")), 0o600); err != nil {
			t.Fatal(err)
		}
		want("c", "<nil>", 8)
	})
}

// TestReloadWhileUsed: who asks meanwhile sees the old rules or the new, whole.
func TestReloadWhileUsed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rules.yaml")
	replace(t, path, ruleFile("a"))
	file, err := Open(path, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	file.Close() // only the test looks
	var callers sync.WaitGroup
	for range 4 {
		callers.Go(func() {
			for range 500 {
				ruling, known, err := file.Rule("s", allocation.Demand{})
				if err != nil || !known || ruling.Rule.Name != "s/a" && ruling.Rule.Name != "s/b" {
					t.Error(ruling, known, err)
				}
				_ = file.Status().Sets.Find("s").Rules[0].Summary()
			}
		})
	}
	for i := range 20 {
		replace(t, path, ruleFile([]string{"b", "a"}[i%2]))
		file.look()
		file.look()
	}
	callers.Wait()
	if ruling, _, _ := file.Rule("s", allocation.Demand{}); ruling.Rule.Name != "s/a" {
		t.Error(ruling.Rule.Name)
	}
}

func TestOpenRefuses(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "rules.yaml")
	for _, c := range []struct{ path, want string }{
		{folder, "is not a regular file"},
		{filepath.Join(folder, "missing.yaml"), "no such file or directory"},
		{path, "line 1: the file must be a mapping"},
	} {
		replace(t, path, "[]")
		if _, err := Open(c.path, nil); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", c.path, err, c.want)
		}
	}
}
