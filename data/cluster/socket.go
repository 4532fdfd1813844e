package cluster

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
)

// port only names the socket file; no TCP port is opened.
const port = 5432

// socketFile is the name PostgreSQL gives its socket.
var socketFile = ".s.PGSQL." + strconv.Itoa(port)

// socketPathLimit is the longest path of a socket in bytes: sun_path less its
// terminating zero (unix(7) on Linux: 108; the BSDs and macOS: 104).
func socketPathLimit() int {
	if runtime.GOOS == "linux" {
		return 107
	}
	return 103
}

// chooseSocketDir is the folder of the socket: inside the home when the path
// is short and plain enough, else one of the system's folder for temporary
// files, named after the home.
func chooseSocketDir(home string) string {
	inside := filepath.Join(home, "socket")
	if fitsSocket(inside) {
		return inside
	}
	sum := sha256.Sum256([]byte(home))
	name := "pasaj-" + hex.EncodeToString(sum[:8])
	if dir := filepath.Join(os.TempDir(), name); fitsSocket(dir) {
		return dir
	}
	return filepath.Join("/tmp", name)
}

func fitsSocket(dir string) bool {
	plain := func(r rune) bool {
		return r < 0x80 && (strings.ContainsRune("/._-+ ", r) ||
			'0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z')
	}
	for _, r := range dir {
		if !plain(r) { // PostgreSQL's list of socket folders splits at commas and quotes
			return false
		}
	}
	return len(dir)+1+len(socketFile) <= socketPathLimit()
}

// prepareSocketDir makes the folder of the socket, for the owner alone. A
// folder that somebody else put there is refused: it may be a trap.
func (c *Cluster) prepareSocketDir() error {
	err := os.Mkdir(c.socketDir, 0o700)
	if err == nil {
		return c.owner.handOver(c.socketDir)
	}
	if !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("make the socket's folder: %w", err)
	}
	info, err := os.Lstat(c.socketDir)
	if err != nil {
		return fmt.Errorf("look at the socket's folder: %w", err)
	}
	uid, err := ownerOf(c.socketDir)
	if err != nil {
		return fmt.Errorf("look at the socket's folder: %w", err)
	}
	if !info.IsDir() || uid != c.owner.uid && uid != os.Geteuid() {
		return fmt.Errorf("%s is in the way of the database's socket and belongs to %s: remove it", c.socketDir, userName(uid))
	}
	if uid != c.owner.uid { // made, but not handed over before a crash
		if err := c.owner.handOver(c.socketDir); err != nil {
			return err
		}
	}
	if info.Mode().Perm() != 0o700 {
		if err := os.Chmod(c.socketDir, 0o700); err != nil {
			return fmt.Errorf("close the socket's folder: %w", err)
		}
	}
	return nil
}
