package stocktest

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/url"
	"sync/atomic"
	"testing"

	"tierstock/allocation"
	"tierstock/flow"
	"tierstock/master"
	"tierstock/store"
	"tierstock/tier2"
	"tierstock/tier3"
)

// Cutter stands between an engine and its MySQL server, and cuts connections at their COMMIT: so
// late that the server has done it, or so early that it never hears of it. SQLite has no network
// that could fail so.
type Cutter struct {
	server string
	landed bool
	// Cuts is how many COMMITs are still to be cut.
	Cuts atomic.Int64
}

// NewCutter stands between a MySQL database and who opens it by the URL that it gives.
func NewCutter(t *testing.T, databaseURL string, landed bool) (throughURL string, c *Cutter) {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	parsed, err := url.Parse(databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	c = &Cutter{server: parsed.Host, landed: landed}
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go c.serve(client)
		}
	}()
	parsed.Host = listener.Addr().String()
	return parsed.String(), c
}

// CutOff is a site whose engine is behind a cutter, and the same site in front of it.
func CutOff(t *testing.T, landed bool) (behind, direct *Site, c *Cutter) {
	t.Helper()
	databaseURL := Backends(t)[1].URL(t)
	throughURL, c := NewCutter(t, databaseURL, landed)
	direct = New(t, Migrated(t, databaseURL))
	return direct.another(t, Migrated(t, throughURL)), direct, c
}

func (c *Cutter) serve(client net.Conn) {
	defer func() { _ = client.Close() }()
	server, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", c.server)
	if err != nil {
		return
	}
	defer func() { _ = server.Close() }()
	var cut atomic.Bool
	go func() {
		defer func() { _ = client.Close() }()
		_, _ = io.Copy(unless{client, &cut}, server)
	}()
	buffer := make([]byte, 1<<16)
	for {
		n, err := client.Read(buffer)
		if err != nil {
			return
		}
		if bytes.HasSuffix(buffer[:n], []byte("COMMIT")) && c.Cuts.Add(-1) >= 0 {
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

// unless writes on until it is cut.
type unless struct {
	io.Writer
	cut *atomic.Bool
}

func (u unless) Write(bytes []byte) (int, error) {
	if u.cut.Load() {
		return 0, io.ErrClosedPipe
	}
	return u.Writer.Write(bytes)
}

// another is the same site, seen by an engine on another database handle.
func (s *Site) another(t *testing.T, db *store.DB) *Site {
	t.Helper()
	other := *s
	other.t, other.DB, other.Catalog = t, db, master.New(db)
	other.Engine = flow.New(db, other.Catalog, flow.Options{Choose: allocation.Choose})
	other.Tier2, other.Tier3 = tier2.New(db, other.Engine), tier3.New(db, other.Engine)
	other.Allocation = allocation.New(other.DB, other.Engine, nil)
	t.Cleanup(func() {
		if err := other.Engine.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return &other
}
