package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// plainEvery is how often progress is told where there is no terminal to draw on.
const plainEvery = 2 * time.Second

// progress tells how far something is: a bar on a terminal, else a line now and then.
type progress struct {
	out  io.Writer
	name string
	unit string
	bar  *progressbar.ProgressBar
	told time.Time
	more func() string // what else is told, nil for nothing
}

func newProgress(out io.Writer, name, unit string) *progress {
	p := &progress{out: out, name: name, unit: unit}
	if file, ok := out.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		p.bar = progressbar.NewOptions(1, progressbar.OptionSetWriter(file),
			progressbar.OptionSetDescription(name), progressbar.OptionSetItsString(unit),
			progressbar.OptionShowCount(), progressbar.OptionShowIts(),
			progressbar.OptionSetWidth(30), progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionClearOnFinish())
	}
	return p
}

// tell is told how much is done, and of how much.
func (p *progress) tell(done, total int) {
	more := ""
	if p.more != nil {
		more = "; " + p.more()
	}
	if p.bar != nil {
		p.bar.Describe(p.name + more)
		p.bar.ChangeMax(total)
		_ = p.bar.Set(done)
		return
	}
	if time.Since(p.told) < plainEvery && done < total {
		return
	}
	p.told = time.Now()
	_, _ = fmt.Fprintf(p.out, "%s: %s of %s %s%s\n", p.name, thousands(done), thousands(total), p.unit,
		more)
}

// end leaves the line to what comes next.
func (p *progress) end() {
	if p.bar != nil {
		_ = p.bar.Exit()
		_, _ = fmt.Fprintln(p.out)
	}
}
