package api

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"pasaj/api/auth"
	"pasaj/geo"
	"pasaj/geo/world"
)

var (
	began   = time.Date(2025, 3, 1, 12, 0, 0, 0, time.UTC)
	errDown = geo.Errorf(geo.CodeUnavailable, "", "the record is out of reach")
)

// record is a record in memory: the same rules of valid time and reach as the
// real one, one world for each audience and revision, and a switch to take it
// out of reach.
type record struct {
	mu       sync.Mutex
	live     *world.Live
	now      time.Time
	down     bool
	revision geo.Revision
	features map[uuid.UUID]*kept
	worlds   map[geo.Revision][4]*world.World
	events   [4][]geo.Event
	once     map[string]onceKept
	loads    int
	silent   bool // writes are not published

	accounts map[string]geo.Account
	hashes   map[string]string
	sessions map[[32]byte]string
	links    map[[32]byte]string
	byToken  map[[32]byte]geo.Token
	asked    int
	watched  []geo.Watch
}

type kept struct {
	layer   *geo.Layer
	states  []geo.State
	history []*geo.Version
}

type onceKept struct {
	digest  [32]byte
	receipt geo.Receipt
}

func newRecord() *record {
	r := &record{
		live: world.NewLive(&geo.DefaultModel), now: began, features: map[uuid.UUID]*kept{},
		worlds: map[geo.Revision][4]*world.World{}, once: map[string]onceKept{},
		accounts: map[string]geo.Account{}, hashes: map[string]string{}, sessions: map[[32]byte]string{},
		links: map[[32]byte]string{}, byToken: map[[32]byte]geo.Token{},
	}
	r.live.SetConnected(true)
	return r
}

func (r *record) setDown(down bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.down = down
	r.live.SetConnected(!down)
}

func (r *record) instant(rev geo.Revision) time.Time {
	return began.Add(time.Duration(rev) * time.Second)
}

func sees(a geo.Audience, l *geo.Layer, values []any) bool {
	compartment, _ := values[l.Index("compartment")].(string)
	class, _ := values[l.Index("sensitivity")].(string)
	return l.Audiences.Has(a) && geo.ReachOf(a).Sees(geo.Compartment(compartment), geo.Class(class))
}

func (r *record) versions(a geo.Audience, id uuid.UUID, k *kept) []*geo.Version {
	var out []*geo.Version
	for _, s := range k.states {
		if !sees(a, k.layer, s.Values) {
			continue
		}
		values := slices.Clone(s.Values)
		for i := range values {
			if !k.layer.Properties[i].Audiences.Has(a) {
				values[i] = nil
			}
		}
		out = append(out, geo.NewVersion(geo.Version{
			Layer: k.layer, ID: id, Known: s.Known, KnownAt: r.instant(s.Known), Valid: s.Valid, Geometry: s.Geometry, Values: values,
		}, &geo.DefaultModel))
	}
	return out
}

func (r *record) Write(_ context.Context, b geo.Batch) (geo.Receipt, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.down {
		return geo.Receipt{}, errDown
	}
	if b.Once != nil {
		if got, ok := r.once[b.Author.Name+"/"+b.Once.Key]; ok {
			if got.digest != b.Once.Digest {
				return geo.Receipt{}, geo.Errorf(geo.CodeConflict, "", "the key was used for another request")
			}
			got.receipt.Repeated = true
			return got.receipt, nil
		}
	}
	receipt := geo.Receipt{Revision: r.revision + 1, At: r.instant(r.revision + 1)}
	before := map[uuid.UUID][4][]*geo.Version{}
	for _, c := range b.Changes {
		if c.ID == uuid.Nil {
			c.ID = uuid.New()
		}
		k := r.features[c.ID]
		if k == nil {
			k = &kept{layer: c.Layer}
		}
		var old [4][]*geo.Version
		newest := geo.Revision(0)
		for _, a := range geo.Audiences() {
			old[a] = r.versions(a, c.ID, k)
		}
		for _, s := range k.states {
			newest = s.Known // of the latest state
		}
		if c.IfMatch != 0 && len(k.states) > 0 && c.IfMatch != newest {
			return geo.Receipt{}, geo.Errorf(geo.CodePreconditionFailed, "", "the feature stands at revision %d", newest)
		}
		if c.Action != geo.Create && len(old[b.Author.Audience]) == 0 {
			return geo.Receipt{}, geo.Errorf(geo.CodeNotFound, "", "no feature %s in %s", c.ID, c.Layer.Name)
		}
		states, err := geo.Revise(k.states, c, b.Author.Audience, r.now)
		if err != nil {
			return geo.Receipt{}, err
		}
		for i := range states {
			if states[i].Known == 0 {
				states[i].Known = receipt.Revision
			}
		}
		k.states = states
		r.features[c.ID] = k
		before[c.ID] = old
		receipt.IDs = append(receipt.IDs, c.ID)
	}
	r.publish(receipt, before)
	if b.Once != nil {
		r.once[b.Author.Name+"/"+b.Once.Key] = onceKept{b.Once.Digest, receipt}
	}
	return receipt, nil
}

