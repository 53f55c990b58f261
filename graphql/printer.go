package graphql

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	gql "github.com/graphql-go/graphql"
)

// SDL prints the schema in GraphQL's own language, sorted by name. graphql-go has no printer.
func (a *API) SDL() string {
	var out strings.Builder
	kinds := a.schema.TypeMap()
	for _, name := range slices.Sorted(maps.Keys(kinds)) {
		if !strings.HasPrefix(name, "__") && name != "String" && name != "Boolean" {
			printType(&out, kinds[name])
		}
	}
	return strings.TrimPrefix(out.String(), "\n")
}

func printType(out *strings.Builder, kind gql.Type) {
	out.WriteString("\n")
	printDescription(out, "", kind.Description())
	switch kind := kind.(type) {
	case *gql.Scalar:
		fmt.Fprintf(out, "scalar %s\n", kind.Name())
	case *gql.Enum:
		names := make([]string, len(kind.Values()))
		for i, value := range kind.Values() {
			names[i] = value.Name
		}
		slices.Sort(names)
		fmt.Fprintf(out, "enum %s {\n  %s\n}\n", kind.Name(), strings.Join(names, "\n  "))
	case *gql.InputObject:
		fmt.Fprintf(out, "input %s {\n", kind.Name())
		fields := kind.Fields()
		for _, name := range slices.Sorted(maps.Keys(fields)) {
			fmt.Fprintf(out, "  %s\n", inputText(name, fields[name].Type, fields[name].DefaultValue))
		}
		out.WriteString("}\n")
	case *gql.Object:
		printObject(out, kind)
	}
}

func printObject(out *strings.Builder, kind *gql.Object) {
	fmt.Fprintf(out, "type %s {\n", kind.Name())
	fields := kind.Fields()
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		field := fields[name]
		printDescription(out, "  ", field.Description)
		arguments := make([]string, len(field.Args))
		for i, argument := range field.Args {
			arguments[i] = inputText(argument.Name(), argument.Type, argument.DefaultValue)
		}
		slices.Sort(arguments)
		list := ""
		if len(arguments) > 0 {
			list = "(" + strings.Join(arguments, ", ") + ")"
		}
		fmt.Fprintf(out, "  %s%s: %s\n", name, list, field.Type)
	}
	out.WriteString("}\n")
}

func printDescription(out *strings.Builder, indent, description string) {
	if description != "" {
		fmt.Fprintf(out, "%s%s\n", indent, strconv.Quote(description))
	}
}

func inputText(name string, kind gql.Type, byDefault any) string {
	text := name + ": " + kind.String()
	if byDefault != nil {
		text += " = " + literal(kind, byDefault)
	}
	return text
}

// literal writes a default value as a document would.
func literal(kind gql.Type, value any) string {
	text, isText := value.(string)
	if _, isEnum := gql.GetNamed(kind).(*gql.Enum); !isText || isEnum {
		return fmt.Sprint(value)
	}
	return strconv.Quote(text)
}

// correctDefaults has introspection print the defaults of enums without quotes, which tools would
// take for strings. Its type is a global of graphql-go's, so it is done once, before any request.
var correctDefaults = sync.OnceFunc(func() {
	gql.InputValueType.Fields()["defaultValue"].Resolve = func(p gql.ResolveParams) (any, error) {
		switch input := p.Source.(type) {
		case *gql.Argument:
			return defaultText(input.Type, input.DefaultValue), nil
		case *gql.InputObjectField:
			return defaultText(input.Type, input.DefaultValue), nil
		}
		return nil, nil
	}
})

func defaultText(kind gql.Type, value any) any {
	if value == nil {
		return nil
	}
	return literal(kind, value)
}
