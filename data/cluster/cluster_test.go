package cluster_test

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"pasaj/data/cluster"
	"pasaj/data/cluster/clustertest"

	"github.com/jackc/pgx/v5"
)

// ownerVariable makes this program an owner of a cluster, to be killed.
const ownerVariable = "PASAJ_CLUSTER_TEST_OWNER"

func TestMain(m *testing.M) {
	if home := os.Getenv(ownerVariable); home != "" {
		c, err := cluster.Open(context.Background(), cluster.Options{Home: home})
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println(c.PID())
		select {}
	}
	os.Exit(m.Run())
}

// patience bounds what may take a while on a loaded machine.
const patience = time.Minute

func open(t *testing.T, options cluster.Options) *cluster.Cluster {
	t.Helper()
	c, err := cluster.Open(t.Context(), options)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() {
		if err := c.Close(context.Background()); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return c
}

// ask runs one query that gives one value.
func ask[T any](t *testing.T, c *cluster.Cluster, query string) T {
	t.Helper()
	connection, err := pgx.Connect(t.Context(), c.URL("postgres"))
	if err != nil {
		t.Fatalf("connect: %v", err)
	}
	defer connection.Close(t.Context())
	var value T
	if err := connection.QueryRow(t.Context(), query).Scan(&value); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return value
}

func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for begun := time.Now(); !holds(); time.Sleep(10 * time.Millisecond) {
		if time.Since(begun) > patience {
			t.Fatalf("waited in vain: %s", what)
		}
	}
}

func TestOpenMakesAClusterThatKeepsItsData(t *testing.T) {
	home := clustertest.Home(t)
	c, err := cluster.Open(t.Context(), cluster.Options{Home: home, Fsync: true})
	if err != nil {
		t.Fatal(err)
	}
	for setting, want := range map[string]string{
		"server_encoding": "UTF8", "data_checksums": "on", "listen_addresses": "",
		"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on",
		"jit": "off", "TimeZone": "UTC", "max_connections": "100",
	} {
		if got := ask[string](t, c, "SELECT current_setting('"+setting+"')"); got != want {
			t.Errorf("%s is %q, want %q", setting, got, want)
		}
	}
	if got := ask[string](t, c, "SELECT current_user::text"); got != "pasaj" {
		t.Errorf("signed in as %q", got)
	}
	if got := ask[string](t, c, "SELECT current_setting('server_version')"); !strings.HasPrefix(got, c.Version()) || c.Version() == "" {
		t.Errorf("Version() is %q, the server says %q", c.Version(), got)
	}
	for range 2 {
		if err := c.EnsureDatabase(t.Context(), "a strange \"name\""); err != nil {
			t.Fatalf("ensure database: %v", err)
		}
	}
	if connection, err := pgx.Connect(t.Context(), c.URL("a strange \"name\"")); err != nil {
		t.Errorf("connect to the new database: %v", err)
	} else {
		if _, err := connection.Exec(t.Context(), "CREATE EXTENSION postgis"); err != nil {
			t.Errorf("PostGIS: %v", err)
		}
		connection.Close(t.Context())
	}
	pid := c.PID()
	if err := c.Close(t.Context()); err != nil {
		t.Fatalf("close: %v", err)
	}
	if err := c.Close(t.Context()); err != nil {
		t.Errorf("second close: %v", err)
	}
	if syscall.Kill(pid, 0) == nil {
		t.Errorf("postmaster %d is still there after Close", pid)
	}

	again := open(t, cluster.Options{Home: home, Fsync: true})
	if got := ask[int](t, again, `SELECT count(*) FROM pg_database WHERE datname = 'a strange "name"'`); got != 1 {
		t.Error("the database is gone after a restart")
	}
}

