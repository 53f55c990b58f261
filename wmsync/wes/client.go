package wes

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"tierstock/wmsync"
)

// timeoutDefault bounds a call, from the look-up of the name to the last byte of the answer.
const timeoutDefault = 30 * time.Second

// Options are how calls are made. What is left out has a default.
type Options struct {
	// Timeout is how long a call may take in all; 30 seconds unless given.
	Timeout time.Duration
	// Transport makes the exchanges; nil is one of its own, without a proxy.
	Transport http.RoundTripper
	// Now is the time by which dates in answers are judged; time.Now unless given.
	Now func() time.Time
}

// Client is a system that speaks wes-sync/1. It may be used from many goroutines.
type Client struct {
	base    *url.URL // nil where the configured one cannot be read
	token   string
	secrets []string // which no message may have
	timeout time.Duration
	http    *http.Client
	now     func() time.Time
}

// New makes a client of a system that the configuration describes.
func New(system wmsync.System, options Options) *Client {
	c := &Client{token: system.Token, timeout: options.Timeout, now: options.Now}
	base, err := url.Parse(system.URL)
	if err == nil && base.Host != "" && (base.Scheme == "https" || base.Scheme == "http") {
		c.base = base
	}
	c.secrets = secretsOf(system.Token, c.base)
	if c.timeout <= 0 {
		c.timeout = timeoutDefault
	}
	if c.now == nil {
		c.now = time.Now
	}
	transport := options.Transport
	if transport == nil {
		transport = &http.Transport{ForceAttemptHTTP2: true, MaxIdleConnsPerHost: 4,
			IdleConnTimeout: time.Minute, TLSHandshakeTimeout: 10 * time.Second,
			MaxResponseHeaderBytes: headerBytesMax}
	}
	c.http = &http.Client{Transport: transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return c
}

// Changes reads a page of a stream. Where the answer names no next cursor, it is the one that was
// asked with. A system that does not heed the limit may send more items, up to a limit of ours.
func (c *Client) Changes(ctx context.Context, stream wmsync.Stream, since string, limit int) (
	wmsync.Page, error) {
	query := url.Values{"since": {since}}
	setParameter(query, "stream", string(stream))
	if limit > 0 {
		query.Set("limit", strconv.Itoa(limit))
	}
	ask := call{verb: http.MethodGet, path: "changes", query: query, reads: true,
		what: "changes of " + string(stream)}
	body, err := c.exchange(ctx, ask)
	if err != nil {
		return wmsync.Page{}, err
	}
	page, err := readPage(body)
	if err != nil {
		return wmsync.Page{}, c.malformed(ask, err)
	}
	if page.Next == "" {
		page.Next = since
	}
	return page, nil
}

// Snapshot reads a page of how a stream is now.
func (c *Client) Snapshot(ctx context.Context, stream wmsync.Stream, warehouse, page string) (
	wmsync.Snapshot, error) {
	query := url.Values{}
	setParameter(query, "stream", string(stream))
	setParameter(query, "warehouse", warehouse)
	setParameter(query, "page", page)
	ask := call{verb: http.MethodGet, path: "snapshot", query: query, reads: true,
		what: "snapshot of " + string(stream)}
	body, err := c.exchange(ctx, ask)
	if err != nil {
		return wmsync.Snapshot{}, err
	}
	snapshot, err := readSnapshot(body)
	if err != nil {
		return wmsync.Snapshot{}, c.malformed(ask, err)
	}
	return snapshot, nil
}

// Deliver posts movements. What the answer does not mention, or says in words that are none of the
// protocol's, is to be sent again.
func (c *Client) Deliver(ctx context.Context, batchID string, movements []wmsync.Movement) (
	[]wmsync.Receipt, error) {
	if len(movements) == 0 {
		return nil, nil
	}
	payload, err := json.Marshal(struct {
		BatchID   string            `json:"batchId"`
		Movements []wmsync.Movement `json:"movements"`
	}{batchID, movements})
	if err != nil {
		return nil, wmsync.Fail(wmsync.Refused, "movements: they cannot be written as JSON")
	}
	ask := call{verb: http.MethodPost, path: "movements", body: payload, what: "movements"}
	body, err := c.exchange(ctx, ask)
	if err != nil {
		return nil, err
	}
	receipts, err := readReceipts(body, movements)
	if err != nil {
		return nil, c.malformed(ask, err)
	}
	for i := range receipts {
		receipts[i].Message = c.clean(receipts[i].Message)
	}
	return receipts, nil
}

func setParameter(query url.Values, name, value string) {
	if value != "" {
		query.Set(name, value)
	}
}

func (c *Client) malformed(ask call, err error) error {
	return wmsync.Fail(wmsync.Malformed, "%s: %s", ask.what, c.clean(err.Error()))
}

// secretMin is the least length at which what is not a password by itself is taken for a secret:
// to blot out each "1" of a message because of "?v=1" would help nobody.
const secretMin = 4

// secretsOf are the texts of the configuration that a system might echo and no message may have.
func secretsOf(token string, base *url.URL) (secrets []string) {
	add := func(text string, least int) {
		if len(text) < least || text == "" {
			return
		}
		secrets = append(secrets, text)
		for _, escaped := range []string{url.QueryEscape(text), url.PathEscape(text)} {
			if escaped != text {
				secrets = append(secrets, escaped)
			}
		}
	}
	add(token, 1)
	if base == nil {
		return secrets
	}
	if base.User != nil {
		password, _ := base.User.Password()
		add(basic(base.User), 1)
		add(password, 1)
		add(base.User.Username(), secretMin)
	}
	for _, values := range base.Query() {
		for _, value := range values {
			add(value, secretMin)
		}
	}
	return secrets
}

// clean makes text of the other side fit for people: on one line, printable, not long, and without
// the credentials that were sent there.
func (c *Client) clean(text string) string {
	for _, secret := range c.secrets {
		text = strings.ReplaceAll(text, secret, "***")
	}
	return printable(text)
}
