package osmtest

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// version is in the names of cached files: raise it when Country draws
// otherwise.
const version = 1

// WriteFile draws a country into a file, which is there only when it is whole.
func WriteFile(name string, o CountryOptions) (size Size, err error) {
	file, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*")
	if err != nil {
		return size, fmt.Errorf("write a country: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(file.Name()))
		}
	}()
	size, err = writeTo(file, o)
	if err := errors.Join(err, file.Chmod(0o644), file.Close()); err != nil {
		return size, err
	}
	if err := os.Rename(file.Name(), name); err != nil {
		return size, fmt.Errorf("write a country: %w", err)
	}
	return size, nil
}

func writeTo(file *os.File, o CountryOptions) (Size, error) {
	out := bufio.NewWriterSize(file, 1<<20)
	w := NewWriter(out, Options{})
	size, err := Country(w, o)
	return size, errors.Join(err, w.Close(), out.Flush())
}

// File gives a file with the country, drawn at the first call and kept in the
// user's cache for later runs.
func File(t testing.TB, o CountryOptions) string {
	t.Helper()
	if o.Scale == 0 {
		o.Scale = 1
	}
	folder, err := os.UserCacheDir()
	if err != nil {
		t.Fatalf("no place for the country: %v", err)
	}
	folder = filepath.Join(folder, "pasaj", "country")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatalf("no place for the country: %v", err)
	}
	name := filepath.Join(folder, fmt.Sprintf("country-%d-%d-%g.osm.pbf", version, o.Seed, o.Scale))
	if _, err := os.Stat(name); err == nil {
		return name
	}
	if _, err := WriteFile(name, o); err != nil {
		t.Fatalf("draw the country: %v", err)
	}
	return name
}
