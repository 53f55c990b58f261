package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"tierstock/wmsync"
)

// Limits of a file: far more than people write.
const (
	systemsMax = 100
	listMax    = 500
)

// Options are what reading systems needs of others.
type Options struct {
	// Secret reads what env:NAME or file:PATH names: ReadSecret. Where it is nil secrets are not
	// read, only how they are named is judged.
	Secret func(reference string) (string, error)
	// Schedule says what is wrong with a cron expression.
	Schedule func(spec string) error
}

// Parse reads the list of systems. The error is *Problems, with all that is wrong.
func Parse(node *yaml.Node, options Options) ([]wmsync.System, error) {
	r := &reader{options: options, problems: &Problems{}}
	systems := r.list(node)
	if len(r.problems.List) > 0 {
		slices.SortStableFunc(r.problems.List, func(one, other Problem) int {
			return one.Line - other.Line
		})
		return nil, r.problems
	}
	return systems, nil
}

// reader reads systems and collects what is wrong with them. system is the one it reads now.
type reader struct {
	options  Options
	problems *Problems
	system   string
}

// keys are the keys that a mapping may have, each with what reads its value.
type keys map[string]func(value *yaml.Node)

func (r *reader) wrongf(line int, field, remedy, format string, args ...any) {
	r.problems.add(Problem{Line: line, System: r.system, Field: field, Remedy: remedy,
		Reason: fmt.Sprintf(format, args...)})
}

func (r *reader) list(node *yaml.Node) (systems []wmsync.System) {
	if node.Kind != yaml.SequenceNode {
		r.wrongf(node.Line, "systems", "write each system as - name: ..., or leave systems out",
			"is no list")
		return nil
	}
	if len(node.Content) > systemsMax {
		r.wrongf(node.Line, "systems", "leave some out", "has more than %d", systemsMax)
		return nil
	}
	lines := map[string]int{}
	for i, each := range node.Content {
		each = meant(each)
		r.system = nameOf(each, i)
		system := r.readSystem(each)
		if line, twice := lines[system.Name]; twice && system.Name != "" {
			r.wrongf(each.Line, "name", "name one of the two otherwise",
				"is that of the system of line %d too", line)
		}
		lines[system.Name] = each.Line
		systems = append(systems, system)
	}
	return systems
}

// nameOf is a system's name before the system is read, for what is said of it.
func nameOf(node *yaml.Node, place int) string {
	for i := 0; node.Kind == yaml.MappingNode && i+1 < len(node.Content); i += 2 {
		if name := node.Content[i+1].Value; node.Content[i].Value == "name" && isName(name) {
			return name
		}
	}
	return fmt.Sprintf("number %d", place+1)
}

// mapping reads a mapping whose keys are known, and says in which lines they were; nil where the
// node is no mapping.
func (r *reader) mapping(node *yaml.Node, field string, known keys) (found map[string]int) {
	if node.Kind != yaml.MappingNode {
		r.wrongf(node.Line, field, "write key: value lines", "is no mapping")
		return nil
	}
	found = map[string]int{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], meant(node.Content[i+1])
		read := known[key.Value]
		_, twice := found[key.Value]
		switch {
		case read == nil:
			names := slices.Sorted(maps.Keys(known))
			r.wrongf(key.Line, field, fmt.Sprintf("did you mean %s? The keys are %s",
				nearest(key.Value, names), strings.Join(names, ", ")),
				"has no key %.40q", key.Value)
			continue
		case twice:
			r.wrongf(key.Line, join(field, key.Value), "leave one of the two out", "is given twice")
		default:
			read(value)
		}
		found[key.Value] = key.Line
	}
	return found
}

// meant is what an alias stands for: systems may share their maps.
func meant(node *yaml.Node) *yaml.Node {
	if node.Kind == yaml.AliasNode {
		return node.Alias
	}
	return node
}

func join(field, key string) string {
	if field == "" {
		return key
	}
	return field + "." + key
}

// text reads a single value as it is written, also where YAML would take it for a number.
func (r *reader) text(node *yaml.Node, field string) (string, bool) {
	if node.Kind != yaml.ScalarNode || node.ShortTag() == "!!null" {
		r.wrongf(node.Line, field, "write one", "must be a single value")
		return "", false
	}
	return node.Value, true
}

// checked reads a single value that a check must let pass. The value is repeated in what is said.
func (r *reader) checked(node *yaml.Node, field, remedy string, check func(string) error) string {
	text, ok := r.text(node, field)
	if !ok {
		return ""
	}
	if err := check(text); err != nil {
		r.wrongf(node.Line, field, remedy, "%.80q %v", text, err)
		return ""
	}
	return text
}

func (r *reader) flag(node *yaml.Node, field string) bool {
	text, ok := r.text(node, field)
	if ok && text != "true" && text != "false" {
		r.wrongf(node.Line, field, "write true or false", "is neither true nor false")
	}
	return text == "true"
}

// each reads the entries of a list that has some, no two the same.
func (r *reader) each(node *yaml.Node, field string, read func(entry *yaml.Node) string) (
	texts []string) {
	if node.Kind != yaml.SequenceNode || len(node.Content) == 0 || len(node.Content) > listMax {
		r.wrongf(node.Line, field, "write it as [A, B], or leave it out",
			"must be a list of 1 to %d", listMax)
		return nil
	}
	for _, entry := range node.Content {
		text := read(entry)
		if text != "" && slices.Contains(texts, text) {
			r.wrongf(entry.Line, field, "leave one of the two out", "has an entry twice")
		}
		texts = append(texts, text)
	}
	return texts
}

// codes reads a mapping of their codes to ours, one to one.
func (r *reader) codes(node *yaml.Node, field string, check func(string) error) map[string]string {
	if node.Kind != yaml.MappingNode || len(node.Content) == 0 {
		r.wrongf(node.Line, field, "write {THEIRS: OURS}, or leave it out",
			"must be a mapping of their codes to ours")
		return nil
	}
	ours, theirs := map[string]string{}, map[string]string{}
	const remedy = "write up to 64 printable characters"
	for i := 0; i+1 < len(node.Content); i += 2 {
		line, here := node.Content[i].Line, len(r.problems.List)+r.problems.More
		their := r.checked(node.Content[i], field, remedy, check)
		our := r.checked(node.Content[i+1], field, remedy, check)
		if len(r.problems.List)+r.problems.More > here {
			continue
		}
		if _, twice := ours[their]; twice {
			r.wrongf(line, field, "leave one of the two out", "has %q twice", their)
		} else if other, twice := theirs[our]; twice {
			r.wrongf(line, field, "map each code of ours once", "has both %q and %q for our %q", other,
				their, our)
		}
		ours[their], theirs[our] = our, their
	}
	return ours
}
