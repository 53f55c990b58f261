package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"

	"tierstock/store"
)

// commandLine is what may be asked of the program. Each flag can also be given in the environment
// as TIERSTOCK_<FLAG>, or in the configuration file by its name; the flag wins over the
// environment, the environment over the file.
type commandLine struct {
	Config string `placeholder:"FILE" help:"YAML file with settings, named as the flags are."`
	DB     string `name:"db" default:"sqlite:tierstock.db" placeholder:"URL" help:"Database: sqlite:PATH, or mysql://user:password@host:port/database; ${default} unless given."`

	Demo      demoCommand      `cmd:"" help:"Build a sample warehouse, play three years of orders through it, then serve it."`
	Serve     serveCommand     `cmd:"" help:"Bring the schema up to date, serve HTTP and run the scheduled jobs."`
	Migrate   migrateCommand   `cmd:"" help:"Bring the schema up to date and print its version."`
	Import    importCommand    `cmd:"" help:"Bring data from files."`
	Verify    verifyCommand    `cmd:"" help:"Check every invariant of the books: 0 all hold, 1 one is broken, 2 could not look."`
	Reconcile reconcileCommand `cmd:"" help:"Compare the books of a warehouse now: 0 no difference, 1 some, 2 could not look."`
}

type importCommand struct {
	Orders importOrdersCommand `cmd:"" help:"Order lines of a CSV file: masters, opening stock, then one wave a day."`
}

// Validate refuses a wrong database URL before anything is opened.
func (c *commandLine) Validate() error {
	if err := store.CheckURL(c.DB); err != nil {
		return fmt.Errorf("--db: %w", err)
	}
	return nil
}

// command is one of the program's commands, its flags read.
type command interface {
	run(ctx context.Context, session *session) error
}

const description = "The stock engine of a warehouse: what may be promised, where it lies, and a " +
	"ledger of every change.\n\n" +
	"Flags may be given as TIERSTOCK_<FLAG> in the environment, or in the file that --config " +
	"names; a flag wins over the environment, the environment over the file."

// helpShown is thrown by kong's exit, which asks for the end of the program where it stands.
type helpShown struct{}

// parse reads the arguments. done means that help was asked for and given.
func parse(args []string, out io.Writer) (line *commandLine, chosen command, done bool, err error) {
	line = &commandLine{}
	defer func() {
		thrown := recover()
		if _, done = thrown.(helpShown); thrown != nil && !done {
			panic(thrown)
		}
	}()
	parser, err := kong.New(line,
		kong.Name("tierstock"),
		kong.Description(description),
		kong.DefaultEnvars("TIERSTOCK"),
		kong.Writers(out, out),
		kong.Exit(func(int) { panic(helpShown{}) }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}))
	if err != nil {
		return nil, nil, false, err
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		return nil, nil, false, oneLine(err)
	}
	return line, parsed.Selected().Target.Addr().Interface().(command), false, nil
}

func oneLine(err error) error {
	return fmt.Errorf("%s", strings.Join(strings.Fields(err.Error()), " "))
}
