package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// abuse is a request that means no good, and what it must get: a status, and a code of the answer's
// errors or lines, or any other text.
type abuse struct {
	name    string
	method  string // POST unless given
	path    string // graphql unless given
	headers []string
	body    string
	raw     string // written to the connection as it is, instead of all the above
	status  int
	want    string
	unlike  string // must not be in the answer
}

// What the abuse may cost the process: at rest it has some forty MB, and its heap may grow until
// 272 MB are collected. The hoarders, if all were taken in, would have it hold half a GB.
const (
	abuseMemoryMax  = 400
	abuseMemoryLeft = 320
	abuseTimeMax    = 10 * time.Second
	lorises         = 200
	hoarders        = 300
)

// TestAbuse: whatever is sent, the process lives, its memory stays bounded, and the answer is
// clear.
func TestAbuse(t *testing.T) {
	t.Setenv("SECRET", testSecret)
	program := build(t)
	guarded := startServer(t, program, "--signing-key", "env:SECRET", "--rate", "0", "--pprof",
		"127.0.0.1:0")
	open := startServer(t, program)
	t.Setenv("TIERSTOCK_SIGNING_KEY", "env:SECRET")
	token := tokenFor(t, "--role", "ADMIN", "--warehouse", "*")
	furnish(t, guarded, token)
	before, _ := guarded.memory(t)
	ends := slowly(t, guarded)
	hoard(t, guarded, token)

	cases := 0
	for _, part := range []struct {
		server *server
		token  string
		cases  []abuse
	}{
		{guarded, token, documentAbuse()}, {guarded, token, quantityAbuse()},
		{guarded, token, codeAbuse()}, {guarded, token, cursorAbuse(t, guarded, token)},
		{guarded, token, bodyAbuse()}, {guarded, token, exchangeAbuse()},
		{guarded, token, rawAbuse()}, {guarded, "", tokenAbuse(t, token)}, {open, "", originAbuse()},
	} {
		for _, c := range part.cases {
			cases++
			t.Run(c.name, func(t *testing.T) { c.judge(t, part.server, part.token) })
		}
	}
	if cases < 30 {
		t.Errorf("%d cases", cases)
	}
	ends(t)
	for _, s := range []*server{guarded, open} {
		now, most := s.memory(t)
		t.Logf("of %d MB before, %d are left; it had %d at most", before, now, most)
		if now > abuseMemoryLeft || most > abuseMemoryMax {
			t.Error("that is too much memory")
		}
		if said := s.log.String(); strings.Contains(said, "panic") {
			t.Error(said)
		}
	}
	t.Run("profiles", func(t *testing.T) { judgeProfiles(t, guarded) })
}

func (c *abuse) judge(t *testing.T, s *server, token string) {
	t.Helper()
	var status int
	var answer string
	if c.raw != "" {
		status, answer = s.write(t, c.raw, token)
	} else {
		status, answer = c.send(t, s, token)
	}
	if status != c.status || !strings.Contains(answer, c.want) ||
		c.unlike != "" && strings.Contains(answer, c.unlike) {
		t.Errorf("%d, not %d with %q: %.500s", status, c.status, c.want, answer)
	}
	if status, _ := get(t, s.url+"healthz"); status != http.StatusOK {
		t.Fatal("it does not live:", status, s.log)
	}
}

func (c *abuse) send(t *testing.T, s *server, token string) (int, string) {
	t.Helper()
	method, path := c.method, c.path
	if method == "" {
		method = http.MethodPost
	}
	if path == "" {
		path = "graphql"
	}
	request, err := http.NewRequestWithContext(t.Context(), method, s.url+path,
		strings.NewReader(c.body))
	if err != nil {
		t.Fatal(err)
	}
	headers := []string{"Content-Type: application/json",
		"Accept: application/graphql-response+json"}
	if token != "" {
		headers = append(headers, "Authorization: Bearer "+token)
	}
	for _, header := range append(headers, c.headers...) {
		name, value, _ := strings.Cut(header, ": ")
		if request.Header.Set(name, value); name == "Host" {
			request.Host = value
		}
	}
	// Redirects are answers here, as the one that cleans a path.
	client := http.Client{Timeout: abuseTimeMax, CheckRedirect: func(*http.Request,
		[]*http.Request) error {
		return http.ErrUseLastResponse
	}}
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	for name := range response.Header {
		if strings.HasPrefix(name, "Access-Control-") {
			t.Error("others may read it:", name)
		}
	}
	return response.StatusCode, string(text)
}

