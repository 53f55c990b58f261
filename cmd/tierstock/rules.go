package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"

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
	return file, nil
}

// badRules tells of all that is wrong with a file of rule sets, each problem on a line, and gives
// the error that ends the program.
func (s *session) badRules(file string, err error, code int) error {
	problems, ok := errors.AsType[*rules.Problems](err)
	if !ok {
		return usage(fmt.Errorf("%s: %w", file, err))
	}
	text := fmt.Sprintf("tierstock: %s: %s\n", file, plural(len(problems.List)+problems.More,
		"problem"))
	for line := range strings.Lines(problems.Error()) {
		text += "  " + strings.TrimSpace(line) + "\n"
	}
	_, wrong := fmt.Fprint(s.err, text)
	return &exitError{code: code, err: wrong}
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
	File   string   `arg:"" help:"${rulesFile}"`
	Set    string   `help:"${rulesSet}" placeholder:"SET"`
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
