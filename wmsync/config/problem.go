package config

import (
	"fmt"
	"strings"
)

// problemsMax bounds the problems that are listed: they are told in one line.
const problemsMax = 20

// Problem is one thing that is wrong with the systems of a file.
type Problem struct {
	// Line is where in the file, from 1.
	Line int
	// System is its name, or its place in the list where that is not known; "" is the list itself.
	System string
	// Field is what of it, as in pull.every.
	Field string
	// Reason says what is wrong, and Remedy what to do.
	Reason, Remedy string
}

// String is the problem in one line.
func (p Problem) String() string {
	text := fmt.Sprintf("line %d: ", p.Line)
	if p.System != "" {
		text += "system " + p.System + ": "
	}
	if p.Field != "" {
		text += p.Field + " "
	}
	return strings.Join(strings.Fields(text+p.Reason+" ("+p.Remedy+")"), " ")
}

// Problems are all that is wrong, in the order of the lines. More counts those that are not listed.
type Problems struct {
	List []Problem
	More int
}

// Error lists the problems in one line.
func (p *Problems) Error() string {
	texts := make([]string, 0, len(p.List)+1)
	for _, problem := range p.List {
		texts = append(texts, problem.String())
	}
	if p.More > 0 {
		texts = append(texts, fmt.Sprintf("and %d more", p.More))
	}
	return strings.Join(texts, "; ")
}

// add keeps a problem, or only counts it where there are many.
func (p *Problems) add(problem Problem) {
	if len(p.List) == problemsMax {
		p.More++
		return
	}
	p.List = append(p.List, problem)
}
