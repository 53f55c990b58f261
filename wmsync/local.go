package wmsync

import (
	"context"
	"sync"
)

// alone does a piece of work for a remote unless somebody is at it already; then held is false and
// nothing is done. A lease keeps other processes away. A system that lives in this process has no
// others, and a lease would only be in the way of the next process after this one was killed.
func (s *Service) alone(ctx context.Context, remote *remote, work, part string,
	do func(context.Context) error) (held bool, err error) {
	if remote.Local {
		kept, _ := remote.working.LoadOrStore(work+"\x00"+part, &sync.Mutex{})
		mutex := kept.(*sync.Mutex)
		if !mutex.TryLock() {
			return false, nil
		}
		defer mutex.Unlock()
		return true, do(ctx)
	}
	return s.db.UnderLease(ctx, leaseOf(work, remote.Name, part), leaseTime,
		func(ctx context.Context, _ int64) error { return do(ctx) })
}
