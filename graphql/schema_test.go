package graphql

import (
	"bytes"
	"flag"
	"os"
	"slices"
	"testing"

	"github.com/graphql-go/graphql/language/ast"
	"github.com/graphql-go/graphql/language/parser"
	"github.com/graphql-go/graphql/language/printer"
)

var update = flag.Bool("update", false, "write the golden files anew")

const goldenSchema = "schema.golden.graphql"

func TestSchemaIsTheGoldenFile(t *testing.T) {
	printed := []byte(bareAPI(t).SDL())
	if *update {
		if err := os.WriteFile(goldenSchema, printed, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	golden, err := os.ReadFile(goldenSchema)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(printed, golden) {
		t.Errorf("the schema is not %s; go test ./graphql -update writes it anew", goldenSchema)
	}
}

func TestSchemaIsASupersetOfTheContract(t *testing.T) {
	contract := definitions(t, readFile(t, "testdata/contract.graphql"))
	ours := definitions(t, bareAPI(t).SDL())
	for _, name := range sortedKeys(contract) {
		if ours[name] == nil {
			t.Errorf("%s is missing", name)
			continue
		}
		compareTypes(t, name, contract[name], ours[name])
	}
}

// TestScalarsOfTheContract holds the names, which definitions compares, against the readers.
func TestScalarsOfTheContract(t *testing.T) {
	for name, definition := range definitions(t, readFile(t, "testdata/contract.graphql")) {
		if _, ok := definition.(*ast.ScalarDefinition); ok && readers[name] == nil {
			t.Errorf("no reader for %s", name)
		}
	}
}

func definitions(t *testing.T, sdl string) map[string]ast.Node {
	t.Helper()
	document, err := parser.Parse(parser.ParseParams{Source: sdl,
		Options: parser.ParseOptions{NoSource: true, NoLocation: true}})
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]ast.Node{}
	for _, node := range document.Definitions {
		found[node.(interface{ GetName() *ast.Name }).GetName().Value] = node
	}
	return found
}

func compareTypes(t *testing.T, name string, contract, ours ast.Node) {
	t.Helper()
	if contract.GetKind() != ours.GetKind() {
		t.Errorf("%s is a %s, not a %s", name, ours.GetKind(), contract.GetKind())
		return
	}
	switch contract := contract.(type) {
	case *ast.EnumDefinition:
		for _, value := range contract.Values {
			if !slices.ContainsFunc(ours.(*ast.EnumDefinition).Values,
				func(known *ast.EnumValueDefinition) bool {
					return known.Name.Value == value.Name.Value
				}) {
				t.Errorf("%s.%s is missing", name, value.Name.Value)
			}
		}
	case *ast.InputObjectDefinition:
		compareInputs(t, name, contract.Fields, ours.(*ast.InputObjectDefinition).Fields)
	case *ast.ObjectDefinition:
		compareFields(t, name, contract, ours.(*ast.ObjectDefinition))
	}
}

func compareFields(t *testing.T, name string, contract, ours *ast.ObjectDefinition) {
	t.Helper()
	known := map[string]*ast.FieldDefinition{}
	for _, field := range ours.Fields {
		known[field.Name.Value] = field
	}
	for _, field := range contract.Fields {
		place := name + "." + field.Name.Value
		our := known[field.Name.Value]
		if our == nil {
			t.Errorf("%s is missing", place)
			continue
		}
		if printer.Print(our.Type) != printer.Print(field.Type) {
			t.Errorf("%s is %v, not %v", place, printer.Print(our.Type), printer.Print(field.Type))
		}
		compareInputs(t, place, field.Arguments, our.Arguments)
	}
}

// compareInputs compares arguments or input fields: what ours have beyond the contract's must be
// possible to leave out.
func compareInputs(t *testing.T, place string, contract, ours []*ast.InputValueDefinition) {
	t.Helper()
	known := map[string]*ast.InputValueDefinition{}
	for _, input := range ours {
		known[input.Name.Value] = input
	}
	for _, input := range contract {
		our := known[input.Name.Value]
		delete(known, input.Name.Value)
		if our == nil || inputLine(our) != inputLine(input) {
			t.Errorf("%s(%s) is not as in the contract", place, inputLine(input))
		}
	}
	for name, input := range known {
		if _, required := input.Type.(*ast.NonNull); required && input.DefaultValue == nil {
			t.Errorf("%s.%s is required, and the contract does not know it", place, name)
		}
	}
}

func inputLine(input *ast.InputValueDefinition) string {
	line := input.Name.Value + ": " + printer.Print(input.Type).(string)
	if input.DefaultValue != nil {
		line += " = " + printer.Print(input.DefaultValue).(string)
	}
	return line
}
