package graphql

import (
	"slices"
	"strings"

	gql "github.com/graphql-go/graphql"
	"github.com/graphql-go/graphql/language/ast"
)

// How many values a list is expected to hold where no argument says it. Those of introspection
// let the usual tools' query pass and stop one that goes round in it.
const (
	listGuess       = 3
	candidatesGuess = 10
	// warehousesGuess is also for rule sets, their rules, and what is wrong with them.
	warehousesGuess = 20
	typesGuess      = 100
	fieldsGuess     = 7
	metaGuess       = 2
)

// expandedMax bounds a document with its fragments written out, before anything is known of its
// types: thirty fragments of two spreads each would be a thousand million fields.
const expandedMax = 4 * documentTokensMax

// checkShape counts what can be counted without the schema, so that validation, which compares
// fields in pairs, only sees documents of a sane size.
func (d *document) checkShape() *problem {
	shape := &shape{document: d, isMutation: d.operation.Operation == ast.OperationTypeMutation}
	for _, fragment := range d.fragments {
		shape.countAliases(fragment.SelectionSet)
	}
	shape.countAliases(d.operation.SelectionSet)
	shape.expand(d.operation.SelectionSet, true)
	switch {
	case shape.cycle:
		return refuse(codeBadRequest, "a fragment uses itself")
	case shape.expanded > expandedMax:
		return refuse(codeTooCostly, "the document has more than %d fields when its fragments "+
			"are written out", expandedMax)
	case shape.aliases > aliasesMax:
		return refuse(codeTooCostly, "the document has more than %d aliases", aliasesMax)
	case shape.calls > mutationFieldsMax && shape.isMutation:
		return refuse(codeTooCostly, "a mutation has at most %d fields; put lines into one call",
			mutationFieldsMax)
	}
	return nil
}

type shape struct {
	document   *document
	isMutation bool
	cycle      bool
	open       []string // fragments that are being written out
	expanded   int
	aliases    int
	calls      int
}

func (s *shape) countAliases(set *ast.SelectionSet) {
	if set == nil {
		return
	}
	for _, selection := range set.Selections {
		if field, ok := selection.(*ast.Field); ok && field.Alias != nil {
			s.aliases++
		}
		s.countAliases(selection.GetSelectionSet())
	}
}

func (s *shape) expand(set *ast.SelectionSet, top bool) {
	if set == nil {
		return
	}
	for _, selection := range set.Selections {
		if s.expanded++; s.expanded > expandedMax || s.cycle {
			return
		}
		switch node := selection.(type) {
		case *ast.Field:
			if top && !strings.HasPrefix(node.Name.Value, "__") {
				s.calls++
			}
			s.expand(node.SelectionSet, false)
		case *ast.InlineFragment:
			s.expand(node.SelectionSet, top)
		case *ast.FragmentSpread:
			name := node.Name.Value
			if s.cycle = s.cycle || slices.Contains(s.open, name); s.cycle {
				return
			}
			if fragment := s.document.fragments[name]; fragment != nil {
				s.open = append(s.open, name)
				s.expand(fragment.SelectionSet, top)
				s.open = s.open[:len(s.open)-1]
			}
		}
	}
}

// checkCost estimates how many values the answer will hold, before anything is executed. It goes
// by what was read of the arguments: pages by their size, calls by their lines.
func (d *document) checkCost(schema *gql.Schema, read map[ast.Node]values) *problem {
	root := schema.QueryType()
	if d.operation.Operation == ast.OperationTypeMutation {
		root = schema.MutationType()
	}
	estimate := &estimate{document: d, read: read}
	if cost := estimate.selections(root, d.operation.SelectionSet, 1, 1); cost > costMax {
		return refuse(codeTooCostly, "the answer could hold more than %d values; ask for fewer "+
			"fields, smaller pages or fewer lines", costMax)
	}
	return nil
}

type estimate struct {
	document *document
	read     map[ast.Node]values
	// perOrder is how many lines an order of the wave has, on average.
	perOrder int
}

// selections is the cost of one selection set, which is answered so many times. rows is the size
// of the page, or of the call, that the set belongs to. The estimate ends early once it is over
// the limit.
func (e *estimate) selections(parent *gql.Object, set *ast.SelectionSet, times, rows int) int {
	if set == nil {
		return 0
	}
	if times > costMax {
		return times
	}
	cost := 0
	for _, selection := range set.Selections {
		switch node := selection.(type) {
		case *ast.Field:
			cost += e.field(parent, node, times, rows)
		case *ast.InlineFragment:
			cost += e.selections(parent, node.SelectionSet, times, rows)
		case *ast.FragmentSpread:
			fragment := e.document.fragments[node.Name.Value]
			cost += e.selections(parent, fragment.SelectionSet, times, rows)
		}
		if cost > costMax {
			return cost
		}
	}
	return cost
}

func (e *estimate) field(parent *gql.Object, node *ast.Field, times, rows int) int {
	definition, _ := fieldOf(parent, node.Name.Value)
	child, ok := gql.GetNamed(definition.Type).(*gql.Object)
	if !ok {
		return times
	}
	args := e.read[node]
	if lines := args.list("lines"); len(lines) > 0 {
		rows = len(lines)
	}
	if orders := args.list("orders"); len(orders) > 0 {
		lines := 0
		for _, order := range orders {
			lines += len(order.(values).list("lines"))
		}
		rows, e.perOrder = len(orders), (lines+len(orders)-1)/len(orders)
	}
	if first, ok := args["first"].(int); ok {
		rows = first
	}
	size := 1
	if isList(definition.Type) {
		size = listSize(parent, node.Name.Value, rows)
		if ofOrders[parent.Name()+"."+node.Name.Value] {
			size = e.perOrder
		}
		if child.Name() == "WarehouseLook" {
			size = warehousesGuess
		}
	}
	return times + e.selections(child, node.SelectionSet, times*size, rows)
}

// ofOrders are the lists with as many entries as an order of the call has lines.
var ofOrders = map[string]bool{"OrderResult.lines": true, "OrderResult.tasks": true,
	"OrderSourcing.lines": true, "SourcedOrder.lines": true, "SourcingPart.lines": true,
	"SourcedPart.lines": true, "SourcedPart.tasks": true}

func isList(kind gql.Type) bool {
	if required, ok := kind.(*gql.NonNull); ok {
		kind = required.OfType
	}
	_, ok := kind.(*gql.List)
	return ok
}

// listSize is how many objects a list is expected to have.
func listSize(parent *gql.Object, name string, rows int) int {
	switch name {
	case "edges", "results", "bins", "orders":
		return rows
	case "explanation":
		return candidatesGuess
	case "warehouses", "sets", "rules", "problems":
		return warehousesGuess
	case "types":
		return typesGuess
	case "fields":
		return fieldsGuess
	}
	if strings.HasPrefix(parent.Name(), "__") {
		return metaGuess
	}
	return listGuess
}
