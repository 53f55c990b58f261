package store_test

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"tierstock/stocktest"
	"tierstock/store"
)

// cutter stands between the driver and the server and cuts connections at their COMMIT, before the
// server has seen it or after, as a network may.
type cutter struct {
	listener net.Listener
	server   string
	cuts     atomic.Int64 // how many COMMITs are still to be cut
	landed   bool
}

func newCutter(t *testing.T, server string, landed bool) *cutter {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &cutter{listener: listener, server: server, landed: landed}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go c.serve(client)
		}
	}()
	return c
}

func (c *cutter) serve(client net.Conn) {
	defer func() { _ = client.Close() }()
	server, err := net.Dial("tcp", c.server)
	if err != nil {
		return
	}
	defer func() { _ = server.Close() }()
	cut := atomic.Bool{}
	go func() {
		defer func() { _ = client.Close() }()
		buffer := make([]byte, 1<<16)
		for {
			n, err := server.Read(buffer)
			if err != nil || cut.Load() {
				return
			}
			if _, err := client.Write(buffer[:n]); err != nil {
				return
			}
		}
	}()
	buffer := make([]byte, 1<<16)
	for {
		n, err := client.Read(buffer)
		if err != nil {
			return
		}
		if bytes.HasSuffix(buffer[:n], []byte("COMMIT")) && c.cuts.Add(-1) >= 0 {
			cut.Store(true)
			if !c.landed {
				return
			}
		}
		if _, err := server.Write(buffer[:n]); err != nil {
			return
		}
	}
}

// through opens the database of db by way of the cutter.
func (c *cutter) through(t *testing.T, db *store.DB) *store.DB {
	t.Helper()
	server, err := url.Parse(os.Getenv(stocktest.ServerVariable))
	if err != nil {
		t.Fatal(err)
	}
	server.Host = c.listener.Addr().String()
	name := db.Name()
	return stocktest.Opened(t, server.JoinPath(name[strings.LastIndex(name, "/")+1:]).String())
}

// A COMMIT without an answer is done again, and its key tells whether it had landed.
func TestUnknownCommitIsSettledByTheKey(t *testing.T) {
	ctx := context.Background()
	for name, landed := range map[string]bool{"landed": true, "lost": false} {
		t.Run(name, func(t *testing.T) {
			direct := stocktest.Migrated(t, stocktest.Backends(t)[1].URL(t))
			server, _ := url.Parse(os.Getenv(stocktest.ServerVariable))
			cutter := newCutter(t, server.Host, landed)
			db := cutter.through(t, direct)
			cutter.cuts.Store(1)
			runs, replays := 0, 0
			err := db.Transact(ctx, func(tx *store.Tx) error {
				runs++
				err := mark(ctx, tx, "key")
				if errors.Is(err, store.ErrDuplicate) {
					replays++
					return nil
				}
				return err
			})
			if err != nil || runs != 2 {
				t.Errorf("%d runs: %v", runs, err)
			}
			if want := map[bool]int{true: 1, false: 0}[landed]; replays != want {
				t.Errorf("%d replays, want %d", replays, want)
			}
			if n := marks(t, direct.Reader()); n != 1 {
				t.Errorf("%d effects of one key", n)
			}
		})
	}
}

// When no answer ever comes, the caller learns that nobody knows, not that nothing happened.
func TestUnknownCommitStaysUnknown(t *testing.T) {
	ctx := context.Background()
	direct := stocktest.Migrated(t, stocktest.Backends(t)[1].URL(t))
	server, _ := url.Parse(os.Getenv(stocktest.ServerVariable))
	cutter := newCutter(t, server.Host, false)
	db := cutter.through(t, direct)
	cutter.cuts.Store(1000)
	err := db.Transact(ctx, func(tx *store.Tx) error { return mark(ctx, tx, "key") })
	if !errors.Is(err, store.ErrUnknown) || errors.Is(err, store.ErrContended) {
		t.Error(err)
	}
	if n := marks(t, direct.Reader()); n != 0 {
		t.Errorf("%d effects", n)
	}
}

// An unknown COMMIT followed by a statement that the server refuses is still unknown; followed by
// an answer of the function's own, it is settled.
func TestUnknownCommitAndThenAnError(t *testing.T) {
	ctx := context.Background()
	direct := stocktest.Migrated(t, stocktest.Backends(t)[1].URL(t))
	server, _ := url.Parse(os.Getenv(stocktest.ServerVariable))
	cutter := newCutter(t, server.Host, true)
	db := cutter.through(t, direct)
	for name, second := range map[string]func(*store.Tx) error{
		"refused": func(tx *store.Tx) error {
			_, err := tx.Exec(ctx, "DELETE FROM missing WHERE warehouse = 'W1'")
			return err
		},
		"settled": func(*store.Tx) error { return errRefused },
	} {
		cutter.cuts.Store(1)
		runs := 0
		err := db.Transact(ctx, func(tx *store.Tx) error {
			if runs++; runs > 1 {
				return second(tx)
			}
			return mark(ctx, tx, name)
		})
		if errors.Is(err, store.ErrUnknown) != (name == "refused") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
