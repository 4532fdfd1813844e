package clustertest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"pasaj/data/cluster"

	"github.com/jackc/pgx/v5"
)

// keeperVariable tells a test's program, started a second time, that it is
// the keeper of the cluster in the folder named.
const keeperVariable = "PASAJ_CLUSTERTEST_KEEPER"

const (
	// idleLimit is how long the cluster outlives its last user: the pause
	// between two packages of one `go test` is often shorter.
	idleLimit    = 10 * time.Second
	pollInterval = 200 * time.Millisecond
)

// The shared cluster's folder holds, beside what package cluster puts there:
//
//	users.lock   held shared by every process that uses the cluster
//	start.lock   held by whoever starts or stops it
//	url          the connection string of the maintenance database
//	keeper.log   what the keepers say
const (
	usersLock = "users.lock"
	startLock = "start.lock"
	urlFile   = "url"
	keeperLog = "keeper.log"
)

// A test's own code never runs in a keeper: this comes before main.
func init() {
	home := os.Getenv(keeperVariable)
	if home == "" {
		return
	}
	if err := keep(home); err != nil {
		fmt.Println(err) // to whoever started the keeper
		os.Exit(1)
	}
	os.Exit(0)
}

// usersFile stays open, and so locked, as long as the process lives.
var usersFile *os.File

// join makes this process a user of the shared cluster, starts a keeper
// unless there is one, and returns the URL of the maintenance database.
func join(ctx context.Context) (string, error) {
	home, err := sharedHome()
	if err != nil {
		return "", err
	}
	if usersFile, err = lockFile(filepath.Join(home, usersLock), syscall.LOCK_SH); err != nil {
		return "", err
	}
	start, err := lockFile(filepath.Join(home, startLock), syscall.LOCK_EX)
	if err != nil {
		return "", err
	}
	defer start.Close()
	if free, err := ownerless(home); err != nil {
		return "", err
	} else if free {
		if err := startKeeper(home); err != nil {
			return "", err
		}
	}
	return awaitURL(ctx, home)
}

// sharedHome is the folder of the cluster: one per user of the machine, and
// nobody else's.
func sharedHome() (string, error) {
	uid := os.Geteuid()
	home := filepath.Join(os.TempDir(), "pasaj-test-"+strconv.Itoa(uid))
	if err := os.Mkdir(home, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return "", err
	}
	info, err := os.Lstat(home)
	if err != nil {
		return "", err
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !info.IsDir() || ok && int(stat.Uid) != uid {
		return "", fmt.Errorf("%s is in the way of the test cluster and not yours: remove it", home)
	}
	return home, nil
}

// ownerless tells whether no keeper holds the cluster. Only whoever holds the
// start lock may ask: the answer stays true as long.
func ownerless(home string) (bool, error) {
	lock, err := lockFile(filepath.Join(home, "lock"), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, lock.Close()
}

// startKeeper starts this very program as the keeper and waits until the
// cluster accepts connections, or for the reason why it does not.
func startKeeper(home string) error {
	program, err := os.Executable()
	if err != nil {
		return fmt.Errorf("start a keeper: %w", err)
	}
	log, err := os.OpenFile(filepath.Join(home, keeperLog), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("start a keeper: %w", err)
	}
	defer log.Close()
	said, say, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("start a keeper: %w", err)
	}
	defer said.Close()
	command := exec.Command(program)
	command.Dir = "/"
	command.Env = append(os.Environ(), keeperVariable+"="+home)
	command.Stdout, command.Stderr = say, log
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	err = command.Start()
	say.Close()
	if err != nil {
		return fmt.Errorf("start a keeper: %w", err)
	}
	answer, err := io.ReadAll(said) // until the keeper closes its end
	if err != nil {
		return fmt.Errorf("hear from the keeper: %w", err)
	}
	if string(answer) != ready {
		command.Wait()
		return errors.New(strings.TrimSpace(string(answer) + " (see " + log.Name() + ")"))
	}
	return command.Process.Release()
}

const ready = "ready\n"

// awaitURL waits until the cluster that somebody keeps accepts connections.
func awaitURL(ctx context.Context, home string) (string, error) {
	for {
		text, err := os.ReadFile(filepath.Join(home, urlFile))
		if err == nil {
			var connection *pgx.Conn
			if connection, err = pgx.Connect(ctx, string(text)); err == nil {
				return string(text), connection.Close(ctx)
			}
		}
		select {
		case <-ctx.Done():
			return "", fmt.Errorf("wait for the test cluster: %w", err)
		case <-time.After(pollInterval):
		}
	}
}

// keep runs the cluster as long as anybody uses it.
func keep(home string) error {
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer cancel()
	signal.Ignore(syscall.SIGINT, syscall.SIGHUP)
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))

	c, err := openShared(ctx, home, log)
	if err != nil {
		return err
	}
	defer c.Close(context.Background())
	next := filepath.Join(home, urlFile+".next")
	if err := os.WriteFile(next, []byte(c.URL("postgres")), 0o600); err != nil {
		return err
	}
	if err := os.Rename(next, filepath.Join(home, urlFile)); err != nil {
		return err
	}
	fmt.Print(ready)
	os.Stdout.Close()

	lastUsed := time.Now()
	for {
		select {
		case <-ctx.Done():
			log.Info("told to end")
			return nil
		case <-time.After(pollInterval):
		}
		start, used, err := takeUnused(home)
		if err != nil {
			log.Error("users not counted", "error", err)
		}
		switch {
		case used || err != nil:
			lastUsed = time.Now()
		case time.Since(lastUsed) > idleLimit:
			// Nobody can come in while the start lock is held.
			log.Info("nobody left")
			err := c.Close(context.Background())
			start.Close()
			return err
		}
		if start != nil {
			start.Close()
		}
	}
}

// takeUnused takes the start lock if nobody uses the cluster.
func takeUnused(home string) (start *os.File, used bool, err error) {
	start, err = lockFile(filepath.Join(home, startLock), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, true, nil // somebody is coming in
	}
	if err != nil {
		return nil, false, err
	}
	users, err := lockFile(filepath.Join(home, usersLock), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == nil {
		users.Close()
		return start, false, nil
	}
	start.Close()
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, true, nil
	}
	return nil, false, err
}

// openShared opens the cluster. What is in it can be made again, so one that
// does not start is thrown away.
func openShared(ctx context.Context, home string, log *slog.Logger) (*cluster.Cluster, error) {
	options := cluster.Options{
		Home: home, Fsync: false, Log: log, MaxConnections: 400,
		Settings: map[string]string{
			// Made for many short-lived databases that nobody wants back.
			"wal_level": "minimal", "max_wal_senders": "0",
			// A test that wants statistics says ANALYZE, and gets the same
			// plan every time.
			"autovacuum": "off",
		},
	}
	c, err := cluster.Open(ctx, options)
	var missing *cluster.MissingError
	var locked *cluster.LockedError
	if err == nil || errors.As(err, &missing) || errors.As(err, &locked) || ctx.Err() != nil {
		return c, err
	}
	log.Warn("test cluster does not start, making it anew", "error", err)
	if err := os.RemoveAll(filepath.Join(home, "postgres")); err != nil {
		return nil, err
	}
	return cluster.Open(ctx, options)
}

// lockFile opens a file and takes a lock on it, which closing lets go.
func lockFile(path string, how int) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		err = syscall.Flock(int(file.Fd()), how)
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	return file, nil
}
