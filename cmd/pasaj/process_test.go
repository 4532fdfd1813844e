package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"pasaj/api/auth"
	"pasaj/data/postgis"
	"pasaj/geo"
)

// serviceVariable tells this test's program, started a second time, that it is
// pasaj itself: a process of its own that can be killed.
const serviceVariable = "PASAJ_TEST_SERVICE"

func init() {
	if os.Getenv(serviceVariable) != "" {
		go endWithTest()
		main()
		os.Exit(0)
	}
}

// endWithTest stops the service, and with it its database, when the test's
// program ends without stopping it: only that program holds the other end of
// the standard input.
func endWithTest() {
	_, _ = io.Copy(io.Discard, os.Stdin) // an error is an end too
	_ = syscall.Kill(os.Getpid(), syscall.SIGTERM)
}

// readyPatience bounds the wait for a service, first start included.
const readyPatience = 3 * time.Minute

// process is a `pasaj serve` that can be killed and started again.
type process struct {
	t       testing.TB
	home    string
	address string
	logPath string
	mu      sync.Mutex
	command *exec.Cmd
	ended   chan struct{}
}

// newProcess prepares a service with its private cluster in a home; it is not
// started yet. Whatever of it still runs at the end of the test is killed.
func newProcess(t testing.TB, home string) *process {
	t.Helper()
	home, err := filepath.EvalSymlinks(home)
	if err != nil {
		t.Fatal(err)
	}
	p := &process{t: t, home: home, address: freeAddress(t), logPath: filepath.Join(t.TempDir(), "pasaj.log")}
	t.Cleanup(func() {
		p.kill()
		p.killDatabase()
		if t.Failed() {
			t.Logf("end of the service's log:\n%s", p.logTail())
		}
	})
	return p
}

// freeAddress is a loopback address that nobody listens on.
func freeAddress(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// start launches the program and returns at once.
func (p *process) start() {
	p.t.Helper()
	program, err := os.Executable()
	if err != nil {
		p.t.Fatal(err)
	}
	log, err := os.OpenFile(p.logPath, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		p.t.Fatal(err)
	}
	defer log.Close()
	command := exec.Command(program, "--home", p.home, "serve", "--listen", p.address)
	command.Env = append(os.Environ(), serviceVariable+"=1", "PASAJ_DATABASE_URL=")
	command.Stdout, command.Stderr = log, log
	if _, err := command.StdinPipe(); err != nil { // closed by Wait or by this program's end
		p.t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		p.t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = command.Wait() // the state is looked at where it matters
		close(ended)
	}()
	p.mu.Lock()
	p.command, p.ended = command, ended
	p.mu.Unlock()
}

// awaitReady returns when the service answers with its worlds as new as the
// record.
func (p *process) awaitReady() {
	p.t.Helper()
	deadline := time.Now().Add(readyPatience)
	for time.Now().Before(deadline) {
		select {
		case <-p.ended:
			p.t.Fatalf("the service ended by itself: %s\n%s", p.command.ProcessState, p.logTail())
		default:
		}
		if readiness(p.t.Context(), p.address) == "ok" {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	p.t.Fatalf("the service was not ready in %s\n%s", readyPatience, p.logTail())
}

// readiness is what /readyz says: ok, degraded, or "" where it says nothing.
func readiness(ctx context.Context, address string) string {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	got, err := message{method: http.MethodGet, path: "/readyz"}.send(ctx, address)
	if err != nil || got.status != http.StatusOK {
		return ""
	}
	var state struct{ Status string }
	if json.Unmarshal(got.body, &state) != nil {
		return ""
	}
	return state.Status
}

// kill ends the program as kill -9 does and waits for its end.
func (p *process) kill() {
	p.mu.Lock()
	command, ended := p.command, p.ended
	p.mu.Unlock()
	if command != nil {
		_ = command.Process.Kill() // it may have ended already
		<-ended
	}
}

// stop ends the program as a service manager does; it must end well.
func (p *process) stop() {
	p.t.Helper()
	if err := p.command.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatal(err)
	}
	select {
	case <-p.ended:
	case <-time.After(readyPatience):
		p.t.Fatal("the service does not stop")
	}
	if !p.command.ProcessState.Success() {
		p.t.Errorf("the service ended with %s", p.command.ProcessState)
	}
}

// databasePID is the process id of the private cluster's postmaster, 0 when
// none is running.
func (p *process) databasePID() int {
	directory := filepath.Join(p.home, "postgres")
	raw, err := os.ReadFile(filepath.Join(directory, "postmaster.pid"))
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(raw), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	if err != nil || pid <= 1 {
		return 0
	}
	// The file outlives a killed server, and its number may be another's now.
	line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if err != nil || !bytes.Contains(line, []byte(directory)) {
		return 0
	}
	return pid
}

// killDatabase ends the postmaster as kill -9 does and reports whether there
// was one.
func (p *process) killDatabase() bool {
	pid := p.databasePID()
	return pid != 0 && syscall.Kill(pid, syscall.SIGKILL) == nil
}

// logTail is the last of what the service said.
func (p *process) logTail() string {
	raw, err := os.ReadFile(p.logPath)
	if err != nil {
		return err.Error()
	}
	return string(raw[max(0, len(raw)-8<<10):])
}

// checkLog holds the service to what the race detector and the runtime found.
func (p *process) checkLog() {
	p.t.Helper()
	raw, err := os.ReadFile(p.logPath)
	if err != nil {
		p.t.Fatal(err)
	}
	for _, sign := range []string{"DATA RACE", "panic", "fatal error", "goroutine "} {
		if at := bytes.Index(raw, []byte(sign)); at >= 0 {
			p.t.Errorf("the service's log has %q:\n%s", sign, raw[at:min(len(raw), at+4<<10)])
		}
	}
}

// received is an HTTP response read to its end.
type received struct {
	status int
	header http.Header
	body   []byte
}

func (a received) String() string {
	return fmt.Sprintf("%d %s", a.status, a.body[:min(len(a.body), 500)])
}

// message is an HTTP request that can be sent again and again.
type message struct {
	method, path, token string
	key                 string // Idempotency-Key
	media, body         string
}

var webClient = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16}}

