package wmsync_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"tierstock/wmsync"
)

// However a system is printed, its secrets are not.
func TestSecretsStayHidden(t *testing.T) {
	system := wmsync.System{Name: "erp1", Kind: wmsync.KindWES, URL: "https://erp.example",
		Token: "hush", Password: "hush", WebhookSecrets: []string{"whsec_hush"}}
	list := []wmsync.System{system}
	var said bytes.Buffer
	for _, handler := range []slog.Handler{slog.NewTextHandler(&said, nil),
		slog.NewJSONHandler(&said, nil)} {
		slog.New(handler).Info("a", "one", system, "pointed", &system, "list", list,
			"inside", map[string]any{"it": &system})
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		fmt.Fprintf(&said, verb+verb+verb+"\n", system, &system, list)
	}
	encoded, err := json.Marshal(map[string]any{"list": list, "one": &system})
	if err != nil {
		t.Fatal(err)
	}
	said.Write(encoded)
	if text := said.String(); strings.Contains(text, "hush") ||
		!strings.Contains(text, "erp1 (wes-sync at https://erp.example)") {
		t.Error(text)
	}
}
