package bench

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"tierstock/flow"
	"tierstock/store"
)

// writersCounts are how many processes write the same rows; so many callers are spread over them.
var writersCounts = []int{1, 2, 4}

// writerStride keeps the keys of processes apart: no process asks so many lines in all its turns.
const writerStride = 1_000_000_000

// workerReady is what a worker says when it waits for the word to start.
const workerReady = "ready"

// workOrder is what a worker reads from its standard input: not from its arguments, which others
// can see, as the database's password is in it.
type workOrder struct {
	DatabaseURL string `json:"databaseUrl"`
	Warehouse   string `json:"warehouse"`
	Workload    string `json:"workload"`
	Callers     int    `json:"callers"`
	Seed        uint64 `json:"seed"`
	// First is the number of the first line.
	First int64 `json:"first"`
	// Servers are processes whose CPU this worker counts with its own.
	Servers  []int         `json:"servers"`
	WarmUp   time.Duration `json:"warmUp"`
	Measured time.Duration `json:"measured"`
}

// workDone is what a worker answers.
type workDone struct {
	Error      string      `json:"error"`
	Issued     int64       `json:"issued"`
	Answers    answersList `json:"answers"`
	Applied    int64       `json:"applied"`
	Latencies  []byte      `json:"latencies"`
	CPUSeconds float64     `json:"cpuSeconds"`
	Commits    int64       `json:"commits"`
	Lines      int64       `json:"lines"`
	StockRows  int64       `json:"stockRows"`
	Redone     int64       `json:"redone"`
}

// answersList is answers as they are sent.
type answersList [5]int64

func (a answers) list() answersList {
	return answersList{a.applied, a.refused, a.replayed, a.conflict, a.busy}
}

func (l answersList) answers() answers { return answers{l[0], l[1], l[2], l[3], l[4]} }

// Work is another process of Writers: it reads its order, says that it is ready, waits for a line,
// and says what came of it.
func Work(ctx context.Context, in io.Reader, out io.Writer) error {
	input := bufio.NewReader(in)
	text, err := input.ReadBytes('\n')
	if err != nil {
		return err
	}
	var order workOrder
	if err := json.Unmarshal(text, &order); err != nil {
		return err
	}
	done, err := order.work(ctx, input, out)
	if err != nil {
		done.Error = err.Error()
	}
	return json.NewEncoder(out).Encode(done)
}

func (o workOrder) work(ctx context.Context, input *bufio.Reader, out io.Writer) (
	done workDone, err error) {
	db, err := store.Open(ctx, o.DatabaseURL, store.Options{Existing: true})
	if err != nil {
		return done, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if _, err := db.Migrate(ctx); err != nil { // for a node number of its own
		return done, err
	}
	s := &site{warehouse: o.Warehouse}
	if err := s.readRows(ctx, db); err != nil {
		return done, err
	}
	s.trace = newTrace(o.Seed, len(s.rows), o.Workload)
	s.issued.Store(o.First)
	engine := newEngine(db)
	defer func() { err = errors.Join(err, engine.close()) }()
	if err := engine.warm(ctx, db, s); err != nil {
		return done, err
	}
	if _, err := fmt.Fprintln(out, workerReady); err != nil {
		return done, err
	}
	if _, err := input.ReadBytes('\n'); err != nil {
		return done, err
	}
	got, err := closedLoop(ctx, o.Callers, window{o.WarmUp, o.Measured},
		meterOf(o.Servers, engine.flow.Stats), s.reserve(engine, 1))
	if err != nil {
		return done, err
	}
	latencies, err := got.latencies.Encode(hdrhistogram.V2CompressedEncodingCookieBase)
	stats := got.used.stats
	return workDone{Issued: s.issued.Load(), Answers: got.list(), Applied: got.appliedInAll,
		Latencies: latencies, CPUSeconds: got.used.cpuSeconds, Commits: stats.Commits,
		Lines: stats.Lines, StockRows: stats.StockRows, Redone: stats.Redone}, err
}

// worker is a process that was started.
type worker struct {
	process *exec.Cmd
	input   io.WriteCloser
	output  *bufio.Reader
}

// writersOf is the turn of so many processes.
func writersOf(processes int) func(ctx context.Context, b *bench, c *cell) error {
	first := make([]int64, processes)
	for i := range first {
		first[i] = int64(i) * writerStride
	}
	return func(ctx context.Context, b *bench, c *cell) error {
		if len(b.options.Worker) == 0 {
			return errNoWorker
		}
		ctx, cancel := context.WithCancel(ctx) // which ends those that are left when one fails
		defer cancel()
		workers := make([]*worker, processes)
		for i := range workers {
			var err error
			servers := b.servers
			if i > 0 {
				servers = nil // the first counts for all
			}
			workers[i], err = b.startWorker(ctx, workOrder{Servers: servers,
				DatabaseURL: b.options.DatabaseURL,
				Warehouse:   c.site.warehouse, Workload: c.Workload, Seed: b.options.Seed,
				Callers: max(c.Callers/processes, 1), First: first[i],
				WarmUp: b.options.warmUp(), Measured: b.options.measured()})
			if err != nil {
				return err
			}
			defer func() { cancel(); _ = workers[i].process.Wait() }()
		}
		for _, worker := range workers {
			if _, err := io.WriteString(worker.input, "go\n"); err != nil {
				return err
			}
		}
		sum := outcome{latencies: newHistogram(), seconds: b.options.Seconds}
		for i, worker := range workers {
			done, err := worker.result()
			if err != nil {
				return err
			}
			first[i] = done.Issued
			if err := sum.include(done); err != nil {
				return err
			}
		}
		c.add(sum)
		return nil
	}
}

func (o *outcome) include(done workDone) error {
	latencies, err := hdrhistogram.Decode(done.Latencies)
	if err != nil {
		return err
	}
	o.latencies.Merge(latencies)
	o.answers = o.plus(done.Answers.answers())
	o.appliedInAll += done.Applied
	o.used = o.used.plus(usage{done.CPUSeconds, flow.Stats{Commits: done.Commits, Lines: done.Lines,
		StockRows: done.StockRows, Redone: done.Redone}})
	return nil
}

func (b *bench) startWorker(ctx context.Context, order workOrder) (*worker, error) {
	program := b.options.Worker
	w := &worker{process: exec.CommandContext(ctx, program[0], program[1:]...)} //nolint:gosec // us
	w.process.Stderr = os.Stderr
	var err error
	if w.input, err = w.process.StdinPipe(); err != nil {
		return nil, err
	}
	output, err := w.process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	w.output = bufio.NewReader(output)
	if err := w.process.Start(); err != nil {
		return nil, err
	}
	if err := json.NewEncoder(w.input).Encode(order); err != nil {
		return nil, err
	}
	line, err := w.output.ReadString('\n')
	if err == nil && line != workerReady+"\n" {
		err = fmt.Errorf("a worker said %s", line)
	}
	return w, err
}

func (w *worker) result() (done workDone, err error) {
	if err := json.NewDecoder(w.output).Decode(&done); err != nil {
		return done, fmt.Errorf("a worker ended early: %w", err)
	}
	if done.Error != "" {
		return done, errors.New(done.Error)
	}
	return done, nil
}
