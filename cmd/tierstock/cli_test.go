package main

import (
	"bytes"
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// tierstock runs the program as a shell would, in this process.
func tierstock(t *testing.T, args ...string) (code int, out, errOut string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = run(context.Background(), args, &stdout, &stderr)
	return code, stdout.String(), stderr.String()
}

// TestHelp keeps the program's face: each command's help is part of the golden file.
func TestHelp(t *testing.T) {
	t.Setenv("COLUMNS", "80") // which kong wraps its help for
	var all strings.Builder
	for _, command := range []string{"", "demo", "serve", "migrate", "import orders", "verify",
		"reconcile", "archive", "rules check", "rules try", "bench", "token", "wms-sim"} {
		args := append(strings.Fields(command), "--help")
		code, out, errOut := tierstock(t, args...)
		if code != exitDone || errOut != "" {
			t.Errorf("%v: exit %d, %s", args, code, errOut)
		}
		all.WriteString("$ tierstock " + strings.Join(args, " ") + "\n" + out + "\n")
	}
	golden := filepath.Join("testdata", "help.golden")
	if *update {
		if err := os.WriteFile(golden, []byte(all.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if all.String() != string(want) {
		t.Errorf("the help has changed; go test ./cmd/tierstock -update if it should:\n%s", &all)
	}
}

func TestNoArgumentsGiveHelp(t *testing.T) {
	code, out, errOut := tierstock(t)
	if code != exitDone || !strings.HasPrefix(out, "Usage: tierstock <command>") || errOut != "" {
		t.Error(code, out, errOut)
	}
}

// TestWrongUsage: what is wrong is said in one line, and nothing has been opened or made.
func TestWrongUsage(t *testing.T) {
	folder := t.TempDir()
	t.Chdir(folder)
	write := func(name, text string) string {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	for _, c := range []struct {
		args string
		want string
	}{
		{"sell", "unexpected argument sell"},
		{"serve --colour red", "unknown flag --colour"},
		{"import", "expected \"orders\""},
		{"import orders", "missing flags: --warehouse=W"},
		{"import orders --warehouse W", "expected \"<file>\""},
		{"reconcile", "missing flags: --warehouse=W"},
		{"archive", "missing flags: --before=DATE"},
		{"archive --before 2026-01-01", "missing flags: --to=DIRECTORY"},
		{"archive --before today --to .", "--before: \"today\" is not a date such as"},
		{"archive --before 2026-01-01 --to missing", "--to: missing: no such directory"},
		{"archive --before 2026-01-01 --to " + write("file", ""), "--to: file is not a directory"},
		{"archive --before 2026-01-01 --to . --db sqlite:missing.db", "cannot open sqlite:"},
		{"reconcile --warehouse W --scope ALL", "--scope: \"ALL\" is not LEDGER, TIERS, RES"},
		{"migrate --db postgres://x", "--db: a database URL is sqlite:PATH or mysql://"},
		{"serve --db sqlite:", "--db: sqlite: needs the path of a file"},
		{"verify --db mysql://root:secret@/x", "--db: mysql: the URL must be mysql://user"},
		{"serve --listen 8080", "--listen: \"8080\" is not an address such as 127.0.0.1:8080"},
		{"serve --listen 127.0.0.1:http", "--listen: \"http\" is not a port"},
		{"serve --listen 127.0.0.1:99999", "--listen: \"99999\" is not a port"},
		{"serve --listen 0.0.0.0:8080", "--listen: 0.0.0.0:8080 is not a loopback address"},
		{"serve --listen :8080", "--listen: :8080 is not a loopback address"},
		{"demo --listen 192.0.2.1:8080", "--listen: 192.0.2.1:8080 is not a loopback address"},
		{"demo --days=-1", "--days: must not be negative"},
		{"demo --days many", "--days: expected a valid"},
		{"import orders x.csv --warehouse W --stock=-1", "--stock: \"-1\" is not a whole number"},
		{"import orders x.csv --warehouse W --stock 1.5", "--stock: \"1.5\" is not a whole number"},
		{"import orders missing.csv --warehouse W", "missing.csv: no such file"},
		{"import orders " + write("bad.csv", "a;b\n") + " --warehouse W", "bad.csv: line 1: it names"},
		{"bench --workload hot2", "--workload: \"hot2\" is not one of hot1, hot1-half, "},
		{"bench --contenders redis", "--contenders: redis needs --redis"},
		{"bench --redis http://x:secret@y", "--redis: a Redis URL is redis://"},
		{"bench --callers 0", "--callers: 0 is not a number from 1 to"},
		{"bench --callers some", "--callers: expected a valid"},
		{"bench --rounds 0", "--rounds: 0 is not a number from 1"},
		{"bench --seconds 0", "--seconds: 0 is not above 0"},
		{"bench --json missing/x.json", "--json: missing/x.json: its folder is not there"},
		{"bench --json .", "--json: .: is a folder"},
		{"bench --db nowhere", "--db: a database URL is"},
		{"wms-sim --listen 0.0.0.0:8090", "--listen: 0.0.0.0:8090 is not a loopback address"},
		{"wms-sim --listen 8090", "--listen: \"8090\" is not an address such as"},
		{"wms-sim --misbehave lat=1", "--misbehave: \"lat\" is not one of doubled, emptyPages, "},
		{"wms-sim --misbehave late=2", "--misbehave: late: \"2\" is not a number from 0 to 1"},
		{"wms-sim --speed=-1", "--speed: -1 is not a number of orders a second"},
		{"wms-sim --stock 1.5", "--stock: \"1.5\" is not a whole number"},
		{"wms-sim --data missing.csv", "--data: missing.csv: no such file"},
		{"wms-sim --data bad.csv", "--data: bad.csv: line 1: it names"},
		{"wms-sim --webhook ftp://x/ --webhook-secret whsec_c2VjcmV0", "--webhook: a URL is http"},
		{"serve --config missing.yaml", "--config: missing.yaml: no such file"},
		{"serve --config " + write("list.yaml", "- a\n"), "--config: list.yaml: yaml:"},
		{"serve --config " + write("lisen.yaml", "db: sqlite:x.db\nlisen: x\n"),
			"--config: lisen.yaml: line 2: there is no setting \"lisen\""},
		{"serve --config " + write("help.yaml", "help: true\n"), "there is no setting \"help\""},
		{"serve --config " + write("deep.yaml", "listen: [x]\n"),
			"line 1: listen must be a single value"},
		{"serve --config " + write("db.yaml", "db: nowhere\n"), "--db: a database URL is"},
	} {
		code, out, errOut := tierstock(t, strings.Fields(c.args)...)
		if code != exitUsage || out != "" || strings.Count(errOut, "\n") != 1 ||
			!strings.HasPrefix(errOut, "tierstock: ") || !strings.Contains(errOut, c.want) ||
			strings.Contains(errOut, "secret") {
			t.Errorf("%s: exit %d, %q %q, want %q", c.args, code, out, errOut, c.want)
		}
	}
	made, err := filepath.Glob("*.db*")
	if err != nil || len(made) > 0 {
		t.Error(made, err)
	}
}

// TestWhatWins: the flag over the environment, the environment over the file, the file over the
// default.
func TestWhatWins(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("c.yaml", []byte("db: sqlite:file.db\njson: true\nlisten: x\n"),
		0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		environment, args, want string
	}{
		{"", "", "sqlite:tierstock.db"},
		{"", "--config c.yaml", "sqlite:file.db"},
		{"sqlite:env.db", "--config c.yaml", "sqlite:env.db"},
		{"sqlite:env.db", "", "sqlite:env.db"},
		{"sqlite:env.db", "--config c.yaml --db sqlite:flag.db", "sqlite:flag.db"},
		{"nowhere", "--db sqlite:flag.db", "sqlite:flag.db"},
	} {
		if c.environment != "" {
			t.Setenv("TIERSTOCK_DB", c.environment)
		} else {
			_ = os.Unsetenv("TIERSTOCK_DB")
		}
		line, chosen, _, err := parse(append([]string{"verify"}, strings.Fields(c.args)...),
			&bytes.Buffer{})
		if err != nil || line.DB != c.want {
			t.Errorf("%+v: %v, %+v", c, err, line)
			continue
		}
		if want := strings.Contains(c.args, "c.yaml"); chosen.(*verifyCommand).JSON != want {
			t.Errorf("%+v: %+v", c, chosen)
		}
	}
	t.Setenv("TIERSTOCK_DB", "sqlite:env.db")
	t.Setenv("TIERSTOCK_CONFIG", "c.yaml")
	_, chosen, _, err := parse([]string{"verify"}, &bytes.Buffer{})
	if err != nil || !chosen.(*verifyCommand).JSON {
		t.Error("the file named in the environment:", err, chosen)
	}
}
