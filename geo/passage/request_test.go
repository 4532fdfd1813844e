package passage

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"pasaj/geo"
)

func TestDecodeRequest(t *testing.T) {
	got, err := DecodeRequest([]byte(`{"points":[[-72.34,18.55],[-72.63343,18.51111111]],"vehicle":"truck_10t","profile":"humanitarian_cargo",
		"depart_at":"2025-11-15T09:00:00-05:00","datetime":"2025-11-14","asof":17,"max_age_h":48.5}`))
	want := Request{
		Points:  []orb.Point{{-72.34, 18.55}, {-72.63343, 18.511111}},
		Vehicle: "truck_10t", Profile: "humanitarian_cargo", DepartAt: saturday,
		At: time.Date(2025, 11, 14, 0, 0, 0, 0, time.UTC), AsOf: geo.AsOf{Revision: 17}, MaxAge: 48*time.Hour + 30*time.Minute,
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v %v", got, err)
	}
	got, err = DecodeRequest([]byte(`{"line":[[-72.34,18.55],[-72.34,18.55],[-72.4,18.54]],"asof":"2025-11-14T00:00:00Z","depart_at":null}`))
	if err != nil || len(got.Line) != 2 || got.Vehicle != "ambulance" || got.Profile != "ambulance" || !got.DepartAt.IsZero() || got.AsOf.Time.IsZero() {
		t.Errorf("%+v %v", got, err)
	}
	resolved := got.Resolve(saturday, &geo.DefaultModel)
	if !resolved.DepartAt.Equal(saturday) || !resolved.At.Equal(saturday) || resolved.MaxAge != 7*24*time.Hour {
		t.Errorf("resolved %+v", resolved)
	}
}

