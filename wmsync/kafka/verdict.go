package kafka

import (
	"context"
	"errors"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"tierstock/wmsync"
)

// outcome is what an error says of a movement. What is not known to last may be better later.
func outcome(err error) wmsync.Outcome {
	switch {
	case err == nil:
		return wmsync.Applied
	case errors.Is(err, errNoEnvelope), isRefusal(err):
		return wmsync.Rejected
	}
	return wmsync.Retry
}

// isRefusal says that it is the record that a broker does not want, however often it is sent.
func isRefusal(err error) bool {
	return isAny(err, kerr.MessageTooLarge, kerr.RecordListTooLarge, kerr.InvalidRecord,
		kerr.InvalidTimestamp)
}

// isForbidden says that it is us whom a broker does not want.
func isForbidden(err error) bool {
	return isAny(err, kerr.TopicAuthorizationFailed, kerr.ClusterAuthorizationFailed,
		kerr.SaslAuthenticationFailed, kerr.UnsupportedSaslMechanism)
}

func isAny(err error, kinds ...*kerr.Error) bool {
	for _, kind := range kinds {
		if errors.Is(err, kind) {
			return true
		}
	}
	return false
}

// wholly says what is wrong with all of a batch of which nothing was taken; nil where it is with
// its records, or with the way to the brokers. Its result is an error, so that nil is nil.
func (s *Sink) wholly(batch *batch) error {
	for _, err := range batch.errs {
		switch {
		case errors.Is(err, kerr.UnknownTopicOrPartition), errors.Is(err, kerr.UnknownTopicID):
			return wmsync.Fail(wmsync.Unreachable,
				"Kafka has no topic %q: make it, with as many partitions as it shall ever have",
				s.topic)
		case isForbidden(err):
			return s.forbidden(err)
		}
	}
	return nil
}

// forbidden is no refusal of the movements: once we may write, they are as good as ever.
func (s *Sink) forbidden(err error) error {
	return wmsync.Fail(wmsync.Unreachable, "Kafka does not let us write to topic %q: %v", s.topic, err)
}

// words are an error for people.
func words(err error) string {
	switch {
	case isAny(err, kerr.MessageTooLarge, kerr.RecordListTooLarge):
		return "larger than Kafka takes: " + err.Error()
	case isRefusal(err):
		return "Kafka does not take it: " + err.Error()
	case errors.Is(err, kgo.ErrRecordTimeout), errors.Is(err, context.DeadlineExceeded):
		return "Kafka did not acknowledge it in time: " + err.Error()
	case errors.Is(err, kgo.ErrRecordRetries):
		return "Kafka did not acknowledge it, however often it was sent: " + err.Error()
	case errors.Is(err, kgo.ErrClientClosed):
		return "the way to Kafka is closed"
	}
	return err.Error()
}
