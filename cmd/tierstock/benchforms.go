package main

import (
	"io"

	"tierstock/bench"
)

// The forms of a report that people look at; nil where a build has none.
var (
	writeReportHTML func(io.Writer, bench.Report) error
	writeReportSVG  func(io.Writer, bench.Report) error
)
