package cluster_test

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"pasaj/data/cluster"
	"pasaj/data/cluster/clustertest"
)

func TestOpenRefusesDataOfAnotherMajorVersion(t *testing.T) {
	home := clustertest.Home(t)
	c, err := cluster.Open(t.Context(), cluster.Options{Home: home})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	version := filepath.Join(home, "postgres", "PG_VERSION")
	if err := os.WriteFile(version, []byte("11\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = cluster.Open(t.Context(), cluster.Options{Home: home})
	var refusal *cluster.VersionError
	if !errors.As(err, &refusal) {
		t.Fatalf("opened data of version 11: %v", err)
	}
	installed := c.Installation()
	for _, want := range []string{"PostgreSQL 11", strconv.Itoa(installed.Major), installed.BinDir, "postgresql-11-postgis-3"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the refusal does not name %q: %v", want, err)
		}
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("the refusal has several lines: %v", err)
	}
}

func TestOneOwnerPerHome(t *testing.T) {
	home := clustertest.Home(t)
	c := open(t, cluster.Options{Home: home})
	_, err := cluster.Open(t.Context(), cluster.Options{Home: home})
	var locked *cluster.LockedError
	if !errors.As(err, &locked) {
		t.Fatalf("two owners of one home: %v", err)
	}
	if locked.PID != os.Getpid() || !strings.Contains(err.Error(), strconv.Itoa(os.Getpid())) {
		t.Errorf("the refusal does not name process %d: %v", os.Getpid(), err)
	}
	if !reachable(t, c) {
		t.Error("the refused one did harm to the owner")
	}
	if got, want := cluster.RunningURL(home, "pasaj"), c.URL("pasaj"); got != want {
		t.Errorf("a second process would connect to %s, want %s", got, want)
	}
}

func TestHalfMadeDataAreMadeAnew(t *testing.T) {
	home := clustertest.Home(t)
	for _, file := range []string{"postgres/PG_VERSION", "postgres/base/1/PG_VERSION", "postgres.partial/PG_VERSION"} {
		path := filepath.Join(home, file)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("15\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c := open(t, cluster.Options{Home: home})
	if !reachable(t, c) {
		t.Error("no connection")
	}
	if aside, _ := filepath.Glob(filepath.Join(home, "postgres.halfmade-*")); len(aside) != 1 {
		t.Errorf("set aside: %q, want one folder", aside)
	}
	if _, err := os.Stat(filepath.Join(home, "postgres.partial")); err == nil {
		t.Error("an unfinished directory is still there")
	}
}

func TestDataWithoutVersionAreLeftAlone(t *testing.T) {
	home := clustertest.Home(t)
	control := filepath.Join(home, "postgres", "global", "pg_control")
	if err := os.MkdirAll(filepath.Dir(control), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(control, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	if c, err := cluster.Open(t.Context(), cluster.Options{Home: home}); err == nil {
		c.Close(t.Context())
		t.Fatal("opened damaged data")
	}
	if text, err := os.ReadFile(control); err != nil || string(text) != "precious" {
		t.Errorf("the data were touched: %q, %v", text, err)
	}
}

func TestMissingPostGISNamesWhatToInstall(t *testing.T) {
	home := clustertest.Home(t)
	_, err := cluster.Open(t.Context(), cluster.Options{Home: home, BinDirs: []string{t.TempDir()}})
	var missing *cluster.MissingError
	if !errors.As(err, &missing) {
		t.Fatalf("got %v", err)
	}
	if !strings.Contains(err.Error(), "apt-get install postgresql") || !strings.Contains(err.Error(), "postgis-3") {
		t.Errorf("does not say what to install: %v", err)
	}
	if entries, _ := filepath.Glob(filepath.Join(home, "postgres*")); len(entries) != 0 {
		t.Errorf("left behind: %q", entries)
	}
}

func TestHomeOutOfTheServersReach(t *testing.T) {
	if os.Geteuid() != 0 {
		// An ordinary user is the server's user too, and can reach its own.
		open(t, cluster.Options{Home: filepath.Join(clustertest.Home(t), "mine")})
		return
	}
	closed := clustertest.Home(t)
	_, err := cluster.Open(t.Context(), cluster.Options{Home: filepath.Join(closed, "home")})
	if err == nil || !strings.Contains(err.Error(), "cannot enter "+closed+":") {
		t.Errorf("the error does not name the closed folder %s: %v", closed, err)
	}
}
