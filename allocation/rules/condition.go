package rules

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/checker"
	"github.com/expr-lang/expr/compiler"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/optimizer"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/vm"

	"tierstock/allocation"
)

// Limits of a condition. It has no loops and no calls that build lists (see judge), so that its
// size bounds its time; the memory budget stands behind that.
const (
	conditionCharsMax = 2000
	conditionNodesMax = 500
	// memoryBudget is counted by package vm in values and bytes that an expression makes.
	memoryBudget = 10_000
)

// seen is what a condition sees of a demand. Numbers are int, since package expr looks numbers up
// in lists by that very type; qty is in millionths.
type seen struct {
	Warehouse        string `expr:"warehouse"`
	Owner            string `expr:"owner"`
	SKU              string `expr:"sku"`
	JobType          string `expr:"jobType"`
	OrderID          string `expr:"orderId"`
	LineID           string `expr:"lineId"`
	Channel          string `expr:"channel"`
	Priority         int    `expr:"priority"`
	Qty              int    `expr:"qty"`
	Pack             string `expr:"pack"`
	Batch            string `expr:"batch"`
	MinRemainingDays int    `expr:"minRemainingDays"`
	ShipComplete     bool   `expr:"shipComplete"`
}

// Attributes are the names that a condition may speak of, in the order in which they are taught.
var Attributes = []string{"warehouse", "owner", "sku", "jobType", "orderId", "lineId", "channel",
	"priority", qtyName, "pack", "batch", "minRemainingDays", "shipComplete"}

// qtyName is the attribute that is a quantity.
const qtyName = "qty"

// functions are what a condition may call: each takes a text and is done at once.
var functions = []string{"len", "lower", "upper"}

// condition is a compiled condition. It is safe for concurrent use.
type condition struct{ program *vm.Program }

// compile reads a condition. The error is in words for who wrote it, in one line.
func compile(text string) (made *condition, err error) {
	defer func() {
		if thrown := recover(); thrown != nil {
			made, err = nil, fmt.Errorf("cannot be read: %v", thrown)
		}
	}()
	if len([]rune(text)) > conditionCharsMax {
		return nil, fmt.Errorf("has more than %d characters", conditionCharsMax)
	}
	config := conf.New(seen{})
	config.MaxNodes = conditionNodesMax
	for name := range config.Builtins {
		if !slices.Contains(functions, name) {
			config.Disabled[name] = true
			delete(config.Builtins, name)
		}
	}
	tree, err := parser.ParseWithConfig(text, config)
	if err != nil {
		return nil, inOneLine(err)
	}
	judge := &judge{source: []rune(text)}
	if err := judge.truth(tree.Node); err != nil {
		return nil, err
	}
	if !judge.looks {
		return nil, errors.New("is the same for every demand")
	}
	kind, err := checker.Check(tree, config)
	if err != nil {
		return nil, inOneLine(err)
	}
	if kind.Kind().String() != "bool" {
		return nil, errors.New("is not true or false, such as qty >= 24")
	}
	if err := optimizer.Optimize(&tree.Node, config); err != nil {
		return nil, inOneLine(err)
	}
	if _, constant := tree.Node.(*ast.BoolNode); constant {
		return nil, errors.New("is the same for every demand")
	}
	program, err := compiler.Compile(tree, config)
	if err != nil {
		return nil, inOneLine(err)
	}
	return &condition{program}, nil
}

// see is a demand as conditions see it.
func see(demand allocation.Demand) any {
	return seen{Warehouse: demand.Warehouse, Owner: demand.Owner,
		SKU: demand.SKU, JobType: demand.JobType, OrderID: demand.OrderID, LineID: demand.LineID,
		Channel: demand.Channel, Priority: int(demand.Priority), Qty: int(demand.Qty),
		Pack: demand.Pack, Batch: demand.Batch, MinRemainingDays: demand.MinRemainingDays,
		ShipComplete: demand.ShipComplete}
}

// holds says whether the condition is true of a demand, as see gives it. Whatever happens in there,
// a panic too, is an error of this demand.
func (c *condition) holds(demand any) (holds bool, err error) {
	defer func() {
		if thrown := recover(); thrown != nil {
			holds, err = false, fmt.Errorf("the condition failed: %v", thrown)
		}
	}()
	machine := vm.VM{MemoryBudget: memoryBudget}
	answer, err := machine.Run(c.program, demand)
	if err != nil {
		return false, fmt.Errorf("the condition failed: %w", inOneLine(err))
	}
	holds, isBool := answer.(bool)
	if !isBool {
		return false, fmt.Errorf("the condition is %v, which is neither true nor false", answer)
	}
	return holds, nil
}

// inOneLine leaves out the picture that package expr draws of where an error is, and says the
// column.
func inOneLine(err error) error {
	known, ok := errors.AsType[*file.Error](err)
	if !ok {
		return errors.New(strings.Join(strings.Fields(err.Error()), " "))
	}
	message := strings.Join(strings.Fields(known.Message), " ")
	if known.Line > 1 {
		return fmt.Errorf("%s (line %d, column %d of the condition)", message, known.Line,
			known.Column+1)
	}
	return fmt.Errorf("%s (column %d of the condition)", message, known.Column+1)
}
