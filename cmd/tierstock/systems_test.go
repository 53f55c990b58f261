package main

import (
	"bytes"
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tierstock/wmsync"
)

// TestSystemsInTheFile: the example of docs/systems.md, beside a setting, for each command.
func TestSystemsInTheFile(t *testing.T) {
	example := blocksOf(t, filepath.Join("..", "..", "docs", "systems.md"))[0].text
	t.Chdir(t.TempDir())
	if err := os.WriteFile("c.yaml", []byte("db: sqlite:file.db\n"+example), 0o600); err != nil {
		t.Fatal(err)
	}
	read := func(command string) ([]wmsync.System, error) {
		line, _, _, err := parse([]string{command, "--config", "c.yaml"}, &bytes.Buffer{})
		if err == nil && line.DB != "sqlite:file.db" {
			t.Errorf("%s: %s", command, line.DB)
		}
		if err != nil {
			return nil, err
		}
		return line.systems, nil
	}
	t.Setenv("ERP1_HOOK", "whsec_"+base64.StdEncoding.EncodeToString(make([]byte, 32)))
	if systems, err := read("verify"); len(systems) > 0 || err != nil {
		t.Error("verify needs no secrets:", systems, err)
	}
	for _, command := range []string{"serve", "demo"} {
		code, out, errOut := tierstock(t, command, "--config", "c.yaml")
		want := "tierstock: --config: c.yaml: systems: line 6: system erp1: token cannot be read from " +
			"env:ERP1_TOKEN: there is no such environment variable (put the secret there)\n"
		if code != exitUsage || out != "" || errOut != want {
			t.Errorf("%s: %d %s %s", command, code, out, errOut)
		}
	}
	t.Setenv("ERP1_TOKEN", "hush")
	for _, command := range []string{"serve", "demo"} {
		systems, err := read(command)
		if err != nil || len(systems) != 1 || systems[0].Token != "hush" ||
			systems[0].Warehouses["MAIN"] != "W1" {
			t.Errorf("%s: %v, %v", command, systems, err)
		}
	}
	if made, err := filepath.Glob("*.db*"); err != nil || len(made) > 0 {
		t.Error(made, err)
	}
}

// TestWrongSystems: a list that is wrong ends every command that is given it.
func TestWrongSystems(t *testing.T) {
	t.Chdir(t.TempDir())
	text := "systems:\n  - name: bus\n    kind: wes-sync\n    url: https://x\n" +
		"    warehouses: {A: W1}\n    pull: {cron: TZ=UTC}\n    token: secret\n"
	if err := os.WriteFile("c.yaml", []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, command := range []string{"serve", "verify", "migrate"} {
		code, out, errOut := tierstock(t, command, "--config", "c.yaml")
		if code != exitUsage || out != "" || strings.Contains(errOut, "secret)") ||
			strings.Count(errOut, "\n") != 1 || !strings.Contains(errOut, "line 6: system bus: "+
			"pull.cron \"TZ=UTC\" has a time zone in it") ||
			!strings.Contains(errOut, "; line 7: system bus: token does not name a secret") {
			t.Errorf("%s: %d %s %s", command, code, out, errOut)
		}
	}
}
