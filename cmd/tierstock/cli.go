package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"

	"tierstock/bench"
	"tierstock/store"
	"tierstock/wmsync"
)

// commandLine is what may be asked of the program; what each part does is in help. Each flag can
// also be given in the environment as TIERSTOCK_<FLAG>, or in the configuration file by its name;
// the flag wins over the environment, the environment over the file.
type commandLine struct {
	Config string `help:"${config}"       placeholder:"FILE"`
	DB     string `default:"${defaultDB}" help:"${db}"       name:"db"     placeholder:"URL"`
	Log    string `default:""             enum:",json,text"  help:"${log}" placeholder:"json|text"`

	Demo      demoCommand      `cmd:"" help:"${demo}"`
	Serve     serveCommand     `cmd:"" help:"${serve}"`
	Migrate   migrateCommand   `cmd:"" help:"${migrate}"`
	Import    importCommand    `cmd:"" help:"${import}"`
	Verify    verifyCommand    `cmd:"" help:"${verify}"`
	Reconcile reconcileCommand `cmd:"" help:"${reconcile}"`
	Archive   archiveCommand   `cmd:"" help:"${archive}"`
	Rules     rulesCommand     `cmd:"" help:"${rules}"`
	Bench     benchCommand     `cmd:"" help:"${bench}"`
	Token     tokenCommand     `cmd:"" help:"${token}"`
	WMSSim    wmsSimCommand    `cmd:"" help:"${wmsSim}"    name:"wms-sim"`

	BenchWorker benchWorkerCommand `cmd:"" hidden:""`

	// systems are of the configuration file, for commands that speak to them.
	systems []wmsync.System
}

type importCommand struct {
	Orders importOrdersCommand `cmd:"" help:"${orders}"`
}

// The values of flags that are not given.
const (
	defaultDB     = "sqlite:tierstock.db"
	defaultListen = "127.0.0.1:8080"
	defaultStock  = "100"
	// defaultRate is far above what a program sends that puts its lines into calls.
	defaultRate = "200"
)

// words are the help of commands and flags, and the defaults in it.
func words() kong.Vars { return commandWords().CloneWith(accessWords()).CloneWith(watchWords()) }

// accessWords are about where to serve, and whom.
func accessWords() kong.Vars {
	return kong.Vars{
		"defaultRate": defaultRate,

		"listen": "Address to listen on, " + defaultListen + " unless given; loopback only without " +
			"a signing key, as every caller is ADMIN then.",
		"signingKey": "Keys of access tokens: secrets of at least 32 bytes, a line each, or " +
			"Ed25519 keys as PEM. The first signs, all check.",
		"rate": "Requests a second that one token may send, " + defaultRate + " unless given; 0 is " +
			"no limit.",
		"tlsCert": "Certificate to serve HTTPS with, as PEM.",
		"tlsKey":  "Its private key, as PEM.",

		"token":          "Print a signed access token.",
		"role":           "OPS, ALLOCATOR, SYNC, AUDITOR (reads only) or ADMIN.",
		"tokenWarehouse": "The warehouses it is good for; * is all.",
		"ttl":            "How long it is good for, as in 8h; an hour unless given.",
		"actor":          "Who acts, as flows will say; the role unless given.",
	}
}

func commandWords() kong.Vars {
	return kong.Vars{
		"defaultDB": defaultDB, "defaultListen": defaultListen, "defaultStock": defaultStock,
		"defaultRounds":  fmt.Sprint(bench.RoundsDefault),
		"defaultSeconds": fmt.Sprint(bench.SecondsDefault),
		"defaultSeed":    fmt.Sprint(bench.SeedDefault),
		"defaultGrowth":  fmt.Sprint(bench.GrowthDefault),
		"defaultRows":    fmt.Sprint(bench.RowsDefault),

		"config": "YAML file with settings, named as the flags are, and with systems to sync with.",
		"db": "Database: sqlite:PATH, or mysql://user:password@host:port/database; " + defaultDB +
			" unless given.",
		"demo": "Build a sample warehouse, play three years of orders through it, then serve it.",
		"days": "Play only the first N days of the history; a later run can go on.",

		"serve":   "Bring the schema up to date, serve HTTP and run the scheduled jobs.",
		"migrate": "Bring the schema up to date and print its version.",

		"import": "Bring data from files.",
		"orders": "Order lines of a CSV file: masters, opening stock, then one wave a day.",
		"file": "CSV with the columns order_id, line_id, order_date, product_id, product_name and " +
			"quantity; others may be there.",
		"into":  "The warehouse; made if it is not there.",
		"stock": "Opening stock of each SKU in pieces, " + defaultStock + " unless given.",

		"verify": "Check every invariant of the books: 0 all hold, 1 one is broken, 2 could not " +
			"look.",
		"verifyJSON": "Print the report as JSON.",

		"reconcile": "Compare the books of a warehouse now: 0 no difference, 1 some, 2 could not " +
			"look.",
		"compared": "The warehouse to compare.",
		"scope": "LEDGER, TIERS, RESERVATIONS, or EXTERNAL, which compares with the systems of the " +
			"configuration file; the first three unless given.",
		"reconcileJSON": "Print the runs as JSON.",
		"reconcileCSV":  "Print the differences as CSV.",

		"archive": "Move old flows out of the ledger into files: 0 done, 1 failed half-way or the " +
			"books are not whole, 2 not begun.",
		"before": "The first day that stays, as YYYY-MM-DD in each warehouse's own time zone; a " +
			"day ago at the latest.",
		"directory": "The directory for the files, which must be there.",
		"archived":  "The warehouse to archive; all of them unless given.",

		"bench": "Measure the engine beside other ways to keep stock, in a database that is empty " +
			"or not there.",
		"redis": "A Redis server to compare with, as redis://host:port; what is set on it is put " +
			"back.",
		"workload":   strings.Join(bench.Workloads, ", ") + "; all of them unless given.",
		"contenders": strings.Join(bench.Contenders, ", ") + "; all of them unless given.",
		"callers":    "How many call at once; each workload has its own numbers unless given.",
		"rounds": fmt.Sprint("How often each cell is measured, ", bench.RoundsDefault,
			" unless given."),
		"seconds": fmt.Sprint("How long each cell is measured in a round, ", bench.SecondsDefault,
			" unless given."),
		"seed": fmt.Sprint("Seed of the trace, ", bench.SeedDefault, " unless given."),
		"growth": fmt.Sprint("Up to how many flows the ledger grows in growth, ", bench.GrowthDefault,
			" unless given."),
		"benchJSON": "Write the report as JSON.",
		"benchHTML": "Write the report as a page.",
		"benchSVG":  "Write the curves as a picture.",
	}
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
		words(), ruleWords(), simWords(),
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
