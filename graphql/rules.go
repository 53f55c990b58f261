package graphql

import (
	"errors"

	gql "github.com/graphql-go/graphql"

	"tierstock/allocation/rules"
	"tierstock/model"
)

func addRuleTypes(b *builder) {
	object(b, "RuleFile", "The rule sets that stock is chosen by, and the file that they are from. "+
		"problems is what keeps the file, as it is now, from being loaded: then the sets are those "+
		"that were loaded before. error says it in one text.",
		[]column[rules.Status]{
			{"file", "String!", func(s rules.Status) any { return s.Path }},
			{"loadedAt", "DateTime!", func(s rules.Status) any { return model.InstantOf(s.LoadedAt) }},
			{"default", "Code", func(s rules.Status) any { return orNull(s.Sets.Default) }},
			{"sets", "[RuleSet!]!", func(s rules.Status) any { return s.Sets.List }},
			{"error", "String", func(s rules.Status) any {
				if s.Refused == nil {
					return nil
				}
				return s.Refused.Error()
			}},
			{"problems", "[RuleProblem!]!", func(s rules.Status) any {
				problems, ok := errors.AsType[*rules.Problems](s.Refused)
				if !ok {
					return []rules.Problem{}
				}
				return problems.List
			}},
		})
	object(b, "RuleSet", "Rules in order: the first that is for a demand decides it.",
		[]column[rules.Set]{
			{"name", "Code!", func(s rules.Set) any { return s.Name }},
			{"rules", "[Rule!]!", func(s rules.Set) any { return s.Rules }},
		})
	object(b, "Rule", "when is null where the rule is for every demand. summary says in words what "+
		"it lets the engine do. line is where it stands in the file.",
		[]column[rules.Rule]{
			{"name", "Code!", func(r rules.Rule) any { return r.Name }},
			{"when", "String", func(r rules.Rule) any { return orNull(r.When) }},
			{"strategy", "Code!", func(r rules.Rule) any { return r.Strategy() }},
			{"summary", "String!", func(r rules.Rule) any { return r.Summary() }},
			{"line", "Int!", func(r rules.Rule) any { return r.Line }},
		})
	object(b, "RuleProblem", "One thing that is wrong with the file; set and rule are null where it "+
		"is outside of them.",
		[]column[rules.Problem]{
			{"line", "Int!", func(p rules.Problem) any { return p.Line }},
			{"set", "String", func(p rules.Problem) any { return orNull(p.Set) }},
			{"rule", "String", func(p rules.Problem) any { return orNull(p.Rule) }},
			{"reason", "String!", func(p rules.Problem) any { return p.Reason }},
			{"remedy", "String!", func(p rules.Problem) any { return p.Remedy }},
		})
}

func (a *API) ruleQueries() []field {
	return []field{
		{name: "ruleSets", kind: "RuleFile",
			description: "The rule sets that are in force; null where the engine has none.",
			resolve: a.resolve(func(gql.ResolveParams, values) (any, error) {
				if a.rules == nil {
					return nil, nil
				}
				return a.rules.Status(), nil
			})},
	}
}
