package cdc

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strconv"
)

// answerMax bounds what is read of an answer: a page is far below.
const answerMax = 16 << 20

// refusal is a request that GraphQL did not take.
type refusal struct {
	Message    string
	Extensions struct{ Code string }
}

func (r *refusal) Error() string { return r.Extensions.Code + ": " + r.Message }

func codeOf(err error) string {
	if refused, is := errors.AsType[*refusal](err); is {
		return refused.Extensions.Code
	}
	return ""
}

// long is how 64 bits are written in JSON that anybody may read.
func long(number int64) string { return strconv.FormatInt(number, 10) }

// ask sends a query about the warehouse and reads its answer's data.
func (f *Feed) ask(ctx context.Context, query string, variables map[string]any, data any) error {
	all := map[string]any{"warehouse": f.Warehouse}
	maps.Copy(all, variables)
	return Ask(ctx, f.Client, f.URL, f.Token, query, all, data)
}

// Ask sends any query, and reads its answer's data. An answer with errors is one.
func Ask(ctx context.Context, client *http.Client, url, token, query string,
	variables map[string]any, data any) error {
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(response.Body, answerMax))
	if err != nil {
		return err
	}
	var answer struct {
		Data   json.RawMessage `json:"data"`
		Errors []*refusal      `json:"errors"`
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		return fmt.Errorf("%s: %w", response.Status, err)
	}
	if len(answer.Errors) > 0 {
		return answer.Errors[0]
	}
	return json.Unmarshal(answer.Data, data)
}
