package wmsync

// Fate is what became of items, movements or webhooks.
type Fate string

// The fates. An item is taken in or dead; a movement is delivered, tried again or dead; a webhook
// is accepted, known already, or not accepted.
const (
	FateApplied   Fate = "applied"
	FateDelivered Fate = "delivered"
	FateRetried   Fate = "retried"
	FateDead      Fate = "dead"
	FateAccepted  Fate = "accepted"
	FateRepeated  Fate = "repeated"
	FateRefused   Fate = "refused"
)

// Webhooks is what Told calls the way on which systems wake us.
const Webhooks Stream = "webhooks"

// Told is how many of a stream came to something, for who counts them: Deps.Watch is told once a
// transaction is there to stay. Stream may be Movements or Webhooks, too. System is "" for one that
// the configuration does not name.
type Told struct {
	System string
	Stream Stream
	Fates  map[Fate]int
}

func (p *puller) tell(b *batch) {
	p.watch(Told{System: p.Name, Stream: p.stream,
		Fates: map[Fate]int{FateApplied: b.applied(), FateDead: b.died()}})
}

// tell counts what each movement came to that was tried in a round.
func (r *relay) tell(q *queue) {
	fates := map[Fate]int{FateDelivered: q.reached}
	for _, parcels := range [][]*parcel{q.changed, q.made} {
		for _, parcel := range parcels {
			if parcel.row.State == Dead {
				fates[FateDead]++
			} else {
				fates[FateRetried]++
			}
		}
	}
	r.watch(Told{System: r.Name, Stream: Movements, Fates: fates})
}

// tellWebhook counts one that came for a system, nil for one that is not there: who makes systems
// up makes no names for who counts.
func (s *Service) tellWebhook(remote *remote, fate Fate) {
	name := ""
	if remote != nil {
		name = remote.Name
	}
	s.watch(Told{System: name, Stream: Webhooks, Fates: map[Fate]int{fate: 1}})
}
