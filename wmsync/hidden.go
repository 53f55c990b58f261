package wmsync

import (
	"fmt"
	"log/slog"
)

// String names a system and where it is; its secrets are never part of what is printed or logged.
func (s System) String() string {
	where := s.URL
	if s.Kind == KindKafka {
		where = fmt.Sprint(s.Brokers, " ", s.Topic)
	}
	return fmt.Sprintf("%s (%s at %s)", s.Name, s.Kind, where)
}

// GoString is String: a %#v must not tell either.
func (s System) GoString() string { return s.String() }

// LogValue is what a log is told of a system.
func (s System) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText is what encoders, such as JSON's, are told of a system: a log of a list calls them.
func (s System) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
