package master

import (
	"fmt"
	"testing"
)

func TestAShelfIsBounded(t *testing.T) {
	var shelf shelf[int]
	for i := range 25 {
		shelf.add(map[string]*int{fmt.Sprint(i): &i}, 10)
		if len(shelf.rows) > 10 {
			t.Fatalf("%d rows on a shelf for 10", len(shelf.rows))
		}
		if got, ok := shelf.get(fmt.Sprint(i)); !ok || got != i {
			t.Fatalf("the row just added is %d, %v", got, ok)
		}
	}
}
