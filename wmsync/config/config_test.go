package config_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"tierstock/model"
	"tierstock/wmsync"
	"tierstock/wmsync/config"
)

// contract is the example that the contract gives.
const contract = `systems:
  - name: erp1                      # unique; also the path of its webhook
    kind: wes-sync                  # or tryton
    url: https://erp.example/api
    token: env:ERP1_TOKEN           # sent as a bearer token; env: and file: read it from there
    webhookSecrets: [env:ERP1_HOOK] # whsec_...; any of them may sign
    warehouses: {MAIN: W1}          # theirs: ours; others are refused
    defaultZone: DOCK               # where stock without a zone goes
    pull: {streams: [skus, orders, stock], every: 10s}
    push: true
`

const full = `systems:
  - name: erp.1_a-B
    kind: wes-sync
    url: http://10.0.0.5:8080/api/
    insecure: true
    token: env:TOKEN
    webhookSecrets: [env:HOOK, file:HOOK]
    warehouses: &ours {MAIN: W1, "2": W2}
    zones: {A: PICK}
    owners: {"": ACME, X: ""}
    skus: {0815: TEA}
    packs: {EA: "", BOX: CASE}
    defaultZone: DOCK
    pull: {streams: [stock, inbound], cron: "*/5 6-20 * * *", timezone: Europe/Vienna}
    push: false
    reconcile: {at: 23:05}
    tolerances: [{qty: 2}, {skus: T, qty: "0.5", percent: 1.5}]
  - name: tryton
    kind: tryton
    url: http://[::1]:8000/wms/
    user: admin
    password: file:PASSWORD
    warehouses: {WH: W1}
    reconcile: never
  - name: bus
    kind: kafka
    brokers: ["kafka-1:9092", "[::1]:9092"]
    topic: stock.movements
    warehouses: *ours
    push: true
`

func hook(length int) string {
	return "whsec_" + base64.StdEncoding.EncodeToString(make([]byte, length))
}

func secrets(reference string) (string, error) {
	known := map[string]string{"env:ERP1_TOKEN": "token", "env:ERP1_HOOK": hook(24),
		"env:TOKEN": "token", "env:HOOK": hook(24), "file:HOOK": hook(64),
		"file:PASSWORD": "pass word", "env:EMPTY": "", "env:SPACED": "hush, hush",
		"env:LINES": "hush\n1", "env:SHORT": hook(23), "env:LONG": hook(65),
		"env:BARE": "hushhushhush", "env:ODD": "whsec_hush!"}
	text, there := known[reference]
	if !there {
		return "", errors.New("there is no such environment variable")
	}
	return text, nil
}

func schedule(spec string) error {
	if strings.Count(spec, " ") != 4 {
		return errors.New("is no schedule")
	}
	return nil
}

func parse(t *testing.T, text string) ([]wmsync.System, error) {
	t.Helper()
	var file map[string]yaml.Node
	if err := yaml.Unmarshal([]byte(text), &file); err != nil {
		t.Fatal(err)
	}
	node := file["systems"]
	return config.Parse(&node, config.Options{Secret: secrets, Schedule: schedule})
}

func TestTheContractsExample(t *testing.T) {
	got, err := parse(t, contract)
	want := []wmsync.System{{Name: "erp1", Kind: wmsync.KindWES, URL: "https://erp.example/api",
		Token: "token", WebhookSecrets: []string{hook(24)},
		Warehouses: map[string]string{"MAIN": "W1"}, DefaultZone: "DOCK",
		Pull: wmsync.Pulling{Streams: []wmsync.Stream{wmsync.SKUs, wmsync.Stock, wmsync.Orders},
			Every: 10 * time.Second},
		Push: true, ReconcileAt: 3*time.Hour + 30*time.Minute}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(err, diff)
	}
}

