package graphql

import (
	"fmt"
	"testing"
)

// introspection is the query that the usual tools begin with.
const introspection = `query IntrospectionQuery { __schema {
	queryType { name } mutationType { name } subscriptionType { name }
	types { ...FullType }
	directives { name description locations args { ...InputValue } } } }
fragment FullType on __Type { kind name description
	fields(includeDeprecated: true) { name description args { ...InputValue }
		type { ...TypeRef } isDeprecated deprecationReason }
	inputFields { ...InputValue } interfaces { ...TypeRef }
	enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason }
	possibleTypes { ...TypeRef } }
fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue }
fragment TypeRef on __Type { kind name ofType { kind name ofType { kind name ofType { kind name
	ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType {
	kind name ofType { kind name } } } } } } } } } }`

func TestIntrospection(t *testing.T) {
	reply := bareAPI(t).ask(t, introspection, nil)
	if len(reply.Errors) > 0 {
		t.Fatal(reply.messages())
	}
	defaults := map[string]any{}
	for _, kind := range reply.at("__schema.types").([]any) {
		kind := kind.(map[string]any)
		for _, field := range orNone(kind["fields"]) {
			field := field.(map[string]any)
			for _, argument := range orNone(field["args"]) {
				argument := argument.(map[string]any)
				name := fmt.Sprintf("%s.%s.%s", kind["name"], field["name"], argument["name"])
				defaults[name] = argument["defaultValue"]
			}
		}
		for _, field := range orNone(kind["inputFields"]) {
			field := field.(map[string]any)
			defaults[fmt.Sprintf("%s.%s", kind["name"], field["name"])] = field["defaultValue"]
		}
	}
	for name, want := range map[string]any{
		"Mutation.receive.policy": "ALL_OR_NOTHING",
		"Mutation.receive.dryRun": "false",
		"Mutation.receive.lines":  nil,
		"Query.zones.first":       "50",
		"LineKey.revision":        `"0"`,
		"ReserveLine.zones":       nil,
	} {
		if got, ok := defaults[name]; !ok || got != want {
			t.Errorf("%s: %v, not %v", name, got, want)
		}
	}
}

func orNone(list any) []any {
	items, _ := list.([]any)
	return items
}
