package graphql

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"tierstock/allocation"
	"tierstock/flow"
	"tierstock/master"
	"tierstock/model"
	"tierstock/replenish"
	"tierstock/sourcing"
	"tierstock/store"
)

// recorder is a fake of the verbs: it keeps what it was asked and answers what it was told to.
type recorder struct {
	mu     sync.Mutex
	called []string
	mode   flow.Mode
	lines  any
	// planned are the orders that planSourcing was asked for, and sees the warehouses it may know of.
	planned []sourcing.Order
	sees    func(warehouse string) bool
	answer  func(ctx context.Context, lines int) ([]model.Result, error)
}

func applied(_ context.Context, lines int) ([]model.Result, error) {
	return slices.Repeat([]model.Result{{Code: model.Applied}}, lines), nil
}

func recorded[L any](r *recorder, name string) verb[L] {
	return func(ctx context.Context, mode flow.Mode, lines []L) ([]model.Result, error) {
		r.mu.Lock()
		r.called, r.mode, r.lines = append(r.called, name), mode, lines
		r.mu.Unlock()
		return r.answer(ctx, len(lines))
	}
}

func recordedUpsert[L any](r *recorder, name string) upsert[L] {
	return func(_ context.Context, lines []L) (master.Outcome, error) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.called, r.lines = append(r.called, name), lines
		return master.Outcome{Created: len(lines), Results: slices.Repeat(
			[]master.Result{{Code: model.Applied}}, len(lines))}, nil
	}
}

func (r *recorder) verbs() verbs {
	return verbs{
		receive:    recorded[model.ReceiveLine](r, "receive"),
		reserve:    recorded[model.ReserveLine](r, "reserve"),
		release:    recorded[model.ReleaseLine](r, "release"),
		extend:     recorded[model.ExtendLine](r, "extend"),
		deduct:     recorded[model.DeductLine](r, "deduct"),
		restore:    recorded[model.RestoreLine](r, "restore"),
		pin:        recorded[model.PinLine](r, "pin"),
		unpin:      recorded[model.UnpinLine](r, "unpin"),
		pick:       recorded[model.PickLine](r, "pick"),
		move:       recorded[model.MoveLine](r, "move"),
		adjust:     recorded[model.AdjustLine](r, "adjust"),
		count:      recorded[model.CountLine](r, "count"),
		freeze:     recorded[model.FreezeLine](r, "freeze"),
		unfreeze:   recorded[model.FreezeLine](r, "unfreeze"),
		block:      recorded[model.BlockLine](r, "block"),
		unblock:    recorded[model.BlockLine](r, "unblock"),
		repack:     recorded[model.RepackLine](r, "repack"),
		report:     recorded[model.ExceptionLine](r, "reportException"),
		takeOver:   recorded[allocation.TakeOver](r, "takeOver"),
		warehouses: recordedUpsert[master.WarehouseInput](r, "upsertWarehouses"),
		zones:      recordedUpsert[master.ZoneInput](r, "upsertZones"),
		bins:       recordedUpsert[master.BinInput](r, "upsertBins"),
		skus:       recordedUpsert[master.SKUInput](r, "upsertSkus"),
		batches:    recordedUpsert[master.BatchInput](r, "upsertBatches"),
		plan: func(_ context.Context, orders []sourcing.Order, sees func(string) bool) (
			[]sourcing.OrderPlan, error) {
			r.planned, r.sees = orders, sees
			return nil, nil
		},
		levels: recordedUpsert[replenish.Level](r, "upsertStockLevels"),
	}
}

// bench is an API over an empty SQLite database, with the fake in place of the verbs.
type bench struct {
	*API
	recorder *recorder
	log      *bytes.Buffer
	db       *store.DB
}

func newBench(t testing.TB) *bench {
	t.Helper()
	ctx := context.Background()
	db, err := store.Open(ctx, "sqlite:"+filepath.Join(t.TempDir(), "test.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if _, err := db.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	bench := &bench{recorder: &recorder{answer: applied}, log: &bytes.Buffer{}, db: db}
	bench.API, err = newAPI(Deps{DB: db, Catalog: master.New(db),
		Log: slog.New(slog.NewTextHandler(bench.log, nil))}, bench.recorder.verbs())
	if err != nil {
		t.Fatal(err)
	}
	return bench
}

// bareAPI has no database; it is for what never gets that far.
func bareAPI(t testing.TB) *API {
	t.Helper()
	api, err := newAPI(Deps{}, (&recorder{answer: applied}).verbs())
	if err != nil {
		t.Fatal(err)
	}
	return api
}

// reply is an answer as a client sees it.
type reply struct {
	Status int            `json:"-"`
	Header http.Header    `json:"-"`
	Body   string         `json:"-"`
	Data   map[string]any `json:"data"`
	Errors []answerError  `json:"errors"`
}

func (r reply) codes() []string {
	codes := []string{}
	for _, err := range r.Errors {
		code, _ := err.Extensions["code"].(string)
		codes = append(codes, code)
	}
	return codes
}

func (r reply) messages() string {
	texts := []string{}
	for _, err := range r.Errors {
		texts = append(texts, err.Message)
	}
	return strings.Join(texts, "\n")
}

// at finds a value in the answer: a path such as receive.results.0.code.
func (r reply) at(path string) any {
	var value any = r.Data
	for step := range strings.SplitSeq(path, ".") {
		switch inner := value.(type) {
		case map[string]any:
			value = inner[step]
		case []any:
			if at := int(step[0] - '0'); at < len(inner) {
				value = inner[at]
			} else {
				return nil
			}
		default:
			return nil
		}
	}
	return value
}

// send posts a body as it is, with changes to the request where some are given.
func (a *API) send(t testing.TB, body string, change ...func(*http.Request)) reply {
	t.Helper()
	request := httptest.NewRequest(http.MethodPost, "/graphql", strings.NewReader(body))
	request.Header.Set("Content-Type", "application/json")
	for _, change := range change {
		change(request)
	}
	recorder := httptest.NewRecorder()
	a.Handler().ServeHTTP(recorder, request)
	response := recorder.Result()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	read := reply{Status: response.StatusCode, Header: response.Header, Body: string(answer)}
	if err := json.Unmarshal(answer, &read); err != nil {
		t.Fatalf("the answer is not JSON: %s", answer)
	}
	return read
}

// ask posts a document with variables.
func (a *API) ask(t testing.TB, query string, variables any) reply {
	t.Helper()
	return a.send(t, encode(t, map[string]any{"query": query, "variables": variables}))
}

func encode(t testing.TB, value any) string {
	t.Helper()
	encoded, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(encoded)
}

func readFile(t testing.TB, name string) string {
	t.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
