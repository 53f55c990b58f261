package wmsync

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"tierstock/model"
	"tierstock/store"
)

// Limits of a webhook. The skew and the scheme are those of https://www.standardwebhooks.com.
const (
	webhookBytesMax = 256 << 10
	webhookSkewMax  = 5 * time.Minute
	webhookIDMax    = 200
	// webhookTimeMax is how long a sender waits for its 202 at most.
	webhookTimeMax = time.Second
	webhookStream  = "webhook"
)

// Webhook answers what a system sends to wake us: a signed request that says that there is
// something to pull. It cannot change stock: all it does is to have the stream that it names pulled
// now, or all where it names none.
func (s *Service) Webhook() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status, text, fate := s.receive(w, r)
		s.tellWebhook(s.find(r.PathValue("system")), fate)
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, text+"\n") //nolint:gosec // plain text, and none of it the sender's
	})
}

func (s *Service) receive(w http.ResponseWriter, r *http.Request) (status int, text string,
	fate Fate) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		return http.StatusMethodNotAllowed, "a webhook is sent with POST", FateRefused
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, webhookBytesMax))
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return http.StatusRequestEntityTooLarge, fmt.Sprintf("more than %d bytes", webhookBytesMax),
			FateRefused
	}
	if err != nil {
		return http.StatusBadRequest, "the body ended early", FateRefused
	}
	// A system that is not there is told what a wrong signature is told.
	remote := s.find(r.PathValue("system"))
	var secrets []string
	if remote != nil {
		secrets = remote.WebhookSecrets
	}
	if err := verify(r.Header, body, secrets, time.Now()); err != nil {
		return http.StatusUnauthorized, err.Error(), FateRefused
	}
	ctx, cancel := context.WithTimeout(r.Context(), webhookTimeMax)
	defer cancel()
	isNew, err := s.noteWebhook(ctx, remote.Name, r.Header.Get("Webhook-Id"))
	if err == nil && isNew {
		err = s.Wake(ctx, remote.Name, streamsNamed(body)...)
	}
	if err != nil {
		s.log.Warn("a webhook was not noted", "system", remote.Name, "error", err)
		return http.StatusServiceUnavailable, "busy; send it again", FateRefused
	}
	if !isNew {
		return http.StatusAccepted, "accepted", FateRepeated
	}
	return http.StatusAccepted, "accepted", FateAccepted
}

// verify judges the signature over the raw bytes. Any of the secrets may have made any of the
// signatures; all are compared, each in constant time.
func verify(header http.Header, body []byte, secrets []string, now time.Time) error {
	id, sent := header.Get("Webhook-Id"), header.Get("Webhook-Timestamp")
	seconds, err := strconv.ParseInt(sent, 10, 64)
	skew := int64(webhookSkewMax / time.Second)
	switch {
	case id == "" || len(id) > webhookIDMax:
		return errors.New("webhook-id is missing or too long")
	case err != nil:
		return errors.New("webhook-timestamp is no time in seconds since 1970")
	// What was sent is only compared: a difference with it could overflow.
	case seconds < now.Unix()-skew || seconds > now.Unix()+skew:
		return errors.New("webhook-timestamp is more than five minutes off")
	}
	valid := false
	for _, secret := range secrets {
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
		if err != nil {
			continue // the configuration was judged when it was read
		}
		mac := hmac.New(sha256.New, key)
		_, _ = mac.Write([]byte(id + "." + sent + "."))
		_, _ = mac.Write(body)
		want := mac.Sum(nil)
		for signature := range strings.FieldsSeq(header.Get("Webhook-Signature")) {
			given, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(signature, "v1,"))
			if err == nil && strings.HasPrefix(signature, "v1,") && hmac.Equal(given, want) {
				valid = true
			}
		}
	}
	if !valid {
		return errors.New("no signature of this webhook is valid")
	}
	return nil
}

// noteWebhook notes the id of a webhook, and says whether it is new. Ids are kept as long as a
// signature with them may be valid.
func (s *Service) noteWebhook(ctx context.Context, system, id string) (isNew bool, err error) {
	err = s.db.Transact(ctx, func(tx *store.Tx) error {
		now, err := tx.Now(ctx)
		if err != nil {
			return err
		}
		old := now - model.Instant((2 * webhookSkewMax).Microseconds())
		_, err = tx.Exec(ctx, `DELETE FROM sync_inbox WHERE warehouse = '' AND system = ?
			AND stream = ? AND applied_at < ?`, system, webhookStream, old)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO sync_inbox (warehouse, system, stream, item, applied_at)
			VALUES ('', ?, ?, ?, ?)`, system, webhookStream, id, now)
		isNew = err == nil
		if errors.Is(err, store.ErrDuplicate) {
			return nil
		}
		return err
	})
	return isNew, err
}

// streamsNamed are the streams that a webhook is about: named as "stream", there or in its "data",
// or the first word of its "type", as in "orders.changed". None are all.
func streamsNamed(body []byte) (named []Stream) {
	var event struct {
		Stream string `json:"stream"`
		Type   string `json:"type"`
		Data   struct {
			Stream string `json:"stream"`
		} `json:"data"`
	}
	if json.Unmarshal(body, &event) != nil {
		return nil
	}
	first, _, _ := strings.Cut(event.Type, ".")
	for _, stream := range Streams {
		if string(stream) == event.Stream || string(stream) == event.Data.Stream ||
			string(stream) == first {
			named = append(named, stream)
		}
	}
	return named
}
