package rules

import (
	"fmt"
	"strings"
)

// problemsMax bounds the problems that one look at a file lists.
const problemsMax = 50

// Problem is one thing that is wrong with a file.
type Problem struct {
	// Line is where in the file, from 1; 0 for the file as a whole.
	Line int
	// Set and Rule are where in the rules, "" where the problem is outside of them.
	Set, Rule string
	// Reason says what is wrong, and Remedy what to do.
	Reason, Remedy string
}

// String is the problem in one line.
func (p Problem) String() string {
	var text strings.Builder
	if p.Line > 0 {
		fmt.Fprintf(&text, "line %d: ", p.Line)
	}
	if p.Set != "" {
		fmt.Fprintf(&text, "set %s: ", p.Set)
	}
	if p.Rule != "" {
		fmt.Fprintf(&text, "rule %s: ", p.Rule)
	}
	text.WriteString(p.Reason)
	if p.Remedy != "" {
		text.WriteString("; " + p.Remedy)
	}
	return strings.Join(strings.Fields(text.String()), " ")
}

// Problems are all that is wrong with a file, in the order of its lines. More counts those that are
// not listed.
type Problems struct {
	List []Problem
	More int
}

// Error lists the problems, each on a line of its own.
func (p *Problems) Error() string {
	lines := make([]string, 0, len(p.List)+1)
	for _, problem := range p.List {
		lines = append(lines, problem.String())
	}
	if p.More > 0 {
		lines = append(lines, fmt.Sprintf("and %d more", p.More))
	}
	return strings.Join(lines, "\n")
}

// add keeps a problem, or only counts it where there are many.
func (p *Problems) add(problem Problem) {
	if len(p.List) == problemsMax {
		p.More++
		return
	}
	p.List = append(p.List, problem)
}
