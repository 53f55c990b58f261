package graphql

import (
	"fmt"
	"strconv"
	"strings"

	gql "github.com/graphql-go/graphql"
)

// builder makes the schema out of tables that read like the contract: types and arguments are
// written as they are in SDL, and looked up once all of them are known.
type builder struct {
	types map[string]gql.Type
	err   error
}

func newBuilder() *builder {
	b := &builder{types: map[string]gql.Type{"String": gql.String, "Boolean": gql.Boolean}}
	for _, scalar := range newScalars() {
		b.add(scalar)
	}
	return b
}

func (b *builder) add(kind gql.Type) { b.types[kind.Name()] = kind }

// failf keeps the first thing that is wrong with the tables; New reports it.
func (b *builder) failf(format string, values ...any) {
	if b.err == nil {
		b.err = fmt.Errorf("graphql schema: "+format, values...)
	}
}

// kind is a type as SDL writes it, such as [Flow!]!.
func (b *builder) kind(written string) gql.Type {
	if inner, required := strings.CutSuffix(written, "!"); required {
		return gql.NewNonNull(b.kind(inner))
	}
	if inner, isList := strings.CutPrefix(written, "["); isList {
		return gql.NewList(b.kind(strings.TrimSuffix(inner, "]")))
	}
	kind, known := b.types[written]
	if !known {
		b.failf("no type %q", written)
		return gql.String
	}
	return kind
}

// inputValue is an argument, or a field of an input type.
type inputValue struct {
	name      string
	kind      gql.Type
	byDefault any
}

// inputs reads what SDL writes between parentheses: first: Int = 50, after: String.
func (b *builder) inputs(written string) []inputValue {
	var read []inputValue
	for part := range strings.SplitSeq(written, ", ") {
		if part == "" {
			continue
		}
		name, kind, _ := strings.Cut(part, ": ")
		kind, byDefault, _ := strings.Cut(kind, " = ")
		read = append(read, inputValue{name, b.kind(kind), defaultValue(byDefault)})
	}
	return read
}

func defaultValue(written string) any {
	if number, err := strconv.Atoi(written); err == nil {
		return number
	}
	if flag, err := strconv.ParseBool(written); err == nil {
		return flag
	}
	if written == "" {
		return nil
	}
	return strings.Trim(written, `"`)
}

func (b *builder) enum(name, description string, names ...string) {
	config := gql.EnumConfig{Name: name, Description: description,
		Values: gql.EnumValueConfigMap{}}
	for _, value := range names {
		config.Values[value] = &gql.EnumValueConfig{Value: value}
	}
	b.add(gql.NewEnum(config))
}

func (b *builder) input(name, description, fields string) {
	b.add(gql.NewInputObject(gql.InputObjectConfig{Name: name, Description: description,
		Fields: gql.InputObjectConfigFieldMapThunk(func() gql.InputObjectConfigFieldMap {
			config := gql.InputObjectConfigFieldMap{}
			for _, field := range b.inputs(fields) {
				config[field.name] = &gql.InputObjectFieldConfig{Type: field.kind.(gql.Input),
					DefaultValue: field.byDefault}
			}
			return config
		})}))
}

// column is a field of an output type, read from a T.
type column[T any] struct {
	name, kind string
	read       func(T) any
}

// object makes an output type whose fields are read from a T, with more fields of its own.
func object[T any](b *builder, name, description string, columns []column[T], more ...field) {
	fields := more
	for _, column := range columns {
		fields = append(fields, field{name: column.name, kind: column.kind,
			resolve: func(p gql.ResolveParams) (any, error) {
				return column.read(p.Source.(T)), nil
			}})
	}
	b.object(name, description, fields)
}

// field is a field of an output type that takes arguments, or more than reading a value.
type field struct {
	name, kind, args string
	description      string
	resolve          gql.FieldResolveFn
}

func (b *builder) object(name, description string, fields []field) {
	b.add(gql.NewObject(gql.ObjectConfig{Name: name, Description: description,
		Fields: gql.FieldsThunk(func() gql.Fields {
			config := gql.Fields{}
			for _, field := range fields {
				config[field.name] = b.field(field)
			}
			return config
		})}))
}

func (b *builder) field(field field) *gql.Field {
	args := gql.FieldConfigArgument{}
	for _, argument := range b.inputs(field.args) {
		args[argument.name] = &gql.ArgumentConfig{Type: argument.kind.(gql.Input),
			DefaultValue: argument.byDefault}
	}
	return &gql.Field{Type: b.kind(field.kind).(gql.Output), Args: args,
		Description: field.description, Resolve: field.resolve}
}
