package itinerary_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the program embeds it; the tests must not need the machine's

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/itinerary"
	"pasaj/geo/passage"
)

var update = flag.Bool("update", false, "write the golden files")

func pointer[T any](v T) *T { return &v }

// journey is an answer with something of everything.
func journey() *passage.Answer {
	depart := time.Date(2025, 11, 18, 14, 0, 0, 0, time.UTC)
	all := func(text string) geo.Text {
		return geo.Text{French: text + " (fr)", Haitian: text + " (ht)", English: text + " (en)"}
	}
	return &passage.Answer{
		Advice: "negotiation_needed",
		Reasons: []passage.Reason{
			{Kind: "unobserved", LengthM: pointer(1800.), Groups: []string{}, Effect: "passable_with_conditions", Text: all("Pas de nouvelle <récente> & sûre")},
			{
				Kind: "roadblock", Km: 4.25, Collection: pointer("roadblocks"), ID: pointer(uuid.MustParse("00000000-0000-4000-8000-000000000007")),
				Name: pointer("Poste du pont"), Groups: []string{"g9"}, Effect: "negotiation_needed", Text: all("Poste de péage, « pont »"),
			},
		},
		Geometry: passage.Geometry{{-72.34, 18.54}, {-72.34, 18.56}, {-72.3123456789, 18.5987654321}},
		LengthM:  8012.3, DurationS: 2461, UnassessedM: 1500, UnobservedM: 1800,
		Control: []passage.ControlLength{{ControlType: "controlled", LengthM: 4300.4}, {ControlType: "contested", LengthM: 2211.9}},
		Groups:  []passage.GroupLength{{Group: "g9", LengthM: 4300.4}},
		Tolls:   passage.Tolls{Count: 2, TotalHTG: pointer(2500.), LowHTG: pointer(1500.), HighHTG: pointer(4000.), Classes: []passage.ClassToll{{Vehicle: "ambulance", Known: 1, TotalHTG: 2500, LowHTG: 1500, HighHTG: 4000}}},
		NextOpening: &passage.NextOpening{
			ID: uuid.MustParse("00000000-0000-4000-8000-000000000007"), Km: 4.25, At: depart.Add(90 * time.Minute), WaitS: 3000, Waited: true,
		},
		Refuges: []passage.Refuge{
			{Collection: "facilities", Name: pointer("Hôpital du Nord"), FacilityType: "hospital", Functional: "partial", Km: 2.5, DistanceM: 312},
			{Collection: "police-facilities", FacilityType: "commissariat", Functional: "unknown", Km: 6, DistanceM: 40},
		},
		Risk:       passage.Risk{Known: 1.5, Unknown: .2, WorstLeg: .9, Entries: 1, Band: "high", Model: "test"},
		Legs:       []passage.Leg{},
		ValidUntil: depart.Add(6 * time.Hour), Revision: 42, Audience: "hum", DateTime: depart, DepartAt: depart,
		Vehicle: "ambulance", Profile: "ambulance", MaxAgeH: 168,
		Network: &passage.Network{Name: "test", Licence: "ODbL 1.0", PrecisionM: 60}, Notice: all("Réponse approximative."),
	}
}

// nowhere is an answer without a way or a reason.
func nowhere() *passage.Answer {
	a := journey()
	a.Advice, a.Geometry, a.Reasons, a.Control, a.Tolls, a.NextOpening, a.Refuges = "insufficient_information", nil, []passage.Reason{}, nil, passage.Tolls{Count: 1}, nil, nil
	return a
}

func forms(t *testing.T, a *passage.Answer) map[string][]byte {
	t.Helper()
	collection, err := itinerary.GeoJSON(a)
	if err != nil {
		t.Fatal(err)
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, collection, "", "  "); err != nil {
		t.Fatal(err)
	}
	indented.WriteByte('\n')
	out := map[string][]byte{"geojson": indented.Bytes()}
	for _, language := range []string{"fr", "ht", "en"} {
		track, err := itinerary.GPX(a, language)
		if err != nil {
			t.Fatal(err)
		}
		out[language+".gpx"] = track
		out[language+".txt"] = []byte(itinerary.Text(a, language))
	}
	return out
}

