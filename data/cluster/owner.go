package cluster

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// owner is the operating system's user that the server runs as and that owns
// the data directory. PostgreSQL refuses to run as root.
type owner struct {
	name     string
	uid, gid int
	// foreign tells that this is another user than the running process's, so
	// that files have to be handed over and programs started as that user.
	foreign bool
}

// chooseOwner decides who runs the server: the running user, and for root the
// user that already owns the data, else postgres, else nobody.
func chooseOwner(directory string) (owner, error) {
	uid := os.Geteuid()
	dataUID, err := ownerOf(directory)
	exists := err == nil
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return owner{}, fmt.Errorf("look at the data directory: %w", err)
	}
	if uid != 0 {
		if exists && dataUID != uid {
			return owner{}, fmt.Errorf("%s belongs to %s, not to you: run as that user or as root, or name another --home",
				directory, userName(dataUID))
		}
		name := userName(uid)
		return owner{name: name, uid: uid, gid: os.Getegid()}, nil
	}
	if exists && dataUID != 0 {
		found, err := user.LookupId(strconv.Itoa(dataUID))
		if err != nil {
			return owner{}, fmt.Errorf("%s belongs to user %d, whom this system does not know: %w", directory, dataUID, err)
		}
		return foreignOwner(found)
	}
	for _, name := range []string{"postgres", "nobody"} {
		if found, err := user.Lookup(name); err == nil {
			return foreignOwner(found)
		}
	}
	return owner{}, errors.New("PostgreSQL does not run as root, and there is no user postgres or nobody to run it as: run pasaj as an ordinary user")
}

func foreignOwner(found *user.User) (owner, error) {
	uid, err := strconv.Atoi(found.Uid)
	if err != nil {
		return owner{}, fmt.Errorf("user %s: %w", found.Username, err)
	}
	gid, err := strconv.Atoi(found.Gid)
	if err != nil {
		return owner{}, fmt.Errorf("user %s: %w", found.Username, err)
	}
	return owner{name: found.Username, uid: uid, gid: gid, foreign: true}, nil
}

// attributes are what a program of the server is started with: as the owner
// and, when session, out of reach of the terminal's signals.
func (o owner) attributes(session bool) *syscall.SysProcAttr {
	attributes := &syscall.SysProcAttr{Setsid: session}
	if o.foreign {
		attributes.Credential = &syscall.Credential{Uid: uint32(o.uid), Gid: uint32(o.gid)}
	}
	return attributes
}

// handOver gives a file or folder to the owner.
func (o owner) handOver(path string) error {
	if !o.foreign {
		return nil
	}
	if err := os.Chown(path, o.uid, o.gid); err != nil {
		return fmt.Errorf("hand over to %s: %w", o.name, err)
	}
	return nil
}

// reach makes certain that the owner can enter the home. A home that nobody
// but root may enter is opened to the owner's group alone, for passing
// through; folders above it are not Pasaj's to change.
func (o owner) reach(home string) error {
	if !o.foreign || o.canEnter(home) {
		return nil
	}
	info, err := os.Stat(home)
	if err != nil {
		return fmt.Errorf("look at home: %w", err)
	}
	if info.Mode().Perm()&0o070 == 0 {
		if err := os.Chown(home, -1, o.gid); err != nil {
			return fmt.Errorf("open home to %s: %w", o.name, err)
		}
		if err := os.Chmod(home, info.Mode().Perm()|0o010); err != nil {
			return fmt.Errorf("open home to %s: %w", o.name, err)
		}
		if o.canEnter(home) {
			return nil
		}
	}
	return fmt.Errorf("PostgreSQL runs as user %s, who cannot enter %s: "+
		"name a --home that this user can reach, such as /var/lib/pasaj, or run pasaj as an ordinary user",
		o.name, o.closedFolder(home))
}

// canEnter asks the kernel, which knows of access lists and mounts: a child
// with the owner's identity changes into the folder.
func (o owner) canEnter(folder string) bool {
	command := exec.Command("/bin/sh", "-c", ":")
	command.Dir = folder
	command.SysProcAttr = o.attributes(false)
	return command.Run() == nil
}

// closedFolder names the uppermost folder on the way that the owner cannot enter.
func (o owner) closedFolder(folder string) string {
	parent := filepath.Dir(folder)
	if parent != folder && !o.canEnter(parent) {
		return o.closedFolder(parent)
	}
	return folder
}

// ownerOf is the user id that a path belongs to; links are not followed.
func ownerOf(path string) (int, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return 0, err
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, fmt.Errorf("%s: the owner cannot be read on this system", path)
	}
	return int(stat.Uid), nil
}

func userName(uid int) string {
	if found, err := user.LookupId(strconv.Itoa(uid)); err == nil {
		return found.Username
	}
	return "user " + strconv.Itoa(uid)
}
