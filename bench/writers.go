package bench

import (
	"context"
	"io"
)

func Work(ctx context.Context, in io.Reader, out io.Writer) error { return nil }
