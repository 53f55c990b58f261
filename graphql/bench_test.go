package graphql

import "testing"

// BenchmarkReceive is what the API itself costs: calls of 100 lines to verbs that do nothing.
func BenchmarkReceive(b *testing.B) {
	for name, selection := range map[string]string{
		"Codes": "{committed results{index code qtyApplied}}",
		"Whole": wholeResult,
	} {
		b.Run(name, func(b *testing.B) {
			api := bareAPI(b)
			lines := make([]any, 100)
			for i := range lines {
				lines[i] = receiving("bin", "B1")
			}
			body := encode(b, map[string]any{"query": "mutation($lines:[ReceiveLine!]!){" +
				"receive(lines:$lines)" + selection + "}", "variables": map[string]any{"lines": lines}})
			for b.Loop() {
				if reply := api.send(b, body); reply.Data == nil {
					b.Fatal(reply.Body)
				}
			}
			b.ReportMetric(float64(100*b.N)/b.Elapsed().Seconds(), "lines/s")
		})
	}
}
