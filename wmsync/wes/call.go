package wes

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"

	"tierstock/wmsync"
)

// The limits of an answer. A page of 64 MiB is far beyond what 500 items take; a wait of more than
// a day is no answer to when.
const (
	bodyBytesMax    = 64 << 20
	headerBytesMax  = 64 << 10
	excerptBytesMax = 4 << 10
	messageRunesMax = 500
	retryAfterMax   = 24 * time.Hour
)

// call is one exchange. reads tells those that pull, whose 404 means that there is no such thing.
type call struct {
	verb, path string
	query      url.Values
	body       []byte
	reads      bool
	what       string
}

// exchange sends a call and gives the body of a 2xx.
func (c *Client) exchange(ctx context.Context, ask call) ([]byte, error) {
	within, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	request, err := c.request(within, ask)
	if err != nil {
		return nil, err
	}
	response, err := c.http.Do(request)
	if err != nil {
		return nil, c.broken(ctx, within, ask, err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode/100 != http.StatusOK/100 {
		return nil, c.unwanted(ask, response)
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, bodyBytesMax+1))
	if err != nil {
		return nil, c.broken(ctx, within, ask, err)
	}
	if len(body) > bodyBytesMax {
		return nil, wmsync.Fail(wmsync.Malformed, "%s: the answer has more than %d MiB", ask.what,
			bodyBytesMax>>20)
	}
	return body, nil
}

// request keeps what the configured URL has of path, query and user.
func (c *Client) request(ctx context.Context, ask call) (*http.Request, error) {
	if c.base == nil {
		return nil, wmsync.Fail(wmsync.Refused, "%s: the configured url is not one", ask.what)
	}
	target := c.base.JoinPath("wes", "v1", ask.path)
	query := c.base.Query()
	maps.Copy(query, ask.query)
	target.RawQuery, target.Fragment = query.Encode(), ""
	request, err := http.NewRequestWithContext(ctx, ask.verb, target.String(),
		bytes.NewReader(ask.body))
	if err != nil {
		return nil, wmsync.Fail(wmsync.Refused, "%s: the configured url is not one", ask.what)
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", "tierstock")
	if ask.body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		request.Header.Set("Authorization", "Bearer "+c.token)
	}
	return request, nil
}

// broken tells of an exchange that did not come to its end. net/http words its errors with the
// whole URL, so that only what is inside is told.
func (c *Client) broken(ctx, within context.Context, ask call, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if within.Err() != nil {
		return wmsync.Fail(wmsync.Unreachable, "%s: no whole answer within %s", ask.what, c.timeout)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return wmsync.Fail(wmsync.Malformed, "%s: the answer is cut off", ask.what)
	}
	if outer, ok := errors.AsType[*url.Error](err); ok {
		err = outer.Err
	}
	return wmsync.Fail(wmsync.Unreachable, "%s: %s", ask.what, c.clean(err.Error()))
}

// unwanted tells what can be done about a status that is not 2xx.
func (c *Client) unwanted(ask call, response *http.Response) error {
	status := response.StatusCode
	said := fmt.Sprintf("%s: %d %s", ask.what, status, http.StatusText(status))
	if status/100 == http.StatusMultipleChoices/100 {
		return wmsync.Fail(wmsync.Malformed, "%s%s", said, c.elsewhere(response))
	}
	if excerpt := c.excerpt(response.Body); excerpt != "" {
		said += ": " + excerpt
	}
	failure := &wmsync.Failure{Kind: kindOf(status, ask.reads), Message: said}
	if failure.Kind == wmsync.Unreachable {
		failure.RetryAfter = retryAfter(response.Header, c.now())
	}
	return failure
}

func kindOf(status int, reads bool) wmsync.FailureKind {
	switch status {
	case http.StatusGone:
		if reads {
			return wmsync.Expired
		}
	case http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusNotImplemented:
		if reads {
			return wmsync.Unsupported
		}
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
		return wmsync.Unreachable
	case http.StatusUnauthorized, http.StatusForbidden:
		return wmsync.Unreachable // the token is wrong, and no message is to die of that
	}
	switch {
	case status >= http.StatusInternalServerError:
		return wmsync.Unreachable
	case status >= http.StatusBadRequest:
		return wmsync.Refused
	}
	return wmsync.Malformed
}

// elsewhere says where a redirect points, without user, password and query.
func (c *Client) elsewhere(response *http.Response) string {
	target, err := response.Location()
	if err != nil {
		return ": redirects are not followed"
	}
	where := url.URL{Scheme: target.Scheme, Host: target.Host, Path: target.Path}
	return fmt.Sprintf(": the redirect to %s is not followed; configure the url that answers",
		c.clean(where.String()))
}

// excerpt is the beginning of a body. Where the body goes on, its last bytes could be the first
// of a secret, which would not be known as such, so they are left out.
func (c *Client) excerpt(body io.Reader) string {
	text, _ := io.ReadAll(io.LimitReader(body, excerptBytesMax))
	if len(text) == excerptBytesMax {
		longest := 0
		for _, secret := range c.secrets {
			longest = max(longest, len(secret))
		}
		text = text[:max(0, len(text)-longest)]
	}
	return c.clean(string(text))
}

// retryAfter reads seconds or a date. A date is held against the other side's own clock, where it
// tells it.
func retryAfter(header http.Header, now time.Time) time.Duration {
	text := strings.TrimSpace(header.Get("Retry-After"))
	if seconds, err := strconv.ParseFloat(text, 64); err == nil {
		return waitOf(seconds)
	}
	until, err := http.ParseTime(text)
	if err != nil {
		return 0
	}
	if theirs, err := http.ParseTime(header.Get("Date")); err == nil {
		now = theirs
	}
	return min(max(0, until.Sub(now)), retryAfterMax)
}

func waitOf(seconds float64) time.Duration {
	if !(seconds > 0) { // a NaN is none either
		return 0
	}
	return time.Duration(min(seconds, retryAfterMax.Seconds()) * float64(time.Second))
}

// printable puts text on one line, without what cannot be shown, and cuts it.
func printable(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		}
		if !unicode.IsPrint(r) || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, ""))
	runes := []rune(strings.Join(strings.Fields(text), " "))
	if len(runes) > messageRunesMax {
		return string(runes[:messageRunesMax]) + "…"
	}
	return string(runes)
}

// basic is how user and password of a URL are sent.
func basic(user *url.Userinfo) string {
	password, _ := user.Password()
	return base64.StdEncoding.EncodeToString([]byte(user.Username() + ":" + password))
}
