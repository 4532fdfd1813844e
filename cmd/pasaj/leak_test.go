package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"pasaj/geo"
)

// Nobody learns from any answer what the view of their audience does not hold.
//
// The record holds the bundled snapshot and rows made to be hidden, full of
// values that occur nowhere else. What is hidden from an audience is what the
// owner of the record reads less what the audience's role reads. Everything
// that the OpenAPI document offers is asked, so that later operations take part
// by themselves; a parameter that this test knows no values of fails it.
func TestPublicLearnsNothing(t *testing.T) {
	url, r := snapshotRecord(t)
	// An account and tokens, whose names are nobody's business either.
	for _, name := range []string{"zqaccou", "zqadmin"} {
		if err := r.CreateAccount(t.Context(), geo.Account{Name: name, Role: geo.Administrator, Audience: geo.Security}); err != nil {
			t.Fatal(err)
		}
	}
	watch, err := r.CreateWatch(t.Context(), geo.Watch{
		Owner: "zqaccou", Request: json.RawMessage(`{"name":"zqwatch","passage":{"line":[[-72.337,18.543],[-72.29,18.63]]}}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	s := startStack(t, url, makeTokens(t, r, geo.Reader))
	editing := *s
	editing.tokens = makeTokens(t, r, geo.Editor)
	hostile := &adversary{t: t, record: r}
	hostile.fill()
	awaitNewest(t, s)
	releaseNow(t, s, hostile.groups[[2]string{"hum", "high"}])

	document := fetch(t, s, geo.Public, "/openapi.json").body
	operations := readDocument(t, document)
	vocabulary := describedWords(t, document)
	all := read(t, url, "pasaj", "")
	defer checkTags(t, s, hostile)
	for _, a := range geo.Audiences() {
		t.Run(a.String(), func(t *testing.T) {
			view := read(t, url, "audience_"+a.String(), "pasaj_"+a.String())
			view.audience = a
			own := tokenName(geo.Reader, a) // of its token, which a session may be told
			hidden := secretsOf(all.holdings, view.holdings, vocabulary+own)
			if len(hidden.ids) < 300 || len(hidden.cells) < 300 || len(hidden.texts) < 300 {
				t.Fatalf("only %d ids, %d cells of vertices and %d texts are hidden: this shows nothing", len(hidden.ids), len(hidden.cells), len(hidden.texts))
			}
			if !hidden.words["zqwatch"] || !hidden.ids[watch.ID] {
				t.Fatal("the watch is not among what is hidden")
			}
			p := makeProbe(t, s, hostile, all, view, hidden)
			p.watches = []uuid.UUID{watch.ID}
			w := &walk{stack: s, audience: a, scanner: &scanner{secrets: hidden, view: view}, newest: p.newest}
			for _, d := range operations {
				w.queue = append(w.queue, p.requests(t, d)...)
			}
			w.run(t, http.StatusOK, http.StatusNoContent, http.StatusNotModified, http.StatusBadRequest, http.StatusNotFound)
			checkCounts(t, s, url, a, p.newest)
			if a == geo.Public {
				return
			}
			// Editors reach the record itself. What is hidden from them there is
			// what lies beyond their reach: drafts within it are theirs to edit.
			hidden.texts[own], hidden.texts[tokenName(geo.Editor, a)] = false, false
			w.stack, w.queue = &editing, slices.DeleteFunc(w.queue, func(one asked) bool {
				id, err := uuid.Parse(one.swap.value)
				return err != nil || one.layer == nil || one.method == http.MethodGet || !beyond(all, one.layer, id, a)
			})
			w.run(t, http.StatusNotFound)
			if newest, _, err := r.Resolve(t.Context(), geo.AsOf{}); err != nil || newest != p.newest {
				t.Errorf("revision %s, %v: an editor changed what was out of reach", newest, err)
			}
		})
	}
}

// beyond reports whether no version of a feature lies in the compartments and
// classes of an audience.
func beyond(all *seen, l *geo.Layer, id uuid.UUID, a geo.Audience) bool {
	return !slices.ContainsFunc(all.rows[l][id], func(row held) bool {
		compartment, _ := row.columns["compartment"].(string)
		class, _ := row.columns["sensitivity"].(string)
		return geo.ReachOf(a).Sees(geo.Compartment(compartment), geo.Class(class))
	})
}

func awaitNewest(t *testing.T, s *stack) {
	t.Helper()
	if err := awaitWorlds(t.Context(), s.record, s.live); err != nil {
		t.Fatal(err)
	}
}

func fetch(t *testing.T, s *stack, a geo.Audience, path string) reply {
	t.Helper()
	got, err := s.do(t.Context(), a, request{method: http.MethodGet, path: path}, nil)
	if err != nil || got.status != http.StatusOK {
		t.Fatalf("%s: status %d, %v: %s", path, got.status, err, got.body)
	}
	return got
}

// describedWords are all texts of the catalogue and of the document: they are
// made before a record is read, and say the same to everybody.
func describedWords(t *testing.T, document []byte) string {
	t.Helper()
	var value any
	if err := json.Unmarshal(document, &value); err != nil {
		t.Fatal(err)
	}
	if words := canaryWord.Find(document); words != nil {
		t.Fatalf("the OpenAPI document holds %s", words)
	}
	h := newHoldings()
	h.take(value)
	var out strings.Builder
	for _, l := range geo.Layers() {
		fmt.Fprintln(&out, l.Name, l.Title, l.Summary)
		for _, p := range l.Properties {
			fmt.Fprintln(&out, p.Name, p.Title, p.Words, p.Values)
		}
	}
	for text := range h.texts {
		out.WriteString(text + "\n")
	}
	return out.String()
}

func makeProbe(t *testing.T, s *stack, hostile *adversary, all, view *seen, hidden *secrets) *probe {
	t.Helper()
	newest, _, err := s.record.Resolve(t.Context(), geo.AsOf{})
	if err != nil {
		t.Fatal(err)
	}
	p := &probe{audience: view.audience, newest: newest, hidden: map[*geo.Layer][]uuid.UUID{}, open: map[*geo.Layer][]uuid.UUID{}, places: map[*geo.Layer][]orb.Point{}}
	for r := geo.Revision(1); r <= newest; r++ {
		_, at, err := s.record.Resolve(t.Context(), geo.AsOf{Revision: r})
		if err != nil {
			t.Fatal(err)
		}
		p.instants = append(p.instants, geo.FormatInstant(at))
	}
	for _, l := range geo.Layers() {
		var concealed []uuid.UUID
		for _, id := range hostile.sample[l].ids {
			if len(view.rows[l][id]) == 0 {
				concealed = append(concealed, id)
			} else {
				p.open[l] = append(p.open[l], id)
			}
		}
		// Of every kind a few: the rows stand in the order of kinds.
		for i := 0; i < len(concealed); i += max(1, len(concealed)/6) {
			p.hidden[l] = append(p.hidden[l], concealed[i])
		}
		// Those that move between audiences come last.
		slices.Reverse(p.open[l])
		for id, rows := range all.rows[l] {
			for _, row := range rows {
				h := newHoldings()
				h.take(row.columns["geom"])
				for vertex := range h.vertices {
					if hidden.vertices[vertex] {
						p.places[l] = append(p.places[l], vertex)
					}
				}
				if pcode, ok := row.columns["pcode"].(string); ok && hidden.words[pcode] {
					p.words = append(p.words, pcode)
				}
				if group, ok := row.columns["group_id"].(string); ok && hidden.words[group] {
					p.words = append(p.words, group)
				}
			}
			_ = id
		}
		slices.SortFunc(p.places[l], func(a, b orb.Point) int { return slices.Compare(a[:], b[:]) })
	}
	slices.Sort(p.words)
	p.words = slices.Compact(p.words)
	p.bodies = map[string]func() [][]string{
		"passage-request":      func() [][]string { return passageBodies(p) },
		"alternatives-request": func() [][]string { return questionBodies(p, `"points":[%s],"count":5`, `"points":[%s],"seed":7`) },
		"reach-request": func() [][]string {
			return questionBodies(p, `"points":[%s],"minutes":[5,60]`, `"points":[%s],"minutes":[30],"max_risk":1`)
		},
		"coverage-request": func() [][]string { return coverageBodies(p) },
		"table-request":    func() [][]string { return questionBodies(p, `"sources":[%[1]s],"targets":[%[1]s]`) },
		"reopen-request":   func() [][]string { return questionBodies(p, `"points":[%s]`) },
		"watch-request": func() [][]string {
			return [][]string{{`{"name":"x","passage":{"points":[[-72.337,18.543],[-72.29,18.63]]}}`, ""}, {`{}`, ""}}
		},
		"credentials": func() [][]string {
			return [][]string{{`{"name":"zqaccou","password":"a guess that is long"}`, `{"name":"zynobod","password":"a guess that is long"}`}, {`{"link":"guess"}`, ""}, {`{}`, ""}}
		},
		"token-request": func() [][]string {
			return [][]string{{`{"name":"t","role":"reader","audience":"sec","expires_at":"2030-01-01T00:00:00Z"}`, ""}}
		},
	}
	return p
}

// walk asks everything as one audience.
type walk struct {
	stack    *stack
	audience geo.Audience
	scanner  *scanner
	newest   geo.Revision
	queue    []asked
}

// walkers is how many requests are under way at a time.
const walkers = 4

// run asks what is in the queue. The statuses must be among those of the
// answers, or the questions are not what they should be.
func (w *walk) run(t *testing.T, due ...int) {
	t.Helper()
	began := time.Now()
	var running sync.WaitGroup
	queue := make(chan asked)
	statuses, bytesRead := map[int]int{}, 0
	var mu sync.Mutex
	faults := 0
	told := map[string]int{}
	for range walkers {
		running.Go(func() {
			for one := range queue {
				got, problems := w.ask(t.Context(), one)
				mu.Lock()
				statuses[got.status]++
				bytesRead += len(got.body)
				for _, problem := range problems {
					faults++
					if told[one.operation]++; told[one.operation] <= 2 {
						t.Errorf("%s %s %v %s: status %d: %s", one.method, one.path, one.header, one.body, got.status, problem)
					}
				}
				mu.Unlock()
			}
		})
	}
	for _, one := range w.queue {
		queue <- one
	}
	close(queue)
	running.Wait()
	if faults > 0 {
		t.Errorf("%d faults in all", faults)
	}
	t.Logf("%d requests, %d bytes, statuses %v, %s", len(w.queue), bytesRead, statuses, time.Since(began).Round(time.Millisecond))
	for _, status := range due {
		if statuses[status] == 0 {
			t.Errorf("no answer had status %d", status)
		}
	}
}

func (w *walk) ask(ctx context.Context, one asked) (reply, []string) {
	// Answers to questions about now name the minute. Where it turned between a
	// question and its twin, both are asked again.
	for {
		minute := time.Now().Truncate(time.Minute)
		got, problems, alike := w.compare(ctx, one)
		if alike || time.Now().Truncate(time.Minute).Equal(minute) {
			return got, problems
		}
	}
}

// compare asks a question and, where it has one, its twin.
func (w *walk) compare(ctx context.Context, one asked) (got reply, problems []string, alike bool) {
	got, err := w.stack.do(ctx, w.audience, one.request, w.enough(one.request))
	if err != nil {
		return got, []string{err.Error()}, true
	}
	problems = w.scanner.scan(one.request, one.tile, one.layer, got)
	if got.status >= http.StatusInternalServerError {
		problems = append(problems, "failed: "+string(got.body))
	}
	if one.twin == nil {
		return got, problems, true
	}
	other, err := w.stack.do(ctx, w.audience, *one.twin, w.enough(*one.twin))
	if err != nil {
		return got, append(problems, err.Error()), true
	}
	if got.status == http.StatusTooManyRequests || other.status == http.StatusTooManyRequests {
		return got, problems, true // who tries when decides it, not what is asked
	}
	a, b := anonymous(got, one.swap.value), anonymous(other, one.swap.twin)
	if a != b {
		problems = append(problems, fmt.Sprintf("what is hidden is told apart from what never was:\n%s\n%s", a, b))
	}
	return got, problems, a == b
}

var canaryOrTwin = regexp.MustCompile(`z[qy][0-9a-z]{5}`)

var requestInstance = regexp.MustCompile(`"instance":"[0-9a-f]{16}"`)

// anonymous writes an answer without what the request named and what is
// different every time.
func anonymous(got reply, named string) string {
	var out bytes.Buffer
	fmt.Fprintf(&out, "%d\n", got.status)
	names := make([]string, 0, len(got.header))
	for name := range got.header {
		if name != "Date" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		fmt.Fprintf(&out, "%s: %s\n", name, strings.Join(got.header[name], ", "))
	}
	out.Write(requestInstance.ReplaceAll(got.body, nil))
	text := strings.ReplaceAll(out.String(), named, "NAMED")
	// The service may repeat a part of it: one name of a list.
	for _, word := range canaryOrTwin.FindAllString(named, -1) {
		text = strings.ReplaceAll(text, word, "NAMED")
	}
	return text
}

// enough tells when a stream has said all that it can be waited for.
func (w *walk) enough(r request) func([]byte) bool {
	since := int64(w.newest)
	_, query, _ := strings.Cut(r.path, "?")
	values, err := url.ParseQuery(query)
	for _, text := range []string{values.Get("last-event-id"), r.header["Last-Event-ID"]} {
		if n, perr := strconv.ParseInt(text, 10, 64); err == nil && perr == nil {
			since = n
		}
	}
	last := []byte("id: " + w.newest.String() + "\n")
	return func(all []byte) bool {
		if since == int64(w.newest) {
			return len(all) > 0
		}
		at := bytes.Index(all, last)
		return at >= 0 && bytes.Contains(all[at:], []byte("\n\n"))
	}
}

func queryOf(name, value string) string { return url.QueryEscape(name) + "=" + url.QueryEscape(value) }

// cursorOf is the cursor that the service would give after a feature.
func cursorOf(r geo.Revision, id uuid.UUID) string {
	var raw [24]byte
	binary.BigEndian.PutUint64(raw[:8], uint64(r))
	copy(raw[8:], id[:])
	return base64.RawURLEncoding.EncodeToString(raw[:])
}

// checkCounts holds counts and extents, which name no feature, to the view.
func checkCounts(t *testing.T, s *stack, databaseURL string, a geo.Audience, newest geo.Revision) {
	t.Helper()
	c, err := pgx.Connect(t.Context(), databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(context.WithoutCancel(t.Context()))
	if _, err := c.Exec(t.Context(), "SET ROLE pasaj_"+a.String()); err != nil {
		t.Fatal(err)
	}
	for _, l := range geo.Collections() {
		if !l.Audiences.Has(a) {
			continue
		}
		for _, r := range []geo.Revision{newest, newest - 1, newest - 4, 4} {
			var count int
			var extent []float64
			query := fmt.Sprintf(`SELECT count(DISTINCT id), ARRAY[ST_XMin(ST_Extent(geom)), ST_YMin(ST_Extent(geom)), ST_XMax(ST_Extent(geom)), ST_YMax(ST_Extent(geom))]
				FROM audience_%s.%s WHERE known @> $1::bigint`, a, l.Table)
			var edges []*float64
			if err := c.QueryRow(t.Context(), query, int64(r)).Scan(&count, &edges); err != nil {
				t.Fatal(err)
			}
			for _, edge := range edges {
				if edge != nil {
					extent = append(extent, *edge)
				}
			}
			var page struct{ NumberMatched int }
			into(t, fetch(t, s, a, "/collections/"+l.Name+"/items?limit=1&asof="+r.String()).body, &page)
			var described struct {
				ItemCount int
				Extent    struct {
					Spatial struct{ BBox [][]float64 }
				}
			}
			into(t, fetch(t, s, a, "/collections/"+l.Name+"?asof="+r.String()).body, &described)
			if page.NumberMatched != count || described.ItemCount != count {
				t.Errorf("%s at %s: %d matched and %d counted, the view has %d", l.Name, r, page.NumberMatched, described.ItemCount, count)
			}
			var box []float64
			if len(described.Extent.Spatial.BBox) > 0 {
				box = described.Extent.Spatial.BBox[0]
			}
			if !slices.Equal(box, extent) {
				t.Errorf("%s at %s: extent %v, the view's is %v", l.Name, r, box, extent)
			}
		}
	}
}

// checkTags holds entity tags, which tell when something was changed, to what
// the public sees changed: edits of hidden features move none.
func checkTags(t *testing.T, s *stack, hostile *adversary) {
	t.Helper()
	tags := func() map[string]string {
		out := map[string]string{}
		for _, l := range geo.Collections() {
			if !l.Audiences.Has(geo.Public) {
				continue
			}
			for _, path := range []string{"", "/items", "/items?limit=1", "/tiles/WebMercatorQuad/6/28/19", "/schema"} {
				path = "/collections/" + l.Name + path
				out[path] = fetch(t, s, geo.Public, path).header.Get("ETag")
			}
		}
		return out
	}
	before := tags()
	for _, p := range []pair{{"hum", "severe"}, {"sec", "low"}, {"public", "severe"}} {
		var changes []geo.Change
		for _, l := range geo.Collections() {
			if l.Audiences.Has(geo.Public) {
				changes = append(changes, geo.Change{Layer: l, Action: geo.Create, Draft: hostile.draft(l, p.compartment, p.class, "")})
			}
		}
		hostile.write(hostile.keeper(p.compartment), changes)
	}
	awaitNewest(t, s)
	for path, tag := range tags() {
		if tag != before[path] || tag == "" {
			t.Errorf("%s: a hidden edit turned the tag %s into %s", path, before[path], tag)
		}
	}
}

func into(t *testing.T, raw []byte, value any) {
	t.Helper()
	if err := json.Unmarshal(raw, value); err != nil {
		t.Fatalf("%v: %s", err, raw)
	}
}
