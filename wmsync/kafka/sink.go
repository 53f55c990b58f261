// Package kafka is a sink of movements that is a topic of Apache Kafka: each movement is a
// CloudEvent under the key of its warehouse and SKU, so that who reads a partition reads a SKU's
// movements in their order. A movement may come more than once, under the same id; one that comes
// again comes before those of its SKU that followed it, unless it was under way when its process
// died. The package reads nothing: a topic has no streams.
package kafka

import (
	"context"
	"crypto/tls"
	"errors"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl/scram"

	"tierstock/wmsync"
)

const (
	// deliverMax is how long a call may deliver. It leaves room for pingMax within 15 s.
	deliverMax = 12 * time.Second
	// pingMax is how long the brokers have to say that one of them is there.
	pingMax = 2 * time.Second
	// requestMax is how long a broker has to write what it was sent, and overheadMax how much longer
	// its answer may be under way: a call outlives a broker that hangs.
	requestMax  = 5 * time.Second
	overheadMax = 2 * time.Second
	// triesMax and unknownTopicTriesMax bound how often a record is sent again within a call. A
	// topic that is not there is mostly one that nobody made.
	triesMax             = 20
	unknownTopicTriesMax = 1
	// backoffMin doubles with each try, up to backoffMax. A call that is over is seen to be when a
	// pause has passed, so they are short.
	backoffMin = 50 * time.Millisecond
	backoffMax = 800 * time.Millisecond
	// metadataMin is how often the brokers may be asked who leads: what failed waits for the answer.
	metadataMin = 500 * time.Millisecond
	// clientID is what a broker's log and quotas call us.
	clientID = "tierstock"
)

// Options are what a system's configuration does not hold. Their zero value does.
type Options struct {
	// TLS is how brokers are spoken to; nil is in the clear.
	TLS *tls.Config
	// DeliverMax is how long a call may deliver before it says what it knows, 0 for 12 s. It may then
	// still ask for two seconds whether any broker is there.
	DeliverMax time.Duration
}

// Sink is a topic. Any number of callers may use it at once.
type Sink struct {
	client     *kgo.Client
	brokers    string
	topic      string
	deliverMax time.Duration
	// away is that the last call found no broker: the next asks whether one is back before it waits
	// for a delivery.
	away atomic.Bool
}

var _ wmsync.Sink = (*Sink)(nil)

// New makes a sink of the system's topic. It does not reach for the brokers yet. A system with a
// user logs in by SCRAM-SHA-512.
func New(system wmsync.System, options Options) (*Sink, error) {
	if len(system.Brokers) == 0 || system.Topic == "" {
		return nil, errors.New("a system of kind kafka has brokers and a topic")
	}
	limit := options.DeliverMax
	if limit == 0 {
		limit = deliverMax
	}
	client, err := kgo.NewClient(settings(system, options, limit)...)
	if err != nil {
		return nil, err
	}
	return &Sink{client: client, brokers: strings.Join(system.Brokers, ", "), topic: system.Topic,
		deliverMax: limit}, nil
}

// settings leave what matters at the library's defaults: the producer is idempotent, all replicas
// in sync acknowledge, and keys go to partitions as they do with Kafka's own client.
func settings(system wmsync.System, options Options, limit time.Duration) []kgo.Opt {
	chosen := []kgo.Opt{
		kgo.SeedBrokers(system.Brokers...),
		kgo.ClientID(clientID),
		kgo.RequiredAcks(kgo.AllISRAcks()),
		kgo.DialTimeout(pingMax),
		kgo.ProducerLinger(0), // a batch comes whole, and is waited for
		kgo.ProduceRequestTimeout(requestMax),
		kgo.RequestTimeoutOverhead(overheadMax),
		kgo.RecordDeliveryTimeout(max(limit, time.Second)), // less it does not take
		kgo.RecordRetries(triesMax),
		kgo.RetryBackoffFn(backoff),
		kgo.MetadataMinAge(metadataMin),
		kgo.UnknownTopicRetries(unknownTopicTriesMax),
		// A call ends though a broker that hangs has its records. The producer's epoch is raised
		// then, so that they cannot arrive after what is sent next; that they come twice is for the
		// reader to see by their ids.
		kgo.AllowIdempotentProduceCancellation(),
	}
	if options.TLS != nil {
		chosen = append(chosen, kgo.DialTLSConfig(options.TLS))
	}
	if system.User != "" {
		login := scram.Auth{User: system.User, Pass: system.Password}
		chosen = append(chosen, kgo.SASL(login.AsSha512Mechanism()))
	}
	return chosen
}

// backoff is how long to wait after a number of tries, with jitter of a half.
func backoff(tries int) time.Duration {
	pause := min(backoffMin<<min(tries, triesMax), backoffMax)
	return pause/2 + rand.N(pause/2)
}

// Close gives up what is under way, and the connections.
func (s *Sink) Close() { s.client.Close() }

// Deliver produces the movements and waits until each is acknowledged or refused. The batch's id is
// of no use to Kafka: what comes again is known by the movement's.
func (s *Sink) Deliver(ctx context.Context, _ string, movements []wmsync.Movement) (
	[]wmsync.Receipt, error) {
	if s.away.Load() {
		if failure := s.ping(ctx); failure != nil {
			return nil, failure
		}
	}
	bounded, cancel := context.WithTimeout(ctx, s.deliverMax)
	defer cancel()
	batch := newBatch(s.topic, movements)
	s.produce(bounded, batch)
	s.produceSingly(bounded, batch)
	if !batch.waits() {
		s.away.Store(false)
		return batch.receipts(), nil
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if batch.anyTaken() {
		return batch.receipts(), nil
	}
	if failure := s.wholly(batch); failure != nil {
		return nil, failure
	}
	if failure := s.ping(ctx); failure != nil {
		return nil, failure
	}
	return batch.receipts(), nil
}

func (s *Sink) produce(ctx context.Context, batch *batch) {
	for _, result := range s.client.ProduceSync(ctx, batch.open()...) {
		batch.note(result.Record, result.Err)
	}
}

// produceSingly sends what was refused once more, each record by itself: a broker refuses all that
// it was sent together for one record among it.
func (s *Sink) produceSingly(ctx context.Context, batch *batch) {
	for _, record := range batch.refused() {
		if ctx.Err() != nil {
			batch.note(record, ctx.Err())
			continue
		}
		batch.note(record, s.client.ProduceSync(ctx, record).FirstErr())
	}
}

// ping says what is wrong where no broker answers. Its result is an error, so that nil is nil.
func (s *Sink) ping(ctx context.Context) error {
	bounded, cancel := context.WithTimeout(ctx, pingMax)
	defer cancel()
	err := s.client.Ping(bounded)
	s.away.Store(err != nil)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case isForbidden(err):
		return s.forbidden(err)
	}
	return wmsync.Fail(wmsync.Unreachable, "none of Kafka's brokers answers (%s): %v", s.brokers,
		err)
}
