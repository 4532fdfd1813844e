package osm

import (
	"context"
	"crypto/md5" // the publisher's checksum: it tells damage, not malice
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"pasaj/geo"
)

// ExtractURL is where Geofabrik publishes the extract of Haiti and the
// Dominican Republic, anew every day; its MD5 checksum lies beside it.
const ExtractURL = "https://download.geofabrik.de/central-america/haiti-and-domrep-latest.osm.pbf"

// DownloadOptions say what to fetch and where to keep it.
type DownloadOptions struct {
	URL      string // of the extract; its MD5 checksum is expected at URL + ".md5"
	Folder   string // made when it does not exist
	MaxBytes int64  // 2 GiB when 0
	Attempts int    // 5 when 0
	// Wait pauses before another attempt; by default 2, 4, 8, ... seconds.
	Wait     func(ctx context.Context, attempt int) error
	Client   *http.Client
	Progress func(Progress)
}

// Downloaded is a file that was fetched.
type Downloaded struct {
	Path    string
	Fetched int64 // bytes that came over the network this time; 0 when the file was there
}

// Limits of a download.
const (
	defaultMaxBytes = 2 << 30
	maxChecksumText = 4 << 10
	headerTimeout   = 60 * time.Second
	silence         = 60 * time.Second // without a byte
)

// Download fetches an extract. It continues a download that was broken off, of
// this run or an earlier one, when the server still has the same file; it gives
// the file its name only when the checksum is right, and leaves a file that is
// there already in place until then. A file there with the right checksum is
// not fetched again.
//
// Errors: code unavailable when the server cannot be reached or breaks off too
// often, not_found, too_large, and conflict when the checksum does not fit.
func Download(ctx context.Context, o DownloadOptions) (Downloaded, error) {
	d, err := newDownload(o)
	if err != nil {
		return Downloaded{}, err
	}
	if err := os.MkdirAll(d.Folder, 0o755); err != nil {
		return Downloaded{}, fmt.Errorf("make a folder for the extract: %w", err)
	}
	want, err := d.checksum(ctx)
	if err != nil {
		return Downloaded{}, err
	}
	if have, err := digestOf(d.target); err == nil && have == want {
		return Downloaded{Path: d.target}, nil
	}
	for second := false; ; second = true {
		if err := d.fetch(ctx); err != nil {
			return Downloaded{}, err
		}
		have, err := digestOf(d.part)
		if err != nil {
			return Downloaded{}, fmt.Errorf("check the extract: %w", err)
		}
		if have != want {
			// The publisher may have put a new file, and its checksum, in between.
			if want, err = d.checksum(ctx); err != nil {
				return Downloaded{}, err
			}
		}
		if have == want {
			break
		}
		if err := d.discard(); err != nil {
			return Downloaded{}, err
		}
		if second {
			return Downloaded{}, geo.Errorf(geo.CodeConflict, "", "the file fetched has the MD5 checksum %s, its publisher says %s: what came was thrown away", have, want)
		}
	}
	if err := os.Rename(d.part, d.target); err != nil {
		return Downloaded{}, fmt.Errorf("keep the extract: %w", err)
	}
	if err := os.Remove(d.notes); err != nil && !errors.Is(err, os.ErrNotExist) {
		return Downloaded{}, fmt.Errorf("keep the extract: %w", err)
	}
	return Downloaded{Path: d.target, Fetched: d.fetched}, nil
}

type download struct {
	DownloadOptions
	target  string
	part    string // what came so far
	notes   string // which file of the server that is part of
	fetched int64
}

func newDownload(o DownloadOptions) (*download, error) {
	at, err := url.Parse(o.URL)
	if err != nil || at.Scheme != "http" && at.Scheme != "https" || at.Host == "" {
		return nil, geo.Errorf(geo.CodeInvalid, "", "%q is not the URL of a file", o.URL)
	}
	name := path.Base(at.Path)
	if !strings.HasSuffix(name, ".osm.pbf") || strings.ContainsAny(name, `\:`) || strings.HasPrefix(name, ".") {
		return nil, geo.Errorf(geo.CodeInvalid, "", "%q does not name an .osm.pbf file", o.URL)
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = defaultMaxBytes
	}
	if o.Attempts == 0 {
		o.Attempts = 5
	}
	if o.Wait == nil {
		o.Wait = func(ctx context.Context, attempt int) error {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(time.Second << min(attempt, 5)):
				return nil
			}
		}
	}
	if o.Client == nil {
		transport := http.DefaultTransport.(*http.Transport).Clone()
		transport.ResponseHeaderTimeout = headerTimeout
		o.Client = &http.Client{Transport: transport}
	}
	target := filepath.Join(o.Folder, name)
	return &download{DownloadOptions: o, target: target, part: target + ".part", notes: target + ".part.json"}, nil
}

