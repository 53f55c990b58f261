package access

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Of is who sends a request: whoever its bearer token says, or without any keys whoever is on this
// machine. Its error is ErrToken.
func (k *Keys) Of(r *http.Request) (*Principal, error) {
	if k == nil {
		return Local(), nil
	}
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") || len(r.Header.Values("Authorization")) != 1 {
		return nil, ErrToken
	}
	return k.Check(strings.TrimSpace(token))
}

type principalKey struct{}

// With lets what is done under a context know who asked for it.
func With(ctx context.Context, who *Principal) context.Context {
	return context.WithValue(ctx, principalKey{}, who)
}

// From is who asked for what is done under a context, nil where nobody is known.
func From(ctx context.Context) *Principal {
	who, _ := ctx.Value(principalKey{}).(*Principal)
	return who
}

// Rates bound the requests of each token: so many a second, and at once as many as come in a few
// seconds.
type Rates struct {
	perSecond rate.Limit
	burst     int

	mu       sync.Mutex
	limiters map[string]*rate.Limiter
}

// burstSeconds is for how long a token that was quiet may send at once what it may send in that
// time.
const burstSeconds = 5

// ratesKept bounds the tokens that are remembered; past it all are forgotten, which gives each a
// new burst and nothing else.
const ratesKept = 10_000

// NewRates lets each token send so many requests a second; 0 is as many as it likes.
func NewRates(perSecond int) *Rates {
	r := &Rates{perSecond: rate.Limit(perSecond), burst: perSecond * burstSeconds}
	if perSecond <= 0 {
		r.perSecond = rate.Inf
	}
	return r
}

// Wait is how long the token of a principal has to wait before it may send; 0 is not at all, and
// counts.
func (r *Rates) Wait(who *Principal) time.Duration {
	if r == nil || r.perSecond == rate.Inf || who.Token == "" {
		return 0
	}
	r.mu.Lock()
	limiter := r.limiters[who.Token]
	if limiter == nil {
		if r.limiters == nil || len(r.limiters) >= ratesKept {
			r.limiters = map[string]*rate.Limiter{}
		}
		limiter = rate.NewLimiter(r.perSecond, r.burst)
		r.limiters[who.Token] = limiter
	}
	r.mu.Unlock()
	booked := limiter.Reserve()
	wait := booked.Delay()
	if wait > 0 {
		booked.Cancel()
	}
	return wait
}
