package main

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pasaj/data/haiti"
	"pasaj/data/osm"
	"pasaj/data/osm/osmtest"
	"pasaj/data/postgis"
	"pasaj/data/postgis/postgistest"
	"pasaj/geo"
)

// extract draws a part of a country into a file.
func extract(t *testing.T, seed uint64) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "haiti.osm.pbf")
	if _, err := osmtest.WriteFile(name, osmtest.CountryOptions{Seed: seed, Scale: .005}); err != nil {
		t.Fatal(err)
	}
	return name
}

// known gives the revision and the network of a record.
func known(t *testing.T, r *postgis.Record) (geo.Revision, string) {
	t.Helper()
	w, err := r.Load(t.Context(), geo.Security, 0)
	if err != nil {
		t.Fatal(err)
	}
	if w.Network() == nil {
		return w.Revision(), ""
	}
	return w.Revision(), w.Network().Network().ID
}

func TestImportOSM(t *testing.T) {
	url := postgistest.URL(t)
	r := postgistest.OpenURL(t, url, postgis.Options{})
	skeleton, edges, err := haiti.Network()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.WriteNetwork(t.Context(), haiti.Author, skeleton, edges, nil); err != nil {
		t.Fatal(err)
	}
	before, _ := known(t, r)
	command := func(args ...string) error {
		return run(t.Context(), append([]string{"--database-url", url, "--home", t.TempDir(), "import"}, args...))
	}
	file := extract(t, 1)

	// What fails, or is to write nothing, leaves the network in use.
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	half := filepath.Join(t.TempDir(), "half.osm.pbf")
	if err := os.WriteFile(half, whole[:len(whole)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"osm"}, {"osm", half}, {"osm", file, "--clip=-75,20,-74.9,20.1"}, {"osm", file, "--clip=1,2"}, {"osm", file, "--clip-file", file},
		{"osm", file, "--download"}, {"osm", file + ".missing"}, {"osm", t.TempDir()}, {"osm", file, "--clip=-73,18,-72,19", "--clip-file", file},
	} {
		if err := command(args...); err == nil {
			t.Errorf("import %v did not fail", args)
		}
	}
	if err := command("osm", file, "--dry-run"); err != nil {
		t.Error(err)
	}
	if rev, id := known(t, r); rev != before || id != skeleton.ID {
		t.Fatalf("revision %d with network %s, want %d with the skeleton", rev, id, before)
	}

	// The same roads twice are one version; other roads are another; the first
	// may come back.
	var ids []string
	for i, args := range [][]string{{"osm", file}, {"osm", file}, {"osm", extract(t, 2)}, {"osm", file}, {"osm", file, "--name", "Another name"}} {
		if err := command(args...); err != nil {
			t.Fatal(err)
		}
		rev, id := known(t, r)
		ids = append(ids, id)
		if want := before + []geo.Revision{1, 1, 2, 3, 3}[i]; rev != want {
			t.Errorf("after import %d: revision %d, want %d", i, rev, want)
		}
	}
	if ids[0] != ids[1] || ids[2] == ids[0] || !strings.HasPrefix(ids[3], ids[0]) || ids[4] != ids[3] {
		t.Errorf("networks %v", ids)
	}

	// Features go the old way, with the word layer or without.
	for _, args := range [][]string{{"roadblocks", file}, {"layer", "roadblocks", file}, {"no-such-layer", file}} {
		if err := command(args...); err == nil || strings.Contains(err.Error(), "unexpected argument") {
			t.Errorf("import %v: %v", args, err)
		}
	}
}

func TestImportOSMTellsWhatItLost(t *testing.T) {
	r := &record{Record: postgistest.Open(t, postgis.Options{})}
	store := func(file string) string {
		t.Helper()
		in, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		defer in.Close()
		read, err := osm.Read(t.Context(), in, osm.Options{Source: "test"})
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := storeRead(t.Context(), r, read, &out); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	first, second := extract(t, 1), extract(t, 2)
	if out := store(first); !strings.Contains(out, "OpenStreetMap (test) is the road network as revision 1") || strings.Contains(out, "no counterpart") {
		t.Errorf("first: %s", out)
	}
	if out := store(first); !strings.Contains(out, "no new version") {
		t.Errorf("again: %s", out)
	}
	if out := store(second); !strings.Contains(out, "have no counterpart") || !strings.Contains(out, "by place") {
		t.Errorf("another: %s", out)
	}
}

func TestImportOSMDownloads(t *testing.T) {
	url := postgistest.URL(t)
	file, err := os.ReadFile(extract(t, 1))
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, ".md5") {
			sum := md5.Sum(file)
			_, _ = w.Write([]byte(hex.EncodeToString(sum[:])))
			return
		}
		_, _ = w.Write(file)
	}))
	defer server.Close()
	home := t.TempDir()
	err = run(context.Background(), []string{"--database-url", url, "--home", home, "import", "osm", "--download", "--url", server.URL + "/haiti.osm.pbf"})
	if err != nil {
		t.Fatal(err)
	}
	if have, err := os.ReadFile(filepath.Join(home, "osm", "haiti.osm.pbf")); err != nil || !bytes.Equal(have, file) {
		t.Errorf("kept in the home folder: %d bytes, %v", len(have), err)
	}
	if rev, id := known(t, postgistest.OpenURL(t, url, postgis.Options{})); rev != 1 || !strings.HasPrefix(id, "osm-") {
		t.Errorf("revision %d, network %q", rev, id)
	}
}