func TestEveryKey(t *testing.T) {
	got, err := parse(t, full)
	want := []wmsync.System{
		{Name: "erp.1_a-B", Kind: wmsync.KindWES, URL: "http://10.0.0.5:8080/api", Token: "token",
			WebhookSecrets: []string{hook(24), hook(64)},
			Warehouses:     map[string]string{"MAIN": "W1", "2": "W2"},
			Zones:          map[string]string{"A": "PICK"},
			Owners:         map[string]string{"": "ACME", "X": ""},
			SKUs:           map[string]string{"0815": "TEA"},
			Packs:          map[string]string{"EA": "", "BOX": "CASE"}, DefaultZone: "DOCK",
			Pull: wmsync.Pulling{Streams: []wmsync.Stream{wmsync.Stock, wmsync.Inbound},
				Cron: "*/5 6-20 * * *", Timezone: "Europe/Vienna"},
			ReconcileAt: 23*time.Hour + 5*time.Minute,
			Tolerances: []wmsync.Tolerance{{Qty: model.Whole(2)},
				{Prefix: "T", Qty: model.One / 2, Percent: model.One * 3 / 2}}},
		{Name: "tryton", Kind: wmsync.KindTryton, URL: "http://[::1]:8000/wms", User: "admin",
			Password: "pass word", Warehouses: map[string]string{"WH": "W1"},
			Pull: wmsync.Pulling{Every: 10 * time.Second}, ReconcileAt: -1},
		{Name: "bus", Kind: wmsync.KindKafka, Brokers: []string{"kafka-1:9092", "[::1]:9092"},
			Topic: "stock.movements", Warehouses: map[string]string{"MAIN": "W1", "2": "W2"}, Push: true,
			ReconcileAt: -1}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(err, diff)
	}
}

// change is an example with one line, from its key on, written otherwise; "" leaves it out.
func change(t *testing.T, example, line, by string) string {
	t.Helper()
	var text strings.Builder
	found := false
	for each := range strings.Lines(example) {
		begin, _, has := strings.Cut(each, line)
		if !has || found {
			text.WriteString(each)
			continue
		}
		found = true
		if by != "" {
			text.WriteString(begin + by + "\n")
		}
	}
	if !found {
		t.Fatalf("no %q", line)
	}
	return text.String()
}

