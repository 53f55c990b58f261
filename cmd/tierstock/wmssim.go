package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"tierstock/model"
	"tierstock/sample"
	"tierstock/wmssim"
	"tierstock/wmsync"
)

// The values of flags of wms-sim that are not given.
const (
	defaultSimListen = "127.0.0.1:8090"
	defaultSpeed     = "5"
)

// simWarehouse is the one warehouse that wms-sim has.
const simWarehouse = "MAIN"

// simWriteTimeMax is above what an answer that never comes takes to be given up on.
const simWriteTimeMax = 3 * time.Minute

// How often orders are told, and the least time between two webhooks.
const (
	tickEvery    = 200 * time.Millisecond
	webhookEvery = time.Second
)

// simWords are the help of the flags of this file.
func simWords() kong.Vars {
	return kong.Vars{
		"defaultSimAt": defaultSimListen,
		"defaultSpeed": defaultSpeed,

		"wmsSim": "Serve a simulated WMS to sync with: it tells of SKUs, stock and orders, is told " +
			"of movements, and misbehaves when told to.",
		"simAt": "Address to listen on, " + defaultSimListen + " unless given; loopback only.",
		"simData": "CSV with order lines, as for import orders; those of the sample unless " +
			"given.",
		"simStock": "Its stock of each SKU at the beginning, in pieces, " + defaultStock +
			" unless given.",
		"speed": "Orders told a second, " + defaultSpeed + " unless given; 0 is all at once.",
		"misbehave": "What goes wrong how often, as in late=0.1,fail=0.05,rejectSKU=CODE: " +
			strings.Join(wmssim.FaultNames(), ", ") + ".",
		"simSeed":  "Seed of what goes wrong.",
		"whoCalls": "Bearer token that callers must send.",
		"webhook":  "URL to post a signed webhook to when there are new orders.",
		"signWith": "Secret to sign webhooks with, whsec_ and base64.",
	}
}

type wmsSimCommand struct {
	Listen        string   `default:"${defaultSimAt}" help:"${simAt}"        placeholder:"HOST:PORT"`
	Data          string   `help:"${simData}"         placeholder:"FILE.csv"`
	Stock         string   `default:"${defaultStock}" help:"${simStock}"     placeholder:"N"`
	Speed         float64  `default:"${defaultSpeed}" help:"${speed}"        placeholder:"N"`
	Misbehave     []string `help:"${misbehave}"       placeholder:"FAULT=N"`
	Seed          uint64   `default:"1"               help:"${simSeed}"      placeholder:"N"`
	Token         string   `help:"${whoCalls}"        placeholder:"TOKEN"`
	Webhook       string   `help:"${webhook}"         placeholder:"URL"`
	WebhookSecret string   `help:"${signWith}"        placeholder:"SECRET"`
}

// Validate refuses wrong flags before anything is opened.
func (c *wmsSimCommand) Validate() error {
	host, err := hostToListenOn(c.Listen)
	if err != nil {
		return err
	}
	if !isLoopback(host) {
		return fmt.Errorf("--listen: %s is not a loopback address; a simulation is for this "+
			"machine only", c.Listen)
	}
	if _, err := wmssim.ParseFaults(c.Misbehave); err != nil {
		return fmt.Errorf("--misbehave: %w", err)
	}
	if !(c.Speed >= 0) {
		return fmt.Errorf("--speed: %v is not a number of orders a second", c.Speed)
	}
	if stock, err := model.ParseQuantity(c.Stock); err != nil || stock < 0 || !stock.HasAtMost(0) {
		return fmt.Errorf("--stock: %q is not a whole number of pieces, 0 or more", c.Stock)
	}
	return c.checkWebhook()
}

func (c *wmsSimCommand) checkWebhook() error {
	if c.Webhook == "" && c.WebhookSecret == "" {
		return nil
	}
	if c.Webhook == "" || c.WebhookSecret == "" {
		return errors.New("--webhook and --webhook-secret go together")
	}
	target, err := url.Parse(c.Webhook)
	if err != nil || target.Host == "" || target.Scheme != "http" && target.Scheme != "https" {
		return errors.New("--webhook: a URL is http://host/path or https://host/path")
	}
	if _, err := wmssim.Sign(c.WebhookSecret, "", time.Time{}, nil); err != nil {
		return fmt.Errorf("--webhook-secret: %w", err)
	}
	return nil
}

