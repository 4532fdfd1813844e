package postgis_test

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"pasaj/data/postgis"
	"pasaj/geo"
)

func TestWriteAndHistory(t *testing.T) {
	t.Parallel()
	r, _ := open(t)
	l := layer(t, "roadblocks")
	made := write(t, r, roadblock(t, "active", "high"))
	if made.Revision != 1 || len(made.IDs) != 1 {
		t.Fatalf("receipt %+v", made)
	}
	id := made.IDs[0]
	cleared := write(t, r, patch(l, id, map[string]any{"state": "cleared"}))
	w, err := r.Load(t.Context(), geo.Humanitarian, 0)
	if err != nil {
		t.Fatal(err)
	}
	it, ok := w.Layer(l).Item(id)
	if !ok || len(it.Versions) != 2 {
		t.Fatalf("states %v", it)
	}
	before, after := it.Versions[0], it.Versions[1]
	if before.Text("state") != "active" || after.Text("state") != "cleared" {
		t.Errorf("states %q then %q", before.Text("state"), after.Text("state"))
	}
	if !before.Valid.To.Equal(cleared.At) || !after.Valid.From.Equal(cleared.At) || !after.Valid.To.IsZero() {
		t.Errorf("valid %v then %v, changed at %v", before.Valid, after.Valid, cleared.At)
	}
	if !after.LastConfirmedAt.Equal(cleared.At) {
		t.Errorf("a cleared roadblock was last confirmed at %v, want %v", after.LastConfirmedAt, cleared.At)
	}
	if after.Text("author") != "analyst" || after.Text("revision_reason") != "test" {
		t.Errorf("author %q, reason %q", after.Text("author"), after.Text("revision_reason"))
	}
	if got := string(after.Value("toll").(json.RawMessage)); got != `[{"unit":"trip","amount":500,"currency":"HTG"}]` {
		t.Errorf("toll %s", got)
	}
	history, err := r.History(t.Context(), geo.Humanitarian, l, id)
	if err != nil || len(history) != 3 {
		t.Fatalf("history %v, %v", history, err)
	}
	if history[0].KnownTo != 2 || history[1].KnownTo != 0 || history[0].Known != 1 || !history[0].KnownAt.Equal(made.At) {
		t.Errorf("history %+v", history[0])
	}
	_, err = r.History(t.Context(), geo.Public, l, id)
	wantCode(t, err, geo.CodeNotFound, "")

	write(t, r, geo.Change{Layer: l, Action: geo.Delete, ID: id})
	w, _ = r.Load(t.Context(), geo.Humanitarian, 0)
	if w.Layer(l).Len() != 0 {
		t.Error("a deleted feature is still in the world")
	}
	if history, _ = r.History(t.Context(), geo.Humanitarian, l, id); len(history) != 3 || history[2].KnownTo != 3 {
		t.Errorf("history after deletion %+v", history)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	r, _ := open(t)
	l := layer(t, "roadblocks")
	id := write(t, r, roadblock(t, "active", "high")).IDs[0]
	severe := write(t, r, roadblock(t, "active", "severe")).IDs[0]
	hum := geo.Author{Name: "hum", Audience: geo.Humanitarian}
	edit := func(c geo.Change, change func(*geo.Draft)) geo.Change {
		change(c.Draft)
		return c
	}
	set := func(l string, name string, v any) func(*geo.Draft) {
		return func(d *geo.Draft) { d.Set(layer(t, l), name, v) }
	}
	tests := map[string]struct {
		author  geo.Author
		change  geo.Change
		code    geo.Code
		pointer string
	}{
		"missing":          {analyst, patch(l, uuid.New(), nil), geo.CodeNotFound, ""},
		"out of sight":     {hum, patch(l, severe, map[string]any{"state": "cleared"}), geo.CodeNotFound, ""},
		"layer not theirs": {geo.Author{Name: "p", Audience: geo.Public}, patch(l, id, nil), geo.CodeNotFound, ""},
		"result unseen":    {hum, patch(l, id, map[string]any{"sensitivity": "severe"}), geo.CodeForbidden, "/properties/sensitivity"},
		"created unseen":   {hum, roadblock(t, "active", "severe"), geo.CodeForbidden, "/properties/sensitivity"},
		"public creates":   {geo.Author{Name: "p", Audience: geo.Public}, place(t, ""), "", ""},
		"floor":            {analyst, roadblock(t, "active", "moderate"), geo.CodeUnprocessable, "/properties/sensitivity"},
		"police closure":   {analyst, edit(roadblock(t, "active", "high"), set("roadblocks", "subtype", "police_closure")), geo.CodeUnprocessable, "/properties/sensitivity"},
		"no such group":    {analyst, zone(t, "controlled", `[{"group":"nobody","role":"principal"}]`), geo.CodeInvalid, "/properties/holders/0/group"},
		"enumeration":      {analyst, edit(roadblock(t, "active", "high"), set("roadblocks", "direction", "up")), geo.CodeInvalid, "/properties/direction"},
		"number":           {analyst, edit(roadblock(t, "active", "high"), set("roadblocks", "max_load_t", 1e6)), geo.CodeInvalid, "/properties/max_load_t"},
		"common column":    {analyst, edit(place(t, ""), set("places", "credibility", int64(7))), geo.CodeInvalid, "/properties/credibility"},
		"wrong type":       {analyst, edit(place(t, ""), set("places", "credibility", "7")), geo.CodeInvalid, "/properties/credibility"},
		"missing value":    {analyst, edit(place(t, ""), set("places", "place_kind", nil)), geo.CodeInvalid, "/properties/place_kind"},
		"outside":          {analyst, edit(place(t, ""), func(d *geo.Draft) { d.Geometry = orb.Point{2.3, 48.8} }), geo.CodeInvalid, "/geometry"},
		"kind of geometry": {analyst, edit(place(t, ""), func(d *geo.Draft) { d.Geometry = orb.LineString{{-72, 18}, {-72, 19}} }), geo.CodeInvalid, "/geometry"},
		"no geometry":      {analyst, edit(place(t, ""), func(d *geo.Draft) { d.Geometry = nil }), geo.CodeInvalid, "/geometry"},
		"bow tie": {analyst, edit(zone(t, "unknown", ""), func(d *geo.Draft) {
			d.Geometry = orb.MultiPolygon{{{{-72, 18}, {-71, 19}, {-71, 18}, {-72, 19}, {-72, 18}}}}
		}), geo.CodeInvalidGeometry, "/geometry"},
		"escaped nul":       {analyst, edit(roadblock(t, "active", "high"), set("roadblocks", "passability", json.RawMessage(`{"a":"\u0000"}`))), geo.CodeInvalid, ""},
		"existing":          {analyst, func() geo.Change { c := roadblock(t, "active", "high"); c.ID = id; return c }(), geo.CodeConflict, "/id"},
		"hidden existing":   {hum, func() geo.Change { c := roadblock(t, "active", "high"); c.ID = severe; return c }(), geo.CodeConflict, ""},
		"another revision":  {analyst, func() geo.Change { c := patch(l, id, nil); c.IfMatch = 7; return c }(), geo.CodePreconditionFailed, ""},
		"the same revision": {analyst, func() geo.Change { c := patch(l, id, nil); c.IfMatch = 1; return c }(), "", ""},
		"no author":         {geo.Author{Audience: geo.Security}, place(t, ""), geo.CodeInvalid, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			before, _, _ := r.Resolve(t.Context(), geo.AsOf{})
			_, err := r.Write(t.Context(), geo.Batch{Author: test.author, Changes: []geo.Change{test.change}})
			if test.code == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			wantCode(t, err, test.code, test.pointer)
			for _, word := range []string{"SQLSTATE", "constraint", "pasaj."} {
				if strings.Contains(err.Error(), word) {
					t.Errorf("the error speaks SQL: %v", err)
				}
			}
			if after, _, _ := r.Resolve(t.Context(), geo.AsOf{}); after != before {
				t.Errorf("a refused write took revision %s", after)
			}
		})
	}
}