// write sends bytes as they are, with $TOKEN in them replaced, and reads the first answer.
func (s *server) write(t *testing.T, raw, token string) (status int, answer string) {
	t.Helper()
	connection, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", s.address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = connection.Close() }()
	_ = connection.SetDeadline(time.Now().Add(abuseTimeMax))
	// What is refused half-way is not read to its end.
	_, _ = io.WriteString(connection, strings.ReplaceAll(raw, "$TOKEN", token))
	buffer := make([]byte, 64<<10)
	count, _ := io.ReadAtLeast(connection, buffer, len("HTTP/1.1 200"))
	answer = string(buffer[:count])
	if _, err := fmt.Sscanf(answer, "HTTP/1.1 %d", &status); err != nil {
		t.Errorf("%q: %v", answer, err)
	}
	return status, answer
}

// slowly opens connections that send a byte now and then, and gives what checks that they are
// closed: those who wait are told nothing, and hold nothing for long.
func slowly(t *testing.T, s *server) func(*testing.T) {
	t.Helper()
	var connections []net.Conn
	for range lorises {
		connection, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", s.address)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(connection, "POST /graphql HTTP/1.1\r\nHost: x\r\nX-A")
		connections = append(connections, connection)
	}
	return func(t *testing.T) {
		t.Helper()
		for _, connection := range connections {
			_ = connection.SetDeadline(time.Now().Add(headerTimeMax + abuseTimeMax))
			if _, err := io.ReadAll(connection); err != nil {
				t.Error("a slow connection is not closed:", err)
			}
			_ = connection.Close()
		}
	}
}

// hoard opens connections that send all of the largest body but its end, and wait.
func hoard(t *testing.T, s *server, token string) {
	t.Helper()
	body := `{"query":"` + strings.Repeat(" ", 512<<10-20)
	head := fmt.Sprintf("POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"+
		"Authorization: Bearer %s\r\nContent-Length: %d\r\n\r\n", token, 512<<10)
	refused := 0
	var connections []net.Conn
	for range hoarders {
		connection, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", s.address)
		if err != nil {
			t.Fatal(err)
		}
		_ = connection.SetDeadline(time.Now().Add(abuseTimeMax))
		if _, err := io.WriteString(connection, head+body); err != nil {
			refused++ // it was answered and closed half-way
		}
		connections = append(connections, connection)
	}
	ordinary := abuse{name: "hoarders", body: query("{warehouses{code}}"), status: http.StatusOK}
	ordinary.judge(t, s, token)
	for _, connection := range connections {
		_ = connection.SetDeadline(time.Now().Add(time.Millisecond))
		answer := make([]byte, len("HTTP/1.1 503"))
		if _, err := io.ReadFull(connection, answer); err == nil && string(answer) == "HTTP/1.1 503" {
			refused++
		}
		_ = connection.Close()
	}
	if refused == 0 {
		t.Error("it takes them all in")
	}
}

// furnish makes a warehouse W with stock of T.
func furnish(t *testing.T, s *server, token string) {
	t.Helper()
	c := abuse{body: query(`mutation{upsertWarehouses(lines:{code:"W"}){created}` +
		`upsertZones(lines:{warehouse:"W",code:"Z"}){created}upsertSkus(lines:{code:"T"}){created}` +
		`receive(lines:{key:{jobType:"A",orderId:"1",lineId:"1"},at:{warehouse:"W",zone:"Z",sku:"T"},` +
		`qty:"100"}){applied}}`)}
	if status, answer := c.send(t, s, token); status != http.StatusOK ||
		!strings.Contains(answer, `"receive":{"applied":1}`) {
		t.Fatal(status, answer)
	}
}
