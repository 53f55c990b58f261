package wmssim

import (
	"bytes"
	"io"
	"net/http"
)

// Transport has a client in the same process be answered as by Handler, without a port or a wire.
func (w *WMS) Transport() http.RoundTripper { return transport{w.Handler()} }

type transport struct{ handler http.Handler }

// RoundTrip answers at once. A caller who has gone gets no answer, as from elsewhere.
func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	asked := r.Clone(r.Context())
	if asked.Body == nil {
		asked.Body = http.NoBody
	}
	out := written{status: http.StatusOK, header: http.Header{}}
	t.handler.ServeHTTP(&out, asked)
	if err := asked.Body.Close(); err != nil {
		return nil, err
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return &http.Response{Status: http.StatusText(out.status), StatusCode: out.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: out.header,
		Body: io.NopCloser(&out.body), ContentLength: int64(out.body.Len()), Request: r}, nil
}

// written is an answer as it was written.
type written struct {
	status int
	header http.Header
	body   bytes.Buffer
}

func (w *written) Header() http.Header { return w.header }

func (w *written) WriteHeader(status int) { w.status = status }

func (w *written) Write(text []byte) (int, error) { return w.body.Write(text) }
