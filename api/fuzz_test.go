package api

import (
	"math"
	"strings"
	"testing"

	"github.com/google/uuid"

	"pasaj/geo"
	"pasaj/geo/tile"
)

func FuzzBBox(f *testing.F) {
	for _, s := range []string{"-72.4,18.5,-72.3,18.6", "170,-10,-170,10", "1,2,3,4,5,6", "NaN,0,0,0", "-180,-90,180,90", ",,,", "1e400,0,0,0", " 1 , 2 , 3 , 4 "} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		b, err := parseBBox(s)
		if err != nil {
			if b != nil || geo.CodeOf(err) != geo.CodeInvalid {
				t.Fatalf("%q: %v with %v", s, err, b)
			}
			return
		}
		for _, half := range []struct{ min, max [2]float64 }{{b.west.Min, b.west.Max}, {b.east.Min, b.east.Max}} {
			for i, limit := range []float64{180, 90} {
				if !(math.Abs(half.min[i]) <= limit && math.Abs(half.max[i]) <= limit && half.min[i] <= half.max[i]) {
					t.Fatalf("%q gives %+v", s, b)
				}
			}
		}
		if b.crosses && (b.west.Max[0] != 180 || b.east.Min[0] != -180) {
			t.Fatalf("%q crosses but gives %+v", s, b)
		}
	})
}

func FuzzLimit(f *testing.F) {
	for _, s := range []string{"1", "10000", "0", "-1", "10001", "1e3", "+5", "０", "9999999999999999999999"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if n, err := parseLimit(s); err == nil && (n < 1 || n > maxLimit) {
			t.Fatalf("limit %q is %d", s, n)
		}
		if n, err := parseOffset(s); err == nil && (n < 0 || n > maxOffset) {
			t.Fatalf("offset %q is %d", s, n)
		}
		if n, err := parseEventID(s); err == nil && n < 0 {
			t.Fatalf("event %q is %d", s, n)
		}
	})
}

func FuzzCursor(f *testing.F) {
	f.Add(cursor{17, uuid.MustParse("6ba7b810-9dad-11d1-80b4-00c04fd430c8")}.String())
	f.Add("")
	f.Add(strings.Repeat("A", 32))
	f.Add("////////////////////////////////")
	f.Fuzz(func(t *testing.T, s string) {
		c, err := parseCursor(s)
		if err == nil && (c.String() != s || c.revision < 1 || c.after == uuid.Nil) {
			t.Fatalf("%q gives %+v, which is written %q", s, c, c.String())
		}
	})
}

func FuzzIfMatch(f *testing.F) {
	for _, s := range []string{"*", `"5"`, `W/"5", "6"`, `"5-gzip"`, `"`, `"a b"`, `,,"5"`, `"5" "6"`, ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		list, err := parseTagList(s)
		if err != nil {
			return
		}
		if !list.any && len(list.tags) == 0 || len(list.tags) > 100 {
			t.Fatalf("%q gives %d tags", s, len(list.tags))
		}
		for _, tag := range list.tags {
			if len(tag.opaque) < 2 || tag.opaque[0] != '"' || tag.opaque[len(tag.opaque)-1] != '"' {
				t.Fatalf("%q gives the tag %q", s, tag.opaque)
			}
			if list.matchesNone(tag.opaque) {
				t.Fatalf("%q does not hold its own tag %q", s, tag.opaque)
			}
		}
		for _, r := range list.revisions() {
			if r < 1 {
				t.Fatalf("%q gives revision %d", s, r)
			}
		}
	})
}

func FuzzAccept(f *testing.F) {
	for _, s := range []string{"*/*", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8", "application/json;q=0", ";;;", "a/b;q=NaN", "application/geo+json, application/json"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, r := range parseAccept(s) {
			if !(r.q >= 0 && r.q <= 1) || r.kind == "" {
				t.Fatalf("%q gives %+v", s, r)
			}
		}
		if got := negotiate(s, mediaJSON, mediaHTML); got != "" && got != mediaJSON && got != mediaHTML {
			t.Fatalf("%q picks %q", s, got)
		}
		acceptsGzip(s)
	})
}