// Each thing that can be wrong, in the contract's example.
func TestRefusals(t *testing.T) {
	const tooMuch = "hush"
	for _, c := range []struct{ line, by, want string }{
		{"name:", "name: a/b", "line 2: system number 1: name \"a/b\" is no name"},
		{"name:", "name: ..", "name \"..\" is no name of 1 to 50 characters that a path can have"},
		{"name:", "name: [a]", "name must be a single value"},
		{"name:", "name: " + strings.Repeat("n", 65), "1 to 50 characters that a path"},
		{"kind:", "kind: wes", "line 3: system erp1: kind \"wes\" is none; the nearest is wes-sync"},
		{"kind:", "", "line 2: system erp1: kind is missing (write kind: ...)"},
		{"url:", "", "line 2: system erp1: url is missing"},
		{"url:", "url: ftp://x", "line 4: system erp1: url does not begin with http:// or https://"},
		{"url:", "url: erp.example/api", "does not begin with http:// or https://"},
		{"url:", "url: https://me:hush@erp.example", "url has a user in it"},
		{"url:", "url: https://erp.example/?key=hush", "url has a query or a fragment"},
		{"url:", "url: \"https://erp.example/#\"", "url has a query or a fragment"},
		{"url:", "url: \"https://%zz/hush\"", "url is no URL"},
		{"url:", "url: https:///api", "url names no host"},
		{"url:", "url: https://erp.example:0/", "url has a port that is none"},
		{"url:", "url: http://erp.example", "url is http, and what is given in line 5 could be read"},
		{"url:", "url: http://127.0.0.1.example", "url is http"},
		{"token:", "token: hush", "line 5: system erp1: token does not name a secret (write env:NAME or"},
		{"token:", "token: env:hush-hush", "token does not name a secret"},
		{"token:", "token: [env:TOKEN]", "token does not name a secret"},
		{"token:", "token: 'file:'", "token does not name a secret"},
		{"token:", "token: env:MISSING", "token cannot be read from env:MISSING: there is no such env"},
		{"token:", "token: env:EMPTY", "token cannot be read from env:EMPTY: is empty"},
		{"token:", "token: env:SPACED", "env:SPACED: has a character that a token cannot have"},
		{"webhookSecrets:", "webhookSecrets: env:HOOK", "webhookSecrets must be a list of 1 to"},
		{"webhookSecrets:", "webhookSecrets: []", "webhookSecrets must be a list of 1 to"},
		{"webhookSecrets:", "webhookSecrets: [hush]", "webhookSecrets does not name a secret"},
		{"webhookSecrets:", "webhookSecrets: [env:HOOK, env:HOOK]", "webhookSecrets has an entry twice"},
		{"webhookSecrets:", "webhookSecrets: [env:BARE]", "does not begin with whsec_"},
		{"webhookSecrets:", "webhookSecrets: [env:ODD]", "is not base64 after whsec_"},
		{"webhookSecrets:", "webhookSecrets: [env:SHORT]", "has 23 bytes, not 24 to 64"},
		{"webhookSecrets:", "webhookSecrets: [env:LONG]", "has 65 bytes, not 24 to 64"},
		{"warehouses:", "", "warehouses is missing"},
		{"warehouses:", "warehouses: {}", "warehouses must be a mapping of their codes to ours"},
		{"warehouses:", "warehouses: [W1]", "warehouses must be a mapping of their codes to ours"},
		{"warehouses:", "warehouses: {A: W1, B: W1}", "has both \"A\" and \"B\" for our \"W1\""},
		{"warehouses:", "warehouses: {A: W1, A: W2}", "line 7: system erp1: warehouses has \"A\" twice"},
		{"warehouses:", "warehouses: {A: \" W1\"}", "\" W1\" begins or ends with a space"},
		{"warehouses:", "warehouses: {A: \"\"}", "warehouses \"\" is empty"},
		{"warehouses:", "warehouses: {A: }", "warehouses must be a single value"},
		{"pull:", "pull: {streams: [skus], shrinkMax: 0}", "pull.shrinkMax \"0\" is not from 1 to 100"},
		{"pull:", "pull: {streams: [skus], shrinkMax: all}", "pull.shrinkMax \"all\" is not from"},
		{"defaultZone:", "defaultZone: \"\"", "defaultZone \"\" is empty"},
		{"defaultZone:", "owners: {A: X, B: X}", "owners has both \"A\" and \"B\" for our \"X\""},
		{"pull:", "pull: 10s", "pull is no mapping (write key: value lines)"},
		{"pull:", "pull: {often: 10s}", "pull has no key \"often\" (did you mean cron? The keys"},
		{"pull:", "pull: {streams: stock}", "pull.streams must be a list"},
		{"pull:", "pull: {streams: [order]}", "\"order\" is none; the nearest is orders (the streams"},
		{"pull:", "pull: {streams: [skus, skus]}", "pull.streams has an entry twice"},
		{"pull:", "pull: {every: 10}", "pull.every \"10\" is no time (write a time such as"},
		{"pull:", "pull: {every: 999ms}", "pull.every \"999ms\" is not from 1s to 24h0m0s"},
		{"pull:", "pull: {every: 25h}", "is not from 1s to 24h0m0s"},
		{"pull:", "pull: {cron: daily}", "pull.cron \"daily\" is no schedule (write minute"},
		{"pull:", "pull: {cron: '* * * * *', every: 1s}", "pull.cron is given together with every"},
		{"pull:", "pull: {timezone: UTC}", "pull.timezone is given without cron"},
		{"pull:", "pull: {cron: '* * * * *', timezone: Mars/X}", "\"Mars/X\" is no time zone that"},
		{"pull:", "pull: {cron: '* * * * *', timezone: Local}", "\"Local\" is no time zone"},
		{"push:", "push: yes", "push is neither true nor false (write true or false)"},
		{"push:", "pusch: true", "has no key \"pusch\" (did you mean push? The keys are brokers, "},
		{"push:", "push: true\n    push: true", "line 11: system erp1: push is given twice"},
		{"push:", "insecure: 1", "insecure is neither true nor false"},
		{"push:", "reconcile: always", "reconcile does not say when (write {at: \"03:30\"} or never)"},
		{"push:", "reconcile: {}", "reconcile does not say when"},
		{"push:", "reconcile: {at: 24:00}", "reconcile.at \"24:00\" is no time of the day"},
		{"push:", "reconcile: {on: 03:30}", "reconcile has no key \"on\" (did you mean at?"},
		{"push:", "tolerances: {qty: 1}", "tolerances is no list"},
		{"push:", "tolerances: [1]", "tolerances is no mapping"},
		{"push:", "tolerances: [{skus: A}]", "tolerances does not say how far (write qty, percent"},
		{"push:", "tolerances: [{qty: -1}]", "tolerances.qty is wrong: -1 is not from 0 to"},
		{"push:", "tolerances: [{qty: lots}]", "tolerances.qty is wrong: \"lots\" is not a decimal"},
		{"push:", "tolerances: [{percent: 101}]", "percent is wrong: 101 is not from 0 to 100"},
		{"push:", "tolerances: [{qty: 1}, {qty: 2}]", "tolerances has the SKUs \"\" twice"},
		{"push:", "user: me", "line 10: system erp1: user is not for a system of kind wes-sync"},
		{"push:", "brokers: ['k:1']", "brokers is not for a system of kind wes-sync"},
	} {
		_, err := parse(t, change(t, contract, c.line, c.by))
		if err == nil || !strings.Contains(err.Error(), c.want) ||
			strings.Contains(err.Error(), tooMuch) && !strings.Contains(c.by, "env:"+tooMuch) ||
			strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want %s", c.by, err, c.want)
		}
	}
}