func (r *record) publish(receipt geo.Receipt, before map[uuid.UUID][4][]*geo.Version) {
	r.revision = receipt.Revision
	var worlds [4]*world.World
	var events [4][]geo.Event
	for _, a := range geo.Audiences() {
		step := world.Step{Revision: receipt.Revision, At: receipt.At}
		for id, old := range before {
			step.Closed = append(step.Closed, old[a]...)
			now := r.versions(a, id, r.features[id])
			step.Opened = append(step.Opened, now...)
			if a == geo.Security {
				for _, v := range old[a] {
					closed := *v
					closed.KnownTo = receipt.Revision
					r.features[id].history = append(r.features[id].history, &closed)
				}
			}
		}
		current := r.live.World(a)
		if r.revision > 1 {
			current = r.worlds[r.revision-1][a]
		}
		next, event := current.Apply(step)
		worlds[a], events[a] = next, []geo.Event{event}
		r.events[a] = append(r.events[a], event)
	}
	r.worlds[r.revision] = worlds
	if !r.silent {
		r.live.Publish(worlds, events)
		r.live.Touch(receipt.At)
	}
}

func (r *record) Resolve(_ context.Context, asof geo.AsOf) (geo.Revision, time.Time, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.down {
		return 0, time.Time{}, errDown
	}
	if asof.Revision > 0 && asof.Revision <= r.revision {
		return asof.Revision, r.instant(asof.Revision), nil
	}
	for rev := r.revision; rev > 0 && asof.Revision == 0; rev-- {
		if !r.instant(rev).After(asof.Time) {
			return rev, r.instant(rev), nil
		}
	}
	return 0, time.Time{}, geo.Errorf(geo.CodeNotFound, "", "no such revision")
}

func (r *record) Events(_ context.Context, a geo.Audience, after, upTo geo.Revision) ([]geo.Event, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.down {
		return nil, errDown
	}
	return slices.Clone(r.events[a][after:upTo]), nil
}

func (r *record) History(_ context.Context, a geo.Audience, l *geo.Layer, id uuid.UUID) ([]*geo.Version, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.down {
		return nil, errDown
	}
	k := r.features[id]
	if k == nil || k.layer != l {
		return nil, nil
	}
	return append(slices.Clone(k.history), r.versions(a, id, k)...), nil
}

func (r *record) World(_ context.Context, a geo.Audience, rev geo.Revision) (*world.World, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.loads++
	if r.down {
		return nil, errDown
	}
	worlds, ok := r.worlds[rev]
	if !ok {
		return nil, geo.Errorf(geo.CodeNotFound, "", "no revision %d", rev)
	}
	// A rebuild, as from the database: it knows what stands and nothing of
	// what led there.
	w := worlds[a]
	var versions []*geo.Version
	for _, l := range geo.Layers() {
		w.Layer(l).Each(geo.Moment{}, func(v *geo.Version) bool {
			it, _ := w.Layer(l).Item(v.ID)
			versions = append(versions, it.Versions...)
			return true
		})
	}
	return world.Build(a, w.Model(), rev, w.At(), versions, w.Network()), nil
}

func (r *record) Account(_ context.Context, name string) (geo.Account, string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.down {
		return geo.Account{}, "", errDown
	}
	account, ok := r.accounts[name]
	if !ok {
		return geo.Account{}, "", geo.Errorf(geo.CodeNotFound, "", "no account")
	}
	return account, r.hashes[name], nil
}

func (r *record) SetPassword(_ context.Context, name, hash string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.hashes[name] = hash
	return nil
}

func (r *record) CreateSession(_ context.Context, d [32]byte, name string, _ time.Time) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.down {
		return errDown
	}
	r.sessions[d] = name
	return nil
}

