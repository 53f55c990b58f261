package tierstock_test

import (
	"cmp"
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const (
	moduleName = "tierstock"
	testKit    = "stocktest" // tests may use it wherever they are
)

// plan is what ARCHITECTURE.md says under "## Rooms": which room may import which, and in which
// rooms each third-party module lives.
type plan struct {
	rooms      []string // in the order written, lowest first
	imports    map[string][]string
	thirdParty map[string][]string
}

// readPlan reads lines "room:  model store  description", where "-" is none and "everything" is all
// rooms, and lines "third-party: module-prefix: room room".
func readPlan(t *testing.T) plan {
	t.Helper()
	text, err := os.ReadFile("ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(text), "\n## Rooms\n")
	if !found {
		t.Fatal("ARCHITECTURE.md has no section \"## Rooms\"")
	}
	section, _, _ = strings.Cut(section, "\n## ")
	p := plan{imports: map[string][]string{}, thirdParty: map[string][]string{}}
	room := regexp.MustCompile(`^([a-z0-9/]+): +(\S+(?: \S+)*)(?:  .*)?$`)
	module := regexp.MustCompile(`^third-party: (\S+): (.+)$`)
	fenced := false
	for line := range strings.Lines(section) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "```") {
			fenced = !fenced
		} else if match := module.FindStringSubmatch(line); match != nil {
			p.thirdParty[match[1]] = strings.Fields(match[2])
		} else if match := room.FindStringSubmatch(line); match != nil && fenced {
			p.rooms = append(p.rooms, match[1])
			p.imports[match[1]] = strings.Fields(strings.TrimSuffix(match[2], "-"))
		} else if fenced && line != "" {
			t.Errorf("ARCHITECTURE.md: %q is no room", line)
		}
	}
	return p
}

// roomOf is the room that a package of ours is in: the longest name that its path begins with.
func (p plan) roomOf(folder string) string {
	for _, room := range slices.SortedFunc(slices.Values(p.rooms), func(a, b string) int {
		return cmp.Compare(len(b), len(a))
	}) {
		if folder == room || strings.HasPrefix(folder, room+"/") {
			return room
		}
	}
	return ""
}

// complaint says why a file in room may not import name; "" when it may.
func (p plan) complaint(room, name string, isTest bool) string {
	if name == moduleName || strings.HasPrefix(name, moduleName+"/") {
		return p.ownComplaint(room, strings.TrimPrefix(name, moduleName+"/"), isTest)
	}
	if first, _, _ := strings.Cut(name, "/"); isTest || !strings.Contains(first, ".") {
		return ""
	}
	for prefix, rooms := range p.thirdParty {
		if strings.HasPrefix(name, prefix) {
			if slices.Contains(rooms, room) || slices.Contains(rooms, "everything") {
				return ""
			}
			return fmt.Sprintf("%s lives in %s only", prefix, strings.Join(rooms, ", "))
		}
	}
	return "ARCHITECTURE.md has no third-party line for it"
}

func (p plan) ownComplaint(room, folder string, isTest bool) string {
	target := p.roomOf(folder)
	allowed := p.imports[room]
	switch {
	case target == "":
		return "it is in no room"
	case target == room, slices.Contains(allowed, target), slices.Contains(allowed, "everything"):
		return ""
	case isTest && target == testKit:
		return ""
	}
	return fmt.Sprintf("%s may import %s", room, cmp.Or(strings.Join(allowed, ", "), "nothing"))
}

// sources are all Go files, by their path from the root of the module.
func sources(t *testing.T) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(".", func(name string, entry fs.DirEntry, err error) error {
		hidden := len(entry.Name()) > 1 && strings.HasPrefix(entry.Name(), ".")
		nested := entry.IsDir() && name != "." && exists(filepath.Join(name, "go.mod"))
		if entry.IsDir() && (hidden || nested || entry.Name() == "testdata") {
			return filepath.SkipDir
		}
		if err == nil && strings.HasSuffix(name, ".go") {
			files = append(files, filepath.ToSlash(name))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

// TestImports holds every file to the plan.
func TestImports(t *testing.T) {
	p := readPlan(t)
	for _, file := range sources(t) {
		folder := path.Dir(file)
		if folder == "." {
			continue
		}
		room := p.roomOf(folder)
		if room == "" {
			t.Errorf("%s is in no room of ARCHITECTURE.md", file)
			continue
		}
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			t.Error(err)
			continue
		}
		if strings.HasSuffix(tree.Name.Name, "_test") {
			continue // a test from outside may use whatever its subject's users would
		}
		for _, spec := range tree.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if why := p.complaint(room, name, strings.HasSuffix(file, "_test.go")); why != "" {
				t.Errorf("%s imports %s: %s", file, name, why)
			}
		}
	}
}

// TestPlan holds the plan to itself: rooms import only rooms written above them, so that there is
// no cycle, and every name is a room's.
func TestPlan(t *testing.T) {
	p := readPlan(t)
	if len(p.rooms) == 0 || len(p.thirdParty) == 0 {
		t.Fatalf("ARCHITECTURE.md has %d rooms and %d third-party lines", len(p.rooms),
			len(p.thirdParty))
	}
	for i, room := range p.rooms {
		for _, name := range p.imports[room] {
			if name != "everything" && !slices.Contains(p.rooms[:i], name) {
				t.Errorf("%s may import %s, which is no room above it", room, name)
			}
		}
	}
	for prefix, rooms := range p.thirdParty {
		for _, name := range rooms {
			if name != "everything" && !slices.Contains(p.rooms, name) {
				t.Errorf("%s lives in %s, which is no room", prefix, name)
			}
		}
	}
}

// TestPlanBites breaks each rule once, so that the check is known to find it.
func TestPlanBites(t *testing.T) {
	p := plan{
		rooms:      []string{"model", "store", "tier2", "tier3", "cmd/tierstock"},
		imports:    map[string][]string{"tier2": {"model"}, "cmd/tierstock": {"everything"}},
		thirdParty: map[string][]string{"gorm.io/": {"store"}},
	}
	for _, c := range []struct {
		room, name string
		isTest, ok bool
	}{
		{"tier2", "tierstock/model", false, true},
		{"tier2", "tierstock/tier2/inner", false, true},
		{"tier2", "tierstock/tier3", false, false},
		{"tier2", "tierstock/tier3", true, false},
		{"model", "tierstock/store", false, false},
		{"model", "tierstock/attic", false, false},
		{"cmd/tierstock", "tierstock/tier3", false, true},
		{"tier2", "go/parser", false, true},
		{"store", "gorm.io/gorm", false, true},
		{"tier2", "gorm.io/gorm", false, false},
		{"tier2", "gorm.io/gorm", true, true},
		{"store", "example.com/unheard/of", false, false},
	} {
		if why := p.complaint(c.room, c.name, c.isTest); (why == "") != c.ok {
			t.Errorf("%s imports %s: %q", c.room, c.name, why)
		}
	}
}