// A journey through the world of a date begins on that date.
func TestResolve(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	past := time.Date(2024, 9, 1, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct{ departAt, at, wantDepartAt, wantAt time.Time }{
		"neither":   {time.Time{}, time.Time{}, now, now},
		"datetime":  {time.Time{}, past, past, past},
		"depart_at": {saturday, time.Time{}, saturday, saturday},
		"both":      {saturday, past, saturday, past},
	} {
		got := Request{DepartAt: c.departAt, At: c.at, MaxAge: time.Hour}.Resolve(now, &geo.DefaultModel)
		if !got.DepartAt.Equal(c.wantDepartAt) || !got.At.Equal(c.wantAt) || got.MaxAge != time.Hour {
			t.Errorf("%s: departs %v, facts of %v", name, got.DepartAt, got.At)
		}
	}
}

func TestDecodeRequestRefuses(t *testing.T) {
	line := `[[-72.34,18.55],[-72.4,18.54]]`
	for _, c := range []struct{ raw, pointer, says string }{
		{``, "", "not JSON"},
		{`[]`, "", "not a JSON object"},
		{`{"line":` + line + `} {}`, "", "not JSON"},
		{`{}`, "/points", "needed"},
		{`{"points":null}`, "/points", "needed"},
		{`{"line":` + line + `,"points":` + line + `}`, "/line", "not both"},
		{`{"line":` + line + `,"line":` + line + `}`, "/line", "twice"},
		{`{"line":` + line + `,"avoid/tolls":true}`, "/avoid~1tolls", "no member"},
		{`{"points":[[-72.34,18.55]]}`, "/points", "two points"},
		{`{"points":[` + strings.Repeat(`[-72.34,18.55],`, 25) + `[-72.34,18.55]]}`, "/points", "at most 25"},
		{`{"points":[[-72.34,18.55],[-72.4]]}`, "/points/1", "[lon, lat]"},
		{`{"points":[[-72.34,18.55],[-72.4,18.5,3]]}`, "/points/1", "[lon, lat]"},
		{`{"points":[[-72.34,18.55],[null,18.5]]}`, "/points/1", "[lon, lat]"},
		{`{"points":[[18.55,-72.34],[-72.4,18.5]]}`, "/points/0", "swapped"},
		{`{"points":[[2.35,48.85],[-72.4,18.5]]}`, "/points/0", "outside Haiti"},
		{`{"line":[[-72.34,18.55],[-72.34,18.55]]}`, "/line", "two different"},
		{`{"line":[` + strings.Repeat(`[-74,18.2],[-72,19.9],`, 20) + `[-74,18.2]]}`, "/line", "at most 2000 km"},
		{`{"line":` + line + `,"vehicle":"tank"}`, "/vehicle", "none of"},
		{`{"line":` + line + `,"vehicle":5}`, "/vehicle", "string"},
		{`{"line":` + line + `,"profile":"tourist"}`, "/profile", "none of"},
		{`{"line":` + line + `,"depart_at":"Saturday"}`, "/depart_at", "RFC 3339"},
		{`{"line":` + line + `,"datetime":"1066-10-14"}`, "/datetime", "outside"},
		{`{"line":` + line + `,"asof":0}`, "/asof", "positive"},
		{`{"line":` + line + `,"asof":true}`, "/asof", "revision number"},
		{`{"line":` + line + `,"max_age_h":0}`, "/max_age_h", "1 to 8760"},
		{`{"line":` + line + `,"max_age_h":9000}`, "/max_age_h", "1 to 8760"},
		{`{"line":"` + strings.Repeat("x", MaxRequestBytes) + `"}`, "", "at most 163840 bytes"},
	} {
		_, err := DecodeRequest([]byte(c.raw))
		var fault *geo.Error
		if !errors.As(err, &fault) || fault.Pointer != c.pointer || !strings.Contains(fault.Detail, c.says) {
			t.Errorf("%.60s: %v", c.raw, err)
		}
	}
	_, err := DecodeRequest([]byte(`{"vehicle":"tank","profile":"tourist","x":1}`))
	var all geo.Errors
	if !errors.As(err, &all) || len(all) != 3 {
		t.Errorf("faults are not returned together: %v", err)
	}
}

// An error names the place of a fault, never the coordinates: it may be logged.
func TestErrorsDoNotNameEndpoints(t *testing.T) {
	for _, raw := range []string{`{"points":[[18.5512,-72.3412],[-72.4,18.5]]}`, `{"points":[[12.5512,48.3412],[-72.4,18.5]]}`} {
		if _, err := DecodeRequest([]byte(raw)); err == nil || strings.Contains(err.Error(), "5512") {
			t.Errorf("%v", err)
		}
	}
}

func FuzzDecodeRequest(f *testing.F) {
	f.Add([]byte(`{"points":[[-72.34,18.55],[-72.63343,18.5111]],"vehicle":"truck_10t","depart_at":"2025-11-15T09:00:00-05:00","asof":17,"max_age_h":48.5}`))
	f.Add([]byte(`{"line":[[-72.34,18.55],[-72.4,18.54]],"asof":"2025-11-14T00:00:00Z","datetime":"2025-11-14"}`))
	f.Add([]byte(`{"line":[[-72.34,18.55],[-72.4,18.54]],"avoid":[{"geometry":{"type":"Polygon","coordinates":[[[-72.5,18.5],[-72.3,18.5],[-72.4,18.6],[-72.5,18.5]]]},"factor":2}],
		"except":["RN2",[[-72.5,18.5],[-72.4,18.6]]],"what_if":{"close":[[-72.36,18.545]],"open":["00000000-0000-4000-8000-000000000001"]},"ignore":[],"seed":1}`))
	f.Add([]byte(`{"x":1}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, err := DecodeRequest(raw)
		if err != nil {
			if geo.CodeOf(err) == "" {
				t.Fatalf("an error without a code: %v", err)
			}
			return
		}
		r = r.Resolve(saturday, &geo.DefaultModel)
		if err := r.check(); err != nil {
			t.Fatalf("decoded but not accepted: %v", err)
		}
		s := newScene()
		if r.Points != nil {
			return
		}
		if _, err := s.try(r); err != nil {
			t.Fatal(err)
		}
	})
}
