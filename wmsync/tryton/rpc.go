package tryton

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"

	"tierstock/wmsync"
)

// session is a login, and the context that the user's calls are made in.
type session struct {
	user    int64
	key     string
	company int64
}

func (s *session) header(login string) string {
	text := fmt.Sprintf("%s:%d:%s", login, s.user, s.key)
	return "Session " + base64.StdEncoding.EncodeToString([]byte(text))
}

// answer is what the server said, and when, by its own clock; at is zero where it does not say.
type answer struct {
	result json.RawMessage
	at     time.Time
}

// Call asks for a method, such as "model.stock.move.search", and reads what it answers into result,
// which may be nil. The context of Tryton's that ends the parameters is added; more may be nil.
func (c *Client) Call(
	ctx context.Context, result any, more map[string]any, method string, params ...any,
) error {
	return plain(c.call(ctx, result, more, method, params...))
}

func (c *Client) call(
	ctx context.Context, result any, more map[string]any, method string, params ...any,
) error {
	got, err := c.ask(ctx, more, method, params)
	if err != nil || result == nil {
		return err
	}
	if err := json.Unmarshal(got.result, result); err != nil {
		return wmsync.Fail(wmsync.Malformed, "Tryton answered %s with something unreadable: %.200s",
			method, err)
	}
	return nil
}

// now is the time by the server's clock, which is in the header of each of its answers.
func (c *Client) now(ctx context.Context) (time.Time, error) {
	got, err := c.ask(ctx, nil, "model.ir.date.today", nil)
	if err == nil && got.at.IsZero() {
		err = wmsync.Fail(wmsync.Malformed, "Tryton's answer has no Date, so its clock is unknown")
	}
	return got.at, err
}

// ask makes a call in the session, and once more in a new one where the session has ended.
func (c *Client) ask(
	ctx context.Context, more map[string]any, method string, params []any,
) (answer, error) {
	var stale *session
	for {
		current, err := c.login(ctx, stale)
		if err != nil {
			return answer{}, err
		}
		values := map[string]any{"company": current.company}
		maps.Copy(values, more)
		got, ended, err := c.post(ctx, current, method, append(slices.Clip(params), values))
		if !ended || stale != nil {
			return got, err
		}
		stale = current
	}
}

// login is the session that there is, or a new one where there is none but the stale one. A login
// that is not let in is tried again: it is about us, and no movement is to die of it.
func (c *Client) login(ctx context.Context, stale *session) (*session, error) {
	c.guard.Lock()
	defer c.guard.Unlock()
	if c.session != stale {
		return c.session, nil
	}
	credentials := map[string]string{"password": c.system.Password}
	got, ended, err := c.post(ctx, nil, "common.db.login", []any{c.system.User, credentials})
	if ended {
		return nil, wmsync.Fail(wmsync.Unreachable, "Tryton does not know the user or the password")
	}
	if err != nil {
		return nil, err
	}
	made, err := readSession(got.result)
	if err != nil {
		return nil, err
	}
	if made.company, err = c.company(ctx, made); err != nil {
		return nil, err
	}
	c.session = made
	return made, nil
}

func readSession(result json.RawMessage) (*session, error) {
	var parts [2]json.RawMessage
	made := &session{}
	if json.Unmarshal(result, &parts) != nil || json.Unmarshal(parts[0], &made.user) != nil ||
		json.Unmarshal(parts[1], &made.key) != nil || made.key == "" {
		return nil, wmsync.Fail(wmsync.Malformed, "Tryton answered the login with no session")
	}
	return made, nil
}

// company is the one that the user works in; records are created for it.
func (c *Client) company(ctx context.Context, made *session) (int64, error) {
	got, ended, err := c.post(ctx, made, "model.res.user.get_preferences",
		[]any{true, map[string]any{}})
	if ended {
		return 0, wmsync.Fail(wmsync.Unreachable, "Tryton ended the session at once")
	}
	if err != nil {
		return 0, err
	}
	var preferences struct {
		Company int64 `json:"company"`
	}
	if err := json.Unmarshal(got.result, &preferences); err != nil {
		return 0, wmsync.Fail(wmsync.Malformed, "Tryton's preferences of the user cannot be read")
	}
	if preferences.Company == 0 {
		return 0, wmsync.Fail(wmsync.Unreachable, "the user has no company in Tryton")
	}
	return preferences.Company, nil
}

// post sends one request. ended says that the server does not know the session, or the password.
func (c *Client) post(
	ctx context.Context, in *session, method string, params []any,
) (got answer, ended bool, err error) {
	body, err := json.Marshal(map[string]any{"id": 1, "method": method, "params": params})
	if err != nil {
		return got, false, wmsync.Fail(wmsync.Refused, "%s cannot be asked: %s", method, err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.endpoint, bytes.NewReader(body))
	if err != nil {
		return got, false, wmsync.Fail(wmsync.Refused, "Tryton's URL cannot be used")
	}
	request.Header.Set("Content-Type", "application/json")
	if in != nil {
		request.Header.Set("Authorization", in.header(c.system.User))
	}
	response, err := c.http.Do(request)
	if err != nil {
		return got, false, c.unreachable(ctx, method, err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(response.Body, answerBytesMax+1))
	switch {
	case err != nil:
		return got, false, c.unreachable(ctx, method, err)
	case len(text) > answerBytesMax:
		return got, false, wmsync.Fail(wmsync.Malformed, "Tryton's answer to %s is too large", method)
	case response.StatusCode == http.StatusUnauthorized:
		return got, true, wmsync.Fail(wmsync.Unreachable,
			"Tryton ends each session of the user at once")
	case response.StatusCode != http.StatusOK:
		return got, false, statusFailure(response, method)
	}
	got.result, err = readEnvelope(text, method)
	got.at, _ = http.ParseTime(response.Header.Get("Date"))
	return got, false, err
}

// unreachable is what the network said, without the address, in which there may be a password.
func (c *Client) unreachable(ctx context.Context, method string, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return wmsync.Fail(wmsync.Unreachable, "Tryton cannot be reached for %s: %s", method, bare(err))
}

func statusFailure(response *http.Response, method string) error {
	kind := wmsync.Refused
	switch code := response.StatusCode; {
	case code >= 500, code == http.StatusRequestTimeout, code == http.StatusTooEarly,
		code == http.StatusTooManyRequests, code == http.StatusLocked:
		kind = wmsync.Unreachable
	case code == http.StatusForbidden:
		kind = wmsync.Unsupported // a method that does not exist, or is not exposed
	case code < 400:
		kind = wmsync.Malformed
	}
	failure := wmsync.Fail(kind, "Tryton answered %s with status %d", method, response.StatusCode)
	seconds, err := strconv.Atoi(response.Header.Get("Retry-After"))
	if err == nil && seconds > 0 && seconds <= int((24*time.Hour).Seconds()) {
		failure.RetryAfter = time.Duration(seconds) * time.Second
	}
	return failure
}
