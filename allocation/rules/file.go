package rules

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"tierstock/allocation"
)

// lookTime is how often the file is looked at. What has changed is taken when two looks have seen
// the same, since whoever writes it may be half-way: a change counts within two of them.
const lookTime = time.Second

// File is a file of rule sets that is read again when it changes. It is safe for concurrent use. A
// file that is bad, or gone, changes nothing: the rules that were read last go on.
type File struct {
	path    string
	log     *slog.Logger
	current atomic.Pointer[Status]
	stop    context.CancelFunc
	watcher sync.WaitGroup

	// What the watcher has seen: the file as it was read last, and as it lay there at its last look.
	read, lay sum
	unread    string // why it could not be read
}

// sum is what a file's content is known by.
type sum = [sha256.Size]byte

// Status is what a File has loaded.
type Status struct {
	Path string
	// Sets were loaded at LoadedAt.
	Sets     *Sets
	LoadedAt time.Time
	// Refused says why the file, as it is now, is not what was loaded; nil where it is. It is
	// *Problems where it could be read.
	Refused error
}

// Open reads the file and goes on watching it until Close. The error is *Problems where the file
// could be read.
func Open(path string, log *slog.Logger) (*File, error) {
	text, err := readFile(path)
	if err != nil {
		return nil, err
	}
	sets, err := Parse(text)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(context.Background())
	f := &File{path: path, log: log, stop: stop, read: sha256.Sum256(text)}
	f.lay = f.read
	f.current.Store(&Status{Path: path, Sets: sets, LoadedAt: time.Now()})
	f.watcher.Go(func() { f.watch(ctx) })
	return f, nil
}

// Check reads a file once. The error is *Problems where the file could be read.
func Check(path string) (*Sets, error) {
	text, err := readFile(path)
	if err != nil {
		return nil, err
	}
	return Parse(text)
}

func readFile(path string) ([]byte, error) {
	file, err := os.Open(path) //nolint:gosec // who runs the program names it
	if err != nil {
		if known, ok := errors.AsType[*os.PathError](err); ok {
			err = known.Err // callers say the path
		}
		return nil, err
	}
	defer func() { _ = file.Close() }()
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, errors.Join(err, errors.New("is not a regular file"))
	}
	return io.ReadAll(io.LimitReader(file, fileBytesMax+1))
}

// Close ends the watching; the rules can be used on.
func (f *File) Close() {
	f.stop()
	f.watcher.Wait()
}

// Status says what is loaded.
func (f *File) Status() Status { return *f.current.Load() }

// Rule finds what the named set says about a demand; it is that of allocation.Rules.
func (f *File) Rule(set string, demand allocation.Demand) (allocation.Ruling, bool, error) {
	return f.current.Load().Sets.Rule(set, demand)
}

func (f *File) watch(ctx context.Context) {
	ticker := time.NewTicker(lookTime)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			f.look()
		}
	}
}

// look reads the file and takes what is new. It reads rather than ask for the time of the last
// change: that can be the same for two contents, and a file of rules is small.
func (f *File) look() {
	text, err := readFile(f.path)
	if err != nil {
		f.cannotRead(err)
		return
	}
	now := sha256.Sum256(text)
	settled := now == f.lay
	f.lay = now
	if !settled || now == f.read && f.unread == "" {
		return
	}
	f.read, f.unread = now, ""
	f.take(text)
}

func (f *File) cannotRead(err error) {
	if f.unread == err.Error() {
		return
	}
	f.unread = err.Error()
	f.refuse(fmt.Errorf("cannot be read: %w", err))
}

func (f *File) take(text []byte) {
	sets, err := Parse(text)
	if err != nil {
		f.refuse(err)
		return
	}
	f.current.Store(&Status{Path: f.path, Sets: sets, LoadedAt: time.Now()})
	f.log.Info("rules loaded", "file", f.path, "sets", len(sets.List))
}

// refuse keeps the rules that are loaded.
func (f *File) refuse(err error) {
	kept := f.Status()
	kept.Refused = err
	f.current.Store(&kept)
	for line := range bytes.Lines([]byte(err.Error())) {
		f.log.Error("rules refused; those loaded before go on", "file", f.path,
			"problem", string(bytes.TrimSpace(line)), "since", kept.LoadedAt)
	}
}
