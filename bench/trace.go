package bench

import (
	"math"
	"sort"
	"strconv"

	"tierstock/model"
)

// repeatsPercent of the lines of Replay carry a key that was used before. Of those some carry
// changedPercent other content, which is refused, and freshPercent are of the last freshWindow
// lines, whose first use may still be under way.
const (
	repeatsPercent = 30
	changedPercent = 10
	freshPercent   = 50
	freshWindow    = 500
)

// zipfTheta is how uneven Zipf is: YCSB's usual figure, where the first of 10,000 rows gets one
// line in ten.
const zipfTheta = 0.99

// zipfStride is a prime, so that each rank gets a row of its own.
const zipfStride = 7919

// line is one line of the trace.
type line struct {
	number int64 // names its key
	row    int   // among the site's
	pieces int64
	repeat bool
}

// order is the order number of the line: of one length, and rising, as order numbers are.
func (l line) order() string { return string(l.appendOrder(make([]byte, 0, orderDigits+1))) }

// orderDigits is the length of an order's number.
const orderDigits = 12

func (l line) appendOrder(to []byte) []byte {
	var digits [20]byte
	written := strconv.AppendInt(digits[:0], l.number, 10)
	to = append(to, 'O')
	for range orderDigits - len(written) {
		to = append(to, '0')
	}
	return append(to, written...)
}

func (l line) qty() model.Quantity { return model.Whole(l.pieces) }

// trace says what each line asks. It depends on the seed and on the line's number alone, so that
// every contender gets the same lines, whatever order they come in.
type trace struct {
	seed    uint64
	rows    int
	zipf    []float64 // the rows' shares, summed up; nil where all are alike
	repeats bool
}

func newTrace(seed uint64, rows int, workload string) *trace {
	t := &trace{seed: seed, rows: rows, repeats: workload == Replay}
	if workload != Zipf {
		return t
	}
	sum := 0.0
	for rank := range rows {
		sum += 1 / math.Pow(float64(rank+1), zipfTheta)
		t.zipf = append(t.zipf, sum)
	}
	return t
}

// line is the line of that number, from 0.
func (t *trace) line(number int64) line {
	drawn := t.draw(number)
	if t.repeats && number > 0 && t.isRepeat(number) {
		return t.repeated(number, drawn)
	}
	return t.first(number, drawn)
}

func (t *trace) first(number int64, drawn uint64) line {
	return line{number: number, row: t.row(drawn), pieces: 1}
}

// repeated is the line whose number is asked again.
func (t *trace) repeated(number int64, drawn uint64) line {
	back := 1 + int64(drawn>>8)%number
	if drawn%100 < freshPercent {
		back = 1 + int64(drawn>>8)%min(freshWindow, number)
	}
	earlier := number - back
	for earlier > 0 && t.isRepeat(earlier) {
		earlier--
	}
	again := t.first(earlier, t.draw(earlier))
	again.repeat = true
	if drawn>>40%100 < changedPercent {
		again.pieces++
	}
	return again
}

func (t *trace) isRepeat(number int64) bool {
	return mix(t.draw(number))%100 < repeatsPercent
}

// row spreads the ranks of a zipf over the rows, so that hot rows are no neighbours.
func (t *trace) row(drawn uint64) int {
	if t.zipf == nil {
		return int((drawn >> 16) % uint64(t.rows))
	}
	share := float64(drawn>>11) / (1 << 53) * t.zipf[len(t.zipf)-1]
	rank := min(sort.SearchFloat64s(t.zipf, share), t.rows-1)
	return rank * zipfStride % t.rows
}

func (t *trace) draw(number int64) uint64 { return mix(t.seed<<32 ^ mix(uint64(number))) }

// mix is the finaliser of splitmix64: a number that looks drawn, the same for the same number.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
