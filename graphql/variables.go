package graphql

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	gql "github.com/graphql-go/graphql"
	"github.com/graphql-go/graphql/language/ast"
)

// check reads the arguments of one request against the schema, strictly, and collects what is
// wrong with them.
type check struct {
	inputs    inputFields
	variables map[string]any
	defaults  map[string]ast.Value
	call      string // whose arguments are being read
	refusals  []*problem
}

// inputFields are the fields of every input type, sorted, so that what is wrong with a request is
// always told in the same order.
type inputFields map[*gql.InputObject][]*gql.InputObjectField

func inputFieldsOf(schema *gql.Schema) inputFields {
	inputs := inputFields{}
	for _, kind := range schema.TypeMap() {
		if input, ok := kind.(*gql.InputObject); ok {
			inputs[input] = slices.SortedFunc(maps.Values(input.Fields()), byName)
		}
	}
	return inputs
}

func byName[T interface{ Name() string }](one, other T) int {
	return strings.Compare(one.Name(), other.Name())
}

// readArguments reads the arguments of every field and directive of the document. Null is the
// same as leaving out, as it is everywhere in the contract.
func (d *document) readArguments(inputs inputFields, variables map[string]any) (
	map[ast.Node]values, []*problem) {
	check := &check{inputs: inputs, variables: variables, defaults: map[string]ast.Value{}}
	for _, definition := range d.variables {
		name := definition.Variable.Name.Value
		_, required := definition.Type.(*ast.NonNull)
		value, given := variables[name]
		if required && value == nil && (given || definition.DefaultValue == nil) {
			check.refusef(&path{name: "$" + name}, codeBadRequest, "is required")
		}
		check.defaults[name] = definition.DefaultValue
	}
	if check.refusals != nil {
		return nil, check.refusals
	}
	read := make(map[ast.Node]values, len(d.calls))
	for _, call := range d.calls {
		check.call = call.name
		read[call.key] = check.arguments(call)
	}
	return read, check.refusals
}

// passedVariables are the values that graphql-go needs itself; they have been checked.
func (d *document) passedVariables(variables map[string]any) map[string]any {
	passed := map[string]any{}
	for _, definition := range d.operation.VariableDefinitions {
		name := definition.Variable.Name.Value
		if value, given := variables[name]; given {
			passed[name] = value
		} else {
			passed[name] = plain(definition.DefaultValue, nil)
		}
	}
	return passed
}

func (c *check) arguments(call call) values {
	given := map[string]ast.Value{}
	for _, argument := range call.given {
		given[argument.Name.Value] = argument.Value
	}
	read := values{}
	for _, argument := range call.definition {
		name := argument.Name()
		at := &path{name: name}
		value := c.value(at, argument.Type, c.orDefault(plain(given[name], c),
			argument.DefaultValue))
		if value != nil {
			read[name] = value
		}
		if first, ok := value.(int); ok && name == "first" && (first < 1 || first > pageRowsMax) {
			c.refusef(at, codeBadRequest, "must be 1 to %d", pageRowsMax)
		}
	}
	return read
}

// orDefault is the value, or the schema's default in the shape of a given one.
func (c *check) orDefault(value, byDefault any) any {
	if value != nil {
		return value
	}
	if number, ok := byDefault.(int); ok {
		return json.Number(strconv.Itoa(number))
	}
	return byDefault
}

// value reads one value of an input type: nil where it was left out.
func (c *check) value(at *path, kind gql.Type, value any) any {
	if required, ok := kind.(*gql.NonNull); ok {
		if value == nil {
			c.refusef(at, codeBadRequest, "is required")
			return nil
		}
		return c.value(at, required.OfType, value)
	}
	if value == nil {
		return nil
	}
	switch kind := kind.(type) {
	case *gql.List:
		return c.list(at, kind, value)
	case *gql.InputObject:
		return c.object(at, kind, value)
	case *gql.Enum:
		return c.enum(at, kind, value)
	}
	read, wrong := readers[kind.Name()](value)
	if wrong != "" {
		c.refusef(at, codeBadRequest, "%s", wrong)
	}
	return read
}