func TestOneBadChangeRefusesTheBatch(t *testing.T) {
	t.Parallel()
	r, _ := open(t)
	bad := place(t, "bad")
	bad.Draft.Set(bad.Layer, "language", "de")
	_, err := r.Write(t.Context(), geo.Batch{Author: analyst, Changes: []geo.Change{place(t, "a"), place(t, "b"), bad, place(t, "c")}})
	wantCode(t, err, geo.CodeInvalid, "/changes/2/properties/language")
	if _, _, err := r.Resolve(t.Context(), geo.AsOf{}); geo.CodeOf(err) != geo.CodeNotFound {
		t.Errorf("something was written: %v", err)
	}
}

func TestSeveralChangesOfOneFeature(t *testing.T) {
	t.Parallel()
	r, _ := open(t)
	l := layer(t, "places")
	id := uuid.New()
	first := place(t, "first")
	first.ID = id
	first.Draft.From, first.Draft.HasFrom = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC), true
	second := patch(l, id, map[string]any{"name_fr": "second"})
	second.Draft.From, second.Draft.HasFrom = time.Date(2024, 6, 1, 0, 0, 0, 0, time.UTC), true
	third := patch(l, id, map[string]any{"name_fr": "third"})
	write(t, r, first, second, third)
	w, err := r.Load(t.Context(), geo.Public, 0)
	if err != nil {
		t.Fatal(err)
	}
	it, _ := w.Layer(l).Item(id)
	var names []string
	for _, v := range it.Versions {
		names = append(names, v.Text("name_fr"))
	}
	if fmt.Sprint(names) != "[first second third]" {
		t.Errorf("states %v", names)
	}
	if history, _ := r.History(t.Context(), geo.Public, l, id); len(history) != 3 {
		t.Errorf("%d rows stored, want one for each state", len(history))
	}
	write(t, r, geo.Change{Layer: l, Action: geo.Delete, ID: id}, func() geo.Change { c := place(t, "again"); c.ID = id; return c }())
	w, _ = r.Load(t.Context(), geo.Public, 0)
	if it, _ := w.Layer(l).Item(id); it == nil || len(it.Versions) != 1 || it.Versions[0].Text("name_fr") != "again" {
		t.Errorf("after deleting and creating again: %+v", it)
	}
}

