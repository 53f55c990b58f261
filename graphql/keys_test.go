package graphql

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func TestRepeatedKeys(t *testing.T) {
	many := strings.Builder{}
	for i := range 100 {
		fmt.Fprintf(&many, `"k%d":%d,`, i, i)
	}
	for text, want := range map[string]bool{
		`{}`: false, `[]`: false, `1`: false, `"a"`: false,
		`{"a":1,"b":2}`: false, `{"a":1,"a":2}`: true, `{"a":{"a":{"a":1}}}`: false,
		`[{"a":1},{"a":2}]`: false, `{"l":[{"a":1},{"b":2,"b":3}]}`: true,
		`{"a":"a","b":"a"}`: false, `{"a":["a","a"]}`: false, `{"a":{},"b":{},"a":1}`: true,
		`{"a":[[1],[2]],"a":1}`: true, `{"a":1,"\u0061":2}`: true, `{"a\"":1,"a":2}`: false,
		`{"a":"\\","b":"\"{","a":1}`: true, `{"A":1,"a":2}`: false,
		`{` + many.String() + `"x":1}`: false, `{` + many.String() + `"k99":1}`: true,
		`{` + many.String() + `"k3":1}`: true, `{"a":1 , "a" :2}`: true,
	} {
		if !json.Valid([]byte(text)) {
			t.Fatal(text)
		}
		if got := repeatsKey(text); got != want {
			t.Errorf("%.80s: %v", text, got)
		}
	}
}