// list takes a single value as a list of one, as GraphQL says.
func (c *check) list(at *path, kind *gql.List, value any) any {
	items, ok := value.([]any)
	if !ok {
		items = []any{value}
	}
	if most := at.linesMax(); most > 0 {
		if len(items) == 0 {
			c.refusef(at, codeBadRequest, "must be at least one")
		}
		if len(items) > most {
			c.refusef(at, codeTooManyLines, "are more than the %d of one call", most)
			return nil
		}
	} else if len(items) > listValuesMax {
		c.refusef(at, codeBadRequest, "has more than %d values", listValuesMax)
		return nil
	}
	read := make([]any, len(items))
	for i, item := range items {
		read[i] = c.value(&path{up: at, index: i}, kind.OfType, item)
		if len(c.refusals) >= refusalsMax {
			break
		}
	}
	return read
}

func (c *check) object(at *path, kind *gql.InputObject, value any) any {
	given, ok := value.(map[string]any)
	if !ok {
		c.refusef(at, codeBadRequest, "must be an object, not %s", shapeOf(value))
		return nil
	}
	known := 0
	read := make(values, len(given))
	for _, field := range c.inputs[kind] {
		name := field.PrivateName
		value, isGiven := given[name]
		if isGiven {
			known++
		}
		value = c.value(&path{up: at, name: name}, field.Type, c.orDefault(value,
			field.DefaultValue))
		if value != nil {
			read[name] = value
		}
	}
	if known < len(given) {
		c.refuseUnknown(at, kind, given)
	}
	return read
}

func (c *check) refuseUnknown(at *path, kind *gql.InputObject, given map[string]any) {
	fields := kind.Fields()
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if fields[name] == nil {
			c.refusef(at, codeBadRequest, "%s has no field %.40q", kind.Name(), name)
		}
	}
}

func (c *check) enum(at *path, kind *gql.Enum, value any) any {
	name, ok := value.(string)
	if bare, isBare := value.(enumName); isBare {
		name, ok = string(bare), true
	}
	if read := kind.ParseValue(name); ok && read != nil {
		return read
	}
	var names []string
	for _, known := range kind.Values() {
		names = append(names, known.Name)
	}
	slices.Sort(names)
	c.refusef(at, codeBadRequest, "must be one of %v", names)
	return nil
}

func (c *check) refusef(at *path, code, format string, values ...any) {
	refusal := refuseField(code, at.String(), format, values...)
	refusal.call = c.call
	c.refusals = append(c.refusals, refusal)
}

// plain is a literal in the shapes that JSON decoding gives, with variables filled in.
func plain(literal ast.Value, c *check) any {
	switch literal := literal.(type) {
	case *ast.Variable:
		return c.variable(literal.Name.Value)
	case *ast.StringValue:
		return quoted(literal.Value)
	case *ast.BooleanValue:
		return literal.Value
	case *ast.IntValue:
		return json.Number(literal.Value)
	case *ast.FloatValue:
		return json.Number(literal.Value)
	case *ast.EnumValue:
		if literal.Value == nullName {
			return nil
		}
		return enumName(literal.Value)
	case *ast.ListValue:
		items := make([]any, len(literal.Values))
		for i, item := range literal.Values {
			items[i] = plain(item, c)
		}
		return items
	case *ast.ObjectValue:
		fields := make(map[string]any, len(literal.Fields))
		for _, field := range literal.Fields {
			fields[field.Name.Value] = plain(field.Value, c)
		}
		return fields
	}
	return nil
}

// variable is a variable's value; one that was not given has its default.
func (c *check) variable(name string) any {
	if c == nil {
		return nil
	}
	if value, given := c.variables[name]; given {
		return value
	}
	return plain(c.defaults[name], nil)
}

// linesMax is how many a list of lines, or of a wave's orders, may be; 0 for any other list.
func (p *path) linesMax() int {
	switch {
	case p.up == nil && p.name == "lines":
		return linesMax
	case p.up == nil && p.name == "orders":
		return ordersMax
	case p.name == "lines":
		return waveLinesMax
	}
	return 0
}

// path says where a value stands; it becomes text only where something is wrong.
type path struct {
	up    *path
	name  string
	index int // where name is ""
}

func (p *path) String() string {
	switch {
	case p.up == nil:
		return p.name
	case p.name == "":
		return fmt.Sprintf("%s[%d]", p.up, p.index)
	}
	return p.up.String() + "." + p.name
}
