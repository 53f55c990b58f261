package bench

import (
	"cmp"
	"fmt"
	"slices"
)

// placeNames puts each name at the right of the chart, as near to the height where its curve ends
// as the other names allow, and leads from the one to the other.
func placeNames(curves []curve, byName map[string][]Cell, m measure, x, y logAxis) {
	ends := make([]float64, len(curves))
	for i, c := range curves {
		cells := byName[c.Name]
		ends[i] = y.down(m.value(cells[len(cells)-1]))
	}
	for i, at := range apart(ends, nameStep, chartHeight) {
		cells := byName[curves[i].Name]
		from := x.at(float64(cells[len(cells)-1].Callers))
		curves[i].NameY = length(at)
		curves[i].Leader = fmt.Sprintf("M%s %s L%s %s", length(from), length(ends[i]),
			length(chartWidth+nameGap-3), length(at))
	}
}

// block is some names that stand step apart round their middle.
type block struct {
	middle float64
	size   int
}

// apart moves heights as little as it takes to keep them step apart and above bottom: neighbours
// that are too near become one block, which shares the difference.
func apart(wanted []float64, step, bottom float64) []float64 {
	order := make([]int, len(wanted))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(wanted[a], wanted[b]) })
	var blocks []block
	for _, i := range order {
		blocks = stacked(blocks, block{middle: wanted[i], size: 1}, step, bottom)
	}
	placed, next := make([]float64, len(wanted)), 0
	for _, b := range blocks {
		for i := range b.size {
			placed[order[next]] = b.middle + step*(float64(i)-float64(b.size-1)/2)
			next++
		}
	}
	return placed
}

// stacked puts a block below the others, and joins it with those that it would cover.
func stacked(blocks []block, last block, step, bottom float64) []block {
	for len(blocks) > 0 {
		above := blocks[len(blocks)-1]
		size := above.size + last.size
		if last.middle-above.middle >= step*float64(size)/2 {
			break
		}
		middle := (above.middle*float64(above.size) + last.middle*float64(last.size)) /
			float64(size)
		half := step * float64(size-1) / 2
		last = block{middle: max(half, min(middle, bottom-half)), size: size}
		blocks = blocks[:len(blocks)-1]
	}
	return append(blocks, last)
}
