package api

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/road"
	"pasaj/geo/world"
)

// network makes a road network known to every audience from a new revision on.
func (s *service) network(id string, edges ...road.EdgeInput) {
	s.t.Helper()
	g, err := road.Build(road.Network{ID: id, Name: "Réseau", Licence: "© OpenStreetMap contributors", PrecisionM: 60}, edges)
	if err != nil {
		s.t.Fatal(err)
	}
	r := s.record
	r.mu.Lock()
	defer r.mu.Unlock()
	r.revision++
	var worlds [4]*world.World
	var events [4][]geo.Event
	for _, a := range geo.Audiences() {
		next, event := r.live.World(a).Apply(world.Step{Revision: r.revision, At: r.instant(r.revision), Network: g})
		worlds[a], events[a] = next, []geo.Event{event}
		r.events[a] = append(r.events[a], event)
	}
	r.worlds[r.revision] = worlds
	r.live.Publish(worlds, events)
	r.live.Touch(r.instant(r.revision))
}

func street(id int64, class, ref string, lon float64) road.EdgeInput {
	return road.EdgeInput{
		ID: id, Class: class, Ref: ref, PrecisionM: 60,
		Geometry: orb.LineString{{lon, 18.5}, {geo.RoundCoordinate(lon + 0.01), 18.5}},
	}
}

type roadsAnswer struct {
	Type     string       `json:"type"`
	Network  *roadNetwork `json:"network"`
	Matched  int          `json:"numberMatched"`
	Returned int          `json:"numberReturned"`
	Features []struct {
		Type     string `json:"type"`
		ID       int64  `json:"id"`
		Geometry struct {
			Type        string       `json:"type"`
			Coordinates [][2]float64 `json:"coordinates"`
		} `json:"geometry"`
		Properties map[string]any `json:"properties"`
	} `json:"features"`
}

func TestRoads(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.place(1, -72.3, 18.5)
	none := want(t, s.get("/v1/roads"), http.StatusOK)
	if got := decodeBody[roadsAnswer](t, none); got.Type != "FeatureCollection" || got.Network != nil || got.Features == nil || len(got.Features) != 0 {
		t.Errorf("without a network: %s", none.Body)
	}

	s.network("first", street(7, road.ClassNational, "RN1; RN3", -72.3), road.EdgeInput{
		ID: 8, Class: road.ClassUrban, Name: "Rue <Capois>", Surface: "asphalt", Oneway: true, PrecisionM: 60,
		Geometry: orb.LineString{{-72.29, 18.5}, {-72.29, 18.51}},
	})
	w := want(t, s.get("/v1/roads"), http.StatusOK)
	got := decodeBody[roadsAnswer](t, w)
	if w.Header().Get("Content-Type") != mediaGeoJSON || w.Header().Get("Pasaj-Revision") != "2" || w.Header().Get("Etag") == none.Header().Get("Etag") {
		t.Errorf("headers %v", w.Header())
	}
	if got.Network == nil || *got.Network != (roadNetwork{"first", "Réseau", "© OpenStreetMap contributors", 60}) || got.Matched != 2 || got.Returned != 2 || len(got.Features) != 2 {
		t.Fatalf("%s", w.Body)
	}
	one, two := got.Features[0], got.Features[1]
	if one.ID != 7 || one.Type != "Feature" || one.Geometry.Type != "LineString" || !slices.Equal(one.Geometry.Coordinates, [][2]float64{{-72.3, 18.5}, {-72.29, 18.5}}) ||
		one.Properties["ref"] != "RN1;RN3" || one.Properties["name"] != nil || one.Properties["class"] != "RN" || one.Properties["oneway"] != false {
		t.Errorf("%+v", one)
	}
	if length, _ := one.Properties["length_m"].(float64); length < 1050 || length > 1060 {
		t.Errorf("a hundredth of a degree of longitude is %v m", length)
	}
	if two.Properties["name"] != "Rue <Capois>" || two.Properties["surface"] != "asphalt" || two.Properties["oneway"] != true || two.Properties["precision_m"] != 60.0 || two.Properties["ref"] != nil {
		t.Errorf("%+v", two)
	}

	// The tag is that of the network: other revisions do not change it.
	tag := w.Header().Get("Etag")
	s.place(2, -72.2, 18.5)
	want(t, s.get("/v1/roads", with("If-None-Match", tag)), http.StatusNotModified)
	s.network("second", street(1, road.ClassUrban, "", -72.3))
	if w := want(t, s.get("/v1/roads", with("If-None-Match", tag)), http.StatusOK); len(decodeBody[roadsAnswer](t, w).Features) != 1 {
		t.Errorf("the second network: %s", w.Body)
	}
	past := want(t, s.get("/v1/roads?asof=2"), http.StatusOK)
	if past.Body.String() != w.Body.String() || past.Header().Get("Cache-Control") != immutable[0] {
		t.Errorf("as of revision 2: %s", past.Body)
	}
	want(t, s.get("/v1/roads?bbox=1,2,3,4"), http.StatusBadRequest)
}

// Whoever asks gets the same bytes: the network is no audience's own.
func TestRoadsAreTheSameForEveryAudience(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.network("n", street(1, road.ClassUrban, "", -72.3))
	public := want(t, s.get("/v1/roads"), http.StatusOK).Body.String()
	for _, a := range geo.Audiences() {
		if got := s.get("/v1/roads", bearer(s.record.token(geo.Reader, a))).Body.String(); got != public {
			t.Errorf("%s: %s", a, got)
		}
	}
}

func TestLargeNetworksAreServedFromTheTopClassDown(t *testing.T) {
	t.Parallel()
	g, err := road.Build(road.Network{ID: "n"}, []road.EdgeInput{
		street(1, road.ClassUrban, "", -72.3), street(2, road.ClassNational, "RN1", -72.2),
		street(3, road.ClassUrban, "", -72.1), street(4, road.ClassDepartmental, "", -72.4),
	})
	if err != nil {
		t.Fatal(err)
	}
	for most, wanted := range map[int]string{1: "2", 2: "2 4", 3: "1 2 4", 9: "1 2 3 4"} {
		raw, err := encodeRoads(g, most)
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, part := range strings.Split(string(raw), `"id":`)[2:] {
			ids = append(ids, part[:1])
		}
		if got := strings.Join(ids, " "); got != wanted || !strings.Contains(string(raw), `"numberMatched":4`) {
			t.Errorf("at most %d: %s in %s", most, got, raw)
		}
	}
}