var md5Text = regexp.MustCompile(`^[0-9a-fA-F]{32}\b`)

// checksum asks what the file's MD5 is.
func (d *download) checksum(ctx context.Context) (string, error) {
	var text []byte
	err := d.retry(ctx, func() error {
		response, err := d.get(ctx, withSuffix(d.URL, ".md5"), nil)
		if err != nil {
			return err
		}
		defer response.Body.Close()
		if response.StatusCode != http.StatusOK {
			return refused(response, "the checksum of the extract")
		}
		text, err = io.ReadAll(io.LimitReader(response.Body, maxChecksumText))
		return err
	})
	if err != nil {
		return "", err
	}
	sum := md5Text.Find(text)
	if sum == nil {
		return "", geo.Errorf(geo.CodeUnavailable, "", "the server gives no MD5 checksum beside the extract")
	}
	return strings.ToLower(string(sum)), nil
}

// withSuffix lengthens the path of a URL, before any query.
func withSuffix(at, suffix string) string {
	if i := strings.IndexAny(at, "?#"); i >= 0 {
		return at[:i] + suffix + at[i:]
	}
	return at + suffix
}

// origin says which file of the server a part is of.
type origin struct {
	URL       string `json:"url"`
	Validator string `json:"validator"` // a strong ETag, or Last-Modified
	Bytes     int64  `json:"bytes"`
}

// fetch brings the part up to the whole file.
func (d *download) fetch(ctx context.Context) error {
	return d.retry(ctx, func() error { return d.fetchOnce(ctx) })
}

// fetchOnce goes on where the part ends, as long as the server says that its
// file is still the same; it begins anew otherwise.
func (d *download) fetchOnce(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	known, have := d.state()
	if have > 0 && have == known.Bytes {
		return nil
	}
	headers := http.Header{}
	if have > 0 {
		headers.Set("Range", "bytes="+strconv.FormatInt(have, 10)+"-")
		headers.Set("If-Range", known.Validator)
	}
	response, err := d.get(ctx, d.URL, headers)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	switch response.StatusCode {
	case http.StatusPartialContent:
		start, total, ok := contentRange(response.Header.Get("Content-Range"))
		if have == 0 || !ok || start != have || total != known.Bytes {
			if err := d.discard(); err != nil {
				return err
			}
			return errors.New("the server sent another part than was asked for")
		}
	case http.StatusOK:
		have = 0
		known = origin{URL: d.URL, Validator: validator(response.Header), Bytes: response.ContentLength}
	case http.StatusRequestedRangeNotSatisfiable:
		if err := d.discard(); err != nil {
			return err
		}
		return errors.New("the file of the server became shorter")
	default:
		return refused(response, "the extract")
	}
	if known.Bytes > d.MaxBytes {
		return geo.Errorf(geo.CodeTooLarge, "", "the extract has %d MB: at most %d are fetched", known.Bytes>>20, d.MaxBytes>>20)
	}
	// A server that falls silent is given up like one that hangs up.
	idle := time.AfterFunc(silence, cancel)
	defer idle.Stop()
	return d.receive(awake{response.Body, idle}, known, have)
}

// awake puts a timer off whenever bytes come.
type awake struct {
	r     io.Reader
	timer *time.Timer
}

func (a awake) Read(p []byte) (int, error) {
	n, err := a.r.Read(p)
	if n > 0 {
		a.timer.Reset(silence)
	}
	return n, err
}

