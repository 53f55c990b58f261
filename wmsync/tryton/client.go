package tryton

import (
	"cmp"
	"net/http"
	"strings"
	"sync"
	"time"

	"tierstock/wmsync"
)

// Limits of one call to the server.
const (
	callTimeout    = 30 * time.Second
	answerBytesMax = 64 << 20
)

// defaultOverlap is longer than a transaction in Tryton should take.
const defaultOverlap = 10 * time.Minute

// Options are what a client does otherwise when told to.
type Options struct {
	// Transport carries the requests; nil is one of the client's own, which uses no proxy.
	Transport http.RoundTripper
	// Overlap is how far back what changed is read again; 0 is ten minutes. A transaction that takes
	// longer than that may be missed.
	Overlap time.Duration
}

// Client is a Tryton server, and one user of one of its databases. It may be used by many at once.
type Client struct {
	system   wmsync.System
	endpoint string
	http     *http.Client
	overlap  time.Duration

	guard   sync.Mutex
	session *session
}

// A Client is both ways.
var (
	_ wmsync.Source = (*Client)(nil)
	_ wmsync.Sink   = (*Client)(nil)
)

// New is the client for a system. It logs in when it is first asked for something.
func New(system wmsync.System, options Options) *Client {
	transport := options.Transport
	if transport == nil {
		transport = &http.Transport{
			MaxConnsPerHost:       8, // a Tryton server has few workers
			IdleConnTimeout:       time.Minute,
			ResponseHeaderTimeout: callTimeout,
		}
	}
	return &Client{
		system:   system,
		endpoint: strings.TrimRight(system.URL, "/") + "/",
		http: &http.Client{
			Transport: transport,
			Timeout:   callTimeout,
			// A redirect would take the session elsewhere.
			CheckRedirect: func(*http.Request, []*http.Request) error {
				return http.ErrUseLastResponse
			},
		},
		overlap: cmp.Or(options.Overlap, defaultOverlap),
	}
}
