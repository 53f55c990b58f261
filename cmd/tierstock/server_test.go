package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// server is a process of the program that serves an empty database of its own.
type server struct {
	url     string
	address string
	log     *locked
	process *os.Process
}

// startServer runs a built program until the test ends, when it must stop as it should.
func startServer(t *testing.T, program string, args ...string) *server {
	t.Helper()
	s := &server{log: &locked{}}
	command := exec.CommandContext(context.WithoutCancel(t.Context()), program,
		append([]string{"serve", "--listen", "127.0.0.1:0",
			"--db", "sqlite:" + filepath.Join(t.TempDir(), "stock.db")}, args...)...)
	command.Stderr = s.log
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	s.process = command.Process
	t.Cleanup(func() {
		_ = s.process.Signal(syscall.SIGTERM)
		patience := time.AfterFunc(time.Minute, func() { _ = s.process.Kill() })
		defer patience.Stop()
		if err := command.Wait(); err != nil {
			t.Errorf("%v: %s", err, s.log)
		}
	})
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if found := consoleLine.FindStringSubmatch(lines.Text()); found != nil {
			s.url = found[1]
			s.address = strings.TrimSuffix(strings.TrimPrefix(s.url, "http://"), "/")
			return s
		}
	}
	t.Fatal(s.log.String())
	return nil
}

var memoryLine = regexp.MustCompile(`(?m)^(VmRSS|VmHWM):\s+(\d+) kB$`)

// memory is how many MB the process has now, and has had at most.
func (s *server) memory(t *testing.T) (now, most int) {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	for _, found := range memoryLine.FindAllStringSubmatch(string(status), -1) {
		kilobytes, err := strconv.Atoi(found[2])
		if err != nil {
			t.Fatal(err)
		}
		if found[1] == "VmRSS" {
			now = kilobytes >> 10
		} else {
			most = kilobytes >> 10
		}
	}
	return now, most
}