// run serves until the context ends; all that was is forgotten then.
func (c *wmsSimCommand) run(ctx context.Context, session *session) error {
	lines, err := c.lines()
	if err != nil {
		return usage(fmt.Errorf("--data: %w", err))
	}
	faults, err := wmssim.ParseFaults(c.Misbehave)
	if err != nil {
		return usage(err)
	}
	wms := wmssim.New(wmssim.Options{Token: c.Token, Warehouses: []string{simWarehouse},
		Faults: faults, Seed: c.Seed})
	skus, err := fillWMS(wms, lines, c.Stock)
	if err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("cannot listen on %s: %w", c.Listen, err)
	}
	if bound, ok := listener.Addr().(*net.TCPAddr); !ok || !bound.IP.IsLoopback() {
		return errors.Join(usage(fmt.Errorf("--listen: %s is %s, which is no loopback address",
			c.Listen, listener.Addr())), listener.Close())
	}
	orders := ordersOf(lines)
	_, _ = fmt.Fprintf(session.out, "WMS with %s and %s to come: http://%s/ (Ctrl+C stops)\n",
		plural(skus, "SKU"), plural(len(orders), "order"), listener.Addr())
	return c.serve(ctx, session, listener, wms, orders)
}

// serve tells orders, and answers, until the context ends.
func (c *wmsSimCommand) serve(ctx context.Context, session *session, listener net.Listener,
	wms *wmssim.WMS, orders []wmssim.Order) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	server := &http.Server{Handler: guard(wms.Handler()), ReadHeaderTimeout: headerTimeMax,
		ReadTimeout: readTimeMax, WriteTimeout: simWriteTimeMax, IdleTimeout: idleTimeMax,
		MaxHeaderBytes: headerBytesMax}
	// An answer that never comes would be waited for, so nothing is drained: it is a simulation.
	context.AfterFunc(ctx, func() { _ = server.Close() })
	news := make(chan struct{}, 1)
	told := make(chan struct{})
	go func() {
		defer close(told)
		c.notify(ctx, session, wms, news)
	}()
	go c.tell(ctx, wms, orders, news)
	err := server.Serve(listener)
	stop()
	<-told
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// tell puts the orders into the feed, as many a second as it is to.
func (c *wmsSimCommand) tell(ctx context.Context, wms *wmssim.WMS, orders []wmssim.Order,
	news chan<- struct{}) {
	ticker := time.NewTicker(tickEvery)
	defer ticker.Stop()
	due := 0.0
	for len(orders) > 0 {
		due += c.Speed * tickEvery.Seconds()
		now := min(int(due), len(orders))
		if c.Speed == 0 {
			now = len(orders)
		}
		due -= float64(now)
		for _, order := range orders[:now] {
			wms.PutOrder(order)
		}
		if orders = orders[now:]; now > 0 {
			select {
			case news <- struct{}{}:
			default: // it is known already that there is something new
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// notify posts a webhook when there is something new. One that fails is not repeated: polling is
// the net.
func (c *wmsSimCommand) notify(ctx context.Context, session *session, wms *wmssim.WMS,
	news <-chan struct{}) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-news:
		}
		if c.Webhook == "" {
			continue
		}
		if err := wms.Notify(ctx, c.Webhook, c.WebhookSecret, wmsync.Orders); err != nil {
			session.log.Warn("webhook failed", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(webhookEvery):
		}
	}
}

// lines are the order lines of the file, or of the sample.
func (c *wmsSimCommand) lines() ([]sample.OrderLine, error) {
	if c.Data == "" {
		return sample.History()
	}
	file, err := os.Open(c.Data)
	if err != nil {
		if known, ok := errors.AsType[*os.PathError](err); ok {
			err = known.Err
		}
		return nil, fmt.Errorf("%s: %w", c.Data, err)
	}
	defer func() { _ = file.Close() }()
	lines, err := sample.ReadOrders(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.Data, err)
	}
	return lines, nil
}

// fillWMS makes the SKUs of those lines, each with so much stock, and says how many they are.
func fillWMS(wms *wmssim.WMS, lines []sample.OrderLine, stock string) (skus int, err error) {
	seen := map[string]bool{}
	for _, line := range lines {
		if seen[line.SKU] {
			continue
		}
		seen[line.SKU] = true
		wms.PutSKU(wmssim.SKU{Code: line.SKU, Name: line.Name})
		at := wmssim.Spot{Warehouse: simWarehouse, SKU: line.SKU}
		if err := wms.SetStock(wmssim.Row{Spot: at, OnHand: stock}); err != nil {
			return 0, err
		}
	}
	return len(seen), nil
}

// ordersOf are the orders of those lines, in the order in which they first come.
func ordersOf(lines []sample.OrderLine) (orders []wmssim.Order) {
	places := map[string]int{}
	for _, line := range lines {
		place, known := places[line.OrderID]
		if !known {
			place = len(orders)
			places[line.OrderID] = place
			orders = append(orders, wmssim.Order{OrderID: line.OrderID, JobType: "ORDER",
				Warehouse: simWarehouse})
		}
		orders[place].Lines = append(orders[place].Lines, wmssim.OrderLine{LineID: line.LineID,
			SKU: line.SKU, Qty: model.Whole(line.Pieces).String()})
	}
	return orders
}