func TestNobodyElseGetsIn(t *testing.T) {
	c := open(t, cluster.Options{Home: clustertest.Home(t)})
	stranger := strings.Replace(c.URL("postgres"), "pasaj@", "stranger@", 1)
	if connection, err := pgx.Connect(t.Context(), stranger); err == nil {
		connection.Close(t.Context())
		t.Error("a database user other than pasaj got in")
	}
	for _, port := range listeningPorts(t, c.PID()) {
		t.Errorf("the server listens on TCP port %d", port)
	}
	parsed, err := pgx.ParseConfig(c.URL("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(parsed.Host)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o700 {
		t.Errorf("the socket's folder is %v", info.Mode())
	}
}

// listeningPorts finds the TCP ports that a process listens on, by the
// kernel's own tables; where there are none it tries the usual one.
func listeningPorts(t *testing.T, pid int) []int {
	t.Helper()
	files, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	if err != nil {
		if connection, err := net.DialTimeout("tcp", "127.0.0.1:5432", time.Second); err == nil {
			connection.Close()
			return []int{5432}
		}
		return nil
	}
	inodes := map[string]bool{}
	for _, file := range files {
		link, err := os.Readlink(fmt.Sprintf("/proc/%d/fd/%s", pid, file.Name()))
		if inode, ok := strings.CutPrefix(link, "socket:["); err == nil && ok {
			inodes[strings.TrimSuffix(inode, "]")] = true
		}
	}
	if len(inodes) == 0 {
		t.Fatal("the server has no socket at all")
	}
	var ports []int
	for _, table := range []string{"tcp", "tcp6"} {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/net/%s", pid, table))
		if err != nil {
			continue // no IPv6
		}
		for _, line := range strings.Split(string(text), "\n")[1:] {
			fields := strings.Fields(line)
			const listening = "0A"
			if len(fields) < 10 || fields[3] != listening || !inodes[fields[9]] {
				continue
			}
			_, hex, _ := strings.Cut(fields[1], ":")
			port, _ := strconv.ParseInt(hex, 16, 32)
			ports = append(ports, int(port))
		}
	}
	return ports
}

// killedOwner starts an owner in a process of its own and kills it. It
// returns the postmaster that stays behind.
func killedOwner(t *testing.T, home string) (postmaster int) {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(program)
	command.Env = append(os.Environ(), ownerVariable+"="+home)
	said, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	line, _ := bufio.NewReader(said).ReadString('\n')
	_ = command.Process.Kill()
	_ = command.Wait() // killed is not a success
	postmaster, err = strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		t.Fatalf("the owner said %q", line)
	}
	return postmaster
}

func TestOpenAdoptsWhatAKilledOwnerLeft(t *testing.T) {
	home := clustertest.Home(t)
	left := killedOwner(t, home)
	c := open(t, cluster.Options{Home: home, Fsync: true})
	if c.PID() != left {
		t.Errorf("postmaster is %d, want the adopted %d", c.PID(), left)
	}
	// The owner ran without fsync; the one that adopts has the last word.
	eventually(t, "the new configuration holds", func() bool {
		return ask[string](t, c, "SHOW fsync") == "on"
	})

	// An adopted server is as well looked after as one's own.
	if err := syscall.Kill(left, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	eventually(t, "another postmaster", func() bool { return c.PID() != 0 && c.PID() != left })
	eventually(t, "a connection", func() bool { return reachable(t, c) })
}

func TestOpenAfterOwnerAndServerWereKilled(t *testing.T) {
	home := clustertest.Home(t)
	left := killedOwner(t, home)
	if err := syscall.Kill(left, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	c := open(t, cluster.Options{Home: home})
	if c.PID() == left {
		t.Error("a dead postmaster was adopted")
	}
	if !reachable(t, c) {
		t.Error("no connection")
	}
}

func TestOpenWithAnotherProcessUnderTheOldNumber(t *testing.T) {
	home := clustertest.Home(t)
	first, err := cluster.Open(t.Context(), cluster.Options{Home: home})
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	// After a restart of the machine the number in the pid file is anybody's:
	// here it is a living process that PostgreSQL would mistake for its own.
	directory := filepath.Join(home, "postgres")
	info, err := os.Stat(directory)
	if err != nil {
		t.Fatal(err)
	}
	other := exec.Command("sleep", "600")
	if stat, ok := info.Sys().(*syscall.Stat_t); ok && os.Geteuid() == 0 {
		other.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: stat.Uid, Gid: stat.Gid}}
	}
	other.Dir = "/"
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = other.Process.Kill(); _ = other.Wait() })
	stale := fmt.Sprintf("%d\n%s\n1700000000\n5432\n%s\n\n  1  1\nready   \n", other.Process.Pid, directory, filepath.Join(home, "socket"))
	if err := os.WriteFile(filepath.Join(directory, "postmaster.pid"), []byte(stale), 0o644); err != nil {
		t.Fatal(err)
	}
	c := open(t, cluster.Options{Home: home})
	if !reachable(t, c) {
		t.Error("no connection")
	}
}

