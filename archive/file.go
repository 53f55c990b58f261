package archive

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"tierstock/flow"
)

// File is what one run writes of one warehouse. Each batch is a gzip member of its own, so that a
// crash tears at most the last one, whose flows are still in the tables; zcat reads members one
// after the other.
type File struct {
	path  string
	file  *os.File
	bytes int64
}

// New names a file in a directory after the warehouse and the run, whose number must be the
// run's own. The file is made when there is something to write.
func New(directory, warehouse string, run int64) *File {
	return &File{path: filepath.Join(directory,
		fmt.Sprintf("flows-%s-%d.jsonl.gz", fileName(warehouse), run))}
}

// nameCharsMax bounds the warehouse's part of a file's name, which file systems bound too.
const nameCharsMax = 64

// fileName keeps of a code what is harmless in a file's name; each line says the whole code.
func fileName(code string) string {
	harmless := strings.Map(func(r rune) rune {
		if r == '-' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' {
			return r
		}
		return '_'
	}, code)
	return harmless[:min(len(harmless), nameCharsMax)]
}

// Path is where the file is, once something was kept.
func (f *File) Path() string { return f.path }

// Bytes is how long it is, 0 while there is none.
func (f *File) Bytes() int64 { return f.bytes }

// Keep appends the flows. When it returns they are on disk, for whatever that disk's word is
// worth.
func (f *File) Keep(_ context.Context, flows []flow.ArchivedFlow) error {
	if f.file == nil {
		if err := f.create(); err != nil {
			return err
		}
	}
	packed, err := pack(flows)
	if err != nil {
		return err
	}
	written, err := f.file.Write(packed)
	f.bytes += int64(written)
	return errors.Join(err, f.file.Sync())
}

// create makes the file, and its name in the directory, as lasting as its content.
func (f *File) create() (err error) {
	f.file, err = os.OpenFile(f.path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	return syncDirectory(filepath.Dir(f.path))
}

func syncDirectory(path string) error {
	directory, err := os.Open(filepath.Clean(path))
	if err != nil {
		return err
	}
	return errors.Join(directory.Sync(), directory.Close())
}

// pack makes a gzip member of the flows' lines.
func pack(flows []flow.ArchivedFlow) ([]byte, error) {
	var packed bytes.Buffer
	writer := gzip.NewWriter(&packed)
	err := writeLines(writer, flows)
	err = errors.Join(err, writer.Close())
	return packed.Bytes(), err
}

func writeLines(out io.Writer, flows []flow.ArchivedFlow) error {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for _, each := range flows {
		if err := encoder.Encode(lineOf(each)); err != nil {
			return err
		}
	}
	return nil
}

// Close closes the file, if there is one.
func (f *File) Close() error {
	if f.file == nil {
		return nil
	}
	return f.file.Close()
}
