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
	"syscall"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

const (
	// pollInterval is how often a start looks whether the server is ready.
	pollInterval = 10 * time.Millisecond
	// watchInterval is how often an adopted server, which is no child and so
	// sends no word of its end, is looked at.
	watchInterval = 100 * time.Millisecond
	// silenceLimit is how long a server that is to be adopted may give no
	// sign of life at its socket.
	silenceLimit = 10 * time.Second
	// immediateLimit is how long an immediate shutdown may take.
	immediateLimit = 5 * time.Second
	// leftoverLimit is how long backends may outlive their postmaster before
	// they are told to end.
	leftoverLimit = 2 * time.Second
)

// postmaster is the server's first process.
type postmaster struct {
	pid     int
	child   bool // of this process, and not adopted
	started time.Time
	// exited is closed at the process's end; cause, set before, says how.
	exited chan struct{}
	cause  string
}

func (p *postmaster) gone() bool {
	select {
	case <-p.exited:
		return true
	default:
		return false
	}
}

// adopt takes over a server that is already running on the data directory.
func (c *Cluster) adopt(ctx context.Context, configurationChanged bool) (bool, error) {
	file, ok, err := readPIDFile(c.directory)
	if err != nil {
		return false, err
	}
	if !ok || !serves(file.pid, c.directory) {
		return false, nil
	}
	if file.socketDir != "" {
		c.socketDir = file.socketDir // where it listens, wherever it would today
	}
	adopted := &postmaster{pid: file.pid, started: time.Now(), exited: make(chan struct{})}
	go c.watch(adopted)
	c.setPostmaster(adopted)
	if configurationChanged {
		if err := syscall.Kill(adopted.pid, syscall.SIGHUP); err != nil {
			c.log.Warn("running database not told of its new configuration", "error", err)
		}
	}
	impatient, cancel := context.WithTimeout(ctx, silenceLimit)
	defer cancel()
	err = c.awaitAnswer(impatient, adopted)
	if err == nil {
		err = c.awaitReady(ctx, adopted)
	}
	if err == nil {
		c.log.Info("adopted the running database", "pid", adopted.pid, "home", c.home)
		return true, nil
	}
	if ctx.Err() != nil {
		return false, err
	}
	// It was on its way out, or deaf: end it and start another.
	c.log.Warn("running database not adopted, starting another", "pid", adopted.pid, "error", err)
	if err := c.stop(ctx); err != nil {
		return false, err
	}
	c.socketDir = chooseSocketDir(c.home)
	return false, nil
}

// start launches a postmaster and waits until it accepts connections. After a
// crash that includes PostgreSQL's recovery, however long it takes.
func (c *Cluster) start(ctx context.Context) error {
	if err := c.clearLeftovers(ctx); err != nil {
		return err
	}
	if err := c.prepareSocketDir(); err != nil {
		return err
	}
	started, err := c.launch()
	if err != nil {
		return err
	}
	c.setPostmaster(started)
	if err := c.awaitReady(ctx, started); err != nil {
		return err
	}
	c.log.Info("database started", "pid", started.pid, "postgresql", c.Version(), "home", c.home,
		"duration_ms", time.Since(started.started).Milliseconds())
	return nil
}

// launch starts the process: in its own session, so that a terminal's Ctrl-C
// does not reach it, as the owner of the data.
func (c *Cluster) launch() (*postmaster, error) {
	log, err := openLog(c.logPath, c.home)
	if err != nil {
		return nil, err
	}
	defer log.Close() // the child has its own copy
	// What keeps others out is said here, where no configuration file has a
	// say any more.
	command := exec.Command(c.installation.Program("postgres"),
		"-D", c.directory,
		"-c", "listen_addresses=",
		"-c", "unix_socket_directories="+c.socketDir,
		"-c", "unix_socket_permissions=0700")
	command.Dir = "/"
	command.Env = serverEnvironment()
	command.Stdout, command.Stderr = log, log
	command.SysProcAttr = c.owner.attributes(true)
	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("start postgres: %w", err)
	}
	started := &postmaster{pid: command.Process.Pid, child: true, started: time.Now(), exited: make(chan struct{})}
	go func() {
		command.Wait() // the state says more than the error
		started.cause = command.ProcessState.String()
		close(started.exited)
	}()
	return started, nil
}

// watch waits for the end of a process that is not this one's child.
func (c *Cluster) watch(p *postmaster) {
	for serves(p.pid, c.directory) {
		time.Sleep(watchInterval)
	}
	p.cause = "ended"
	close(p.exited)
}

var errEnded = errors.New("PostgreSQL ended")

// awaitAnswer waits until anything answers at the socket.
func (c *Cluster) awaitAnswer(ctx context.Context, p *postmaster) error {
	return c.poll(ctx, p, func(err error) bool {
		refusal := (*pgconn.PgError)(nil)
		return err == nil || errors.As(err, &refusal)
	})
}

// awaitReady waits until the server accepts connections.
func (c *Cluster) awaitReady(ctx context.Context, p *postmaster) error {
	return c.poll(ctx, p, func(err error) bool {
		const tooManyConnections = "53300" // busy, so certainly up
		refusal := (*pgconn.PgError)(nil)
		return err == nil || errors.As(err, &refusal) && refusal.Code == tooManyConnections
	})
}

