package kafka

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"tierstock/wmsync"
)

const testTopic = "movements"

// cluster starts a broker that speaks the real protocol and has the topic.
func cluster(t testing.TB, options ...kfake.Opt) *kfake.Cluster {
	t.Helper()
	started, err := kfake.NewCluster(append([]kfake.Opt{kfake.NumBrokers(1),
		kfake.SeedTopics(4, testTopic)}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(started.Close)
	return started
}

func system(brokers ...string) wmsync.System {
	return wmsync.System{Name: "bus", Kind: wmsync.KindKafka, Brokers: brokers, Topic: testTopic,
		Push: true}
}

func sink(t testing.TB, options Options, brokers ...string) *Sink {
	t.Helper()
	made, err := New(system(brokers...), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(made.Close)
	return made
}

func movement(sku string, seq int64) wmsync.Movement {
	return wmsync.Movement{ID: fmt.Sprintf("ORDER/%s/%d", sku, seq), Type: "ISSUE",
		Key:       wmsync.MovementKey{JobType: "ORDER", OrderID: sku, LineID: "1", Revision: "0"},
		Warehouse: "W/1", From: &wmsync.Place{Zone: "PICK", Bin: "A-01"}, SKU: sku, Qty: "2.5",
		Reason: "ORDER", Seq: seq,
		OccurredAt: time.Date(2026, 11, 27, 9, 30, 0, int(time.Millisecond), time.UTC)}
}

// round is a movement of each of some SKUs.
func round(skus int, seq int64) []wmsync.Movement {
	movements := make([]wmsync.Movement, skus)
	for i := range movements {
		movements[i] = movement(fmt.Sprintf("SKU-%03d", i), seq)
	}
	return movements
}

func noise(bytes int) string {
	text := make([]byte, bytes)
	for i := range text {
		text[i] = byte('!' + rand.IntN('Z'-'!'))
	}
	return string(text)
}

func deliver(t testing.TB, s *Sink, movements []wmsync.Movement) []wmsync.Receipt {
	t.Helper()
	begun := time.Now()
	receipts, err := s.Deliver(t.Context(), "batch", movements)
	if err != nil || len(receipts) != len(movements) {
		t.Fatal(len(receipts), err)
	}
	if took := time.Since(begun); took > 15*time.Second {
		t.Errorf("it took %v", took)
	}
	return receipts
}

func wantAll(t testing.TB, receipts []wmsync.Receipt, wanted wmsync.Outcome) {
	t.Helper()
	for i, receipt := range receipts {
		if receipt.Outcome != wanted || (receipt.Message == "") != (wanted == wmsync.Applied) {
			t.Errorf("%d: %+v, not %s", i, receipt, wanted)
		}
	}
}

// wantFailure wants one that is the system's and that may pass, so that no message dies of it.
func wantFailure(t testing.TB, err error, words string) {
	t.Helper()
	failure, is := errors.AsType[*wmsync.Failure](err)
	if !is || failure.Kind != wmsync.Unreachable || !strings.Contains(err.Error(), words) {
		t.Errorf("%v, not ...%s...", err, words)
	}
}

// consumed reads what the topic has, until it has been seen up to its end.
func consumed(t testing.TB, broker *kfake.Cluster) (records []*kgo.Record) {
	t.Helper()
	wanted := int64(0)
	for _, partition := range broker.PartitionInfos(testTopic) {
		wanted += partition.HighWatermark
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(broker.ListenAddrs()...),
		kgo.ConsumeTopics(testTopic))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for int64(len(records)) < wanted {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			t.Fatal(err)
		}
		records = append(records, fetches.Records()...)
	}
	return records
}

// bySKU are the movements of the records in the order of their partitions, that of each key.
func bySKU(t testing.TB, records []*kgo.Record) map[string][]int64 {
	t.Helper()
	seen, partitions := map[string][]int64{}, map[string]int32{}
	for _, record := range records {
		var read event
		if err := json.Unmarshal(record.Value, &read); err != nil {
			t.Fatal(err)
		}
		if string(record.Key) != "W%2F1/"+read.Data.SKU {
			t.Errorf("the key of %s is %s", read.Data.SKU, record.Key)
		}
		if partition, known := partitions[read.Subject]; known && partition != record.Partition {
			t.Errorf("%s is in two partitions", read.Subject)
		}
		partitions[read.Subject] = record.Partition
		seen[read.Subject] = append(seen[read.Subject], read.Data.Seq)
	}
	return seen
}

// TestOrder: all movements are there, once, those of a SKU in their order.
func TestOrder(t *testing.T) {
	broker := cluster(t, kfake.NumBrokers(3))
	s := sink(t, Options{}, broker.ListenAddrs()...)
	const skus, rounds = 50, 6
	wanted := map[string][]int64{}
	for seq := range int64(rounds) {
		movements := round(skus, seq+1)
		wantAll(t, deliver(t, s, movements), wmsync.Applied)
		for _, one := range movements {
			wanted[one.SKU] = append(wanted[one.SKU], one.Seq)
		}
	}
	if diff := cmp.Diff(wanted, bySKU(t, consumed(t, broker))); diff != "" {
		t.Error(diff)
	}
	if receipts, err := s.Deliver(t.Context(), "none", nil); err != nil || len(receipts) != 0 {
		t.Error(receipts, err)
	}
}

// TestEnvelope: the record is a CloudEvent in structured mode, and says all of the movement.
func TestEnvelope(t *testing.T) {
	broker := cluster(t)
	s := sink(t, Options{}, broker.ListenAddrs()...)
	sent := movement("S 1/é", 7)
	wantAll(t, deliver(t, s, []wmsync.Movement{sent}), wmsync.Applied)
	records := consumed(t, broker)
	if len(records) != 1 || string(records[0].Key) != "W%2F1/S%201%2F%C3%A9" {
		t.Fatal(len(records), string(records[0].Key))
	}
	headers := []kgo.RecordHeader{{Key: "content-type",
		Value: []byte("application/cloudevents+json")}}
	if diff := cmp.Diff(headers, records[0].Headers); diff != "" {
		t.Error(diff)
	}
	var read map[string]any
	if err := json.Unmarshal(records[0].Value, &read); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(read["data"])
	if err != nil {
		t.Fatal(err)
	}
	var data wmsync.Movement
	if err := json.Unmarshal(text, &data); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(sent, data); diff != "" {
		t.Error(diff)
	}
	delete(read, "data")
	if diff := cmp.Diff(map[string]any{"specversion": "1.0", "id": "ORDER/S 1/é/7",
		"source": "tierstock/W%2F1", "type": "tierstock.movement.issue", "subject": "S 1/é",
		"time": "2026-11-27T09:30:00.001Z", "datacontenttype": "application/json"}, read); diff != "" {
		t.Error(diff)
	}
}

// TestKey: what is another warehouse or SKU is another key.
func TestKey(t *testing.T) {
	seen := map[string]bool{}
	for _, codes := range [][2]string{{"A", "B/C"}, {"A/B", "C"}, {"A%2FB", "C"}, {"A", "B%2FC"},
		{"", "A/B/C"}, {"A/B/C", ""}} {
		seen[string(key(wmsync.Movement{Warehouse: codes[0], SKU: codes[1]}))] = true
	}
	if len(seen) != 6 {
		t.Error(seen)
	}
}

// TestAway: a broker that is not there is a failure of the system; when it is back, all is taken.
func TestAway(t *testing.T) {
	directory := t.TempDir()
	broker := cluster(t, kfake.DataDir(directory))
	address := broker.ListenAddrs()[0]
	s := sink(t, Options{DeliverMax: 2 * time.Second}, address)
	wantAll(t, deliver(t, s, round(10, 1)), wmsync.Applied)
	broker.Close()
	for range 2 {
		begun := time.Now()
		receipts, err := s.Deliver(t.Context(), "batch", round(10, 2))
		wantFailure(t, err, address)
		if took := time.Since(begun); receipts != nil || took > 10*time.Second {
			t.Error(receipts, took)
		}
	}
	_, text, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	broker = cluster(t, kfake.DataDir(directory), kfake.Ports(port))
	// The client may still be waiting for its next try when a call is over.
	for until := time.Now().Add(10 * time.Second); ; {
		receipts, err := s.Deliver(t.Context(), "batch", round(10, 2))
		if err == nil && receipts[0].Outcome == wmsync.Applied {
			break
		}
		if time.Now().After(until) {
			t.Fatal(receipts, err)
		}
	}
	wantAll(t, deliver(t, s, round(10, 3)), wmsync.Applied)
	for sku, seqs := range bySKU(t, consumed(t, broker)) {
		if diff := cmp.Diff([]int64{1, 2, 3}, deduplicated(seqs)); diff != "" {
			t.Errorf("%s: %s", sku, diff)
		}
	}
}

// deduplicated is a SKU's movements as a reader sees them who knows which ids it had.
func deduplicated(seqs []int64) (once []int64) {
	seen := map[int64]bool{}
	for _, seq := range seqs {
		if !seen[seq] {
			once = append(once, seq)
		}
		seen[seq] = true
	}
	return once
}

// TestTooLarge: a record that is too large, for the client or only for the broker, is refused, and
// those that went with it are taken.
func TestTooLarge(t *testing.T) {
	broker := cluster(t, kfake.BrokerConfigs(map[string]string{"message.max.bytes": "9000"}))
	s := sink(t, Options{}, broker.ListenAddrs()...)
	for _, size := range []int{20_000, 1_100_000} {
		movements := round(12, int64(size))
		movements[5].Reference = noise(size)
		receipts := deliver(t, s, movements)
		if receipts[5].Outcome != wmsync.Rejected ||
			!strings.Contains(receipts[5].Message, "larger than Kafka takes") {
			t.Errorf("%+v", receipts[5])
		}
		wantAll(t, append(receipts[:5:5], receipts[6:]...), wmsync.Applied)
	}
	seen := bySKU(t, consumed(t, broker))
	if len(seen) != 11 || len(seen["SKU-005"]) != 0 || len(seen["SKU-006"]) != 2 {
		t.Error(seen)
	}
}

// TestNoJSON: what JSON cannot say is refused, and nothing else.
func TestNoJSON(t *testing.T) {
	broker := cluster(t)
	movements := round(2, 1)
	movements[0].OccurredAt = time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)
	receipts := deliver(t, sink(t, Options{}, broker.ListenAddrs()...), movements)
	wantAll(t, receipts[:1], wmsync.Rejected)
	wantAll(t, receipts[1:], wmsync.Applied)
}

// hang makes the broker read what is produced and say nothing, until the answer is called.
func hang(broker *kfake.Cluster) (end func()) {
	ended := make(chan struct{})
	broker.ControlKey(int16(kmsg.Produce), func(kmsg.Request) (kmsg.Response, error, bool) {
		select {
		case <-ended:
			broker.DropControl()
			return nil, nil, false
		default:
			broker.KeepControl()
			return nil, nil, true
		}
	})
	return func() { close(ended) }
}

// TestContext: the call ends with its context though the broker hangs, and the next one is served.
func TestContext(t *testing.T) {
	broker := cluster(t)
	s := sink(t, Options{}, broker.ListenAddrs()...)
	wantAll(t, deliver(t, s, round(5, 1)), wmsync.Applied)
	end := hang(broker)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	begun := time.Now()
	receipts, err := s.Deliver(ctx, "batch", round(5, 2))
	if !errors.Is(err, context.DeadlineExceeded) || receipts != nil {
		t.Error(receipts, err)
	}
	if took := time.Since(begun); took > 5*time.Second {
		t.Errorf("it ended after %v", took)
	}
	end()
	wantAll(t, deliver(t, s, round(5, 2)), wmsync.Applied)
	wantAll(t, deliver(t, s, round(5, 3)), wmsync.Applied)
	for sku, seqs := range bySKU(t, consumed(t, broker)) {
		if diff := cmp.Diff([]int64{1, 2, 3}, deduplicated(seqs)); diff != "" {
			t.Errorf("%s: %s", sku, diff)
		}
	}
}

// TestLate: what a broker gets to only after the call gave it up, and after it was sent again and
// followed by another of its SKU, does not come after that.
func TestLate(t *testing.T) {
	broker := cluster(t, kfake.SleepOutOfOrder())
	s := sink(t, Options{}, broker.ListenAddrs()...)
	wantAll(t, deliver(t, s, round(1, 1)), wmsync.Applied)
	asleep, awake, done := make(chan struct{}), make(chan struct{}), make(chan struct{})
	var first atomic.Bool
	broker.ControlKey(int16(kmsg.Produce), func(kmsg.Request) (kmsg.Response, error, bool) {
		if first.CompareAndSwap(false, true) {
			close(asleep)
			broker.SleepControl(func() { <-awake })
			close(done)
		}
		return nil, nil, false
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-asleep
		cancel()
	}()
	if _, err := s.Deliver(ctx, "batch", round(1, 2)); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	wantAll(t, deliver(t, s, round(1, 2)), wmsync.Applied)
	wantAll(t, deliver(t, s, round(1, 3)), wmsync.Applied)
	close(awake)
	<-done
	wantAll(t, deliver(t, s, round(1, 4)), wmsync.Applied)
	if diff := cmp.Diff([]int64{1, 2, 3, 4}, bySKU(t, consumed(t, broker))["SKU-000"]); diff != "" {
		t.Error(diff)
	}
}

// TestHanging: of a broker that hangs on what is produced, it is known that it is there.
func TestHanging(t *testing.T) {
	broker := cluster(t)
	s := sink(t, Options{DeliverMax: 500 * time.Millisecond}, broker.ListenAddrs()...)
	defer hang(broker)()
	begun := time.Now()
	receipts := deliver(t, s, round(3, 1))
	wantAll(t, receipts, wmsync.Retry)
	if took := time.Since(begun); took > 6*time.Second ||
		!strings.Contains(receipts[0].Message, "did not acknowledge it in time") {
		t.Errorf("%v: %+v", took, receipts[0])
	}
}

// TestPartition: one partition that cannot be written holds back its own movements only.
func TestPartition(t *testing.T) {
	broker := cluster(t)
	s := sink(t, Options{DeliverMax: 2 * time.Second}, broker.ListenAddrs()...)
	fault := broker.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Topic: testTopic,
		Partitions: []int32{1}, Err: kerr.NotEnoughReplicas, Count: -1})
	count := map[wmsync.Outcome]int{}
	for _, receipt := range deliver(t, s, round(100, 1)) {
		count[receipt.Outcome]++
		if receipt.Outcome == wmsync.Retry && receipt.Message == "" {
			t.Error("it does not say why")
		}
	}
	if count[wmsync.Applied] < 50 || count[wmsync.Retry] < 5 || len(count) != 2 {
		t.Error(count)
	}
	fault.Remove()
	wantAll(t, deliver(t, s, round(100, 2)), wmsync.Applied)
}

