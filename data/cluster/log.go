package cluster

import (
	"fmt"
	"io"
	"os"
)

const (
	logLimitAtStart = 4 << 20  // bytes; a longer log is set aside when the server starts
	logLimitRunning = 64 << 20 // bytes; a longer log is emptied while it runs
	logTailSize     = 2 << 10  // bytes quoted in an error
)

// openLog opens the server's log for appending, with at most one former log
// kept beside it.
func openLog(path, home string) (*os.File, error) {
	if info, err := os.Stat(path); err == nil && info.Size() > logLimitAtStart {
		if err := os.Rename(path, path+".old"); err != nil {
			return nil, fmt.Errorf("set the database's log aside: %w", err)
		}
	}
	log, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the database's log: %w", err)
	}
	if err := keepOwner(log, home); err != nil {
		log.Close()
		return nil, err
	}
	return log, nil
}

// keepOwner gives a file that root made to whom the home belongs, who may be
// the one to run Pasaj next time.
func keepOwner(file *os.File, home string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	uid, err := ownerOf(home)
	if err != nil {
		return fmt.Errorf("look at home: %w", err)
	}
	if err := file.Chown(uid, -1); err != nil {
		return fmt.Errorf("hand over %s: %w", file.Name(), err)
	}
	return nil
}

// boundLog empties a log that has grown out of bounds. The server appends, so
// it goes on at the new end.
func boundLog(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("look at the database's log: %w", err)
	}
	if info.Size() <= logLimitRunning {
		return nil
	}
	if err := os.Truncate(path, 0); err != nil {
		return fmt.Errorf("empty the database's log: %w", err)
	}
	return nil
}

// logTail is the end of the server's log, for an error that explains itself.
func logTail(path string) string {
	file, err := os.Open(path)
	if err != nil {
		return "no log"
	}
	defer file.Close()
	if info, err := file.Stat(); err == nil && info.Size() > logTailSize {
		if _, err := file.Seek(-logTailSize, io.SeekEnd); err != nil {
			return "no log"
		}
	}
	text, err := io.ReadAll(io.LimitReader(file, logTailSize))
	if err != nil {
		return "no log"
	}
	return lastLines(string(text), 4)
}