// What is wrong only with other kinds, in the example of every key.
func TestRefusalsByKind(t *testing.T) {
	for _, c := range []struct{ line, by, want string }{
		{"insecure: true", "insecure: false", "url is http"},
		{"  - name: tryton", "  - name: bus", "name is that of the system of line 18 too"},
		{"url: http://[::1]", "url: http://[::1]", "url must have the database as its path"},
		{"url: http://[::1]", "url: http://[::1]/a/b", "url must have the database as its path"},
		{"url: http://[::1]", "url: http://tryton/a", "url is http, and what is given in line 22 could"},
		{"user: admin", "", "line 18: system tryton: user is missing"},
		{"user: admin", "user: \"\"", "user \"\" is empty"},
		{"password:", "password: env:LINES", "env:LINES: has more than one line"},
		{"password:", "token: env:TOKEN", "token is not for a system of kind tryton"},
		{"brokers:", "", "line 25: system bus: brokers is missing"},
		{"brokers:", "brokers: [kafka]", "brokers \"kafka\" is no host:port"},
		{"brokers:", "brokers: [':9092']", "brokers \":9092\" is no host:port"},
		{"brokers:", "brokers: ['k:0']", "brokers \"k:0\" is no host:port"},
		{"topic:", "topic: a b", "topic \"a b\" is no name of a topic"},
		{"topic:", "pull: {streams: [skus]}", "pull is not for a system of kind kafka"},
		{"topic:", "url: https://x", "url is not for a system of kind kafka"},
		{"push: true", "", "system bus: push must be true: kafka does nothing else"},
	} {
		text := change(t, full, c.line, c.by)
		if _, err := parse(t, text); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", c.by, err, c.want)
		}
	}
}

func TestNoList(t *testing.T) {
	for text, want := range map[string]string{
		"systems:":               "line 1: systems is no list",
		"systems: {a: b}":        "line 1: systems is no list",
		"systems: [a]":           "line 1: system number 1: is no mapping",
		"systems:\n- {kind: x}":  "line 2: system number 1: name is missing",
		"systems:\n- {}\n- {}\n": "line 3: system number 2: kind is missing",
		"systems: [" + strings.Repeat("{}, ", 101) + "]": "systems has more than 100",
		"systems: [" + strings.Repeat("{}, ", 50) + "]":  "; and 130 more",
	} {
		if _, err := parse(t, text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40s: %v, want %s", text, err, want)
		}
	}
	if systems, err := parse(t, "systems: []"); len(systems) > 0 || err != nil {
		t.Error(systems, err)
	}
}

// All that is wrong is told at once, in the order of the lines.
func TestProblemsInOrder(t *testing.T) {
	text := change(t, change(t, change(t, contract, "push:", "push: 1"), "kind:", "kind: x"),
		"token:", "token: env:NONE")
	_, err := parse(t, text)
	problems, ok := errors.AsType[*config.Problems](err)
	if !ok {
		t.Fatal(err)
	}
	var got []string
	for _, problem := range problems.List {
		got = append(got, fmt.Sprint(problem.Line, " ", problem.System, " ", problem.Field))
	}
	want := []string{"3 erp1 kind", "5 erp1 token", "10 erp1 push"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Who speaks to no system needs no secrets, but to name them rightly.
func TestSecretsUnread(t *testing.T) {
	var file map[string]yaml.Node
	if err := yaml.Unmarshal([]byte(contract), &file); err != nil {
		t.Fatal(err)
	}
	node := file["systems"]
	got, err := config.Parse(&node, config.Options{Schedule: schedule})
	if err != nil || got[0].Token != "" || got[0].WebhookSecrets != nil {
		t.Error(got, err)
	}
}

func TestReadSecret(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte(" a b \r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SYSTEM_SECRET", "hush\n")
	for reference, want := range map[string]string{"file:" + path: " a b ",
		"env:SYSTEM_SECRET": "hush"} {
		if got, err := config.ReadSecret(reference); got != want || err != nil {
			t.Errorf("%s: %q, %v", reference, got, err)
		}
	}
	if err := os.WriteFile(path, make([]byte, 10_000), 0o600); err != nil {
		t.Fatal(err)
	}
	for reference, want := range map[string]string{
		"hush":                       "a secret is named env:NAME or file:PATH",
		"env:SYSTEM_SECRET_2":        "there is no such environment variable",
		"file:" + path:               "has more than 8192 bytes",
		"file:" + path + "x":         "no such file or directory",
		"file:" + filepath.Dir(path): "is a directory",
	} {
		if got, err := config.ReadSecret(reference); err == nil || err.Error() != want {
			t.Errorf("%s: %q, %v, want %s", reference, got, err, want)
		}
	}
}
