package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"

	"tierstock/flow"
	"tierstock/graphql"
)

// apiLines are how many lines a call carries, the last the one of the score.
var apiLines = []int{1, 10, apiLinesMost}

const apiLinesMost = 100

// apiCallers are enough to keep the engine's batches full at any number of lines a call.
const apiCallers = 64

// apiHeaderTimeMax bounds what the server waits for; callers are our own.
const apiHeaderTimeMax = 5 * time.Second

const reserveDocument = `{"query":"mutation($lines:[ReserveLine!]!){reserve(lines:$lines,` +
	`policy:PER_LINE){results{code qtyApplied}}}","variables":{"lines":[`

// appliedCode is in an answer once for each line that was applied.
const appliedCode = `"code":"APPLIED"`

// startAPI serves the engine over loopback HTTP.
func startAPI(ctx context.Context, b *bench, c *cell) (turnOf, error) {
	engine, err := b.warmEngine(ctx, c.site)
	if err != nil {
		return turnOf{}, err
	}
	server, address, err := b.serve(ctx, engine)
	if err != nil {
		return turnOf{}, errors.Join(err, engine.close())
	}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: c.Callers}}
	return turnOf{stats: engine.flow.Stats,
		end: func() error {
			client.CloseIdleConnections()
			return errors.Join(server.Close(), engine.close())
		},
		step: func(ctx context.Context, _ *caller) (answers, error) {
			return c.site.post(ctx, client, address, c.LinesPerCall)
		}}, nil
}

func (b *bench) serve(ctx context.Context, engine *engine) (*http.Server, string, error) {
	api, err := graphql.New(graphql.Deps{DB: b.db, Catalog: engine.catalog, Tier2: engine.tier2,
		Tier3: engine.tier3, Allocation: engine.allocation,
		Reconciler: flow.NewReconciler(b.db, engine.flow.Repair, nil)})
	if err != nil {
		return nil, "", err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, "", err
	}
	server := &http.Server{Handler: api.Handler(), ReadHeaderTimeout: apiHeaderTimeMax}
	go func() { _ = server.Serve(listener) }() // ends with Close
	return server, "http://" + listener.Addr().String() + "/graphql", nil
}

// post reserves the next lines of the trace by one request.
func (s *site) post(ctx context.Context, client *http.Client, address string, lines int) (
	answers, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address,
		bytes.NewReader(s.body(lines)))
	if err != nil {
		return answers{}, err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := client.Do(request)
	if err != nil {
		return answers{}, err
	}
	body, err := io.ReadAll(response.Body)
	if err = errors.Join(err, response.Body.Close()); err != nil {
		return answers{}, err
	}
	if applied := bytes.Count(body, []byte(appliedCode)); applied != lines {
		return answers{}, fmt.Errorf("%d of %d lines were applied: %.200s", applied, lines, body)
	}
	return answers{applied: int64(lines)}, nil
}

func (s *site) body(lines int) []byte {
	body := []byte(reserveDocument)
	for i := range lines {
		next := s.next()
		if i > 0 {
			body = append(body, ',')
		}
		body = append(append(body, `{"key":{"jobType":"`...), jobType...)
		body = next.appendOrder(append(body, `","orderId":"`...))
		body = append(append(body, `","lineId":"`...), lineID...)
		body = append(append(body, `"},"warehouse":"`...), s.warehouse...)
		body = append(append(body, `","sku":"`...), s.rows[next.row].sku...)
		body = strconv.AppendInt(append(body, `","qty":"`...), next.pieces, 10)
		body = append(body, `"}`...)
	}
	return append(body, "]}}"...)
}