// A state that the author may not see is neither shown nor touched.
func TestHiddenStatesStay(t *testing.T) {
	t.Parallel()
	r, _ := open(t)
	l := layer(t, "roadblocks")
	id := uuid.New()
	old := roadblock(t, "active", "severe")
	old.ID = id
	old.Draft.From, old.Draft.HasFrom = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC), true
	newer := patch(l, id, map[string]any{"sensitivity": "high", "state": "intermittent"})
	newer.Draft.From, newer.Draft.HasFrom = time.Date(2024, 6, 1, 0, 0, 0, 0, time.UTC), true
	write(t, r, old, newer)
	hum := geo.Author{Name: "hum", Audience: geo.Humanitarian}
	wide := patch(l, id, map[string]any{"state": "false"})
	wide.Draft.From, wide.Draft.HasFrom = time.Date(2024, 3, 1, 0, 0, 0, 0, time.UTC), true
	_, err := r.Write(t.Context(), geo.Batch{Author: hum, Changes: []geo.Change{wide}})
	wantCode(t, err, geo.CodeConflict, "")
	if _, err := r.Write(t.Context(), geo.Batch{Author: hum, Changes: []geo.Change{{Layer: l, Action: geo.Delete, ID: id}}}); err != nil {
		t.Fatal(err)
	}
	w, _ := r.Load(t.Context(), geo.Security, 0)
	if it, _ := w.Layer(l).Item(id); it == nil || len(it.Versions) != 1 || it.Versions[0].Text("state") != "active" {
		t.Errorf("security sees %+v", it)
	}
}

func TestConfidence(t *testing.T) {
	t.Parallel()
	r, _ := open(t)
	observations := layer(t, "observations")
	observation := func(source, reliability string, credibility int64) geo.Change {
		return geo.Change{Layer: observations, Action: geo.Create, ID: uuid.New(), Draft: draft(observations, nil, map[string]any{
			"channel": "web", "source_id": source, "reliability": reliability, "credibility": credibility})}
	}
	a, b, again := observation("s1", "B", 2), observation("s2", "C", 3), observation("s1", "C", 2)
	write(t, r, a, again)
	own := roadblock(t, "active", "high")
	own.Draft.Set(own.Layer, "reliability", "B")
	own.Draft.Set(own.Layer, "credibility", int64(3))
	cited := roadblock(t, "active", "high")
	cited.Draft.Set(cited.Layer, "reliability", "F")
	cited.Draft.Set(cited.Layer, "credibility", int64(6))
	cited.Draft.Set(cited.Layer, "confidence", 0.99)
	cited.Draft.Set(cited.Layer, "observation_ids", []string{a.ID.String(), b.ID.String(), again.ID.String()})
	none := roadblock(t, "active", "high")
	receipt := write(t, r, b, own, cited, none)
	w, err := r.Load(t.Context(), geo.Humanitarian, 0)
	if err != nil {
		t.Fatal(err)
	}
	want := []any{nil, .51, .8144, nil} // .85×.60; 1-(1-.85×.80)(1-.70×.60)
	for i := 1; i < 4; i++ {
		it, _ := w.Named("roadblocks").Item(receipt.IDs[i])
		if got := it.Versions[0].Value("confidence"); got != want[i] {
			t.Errorf("confidence %d is %v, want %v", i, got, want[i])
		}
	}
}

