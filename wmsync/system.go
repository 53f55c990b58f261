package wmsync

import (
	"time"

	"tierstock/model"
)

// Kind is what a system speaks.
type Kind string

// The kinds of systems. Kafka only takes: it has no streams to pull.
const (
	KindWES    Kind = "wes-sync"
	KindTryton Kind = "tryton"
	KindKafka  Kind = "kafka"
)

// System is one system to sync with, as the configuration file has it: validated, its secrets read.
// Codes on the left of its maps are theirs, on the right ours; a code that is not in a map is the
// same on both sides, but for warehouses, of which those not named are refused.
type System struct {
	Name string
	Kind Kind
	// URL is where it is reached; of Tryton with the database as its path. Kafka has Brokers.
	URL string
	// Token is sent as a bearer token, "" for none. User and Password are Tryton's, or Kafka's.
	Token, User, Password string
	// WebhookSecrets sign its webhooks; any of them may. They are as they came, with whsec_.
	WebhookSecrets []string
	Warehouses     map[string]string
	Zones          map[string]string
	Owners         map[string]string
	SKUs           map[string]string
	Packs          map[string]string
	// DefaultZone is where stock without a zone goes.
	DefaultZone string
	Pull        Pulling
	// Push delivers what happened on the floor.
	Push bool
	// PushFromNow: when the system is new, it is told what happens from then on, and not all that the
	// feed has.
	PushFromNow bool
	// Brokers and Topic are Kafka's.
	Brokers []string
	Topic   string
	// TLS encrypts the way to the brokers.
	TLS bool
	// ReconcileAt is when its books are compared with ours, since a warehouse's local midnight;
	// negative is never by itself.
	ReconcileAt time.Duration
	// Tolerances are how far a class of SKUs may be off before somebody has to look; what is within
	// is reported all the same.
	Tolerances []Tolerance
}

// Pulling is what is pulled of a system, and how often. ShrinkMax is how much of what is known a
// snapshot may lack and still be believed, in percent; 0 is a fifth. Cron, where given, is when
// instead of Every, in the time zone Timezone.
type Pulling struct {
	Streams   []Stream
	Every     time.Duration
	ShrinkMax int
	Cron      string
	Timezone  string
}

// Tolerance is for SKUs whose code begins with Prefix; the longest that fits counts. A difference
// of up to Qty base units, or up to Percent of what they have, is within it.
type Tolerance struct {
	Prefix  string
	Qty     model.Quantity
	Percent model.Quantity
}

// Ours is our code of a warehouse of theirs.
func (s System) Ours(warehouse string) (string, bool) {
	ours, known := s.Warehouses[warehouse]
	return ours, known
}

// Theirs is their code of a warehouse of ours.
func (s System) Theirs(warehouse string) (string, bool) {
	for theirs, ours := range s.Warehouses {
		if ours == warehouse {
			return theirs, true
		}
	}
	return "", false
}
