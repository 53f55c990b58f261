package stocktest

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Statements collects what a test sent to its database, and judges it by the habits that let the
// engine be sharded by warehouse: every statement names the warehouse of every table that has one,
// in WHERE, in JOIN and in the columns of an INSERT, and none leans on what only one engine does.
type Statements struct {
	mu   sync.Mutex
	seen map[string]bool
}

// Record is a store.Options.Trace.
func (s *Statements) Record(sql string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.seen == nil {
		s.seen = map[string]bool{}
	}
	s.seen[sql] = true
}

// Complaints are the statements that break a habit, each with the reason.
func (s *Statements) Complaints() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var complaints []string
	for _, sql := range slices.Sorted(maps.Keys(s.seen)) {
		if err := CheckStatement(sql); err != nil {
			complaints = append(complaints, fmt.Sprintf("%v: %.500s", err, sql))
		}
	}
	return complaints
}

// sharedTables belong to no single warehouse: reference data, leases, and the database's own.
const sharedTables = "skus sku_packs warehouses leases revisions sync_streams goose_db_version " +
	"sqlite_master information_schema"

// engineWords are what some engine ignores, forbids or does its own way, with the reason.
var engineWords = map[string]string{
	"insert ignore":  "it also hides truncation and range errors",
	"replace into":   "it deletes the row it replaces",
	"skip locked":    "TiDB ignores it silently",
	"get_lock":       "it belongs to a connection, and differs on TiDB",
	"lock tables":    "Galera does not replicate it",
	"last_insert_id": "auto-increment orders nothing",
}

// Patterns of a statement in lower case without quotes, literals and comments.
var (
	literals = regexp.MustCompile(`'(?:[^'\\]|''|\\.)*'|--[^\n]*`)
	insertOf = regexp.MustCompile(`\binsert into (\w+) ?\(([^)]*)\)`)
	tableOf  = regexp.MustCompile(`\b(?:from|join|update|into) (\w+)(?:\.\w+)?( ?\()?`)
	upserts  = regexp.MustCompile(`\bon duplicate key update\b|\bdo update set\b|\bfor update\b`)
	namedCTE = regexp.MustCompile(`(?:\bwith(?: recursive)?|\),?) (\w+) ?(?:\([^)]*\) )?as ?\(`)
	// pinned is one table tied to a warehouse, or to another table's.
	pinned = regexp.MustCompile(`\bwarehouse ?(?:=|in\b)|\([^()]*\bwarehouse\b[^()]*\) ?(?:=|in\b)` +
		`|\busing ?\([^()]*\bwarehouse\b`)
)

// CheckStatement says which habit a statement breaks, if any.
func CheckStatement(sql string) error {
	text := literals.ReplaceAllString(sql, "?")
	text = strings.NewReplacer("`", "", `"`, "").Replace(strings.ToLower(text))
	text = upserts.ReplaceAllString(strings.Join(strings.Fields(text), " "), "")
	for word, reason := range engineWords {
		if strings.Contains(text, word) {
			return fmt.Errorf("uses %q (%s)", word, reason)
		}
	}
	if insert := insertOf.FindStringSubmatchIndex(text); insert != nil {
		table, columns := text[insert[2]:insert[3]], text[insert[4]:insert[5]]
		if !isShared(table) && !strings.Contains(columns, "warehouse") {
			return fmt.Errorf("inserts into %s without its warehouse", table)
		}
		text = text[insert[1]:]
	}
	tables := warehouseTables(text)
	if ties := len(pinned.FindAllString(text, -1)); ties < len(tables) {
		return fmt.Errorf("reads or writes %s, but names a warehouse %d times",
			strings.Join(tables, ", "), ties)
	}
	return nil
}

// warehouseTables are the tables that the text names, each as often as it does, without those that
// are shared or made by the statement itself.
func warehouseTables(text string) []string {
	own := map[string]bool{}
	for _, match := range namedCTE.FindAllStringSubmatch(text, -1) {
		own[match[1]] = true
	}
	var tables []string
	for _, match := range tableOf.FindAllStringSubmatch(text, -1) {
		isFunction := match[2] != ""
		if table := match[1]; !isFunction && !own[table] && !isShared(table) {
			tables = append(tables, table)
		}
	}
	return tables
}

func isShared(table string) bool { return slices.Contains(strings.Fields(sharedTables), table) }