func (r *record) Session(_ context.Context, d [32]byte) (geo.Principal, time.Time, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked++
	if r.down {
		return geo.Principal{}, time.Time{}, errDown
	}
	name, ok := r.sessions[d]
	if !ok {
		return geo.Principal{}, time.Time{}, geo.Errorf(geo.CodeNotFound, "", "no session")
	}
	return geo.Principal{Account: r.accounts[name]}, began.Add(100 * time.Hour), nil
}

func (r *record) DeleteSession(_ context.Context, d [32]byte) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.sessions, d)
	return nil
}

func (r *record) TokenPrincipal(_ context.Context, d [32]byte) (geo.Principal, time.Time, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked++
	if r.down {
		return geo.Principal{}, time.Time{}, errDown
	}
	t, ok := r.byToken[d]
	if !ok || !t.RevokedAt.IsZero() {
		return geo.Principal{}, time.Time{}, geo.Errorf(geo.CodeNotFound, "", "no token")
	}
	return geo.Principal{Account: geo.Account{Name: t.Name, Role: t.Role, Audience: t.Audience}, Layers: t.Layers, TokenID: t.ID}, t.ExpiresAt, nil
}

func (r *record) RedeemLink(_ context.Context, d [32]byte) (geo.Account, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	name, ok := r.links[d]
	if !ok {
		return geo.Account{}, geo.Errorf(geo.CodeNotFound, "", "no link")
	}
	delete(r.links, d)
	return r.accounts[name], nil
}

func (r *record) CreateToken(_ context.Context, t geo.Token, d [32]byte) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.byToken[d] = t
	return nil
}

