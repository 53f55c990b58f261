package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/alecthomas/kong"
	"go.yaml.in/yaml/v3"
)

// configBytesMax is far more than settings take.
const configBytesMax = 1 << 20

// configFile gives flags that are neither on the command line nor in the environment the value
// that the configuration file has under their name. What it has under systems is no flag's.
type configFile map[string]yaml.Node

// BeforeResolve reads the configuration file, if one is named, when kong has read the arguments.
func (c *commandLine) BeforeResolve(parsing *kong.Context) error {
	path := ""
	for _, flag := range parsing.Model.Flags {
		if flag.Name == "config" {
			path, _ = parsing.FlagValue(flag).(string)
		}
	}
	if path == "" {
		return nil
	}
	settings, err := readSettings(path)
	if err != nil {
		return fmt.Errorf("--config: %s: %w", path, err)
	}
	if err := settings.check(parsing.Model.Node); err != nil {
		return fmt.Errorf("--config: %s: %w", path, err)
	}
	if c.systems, err = readSystems(settings, needsSystems(parsing)); err != nil {
		return fmt.Errorf("--config: %s: %w", path, err)
	}
	parsing.AddResolver(settings)
	return nil
}

// Validate has nothing to add: settings are judged when the file is read.
func (c configFile) Validate(*kong.Application) error { return nil }

// Resolve is asked for each flag that is not on the command line. kong by itself would have a file
// win over the environment.
func (c configFile) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	for _, name := range flag.Envs {
		if _, given := os.LookupEnv(name); given {
			return nil, nil
		}
	}
	if node, given := c[flag.Name]; given {
		return node.Value, nil
	}
	return nil, nil
}

// check refuses what is no setting: a name spelled wrong would else do nothing, in silence.
func (c configFile) check(commands *kong.Node) error {
	known := map[string]bool{}
	addFlags(commands, known)
	for name, node := range c {
		if name == systemsKey {
			continue
		}
		if !known[name] {
			return fmt.Errorf("line %d: there is no setting %q", node.Line, name)
		}
		if node.Kind != yaml.ScalarNode {
			return fmt.Errorf("line %d: %s must be a single value", node.Line, name)
		}
	}
	return nil
}

func readSettings(path string) (configFile, error) {
	text, err := readConfig(path)
	if err != nil {
		return nil, err
	}
	var settings configFile
	return settings, yaml.Unmarshal(text, &settings)
}

func readConfig(path string) ([]byte, error) {
	file, err := os.Open(path) //nolint:gosec // who runs the program names it
	if err != nil {
		// The path is said already.
		if known, ok := errors.AsType[*os.PathError](err); ok {
			err = known.Err
		}
		return nil, err
	}
	defer func() { _ = file.Close() }()
	text, err := io.ReadAll(io.LimitReader(file, configBytesMax+1))
	if err == nil && len(text) > configBytesMax {
		err = fmt.Errorf("has more than %d bytes", configBytesMax)
	}
	return text, err
}

// addFlags collects the names of all commands' flags: a file may serve several commands.
func addFlags(node *kong.Node, known map[string]bool) {
	for _, flag := range node.Flags {
		known[flag.Name] = flag.Name != "help" && flag.Name != "config"
	}
	for _, child := range node.Children {
		addFlags(child, known)
	}
}
