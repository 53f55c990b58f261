package rules

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"tierstock/allocation"
	"tierstock/model"
)

// Limits of a file: far more than people write.
const (
	fileBytesMax = 1 << 20
	setsMax      = 200
	rulesMax     = 500
)

// Parse reads the text of a file. The error is *Problems, with all that is wrong.
func Parse(text []byte) (*Sets, error) {
	r := &reader{problems: &Problems{}}
	sets := r.file(text)
	if len(r.problems.List) > 0 {
		slices.SortStableFunc(r.problems.List, func(one, other Problem) int {
			return one.Line - other.Line
		})
		return nil, r.problems
	}
	return sets, nil
}

// reader reads a file and collects what is wrong with it. set and rule are what it reads now.
type reader struct {
	problems  *Problems
	set, rule string
}

func (r *reader) wrongf(line int, remedy, format string, args ...any) {
	r.problems.add(Problem{Line: line, Set: r.set, Rule: r.rule, Remedy: remedy,
		Reason: fmt.Sprintf(format, args...)})
}

// document reads the only document of a file, nil where it cannot be read.
func (r *reader) document(text []byte) *yaml.Node {
	if len(text) > fileBytesMax {
		r.wrongf(0, "split it or leave something out", "the file has more than %d bytes", fileBytesMax)
		return nil
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var document, second yaml.Node
	switch err := decoder.Decode(&document); {
	case errors.Is(err, io.EOF):
		r.wrongf(1, "write sets:, a name below it, and a list of rules below that", "there are no rules")
		return nil
	case err != nil:
		r.unreadable(err)
		return nil
	}
	if err := decoder.Decode(&second); err == nil {
		r.wrongf(second.Line, "write one document, without ---", "there is a second document")
		return nil
	} else if !errors.Is(err, io.EOF) {
		r.unreadable(err)
		return nil
	}
	return document.Content[0]
}

// unreadable tells of text that is no YAML, with the line that package yaml names.
func (r *reader) unreadable(err error) {
	message := strings.TrimPrefix(err.Error(), "yaml: ")
	line := 1
	if rest, found := strings.CutPrefix(message, "line "); found {
		number, after, _ := strings.Cut(rest, ": ")
		if found, err := strconv.Atoi(number); err == nil {
			line, message = found, after
		}
	}
	r.wrongf(line, "look at the colons, quotes and the indentation here and just above",
		"this is not YAML: %s", message)
}

func (r *reader) file(text []byte) *Sets {
	root := r.document(text)
	if root == nil {
		return nil
	}
	sets := &Sets{}
	fallback := &yaml.Node{}
	found := r.mapping(root, "the file", map[string]func(*yaml.Node){
		"default": func(value *yaml.Node) { fallback, sets.Default = value, r.code(value, "default") },
		"sets":    func(value *yaml.Node) { r.readSets(value, sets) },
	})
	if found == nil {
		return nil
	}
	if !found["sets"] {
		r.wrongf(root.Line, "write sets:, a name below it, and a list of rules below that",
			"there are no rule sets")
	} else if sets.Default != "" && sets.Find(sets.Default) == nil {
		r.wrongf(fallback.Line, "name one of the sets, or leave default out",
			"there is no set %s, which is to be the default", sets.Default)
	}
	return sets
}

func (r *reader) readSets(node *yaml.Node, sets *Sets) {
	if node.Kind != yaml.MappingNode || len(node.Content) == 0 {
		r.wrongf(node.Line, "write a name below it, and a list of rules below that",
			"sets: must hold rule sets by name")
		return
	}
	if len(node.Content)/2 > setsMax {
		r.wrongf(node.Line, "leave some out", "there are more than %d sets", setsMax)
		return
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		name := node.Content[i]
		set := Set{Name: r.code(name, "a set's name")}
		r.set = set.Name
		switch {
		case slices.ContainsFunc(allocation.Strategies(), func(strategy string) bool {
			return strings.EqualFold(strategy, set.Name)
		}):
			r.wrongf(name.Line, "name the set otherwise", "this is the name of a strategy")
		case slices.ContainsFunc(sets.List, func(other Set) bool { return other.Name == set.Name }):
			r.wrongf(name.Line, "name one of the two otherwise", "there are two sets of this name")
		}
		set.Rules = r.readRules(node.Content[i+1])
		sets.List = append(sets.List, set)
		r.set = ""
	}
}

func (r *reader) readRules(node *yaml.Node) (rules []Rule) {
	if node.Kind != yaml.SequenceNode || len(node.Content) == 0 {
		r.wrongf(node.Line, "write each rule as - name: ...", "a set must be a list of rules")
		return nil
	}
	if len(node.Content) > rulesMax {
		r.wrongf(node.Line, "leave some out", "there are more than %d rules", rulesMax)
		return nil
	}
	for _, each := range node.Content {
		rule, ok := r.readRule(each)
		if ok {
			r.checkPlace(rule, rules)
			rules = append(rules, rule)
		}
		r.rule = ""
	}
	return rules
}

// checkPlace refuses a rule that can never decide, or has another's name.
func (r *reader) checkPlace(rule Rule, before []Rule) {
	for _, other := range before {
		if rule.Name != "" && other.Name == rule.Name {
			r.wrongf(rule.Line, "name one of the two otherwise", "the rule of line %d has this name too",
				other.Line)
		}
		switch {
		case other.always:
			r.wrongf(rule.Line, "move it up, or give the other a when",
				"it can never decide: the rule of line %d, without when, is for every demand", other.Line)
			return
		case rule.When != "" && other.When == rule.When:
			r.wrongf(rule.Line, "change one of the two", "it can never decide: the rule of line %d has "+
				"the same when", other.Line)
			return
		}
	}
}

// mapping reads a mapping whose keys are known, and says which were there; nil where the node is no
// mapping.
func (r *reader) mapping(node *yaml.Node, what string, keys map[string]func(*yaml.Node)) (
	found map[string]bool) {
	if node.Kind != yaml.MappingNode {
		r.wrongf(node.Line, "write key: value lines", "%s must be a mapping", what)
		return nil
	}
	found = map[string]bool{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		read := keys[key.Value]
		switch {
		case read == nil:
			r.wrongf(key.Line, "the keys are "+strings.Join(slices.Sorted(maps.Keys(keys)), ", "),
				"%s has no key %q", what, key.Value)
		case found[key.Value]:
			r.wrongf(key.Line, "leave one of the two out", "%s is given twice", key.Value)
		default:
			read(value)
		}
		found[key.Value] = true
	}
	return found
}

// code reads a code, such as a zone's.
func (r *reader) code(node *yaml.Node, what string) string {
	text, ok := r.text(node, what)
	if !ok {
		return ""
	}
	if err := model.CheckCode(text); err != nil {
		r.wrongf(node.Line, "write 1 to 64 printable characters", "%s: %.80q %v", what, text, err)
		return ""
	}
	return text
}

// text reads a single value as it is written, also where YAML would take it for a number.
func (r *reader) text(node *yaml.Node, what string) (string, bool) {
	if node.Kind != yaml.ScalarNode || node.ShortTag() == "!!null" {
		r.wrongf(node.Line, "write one, in quotes if it is empty", "%s must be a single value", what)
		return "", false
	}
	return node.Value, true
}
