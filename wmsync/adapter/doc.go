// Package adapter is the conformance test for what connects the engine with a system: each
// wmsync.Source and wmsync.Sink has to pass it, against the system itself or a stand-in. It is for
// tests only.
//
//	func TestConformance(t *testing.T) {
//		adapter.Conformance(t, func(t *testing.T) adapter.Fixture {
//			system := startSystem(t)
//			return adapter.Fixture{Source: New(system.URL), Change: system.change}
//		})
//	}
//
// What a fixture leaves out is not tested, and said so in the test's log.
package adapter
