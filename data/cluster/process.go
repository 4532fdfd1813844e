package cluster

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// pidFile is what a postmaster writes down about itself in postmaster.pid
// (PostgreSQL, src/include/utils/pidfile.h).
type pidFile struct {
	pid       int
	socketDir string // "" while it is still being written
	status    string // "starting", "stopping", "ready", "standby" or ""
}

// readPIDFile reads a data directory's postmaster.pid; without one, or with
// one cut short, ok is false.
func readPIDFile(directory string) (found pidFile, ok bool, err error) {
	text, err := os.ReadFile(filepath.Join(directory, "postmaster.pid"))
	if errors.Is(err, fs.ErrNotExist) {
		return pidFile{}, false, nil
	}
	if err != nil {
		return pidFile{}, false, fmt.Errorf("read postmaster.pid: %w", err)
	}
	found, ok = parsePIDFile(text)
	return found, ok, nil
}

func parsePIDFile(text []byte) (pidFile, bool) {
	lines := strings.Split(string(text), "\n")
	// A negative number is a single-user backend's.
	pid, err := strconv.Atoi(strings.TrimSpace(lines[0]))
	if err != nil || pid <= 1 {
		return pidFile{}, false
	}
	found := pidFile{pid: pid}
	if len(lines) > 4 {
		found.socketDir = strings.TrimSpace(lines[4])
	}
	if len(lines) > 7 {
		found.status = strings.TrimSpace(lines[7])
	}
	return found, true
}

// alive tells whether a process exists and is more than a zombie, which in a
// container without an init may stay for ever.
func alive(pid int) bool {
	if err := syscall.Kill(pid, 0); err != nil && !errors.Is(err, syscall.EPERM) {
		return false
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return !errors.Is(err, fs.ErrNotExist) || !hasProc()
	}
	// "pid (name) state ...", where the name may hold anything.
	after := bytes.LastIndexByte(stat, ')')
	return after < 0 || !bytes.HasPrefix(stat[after:], []byte(") Z")) && !bytes.HasPrefix(stat[after:], []byte(") X"))
}

// serves tells whether a living process is a server on the data directory:
// all of PostgreSQL's processes work there. Where the system does not tell,
// the answer is yes.
func serves(pid int, directory string) bool {
	if !alive(pid) {
		return false
	}
	if !hasProc() {
		return true
	}
	folder, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", pid))
	return err == nil && folder == directory
}

// leftovers are the living processes of a data directory: after the death of
// a postmaster, backends that have not noticed yet. Without /proc there is no
// telling, and PostgreSQL's own interlock has to do.
func leftovers(directory string) []int {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	var pids []int
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil || pid == os.Getpid() {
			continue
		}
		folder, err := os.Readlink(filepath.Join("/proc", entry.Name(), "cwd"))
		if err != nil || folder != directory {
			continue
		}
		program, err := os.ReadFile(filepath.Join("/proc", entry.Name(), "comm"))
		if err == nil && strings.HasPrefix(string(program), "postgres") && alive(pid) {
			pids = append(pids, pid)
		}
	}
	return pids
}

func hasProc() bool {
	_, err := os.Stat("/proc/self/stat")
	return err == nil
}
