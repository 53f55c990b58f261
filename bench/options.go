package bench

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// What may be measured. ReplayNone is the trace of Replay without its repeats; the numbers after
// writers are processes.
const (
	Hot1       = "hot1"
	Hot1Half   = "hot1-half"
	Uniform10k = "uniform10k"
	Zipf       = "zipf"
	Mixed      = "mixed"
	Tiers      = "tiers"
	Replay     = "replay"
	Wave       = "wave"
	Writers    = "writers"
	Growth     = "growth"
	API        = "api"
	Overload   = "overload"
)

// ReplayNone is the trace of Replay with a key of its own for each line: the other half of the
// workload Replay, not one to ask for.
const ReplayNone = "replay-none"

// Workloads are all of them, in the order in which they are measured.
var Workloads = []string{Hot1, Hot1Half, Uniform10k, Zipf, Mixed, Tiers, Replay, Wave, Writers, API,
	Growth, Overload}

// Who is measured. Merged is the engine; the others are what it is compared with.
const (
	Naive        = "naive"
	ForUpdate    = "for-update"
	Optimistic   = "optimistic"
	Split        = "split"
	Queue        = "queue"
	Merged       = "merged"
	Limit        = "limit"
	Redis        = "redis"
	RedisDurable = "redis-durable"
	// LineByLine is the wave as a caller without waves would do it, and OverHTTP the engine
	// behind its API: both come with their workload.
	LineByLine = "line-by-line"
	OverHTTP   = "api"
)

// Contenders are those that may be chosen.
var Contenders = []string{Naive, ForUpdate, Optimistic, Split, Queue, Merged, Limit, Redis,
	RedisDurable}

// Bounds of what may be asked for. More callers than these only wait in this process, and more
// rounds or seconds only take longer.
const (
	callersMax = 100_000
	roundsMax  = 100
	secondsMax = 600
	growthMax  = 100_000_000
	rowsMax    = 100_000
)

// Options of a run.
type Options struct {
	// DatabaseURL names a database that is empty, or not there yet; it is left so.
	DatabaseURL string
	// RedisURL is "" for no Redis.
	RedisURL string
	// Workloads and Contenders are what to measure; none means all.
	Workloads  []string
	Contenders []string
	// Callers replaces the numbers of callers of the workloads, where given.
	Callers []int
	// Rounds is how many turns each cell gets.
	Rounds int
	// Seconds is how long each cell is measured in each round.
	Seconds float64
	Seed    uint64
	// GrowthFlows is up to how many flows the ledger of Growth grows.
	GrowthFlows int64
	// Rows is how many stock rows the workloads with many have.
	Rows int
	// Commit is what the program was built from.
	Commit string
	// Worker is the program and its arguments that Writers starts: it calls Work.
	Worker []string
	// Tell is told how many turns are done, and of how many; nil for nobody.
	Tell func(done, total int)

	// For tests: contenders that take part beside those that there are, and a smaller first ledger.
	extra       map[string]contender
	growthFirst int64
}

// The usual values of options.
const (
	RoundsDefault  = 3
	SecondsDefault = 2.0
	SeedDefault    = 1
	GrowthDefault  = 1_000_000
	RowsDefault    = 10_000
)

// Check says in one line what is wrong with the options, and puts what was left out.
func (o *Options) Check() error {
	o.setDefaults()
	if err := o.checkNames(); err != nil {
		return err
	}
	for _, callers := range o.Callers {
		if callers < 1 || callers > callersMax {
			return fmt.Errorf("--callers: %d is not a number from 1 to %d", callers, callersMax)
		}
	}
	switch {
	case o.Rounds < 1 || o.Rounds > roundsMax:
		return fmt.Errorf("--rounds: %d is not a number from 1 to %d", o.Rounds, roundsMax)
	case !(o.Seconds > 0 && o.Seconds <= secondsMax):
		return fmt.Errorf("--seconds: %g is not above 0 and at most %d", o.Seconds, secondsMax)
	case o.Rows < 1 || o.Rows > rowsMax:
		return fmt.Errorf("--rows: %d is not a number from 1 to %d", o.Rows, rowsMax)
	case o.GrowthFlows < o.growthFirst || o.GrowthFlows > growthMax:
		return fmt.Errorf("--growth: %d is not a number from %d to %d", o.GrowthFlows, o.growthFirst,
			growthMax)
	}
	return nil
}

func (o *Options) checkNames() error {
	for _, name := range o.Workloads {
		if !slices.Contains(Workloads, name) {
			return unknownName("--workload", name, Workloads)
		}
	}
	for _, name := range o.Contenders {
		if !slices.Contains(Contenders, name) {
			return unknownName("--contenders", name, Contenders)
		}
		if o.RedisURL == "" && (name == Redis || name == RedisDurable) {
			return fmt.Errorf("--contenders: %s needs --redis", name)
		}
	}
	if o.RedisURL == "" {
		return nil
	}
	if err := checkRedisURL(o.RedisURL); err != nil {
		return fmt.Errorf("--redis: %w", err)
	}
	return nil
}

func unknownName(flag, name string, known []string) error {
	return fmt.Errorf("%s: %q is not one of %s", flag, name, strings.Join(known, ", "))
}

func (o *Options) setDefaults() {
	if len(o.Workloads) == 0 {
		o.Workloads = Workloads
	}
	if len(o.Contenders) == 0 {
		o.Contenders = Contenders
	}
	if o.RedisURL == "" && len(o.Contenders) == len(Contenders) {
		o.Contenders = slices.DeleteFunc(slices.Clone(o.Contenders), func(name string) bool {
			return name == Redis || name == RedisDurable
		})
	}
	if o.growthFirst == 0 {
		o.growthFirst = growthFirst
	}
	if o.Tell == nil {
		o.Tell = func(int, int) {}
	}
}

// measured is how long a cell is measured in each round. The warm-up before it opens connections
// and fills caches; it need not be long for that.
func (o *Options) measured() time.Duration {
	return time.Duration(o.Seconds * float64(time.Second))
}

func (o *Options) warmUp() time.Duration { return min(o.measured()/4, warmUpMax) }

// warmUpMax is enough for the slowest contender to have opened all its connections.
const warmUpMax = 500 * time.Millisecond

// errNoWorker: the program did not say how to start itself.
var errNoWorker = errors.New("writers: no program to start as a worker")