// receive writes what comes after the first have bytes.
func (d *download) receive(body io.Reader, known origin, have int64) (err error) {
	flags := os.O_CREATE | os.O_WRONLY
	if have == 0 {
		flags |= os.O_TRUNC
		// A part without a note of where it is from is never gone on with.
		if err := os.Remove(d.notes); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("write the extract: %w", err)
		}
	}
	file, err := os.OpenFile(d.part, flags, 0o644)
	if err != nil {
		return fmt.Errorf("write the extract: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if _, err := file.Seek(have, io.SeekStart); err != nil {
		return fmt.Errorf("write the extract: %w", err)
	}
	if have == 0 && known.Validator != "" && known.Bytes > 0 {
		note, err := json.Marshal(known)
		if err != nil {
			return err
		}
		if err := os.WriteFile(d.notes, note, 0o644); err != nil {
			return fmt.Errorf("write the extract: %w", err)
		}
	}
	count := &counter{d: d, done: have, total: known.Bytes}
	n, copyErr := io.Copy(io.MultiWriter(file, count), io.LimitReader(body, d.MaxBytes-have+1))
	d.fetched += n
	if have+n > d.MaxBytes {
		return errors.Join(geo.Errorf(geo.CodeTooLarge, "", "the extract has more than the %d MB that are fetched", d.MaxBytes>>20), d.discard())
	}
	if err := file.Sync(); err != nil {
		return fmt.Errorf("write the extract: %w", err)
	}
	if copyErr == nil && known.Bytes >= 0 && have+n != known.Bytes {
		copyErr = io.ErrUnexpectedEOF
	}
	return copyErr
}

type counter struct {
	d           *download
	done, total int64
}

func (c *counter) Write(p []byte) (int, error) {
	c.done += int64(len(p))
	if c.d.Progress != nil {
		c.d.Progress(Progress{Phase: "download", Done: c.done, Total: c.total})
	}
	return len(p), nil
}

// state says how much of which file is there already; nothing when that is not
// certain.
func (d *download) state() (known origin, have int64) {
	note, err := os.ReadFile(d.notes)
	if err != nil || json.Unmarshal(note, &known) != nil || known.URL != d.URL || known.Validator == "" {
		return origin{}, 0
	}
	info, err := os.Stat(d.part)
	if err != nil || info.Size() > known.Bytes {
		return origin{}, 0
	}
	return known, info.Size()
}

func (d *download) discard() error {
	for _, name := range []string{d.part, d.notes} {
		if err := os.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("throw away a part of the extract: %w", err)
		}
	}
	return nil
}

func (d *download) get(ctx context.Context, at string, headers http.Header) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, at, nil)
	if err != nil {
		return nil, err
	}
	for key, values := range headers {
		request.Header[key] = values
	}
	request.Header.Set("Accept-Encoding", "identity") // ranges are of the file as it is
	request.Header.Set("User-Agent", "pasaj")
	return d.Client.Do(request)
}

// retry tries again after what may pass: a broken connection, a server in
// trouble. What a caller can act on ends it at once.
func (d *download) retry(ctx context.Context, try func() error) error {
	for attempt := 1; ; attempt++ {
		err := try()
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		var pathErr *os.PathError
		if geo.CodeOf(err) != "" || errors.As(err, &pathErr) {
			return err
		}
		if attempt >= d.Attempts {
			return geo.Errorf(geo.CodeUnavailable, "", "the extract could not be fetched; what came is kept, and another try goes on from there").WithCause(err)
		}
		if err := d.Wait(ctx, attempt); err != nil {
			return err
		}
	}
}

// refused makes an error of an answer; only a server in trouble is worth
// another try.
func refused(response *http.Response, what string) error {
	switch code := response.StatusCode; {
	case code == http.StatusNotFound || code == http.StatusGone:
		return geo.Errorf(geo.CodeNotFound, "", "the server does not have %s", what)
	case code >= 500 || code == http.StatusTooManyRequests || code == http.StatusRequestTimeout:
		return fmt.Errorf("the server answers %s", response.Status)
	default:
		return geo.Errorf(geo.CodeUnavailable, "", "the server refuses %s: %s", what, response.Status)
	}
}

// validator is what tells versions of a file apart: a strong ETag, else the
// time of its last change; "" when the server gives neither.
func validator(h http.Header) string {
	if tag := h.Get("ETag"); tag != "" && !strings.HasPrefix(tag, "W/") {
		return tag
	}
	return h.Get("Last-Modified")
}

var rangeText = regexp.MustCompile(`^bytes ([0-9]+)-[0-9]+/([0-9]+)$`)

func contentRange(text string) (start, total int64, ok bool) {
	m := rangeText.FindStringSubmatch(text)
	if m == nil {
		return 0, 0, false
	}
	start, err1 := strconv.ParseInt(m[1], 10, 64)
	total, err2 := strconv.ParseInt(m[2], 10, 64)
	return start, total, err1 == nil && err2 == nil
}

func digestOf(name string) (string, error) {
	file, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer file.Close()
	digest := md5.New()
	if _, err := io.Copy(digest, file); err != nil {
		return "", err
	}
	return hex.EncodeToString(digest.Sum(nil)), nil
}
