package wmssim

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"tierstock/wmsync"
)

// notifyTimeout bounds a webhook: who is woken answers at once or not at all.
const notifyTimeout = 5 * time.Second

// secretPrefix is how a secret of Standard Webhooks begins; the rest is base64.
const secretPrefix = "whsec_"

// Sign gives the headers of Standard Webhooks for a body: who it is, when it was, and that it is
// from who knows the secret. See https://www.standardwebhooks.com.
func Sign(secret, id string, at time.Time, body []byte) (http.Header, error) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, secretPrefix))
	if err != nil || len(key) == 0 || !strings.HasPrefix(secret, secretPrefix) {
		return nil, errors.New("the secret is not whsec_ and base64")
	}
	stamp := strconv.FormatInt(at.Unix(), 10)
	hash := hmac.New(sha256.New, key)
	_, _ = fmt.Fprintf(hash, "%s.%s.%s", id, stamp, body)
	header := http.Header{}
	header.Set("Webhook-Id", id)
	header.Set("Webhook-Timestamp", stamp)
	header.Set("Webhook-Signature", "v1,"+base64.StdEncoding.EncodeToString(hash.Sum(nil)))
	return header, nil
}

// Notify posts a signed webhook that says that a stream has something new. An answer that is not
// 2xx is an error.
func (w *WMS) Notify(ctx context.Context, address, secret string, stream wmsync.Stream) error {
	now := w.options.Now()
	body, _ := json.Marshal(map[string]any{"type": "stream.changed",
		"timestamp": now.UTC().Format(time.RFC3339), "data": map[string]any{"stream": stream}})
	header, err := Sign(secret, "msg_"+rand.Text(), now, body)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, notifyTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address,
		bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header = header
	request.Header.Set("Content-Type", "application/json")
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	_ = response.Body.Close()
	if response.StatusCode/100 != http.StatusOK/100 {
		return fmt.Errorf("the webhook was answered with %s", response.Status)
	}
	return nil
}