// TestLostAnswer: a record that was written though the broker said it had no time for it is sent
// again by the client, and is there once.
func TestLostAnswer(t *testing.T) {
	broker := cluster(t)
	s := sink(t, Options{}, broker.ListenAddrs()...)
	broker.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Topic: testTopic,
		Err: kerr.RequestTimedOut, Count: 1})
	wantAll(t, deliver(t, s, round(20, 1)), wmsync.Applied)
	if records := consumed(t, broker); len(records) != 20 {
		t.Error(len(records))
	}
}

// TestNoTopic: a topic is not made by itself; once somebody made it, it is written.
func TestNoTopic(t *testing.T) {
	broker := cluster(t, kfake.AllowAutoTopicCreation())
	if err := broker.DeleteTopic(testTopic); err != nil {
		t.Fatal(err)
	}
	s := sink(t, Options{}, broker.ListenAddrs()...)
	receipts, err := s.Deliver(t.Context(), "batch", round(3, 1))
	wantFailure(t, err, `Kafka has no topic "movements"`)
	if receipts != nil || broker.TopicInfo(testTopic) != nil {
		t.Error(receipts, broker.TopicInfo(testTopic))
	}
	if err := broker.CreateTopic(testTopic, 4, nil); err != nil {
		t.Fatal(err)
	}
	wantAll(t, deliver(t, s, round(3, 1)), wmsync.Applied)
}

