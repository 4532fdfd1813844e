package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// OldestMajor is the oldest major version of PostgreSQL that Pasaj runs on.
const OldestMajor = 14

// programTimeout bounds each small program that is asked for its version or a
// folder, so that a broken installation cannot hang a start.
const programTimeout = 10 * time.Second

// Installation is one set of PostgreSQL programs found on the system.
type Installation struct {
	// BinDir is the absolute folder that holds initdb, postgres and pg_ctl.
	BinDir string
	// Version is the server's version as it says itself, such as "15.13".
	Version string
	// Major is the major version, such as 15: data directories of different
	// majors are not interchangeable.
	Major int
	// PostGIS tells whether the extension's control file is there.
	PostGIS bool
}

// Program is the path of one of the installation's programs.
func (i Installation) Program(name string) string { return filepath.Join(i.BinDir, name) }

// MissingError says that no usable PostgreSQL with PostGIS is installed, and
// what to install.
type MissingError struct {
	// WithoutPostGIS are installations that lack only the extension or are
	// older than OldestMajor.
	WithoutPostGIS []Installation
}

func (e *MissingError) Error() string {
	major := 0
	found := "no PostgreSQL found"
	for _, i := range e.WithoutPostGIS {
		if i.Major >= OldestMajor {
			major = i.Major
			found = fmt.Sprintf("PostgreSQL %s in %s has no PostGIS", i.Version, i.BinDir)
			break
		}
		found = fmt.Sprintf("PostgreSQL %s in %s is older than %d", i.Version, i.BinDir, OldestMajor)
	}
	return found + ": " + InstallAdvice(major)
}

// InstallAdvice names the packages to install for PostgreSQL of a major
// version with PostGIS; major 0 means the one this system offers.
func InstallAdvice(major int) string {
	version := "<version>"
	if major == 0 {
		major = distributionMajor()
	}
	if major != 0 {
		version = strconv.Itoa(major)
	}
	return fmt.Sprintf("on Debian or Ubuntu install it with "+
		"`apt-get install postgresql-%[1]s postgresql-%[1]s-postgis-3`, "+
		"on Fedora `dnf install postgresql-server postgis`, on Alpine `apk add postgresql postgis`, "+
		"on Arch `pacman -S postgresql postgis`, on macOS `brew install postgresql@17 postgis`; "+
		"or name a database with PostGIS in PASAJ_DATABASE_URL", version)
}

// distributionMajor is the PostgreSQL that a Debian or Ubuntu release ships,
// by its package postgresql, 0 when not known.
func distributionMajor() int {
	text, err := os.ReadFile("/etc/os-release")
	if err != nil {
		return 0
	}
	for _, line := range strings.Split(string(text), "\n") {
		codename, ok := strings.CutPrefix(line, "VERSION_CODENAME=")
		if !ok {
			continue
		}
		switch strings.Trim(codename, `"`) {
		case "jammy":
			return 14
		case "bookworm":
			return 15
		case "noble":
			return 16
		case "trixie":
			return 17
		}
	}
	return 0
}

// SearchDirs lists the folders where PostgreSQL's programs may be: what the
// pg_config and postgres on PATH belong to, then where distributions, builds
// from source and Homebrew put them.
func SearchDirs(ctx context.Context) []string {
	var dirs []string
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		if !filepath.IsAbs(dir) {
			continue
		}
		config := filepath.Join(dir, "pg_config")
		if isFile(config) {
			if bindir, err := output(ctx, config, "--bindir"); err == nil {
				dirs = append(dirs, bindir)
			}
		}
		if isFile(filepath.Join(dir, "postgres")) {
			dirs = append(dirs, dir)
		}
	}
	for _, pattern := range []string{
		"/usr/lib/postgresql/*/bin", // Debian, Ubuntu
		"/usr/pgsql-*/bin",          // the PostgreSQL project's RPMs
		"/usr/libexec/postgresql*",  // Alpine
		"/usr/local/pgsql/bin",      // from source
		"/opt/homebrew/opt/postgresql*/bin",
		"/usr/local/opt/postgresql*/bin",
		"/home/linuxbrew/.linuxbrew/opt/postgresql*/bin",
		"/opt/homebrew/bin",
		"/usr/local/bin",
		"/opt/local/lib/postgresql*/bin", // MacPorts
		"/Applications/Postgres.app/Contents/Versions/*/bin",
	} {
		found, _ := filepath.Glob(pattern) // the only error is a bad pattern
		dirs = append(dirs, found...)
	}
	return dirs
}

