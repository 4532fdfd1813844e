package cluster

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// superuser is the database's own name for whoever may enter.
const superuser = "pasaj"

// directoryState is what a look at the data directory finds.
type directoryState int

const (
	directoryAbsent   directoryState = iota // nothing there, or an empty folder
	directoryHalfMade                       // begun by an initdb that did not finish
	directoryComplete
)

// inspectDirectory tells a finished data directory from a missing and from a
// half-made one. One that lost only its version file is an error: it may hold
// the record, so it is neither used nor replaced.
func inspectDirectory(directory string) (directoryState, error) {
	entries, err := os.ReadDir(directory)
	if errors.Is(err, fs.ErrNotExist) {
		return directoryAbsent, nil
	}
	if err != nil {
		return 0, fmt.Errorf("look at the data directory: %w", err)
	}
	if len(entries) == 0 {
		return directoryAbsent, nil
	}
	version := isFile(filepath.Join(directory, "PG_VERSION"))
	control := isFile(filepath.Join(directory, "global", "pg_control"))
	switch {
	case version && control:
		return directoryComplete, nil
	case control:
		return 0, fmt.Errorf("%s is damaged: it has no PG_VERSION but has data; restore a backup or move it away", directory)
	default:
		return directoryHalfMade, nil
	}
}

// prepareDirectory makes the data directory unless a finished one is there.
// It is made beside its place and renamed into it, so that a crash never
// leaves a half-made one behind; one that is half-made all the same is moved
// aside, never deleted.
func (c *Cluster) prepareDirectory(ctx context.Context, state directoryState) error {
	switch state {
	case directoryComplete:
		return nil
	case directoryHalfMade:
		aside := c.directory + ".halfmade-" + time.Now().UTC().Format("20060102T150405.000000000")
		if err := os.Rename(c.directory, aside); err != nil {
			return fmt.Errorf("move a half-made data directory aside: %w", err)
		}
		c.log.Warn("half-made data directory moved aside, making it anew", "directory", c.directory, "aside", aside)
	}
	return c.makeDirectory(ctx)
}

func (c *Cluster) makeDirectory(ctx context.Context) error {
	partial := c.directory + ".partial"
	if err := os.RemoveAll(partial); err != nil {
		return fmt.Errorf("remove an unfinished data directory: %w", err)
	}
	c.log.Info("making the database", "directory", c.directory, "postgresql", c.installation.Version)
	if err := c.initdb(ctx, partial); err != nil {
		return err
	}
	// An empty folder in the place would do no harm to a rename on Linux, but
	// would elsewhere.
	if err := os.Remove(c.directory); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("make room for the data directory: %w", err)
	}
	if err := os.Rename(partial, c.directory); err != nil {
		return fmt.Errorf("put the data directory in its place: %w", err)
	}
	return syncFolder(c.home)
}

// locales are tried in this order: all sort by code point, the same on every
// machine; the last knows no letters beyond ASCII.
func locales(major int) [][]string {
	choices := [][]string{{"--locale=C.UTF-8"}, {"--locale=C"}}
	if major >= 17 {
		// PostgreSQL's own, independent of the C library's version.
		choices = append([][]string{{"--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"}}, choices...)
	}
	return choices
}

func (c *Cluster) initdb(ctx context.Context, directory string) error {
	var failure error
	for _, locale := range locales(c.installation.Major) {
		if err := os.Mkdir(directory, 0o700); err != nil {
			return fmt.Errorf("make the data directory: %w", err)
		}
		if err := c.owner.handOver(directory); err != nil {
			return err
		}
		args := append([]string{
			"--pgdata=" + directory, "--username=" + superuser, "--encoding=UTF8",
			"--auth-local=peer", "--auth-host=reject", "--data-checksums",
		}, locale...)
		if !c.fsync {
			args = append(args, "--no-sync")
		}
		command := exec.CommandContext(ctx, c.installation.Program("initdb"), args...)
		command.Dir = "/"
		command.Env = serverEnvironment()
		command.SysProcAttr = c.owner.attributes(true)
		said, err := command.CombinedOutput()
		if err == nil {
			return nil
		}
		failure = fmt.Errorf("initdb: %w: %s", err, lastLines(string(said), 5))
		if ctx.Err() != nil {
			return fmt.Errorf("initdb: %w", ctx.Err())
		}
		if err := os.RemoveAll(directory); err != nil {
			return fmt.Errorf("remove an unfinished data directory: %w", err)
		}
	}
	return failure
}

// serverEnvironment is what the server's programs see of the environment: what
// they need to load libraries, nothing that changes how they behave.
func serverEnvironment() []string {
	environment := []string{"LC_ALL=C", "TZ=UTC"}
	for _, name := range []string{"PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PROJ_DATA", "PROJ_LIB", "GDAL_DATA"} {
		if value, ok := os.LookupEnv(name); ok {
			environment = append(environment, name+"="+value)
		}
	}
	return environment
}

func lastLines(text string, count int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-count):], "; ")
}

func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("sync folder: %w", err)
	}
	defer folder.Close()
	if err := folder.Sync(); err != nil {
		return fmt.Errorf("sync folder: %w", err)
	}
	return nil
}
