package graphql

import (
	"bytes"
	"container/list"
	"fmt"
	"slices"
	"strings"
	"sync"

	gql "github.com/graphql-go/graphql"
	"github.com/graphql-go/graphql/language/ast"
	"github.com/graphql-go/graphql/language/parser"
	"github.com/graphql-go/graphql/language/source"
)

// document is one operation, ready to be executed many times. Its arguments are kept beside the
// tree: graphql-go would read them with its coercing scalars, so it does not get to see them.
type document struct {
	tree      *ast.Document
	operation *ast.OperationDefinition
	fragments map[string]*ast.FragmentDefinition
	calls     []call
	variables []*ast.VariableDefinition
	// passed are the variables that graphql-go does get: those of directives and introspection.
	passed []string
}

// call is a field that takes arguments, or a directive. Its key is where resolvers find what
// was read, its name what the answer calls it.
type call struct {
	key        ast.Node
	name       string
	definition []*gql.Argument
	given      []*ast.Argument
}

// documentRules are graphql-go's, but for the three that look at values and repeat them in their
// messages; the check in variables.go is stricter than they are.
func documentRules() []gql.ValidationRuleFn {
	return []gql.ValidationRuleFn{
		gql.FieldsOnCorrectTypeRule, gql.FragmentsOnCompositeTypesRule,
		gql.KnownArgumentNamesRule, gql.KnownDirectivesRule, gql.KnownFragmentNamesRule,
		gql.KnownTypeNamesRule, gql.LoneAnonymousOperationRule, gql.NoFragmentCyclesRule,
		gql.NoUndefinedVariablesRule, gql.NoUnusedFragmentsRule, gql.NoUnusedVariablesRule,
		gql.OverlappingFieldsCanBeMergedRule, gql.PossibleFragmentSpreadsRule,
		gql.ScalarLeafsRule, gql.UniqueArgumentNamesRule, gql.UniqueFragmentNamesRule,
		gql.UniqueInputFieldNamesRule, gql.UniqueOperationNamesRule,
		gql.UniqueVariableNamesRule, gql.VariablesAreInputTypesRule,
		gql.VariablesInAllowedPositionRule,
	}
}

// prepare parses and validates a document and picks its operation. graphql-go's parser lets some
// documents through that its validator panics on, such as query($a:){b}.
func prepare(schema *gql.Schema, text, operation string) (doc *document, refusals []*problem) {
	defer func() {
		if recover() != nil {
			doc, refusals = nil, []*problem{malformed("the document is not GraphQL")}
		}
	}()
	body, refusal := guard(text)
	if refusal != nil {
		return nil, []*problem{refusal}
	}
	// Without the source in every node, validation does not look for line breaks at each error,
	// which took five seconds for nine hundred wrong fields under twenty thousand empty lines.
	tree, err := parser.Parse(parser.ParseParams{Options: parser.ParseOptions{NoSource: true},
		Source: source.NewSource(&source.Source{Body: body, Name: "document"})})
	if err != nil {
		return nil, []*problem{syntaxProblem(err)}
	}
	if doc, refusal = pick(tree, operation); refusal == nil {
		refusal = doc.checkShape()
	}
	if refusal != nil {
		return nil, []*problem{refusal}
	}
	if refusals = validate(schema, tree, body); refusals != nil {
		return nil, refusals
	}
	doc.takeArguments(schema)
	return doc, nil
}

// pick finds the operation to execute; a document may hold several.
func pick(tree *ast.Document, operation string) (*document, *problem) {
	doc := &document{tree: tree, fragments: map[string]*ast.FragmentDefinition{}}
	operations := 0
	for _, node := range tree.Definitions {
		switch node := node.(type) {
		case *ast.FragmentDefinition:
			doc.fragments[node.Name.Value] = node
		case *ast.OperationDefinition:
			operations++
			if operation == "" || node.Name != nil && node.Name.Value == operation {
				doc.operation = node
			}
		default:
			return nil, refuse(codeBadRequest, "a document holds operations and fragments only")
		}
	}
	switch {
	case operations > 1 && operation == "":
		return nil, refuse(codeBadRequest, "operationName must say which operation is meant")
	case doc.operation == nil:
		return nil, refuse(codeBadRequest, "the document has no such operation")
	case doc.operation.Operation == ast.OperationTypeSubscription:
		return nil, refuse(codeBadRequest, "there are no subscriptions; read on from a flow's seq")
	}
	return doc, nil
}

func validate(schema *gql.Schema, tree *ast.Document, body []byte) []*problem {
	result := gql.ValidateDocument(schema, tree, documentRules())
	var refusals []*problem
	for _, err := range result.Errors[:min(len(result.Errors), refusalsMax)] {
		place := ""
		if len(err.Locations) > 0 {
			// Without a source all is one line.
			before := body[:min(err.Locations[0].Column-1, len(body))]
			place = fmt.Sprintf("line %d, column %d: ", bytes.Count(before, []byte("\n"))+1,
				len(before)-bytes.LastIndexByte(before, '\n'))
		}
		refusals = append(refusals, refuse(codeBadRequest, "%s%s", place,
			strings.ReplaceAll(err.Message, "\n", " ")))
	}
	return refusals
}