func (r *record) Tokens(context.Context) ([]geo.Token, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []geo.Token
	for _, t := range r.byToken {
		out = append(out, t)
	}
	slices.SortFunc(out, func(a, b geo.Token) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

func (r *record) RevokeToken(_ context.Context, id uuid.UUID) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	for d, t := range r.byToken {
		if t.ID == id {
			t.RevokedAt = r.now
			r.byToken[d] = t
			return nil
		}
	}
	return geo.Errorf(geo.CodeNotFound, "", "no token %s", id)
}

// token puts a bearer token into the record and returns its secret.
func (r *record) token(role geo.Role, a geo.Audience, layers ...string) string {
	secret := auth.NewSecret(auth.TokenPrefix)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.byToken[auth.DigestOf(secret)] = geo.Token{
		ID: uuid.New(), Name: string(role) + "-" + a.String(), Role: role, Audience: a, Layers: layers, ExpiresAt: began.Add(1000 * time.Hour),
	}
	return secret
}

// ---- the service under test

type service struct {
	*Server
	record *record
	t      testing.TB
}

var built = fstest.MapFS{
	"index.html":             {Data: []byte("<!doctype html><title>Pasaj</title>")},
	"index.html.gz":          {Data: []byte("packed")},
	"assets/main-4f1c2a.js":  {Data: []byte("export{}")},
	"favicon.svg":            {Data: []byte("<svg/>")},
	".gitkeep":               {Data: nil},
	"assets/main-4f1c2a.css": {Data: []byte("body{}")},
}

func start(t testing.TB, change ...func(*Options)) *service {
	t.Helper()
	r := newRecord()
	r.live.Touch(began)
	o := Options{
		Live: r.live, Journal: r, Past: r, Archive: r, Accounts: r, Tokens: r, Watches: r, Client: built,
		Passwords: auth.NewFastPasswords(), Log: slog.New(slog.DiscardHandler), Version: "test",
		Notice: geo.Text{French: "Compilation de référence", Haitian: "Konpilasyon referans", English: "Reference compilation"},
		Now: func() time.Time {
			r.mu.Lock()
			defer r.mu.Unlock()
			return r.now
		},
	}
	for _, c := range change {
		c(&o)
	}
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return &service{Server: s, record: r, t: t}
}

type option func(*http.Request)

func with(name, value string) option {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

func bearer(secret string) option { return with("Authorization", "Bearer "+secret) }

// do sends one request to the handler; a body is sent as GeoJSON unless an
// option says otherwise.
func (s *service) do(method, target string, body string, options ...option) *httptest.ResponseRecorder {
	s.t.Helper()
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	r := httptest.NewRequest(method, target, reader)
	r.Host = "pasaj.test"
	if body != "" {
		r.Header.Set("Content-Type", mediaGeoJSON)
	}
	for _, o := range options {
		o(r)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

func (s *service) get(target string, options ...option) *httptest.ResponseRecorder {
	s.t.Helper()
	return s.do(http.MethodGet, target, "", options...)
}

// want fails unless the answer has the status.
func want(t testing.TB, w *httptest.ResponseRecorder, status int) *httptest.ResponseRecorder {
	t.Helper()
	if w.Code != status {
		t.Fatalf("status %d, want %d: %s", w.Code, status, w.Body)
	}
	return w
}

func decodeBody[T any](t testing.TB, w *httptest.ResponseRecorder) T {
	t.Helper()
	var out T
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
		t.Fatalf("%v in %s", err, w.Body)
	}
	return out
}

func wantProblem(t testing.TB, w *httptest.ResponseRecorder, status int, code geo.Code) problem {
	t.Helper()
	want(t, w, status)
	if got := w.Header().Get("Content-Type"); got != "application/problem+json" {
		t.Fatalf("content type %q", got)
	}
	p := decodeBody[problem](t, w)
	if p.Code != code || p.Status != status || p.Title == "" || p.Instance == "" || strings.ContainsAny(p.Detail, "\n\r") {
		t.Fatalf("problem %+v, want code %s", p, code)
	}
	return p
}

type collectionAnswer struct {
	Features []struct {
		ID         string         `json:"id"`
		Properties map[string]any `json:"properties"`
	} `json:"features"`
	Links          []link `json:"links"`
	NumberMatched  int    `json:"numberMatched"`
	NumberReturned int    `json:"numberReturned"`
}

func (a collectionAnswer) ids() []string {
	out := make([]string, len(a.Features))
	for i, f := range a.Features {
		out[i] = f.ID
	}
	return out
}

func linkOf(links []link, rel string) string {
	for _, l := range links {
		if l.Rel == rel {
			return l.Href
		}
	}
	return ""
}

// ---- content

func id(n int) uuid.UUID {
	var out uuid.UUID
	binary.BigEndian.PutUint64(out[8:], uint64(n))
	return out
}

func layerOf(name string) *geo.Layer {
	l, ok := geo.LayerByName(name)
	if !ok {
		panic("no layer " + name)
	}
	return l
}

func square(lon, lat, side float64) orb.MultiPolygon {
	return orb.MultiPolygon{{{{lon, lat}, {lon + side, lat}, {lon + side, lat + side}, {lon, lat + side}, {lon, lat}}}}
}

// put writes a feature into the record as the security audience.
func (s *service) put(layer string, n int, g orb.Geometry, values map[string]any) geo.Receipt {
	s.t.Helper()
	l := layerOf(layer)
	d := geo.NewDraft(l)
	d.Geometry, d.HasGeom = g, true
	d.From, d.HasFrom = began.Add(-24*time.Hour), true
	for name, value := range values {
		if from, ok := value.(time.Time); ok && name == "valid_from" {
			d.From = from
			continue
		}
		d.Set(l, name, value)
	}
	receipt, err := s.record.Write(context.Background(), geo.Batch{
		Author:  geo.Author{Name: "test", Audience: geo.Security},
		Changes: []geo.Change{{Layer: l, Action: geo.Create, ID: id(n), Draft: d}},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return receipt
}

func (s *service) place(n int, lon, lat float64) geo.Receipt {
	s.t.Helper()
	return s.put("places", n, orb.Point{lon, lat}, map[string]any{"place_kind": "town", "compartment": "public", "name_fr": "Lieu"})
}

func (s *service) zone(n int, lon, lat float64) geo.Receipt {
	s.t.Helper()
	return s.put("controlled-zones", n, square(lon, lat, 0.1), map[string]any{
		"control_type": "controlled", "claim_level": "claimed", "boundary_quality": "buffer", "confidence": 0.3, "last_confirmed_at": began.Add(-24 * time.Hour),
	})
}

// events reads server-sent events from a body until it ends.
type sseEvent struct{ id, event, data string }

func readEvents(r io.Reader, into chan<- sseEvent) {
	defer close(into)
	scanner := bufio.NewScanner(r)
	var e sseEvent
	for scanner.Scan() {
		name, value, _ := strings.Cut(scanner.Text(), ": ")
		switch name {
		case "id":
			e.id = value
		case "event":
			e.event = value
		case "data":
			e.data = value
		case "":
			if e.event != "" {
				into <- e
			}
			e = sseEvent{}
		}
	}
}

func compact(t testing.TB, raw []byte) string {
	t.Helper()
	var out bytes.Buffer
	if err := json.Indent(&out, raw, "", "  "); err != nil {
		t.Fatal(err)
	}
	return out.String() + "\n"
}
