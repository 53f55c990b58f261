package wmssim_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"tierstock/wmssim"
	"tierstock/wmsync"
)

// TestNotify: the signature is what Standard Webhooks say, by their own example.
func TestNotify(t *testing.T) {
	const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	header, err := wmssim.Sign(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", time.Unix(1614265330, 0),
		[]byte(`{"test": 2432232314}`))
	if want := "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="; err != nil ||
		header.Get("Webhook-Signature") != want {
		t.Error(header, err)
	}
	for _, bad := range []string{"", "whsec_", "whsec_?", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"} {
		if _, err := wmssim.Sign(bad, "1", time.Now(), nil); err == nil {
			t.Errorf("%q is a secret", bad)
		}
	}
	var status int
	var ids []string
	server := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		id, stamp := r.Header.Get("Webhook-Id"), r.Header.Get("Webhook-Timestamp")
		key, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
		hash := hmac.New(sha256.New, key)
		hash.Write([]byte(id + "." + stamp + "." + string(body)))
		want := "v1," + base64.StdEncoding.EncodeToString(hash.Sum(nil))
		if r.Header.Get("Webhook-Signature") != want ||
			!bytes.Contains(body, []byte(`"data":{"stream":"orders"}`)) {
			t.Errorf("%v %s", r.Header, body)
		}
		ids = append(ids, id)
		out.WriteHeader(status)
	}))
	defer server.Close()
	w := wmssim.New(wmssim.Options{})
	for _, status = range []int{202, 302, 401} {
		err := w.Notify(context.Background(), server.URL, secret, wmsync.Orders)
		if (err == nil) != (status == 202) {
			t.Error(status, err)
		}
	}
	if len(ids) != 3 || ids[0] == ids[1] {
		t.Error(ids)
	}
	if w.Notify(context.Background(), "http://127.0.0.1:1/", secret, wmsync.Orders) == nil ||
		w.Notify(context.Background(), ":", secret, wmsync.Orders) == nil ||
		w.Notify(context.Background(), server.URL, "", wmsync.Orders) == nil {
		t.Error("what cannot be sent is")
	}
}