// takeArguments moves the arguments out of the tree, and leaves of the document what belongs to
// the picked operation.
func (d *document) takeArguments(schema *gql.Schema) {
	root := schema.QueryType()
	if d.operation.Operation == ast.OperationTypeMutation {
		root = schema.MutationType()
	}
	taker := &taker{schema: schema, document: d, fragments: map[string]bool{}}
	taker.selections(root, d.operation.SelectionSet)

	d.variables = d.operation.VariableDefinitions
	d.operation.VariableDefinitions = slices.DeleteFunc(slices.Clone(d.variables),
		func(definition *ast.VariableDefinition) bool {
			return !slices.Contains(d.passed, definition.Variable.Name.Value)
		})
	d.tree = ast.NewDocument(&ast.Document{Definitions: []ast.Node{d.operation}})
	for name := range taker.fragments {
		d.tree.Definitions = append(d.tree.Definitions, d.fragments[name])
	}
}

// taker walks an operation and each fragment that it uses once.
type taker struct {
	schema    *gql.Schema
	document  *document
	fragments map[string]bool
}

func (t *taker) selections(parent *gql.Object, set *ast.SelectionSet) {
	if set == nil {
		return
	}
	for _, selection := range set.Selections {
		switch node := selection.(type) {
		case *ast.Field:
			t.directives(node.Directives)
			t.field(parent, node)
		case *ast.InlineFragment:
			t.directives(node.Directives)
			t.selections(parent, node.SelectionSet)
		case *ast.FragmentSpread:
			t.directives(node.Directives)
			name := node.Name.Value
			if fragment := t.document.fragments[name]; !t.fragments[name] {
				t.fragments[name] = true
				t.selections(parent, fragment.SelectionSet)
			}
		}
	}
}

func (t *taker) field(parent *gql.Object, node *ast.Field) {
	definition, meta := fieldOf(parent, node.Name.Value)
	if len(definition.Args) > 0 {
		t.document.calls = append(t.document.calls, call{key: node, name: nameOf(node),
			definition: slices.SortedFunc(slices.Values(definition.Args), byName),
			given:      node.Arguments})
	}
	if meta {
		t.pass(node.Arguments)
	} else {
		node.Arguments = nil
	}
	if child, ok := gql.GetNamed(definition.Type).(*gql.Object); ok {
		t.selections(child, node.SelectionSet)
	}
}

func nameOf(node *ast.Field) string {
	if node.Alias != nil {
		return node.Alias.Value
	}
	return node.Name.Value
}

func (t *taker) directives(directives []*ast.Directive) {
	for _, node := range directives {
		t.document.calls = append(t.document.calls, call{key: node, name: node.Name.Value,
			definition: t.schema.Directive(node.Name.Value).Args, given: node.Arguments})
		t.pass(node.Arguments)
	}
}

func (t *taker) pass(arguments []*ast.Argument) {
	for _, argument := range arguments {
		if variable, ok := argument.Value.(*ast.Variable); ok {
			t.document.passed = append(t.document.passed, variable.Name.Value)
		}
	}
}

// fieldOf finds a field, and says whether it is introspection's.
func fieldOf(parent *gql.Object, name string) (*gql.FieldDefinition, bool) {
	for _, meta := range []*gql.FieldDefinition{gql.SchemaMetaFieldDef, gql.TypeMetaFieldDef,
		gql.TypeNameMetaFieldDef} {
		if meta.Name == name {
			return meta, true
		}
	}
	return parent.Fields()[name], strings.HasPrefix(parent.Name(), "__")
}

// documents keeps the last used documents by text and operation name.
type documents struct {
	mu     sync.Mutex
	byText map[documentKey]*list.Element
	used   *list.List // the latest first

	hits, misses int64
}

type documentKey struct{ text, operation string }

type documentEntry struct {
	key documentKey
	doc *document
}

func newDocuments() *documents {
	return &documents{byText: map[documentKey]*list.Element{}, used: list.New()}
}

func (d *documents) get(key documentKey) *document {
	d.mu.Lock()
	defer d.mu.Unlock()
	element, ok := d.byText[key]
	if !ok {
		d.misses++
		return nil
	}
	d.hits++
	d.used.MoveToFront(element)
	return element.Value.(documentEntry).doc
}

// CachedDocuments is how many requests found their document parsed, and how many did not.
func (a *API) CachedDocuments() (hits, misses int64) {
	a.documents.mu.Lock()
	defer a.documents.mu.Unlock()
	return a.documents.hits, a.documents.misses
}

func (d *documents) put(key documentKey, doc *document) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, ok := d.byText[key]; ok {
		return
	}
	d.byText[key] = d.used.PushFront(documentEntry{key, doc})
	if d.used.Len() > documentsMax {
		oldest := d.used.Remove(d.used.Back()).(documentEntry)
		delete(d.byText, oldest.key)
	}
}
