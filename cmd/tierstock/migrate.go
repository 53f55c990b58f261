package main

import (
	"context"
	"errors"
	"fmt"

	"tierstock/store"
)

type migrateCommand struct{}

func (c *migrateCommand) run(ctx context.Context, session *session) error {
	db, err := store.Open(ctx, session.db, store.Options{})
	if err != nil {
		return err
	}
	version, err := db.Migrate(ctx)
	if err == nil {
		_, err = fmt.Fprintf(session.out, "schema version %d\n", version)
	}
	return errors.Join(err, db.Close())
}
