package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/alecthomas/kong"

	"tierstock/allocation"
	"tierstock/allocation/rules"
)

// rulesFlag is the file of rule sets to allocate by.
type rulesFlag struct {
	Rules string `help:"${ruleFile}" placeholder:"FILE"`
}

// open opens the file, nil where none is named. What is wrong with it is said at once.
func (f rulesFlag) open(session *session) (*rules.File, error) {
	if f.Rules == "" {
		return nil, nil
	}
	file, err := rules.Open(f.Rules, session.log)
	if err != nil {
		return nil, session.badRules("--rules: "+f.Rules, err, exitUsage)
	}
	session.log.Info("rules loaded", "file", f.Rules, "sets", len(file.Status().Sets.List))
	return file, nil
}

// badRules tells of all that is wrong with a file of rule sets, each problem on a line, and gives
// the error that ends the program.
func (s *session) badRules(file string, err error, code int) error {
	problems, ok := errors.AsType[*rules.Problems](err)
	if !ok {
		return usage(fmt.Errorf("%s: %w", file, err))
	}
	count := plural(len(problems.List)+problems.More, "problem")
	list := strings.ReplaceAll(problems.Error(), "\n", "\n  ")
	_, wrong := fmt.Fprintf(s.err, "tierstock: %s: %s\n  %s\n", file, count, list)
	return &exitError{code: code, err: wrong}
}

// ruleWords are the help of the commands and flags of this file.
func ruleWords() kong.Vars {
	return kong.Vars{
		"ruleFile": "YAML file with rule sets for allocation, which is read again when it changes.",

		"rules":      "Look at a file of rule sets for allocation.",
		"rulesCheck": "Say what is wrong with a file of rule sets, or show what it says.",
		"rulesTry":   "Say which rule of a file decides a demand: 0 one does, 1 none.",
		"rulesFile":  "The YAML file.",
		"rulesSet":   "The set to try; the file's default unless given.",
		"rulesDemand": "What is asked for, such as channel=WEB,qty=24; keys are " +
			strings.Join(rules.Attributes, ", ") + ".",
	}
}

type rulesCommand struct {
	Check rulesCheckCommand `cmd:"" help:"${rulesCheck}"`
	Try   rulesTryCommand   `cmd:"" help:"${rulesTry}"`
}

type rulesCheckCommand struct {
	File string `arg:"" help:"${rulesFile}"`
}

func (c *rulesCheckCommand) run(_ context.Context, session *session) error {
	sets, err := rules.Check(c.File)
	if err != nil {
		return session.badRules(c.File, err, exitFailed)
	}
	var text strings.Builder
	for i := range sets.List {
		set := &sets.List[i]
		fmt.Fprintf(&text, "set %s", set.Name)
		if set.Name == sets.Default {
			text.WriteString(" (for demands that name none)")
		}
		text.WriteString("\n")
		for i := range set.Rules {
			rule := &set.Rules[i]
			fmt.Fprintf(&text, "  %s: %s\n    %s\n", rule.Name, whenOf(rule), rule.Summary())
		}
	}
	_, err = fmt.Fprintf(session.out, "%s is good: %s\n%s", c.File, plural(len(sets.List), "set"),
		&text)
	return err
}

// whenOf is a rule's condition in one line.
func whenOf(rule *rules.Rule) string {
	if rule.When == "" {
		return "every demand"
	}
	return strings.Join(strings.Fields(rule.When), " ")
}

type rulesTryCommand struct {
	File   string   `arg:""                help:"${rulesFile}"`
	Set    string   `help:"${rulesSet}"    placeholder:"SET"`
	Demand []string `help:"${rulesDemand}" placeholder:"KEY=VALUE"`
}

// run looks at the demand first: it is the smaller thing to get wrong.
func (c *rulesTryCommand) run(_ context.Context, session *session) error {
	demand, err := rules.ReadDemand(c.Demand)
	if err != nil {
		return usage(fmt.Errorf("--demand: %w", err))
	}
	sets, err := rules.Check(c.File)
	if err != nil {
		return session.badRules(c.File, err, exitFailed)
	}
	set := sets.Find(c.Set)
	if set == nil && c.Set == "" {
		_, err := fmt.Fprintf(session.out, "%s: no set is named, and there is no default set\n",
			allocation.FEFO)
		return err
	}
	if set == nil {
		return usage(fmt.Errorf("--set: %s has no set %s", c.File, c.Set))
	}
	return c.decide(session, set, demand)
}

// decide shows how each rule is come by, until one decides.
func (c *rulesTryCommand) decide(session *session, set *rules.Set, demand allocation.Demand) error {
	chosen, refused := set.Decide(demand)
	var text strings.Builder
	table := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	for i := range set.Rules {
		rule := &set.Rules[i]
		answer := "no"
		if holds, err := rule.Holds(demand); err != nil {
			answer = "failed"
		} else if holds {
			answer = "yes"
		}
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\n", rule.Name, answer, whenOf(rule))
		if answer != "no" {
			break
		}
	}
	_ = table.Flush()
	if chosen != nil {
		fmt.Fprintf(&text, "%s: %s\n", chosen.Ruling.Rule.Name, chosen.Summary())
	}
	_, err := fmt.Fprint(session.out, text.String())
	return errors.Join(refused, err)
}