// Find returns the complete installations (programs and PostGIS) in the given
// folders, or in SearchDirs when there are none given: newest version first.
// Without any the error is a *MissingError.
func Find(ctx context.Context, dirs []string) ([]Installation, error) {
	if len(dirs) == 0 {
		dirs = SearchDirs(ctx)
	}
	var complete, incomplete []Installation
	seen := map[string]bool{}
	for _, dir := range dirs {
		real, err := filepath.EvalSymlinks(dir)
		if err != nil || seen[real] {
			continue
		}
		seen[real] = true
		found, err := inspect(ctx, dir)
		switch {
		case err != nil:
			if ctx.Err() != nil {
				return nil, fmt.Errorf("find PostgreSQL: %w", ctx.Err())
			}
		case found.PostGIS && found.Major >= OldestMajor:
			complete = append(complete, found)
		default:
			incomplete = append(incomplete, found)
		}
	}
	newestFirst := func(a, b Installation) int { return b.Major - a.Major }
	slices.SortStableFunc(complete, newestFirst)
	slices.SortStableFunc(incomplete, newestFirst)
	if len(complete) == 0 {
		return nil, &MissingError{WithoutPostGIS: incomplete}
	}
	return complete, nil
}

var versionPattern = regexp.MustCompile(`\(PostgreSQL\) ((\d+)[^\s]*)`)

var errIncomplete = errors.New("not an installation of PostgreSQL")

// inspect looks at one folder of programs.
func inspect(ctx context.Context, dir string) (Installation, error) {
	for _, program := range []string{"initdb", "postgres", "pg_ctl"} {
		if !isFile(filepath.Join(dir, program)) {
			return Installation{}, errIncomplete
		}
	}
	said, err := output(ctx, filepath.Join(dir, "postgres"), "--version")
	if err != nil {
		return Installation{}, err
	}
	match := versionPattern.FindStringSubmatch(said)
	if match == nil {
		return Installation{}, errIncomplete
	}
	major, err := strconv.Atoi(match[2])
	if err != nil {
		return Installation{}, errIncomplete
	}
	return Installation{BinDir: dir, Version: match[1], Major: major, PostGIS: hasPostGIS(ctx, dir, major)}, nil
}

func hasPostGIS(ctx context.Context, dir string, major int) bool {
	shares := []string{
		filepath.Join(dir, "..", "share"),
		filepath.Join(dir, "..", "share", "postgresql"),
		filepath.Join("/usr/share/postgresql", strconv.Itoa(major)),
	}
	config := filepath.Join(dir, "pg_config")
	if isFile(config) {
		if share, err := output(ctx, config, "--sharedir"); err == nil {
			shares = []string{share} // the installation's own word settles it
		}
	}
	for _, share := range shares {
		if isFile(filepath.Join(share, "extension", "postgis.control")) {
			return true
		}
	}
	return false
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// output runs a program and returns its trimmed standard output.
func output(ctx context.Context, program string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, programTimeout)
	defer cancel()
	command := exec.CommandContext(ctx, program, args...)
	command.Env = serverEnvironment()
	said, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("run %s: %w", program, err)
	}
	return strings.TrimSpace(string(said)), nil
}

// VersionError says that the data directory belongs to a major version of
// PostgreSQL that is not installed.
type VersionError struct {
	Directory string
	Major     int            // the data's
	Installed []Installation // what is there instead
}

func (e *VersionError) Error() string {
	var installed []string
	for _, i := range e.Installed {
		installed = append(installed, fmt.Sprintf("%d (%s)", i.Major, i.BinDir))
	}
	return fmt.Sprintf("%s holds data of PostgreSQL %d, but installed with PostGIS is %s: "+
		"install version %d beside it (Debian, Ubuntu: `apt-get install postgresql-%d postgresql-%d-postgis-3`), "+
		"or restore a backup into another --home",
		e.Directory, e.Major, strings.Join(installed, ", "), e.Major, e.Major, e.Major)
}

// choose picks the installation whose major version an existing data
// directory was made with.
func choose(installed []Installation, directory string) (Installation, error) {
	major, err := dataMajor(directory)
	if err != nil {
		return Installation{}, err
	}
	for _, i := range installed {
		if i.Major == major {
			return i, nil
		}
	}
	return Installation{}, &VersionError{Directory: directory, Major: major, Installed: installed}
}

// dataMajor reads the major version that a data directory was made with.
func dataMajor(directory string) (int, error) {
	path := filepath.Join(directory, "PG_VERSION")
	text, err := os.ReadFile(path)
	if err != nil {
		return 0, fmt.Errorf("read version of the data: %w", err)
	}
	// Before version 10 the major version had two parts, such as "9.6".
	whole, _, _ := strings.Cut(strings.TrimSpace(string(text)), ".")
	major, err := strconv.Atoi(whole)
	if err != nil {
		return 0, fmt.Errorf("%s does not name a version of PostgreSQL", path)
	}
	return major, nil
}
