package graphql

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"tierstock/access"
	"tierstock/trail"
)

// The media types of answers. With the first, an answer's status is 200 whatever it says, since
// it has to be told from what proxies answer; with the second it is told by its type.
const (
	mediaJSON    = "application/json"
	mediaGraphQL = "application/graphql-response+json"
)

// Handler serves GraphQL over HTTP: POST only, application/json in, one operation a request.
func (a *API) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		exchange := &exchange{api: a, writer: w, id: trail.ID(r.Context()), media: mediaJSON}
		defer func() {
			if panicked := recover(); panicked != nil {
				a.log.LogAttrs(r.Context(), slog.LevelError, "graphql: panic",
					slog.String("request", exchange.id), slog.Any("panic", panicked),
					slog.String("stack", string(debug.Stack())))
				exchange.write(http.StatusInternalServerError, errorsOnly(internal(exchange.id)))
			}
		}()
		exchange.serve(r)
	})
}

// exchange is one request and its answer.
type exchange struct {
	api     *API
	writer  http.ResponseWriter
	id      string
	media   string
	written bool
}

// payload is the body of a request.
type payload struct {
	Query         *string        `json:"query"`
	OperationName string         `json:"operationName"`
	Variables     map[string]any `json:"variables"`
	Extensions    map[string]any `json:"extensions"`
}

func (e *exchange) serve(r *http.Request) {
	if r.Method != http.MethodPost {
		e.writer.Header().Set("Allow", http.MethodPost)
		e.refuse(http.StatusMethodNotAllowed, malformed("GraphQL is served by POST only"))
		return
	}
	who, known := e.identify(r)
	if !known {
		return
	}
	media, accepted := chooseMedia(r.Header.Values("Accept"))
	if !accepted {
		e.refuse(http.StatusNotAcceptable, malformed("answers are %s or %s", mediaGraphQL, mediaJSON))
		return
	}
	e.media = media
	if refusal := checkContentType(r.Header); refusal != nil {
		e.refuse(http.StatusUnsupportedMediaType, refusal)
		return
	}
	release, admitted := e.api.admit(r.ContentLength)
	defer release()
	if !admitted {
		e.writer.Header().Set("Retry-After", "1")
		e.refuse(http.StatusServiceUnavailable, refuse(codeBusy,
			"too many requests at once; try again"))
		return
	}
	ctx, cancel := context.WithTimeout(access.With(r.Context(), who), e.api.timeout)
	defer cancel()
	sent, refusal := readPayload(e.writer, r)
	if refusal != nil {
		e.refuse(refusal.status, refusal)
		return
	}
	status, answer := e.api.answer(ctx, e.id, sent)
	if e.media == mediaJSON {
		status = http.StatusOK
	}
	e.write(status, answer)
}

// admit takes a request in, if there is room for one more and for its body, and gives what lets it
// go. A body whose size is not said, or is too large, counts as the largest, and a small one not at
// all.
func (a *API) admit(size int64) (release func(), admitted bool) {
	if size < 0 || size > bodyBytesMax {
		size = bodyBytesMax
	}
	if size <= bodyBytesSmall {
		size = 0
	}
	if a.bodies.Add(size) > bodiesBytesMax {
		a.bodies.Add(-size)
		return func() {}, false
	}
	select {
	case a.places <- struct{}{}:
		return func() { <-a.places; a.bodies.Add(-size) }, true
	default:
		a.bodies.Add(-size)
		return func() {}, false
	}
}

// identify finds who asks, and whether their token may ask now; else the answer is given.
func (e *exchange) identify(r *http.Request) (who *access.Principal, known bool) {
	who, err := e.api.keys.Of(r)
	if err != nil {
		e.writer.Header().Set("WWW-Authenticate", `Bearer realm="tierstock"`)
		e.refuse(http.StatusUnauthorized, refuse(codeUnknown, "a bearer token is needed, and none "+
			"that is valid was sent; `tierstock token` makes one"))
		return nil, false
	}
	trail.SetActor(r.Context(), who.Actor)
	if wait := e.api.rates.Wait(who); wait > 0 {
		seconds := int(wait/time.Second) + 1
		e.writer.Header().Set("Retry-After", strconv.Itoa(seconds))
		e.refuse(http.StatusTooManyRequests, refuse(codeRateLimited,
			"too many requests with this token; try again in %d s", seconds))
		return nil, false
	}
	return who, true
}

// checkContentType lets application/json in UTF-8 through. That it is not a type that forms can
// send also keeps web pages from elsewhere from posting without being asked first.
func checkContentType(header http.Header) *problem {
	media, parameters, err := mime.ParseMediaType(header.Get("Content-Type"))
	charset := parameters["charset"]
	if err != nil || media != mediaJSON || charset != "" && !strings.EqualFold(charset, "utf-8") {
		return malformed("requests are %s in UTF-8", mediaJSON)
	}
	if encoding := header.Get("Content-Encoding"); encoding != "" && encoding != "identity" {
		return malformed("requests are not compressed")
	}
	return nil
}