func reachable(t *testing.T, c *cluster.Cluster) bool {
	connection, err := pgx.Connect(t.Context(), c.URL("postgres"))
	if err != nil {
		return false
	}
	defer connection.Close(t.Context())
	return connection.Ping(t.Context()) == nil
}

// heard keeps what was logged, readable while the logger still writes.
type heard struct {
	mu   sync.Mutex
	text strings.Builder
}

func (h *heard) Write(line []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.text.Write(line)
}

func (h *heard) String() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.text.String()
}

func TestKilledServerIsStartedAgain(t *testing.T) {
	var said heard
	home := clustertest.Home(t)
	c, err := cluster.Open(t.Context(), cluster.Options{Home: home, Fsync: true, Log: slog.New(slog.NewTextHandler(&said, nil))})
	if err != nil {
		t.Fatal(err)
	}
	closed := false
	t.Cleanup(func() {
		if !closed {
			c.Close(context.Background())
		}
	})
	connection, err := pgx.Connect(t.Context(), c.URL("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close(context.Background())
	if _, err := connection.Exec(t.Context(), "CREATE TABLE kept (id int)"); err != nil {
		t.Fatal(err)
	}
	const rounds = 3
	for round := 1; round <= rounds; round++ {
		if _, err := connection.Exec(t.Context(), "INSERT INTO kept VALUES ($1)", round); err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		// A backend in the middle of a query notices its postmaster's death
		// late, and holds on to the shared memory until then.
		busy, err := pgx.Connect(t.Context(), c.URL("postgres"))
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			_, _ = busy.Exec(context.Background(), "SELECT count(*) FROM generate_series(1, 1e12::bigint)")
		}()
		before, logged := c.PID(), strings.Count(said.String(), "database restarted")
		eventually(t, "the busy backend is busy", func() bool {
			return ask[int](t, c, "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT count(*) FROM generate_series%' AND state = 'active'") == 1
		})
		if err := syscall.Kill(before, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		eventually(t, "another postmaster", func() bool { return c.PID() != 0 && c.PID() != before && reachable(t, c) })
		eventually(t, "the restart is logged", func() bool { return strings.Count(said.String(), "database restarted") > logged })
		<-done
		busy.Close(context.Background())
		connection.Close(context.Background())
		if connection, err = pgx.Connect(t.Context(), c.URL("postgres")); err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
	}
	if got := ask[int](t, c, "SELECT count(*) FROM kept"); got != rounds {
		t.Errorf("%d committed rows are there, want %d", got, rounds)
	}
	closed = true
	if err := c.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(said.String(), "database restarted"); got != rounds {
		t.Errorf("%d restarts were logged, want %d:\n%s", got, rounds, said.String())
	}
}

func TestCloseWithoutPatience(t *testing.T) {
	c, err := cluster.Open(t.Context(), cluster.Options{Home: clustertest.Home(t)})
	if err != nil {
		t.Fatal(err)
	}
	connection, err := pgx.Connect(t.Context(), c.URL("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close(context.Background())
	pid := c.PID()
	ended, cancel := context.WithCancel(t.Context())
	cancel() // no time for a fast shutdown: an immediate one has to do
	if err := c.Close(ended); err != nil {
		t.Fatal(err)
	}
	if syscall.Kill(pid, 0) == nil {
		t.Errorf("postmaster %d is still there", pid)
	}
}

func TestLongHome(t *testing.T) {
	home := filepath.Join(clustertest.Home(t), strings.Repeat("a-long-name/", 10))
	// All but the last folder are the caller's, who lets others pass.
	if err := os.MkdirAll(filepath.Dir(home), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(top(home), 0o755); err != nil {
		t.Fatal(err)
	}
	c := open(t, cluster.Options{Home: home})
	parsed, err := pgx.ParseConfig(c.URL("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(parsed.Host) })
	if strings.HasPrefix(parsed.Host, home) {
		t.Errorf("the socket is in %s, too long a path", parsed.Host)
	}
	if !reachable(t, c) {
		t.Error("no connection")
	}
}

// top is the folder that clustertest.Home made above a long path.
func top(home string) string {
	for !strings.HasPrefix(filepath.Base(home), "pasaj-home-") {
		home = filepath.Dir(home)
	}
	return home
}
