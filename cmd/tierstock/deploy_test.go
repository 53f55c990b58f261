package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"tierstock/stocktest"
	"tierstock/wmssim"
)

func deployed(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "deploy", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func parseYAML[T any](t *testing.T, name string) (parsed T) {
	t.Helper()
	if err := yaml.Unmarshal([]byte(deployed(t, name)), &parsed); err != nil {
		t.Fatal(name, err)
	}
	return parsed
}

type ruleFile struct {
	Groups []struct {
		Rules []struct {
			Alert, Expr         string
			Labels, Annotations map[string]string
		}
	}
}

// TestAlerts: each says how bad it is, what it is and what to do, and has a test in which it is
// raised and one in which it is not.
func TestAlerts(t *testing.T) {
	rules := parseYAML[ruleFile](t, "prometheus/alerts.yml")
	tests := parseYAML[struct {
		Tests []struct {
			Alerts []struct {
				Name     string `yaml:"alertname"`
				Expected []any  `yaml:"exp_alerts"`
			} `yaml:"alert_rule_test"`
		}
	}](t, "prometheus/alerts_test.yml")
	raised := map[bool]map[string]bool{true: {}, false: {}}
	for _, test := range tests.Tests {
		for _, alert := range test.Alerts {
			raised[len(alert.Expected) > 0][alert.Name] = true
		}
	}
	count := 0
	for _, group := range rules.Groups {
		for _, rule := range group.Rules {
			count++
			if !slices.Contains([]string{"page", "ticket"}, rule.Labels["severity"]) ||
				rule.Annotations["summary"] == "" || rule.Annotations["action"] == "" {
				t.Errorf("%s does not say what to do: %+v", rule.Alert, rule)
			}
			if !raised[true][rule.Alert] || !raised[false][rule.Alert] {
				t.Errorf("%s has no test in which it is raised, or none in which it is not", rule.Alert)
			}
		}
	}
	if count == 0 {
		t.Error("there are no alerts")
	}
}

// dashboard is what a test needs of Grafana's format.
type dashboard struct {
	UID, Title string
	Templating struct {
		List []struct {
			Name  string
			Query any
		}
	}
	Panels []struct {
		ID          int
		Title, Type string
		Targets     []struct{ RefID, Expr string }
	}
}

var (
	metricName   = regexp.MustCompile(`\b(?:tierstock|go|process)_[a-z_]+\b`)
	variableName = regexp.MustCompile(`\$([a-z]+)\b`)
)

// TestDashboard: each panel asks for something, and everything that panels and alerts name is
// counted by the program.
func TestDashboard(t *testing.T) {
	var board dashboard
	if err := json.Unmarshal([]byte(deployed(t, "grafana/tierstock.json")), &board); err != nil {
		t.Fatal(err)
	}
	var expressions []string
	variables := map[string]bool{}
	for _, variable := range board.Templating.List {
		variables[variable.Name] = true
		if asked, isQuery := variable.Query.(map[string]any); isQuery {
			expressions = append(expressions, asked["query"].(string))
		}
	}
	ids := map[int]bool{}
	for _, panel := range board.Panels {
		if len(panel.Targets) == 0 || panel.Title == "" || ids[panel.ID] {
			t.Errorf("%+v", panel)
		}
		ids[panel.ID] = true
		for _, target := range panel.Targets {
			expressions = append(expressions, target.Expr)
		}
	}
	if board.UID == "" || len(board.Panels) == 0 {
		t.Errorf("%+v", board)
	}
	for _, expression := range expressions {
		for _, found := range variableName.FindAllStringSubmatch(expression, -1) {
			if !variables[found[1]] {
				t.Errorf("%s: there is no variable $%s", expression, found[1])
			}
		}
	}
	for _, group := range parseYAML[ruleFile](t, "prometheus/alerts.yml").Groups {
		for _, rule := range group.Rules {
			expressions = append(expressions, rule.Expr)
		}
	}
	counted := countedMetrics(t)
	for _, expression := range expressions {
		for _, name := range metricName.FindAllString(expression, -1) {
			if !strings.Contains(counted, "\n"+name+"{") && !strings.Contains(counted, "\n"+name+" ") {
				t.Errorf("nobody counts %s: %s", name, expression)
			}
		}
	}
}

// countedMetrics are those of a server that has done a little of everything.
func countedMetrics(t *testing.T) (counted string) {
	t.Helper()
	databaseURL := stocktest.Backends(t)[0].URL(t)
	served(t, func(url string) {
		imported(t, databaseURL)
		post(t, url, `mutation { reserve(lines: [{key: {jobType: "J", orderId: "M", lineId: "1"},
			warehouse: "W1", sku: "NONE", qty: "1"}]) { committed } }`)
		post(t, url, `mutation { syncNow(system: "erp1") { state } }`)
		_, counted = get(t, url+"metrics")
	}, "serve", "--db", databaseURL, "--config", connected(t))
	return counted
}

// connected is a configuration file that names a system which answers.
func connected(t *testing.T) (file string) {
	t.Helper()
	system := httptest.NewServer(wmssim.New(wmssim.Options{}).Handler())
	t.Cleanup(system.Close)
	t.Setenv("ERP1_HOOK", "whsec_"+base64.StdEncoding.EncodeToString(make([]byte, 32)))
	file = filepath.Join(t.TempDir(), "config.yaml")
	text := "systems:\n  - {name: erp1, kind: wes-sync, url: " + system.URL +
		", warehouses: {MAIN: W1}, push: true,\n     webhookSecrets: [env:ERP1_HOOK]," +
		" pull: {streams: [skus]}}\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestUnit: systemd takes it, where there is one, and it keeps its fences.
func TestUnit(t *testing.T) {
	unit := deployed(t, "tierstock.service")
	for _, line := range []string{"NoNewPrivileges=yes", "DynamicUser=yes", "ProtectSystem=strict",
		"CapabilityBoundingSet=", "LoadCredential=signing-key:", "KillSignal=SIGTERM"} {
		if !strings.Contains(unit, "\n"+line) {
			t.Errorf("%s is missing", line)
		}
	}
	found := regexp.MustCompile(`ExecStart=\S+ (.+)`).FindStringSubmatch(unit)
	if found == nil {
		t.Fatal("it starts nothing")
	}
	key := filepath.Join(t.TempDir(), "signing-key")
	if err := os.WriteFile(key, []byte(testSecret), 0o600); err != nil {
		t.Fatal(err)
	}
	args := strings.Fields(strings.ReplaceAll(found[1], "%d", filepath.Dir(key)))
	if _, _, _, err := parse(args, nil); err != nil {
		t.Errorf("%v: %v", args, err)
	}
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Log("systemd-analyze is not here; the unit was not verified")
		return
	}
	file := filepath.Join(t.TempDir(), "tierstock.service")
	// The program need not be installed to look at its unit.
	runnable := strings.Replace(unit, "/usr/local/bin/tierstock", "/bin/true", 1)
	if err := os.WriteFile(file, []byte(runnable), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(context.WithoutCancel(t.Context()), analyze, "verify", "--man=no",
		"--recursive-errors=no", file).CombinedOutput()
	if err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

// TestContainers: the image runs what there is as nobody in particular, and starts with tokens
// only; compose brings what the program is given, and flags that there are.
func TestContainers(t *testing.T) {
	image := deployed(t, "Dockerfile")
	_, last, _ := strings.Cut(image, "\nFROM gcr.io/distroless/")
	for _, line := range []string{"USER 65532:65532", "ENTRYPOINT [\"/usr/local/bin/tierstock\"]",
		"CMD [\"serve\"]"} {
		if !strings.Contains(last, "\n"+line) {
			t.Errorf("the image has no %s", line)
		}
	}
	module, err := os.ReadFile(filepath.Join("..", "..", "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	version := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(string(module))
	if version == nil || !strings.Contains(image, "FROM golang:"+version[1]+"-") {
		t.Error("the image is built with another Go than the module's:", version)
	}
	compose := parseYAML[struct {
		Services map[string]struct {
			Image       string
			Environment map[string]string
			Secrets     []string
			Profiles    []string
			ReadOnly    bool           `yaml:"read_only"`
			DependsOn   map[string]any `yaml:"depends_on"`
		}
		Secrets map[string]any
		Volumes map[string]any
	}](t, "compose.yaml")
	program := compose.Services["tierstock"]
	if !program.ReadOnly || len(program.DependsOn) != 1 || compose.Services["mysql"].Image == "" ||
		len(program.Secrets) != 1 || compose.Secrets[program.Secrets[0]] == nil {
		t.Errorf("%+v", compose)
	}
	// The broker comes only when it is asked for, and is always the same one.
	broker := compose.Services["kafka"]
	if !slices.Equal(broker.Profiles, []string{"kafka"}) ||
		!regexp.MustCompile(`^apache/kafka:\d+\.\d+\.\d+$`).MatchString(broker.Image) ||
		broker.Environment["KAFKA_AUTO_CREATE_TOPICS_ENABLE"] != "false" {
		t.Errorf("%+v", broker)
	}
	t.Setenv("SECRET", testSecret)
	for name, value := range program.Environment {
		if name == "TIERSTOCK_SIGNING_KEY" {
			value = "env:SECRET"
		}
		t.Setenv(name, strings.ReplaceAll(value, "${MYSQL_PASSWORD:?set a password}", "secret"))
	}
	t.Setenv("TIERSTOCK_LISTEN", "0.0.0.0:8080")
	line, chosen, _, err := parse([]string{"serve"}, nil)
	if err != nil || !strings.HasPrefix(line.DB, "mysql://tierstock:secret@mysql:") ||
		line.Log != "json" || chosen.(*serveCommand).Listen != "0.0.0.0:8080" {
		t.Errorf("%v: %+v", err, line)
	}
}

// TestScrape: the example of a Prometheus names the alerts, and the path that is served.
func TestScrape(t *testing.T) {
	config := parseYAML[struct {
		RuleFiles []string `yaml:"rule_files"`
		Scrape    []struct {
			Job string `yaml:"job_name"`
		} `yaml:"scrape_configs"`
	}](t, "prometheus/prometheus.yml")
	if !slices.Equal(config.RuleFiles, []string{"alerts.yml"}) || len(config.Scrape) != 1 ||
		!strings.Contains(deployed(t, "prometheus/alerts.yml"), `job="`+config.Scrape[0].Job+`"`) {
		t.Errorf("%+v", config)
	}
	served(t, func(url string) {
		if status, _ := get(t, url+"metrics"); status != http.StatusOK {
			t.Error(status)
		}
	}, "serve", "--db", stocktest.Backends(t)[0].URL(t))
}
