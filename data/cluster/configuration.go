package cluster

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// settings are the server's parameters, for a laptop that also does other
// work. A deployment that outgrows them runs its own database.
func (c *Cluster) settings() map[string]string {
	durable := "off"
	if c.fsync {
		durable = "on"
	}
	settings := map[string]string{
		"port":                       strconv.Itoa(port),
		"max_connections":            strconv.Itoa(c.maxConnections),
		"shared_buffers":             "128MB",
		"max_wal_size":               "512MB",
		"jit":                        "off", // costs more than it gives on queries of milliseconds
		"timezone":                   "UTC",
		"log_timezone":               "UTC",
		"datestyle":                  "ISO, YMD",
		"lc_messages":                "C",
		"default_text_search_config": "pg_catalog.simple",
		"fsync":                      durable,
		"synchronous_commit":         durable,
		"full_page_writes":           durable,
		"log_destination":            "stderr",
		"logging_collector":          "off",
		"log_line_prefix":            "%m [%p] %d ",
		// A failing statement may carry what a user asked for; its text stays
		// out of the log.
		"log_min_error_statement": "panic",
	}
	maps.Copy(settings, c.extra)
	return settings
}

// configure writes the configuration, which belongs to Pasaj and is rewritten
// at every start, and tells whether the server's parameters changed.
// Parameters of the operator's own go into operator.conf beside it.
func (c *Cluster) configure() (changed bool, err error) {
	var parameters bytes.Buffer
	parameters.WriteString("# Written by pasaj at every start. Put your own parameters into operator.conf in this folder.\n")
	settings := c.settings()
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		fmt.Fprintf(&parameters, "%s = '%s'\n", name, strings.ReplaceAll(settings[name], "'", "''"))
	}
	parameters.WriteString("include_if_exists = 'operator.conf'\n")

	var identities bytes.Buffer
	identities.WriteString("# Written by pasaj at every start: who, by the kernel's word, may be the superuser.\n")
	names := []string{"root", c.owner.name, userName(os.Geteuid())}
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		fmt.Fprintf(&identities, "pasaj \"%s\" %s\n", name, superuser)
	}

	const access = "# Written by pasaj at every start: the socket, the superuser, nobody and nothing else.\n" +
		"local all " + superuser + " peer map=pasaj\n" +
		"local replication " + superuser + " peer map=pasaj\n"

	for name, content := range map[string][]byte{
		"postgresql.conf": parameters.Bytes(),
		"pg_ident.conf":   identities.Bytes(),
		"pg_hba.conf":     []byte(access),
	} {
		different, err := c.writeConfiguration(filepath.Join(c.directory, name), content)
		if err != nil {
			return false, err
		}
		changed = changed || different
	}
	return changed, nil
}

// writeConfiguration replaces a file of the data directory in one step.
func (c *Cluster) writeConfiguration(path string, content []byte) (changed bool, err error) {
	old, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, fmt.Errorf("read configuration: %w", err)
	}
	if err == nil && bytes.Equal(old, content) {
		return false, nil
	}
	next := path + ".next"
	if err := os.WriteFile(next, content, 0o600); err != nil {
		return false, fmt.Errorf("write configuration: %w", err)
	}
	if err := c.owner.handOver(next); err != nil {
		return false, err
	}
	if err := os.Rename(next, path); err != nil {
		return false, fmt.Errorf("write configuration: %w", err)
	}
	return true, nil
}