// poll connects again and again until done likes the outcome. Knocking at the
// door of a server that recovers fills its log, so it is done rarely until
// its own file says that it is ready.
func (c *Cluster) poll(ctx context.Context, p *postmaster, done func(error) bool) error {
	const knockInterval = time.Second
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	lastKnock := time.Now()
	var last error
	for {
		select {
		case <-ctx.Done():
			if last != nil {
				return fmt.Errorf("wait for PostgreSQL (%w): %w", last, ctx.Err())
			}
			return fmt.Errorf("wait for PostgreSQL: %w", ctx.Err())
		case <-p.exited:
			return fmt.Errorf("%w (%s): %s", errEnded, p.cause, logTail(c.logPath))
		case <-ticker.C:
		}
		file, ok, err := readPIDFile(c.directory)
		if err != nil {
			return err
		}
		ready := ok && file.pid == p.pid && file.status == "ready"
		if !ready && time.Since(lastKnock) < knockInterval {
			continue
		}
		lastKnock = time.Now()
		last = c.knock(ctx)
		if done(last) {
			return nil
		}
		if refusal := (*pgconn.PgError)(nil); errors.As(last, &refusal) && !passing(refusal.Code) {
			return fmt.Errorf("PostgreSQL refuses pasaj: %w", last)
		}
	}
}

// passing tells a refusal that time cures: starting up, stopping, out of some
// resource.
func passing(code string) bool {
	return strings.HasPrefix(code, "57P") || strings.HasPrefix(code, "53")
}

// knock connects once and notes the server's version.
func (c *Cluster) knock(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	connection, err := pgconn.Connect(ctx, c.URL("postgres"))
	if err != nil {
		return err
	}
	version, _, _ := strings.Cut(connection.ParameterStatus("server_version"), " ")
	c.mu.Lock()
	c.version = version
	c.mu.Unlock()
	return connection.Close(ctx)
}

// clearLeftovers makes certain that nothing of a former server is in the way:
// backends that outlived a killed postmaster hold its shared memory, and a
// process id that was handed out again makes its pid file look current.
func (c *Cluster) clearLeftovers(ctx context.Context) error {
	file, ok, err := readPIDFile(c.directory)
	if err != nil {
		return err
	}
	if ok && serves(file.pid, c.directory) && hasProc() {
		return fmt.Errorf("process %d still serves %s", file.pid, c.directory)
	}
	begun := time.Now()
	escalation := []struct {
		after  time.Duration
		signal syscall.Signal
	}{
		{leftoverLimit, syscall.SIGQUIT},
		{leftoverLimit + time.Second, syscall.SIGKILL},
	}
	for {
		pids := leftovers(c.directory)
		if len(pids) == 0 {
			break
		}
		if len(escalation) > 0 && time.Since(begun) > escalation[0].after {
			c.log.Warn("ending processes of a former database", "pids", pids, "signal", escalation[0].signal.String())
			for _, pid := range pids {
				_ = syscall.Kill(pid, escalation[0].signal) // it may be gone by now
			}
			escalation = escalation[1:]
		}
		if err := pause(ctx, pollInterval); err != nil {
			return fmt.Errorf("wait for the end of a former database: %w", err)
		}
	}
	// PostgreSQL itself recognises most stale pid files; not one whose number
	// belongs to a zombie or to a program of the same user by now. Removing
	// it is harmless only because nothing of the former server is alive.
	if ok && hasProc() && syscall.Kill(file.pid, 0) == nil && !serves(file.pid, c.directory) {
		for _, path := range []string{
			filepath.Join(c.directory, "postmaster.pid"),
			filepath.Join(c.socketDir, socketFile+".lock"),
		} {
			if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("remove a stale pid file: %w", err)
			}
		}
	}
	return nil
}

// stop ends the current postmaster, politely at first.
func (c *Cluster) stop(ctx context.Context) error {
	c.mu.Lock()
	current := c.postmaster
	c.mu.Unlock()
	if current == nil || current.gone() {
		return nil
	}
	polite, cancel := context.WithTimeout(ctx, c.stopTimeout)
	defer cancel()
	if c.signal(current, syscall.SIGINT); awaitEnd(polite, current) {
		c.log.Info("database stopped", "pid", current.pid)
		return nil
	}
	c.log.Warn("database does not stop, stopping it at once", "pid", current.pid)
	for _, signal := range []syscall.Signal{syscall.SIGQUIT, syscall.SIGKILL} {
		short, cancel := context.WithTimeout(context.WithoutCancel(ctx), immediateLimit)
		c.signal(current, signal)
		ended := awaitEnd(short, current)
		cancel()
		if ended {
			return nil
		}
	}
	return fmt.Errorf("database process %d cannot be stopped", current.pid)
}

func (c *Cluster) signal(p *postmaster, signal syscall.Signal) {
	if p.gone() || !p.child && !serves(p.pid, c.directory) {
		return // the number may be somebody else's now
	}
	if err := syscall.Kill(p.pid, signal); err != nil && !errors.Is(err, syscall.ESRCH) {
		c.log.Warn("database process not signalled", "pid", p.pid, "signal", signal.String(), "error", err)
	}
}

func awaitEnd(ctx context.Context, p *postmaster) bool {
	select {
	case <-p.exited:
		return true
	case <-ctx.Done():
		return false
	}
}

func (c *Cluster) setPostmaster(p *postmaster) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.postmaster = p
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
