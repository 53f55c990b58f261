package graphql

import (
	"bytes"
	"errors"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/graphql-go/graphql/gqlerrors"
	"github.com/graphql-go/graphql/language/lexer"
	"github.com/graphql-go/graphql/language/source"
)

// nullName stands for the literal null, which graphql-go's parser does not know. It is as long,
// so that positions stay right, and names with two underscores are nobody's.
const nullName = "__nl"

// guard looks at a document with graphql-go's lexer alone, which does not recurse, and returns a
// copy that its parser can be given: small, shallow, without what the lexer reads wrongly.
func guard(text string) ([]byte, *problem) {
	if len(text) > documentBytesMax {
		return nil, refuse(codeTooLarge, "the document has more than %d bytes; "+
			"put values into variables", documentBytesMax)
	}
	body := []byte(text)
	blankComments(body)
	tokens, refusal := scan(body)
	if refusal != nil {
		return nil, refusal
	}
	markNulls(body, tokens)
	return body, nil
}

// blankComments overwrites comments and byte order marks with spaces. The lexer counts them in
// characters but goes on in bytes, so one umlaut in a comment made it read on at a wrong place.
func blankComments(body []byte) {
	for at := 0; at < len(body); {
		switch {
		case body[at] == '"':
			at = afterString(body, at)
		case body[at] == '#':
			for at < len(body) && body[at] != '\n' && body[at] != '\r' {
				body[at] = ' '
				at++
			}
		case bytes.HasPrefix(body[at:], []byte("\uFEFF")):
			at += copy(body[at:], "   ")
		default:
			at++
		}
	}
}

// afterString is the place after the string that begins at that place, as the lexer sees it.
func afterString(body []byte, at int) int {
	if bytes.HasPrefix(body[at:], []byte(`"""`)) {
		end := bytes.Index(body[at+3:], []byte(`"""`))
		if end < 0 {
			return len(body)
		}
		return at + 3 + end + 3
	}
	for at++; at < len(body); at++ {
		switch body[at] {
		case '\\':
			at++
		case '"', '\n', '\r':
			return at + 1
		}
	}
	return len(body)
}

// scan reads all tokens and counts them and their nesting.
func scan(body []byte) ([]lexer.Token, *problem) {
	next := lexer.Lex(&source.Source{Body: bytes.Clone(body), Name: "document"})
	var tokens []lexer.Token
	depth := 0
	for {
		token, err := next(0)
		if err != nil {
			return nil, syntaxProblem(err)
		}
		if token.Kind == lexer.EOF {
			return tokens, nil
		}
		if tokens = append(tokens, token); len(tokens) > documentTokensMax {
			return nil, refuse(codeTooLarge, "the document has more than %d tokens; "+
				"put values into variables", documentTokensMax)
		}
		switch token.Kind {
		case lexer.BRACE_L, lexer.BRACKET_L, lexer.PAREN_L:
			depth++
		case lexer.BRACE_R, lexer.BRACKET_R, lexer.PAREN_R:
			depth--
		case lexer.STRING, lexer.BLOCK_STRING:
			if refusal := checkString(body[token.Start:token.End]); refusal != nil {
				return nil, refusal
			}
		}
		if depth > nestingMax {
			return nil, refuse(codeTooDeep, "the document is nested deeper than %d levels",
				nestingMax)
		}
	}
}

// checkString refuses what the lexer reads wrongly: after \""" it writes into the source, so that
// the parser would see other tokens than were counted here, and of a character above U+FFFF that
// is escaped as two halves it keeps neither, so that two codes would become one.
func checkString(raw []byte) *problem {
	if bytes.HasPrefix(raw, []byte(`"""`)) {
		if bytes.Contains(raw, []byte(`\"""`)) {
			return malformed(`a block string with \""" is not supported; use a variable`)
		}
		return nil
	}
	if hasSurrogate(raw) {
		return malformed("a character that is escaped as a surrogate is not supported in a " +
			"document; write the character itself or use a variable")
	}
	return nil
}

func hasSurrogate(raw []byte) bool {
	for at := 0; at < len(raw); at++ {
		if raw[at] != '\\' {
			continue
		}
		if unit, escaped := escapedUnit(raw[at:]); escaped && utf16.IsSurrogate(unit) {
			return true
		}
		at++
	}
	return false
}

// escapedUnit reads the UTF-16 unit of an escape such as \u00e9 at the beginning of a text.
func escapedUnit(text []byte) (unit rune, escaped bool) {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return 0, false
	}
	value, err := strconv.ParseUint(string(text[2:6]), 16, 16)
	return rune(value), err == nil
}

// markNulls renames the literal null where a value may stand: inside parentheses, and not as the
// name of an argument, a field, a variable or a directive.
func markNulls(body []byte, tokens []lexer.Token) {
	depth := 0
	for i, token := range tokens {
		switch token.Kind {
		case lexer.PAREN_L:
			depth++
		case lexer.PAREN_R:
			depth--
		case lexer.NAME:
			isKey := i+1 < len(tokens) && tokens[i+1].Kind == lexer.COLON
			isNamed := tokens[i-min(i, 1)].Kind == lexer.DOLLAR ||
				tokens[i-min(i, 1)].Kind == lexer.AT
			if depth > 0 && token.Value == "null" && !isKey && !isNamed {
				copy(body[token.Start:token.End], nullName)
			}
		}
	}
}

// unsafeJSON says why a body that JSON decoding would take must not be taken: it replaces bytes
// that are not UTF-8, and halves of surrogate pairs, by one and the same character, so that two
// different keys would become one.
func unsafeJSON(body []byte) string {
	if !utf8.Valid(body) {
		return "the body is not valid UTF-8"
	}
	for at := 0; at < len(body); at++ {
		if body[at] != '\\' {
			continue
		}
		unit, escaped := escapedUnit(body[at:])
		if escaped && utf16.IsSurrogate(unit) {
			next, _ := escapedUnit(body[at+6:])
			if utf16.DecodeRune(unit, next) == utf8.RuneError {
				return "the body has an escape of half a character"
			}
			at += 10
		}
		at++
	}
	return ""
}

// syntaxProblem keeps the place and the kind of a syntax error, and not the source around it.
func syntaxProblem(err error) *problem {
	var syntax *gqlerrors.Error
	if !errors.As(err, &syntax) || len(syntax.Locations) == 0 {
		return malformed("syntax error")
	}
	message, _, _ := strings.Cut(syntax.Message, "\n")
	_, kind, _ := strings.Cut(message, ") ")
	kind, _, _ = strings.Cut(kind, `"`)
	place := syntax.Locations[0]
	return malformed("syntax error at line %d, column %d: %s", place.Line, place.Column,
		strings.TrimSpace(kind))
}
