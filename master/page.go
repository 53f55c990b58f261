package master

// Page is a part of a list that goes on where More is set.
type Page[T any] struct {
	Rows []T
	More bool
}

// PageOf makes a page of at most first rows out of up to one row more, which only says that the
// list goes on.
func PageOf[T any](rows []T, first int) Page[T] {
	if len(rows) > first {
		return Page[T]{rows[:first], true}
	}
	return Page[T]{Rows: rows}
}
