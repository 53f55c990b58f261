package stocktest

import (
	"fmt"
	"testing"

	"tierstock/model"
)

// A release finds something to give back or finds that it is over, and keeps its key in another
// table then: still one key has one effect.
func TestOneKeyWithAndWithoutLegs(t *testing.T) {
	eachPair(t, func(t *testing.T, pair [2]*Site) {
		pair[0].Receive("F1", "20").OK()
		for round := range 20 {
			name := fmt.Sprint("HELD", round)
			pair[0].Reserve(name, "1").OK()
			var got tally
			together(8, func(i int) {
				got.add(say(t, pair[i%2].Tier2.Release, model.ReleaseLine{
					Key: Line(fmt.Sprint("RACE", round)), Warehouse: pair[i%2].Warehouse,
					Reservation: new(Line(name))}))
			})
			got.is(t, map[model.Code]int{model.Applied: 1, model.Replayed: 7})
		}
	})
}

// Effects that share no row but their key meet at nothing else.
func TestOneKeyWithAndWithoutRows(t *testing.T) {
	eachPair(t, func(t *testing.T, pair [2]*Site) {
		pair[0].Receive("F1", "200").OK()
		kinds := [2]model.ExceptionKind{model.OtherException, model.Overage}
		for round := range 40 {
			var got tally
			together(8, func(i int) {
				s := pair[i%2]
				got.add(say(t, s.Tier3.Report, model.ExceptionLine{At: s.InBin("F1"),
					Key:  model.TaskKey{JobType: "FLOOR", TaskID: fmt.Sprint("RACE", round)},
					Kind: kinds[i%2]}))
			})
			got.is(t, map[model.Code]int{model.Applied: 1, model.Replayed: 3,
				model.KeyConflict: 4})
		}
	})
}
