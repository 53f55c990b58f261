package sourcing

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"tierstock/flow"
	"tierstock/master"
	"tierstock/model"
)

// Order is an order that names no warehouse: its Warehouse is "".
type Order struct {
	model.Order
	Options
}

// task is an order that is being sourced.
type task struct {
	order *Order
	lines []lineState
	// refusal is about the order as a whole, nil for none.
	refusal *model.Refusal
	// serving are the warehouses that hold something for it.
	serving []string
}

// lineState is how far a line is.
type lineState struct {
	refusal *model.Refusal
	pack    string
	// held is what is reserved for it, in all warehouses.
	held model.Quantity
	// not are the warehouses where its key is used or where it got nothing.
	not map[string]bool
}

// left is what is still to be served of a line.
func (t *task) left(line int) model.Quantity {
	if t.isRefused(line) {
		return 0
	}
	return max(0, t.order.Lines[line].Qty-t.lines[line].held)
}

func (t *task) isRefused(line int) bool { return t.refusal != nil || t.lines[line].refusal != nil }

// isWhole says whether every line is served.
func (t *task) isWhole() bool {
	for line := range t.lines {
		if t.isRefused(line) || t.left(line) > 0 {
			return false
		}
	}
	return true
}

// wants says whether anything is still to be served.
func (t *task) wants() bool {
	for line := range t.lines {
		if t.left(line) > 0 {
			return true
		}
	}
	return false
}

// demand is what is left of the order, and the lines' numbers in it.
func (t *task) demand() (demand Demand, numbers []int) {
	demand = Demand{Whole: t.order.ShipComplete, Options: t.order.Options, Serving: t.serving}
	for i := range t.lines {
		qty := t.left(i)
		if qty == 0 {
			continue
		}
		line := &t.order.Lines[i]
		demand.Lines = append(demand.Lines, Want{Qty: qty, Batch: line.Batch, Pack: t.lines[i].pack,
			Item:             model.Item{Owner: t.order.Owner, SKU: line.SKU},
			MinRemainingDays: line.MinRemainingDays, Not: t.lines[i].not})
		numbers = append(numbers, i)
	}
	return demand, numbers
}

// exclude keeps a line from being tried in a warehouse again.
func (s *lineState) exclude(warehouse string) {
	if s.not == nil {
		s.not = map[string]bool{}
	}
	s.not[warehouse] = true
}

// tasksOf checks orders against the masters, before any stock is looked at.
func tasksOf(orders []Order, skus map[string]model.SKU, warehouses map[string]model.Warehouse,
) []*task {
	tasks := make([]*task, len(orders))
	times := map[[2]string]int{}
	for i := range orders {
		times[[2]string{orders[i].JobType, orders[i].OrderID}]++
	}
	for i := range orders {
		order := &orders[i]
		task := &task{order: order, lines: make([]lineState, len(order.Lines))}
		tasks[i] = task
		if times[[2]string{order.JobType, order.OrderID}] > 1 {
			task.refuse(flow.Refuse(model.Invalid, "orderId", "is named by two orders of this call"))
			continue
		}
		task.refuse(order.check(warehouses))
		task.checkLines(skus)
	}
	return tasks
}

func (t *task) refuse(err error) {
	if err != nil && t.refusal == nil {
		t.refusal = refusalOf(err)
	}
}

// refusalOf is the refusal that a check gave, nil for none.
func refusalOf(err error) *model.Refusal {
	refusal, _ := errors.AsType[*model.Refusal](err)
	return refusal
}

func (o *Order) check(warehouses map[string]model.Warehouse) error {
	for i, code := range o.Allowed {
		if _, known := warehouses[code]; !known {
			return flow.Refuse(model.NotFound, fmt.Sprintf("warehouses[%d]", i),
				"there is no warehouse "+code)
		}
	}
	if o.MaxSplits != nil && *o.MaxSplits < 0 {
		return flow.Refuse(model.Invalid, "maxSplits",
			fmt.Sprintf("%d is negative; 0 is one warehouse only", *o.MaxSplits))
	}
	if o.Destination != nil {
		wrong := refusalOf(master.CheckPlace(o.Destination.Latitude, o.Destination.Longitude))
		if wrong != nil {
			return flow.Refuse(wrong.Code, "destination."+wrong.Field, wrong.Message)
		}
	}
	return nil
}

// checkLines refuses lines that no warehouse could serve. An order that ships complete falls with
// any of them.
func (t *task) checkLines(skus map[string]model.SKU) {
	times := map[model.LineKey]int{}
	for i := range t.order.Lines {
		times[t.order.Key(&t.order.Lines[i])]++
	}
	for i := range t.order.Lines {
		line, state := &t.order.Lines[i], &t.lines[i]
		var err error
		state.pack, err = checkLine(line, skus)
		if times[t.order.Key(line)] > 1 {
			err = flow.Refuse(model.Invalid, "lineId", "is named by two lines of this order")
		}
		if state.refusal = refusalOf(err); state.refusal != nil && t.order.ShipComplete {
			t.refuse(flow.Refuse(state.refusal.Code, fmt.Sprintf("lines[%d].%s", i,
				state.refusal.Field), state.refusal.Message))
		}
	}
}

func checkLine(line *model.OrderLine, skus map[string]model.SKU) (pack string, err error) {
	sku, known := skus[line.SKU]
	if !known {
		return "", flow.Refuse(model.NotFound, "sku", "there is no SKU "+line.SKU)
	}
	if err := flow.CheckQty("qty", sku, line.Qty); err != nil {
		return "", err
	}
	if line.MinRemainingDays < 0 {
		return "", flow.Refuse(model.Invalid, "minRemainingDays",
			fmt.Sprintf("%d is negative", line.MinRemainingDays))
	}
	return flow.NormalPack("pack", sku, line.Pack)
}

// turns are the tasks in the order in which they are served: by priority, then as they were given.
func turns(tasks []*task) []*task {
	sorted := slices.Clone(tasks)
	slices.SortStableFunc(sorted, func(one, other *task) int {
		return cmp.Compare(other.order.Priority, one.order.Priority)
	})
	return sorted
}
