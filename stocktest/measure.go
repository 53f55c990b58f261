package stocktest

import (
	"runtime"
	"syscall"
	"testing"
	"time"

	"tierstock/flow"
)

// PerLine runs calls of that many lines for as long as the benchmark goes on, and reports what a
// line costs this process: allocations, bytes and CPU time. The database's own share is not in it.
func PerLine(b *testing.B, lines int, call func()) {
	b.Helper()
	call() // what is made once is not a line's
	allocations, bytes, used := spent()
	calls := 0
	for b.Loop() {
		call()
		calls++
	}
	allocationsNow, bytesNow, usedNow := spent()
	count := float64(calls * lines)
	b.ReportMetric(float64(allocationsNow-allocations)/count, "allocs/line")
	b.ReportMetric(float64(bytesNow-bytes)/count, "B/line")
	b.ReportMetric(float64((usedNow-used).Nanoseconds())/1000/count, "cpu-us/line")
	b.ReportMetric(count/b.Elapsed().Seconds(), "lines/s")
}

// spent is what this process has allocated and computed so far.
func spent() (allocations, bytes uint64, used time.Duration) {
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err == nil {
		used = time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
	}
	return memory.Mallocs, memory.TotalAlloc, used
}

// MustApply makes a call all of whose lines must have had their effect, now or before.
func MustApply[L any](b *testing.B, verb Verb[L], lines []L) {
	b.Helper()
	results, err := verb(b.Context(), flow.Mode{Actor: "benchmark"}, lines)
	if err != nil {
		b.Fatal(err)
	}
	for _, result := range results {
		if !result.Code.Succeeded() {
			b.Fatal(result.Code, result.Message)
		}
	}
}