func FuzzTilePath(f *testing.F) {
	f.Add("8", "114", "76")
	f.Add("0", "0", "0")
	f.Add("21", "0", "0")
	f.Add("-1", "x", "99999999999999")
	f.Fuzz(func(t *testing.T, z, y, x string) {
		got, err := parseTilePath(z, y, x)
		if err == nil && (!got.Valid() || got.Z > tile.MaxZoom) {
			t.Fatalf("%q/%q/%q gives %v", z, y, x, got)
		}
		if err != nil && geo.CodeOf(err) != geo.CodeNotFound {
			t.Fatalf("%q/%q/%q: %v", z, y, x, err)
		}
	})
}

func FuzzAreas(f *testing.F) {
	f.Add("ZMPP,HT0111")
	f.Add(",")
	f.Fuzz(func(t *testing.T, s string) {
		list, err := parseAreas(s)
		if err == nil && strings.Join(list, ",") != s {
			t.Fatalf("%q gives %q", s, list)
		}
	})
}

func FuzzDatetime(f *testing.F) {
	f.Add("0000-01-01T00:00:00Z/2025-01-01T00:00:00Z")
	f.Add("2025-01-01T00:00:00Z/9999-12-31T00:00:00Z")
	f.Add("../..")
	f.Add("2025-01-01")
	f.Fuzz(func(t *testing.T, s string) {
		m, err := parseDatetime(s)
		if err != nil && geo.CodeOf(err) != geo.CodeInvalid {
			t.Fatalf("%q: %v", s, err)
		}
		if err == nil && (!m.Set || !m.Instant && m.Period.Empty()) {
			t.Fatalf("%q gives %+v", s, m)
		}
	})
}

func FuzzIdempotencyKey(f *testing.F) {
	f.Add("a")
	f.Add(strings.Repeat("k", 129))
	f.Fuzz(func(t *testing.T, s string) {
		if key, err := parseIdempotencyKey(s); err == nil && (key != s || len(key) > 128 || strings.ContainsAny(key, " \n\x00")) {
			t.Fatalf("%q passes", s)
		}
	})
}

func FuzzQuery(f *testing.F) {
	f.Add("bbox=1,2,3,4&limit=3")
	f.Add("a;b=%zz")
	f.Add("f=json&f=json")
	s := start(f)
	s.place(1, -72.3, 18.5)
	f.Fuzz(func(t *testing.T, query string) {
		if strings.ContainsFunc(query, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == '#' }) {
			return // not a request line that arrives here
		}
		w := (&service{Server: s.Server, record: s.record, t: t}).get("/collections/places/items?" + query)
		switch w.Code {
		case 200, 304, 400, 401, 404, 406:
		default:
			t.Fatalf("%q: status %d: %s", query, w.Code, w.Body)
		}
	})
}

// FuzzParameters hands one text to the parser of every parameter of every
// operation, so that a new one is fuzzed from its first day: it takes the text
// or refuses it with a code that a client can act on.
func FuzzParameters(f *testing.F) {
	for _, s := range []string{
		crs84, "<" + crs84 + ">", "json", "html", "mvt", "commune", "2024-05-01T12:00:00Z", "0001-01-01T00:00:00Z",
		"2024-05-01T12:00:00+99:00", "17", "-1", "6ba7b810-9dad-11d1-80b4-00c04fd430c8", "{6ba7b810-9dad-11d1-80b4-00c04fd430c8}", "", "\x00",
	} {
		f.Add(s)
	}
	read := map[*parameter]bool{}
	for _, op := range start(f).operations {
		for _, p := range op.parameters {
			if p.read != nil {
				read[p] = true
			}
		}
	}
	f.Fuzz(func(t *testing.T, s string) {
		for p := range read {
			if s == "" && p.in == "query" {
				continue // refused before it gets here
			}
			var a arguments
			err := p.read(&a, s)
			switch code := geo.CodeOf(err); {
			case err == nil, code == geo.CodeInvalid, code == geo.CodeNotFound && p.in == "path":
			default:
				t.Errorf("%s %q: code %q, %v", p.name, s, code, err)
			}
		}
	})
}