// chooseMedia picks the answer's type: what is asked for by name, or application/json.
func chooseMedia(accept []string) (media string, accepted bool) {
	if len(accept) == 0 {
		return mediaJSON, true
	}
	best := map[string]float64{}
	for part := range strings.SplitSeq(strings.Join(accept, ","), ",") {
		name, parameters, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		best[name] = quality(parameters["q"])
	}
	weight := func(media string) float64 {
		for _, pattern := range []string{media, "application/*", "*/*"} {
			if weight, named := best[pattern]; named {
				return weight
			}
		}
		return 0
	}
	_, byName := best[mediaGraphQL]
	if byName && weight(mediaGraphQL) > 0 && weight(mediaGraphQL) >= weight(mediaJSON) {
		return mediaGraphQL, true
	}
	if weight(mediaJSON) > 0 {
		return mediaJSON, true
	}
	return mediaGraphQL, weight(mediaGraphQL) > 0
}

func quality(text string) float64 {
	if text == "" {
		return 1
	}
	var weight float64
	if err := json.Unmarshal([]byte(text), &weight); err != nil {
		return 0
	}
	return weight
}

func readPayload(w http.ResponseWriter, r *http.Request) (*payload, *problem) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, bodyBytesMax))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		refusal := refuse(codeTooLarge, "the body has more than %d bytes", bodyBytesMax)
		refusal.status = http.StatusRequestEntityTooLarge
		return nil, refusal
	case err != nil:
		return nil, malformed("the body did not arrive whole")
	}
	if wrong := unsafeJSON(body); wrong != "" {
		return nil, malformed("%s", wrong)
	}
	return parsePayload(body)
}

func parsePayload(body []byte) (*payload, *problem) {
	trimmed := strings.TrimLeft(string(body[:min(len(body), 64)]), " \t\r\n")
	if strings.HasPrefix(trimmed, "[") {
		return nil, malformed("one operation a request: the body is an object, not a list")
	}
	text := string(body)
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var sent payload
	err := decoder.Decode(&sent)
	var wrongType *json.UnmarshalTypeError
	switch {
	case errors.As(err, &wrongType) && wrongType.Field != "":
		return nil, malformed("%s has the wrong type", wrongType.Field)
	case err != nil:
		return nil, malformed("the body is not a JSON object")
	case sent.Query == nil:
		return nil, malformed("the body has no query")
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, malformed("the body goes on after the JSON object")
	}
	if repeatsKey(text) {
		return nil, malformed("an object in the body has a key twice")
	}
	return &sent, nil
}

// answer takes a request through its stops. The status is that of an answer told by its type.
func (a *API) answer(ctx context.Context, id string, sent *payload) (int, any) {
	key := documentKey{*sent.Query, sent.OperationName}
	doc := a.documents.get(key)
	if doc == nil {
		var refusals []*problem
		if doc, refusals = prepare(&a.schema, *sent.Query, sent.OperationName); refusals != nil {
			return refused(refusals...)
		}
		a.documents.put(key, doc)
	}
	args, refusals := doc.readArguments(a.inputs, sent.Variables)
	if refusals != nil {
		return refused(refusals...)
	}
	if refusal := doc.checkCost(&a.schema, args); refusal != nil {
		return refused(refusal)
	}
	request := &request{id: id, args: args, bins: newBinLoader(),
		incoming: incomingLoader{}}
	ctx, span := a.tracer.Start(ctx, doc.operation.Operation)
	answer := a.execute(ctx, doc, sent.Variables, request)
	span.End(nil)
	return http.StatusOK, answer
}

// refusal is an answer without data: nothing was executed.
type refusal struct {
	Errors []answerError `json:"errors"`
}

func errorsOnly(errors ...answerError) refusal { return refusal{errors} }

func refused(problems ...*problem) (int, any) {
	answers := make([]answerError, len(problems))
	for i, problem := range problems {
		answers[i] = problem.answer(nil)
	}
	return problems[0].status, errorsOnly(answers...)
}

func (e *exchange) refuse(status int, problem *problem) {
	e.write(status, errorsOnly(problem.answer(nil)))
}

func (e *exchange) write(status int, answer any) {
	if e.written {
		return
	}
	encoded, err := json.Marshal(answer)
	if err != nil {
		e.api.log.Error("graphql: answer not encoded", "request", e.id, "error", err.Error())
		status = http.StatusInternalServerError
		encoded, _ = json.Marshal(errorsOnly(internal(e.id)))
	}
	e.written = true
	header := e.writer.Header()
	header.Set("Content-Type", e.media+"; charset=utf-8")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Cache-Control", "no-store")
	e.writer.WriteHeader(status)
	_, _ = e.writer.Write(encoded)
}