// TestForbidden: who may not write is told so, and by whom.
func TestForbidden(t *testing.T) {
	broker := cluster(t)
	broker.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Topic: testTopic,
		Err: kerr.TopicAuthorizationFailed, Count: -1})
	_, err := sink(t, Options{}, broker.ListenAddrs()...).Deliver(t.Context(), "batch", round(3, 1))
	wantFailure(t, err, "does not let us write")
}

// TestLogin: a user logs in over TLS, and one whom nobody knows does not.
func TestLogin(t *testing.T) {
	server := httptest.NewTLSServer(nil)
	defer server.Close()
	broker := cluster(t, kfake.EnableSASL(), kfake.Superuser("SCRAM-SHA-512", "stock", "secret"),
		kfake.TLS(&tls.Config{Certificates: server.TLS.Certificates, MinVersion: tls.VersionTLS13}))
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	options := Options{DeliverMax: time.Second,
		TLS: &tls.Config{RootCAs: roots, ServerName: "example.com", MinVersion: tls.VersionTLS13}}
	known := system(broker.ListenAddrs()...)
	known.User, known.Password = "stock", "secret"
	s, err := New(known, options)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	wantAll(t, deliver(t, s, round(3, 1)), wmsync.Applied)
	known.Password = "another"
	stranger, err := New(known, options)
	if err != nil {
		t.Fatal(err)
	}
	defer stranger.Close()
	// This broker hangs up where a real one would first say why.
	_, err = stranger.Deliver(t.Context(), "batch", round(3, 1))
	wantFailure(t, err, "none of Kafka's brokers answers")
	if err != nil && strings.Contains(err.Error(), known.Password) {
		t.Error("it tells the password:", err)
	}
}

// TestNew: a system without brokers or topic is none.
func TestNew(t *testing.T) {
	for _, wrong := range []wmsync.System{{Topic: testTopic}, {Brokers: []string{"127.0.0.1:1"}}} {
		if s, err := New(wrong, Options{}); err == nil {
			s.Close()
			t.Errorf("%+v", wrong)
		}
	}
}

// BenchmarkDeliver delivers batches of 500 movements of as many SKUs, to a broker in this process.
func BenchmarkDeliver(b *testing.B) {
	const batch = 500
	s := sink(b, Options{}, cluster(b).ListenAddrs()...)
	wantAll(b, deliver(b, s, round(batch, 0)), wmsync.Applied)
	seq := int64(0)
	for b.Loop() {
		seq++
		receipts, err := s.Deliver(b.Context(), "batch", round(batch, seq))
		if err != nil {
			b.Fatal(err)
		}
		wantAll(b, receipts, wmsync.Applied)
	}
	b.ReportMetric(float64(seq)*batch/b.Elapsed().Seconds(), "movements/s")
}
