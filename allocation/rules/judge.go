package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"

	"tierstock/model"
)

// judge walks through a condition before it is compiled. It lets pass only what takes bounded time,
// and writes the numbers that stand beside a quantity in millionths, exactly as they were written:
// package expr itself would read 0.1 as a float.
type judge struct {
	source []rune
	// looks: some attribute of the demand is looked at.
	looks bool
}

var (
	connects = []string{"and", "&&", "or", "||"}
	compares = []string{"==", "!=", "<", "<=", ">", ">="}
	ofTexts  = []string{"matches", "contains", "startsWith", "endsWith"}
	sums     = []string{"+", "-", "%"}
)

// truth judges whatever may stand in a condition, but for a quantity that is not compared.
func (j *judge) truth(node ast.Node) error {
	switch node := node.(type) {
	case *ast.IdentifierNode:
		return j.name(node)
	case *ast.BoolNode, *ast.StringNode, *ast.IntegerNode:
		return nil
	case *ast.FloatNode:
		return fmt.Errorf("%s: only qty has fractions", j.written(node))
	case *ast.UnaryNode:
		return j.truth(node.Node)
	case *ast.ArrayNode:
		return j.all(node.Nodes...)
	case *ast.BuiltinNode:
		return j.all(node.Arguments...)
	case *ast.CallNode:
		return fmt.Errorf("%s cannot be called; there are the functions %s", node.Callee,
			strings.Join(functions, ", "))
	case *ast.ConditionalNode:
		return j.all(node.Cond, node.Exp1, node.Exp2)
	case *ast.BinaryNode:
		return j.binary(node)
	case *ast.PredicateNode, *ast.PointerNode, *ast.VariableDeclaratorNode, *ast.SequenceNode:
		return fmt.Errorf("loops and variables cannot be written here")
	}
	return fmt.Errorf("%s cannot be written here", node)
}

func (j *judge) all(nodes ...ast.Node) error {
	for _, node := range nodes {
		if err := j.truth(node); err != nil {
			return err
		}
	}
	return nil
}

func (j *judge) name(node *ast.IdentifierNode) error {
	j.looks = true
	switch {
	case node.Value == qtyName:
		return fmt.Errorf("qty can only be compared, such as qty >= 24 or qty %% 12 == 0")
	case !slices.Contains(Attributes, node.Value):
		return fmt.Errorf("there is no attribute %s; there are %s", node.Value,
			strings.Join(Attributes, ", "))
	}
	return nil
}

func (j *judge) binary(node *ast.BinaryNode) error {
	sides := []ast.Node{node.Left, node.Right}
	array, isArray := node.Right.(*ast.ArrayNode)
	_, isText := node.Right.(*ast.StringNode)
	switch operator := node.Operator; {
	case operator == "in" && !isArray:
		return fmt.Errorf("in needs a list, such as channel in [\"WEB\", \"SHOP\"]")
	case operator == "in" && isQuantity(node.Left):
		return j.quantityIn(node, array)
	case operator == "matches" && !isText:
		return fmt.Errorf("matches needs a pattern in quotes")
	case slices.Contains(compares, operator) && slices.ContainsFunc(sides, isQuantity):
		return j.quantities(&node.Left, &node.Right)
	case operator == "in", slices.Contains(compares, operator),
		slices.Contains(connects, operator), slices.Contains(ofTexts, operator),
		slices.Contains(sums, operator):
		return j.all(sides...)
	case operator == "..":
		return fmt.Errorf("ranges cannot be written here; write priority >= 1 and priority <= 5")
	default:
		return fmt.Errorf("the operator %s cannot be written here", operator)
	}
}

func (j *judge) quantityIn(node *ast.BinaryNode, list *ast.ArrayNode) error {
	err := j.quantity(&node.Left)
	for i := range list.Nodes {
		if err == nil {
			err = j.quantity(&list.Nodes[i])
		}
	}
	return err
}

// isQuantity says whether an expression speaks of a quantity.
func isQuantity(node ast.Node) bool {
	switch node := node.(type) {
	case *ast.IdentifierNode:
		return node.Value == qtyName
	case *ast.UnaryNode:
		return isQuantity(node.Node)
	case *ast.BinaryNode:
		return slices.Contains(sums, node.Operator) && (isQuantity(node.Left) ||
			isQuantity(node.Right))
	}
	return false
}

// quantity judges an expression that is a quantity, and writes its numbers in millionths.
func (j *judge) quantity(at *ast.Node) error {
	switch node := (*at).(type) {
	case *ast.IdentifierNode:
		if node.Value == qtyName {
			j.looks = true
			return nil
		}
	case *ast.UnaryNode:
		if node.Operator == "-" || node.Operator == "+" {
			return j.quantity(&node.Node)
		}
	case *ast.BinaryNode:
		if slices.Contains(sums, node.Operator) {
			return j.quantities(&node.Left, &node.Right)
		}
	case *ast.IntegerNode, *ast.FloatNode:
		qty, err := model.ParseQuantity(j.written(node))
		if err != nil {
			return fmt.Errorf("qty is compared with a quantity: %w", err)
		}
		*at = &ast.IntegerNode{Value: int(qty)}
		return nil
	}
	return fmt.Errorf("qty is a quantity, and %s is none; compare it with a number", *at)
}

func (j *judge) quantities(nodes ...*ast.Node) error {
	for _, at := range nodes {
		if err := j.quantity(at); err != nil {
			return err
		}
	}
	return nil
}

// written is a number as it was written.
func (j *judge) written(node ast.Node) string {
	from := min(node.Location().From, len(j.source))
	to := from
	for to < len(j.source) && strings.ContainsRune("0123456789._abcdefABCDEFxXoOpP", j.source[to]) {
		to++
	}
	return string(j.source[from:to])
}
