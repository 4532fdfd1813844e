package cluster

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestParsePIDFile(t *testing.T) {
	const whole = "4711\n/home/postgres\n1700000000\n5432\n/home/socket\n\n   123     4\nready   \n"
	tests := []struct {
		name, text string
		want       pidFile
		ok         bool
	}{
		{"whole", whole, pidFile{4711, "/home/socket", "ready"}, true},
		{"begun", "4711\n/home/postgres\n1700000000\n5432\n", pidFile{pid: 4711}, true},
		{"empty", "", pidFile{}, false},
		{"single-user backend", "-4711\n", pidFile{}, false},
		{"no number", "postgres\n", pidFile{}, false},
		{"everybody", "0\n", pidFile{}, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got, ok := parsePIDFile([]byte(test.text)); got != test.want || ok != test.ok {
				t.Errorf("got %+v, %v; want %+v, %v", got, ok, test.want, test.ok)
			}
		})
	}
}

func FuzzParsePIDFile(f *testing.F) {
	f.Add("4711\n/home/postgres\n1700000000\n5432\n/home/socket\n\n   123     4\nready   \n")
	f.Add("-1")
	f.Add("\n\n\n\n\n\n\n\n")
	f.Fuzz(func(t *testing.T, text string) {
		if found, ok := parsePIDFile([]byte(text)); ok && found.pid <= 1 {
			t.Errorf("pid %d would signal more than one process", found.pid)
		}
	})
}

func TestSocketDir(t *testing.T) {
	short := "/srv/pasaj"
	if got := chooseSocketDir(short); got != "/srv/pasaj/socket" {
		t.Errorf("short home: %s", got)
	}
	for _, home := range []string{"/" + strings.Repeat("x", 200), "/srv/with,comma", `/srv/with"quote`, "/srv/ayisyèn"} {
		got := chooseSocketDir(home)
		if strings.HasPrefix(got, home) || !fitsSocket(got) {
			t.Errorf("home %s: socket in %s", home, got)
		}
		if got != chooseSocketDir(home) || got == chooseSocketDir(home+"2") {
			t.Errorf("home %s: socket folder does not follow from the home", home)
		}
	}
	limit := socketPathLimit() - len("/socket/") - len(socketFile)
	exact := "/" + strings.Repeat("x", limit-1)
	if got := chooseSocketDir(exact); got != exact+"/socket" {
		t.Errorf("longest home that fits: %s", got)
	}
	if got := chooseSocketDir(exact + "x"); strings.HasPrefix(got, exact) {
		t.Errorf("one byte too many: %s", got)
	}
}

func TestChooseTakesTheMatchingMajor(t *testing.T) {
	directory := t.TempDir()
	installed := []Installation{{BinDir: "/seventeen", Major: 17}, {BinDir: "/fifteen", Major: 15}}
	for version, want := range map[string]string{"15": "/fifteen", "17\n": "/seventeen", "9.6": "", "many": ""} {
		if err := os.WriteFile(filepath.Join(directory, "PG_VERSION"), []byte(version), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := choose(installed, directory)
		if got.BinDir != want || (err != nil) != (want == "") {
			t.Errorf("version %q: got %q, %v; want %q", version, got.BinDir, err, want)
		}
	}
}

// fakeInstallation puts programs into a folder that answer like PostgreSQL's.
func fakeInstallation(t *testing.T, version string, postgis bool) (bin string) {
	t.Helper()
	root := t.TempDir()
	bin = filepath.Join(root, "bin")
	share := filepath.Join(root, "share")
	for _, dir := range []string{bin, filepath.Join(share, "extension")} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for program, says := range map[string]string{
		"initdb": "", "pg_ctl": "", "postgres": "postgres (PostgreSQL) " + version, "pg_config": share,
	} {
		script := fmt.Sprintf("#!/bin/sh\necho '%s'\n", says)
		if err := os.WriteFile(filepath.Join(bin, program), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if postgis {
		if err := os.WriteFile(filepath.Join(share, "extension", "postgis.control"), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return bin
}

func TestFind(t *testing.T) {
	newest := fakeInstallation(t, "18beta1", true)
	middle := fakeInstallation(t, "16.4 (Debian 16.4-1)", true)
	bare := fakeInstallation(t, "17.2", false)
	old := fakeInstallation(t, "12.20", true)

	found, err := Find(t.Context(), []string{old, middle, bare, newest, middle, t.TempDir(), "/nowhere"})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) != 2 || found[0].BinDir != newest || found[0].Major != 18 || found[1].BinDir != middle || found[1].Version != "16.4" {
		t.Errorf("found %+v", found)
	}
	if _, err := Find(t.Context(), []string{bare}); err == nil || !strings.Contains(err.Error(), "postgresql-17-postgis-3") {
		t.Errorf("PostgreSQL 17 without PostGIS: %v", err)
	}
	if _, err := Find(t.Context(), []string{old}); err == nil || !strings.Contains(err.Error(), "older than 14") {
		t.Errorf("PostgreSQL 12: %v", err)
	}
}

func TestLogStaysBounded(t *testing.T) {
	home := t.TempDir()
	path := filepath.Join(home, "postgres.log")
	if err := os.WriteFile(path, make([]byte, logLimitAtStart+1), 0o600); err != nil {
		t.Fatal(err)
	}
	log, err := openLog(path, home)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	if info, err := os.Stat(path); err != nil || info.Size() != 0 {
		t.Errorf("a long log goes on: %v, %v", info, err)
	}
	if err := log.Truncate(logLimitRunning + 1); err != nil { // a sparse file: no bytes written
		t.Fatal(err)
	}
	if err := boundLog(path); err != nil {
		t.Fatal(err)
	}
	if _, err := log.WriteString("first\nlast\n"); err != nil {
		t.Fatal(err)
	}
	if got := logTail(path); got != "first; last" {
		t.Errorf("tail is %q", got)
	}
}