func TestRoadLengthIsMeasured(t *testing.T) {
	t.Parallel()
	r, url := open(t)
	l := layer(t, "national-roads")
	write(t, r, geo.Change{Layer: l, Action: geo.Create, Draft: draft(l,
		orb.MultiLineString{{{-72.3, 18.5}, {-72.3, 18.9}, {-72.7, 19.4}}}, map[string]any{"ref": "RN1"})})
	var relative float64
	err := admin(t, url).QueryRow(t.Context(), "SELECT abs(length_m - ST_Length(geom::geography)) / length_m FROM pasaj.national_road").Scan(&relative)
	if err != nil || relative > 1e-9 {
		t.Errorf("length differs by %g from PostGIS, %v", relative, err)
	}
}

func TestOnce(t *testing.T) {
	t.Parallel()
	r, _ := open(t)
	batch := geo.Batch{Author: analyst, Changes: []geo.Change{place(t, "once")},
		Once: &geo.Once{Key: "k", Digest: sha256.Sum256([]byte("a"))}}
	const at = 8
	receipts := make([]geo.Receipt, at)
	var wg sync.WaitGroup
	for i := range at {
		wg.Go(func() {
			var err error
			if receipts[i], err = r.Write(t.Context(), batch); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	first := 0
	for _, receipt := range receipts {
		if !receipt.Repeated {
			first++
		}
		if receipt.Revision != 1 || receipt.IDs[0] != receipts[0].IDs[0] || !receipt.At.Equal(receipts[0].At) {
			t.Errorf("receipt %+v differs from %+v", receipt, receipts[0])
		}
	}
	if first != 1 {
		t.Errorf("%d of %d were first", first, at)
	}
	other := batch
	other.Once = &geo.Once{Key: "k", Digest: sha256.Sum256([]byte("b"))}
	_, err := r.Write(t.Context(), other)
	wantCode(t, err, geo.CodeConflict, "")
	other.Author = geo.Author{Name: "somebody else", Audience: geo.Security}
	if receipt, err := r.Write(t.Context(), other); err != nil || receipt.Repeated {
		t.Errorf("another author's key: %+v, %v", receipt, err)
	}
}

func TestRevisionsAreGaplessUnderConcurrentWriters(t *testing.T) {
	t.Parallel()
	r, url := open(t)
	const writers, each = 8, 12
	var wg sync.WaitGroup
	for i := range writers {
		wg.Go(func() {
			last := geo.Revision(0)
			for j := range each {
				c := place(t, fmt.Sprint(i, j))
				if j%4 == 3 { // a refused write takes no number
					c.Draft.Set(c.Layer, "language", "de")
				}
				receipt, err := r.Write(t.Context(), geo.Batch{Author: analyst, Changes: []geo.Change{c}})
				if (err != nil) != (j%4 == 3) {
					t.Error(err)
				}
				if err == nil && receipt.Revision <= last {
					t.Errorf("revision %s after %s", receipt.Revision, last)
				}
				last = max(last, receipt.Revision)
			}
		})
	}
	wg.Wait()
	var n, most int
	var ascending bool
	err := admin(t, url).QueryRow(t.Context(), `SELECT count(*), max(id), bool_and(before IS NULL OR before < at)
		FROM (SELECT id, at, lag(at) OVER (ORDER BY id) AS before FROM pasaj.revision) r`).Scan(&n, &most, &ascending)
	if want := writers * each * 3 / 4; err != nil || n != want || most != want || !ascending {
		t.Errorf("%d revisions up to %d, ascending %v, %v; want %d", n, most, ascending, err, want)
	}
}

func TestLargeBatch(t *testing.T) {
	t.Parallel()
	r, _ := open(t)
	const n = 10_000
	var changes []geo.Change
	for i := range n {
		c := zone(t, "contested", "")
		lon, lat := -74+float64(i%100)*0.03, 18+float64(i/100)*0.02
		c.Draft.Geometry = square(lon, lat, 0.02)
		p := place(t, fmt.Sprint(i))
		p.Draft.Geometry = orb.Point{lon, lat}
		changes = append(changes, c, p)
	}
	began := time.Now()
	receipt := write(t, r, changes...)
	wrote := time.Since(began)
	w, err := r.Load(t.Context(), geo.Security, 0)
	if err != nil || w.Named("controlled-zones").Len() != n || w.Named("places").Len() != n || w.Revision() != receipt.Revision {
		t.Fatalf("loaded %d and %d, %v", w.Named("controlled-zones").Len(), w.Named("places").Len(), err)
	}
	t.Logf("wrote %d features in %v, loaded them in %v", len(changes), wrote, time.Since(began)-wrote)

	many := make([]geo.Change, postgis.MaxChanges+1)
	_, err = r.Write(t.Context(), geo.Batch{Author: analyst, Changes: many})
	wantCode(t, err, geo.CodeTooLarge, "")
	_, err = r.Write(t.Context(), geo.Batch{Author: analyst})
	wantCode(t, err, geo.CodeInvalid, "")
}
