package trail

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"sync/atomic"
)

// idBytesMax is the longest id that is taken from a caller: a UUID and a prefix.
const idBytesMax = 64

// visit is what is known of a request while it is served.
type visit struct {
	id    string
	actor atomic.Pointer[string]
}

type visitKey struct{}

// NewID makes the id of a request: 16 hexadecimal digits.
func NewID() string {
	var id [8]byte
	_, _ = rand.Read(id[:])
	return hex.EncodeToString(id[:])
}

// ID is the id of the request that something is done for; a new one where there is none.
func ID(ctx context.Context) string {
	if visit, known := ctx.Value(visitKey{}).(*visit); known {
		return visit.id
	}
	return NewID()
}

// SetActor tells the log who a request is from.
func SetActor(ctx context.Context, actor string) {
	if visit, known := ctx.Value(visitKey{}).(*visit); known {
		visit.actor.Store(&actor)
	}
}

func (v *visit) actorName() string {
	if actor := v.actor.Load(); actor != nil {
		return *actor
	}
	return ""
}

// idOf takes a caller's id where it can do no harm in a log or a header.
func idOf(asked string) string {
	if asked == "" || len(asked) > idBytesMax {
		return NewID()
	}
	for _, char := range []byte(asked) {
		isLetter := char|0x20 >= 'a' && char|0x20 <= 'z'
		isDigit := char >= '0' && char <= '9'
		if !isLetter && !isDigit && char != '-' && char != '_' && char != '.' {
			return NewID()
		}
	}
	return asked
}
