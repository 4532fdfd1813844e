package passage

import (
	"bytes"
	"encoding/json"
	"slices"
	"testing"

	"github.com/paulmach/orb"
)

func TestAppendJSONIsWhatAnEncoderWrites(t *testing.T) {
	t.Parallel()
	trap := `"geometry":{"type":"LineString","coordinates":[]} <&>`
	s := openRoad(t).put("controlled-zones", box(10, -1, 20, 1), map[string]any{"control_type": "controlled", "name_fr": trap})
	answers := []*Answer{s.find(t, Request{Points: []orb.Point{place(1, 0), place(39, 0)}}), {}, {Geometry: Geometry{}}}
	if !slices.ContainsFunc(answers[0].Reasons, func(r Reason) bool { return r.Name != nil && *r.Name == trap }) {
		t.Fatalf("the answer does not name the zone: %+v", answers[0].Reasons)
	}
	for i, a := range answers {
		var want bytes.Buffer
		e := json.NewEncoder(&want)
		e.SetEscapeHTML(false)
		if err := e.Encode(a); err != nil {
			t.Fatal(err)
		}
		got, err := a.AppendJSON([]byte("x"))
		if err != nil {
			t.Fatal(err)
		}
		if string(got)+"\n" != "x"+want.String() {
			t.Errorf("answer %d:\n%s\n%s", i, got, want.String())
		}
	}
}
