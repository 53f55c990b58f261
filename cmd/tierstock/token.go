package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"tierstock/access"
	"tierstock/model"
)

// tokenCommand prints a signed access token.
type tokenCommand struct {
	keyFlag

	Role      access.Role   `help:"${role}"           placeholder:"R"     required:""`
	Warehouse []string      `help:"${tokenWarehouse}" placeholder:"W,..." required:""`
	Actor     string        `help:"${actor}"          placeholder:"NAME"`
	TTL       time.Duration `default:"1h"             help:"${ttl}"       name:"ttl"  placeholder:"D"`
}

// Validate refuses what no token may say.
func (c *tokenCommand) Validate() error {
	if !slices.Contains(access.Roles, c.Role) {
		return fmt.Errorf("--role: %q is none of %v", c.Role, access.Roles)
	}
	if c.TTL < time.Second {
		return errors.New("--ttl: must be a second at least, as in 8h or 30m")
	}
	for _, warehouse := range c.Warehouse {
		if err := model.CheckCode(warehouse); err != nil && warehouse != access.Everywhere {
			return fmt.Errorf("--warehouse: %q: %w", warehouse, err)
		}
	}
	if err := model.CheckCode(c.actor()); err != nil {
		return fmt.Errorf("--actor: %q: %w", c.actor(), err)
	}
	keys, err := c.keys()
	if err == nil && keys == nil {
		err = errors.New("--signing-key: is needed to sign with")
	}
	return err
}

// actor is whom the flows will name.
func (c *tokenCommand) actor() string {
	if c.Actor == "" {
		return string(c.Role)
	}
	return c.Actor
}

func (c *tokenCommand) run(_ context.Context, session *session) error {
	keys, err := c.keys()
	if err != nil {
		return err
	}
	token, err := keys.Sign(access.Principal{Actor: c.actor(), Role: c.Role,
		Warehouses: c.Warehouse}, c.TTL)
	if err == nil {
		_, err = fmt.Fprintln(session.out, token)
	}
	return err
}
