package osm_test

import (
	"bytes"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"pasaj/data/osm"
	"pasaj/data/osm/osmtest"
	"pasaj/geo"
	"pasaj/geo/measure"
	"pasaj/geo/road"
)

// sketch is a small map: nodes lie on a grid of about 100 m, and a letter is a
// node.
type sketch struct {
	nodes     map[string]orb.Point // by letter, in steps of the grid
	tags      map[string]string    // of nodes
	ways      []drawnWay
	relations []drawnRelation
	writer    osmtest.Options
}

type drawnWay struct {
	id    int64
	nodes string // letters
	tags  string // key=value separated by |
}

type drawnRelation struct {
	id      int64
	members []osmtest.Member
	tags    string
}

const gridStep = .001

func place(p orb.Point) orb.Point {
	return orb.Point{math.Round((-72.3+p[0]*gridStep)*1e7) / 1e7, math.Round((18.5+p[1]*gridStep)*1e7) / 1e7}
}

func tagsOf(text string) []osmtest.Tag {
	var out []osmtest.Tag
	for _, pair := range strings.Split(text, "|") {
		if key, value, ok := strings.Cut(pair, "="); ok {
			out = append(out, osmtest.Tag{Key: key, Value: value})
		}
	}
	return out
}

func (s sketch) file(t testing.TB) []byte {
	t.Helper()
	var out bytes.Buffer
	w := osmtest.NewWriter(&out, s.writer)
	var letters []string
	for letter := range s.nodes {
		letters = append(letters, letter)
	}
	slices.Sort(letters)
	for _, letter := range letters {
		p := place(s.nodes[letter])
		if err := w.Node(int64(letter[0]), p[0], p[1], tagsOf(s.tags[letter])...); err != nil {
			t.Fatal(err)
		}
	}
	for _, way := range s.ways {
		var refs []int64
		for _, letter := range way.nodes {
			refs = append(refs, int64(letter))
		}
		if err := w.Way(way.id, refs, tagsOf(way.tags)...); err != nil {
			t.Fatal(err)
		}
	}
	for _, r := range s.relations {
		if err := w.Relation(r.id, r.members, tagsOf(r.tags)...); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func (s sketch) read(t testing.TB, o osm.Options) *osm.Result {
	t.Helper()
	got, err := osm.Read(t.Context(), bytes.NewReader(s.file(t)), o)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// letters writes the edges of a result by the letters of their nodes; a point
// that is no node of the sketch is a dot.
func (s sketch) letters(got *osm.Result) []string {
	name := map[orb.Point]string{}
	for letter, p := range s.nodes {
		name[place(p)] = letter
	}
	var out []string
	for _, e := range got.Edges {
		text := ""
		for _, p := range e.Geometry {
			if letter, ok := name[p]; ok {
				text += letter
			} else {
				text += "."
			}
		}
		out = append(out, text)
	}
	return out
}

func count(list []osm.Count, what string) int {
	for _, c := range list {
		if strings.Contains(c.What, what) {
			return c.N
		}
	}
	return 0
}

// cross is two streets that meet at c:
//
//	    e
//	    |
//	a-b-c-d
//	    |
//	    f
func cross() sketch {
	return sketch{
		nodes: map[string]orb.Point{"a": {0, 0}, "b": {1, 0}, "c": {2, 0}, "d": {3, 0}, "e": {2, 1}, "f": {2, -1}},
		tags:  map[string]string{},
		ways: []drawnWay{
			{1, "abcd", "highway=primary|ref=RN 1|name=Route|surface=asphalt"},
			{2, "ecf", "highway=residential|oneway=yes"},
		},
	}
}

func TestWaysAreCutWhereTheyMeet(t *testing.T) {
	t.Parallel()
	s := cross()
	got := s.read(t, osm.Options{})
	if want := []string{"abc", "cd", "ec", "cf"}; !slices.Equal(s.letters(got), want) {
		t.Fatalf("edges %q, want %q", s.letters(got), want)
	}
	e := got.Edges[0]
	if e.ID != 1 || e.WayID != 1 || e.Ref != "RN1" || e.Class != road.ClassNational || e.Name != "Route" || e.Surface != "asphalt" || e.Oneway || e.SpeedKmh != 45 || e.PrecisionM != 10 {
		t.Errorf("first edge: %+v", e)
	}
	if !got.Edges[2].Oneway || got.Edges[2].WayID != 2 || got.Edges[2].Class != road.ClassUrban {
		t.Errorf("third edge: %+v", got.Edges[2])
	}
	r := got.Report
	if r.Roads != 2 || r.Ways != 2 || r.Nodes != 6 || r.SharedNodes != 1 || r.Crossroads != 1 || r.Components != 1 || r.Oneways != 2 || r.Junctions != 5 {
		t.Errorf("report: %+v", r)
	}
	if got.Graph.Len() != 4 || got.Network.Licence == "" || got.Network.Name == "" {
		t.Errorf("network: %+v", got.Network)
	}
}

func TestOrderOfTheFileDoesNotMatter(t *testing.T) {
	t.Parallel()
	s := cross()
	want := s.read(t, osm.Options{})
	s.writer = osmtest.Options{Raw: true, BlockElements: 1, Fault: osmtest.Fault{Unsorted: true}}
	slices.Reverse(s.ways)
	got := s.read(t, osm.Options{})
	if got.Network.ID != want.Network.ID || !slices.Equal(s.letters(got), s.letters(want)) {
		t.Errorf("unsorted: %s %q, want %s %q", got.Network.ID, s.letters(got), want.Network.ID, s.letters(want))
	}
	s.ways[0].tags += "|name=Another"
	if other := s.read(t, osm.Options{}); other.Network.ID == want.Network.ID {
		t.Error("another name, the same network")
	}
}

func TestTextsAreCleaned(t *testing.T) {
	t.Parallel()
	s := cross()
	s.ways[0].tags = "highway=primary|name=Rue\x00\xffCapois\n"
	if got := s.read(t, osm.Options{}).Edges[0].Name; got != "Rue \uFFFDCapois" {
		t.Errorf("name %q", got)
	}
}

func TestReversedOneway(t *testing.T) {
	t.Parallel()
	s := cross()
	s.ways[1].tags = "highway=residential|oneway=-1"
	got := s.read(t, osm.Options{})
	if want := []string{"abc", "cd", "ce", "fc"}; !slices.Equal(s.letters(got), want) || !got.Edges[2].Oneway {
		t.Errorf("edges %q, want %q", s.letters(got), want)
	}
}

func TestBridgesAndUnsharedNodes(t *testing.T) {
	t.Parallel()
	s := cross()
	// The second street passes over the first on a node of its own.
	s.nodes["g"] = orb.Point{2, 0.0001}
	s.ways[1] = drawnWay{2, "egf", "highway=residential|bridge=yes"}
	got := s.read(t, osm.Options{})
	if want := []string{"abcd", "egf"}; !slices.Equal(s.letters(got), want) || !got.Edges[1].Bridge || got.Report.Bridges != 1 {
		t.Errorf("edges %q, want %q", s.letters(got), want)
	}
	if got.Report.NearCrossings != 0 || got.Report.NearEnds != 0 || got.Report.Components != 2 {
		t.Errorf("a bridge misses nothing: %+v", got.Report)
	}
	s.ways[1].tags = "highway=residential"
	got = s.read(t, osm.Options{})
	if got.Report.NearCrossings != 1 || len(got.Report.NearMisses) != 1 || got.Report.NearMisses[0].Way != 1 || got.Report.NearMisses[0].OtherWay != 2 {
		t.Errorf("a crossing without a node: %+v", got.Report.NearMisses)
	}
	if got = s.read(t, osm.Options{Join: true}); got.Report.Joined != 1 || got.Report.Components != 1 || len(got.Edges) != 4 {
		t.Errorf("joined: %d edges, %+v", len(got.Edges), got.Report)
	}
}

func TestBarriersAreEdgesOfTheirOwn(t *testing.T) {
	t.Parallel()
	t.Run("within a road", func(t *testing.T) {
		s := cross()
		s.tags["b"] = "barrier=gate|access=private"
		got := s.read(t, osm.Options{})
		if want := []string{"a.", ".b", "bc", "cd", "ec", "cf"}; !slices.Equal(s.letters(got), want) {
			t.Fatalf("edges %q, want %q", s.letters(got), want)
		}
		gate := got.Edges[1]
		if gate.Barrier != "gate" || gate.Access != 1<<len(geo.VehicleClasses)-1 || math.Abs(measure.LengthM(gate.Geometry)-2.5) > .05 {
			t.Errorf("the gate: %+v, %g m", gate, measure.LengthM(gate.Geometry))
		}
		if got.Edges[0].Barrier != "" || got.Edges[2].Access != 0 || got.Report.Components != 1 {
			t.Errorf("beside the gate: %+v, %+v", got.Edges[0], got.Edges[2])
		}
		if count(got.Report.Barriers, "gate") != 1 || got.Report.NearEnds != 0 {
			t.Errorf("report: %+v", got.Report)
		}
	})
	t.Run("at a crossing", func(t *testing.T) {
		s := cross()
		s.tags["c"] = "barrier=bollard"
		got := s.read(t, osm.Options{})
		stands := 0
		for _, e := range got.Edges {
			if e.Barrier == "bollard" {
				stands++
			}
		}
		if stands != 4 || len(got.Edges) != 8 || got.Report.Components != 1 {
			t.Errorf("%d edges with a bollard among %q, want one on each arm", stands, s.letters(got))
		}
	})
	t.Run("at a dead end, against the nodes", func(t *testing.T) {
		s := cross()
		s.tags["e"], s.tags["f"] = "barrier=chain", "barrier=gate"
		s.ways[1].tags = "highway=residential|oneway=-1"
		got := s.read(t, osm.Options{})
		if want := []string{"abc", "cd", "c.", ".e", "f.", ".c"}; !slices.Equal(s.letters(got), want) {
			t.Fatalf("edges %q, want %q", s.letters(got), want)
		}
		if got.Edges[3].Barrier != "chain" || got.Edges[4].Barrier != "gate" {
			t.Errorf("barriers: %+v", got.Edges)
		}
	})
	t.Run("on a road too short to divide", func(t *testing.T) {
		s := cross()
		s.nodes["b"] = orb.Point{.05, 0}
		s.nodes["c"] = orb.Point{.1, 0}
		s.nodes["e"], s.nodes["f"] = orb.Point{.1, 1}, orb.Point{.1, -1}
		s.tags["b"] = "barrier=gate"
		got := s.read(t, osm.Options{})
		if want := []string{"ab", "bc", "cd", "ec", "cf"}; !slices.Equal(s.letters(got), want) || got.Edges[0].Barrier != "gate" || got.Edges[1].Barrier != "" {
			t.Errorf("edges %q, want %q", s.letters(got), want)
		}
	})
}

func TestTownsMakeStreets(t *testing.T) {
	t.Parallel()
	s := cross()
	s.ways[1].tags = "highway=unclassified"
	if got := s.read(t, osm.Options{}); got.Edges[2].Class != road.ClassCommunal {
		t.Errorf("in the country: %s", got.Edges[2].Class)
	}
	s.nodes["z"], s.tags["z"] = orb.Point{3, 3}, "place=town|name=Mirebalais"
	if got := s.read(t, osm.Options{}); got.Edges[2].Class != road.ClassUrban {
		t.Errorf("in a town: %s", got.Edges[2].Class)
	}
	s.nodes["z"] = orb.Point{30, 3}
	if got := s.read(t, osm.Options{}); got.Edges[2].Class != road.ClassCommunal {
		t.Errorf("three kilometres from a town: %s", got.Edges[2].Class)
	}
}

func TestClip(t *testing.T) {
	t.Parallel()
	s := cross()
	west, east := place(orb.Point{.5, 0})[0], place(orb.Point{2.5, 0})[0]
	area, err := osm.ParseBox("-72.2995,18.4,-72.2975,18.5005")
	if err != nil {
		t.Fatal(err)
	}
	got := s.read(t, osm.Options{Clip: area})
	if want := []string{".bc", "c.", ".c", "cf"}; !slices.Equal(s.letters(got), want) {
		t.Fatalf("edges %q, want %q", s.letters(got), want)
	}
	if first, last := got.Edges[0].Geometry[0], got.Edges[1].Geometry[1]; math.Abs(first[0]-west) > 1e-7 || math.Abs(last[0]-east) > 1e-7 {
		t.Errorf("cut at %v and %v, want longitudes %g and %g", first, last, west, east)
	}
	if got.Report.CutEdges != 3 || got.Report.OutsideEdges != 0 {
		t.Errorf("report: %+v", got.Report)
	}
	// A ring with a hole over the crossing leaves the four ends.
	hole, err := osm.ReadArea(strings.NewReader(`{"type":"Feature","properties":{},"geometry":{"type":"Polygon","coordinates":[
		[[-72.31,18.49],[-72.29,18.49],[-72.29,18.51],[-72.31,18.51],[-72.31,18.49]],
		[[-72.2985,18.4995],[-72.2985,18.5005],[-72.2975,18.5005],[-72.2975,18.4995],[-72.2985,18.4995]]]}}`))
	if err != nil {
		t.Fatal(err)
	}
	got = s.read(t, osm.Options{Clip: hole})
	if want := []string{"ab.", ".d", "e.", ".f"}; !slices.Equal(s.letters(got), want) {
		t.Errorf("edges %q, want %q", s.letters(got), want)
	}
	_, err = osm.Read(t.Context(), bytes.NewReader(s.file(t)), osm.Options{Clip: orb.MultiPolygon{orb.Bound{Min: orb.Point{-74, 19}, Max: orb.Point{-73.9, 19.1}}.ToPolygon()}})
	if geo.CodeOf(err) != geo.CodeUnprocessable {
		t.Errorf("nothing inside the area: %v", err)
	}
}

func TestRoadsBeyondTheRecordAreCut(t *testing.T) {
	t.Parallel()
	s := cross()
	s.nodes["d"] = orb.Point{(-70.4 + 72.3) / gridStep, 0} // east of all that is recorded, too far for a road
	s.nodes["y"] = orb.Point{(-70.51 + 72.3) / gridStep, 0}
	s.ways[0].nodes = "abc"
	s.ways = append(s.ways, drawnWay{3, "yd", "highway=track"}, drawnWay{4, "cd", "highway=track"})
	got := s.read(t, osm.Options{})
	last := got.Edges[len(got.Edges)-1]
	if p := last.Geometry[1]; last.WayID != 3 || !geo.Extent.Contains(p) || p[0] < -70.51 {
		t.Errorf("the last edge: %+v", last)
	}
	if got.Report.FarSegments != 1 || count(got.Report.DroppedWays, "fewer than two nodes") != 1 {
		t.Errorf("a road of 200 km without a node is none: %+v", got.Report)
	}
}

func TestFaultsAreCounted(t *testing.T) {
	t.Parallel()
	s := cross()
	s.writer.Fault.Unsorted = true // two ways of one number
	s.nodes["g"], s.nodes["h"], s.nodes["i"] = orb.Point{10, 0}, orb.Point{11, 0}, orb.Point{12, 0}
	s.nodes["j"] = orb.Point{72.3 / gridStep, -18.5 / gridStep} // null island
	s.nodes["k"] = orb.Point{11, 0}                             // at the place of h
	s.ways = append(s.ways,
		drawnWay{2, "gh", "highway=primary"},               // a number again
		drawnWay{3, "fce", "highway=track|oneway=-1"},      // way 2 backwards
		drawnWay{4, "cd", "highway=track"},                 // part of way 1
		drawnWay{5, "g?hi", "highway=track"},               // a node the file does not have
		drawnWay{6, "gjih", "highway=service"},             // a node at 0/0, and over hi
		drawnWay{7, "g", "highway=service"},                // too short
		drawnWay{8, "hk", "highway=service"},               // no length
		drawnWay{9, "hhki", "highway=service"},             // over hi, with its repetitions
		drawnWay{10, "ab", "building=yes"},                 // no road
		drawnWay{11, "ab", "highway=construction"},         // not yet
		drawnWay{12, "ab", "route=ferry"},                  // on water
		drawnWay{13, "gi", "highway=track|surface=cheese"}, // of a new kind
		drawnWay{14, "ig", "highway=track|oneway=yes"},     // serves what 13 does already
		drawnWay{15, "ai", "highway=track|oneway=yes"},     // one way ...
		drawnWay{16, "ia", "highway=track|oneway=yes"},     // ... and back, on its own
		drawnWay{17, "ef", "highway=tertiary|oneway=reversible"},
	)
	got := s.read(t, osm.Options{})
	r := got.Report
	for _, c := range []struct {
		what      string
		got, want int
	}{
		{"duplicate numbers", count(r.DroppedWays, "same number"), 1},
		{"duplicate lines", count(r.DroppedWays, "very nodes"), 4},
		{"too few nodes", count(r.DroppedWays, "fewer than two"), 1},
		{"no length", count(r.DroppedWays, "no length"), 1},
		{"not built", count(r.DroppedWays, "under construction"), 1},
		{"ferries", count(r.DroppedWays, "ferry"), 1},
		{"other ways", r.OtherWays, 1},
		{"missing nodes", r.MissingNodes, 2},
		{"misplaced nodes", r.MisplacedNodes, 1},
		{"cut ways", r.CutWays, 2},
		{"reversible", r.Reversible, 1},
		{"surfaces", r.UnknownSurfaces, 1},
		{"ways", r.Ways, len(s.ways)},
	} {
		if c.got != c.want {
			t.Errorf("%s: %d, want %d", c.what, c.got, c.want)
		}
	}
	for _, dropped := range r.DroppedWays {
		r.Roads += dropped.N
	}
	if r.Roads+r.OtherWays != r.Ways {
		t.Errorf("%d ways are accounted for, of %d", r.Roads+r.OtherWays, r.Ways)
	}
	t.Logf("\n%s%q", &got.Report, s.letters(got))
}

func TestLongWay(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	w := osmtest.NewWriter(&out, osmtest.Options{})
	refs := make([]int64, 10_000)
	for i := range refs {
		refs[i] = int64(i + 1)
		if err := w.Node(refs[i], -72.3+float64(i)*1e-5, 18.5); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Way(1, refs, osmtest.Tag{Key: "highway", Value: "track"}); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	got, err := osm.Read(t.Context(), bytes.NewReader(out.Bytes()), osm.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Edges) != 1 || len(got.Edges[0].Geometry) != 10_000 || got.Report.LongWays != 1 {
		t.Errorf("%d edges, %d long ways", len(got.Edges), got.Report.LongWays)
	}
}

// TestCountry reads a drawn country and compares with what was drawn.
func TestCountry(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	w := osmtest.NewWriter(&out, osmtest.Options{})
	size, err := osmtest.Country(w, osmtest.CountryOptions{Seed: 3, Scale: .02})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	phases := map[string]bool{}
	got, err := osm.Read(t.Context(), bytes.NewReader(out.Bytes()), osm.Options{Progress: func(p osm.Progress) { phases[p.Phase] = true }})
	if err != nil {
		t.Fatal(err)
	}
	r := got.Report
	if r.Ways != size.Ways || r.RoadNodes != size.Nodes || math.Abs(r.LengthM/1000-size.LengthKm) > .001*size.LengthKm {
		t.Errorf("%d ways, %d nodes, %g km; drawn were %+v", r.Ways, r.RoadNodes, r.LengthM/1000, size)
	}
	barriers := 0
	for _, c := range r.Barriers {
		barriers += c.N
	}
	if barriers != size.Barriers {
		t.Errorf("%d barriers, drawn were %d", barriers, size.Barriers)
	}
	ignored := 0
	for _, c := range r.TurnsIgnored {
		ignored += c.N
	}
	if r.TurnsUsed+ignored != size.Restrictions || len(got.Turns) < r.TurnsUsed {
		t.Errorf("%d turns used, %d ignored, drawn were %d", r.TurnsUsed, ignored, size.Restrictions)
	}
	if !phases["roads"] || !phases["nodes"] || !phases["network"] {
		t.Errorf("phases shown: %v", phases)
	}
}

// TestShuffledSketch: however the elements lie in the file, the network is the
// same.
func TestShuffledSketch(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	s := cross()
	s.nodes["g"] = orb.Point{4, 4}
	s.ways = append(s.ways, drawnWay{3, "dge", "highway=tertiary"}, drawnWay{4, "gba", "highway=path"})
	s.tags["b"] = "barrier=stile"
	s.relations = []drawnRelation{restriction(1, "no_left_turn", 1, 'c', 2)}
	want := s.read(t, osm.Options{}).Network.ID
	s.writer.Fault.Unsorted = true
	for range 20 {
		s.writer.BlockElements = 1 + random.IntN(4)
		random.Shuffle(len(s.ways), func(i, j int) { s.ways[i], s.ways[j] = s.ways[j], s.ways[i] })
		if got := s.read(t, osm.Options{}).Network.ID; got != want {
			t.Fatalf("network %s, want %s", got, want)
		}
	}
}
