package graphql

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tierstock/access"
)

// rolesTable is mayCall as docs/operations.md shows it.
func rolesTable() string {
	shown := []access.Role{access.Ops, access.Allocator, access.Sync}
	var table strings.Builder
	table.WriteString("| mutation | OPS | ALLOCATOR | SYNC |\n|---|---|---|---|\n")
	for _, name := range sortedKeys(mayCall) {
		fmt.Fprintf(&table, "| `%s` |", name)
		for _, role := range shown {
			if slices.Contains(mayCall[name], role) {
				table.WriteString(" yes |")
			} else {
				table.WriteString(" |")
			}
		}
		table.WriteString("\n")
	}
	return table.String()
}

// TestRolesInTheDocument: docs/operations.md has the table as it is, between its heading and the
// next; -update writes it anew.
func TestRolesInTheDocument(t *testing.T) {
	file := filepath.Join("..", "docs", "operations.md")
	text := readFile(t, file)
	begin := strings.Index(text, "| mutation |")
	if begin < 0 {
		t.Fatal("there is no table")
	}
	end := begin + strings.Index(text[begin:], "\n\n") + 1
	if text[begin:end] == rolesTable() {
		return
	}
	if !*update {
		t.Fatalf("docs/operations.md has another table; go test ./graphql -update:\n%s", rolesTable())
	}
	text = text[:begin] + rolesTable() + text[end:]
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
