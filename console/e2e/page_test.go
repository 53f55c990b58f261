package e2e

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

//go:embed axe/axe.min.js
var axe string

// patience is how long anything may take to be seen. It is for slow machines: no test waits for it
// when all is well.
const patience = 15 * time.Second

// page is a tab of its own; what is in localStorage is shared.
type page struct {
	*testing.T

	ctx context.Context

	mu       sync.Mutex
	expected []string // faults that the test brings about
}

// open looks at an address below the server's, as a browser of that language and theme does, which
// may bring about these faults.
func open(t *testing.T, address string, faults ...string) *page {
	t.Helper()
	ctx, cancel := chromedp.NewContext(here.browser)
	t.Cleanup(cancel)
	p := &page{T: t, ctx: ctx, expected: faults}
	// A tab lives as long as the context that first ran something in it.
	if err := chromedp.Run(ctx); err != nil {
		t.Fatal(err)
	}
	chromedp.ListenTarget(ctx, p.hear)
	p.run(cdppage.BringToFront(), emulation.SetDeviceMetricsOverride(1400, 900, 1, false),
		log.Enable(),
		chromedp.Navigate(address))
	return p
}

// hear fails the test for whatever the browser complains of: a script that throws, a file that is
// missing, something that the policy forbids.
func (p *page) hear(event any) {
	said := ""
	switch event := event.(type) {
	case *runtime.EventExceptionThrown:
		said = event.ExceptionDetails.Error()
	case *log.EventEntryAdded:
		if event.Entry.Level == log.LevelError {
			said = event.Entry.Text + " " + event.Entry.URL
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, expected := range p.expected {
		if strings.Contains(said, expected) {
			return
		}
	}
	if said != "" {
		p.Errorf("the browser says: %s", said)
	}
}

func (p *page) expect(fault string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.expected = append(p.expected, fault)
}

func (p *page) run(actions ...chromedp.Action) {
	p.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	if err := chromedp.Run(ctx, actions...); err != nil {
		p.Fatal(err)
	}
}

// evaluate gives what a script comes to.
func evaluate[V any](p *page, script string) (value V) {
	p.Helper()
	p.run(chromedp.Evaluate(script, &value, func(how *runtime.EvaluateParams) *runtime.EvaluateParams {
		return how.WithAwaitPromise(true)
	}))
	return value
}

// until waits for a script to be true.
func (p *page) until(script string) {
	p.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	var done bool
	if err := chromedp.Run(ctx, chromedp.Poll("!!("+script+")", &done,
		chromedp.WithPollingInterval(25*time.Millisecond))); err != nil {
		p.shot("failed-" + strings.ReplaceAll(p.Name(), "/", "-"))
		p.Fatalf("%s: never true of:\n%s", script, evaluate[string](p, "document.body.innerText"))
	}
}

func quoted(text string) string {
	encoded, _ := json.Marshal(text)
	return string(encoded)
}

// see waits for a text; a dialog's, where one is open.
func (p *page) see(text string) {
	p.Helper()
	p.until(`(document.querySelector('dialog[open]') ?? document.body).innerText.includes(` +
		quoted(text) + `)`)
}

// press clicks on what says exactly that, once it is there and can be pressed.
func (p *page) press(text string) {
	p.Helper()
	find := `[...(document.querySelector('dialog[open]') ?? document).querySelectorAll('button, a')]` +
		`.find((one) => !one.disabled && (one.innerText.trim() === ` + quoted(text) +
		` || one.getAttribute('aria-label') === ` + quoted(text) + `))`
	p.until(`((found) => { found?.click(); return found; })(` + find + `)`)
}

// click clicks on the first that the selector finds, once it is there.
func (p *page) click(selector string) {
	p.Helper()
	p.until(`((found) => { found?.click(); return found; })(document.querySelector(` +
		quoted(selector) + `))`)
}

// write types into a field, by its label.
func (p *page) write(label, text string) {
	p.Helper()
	p.until(fieldOf(label))
	evaluate[any](p, fieldOf(label)+`.focus(), null`)
	p.run(chromedp.KeyEvent(text))
}

// fill puts a text there at once, as pasting does.
func (p *page) fill(label, text string) {
	p.Helper()
	p.until(fieldOf(label))
	evaluate[any](p, fmt.Sprintf(`((field) => { field.value = %s; field.dispatchEvent(new Event(
		'input', {bubbles: true})); field.dispatchEvent(new Event('change', {bubbles: true}));
		return null; })(%s)`, quoted(text), fieldOf(label)))
}

func fieldOf(label string) string {
	return `[...(document.querySelector('dialog[open]') ?? document).querySelectorAll('.field')]` +
		`.find((one) => one.querySelector('span').innerText === ` + quoted(label) +
		`)?.querySelector('input, select, textarea')`
}

// tell sends a mutation past the page.
func (p *page) tell(query string) {
	p.Helper()
	evaluate[any](p, `fetch('/graphql', {method: 'POST', headers: {'Content-Type': 'application/json'},
		body: JSON.stringify({query: `+quoted(query)+`})}).then(() => null)`)
}

func (p *page) keys(keys string) {
	p.Helper()
	p.run(chromedp.KeyEvent(keys))
}

// hotkey is a key that the page itself acts on: the browser is not to type it as well.
func (p *page) hotkey(key string) {
	p.Helper()
	p.run(input.DispatchKeyEvent(input.KeyDown).WithKey(key).WithText(key),
		input.DispatchKeyEvent(input.KeyUp).WithKey(key))
}

func (p *page) escape() {
	p.Helper()
	p.keys(kb.Escape)
	p.until(`!document.querySelector('dialog[open]')`)
}

// shot takes a picture where pictures are wanted.
func (p *page) shot(name string) {
	p.Helper()
	folder := os.Getenv("TIERSTOCK_SCREENSHOTS")
	if folder == "" {
		return
	}
	var picture []byte
	p.run(chromedp.CaptureScreenshot(&picture))
	if err := os.MkdirAll(folder, 0o750); err != nil {
		p.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, name+".png"), picture, 0o600); err != nil {
		p.Fatal(err)
	}
}

// fair lets axe look for what people with other eyes, hands and devices cannot use. Of the floor's
// two thousand bins, which are alike, the first of each zone are looked at.
func (p *page) fair() { p.Helper(); p.fairBy("null") }

func (p *page) fairBy(rules string) {
	p.Helper()
	evaluate[any](p, axe+`; null`)
	for _, fault := range evaluate[[]struct {
		ID, Impact, Help string
		Nodes            []struct{ HTML, FailureSummary string }
	}](p, `axe.run({exclude: ['.cell:nth-child(n+9)']},
		`+rules+` ? {runOnly: `+rules+`} : {}).then((found) => found.violations.filter((one) =>
		one.impact === 'serious' || one.impact === 'critical'))`) {
		for _, node := range fault.Nodes {
			p.Errorf("axe: %s (%s): %s: %s: %s", fault.ID, fault.Impact, fault.Help, node.HTML,
				node.FailureSummary)
		}
	}
}

// view takes a picture and lets axe look, in the light and in the dark, which differ in colours.
func (p *page) view(name string) {
	p.Helper()
	for theme, rules := range map[string]string{"light": "null", "dark": "['color-contrast']"} {
		p.run(emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: theme}}))
		p.shot(name + "-" + theme)
		p.fairBy(rules)
	}
	p.run(emulation.SetEmulatedMedia())
}
