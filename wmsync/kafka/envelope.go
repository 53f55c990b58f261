package kafka

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"tierstock/wmsync"
)

const (
	// contentType is what CloudEvents' binding to Kafka calls structured mode.
	contentType = "application/cloudevents+json"
	specVersion = "1.0"
	typePrefix  = "tierstock.movement."
	source      = "tierstock"
)

// errNoEnvelope is a movement that JSON cannot say.
var errNoEnvelope = errors.New("it cannot be written as JSON")

// event is a CloudEvent 1.0 in its JSON format; id and source together name it for ever.
type event struct {
	SpecVersion string          `json:"specversion"`
	ID          string          `json:"id"`
	Source      string          `json:"source"`
	Type        string          `json:"type"`
	Subject     string          `json:"subject"`
	Time        time.Time       `json:"time"`
	ContentType string          `json:"datacontenttype"`
	Data        wmsync.Movement `json:"data"`
}

func envelope(movement wmsync.Movement) ([]byte, error) {
	value, err := json.Marshal(event{
		SpecVersion: specVersion,
		ID:          movement.ID,
		Source:      source + "/" + url.PathEscape(movement.Warehouse),
		Type:        typePrefix + strings.ToLower(movement.Type),
		Subject:     movement.SKU,
		Time:        movement.OccurredAt.UTC(),
		ContentType: "application/json",
		Data:        movement,
	})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errNoEnvelope, err)
	}
	return value, nil
}

// key is what movements that have an order have in common. Both parts are percent-encoded, so that
// what is between them is in neither.
func key(movement wmsync.Movement) []byte {
	return []byte(url.PathEscape(movement.Warehouse) + "/" + url.PathEscape(movement.SKU))
}
