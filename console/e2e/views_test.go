package e2e

import "testing"

// TestOverview: all of it is there, and the first page is light and quick.
func TestOverview(t *testing.T) {
	p := open(t, here.open)
	for _, text := range []string{"Lines a second, now", "Fill rate", "Open reservations",
		"Hottest SKUs", "LEDGER", "Flows an hour, last 24 hours"} {
		p.see(text)
	}
	ready := evaluate[float64](p, `performance.getEntriesByName('ready')[0].startTime`)
	weight := evaluate[float64](p, `performance.getEntriesByType('resource').concat(
		performance.getEntriesByType('navigation')).filter((one) => !one.name.endsWith('/graphql'))
		.reduce((sum, one) => sum + one.transferSize, 0)`)
	t.Logf("ready after %.0f ms, %.0f KB with the chart", ready, weight/1000)
	if weight > 300_000 || weight < 50_000 {
		t.Errorf("the first page weighs %.0f bytes", weight)
	}
	if ready > 3000 { // a second by itself; the tests may run beside others
		t.Errorf("the first page is ready after %.0f ms", ready)
	}
	p.until(`document.querySelectorAll('.u-over').length === 2`) // the second sample was drawn
	p.view("overview")
}

// TestStock finds a SKU and traces a flow of it.
func TestStock(t *testing.T) {
	p := open(t, here.open+"#/stock")
	p.see("SKU begins with")
	p.keys("/") // goes to the search
	p.keys("OFF-PA-1000197")
	p.press("OFF-PA-10001970")
	p.see("Promisable")
	p.press("PICK")
	p.until(`document.querySelector('.u-over')`)
	p.see("RECEIVE")
	p.view("stock")
	p.press("P01-01")
	p.see("P01-01 · OFF-PA-10001970")
	p.until(`document.querySelectorAll('[role=table]').length === 2`)
	p.click(`[aria-label^="Ledger of"] [role=row] button.plain`)
	p.see("All that this key did")
	p.see("sample")
	p.view("trace")
	p.escape()
}
