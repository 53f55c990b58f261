package graphql

import "tierstock/model"

// values are the arguments of a field, or the fields of an input object, as they were read. What
// was left out is not in it, and reads as the zero value of its type.
type values map[string]any

func get[T any](v values, name string) T {
	value, _ := v[name].(T)
	return value
}

func (v values) text(name string) string             { return get[string](v, name) }
func (v values) flag(name string) bool               { return get[bool](v, name) }
func (v values) number(name string) int              { return get[int](v, name) }
func (v values) long(name string) int64              { return get[int64](v, name) }
func (v values) quantity(name string) model.Quantity { return get[model.Quantity](v, name) }
func (v values) date(name string) model.Date         { return get[model.Date](v, name) }
func (v values) instant(name string) model.Instant   { return get[model.Instant](v, name) }
func (v values) object(name string) values           { return get[values](v, name) }
func (v values) list(name string) []any              { return get[[]any](v, name) }
func (v values) has(name string) bool                { return v[name] != nil }

// optional is nil where the value was left out.
func optional[T any](v values, name string) *T {
	if value, given := v[name].(T); given {
		return &value
	}
	return nil
}

// texts is a list of strings, such as codes or the names of an enum, as the type asked for.
func texts[T ~string](v values, name string) []T {
	items := v.list(name)
	if items == nil {
		return nil
	}
	read := make([]T, len(items))
	for i, item := range items {
		read[i] = T(item.(string))
	}
	return read
}
