package osm_test

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"pasaj/data/osm"
	"pasaj/geo"
)

// publisher is a server of one file, with the troubles of real ones.
type publisher struct {
	sync.Mutex
	file     []byte
	tag      string
	checksum string // when not that of the file
	breakAt  int    // bytes of an answer after which the connection breaks; 0 never
	noRanges bool
	noTag    bool
	status   int // of all answers, when not 0
	wrong    bool
	during   func() // called once, when the file is asked for
	asked    []string
}

func (p *publisher) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.Lock()
	defer p.Unlock()
	p.asked = append(p.asked, r.URL.Path+" "+r.Header.Get("Range"))
	switch {
	case p.status != 0:
		http.Error(w, "trouble", p.status)
		return
	case strings.HasSuffix(r.URL.Path, ".md5"):
		sum := p.checksum
		if sum == "" {
			digest := md5.Sum(p.file)
			sum = hex.EncodeToString(digest[:])
		}
		fmt.Fprintf(w, "%s  haiti-latest.osm.pbf\n", sum)
		return
	case !strings.HasSuffix(r.URL.Path, "/haiti-latest.osm.pbf"):
		http.NotFound(w, r)
		return
	}
	if p.during != nil {
		p.during()
		p.during = nil
	}
	if !p.noTag {
		w.Header().Set("ETag", p.tag)
	}
	if p.wrong && r.Header.Get("Range") != "" {
		p.wrong = false
		w.Header().Set("Content-Range", fmt.Sprintf("bytes 0-%d/%d", len(p.file)-1, len(p.file)))
		w.WriteHeader(http.StatusPartialContent)
		_, _ = w.Write(p.file)
		return
	}
	var out http.ResponseWriter = w
	if p.breakAt > 0 {
		out = &breaking{w, p.breakAt}
	}
	if p.noRanges {
		w.Header().Set("Content-Length", fmt.Sprint(len(p.file)))
		_, _ = out.Write(p.file)
		return
	}
	http.ServeContent(out, r, "", time.Time{}, bytes.NewReader(p.file))
}

// breaking hangs up after some bytes.
type breaking struct {
	http.ResponseWriter
	left int
}

func (b *breaking) Write(p []byte) (int, error) {
	if len(p) > b.left {
		_, _ = b.ResponseWriter.Write(p[:b.left])
		b.ResponseWriter.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}
	b.left -= len(p)
	return b.ResponseWriter.Write(p)
}

type fetching struct {
	*publisher
	options osm.DownloadOptions
	target  string
}

func fetch(t *testing.T) fetching {
	t.Helper()
	file := make([]byte, 300_000)
	random := rand.New(rand.NewPCG(1, 1))
	for i := range file {
		file[i] = byte(random.Uint32())
	}
	p := &publisher{file: file, tag: `"one"`}
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	folder := filepath.Join(t.TempDir(), "osm")
	return fetching{p, osm.DownloadOptions{
		URL: server.URL + "/central/haiti-latest.osm.pbf", Folder: folder,
		Wait: func(ctx context.Context, _ int) error { return ctx.Err() },
	}, filepath.Join(folder, "haiti-latest.osm.pbf")}
}

// check looks at what lies in the folder after a success.
func (f fetching) check(t *testing.T, got osm.Downloaded, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	have, err := os.ReadFile(f.target)
	if err != nil || !bytes.Equal(have, f.file) || got.Path != f.target {
		t.Errorf("%s: %d bytes, %v", got.Path, len(have), err)
	}
	if entries, _ := os.ReadDir(f.options.Folder); len(entries) != 1 {
		t.Errorf("left in the folder: %v", entries)
	}
}

func TestDownload(t *testing.T) {
	t.Parallel()
	f := fetch(t)
	var last osm.Progress
	f.options.Progress = func(p osm.Progress) { last = p }
	got, err := osm.Download(t.Context(), f.options)
	f.check(t, got, err)
	if last.Phase != "download" || last.Done != int64(len(f.file)) || last.Total != last.Done || got.Fetched != last.Done {
		t.Errorf("%+v, %+v", last, got)
	}
	got, err = osm.Download(t.Context(), f.options)
	if f.check(t, got, err); got.Fetched != 0 {
		t.Error("what is there already was fetched again")
	}
	f.file, f.tag = append([]byte("new"), f.file...), `"two"`
	got, err = osm.Download(t.Context(), f.options)
	f.check(t, got, err)
}

func TestDownloadGoesOnAfterABreak(t *testing.T) {
	t.Parallel()
	f := fetch(t)
	f.breakAt = 100_000
	got, err := osm.Download(t.Context(), f.options)
	f.check(t, got, err)
	if got.Fetched != int64(len(f.file)) {
		t.Errorf("%d bytes fetched of %d", got.Fetched, len(f.file))
	}
	if asked := f.asked[len(f.asked)-1]; !strings.Contains(asked, "bytes=2") {
		t.Errorf("the last question was %q", asked)
	}
}

func TestDownloadGoesOnInALaterRun(t *testing.T) {
	t.Parallel()
	f := fetch(t)
	f.breakAt, f.options.Attempts = 100_000, 1
	_, err := osm.Download(t.Context(), f.options)
	if geo.CodeOf(err) != geo.CodeUnavailable {
		t.Fatalf("a broken download: %v", err)
	}
	if _, err := os.Stat(f.target); !errors.Is(err, os.ErrNotExist) {
		t.Error("half a file has the name of a whole one")
	}
	f.breakAt = 0
	got, err := osm.Download(t.Context(), f.options)
	f.check(t, got, err)
	if got.Fetched != 200_000 {
		t.Errorf("%d bytes fetched, want the 200,000 that were missing", got.Fetched)
	}
}