// send sends it once.
func (q message) send(ctx context.Context, address string) (received, error) {
	var body io.Reader
	if q.body != "" {
		body = strings.NewReader(q.body)
	}
	r, err := http.NewRequestWithContext(ctx, q.method, "http://"+address+q.path, body)
	if err != nil {
		return received{}, err
	}
	for name, value := range map[string]string{"Authorization": q.token, "Idempotency-Key": q.key, "Content-Type": q.media} {
		if name == "Authorization" && value != "" {
			value = "Bearer " + value
		}
		if value != "" {
			r.Header.Set(name, value)
		}
	}
	response, err := webClient.Do(r)
	if err != nil {
		return received{}, err
	}
	defer response.Body.Close()
	got := received{status: response.StatusCode, header: response.Header}
	got.body, err = io.ReadAll(response.Body)
	return got, err
}

// get reads a page that must be there.
func get(t testing.TB, address, token, path string) received {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	got, err := message{method: http.MethodGet, path: path, token: token}.send(ctx, address)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	if got.status != http.StatusOK {
		t.Fatalf("%s: %s", path, got)
	}
	return got
}

// makeToken stores a token and gives its secret.
func makeToken(t testing.TB, r *postgis.Record, name string, role geo.Role, audience geo.Audience) string {
	t.Helper()
	text := auth.NewSecret(auth.TokenPrefix)
	token := geo.Token{
		ID: uuid.New(), Name: name, Role: role, Audience: audience,
		ExpiresAt: time.Now().AddDate(0, 0, 1), CreatedBy: "test",
	}
	if err := r.CreateToken(t.Context(), token, auth.DigestOf(text)); err != nil {
		t.Fatal(err)
	}
	return text
}

// listener follows the stream of changes across every interruption and holds
// it to its promise: each revision once, in order.
type listener struct {
	address, token string
	mu             sync.Mutex
	last           geo.Revision
	faults         []string
	heard          int
	connections    int
}

// listen follows from a revision until the test's end.
func listen(t testing.TB, address, token string, since geo.Revision) *listener {
	l := &listener{address: address, token: token, last: since}
	ctx, cancel := context.WithCancel(context.Background())
	var following sync.WaitGroup
	following.Go(func() {
		for ctx.Err() == nil {
			_ = l.follow(ctx) // however it broke, it resumes
			select {
			case <-time.After(20 * time.Millisecond):
			case <-ctx.Done():
			}
		}
	})
	t.Cleanup(func() { cancel(); following.Wait() })
	return l
}

func (l *listener) follow(ctx context.Context) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+l.address+"/v1/changes", nil)
	if err != nil {
		return err
	}
	l.mu.Lock()
	r.Header.Set("Last-Event-ID", l.last.String())
	l.connections++
	l.mu.Unlock()
	if l.token != "" {
		r.Header.Set("Authorization", "Bearer "+l.token)
	}
	response, err := webClient.Do(r)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d", response.StatusCode)
	}
	lines := bufio.NewScanner(response.Body)
	lines.Buffer(nil, 16<<20)
	var id, event, data string
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), ": ")
		switch {
		case lines.Text() == "" && event != "":
			l.take(id, event, data)
			id, event, data = "", "", ""
		case name == "id":
			id = value
		case name == "event":
			event = value
		case name == "data":
			data = value
		}
	}
	return lines.Err()
}

func (l *listener) take(id, event, data string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	revision, err := strconv.ParseInt(id, 10, 64)
	var body struct{ Revision geo.Revision }
	if err == nil {
		err = json.Unmarshal([]byte(data), &body)
	}
	if err != nil || event != "revision" || geo.Revision(revision) != l.last+1 || body.Revision != l.last+1 {
		l.faults = append(l.faults, fmt.Sprintf("event %s %q (%.200s) after revision %s", event, id, data, l.last))
	}
	l.last = geo.Revision(revision)
	l.heard++
}

// await returns when the stream has brought a revision; all before it must
// have come first.
func (l *listener) await(t testing.TB, who string, revision geo.Revision) {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	for {
		l.mu.Lock()
		last, faults := l.last, l.faults
		l.mu.Unlock()
		switch {
		case len(faults) > 0:
			t.Fatalf("the stream of %s: %s", who, strings.Join(faults, "; "))
		case last == revision:
			return
		case time.Now().After(deadline):
			t.Fatalf("the stream of %s stands at revision %s, the record at %s", who, last, revision)
		}
		time.Sleep(5 * time.Millisecond)
	}
}
