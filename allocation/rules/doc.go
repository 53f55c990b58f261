// Package rules reads rule sets, which say how stock for a demand is chosen, from one YAML file,
// and reads them again when the file changes. It decides nothing about stock: what a rule says is
// an allocation.Ruling, which package allocation and the engine honour. docs/allocation.md teaches
// the language.
package rules