func TestGoldenForms(t *testing.T) {
	for name, a := range map[string]*passage.Answer{"journey": journey(), "nowhere": nowhere()} {
		for form, got := range forms(t, a) {
			file := filepath.Join("testdata", name+"."+form)
			if *update {
				if err := os.MkdirAll("testdata", 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(file, got, 0o644); err != nil {
					t.Fatal(err)
				}
				continue
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("%s differs:\n%s", file, got)
			}
		}
	}
}

var promise = regexp.MustCompile(`(?i)\bsafe|\bsécuris|\bsans danger|\bsan danje`)

// No form says less than the answer does about what is not known.
func TestEveryFormCarriesWhatIsNotKnown(t *testing.T) {
	for _, a := range []*passage.Answer{journey(), nowhere()} {
		for form, got := range forms(t, a) {
			language, _, _ := strings.Cut(form, ".")
			notice := a.Notice.In(language)
			if !bytes.Contains(got, []byte(notice)) {
				t.Errorf("%s %s: no notice", a.Advice, form)
			}
			if !bytes.Contains(got, []byte("42")) || !bytes.Contains(got, []byte("hum")) {
				t.Errorf("%s %s: revision or audience is missing", a.Advice, form)
			}
			if found := promise.Find(got); found != nil {
				t.Errorf("%s %s promises: %s", a.Advice, form, found)
			}
			for i := range a.Reasons {
				text := strings.NewReplacer("<", "", ">", "", "&", "").Replace(a.Reasons[i].Text.In(language))
				plain := strings.NewReplacer("&lt;", "", "&gt;", "", "&amp;", "", `\u003c`, "", `\u003e`, "", `\u0026`, "", "<", "", ">", "", "&", "").Replace(string(got))
				if !strings.Contains(plain, text) {
					t.Errorf("%s %s lacks the reason %q", a.Advice, form, text)
				}
			}
		}
	}
}

func TestGeoJSONHasTheWayAndItsReasons(t *testing.T) {
	raw, err := itinerary.GeoJSON(journey())
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Type     string
		Features []struct {
			Type     string
			Geometry *struct {
				Type        string
				Coordinates json.RawMessage
			}
			Properties map[string]any
		}
	}
	if err := json.Unmarshal(raw, &got); err != nil {
		t.Fatal(err)
	}
	if got.Type != "FeatureCollection" || len(got.Features) != 3 || got.Features[0].Geometry.Type != "LineString" || got.Features[2].Geometry.Type != "Point" {
		t.Fatalf("%s", raw)
	}
	way := got.Features[0].Properties
	if way["kind"] != "way" || way["advice"] != "negotiation_needed" || way["valid_until"] == nil || way["notice"] == nil {
		t.Errorf("the way has the properties %v", way)
	}
	if _, twice := way["geometry"]; twice {
		t.Error("the geometry is there twice")
	}
	// 4.25 km along lie on the second stretch.
	var at orb.Point
	if err := json.Unmarshal(got.Features[2].Geometry.Coordinates, &at); err != nil {
		t.Fatal(err)
	}
	if at[1] <= 18.56 || at[1] >= 18.5988 || at[0] <= -72.34 || at[0] >= -72.312 {
		t.Errorf("the roadblock is drawn at %v", at)
	}
	raw, err = itinerary.GeoJSON(nowhere())
	if err != nil || !bytes.Contains(raw, []byte(`"geometry":null`)) {
		t.Errorf("without a way: %s %v", raw, err)
	}
}

// GPX is read back by its schema's names; texts with any characters stay XML.
func TestGPXIsWellFormed(t *testing.T) {
	a := journey()
	a.Reasons[1].Text.French = "a\x00b \x1b ]]> <wpt lat=\"1\"> \xff"
	raw, err := itinerary.GPX(a, "fr")
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		XMLName   xml.Name `xml:"http://www.topografix.com/GPX/1/1 gpx"`
		Version   string   `xml:"version,attr"`
		Waypoints []struct {
			Lat  float64 `xml:"lat,attr"`
			Lon  float64 `xml:"lon,attr"`
			Name string  `xml:"name"`
		} `xml:"wpt"`
		Points []struct {
			Lat float64 `xml:"lat,attr"`
			Lon float64 `xml:"lon,attr"`
		} `xml:"trk>trkseg>trkpt"`
	}
	if err := xml.Unmarshal(raw, &got); err != nil {
		t.Fatalf("%v in %s", err, raw)
	}
	if got.Version != "1.1" || len(got.Waypoints) != 2 || len(got.Points) != 3 {
		t.Fatalf("%+v", got)
	}
	for i, p := range a.Geometry {
		if got.Points[i].Lon != geo.RoundCoordinate(p[0]) || got.Points[i].Lat != geo.RoundCoordinate(p[1]) {
			t.Errorf("point %d is %v, not %v", i, got.Points[i], p)
		}
	}
	if got.Waypoints[1].Name != "km 4,3" && got.Waypoints[1].Name != "km 4,2" {
		t.Errorf("the waypoint is called %q", got.Waypoints[1].Name)
	}
}

func TestTextSpeaksOneLanguage(t *testing.T) {
	for language, others := range map[string][]string{"fr": {"(ht)", "(en)"}, "ht": {"(fr)", "(en)"}, "en": {"(fr)", "(ht)"}, "de": {"(ht)", "(en)"}} {
		got := itinerary.Text(journey(), language)
		for _, other := range others {
			if strings.Contains(got, other) {
				t.Errorf("%s holds %s:\n%s", language, other, got)
			}
		}
	}
}
