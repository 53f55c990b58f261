package graphql

import (
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"time"
	"unicode/utf8"

	gql "github.com/graphql-go/graphql"
	"github.com/graphql-go/graphql/language/ast"

	"tierstock/model"
)

// idCharsMax bounds an id: ours are a code and a number at most.
const idCharsMax = 100

// A reader takes what JSON decoding gave (or a literal in the same shapes) and returns the value
// of its scalar, or what is wrong with it. It never coerces one shape into another and never
// repeats the value.
type reader func(value any) (read any, wrong string)

// enumName is a bare name in a document, and quoted a string in one. They are types of their own
// so that a name cannot pass for a string, nor a string in a document for an enum's value.
type (
	enumName string
	quoted   string
)

func textOf(value any) (string, bool) {
	if text, ok := value.(quoted); ok {
		return string(text), true
	}
	text, ok := value.(string)
	return text, ok
}

// readers are the scalars of the schema by name, GraphQL's own among them.
var readers = map[string]reader{
	"Decimal":  readDecimal,
	"DateTime": readDateTime,
	"Date":     readDate,
	"Code":     textReader(model.CheckCode),
	"Label":    textReader(model.CheckLabel),
	"Text":     textReader(model.CheckText),
	"Long":     readLong,
	"Int":      readInt,
	"ID":       readID,
	"String":   textReader(func(string) error { return nil }),
	"Boolean":  readBoolean,
}

func readDecimal(value any) (any, string) {
	const form = `must be a string such as "12" or "0.5", ` +
		`with at most 12 integer and 6 fraction digits`
	text, ok := textOf(value)
	if !ok {
		return nil, form + ", not " + shapeOf(value)
	}
	qty, err := model.ParseQuantity(text)
	if err != nil {
		return nil, form
	}
	return qty, ""
}

// rfc3339 refuses what time.Parse forgives: an hour of one digit, a comma for the point.
var rfc3339 = regexp.MustCompile(
	`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$`)

func readDateTime(value any) (any, string) {
	const form = `must be an RFC 3339 string with an offset, such as "2026-01-31T08:00:00+01:00"`
	text, ok := textOf(value)
	if !ok {
		return nil, form + ", not " + shapeOf(value)
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil || !rfc3339.MatchString(text) {
		return nil, form
	}
	return model.InstantOf(at), ""
}

func readDate(value any) (any, string) {
	const form = `must be a date string such as "2026-01-31"`
	text, ok := textOf(value)
	if !ok {
		return nil, form + ", not " + shapeOf(value)
	}
	date, err := model.ParseDate(text)
	if err != nil {
		return nil, form
	}
	return date, ""
}

func readLong(value any) (any, string) {
	const form = `must be a string of digits such as "42"`
	text, ok := textOf(value)
	if !ok {
		return nil, form + ", not " + shapeOf(value)
	}
	for _, char := range text {
		if char < '0' || char > '9' {
			return nil, form
		}
	}
	number, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return nil, form + ", below 9223372036854775808"
	}
	return number, ""
}

func readInt(value any) (any, string) {
	const form = "must be a whole number of 32 bits"
	number, ok := value.(json.Number)
	if !ok {
		return nil, form + ", not " + shapeOf(value)
	}
	whole, err := strconv.ParseInt(number.String(), 10, 32)
	if err != nil {
		return nil, form
	}
	return int(whole), ""
}

func readBoolean(value any) (any, string) {
	if flag, ok := value.(bool); ok {
		return flag, ""
	}
	return nil, "must be true or false, not " + shapeOf(value)
}

func readID(value any) (any, string) {
	text, ok := textOf(value)
	switch {
	case !ok:
		return nil, "must be a string, not " + shapeOf(value)
	case text == "" || utf8.RuneCountInString(text) > idCharsMax:
		return nil, "is not an id of ours"
	}
	return text, ""
}

func textReader(check func(string) error) reader {
	return func(value any) (any, string) {
		text, ok := textOf(value)
		if !ok {
			return nil, "must be a string, not " + shapeOf(value)
		}
		if err := check(text); err != nil {
			return nil, err.Error()
		}
		return text, ""
	}
}

func shapeOf(value any) string {
	switch value.(type) {
	case string, quoted:
		return "a string"
	case json.Number:
		return "a number"
	case bool:
		return "a boolean"
	case []any:
		return "a list"
	case map[string]any:
		return "an object"
	}
	return "a bare name"
}

// newScalars are the leaf types of one schema. Int and ID are strict ones in place of graphql-go's;
// String and Boolean cannot be replaced, as its introspection uses them.
func newScalars() []*gql.Scalar {
	return []*gql.Scalar{
		newScalar("Decimal", "An exact number as a string: -?digits[.digits], at most 12 integer "+
			"and 6 fraction digits. Normalised in answers.",
			func(v any) any { return v.(fmt.Stringer).String() }),
		newScalar("DateTime", "RFC 3339 with an offset in, UTC with Z out.",
			func(v any) any { return v.(model.Instant).Time().Format(time.RFC3339Nano) }),
		newScalar("Date", "YYYY-MM-DD, in the warehouse's time zone.",
			func(v any) any { return string(v.(model.Date)) }),
		newScalar("Code", "An identifier: Unicode NFC, 1 to 64 printable characters, no leading "+
			"or trailing space, case-sensitive.", sameText),
		newScalar("Label", `A Code, or "" for none.`, sameText),
		newScalar("Text", "A string of at most 500 characters, without NUL.", sameText),
		newScalar("Long", "A whole number of 64 bits, as a string of digits.",
			func(v any) any { return strconv.FormatInt(v.(int64), 10) }),
		newScalar("Int", "A whole number of 32 bits.", serializeInt),
		newScalar("ID", "An opaque identifier.", sameText),
	}
}

func sameText(value any) any { return value.(string) }

// serializeInt gives null, which fails the field, for what does not fit; counts here do.
func serializeInt(value any) any {
	switch number := value.(type) {
	case int:
		if number == int(int32(number)) {
			return number
		}
	case int64:
		if math.MinInt32 <= number && number <= math.MaxInt32 {
			return int(number)
		}
	}
	return nil
}

// newScalar ties a scalar to its reader. graphql-go gets to read introspection's arguments only,
// but what it asks is answered as strictly. A reader never panics, as that would end the process.
func newScalar(name, description string, serialize gql.SerializeFn) *gql.Scalar {
	read := readers[name]
	parse := func(value any) any {
		parsed, _ := read(value)
		return parsed
	}
	return gql.NewScalar(gql.ScalarConfig{
		Name: name, Description: description, Serialize: serialize, ParseValue: parse,
		ParseLiteral: func(literal ast.Value) any { return parse(plain(literal, nil)) },
	})
}
