package cluster

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// LockedError says that another living process owns the home.
type LockedError struct {
	Home string
	PID  int // 0 when the lock file does not tell
}

func (e *LockedError) Error() string {
	who := "another pasaj"
	if e.PID != 0 {
		who = fmt.Sprintf("another pasaj (process %d)", e.PID)
	}
	return fmt.Sprintf("%s is using %s: stop it first, or name another --home", who, e.Home)
}

// lockHome takes the home's lock for this process. The kernel lets go of it
// when the process ends, however it ends; the file stays and means nothing by
// itself.
func lockHome(home, path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, fmt.Errorf("open lock: %w", err)
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		defer file.Close()
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("lock %s: %w", path, err)
		}
		text, _ := io.ReadAll(io.LimitReader(file, 32))
		pid, _ := strconv.Atoi(strings.TrimSpace(string(text))) // 0 when unreadable
		return nil, &LockedError{Home: home, PID: pid}
	}
	if err := errors.Join(keepOwner(file, home), writePID(file)); err != nil {
		file.Close()
		return nil, fmt.Errorf("write lock: %w", err)
	}
	return file, nil
}

func writePID(file *os.File) error {
	if err := file.Truncate(0); err != nil {
		return err
	}
	_, err := file.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	return err
}
