package exclusion

import (
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"pasaj/geo/measure"
	"pasaj/geo/overlay"
)

func numbered(n byte) uuid.UUID { return uuid.UUID{15: n} }

func box(lon, lat, width, height float64) orb.MultiPolygon {
	return orb.MultiPolygon{orb.Bound{Min: orb.Point{lon, lat}, Max: orb.Point{lon + width, lat + height}}.ToPolygon()}
}

func TestOpenRouteServiceKeepsItsLimits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		degrees := rapid.Float64Range(.001, .6)
		area := box(-73+degrees.Draw(t, "lon"), 18+degrees.Draw(t, "lat"), degrees.Draw(t, "width"), degrees.Draw(t, "height"))
		got, err := OpenRouteService([]Hazard{{Geometry: area}}, DefaultOpenRouteService)
		if err != nil {
			t.Fatal(err)
		}
		total := 0.0
		for _, p := range got {
			m2 := measure.AreaM2(p)
			total += m2
			if m2 > DefaultOpenRouteService.AreaM2 || extentM(p.Bound()) > DefaultOpenRouteService.ExtentM {
				t.Fatalf("a part has %.0f km² over %.1f km", m2/1e6, extentM(p.Bound())/1000)
			}
		}
		whole, err := overlay.Union([]orb.MultiPolygon{area})
		if err != nil {
			t.Fatal(err)
		}
		if want := measure.AreaM2(whole); total < want*(1-1e-4) || total > want*(1+1e-4) {
			t.Fatalf("the parts have %.3f km² together, the whole %.3f", total/1e6, want/1e6)
		}
	})
}

func TestValhallaLeavesOutTheLightest(t *testing.T) {
	hazards := []Hazard{
		{Collection: "controlled-zones", ID: numbered(1), Geometry: box(-72.3, 18.5, .01, .01), Weight: 1}, // some 4.3 km round
		{Collection: "controlled-zones", ID: numbered(2), Geometry: box(-72.4, 18.5, .01, .01), Weight: 3},
		{Collection: "controlled-zones", ID: numbered(3), Geometry: box(-72.5, 18.5, .01, .01), Weight: 2},
		{Collection: "roadblocks", ID: numbered(4), Geometry: orb.Point{-72.33, 18.55}},
	}
	got, err := Valhalla(hazards, DefaultValhalla)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Polygons) != 2 || len(got.Locations) != 1 {
		t.Errorf("%d polygons and %d locations, want 2 and 1", len(got.Polygons), len(got.Locations))
	}
	if len(got.Left) != 1 || got.Left[0].ID != numbered(1) {
		t.Errorf("left out is %v, want the lightest", got.Left)
	}
	total := 0.0
	for _, r := range got.Polygons {
		total += perimeterM(r)
	}
	if total > DefaultValhalla.PerimeterM {
		t.Errorf("perimeters add up to %.0f m", total)
	}
}

func TestValhallaTurnsPointsBeyondTheLimitIntoPolygons(t *testing.T) {
	hazards := []Hazard{{Geometry: orb.Point{-72.33, 18.55}, ID: numbered(1)}, {Geometry: orb.Point{-72.34, 18.55}, ID: numbered(2)}}
	got, err := Valhalla(hazards, ValhallaLimits{PerimeterM: 1000, Locations: 1})
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Locations) != 1 || len(got.Polygons) != 1 || len(got.Left) != 0 {
		t.Errorf("got %+v", got)
	}
}

func TestCircleCoversItsRadius(t *testing.T) {
	h := Hazard{Geometry: orb.Point{-72.33, 18.55}, RadiusM: 200}
	area, err := h.area()
	if err != nil {
		t.Fatal(err)
	}
	for azimuth := range 360 {
		if p := measure.Destination(orb.Point{-72.33, 18.55}, float64(azimuth), 199.5); !overlay.Contains(area, p) {
			t.Fatalf("the place 199.5 m off at %d° is not covered", azimuth)
		}
	}
}

func TestLineIsCoveredOnBothSides(t *testing.T) {
	line := orb.LineString{{-72.33, 18.55}, {-72.32, 18.56}, {-72.32, 18.57}}
	h := Hazard{Geometry: line, RadiusM: 100}
	area, err := h.area()
	if err != nil {
		t.Fatal(err)
	}
	if invalid := overlay.Validate(area); invalid != nil {
		t.Fatal(invalid)
	}
	for share := range 101 {
		p := measure.Interpolate(line, measure.LengthM(line)*float64(share)/100)
		for _, azimuth := range []float64{0, 45, 90, 135, 180, 225, 270, 315} {
			if q := measure.Destination(p, azimuth, 99); !overlay.Contains(area, q) {
				t.Fatalf("99 m from the line at %d %% and %g° is not covered", share, azimuth)
			}
		}
	}
}

func TestBRouter(t *testing.T) {
	got, err := BRouter([]Hazard{
		{ID: numbered(1), Geometry: orb.Point{-72.33, 18.55}, RadiusM: 200},
		{ID: numbered(2), Geometry: orb.Point{-72.34, 18.55}},
		{ID: numbered(3), Geometry: box(-72.5, 18.5, .25, .25)},
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := "-72.33,18.55,200|-72.34,18.55,30"; got.Nogos != want {
		t.Errorf("nogos %q, want %q", got.Nogos, want)
	}
	if strings.Count(got.Polygons, ",") != 7 || !strings.HasPrefix(got.Polygons, "-72.5,18.5,") {
		t.Errorf("polygons %q", got.Polygons)
	}
}

func TestOSRM(t *testing.T) {
	got := string(OSRM([][2]int64{{7, 3}, {3, 7}, {1, 2}}))
	if want := "1,2,0\n2,1,0\n3,7,0\n7,3,0\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := OSRM(nil); len(got) != 0 {
		t.Errorf("nothing closed gives %q", got)
	}
}

func TestHazardOfNoUseIsAnError(t *testing.T) {
	for _, g := range []orb.Geometry{nil, orb.MultiPoint{{1, 2}}} {
		if _, err := OpenRouteService([]Hazard{{Geometry: g}}, DefaultOpenRouteService); err == nil {
			t.Errorf("%v was taken", g)
		}
	}
}
