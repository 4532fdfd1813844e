// Command pasaj is the whole service in one binary: it serves the API and the
// map, brings files in and out, and administers accounts.
//
// It is the only place that reads flags, the environment and the clock; what
// it wires is described in docs/architecture.md.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	_ "time/tzdata" // schedules are in America/Port-au-Prince, wherever this runs

	"github.com/alecthomas/kong"

	"pasaj/data/format"
)

// version is set by the linker.
var version = "devel"

// commandLine is every command with its flags and environment variables.
type commandLine struct {
	Home     string `help:"Folder for the private database and its log." env:"PASAJ_HOME" default:"${home}" type:"path"`
	Database string `help:"PostgreSQL URL to use instead of the private database." env:"PASAJ_DATABASE_URL" name:"database-url"`
	LogJSON  bool   `help:"Write the log as JSON lines." env:"PASAJ_LOG_JSON" name:"log-json"`
	LogLevel string `help:"What the log is told: debug, info, warn or error." env:"PASAJ_LOG_LEVEL" name:"log-level" default:"info" enum:"debug,info,warn,error"`

	Serve    serveCommand    `cmd:"" help:"Serve the API and the map."`
	Import   importCommand   `cmd:"" help:"Bring in features of a GeoJSON file, a road network from OpenStreetMap, or a grid of population."`
	Export   exportCommand   `cmd:"" help:"Write a layer as GeoJSON."`
	Passage  passageCommand  `cmd:"" help:"Say whether one gets through from one place to another."`
	Coverage coverageCommand `cmd:"" help:"Print indicators of coverage: who holds how much, roads, facilities, changes."`
	User     userCommand     `cmd:"" help:"Administer accounts."`
	Token    tokenCommand    `cmd:"" help:"Administer tokens for programs."`
	Migrate  migrateCommand  `cmd:"" help:"Bring the database to this build's form and stop."`
	Doctor   doctorCommand   `cmd:"" help:"Say what is installed and how the record is doing."`
	Version  versionCommand  `cmd:"" help:"Say which build this is."`
}

type versionCommand struct{}

func (versionCommand) Run() error {
	_, err := fmt.Println("pasaj", version)
	return err
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "pasaj:", oneLine(err))
		stop()
		os.Exit(1)
	}
}

// run carries out one command line; tests call it as main does.
func run(ctx context.Context, args []string) error {
	var cli commandLine
	parser, err := kong.New(&cli,
		kong.Name("pasaj"),
		kong.Description("Who holds this ground? Can I get through? What changed since yesterday?"),
		kong.UsageOnError(),
		kong.Vars{"home": defaultHome()},
		kong.BindTo(ctx, (*context.Context)(nil)),
	)
	if err != nil {
		return err
	}
	parsed, err := parser.Parse(positionsAsArguments(args))
	if err != nil {
		return err
	}
	return parsed.Run(&cli)
}

// oneLine makes an error fit for a terminal: one line, joined by semicolons.
// The faults of a file stay a line each.
func oneLine(err error) string {
	var faults *format.FaultList
	if errors.As(err, &faults) {
		return faults.Error()
	}
	var parse *kong.ParseError
	if errors.As(err, &parse) {
		return parse.Error() + " (pasaj --help lists the commands)"
	}
	return strings.Join(strings.FieldsFunc(err.Error(), func(r rune) bool { return r == '\n' || r == '\r' }), "; ")
}
