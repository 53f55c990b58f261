package stocktest

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"tierstock/model"
)

// The environment of a worker: the database, the warehouse, and what its orders are called. Only
// then is TestWorker one.
const (
	workerDatabase  = "TIERSTOCK_TEST_WORKER_DATABASE"
	workerWarehouse = "TIERSTOCK_TEST_WORKER_WAREHOUSE"
	workerName      = "TIERSTOCK_TEST_WORKER_NAME"
)

// What a worker says: when it is ready, and what came of its calls.
const (
	workerReady  = "ready"
	workerResult = "result "
)

const workerCallers, workerCalls = 8, 20

// TestWorker is the other process of TestTwoProcesses. It waits for a line, then reserves.
func TestWorker(t *testing.T) {
	if os.Getenv(workerDatabase) == "" {
		return
	}
	site := Site{t: t, Warehouse: os.Getenv(workerWarehouse)}
	s := site.another(t, Migrated(t, os.Getenv(workerDatabase)))
	report(t, workerReady)
	if _, err := bufio.NewReader(os.Stdin).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	var own, shared tally
	together(workerCallers, func(i int) {
		for j := range workerCalls {
			order := fmt.Sprintf("%s-%d-%d", os.Getenv(workerName), i, j)
			own.add(say(t, s.Allocation.Reserve, s.reserveLine(order, "1")))
			// And one that the other process asks for too.
			shared.add(say(t, s.Allocation.Reserve, s.reserveLine(fmt.Sprint("BOTH-", i, j), "2")))
		}
	})
	text, err := json.Marshal([]map[model.Code]int{own.codes, shared.codes})
	if err != nil {
		t.Fatal(err)
	}
	report(t, workerResult+string(text))
}

// report tells the parent a line.
func report(t *testing.T, line string) {
	t.Helper()
	if _, err := os.Stdout.WriteString(line + "\n"); err != nil {
		t.Fatal(err)
	}
}

// worker is a process that was started and is ready.
type worker struct {
	process *exec.Cmd
	input   io.Writer
	output  *bufio.Scanner
}

func startWorker(t *testing.T, url, warehouse, name string) *worker {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	w := &worker{process: exec.CommandContext(t.Context(), program, "-test.run=^TestWorker$")}
	w.process.Env = append(os.Environ(), workerDatabase+"="+url, workerWarehouse+"="+warehouse,
		workerName+"="+name)
	w.process.Stderr = os.Stderr
	if w.input, err = w.process.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	output, err := w.process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	w.output = bufio.NewScanner(output)
	if err := w.process.Start(); err != nil {
		t.Fatal(err)
	}
	w.read(t, workerReady)
	return w
}

// read reads up to a line that begins so, and gives the rest of it.
func (w *worker) read(t *testing.T, prefix string) string {
	t.Helper()
	var before strings.Builder
	for w.output.Scan() {
		if rest, found := strings.CutPrefix(w.output.Text(), prefix); found {
			return rest
		}
		before.WriteString(w.output.Text() + "\n")
	}
	t.Fatalf("a worker ended without %q: %s", prefix, before.String())
	return ""
}

// Two processes sell one SKU: no piece twice, and no key twice.
func TestTwoProcesses(t *testing.T) {
	for _, backend := range Backends(t) {
		t.Run(string(backend.Name), func(t *testing.T) {
			const calls = workerCallers * workerCalls
			url := backend.URL(t)
			s := New(t, Migrated(t, url))
			s.Receive("F1", "200").OK()
			s.Receive("B1", "300").OK()
			var workers []*worker
			for _, name := range []string{"ONE", "TWO"} {
				workers = append(workers, startWorker(t, url, s.Warehouse, name))
			}
			for _, worker := range workers {
				if _, err := fmt.Fprintln(worker.input, "go"); err != nil {
					t.Fatal(err)
				}
			}
			total := map[model.Code]int{}
			both := map[model.Code]int{}
			for _, worker := range workers {
				var codes []map[model.Code]int
				if err := json.Unmarshal([]byte(worker.read(t, workerResult)), &codes); err != nil {
					t.Fatal(err)
				}
				for code, count := range codes[0] {
					total[code] += count
				}
				for code, count := range codes[1] {
					both[code] += count
				}
				if err := worker.process.Wait(); err != nil {
					t.Error(err)
				}
			}
			t.Log(total, both)
			if total[model.Applied]+total[model.Insufficient] != 2*calls ||
				both[model.Replayed] > both[model.Applied] ||
				both[model.Applied]+both[model.Replayed]+both[model.Insufficient] != 2*calls {
				t.Errorf("codes %v and, of keys that both use, %v", total, both)
			}
			if sold := total[model.Applied] + 2*both[model.Applied]; sold < 499 || sold > 500 {
				t.Errorf("%d of 500 pieces were sold", sold)
			}
			s.Verify()
		})
	}
}