func TestDownloadBeginsAnewWhenItMust(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(f *fetching){
		"the file changed":              func(f *fetching) { f.file, f.tag = bytes.ToUpper(f.file), `"two"` },
		"the server knows no ranges":    func(f *fetching) { f.noRanges = true },
		"the file became shorter":       func(f *fetching) { f.file, f.tag = f.file[:50_000], `"two"` },
		"the server sends a wrong part": func(f *fetching) { f.wrong = true },
		"another address":               func(f *fetching) { f.options.URL = strings.Replace(f.options.URL, "central", "other", 1) },
	} {
		t.Run(name, func(t *testing.T) {
			f := fetch(t)
			f.breakAt, f.options.Attempts = 100_000, 1
			if _, err := osm.Download(t.Context(), f.options); geo.CodeOf(err) != geo.CodeUnavailable {
				t.Fatalf("a broken download: %v", err)
			}
			f.breakAt, f.options.Attempts = 0, 3
			change(&f)
			got, err := osm.Download(t.Context(), f.options)
			f.check(t, got, err)
			if got.Fetched != int64(len(f.file)) {
				t.Errorf("%d bytes fetched of %d", got.Fetched, len(f.file))
			}
		})
	}
}

func TestDownloadWithoutValidator(t *testing.T) {
	t.Parallel()
	f := fetch(t)
	f.noTag, f.breakAt, f.options.Attempts = true, 100_000, 2
	if _, err := osm.Download(t.Context(), f.options); geo.CodeOf(err) != geo.CodeUnavailable {
		t.Fatalf("a broken download: %v", err)
	}
	for _, asked := range f.asked {
		if strings.Contains(asked, "bytes") {
			t.Errorf("a part was asked for of a file that may have changed: %q", asked)
		}
	}
	f.breakAt = 0
	got, err := osm.Download(t.Context(), f.options)
	f.check(t, got, err)
}

func TestDownloadOfAFileThatChangesMeanwhile(t *testing.T) {
	t.Parallel()
	f := fetch(t)
	f.during = func() { f.file, f.tag = bytes.ToUpper(f.file), `"two"` }
	got, err := osm.Download(t.Context(), f.options)
	f.check(t, got, err)
}

func TestDownloadChecksTheChecksum(t *testing.T) {
	t.Parallel()
	f := fetch(t)
	got, err := osm.Download(t.Context(), f.options)
	f.check(t, got, err)
	before := f.file
	f.file, f.tag, f.checksum = bytes.ToUpper(f.file), `"two"`, strings.Repeat("ab", 16)
	_, err = osm.Download(t.Context(), f.options)
	if geo.CodeOf(err) != geo.CodeConflict {
		t.Errorf("a wrong checksum: %v", err)
	}
	have, err := os.ReadFile(f.target)
	if entries, _ := os.ReadDir(f.options.Folder); err != nil || !bytes.Equal(have, before) || len(entries) != 1 {
		t.Errorf("the file that was there did not stay: %v, %v", err, entries)
	}
	f.checksum = "not found"
	if _, err = osm.Download(t.Context(), f.options); geo.CodeOf(err) != geo.CodeUnavailable {
		t.Errorf("no checksum: %v", err)
	}
}

func TestDownloadLimits(t *testing.T) {
	t.Parallel()
	for _, chunked := range []bool{false, true} {
		f := fetch(t)
		f.options.MaxBytes = 299_999
		if chunked {
			// A server that does not say how much it will send.
			plain := f.publisher
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if !strings.HasSuffix(r.URL.Path, ".md5") {
					_, _ = w.Write(plain.file[:1])
					w.(http.Flusher).Flush()
					_, _ = w.Write(plain.file[1:])
					return
				}
				plain.ServeHTTP(w, r)
			}))
			defer server.Close()
			f.options.URL = server.URL + "/haiti-latest.osm.pbf"
		}
		if _, err := osm.Download(t.Context(), f.options); geo.CodeOf(err) != geo.CodeTooLarge {
			t.Errorf("chunked %t: %v", chunked, err)
		}
		if chunked {
			f.options.MaxBytes = 0
			got, err := osm.Download(t.Context(), f.options)
			f.check(t, got, err)
		}
	}
}

func TestDownloadRefusals(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status int
		code   geo.Code
		asked  int
	}{
		{http.StatusNotFound, geo.CodeNotFound, 1},
		{http.StatusForbidden, geo.CodeUnavailable, 1},
		{http.StatusServiceUnavailable, geo.CodeUnavailable, 5},
		{http.StatusTooManyRequests, geo.CodeUnavailable, 5},
	} {
		f := fetch(t)
		f.status = c.status
		if _, err := osm.Download(t.Context(), f.options); geo.CodeOf(err) != c.code || len(f.asked) != c.asked {
			t.Errorf("status %d: %v after %d tries, want code %s after %d", c.status, err, len(f.asked), c.code, c.asked)
		}
	}
	for _, at := range []string{"", "file:///etc/passwd", "ftp://x/haiti.osm.pbf", "http://x/", "http://x/haiti.txt", "http:///haiti.osm.pbf", "http://x/.osm.pbf", "%"} {
		if _, err := osm.Download(t.Context(), osm.DownloadOptions{URL: at, Folder: t.TempDir()}); geo.CodeOf(err) != geo.CodeInvalid {
			t.Errorf("URL %q: %v", at, err)
		}
	}
	f := fetch(t)
	ctx, cancel := context.WithCancel(t.Context())
	f.during = cancel
	if _, err := osm.Download(ctx, f.options); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled download: %v", err)
	}
}
