package coverage_test

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/coverage"
	"pasaj/geo/isolation"
	"pasaj/geo/measure"
)

// The figures that the Security Council was given for 31 December 2024:
// 412 police facilities, 67 not functional, some 70 % of those in Ouest.
func TestPoliceOutAsInTheLetter(t *testing.T) {
	versions := []*geo.Version{
		admin(t, "HT01", "", 1, nil), admin(t, "HT0111", "HT01", 2, strip(0, 1)),
		admin(t, "HT05", "", 1, nil), admin(t, "HT0511", "HT05", 2, strip(1, 2)),
	}
	for i := range 412 {
		functional, x := "full", 0.5
		switch {
		case i < 47:
			functional = "none"
		case i < 67:
			functional, x = "none", 1.5
		case i%2 == 0:
			x = 1.2
		}
		more := map[string]any{}
		if functional == "none" {
			more["status_reason"] = []string{"burned", "in_controlled_area", "abandoned"}[i%3]
		}
		versions = append(versions, installation(t, "police-facilities", i, "police_commissariat", functional, isHigh, spot(x, float64(i)/412), more))
	}
	w := worldOf(geo.Security, versions...)
	values := figuresOf(t, w, nil, "L1", "HT")
	wantCount(t, rowOf(t, values), 412, 67, 67, 67)
	if share := rowOf(t, values).Share.Central; math.Round(1000*share) != 163 {
		t.Errorf("67 of 412 is %v, want 16.3 %%", share)
	}
	wantCount(t, rowOf(t, values, "status", "full"), 412, 345, 345, 345)
	wantCount(t, rowOf(t, values, "status", "unknown"), 412, 0, 0, 0)
	// 0 to 66 by the rest of three: 23, 22 and 22.
	wantCount(t, rowOf(t, values, "status", "none", "status_reason", "burned"), 412, 23, 23, 23)
	wantCount(t, rowOf(t, values, "status", "none", "status_reason", "abandoned"), 412, 22, 22, 22)
	wantCount(t, rowOf(t, figuresOf(t, w, nil, "L1", "HT05")), 192, 20, 20, 20)
	shares := figuresOf(t, w, nil, "L2", "HT01", "HT")
	if len(shares) != 1 || shares[0].Area != "HT" {
		t.Fatalf("L2 is for the country: %v", shares)
	}
	wantCount(t, shares[0], 67, 47, 47, 47)
}

func TestPoliceOutByHand(t *testing.T) {
	square := admin(t, "HT0111", "HT01", 2, strip(0, 1))
	w := worldOf(geo.Operations, square,
		station(t, 1, "none", isHigh, spot(.1, .5)), station(t, 2, "none", isMedium, spot(.2, .5)),
		station(t, 3, "none", isLow, spot(.3, .5)), station(t, 4, "none", isStale, spot(.4, .5)),
		station(t, 5, "full", isHigh, spot(.5, .5)), station(t, 6, "full", isStale, spot(.6, .5)), station(t, 7, "unknown", isHigh, spot(.7, .5)))
	values := figuresOf(t, w, nil, "L1", "HT0111")
	wantCount(t, rowOf(t, values), 7, 1, 2, 6)
	wantCount(t, rowOf(t, values, "status", "none"), 7, 1, 2, 6)
	wantCount(t, rowOf(t, values, "status", "full"), 7, 1, 1, 2)
	wantCount(t, rowOf(t, values, "status", "unknown"), 7, 1, 4, 5)
	wantCount(t, rowOf(t, values, "status", "none", "status_reason", "unknown"), 7, 1, 2, 4)
	if v := figuresOf(t, worldOf(geo.Operations, square), nil, "L1", "HT0111")[0]; v.Status != coverage.NotMeasured {
		t.Errorf("without facilities: %+v", v)
	}
}

// The share of Ouest is an interval over what both it and the rest may be.
func TestPoliceOutInOuestIsAnInterval(t *testing.T) {
	w := worldOf(geo.Security,
		admin(t, "HT0111", "HT01", 2, strip(0, 1)), admin(t, "HT0211", "HT02", 2, strip(1, 2)),
		station(t, 1, "none", isHigh, spot(.1, .5)), station(t, 2, "none", isMedium, spot(.2, .5)), station(t, 3, "unknown", isHigh, spot(.3, .5)),
		station(t, 4, "none", isHigh, spot(1.1, .5)), station(t, 5, "full", isStale, spot(1.2, .5)), station(t, 6, "full", isHigh, spot(1.3, .5)))
	v := figuresOf(t, w, nil, "L2", "HT")[0]
	wantCount(t, v, 3, 1, 2, 3)
	if want := (coverage.Range{Low: 1. / 3, Central: 2. / 3, High: 3. / 4}); math.Abs(v.Share.Low-want.Low)+math.Abs(v.Share.High-want.High) > 1e-8 {
		t.Errorf("share %v, want %v", *v.Share, want)
	}
}

// Where none is in Ouest and of the others none is sure, the share is nothing of
// nothing at the one end.
func TestPoliceOutInOuestMayBeNone(t *testing.T) {
	w := worldOf(geo.Security,
		admin(t, "HT0111", "HT01", 2, strip(0, 1)), admin(t, "HT0211", "HT02", 2, strip(1, 2)),
		station(t, 1, "full", isHigh, spot(.1, .5)), station(t, 2, "none", isMedium, spot(1.1, .5)))
	v := figuresOf(t, w, nil, "L2", "HT")[0]
	wantCount(t, v, 1, 0, 0, 0)
	if *v.Share != (coverage.Range{}) {
		t.Errorf("share %v, want 0", *v.Share)
	}
}

func TestPoliceInZonesByHand(t *testing.T) {
	w := worldOf(geo.Humanitarian, admin(t, "HT0111", "HT01", 2, strip(0, 1)),
		zone(t, 1, "controlled", isHigh, strip(0, 0.3)), zone(t, 2, "influenced", isMedium, strip(0.2, 0.6)),
		station(t, 1, "", isStale, spot(.1, .5)), station(t, 2, "", isHigh, spot(.25, .5)), station(t, 3, "", isHigh, spot(.5, .5)), station(t, 4, "", isHigh, spot(.9, .5)))
	values := figuresOf(t, w, nil, "L3", "HT0111")
	wantCount(t, rowOf(t, values), 4, 2, 3, 3)
	wantCount(t, rowOf(t, values, "control_type", "controlled"), 4, 2, 2, 2)
	wantCount(t, rowOf(t, values, "control_type", "influenced"), 4, 0, 1, 1)
	wantCount(t, rowOf(t, values, "control_type", "contested"), 4, 0, 0, 0)
	wantCount(t, rowOf(t, values, "control_type", "unassessed"), 4, 1, 1, 2)
}

func TestPoliceIsolatedByHand(t *testing.T) {
	directorate := spot(.1, .1)
	base := []*geo.Version{
		admin(t, "HT0111", "HT01", 2, strip(0, 1)), admin(t, "HT0211", "HT02", 2, strip(1, 2)),
		station(t, 1, "full", isHigh, spot(.3, .5)), station(t, 2, "partial", isLow, spot(.4, .5)), station(t, 3, "full", isHigh, spot(.5, .5)),
		station(t, 4, "none", isHigh, spot(.6, .5)), station(t, 5, "full", isStale, spot(.7, .5)), station(t, 6, "unknown", isHigh, spot(.8, .5)),
	}
	head := installation(t, "police-facilities", 9, "police_departmental_directorate", "unknown", isStale, directorate, nil)
	ways := func(t *testing.T, hubs ...orb.Point) drawnWays {
		return drawnWays{connection: func(vehicle, profile string, got []orb.Point, place orb.Point) isolation.Status {
			if vehicle != "car" || profile != "police_isolated_check" || !slices.Equal(got, hubs) {
				t.Errorf("asked for %s, %s to %v, want to %v", vehicle, profile, got, hubs)
			}
			switch place {
			case spot(.3, .5):
				return isolation.Closed
			case spot(.4, .5):
				return isolation.Unknown
			}
			return isolation.PayOrAsk
		}}
	}
	t.Run("to the directorate", func(t *testing.T) {
		values := figuresOf(t, roadedWorld(t, geo.Security, append(base, head)...), ways(t, directorate), "L4", "HT")
		wantCount(t, rowOf(t, values), 3, 1, 1, 2)
		wantCount(t, rowOf(t, values, "status", "isolated"), 3, 1, 1, 1)
		wantCount(t, rowOf(t, values, "status", "uncertain"), 3, 1, 1, 1)
		if ids := rowOf(t, values, "status", "isolated").IDs; !slices.Contains(ids, base[2].ID) {
			t.Errorf("the station without a way is not named: %v", ids)
		}
	})
	t.Run("to the commissariat of the capital", func(t *testing.T) {
		chief := installation(t, "police-facilities", 10, "police_commissariat", "full", isMedium, spot(.2, .2), nil)
		values := figuresOf(t, roadedWorld(t, geo.Security, append(base, chief)...), ways(t, spot(.2, .2)), "L4", "HT01")
		wantCount(t, rowOf(t, values), 3, 1, 1, 2)
	})
	t.Run("to nothing on record", func(t *testing.T) {
		v := figuresOf(t, roadedWorld(t, geo.Security, base...), ways(t), "L4", "HT01")[0]
		if v.Status != coverage.NotMeasured || !strings.Contains(v.Note.English, "HT01") {
			t.Errorf("without a directorate: %+v", v)
		}
	})
	t.Run("one department without", func(t *testing.T) {
		more := append(slices.Clone(base), head, station(t, 11, "full", isHigh, spot(1.5, .5)))
		values := figuresOf(t, roadedWorld(t, geo.Security, more...), ways(t, directorate), "L4", "HT")
		wantCount(t, rowOf(t, values), 4, 1, 1, 3)
		if note := values[0].Note; note == nil || !strings.Contains(note.English, "HT02") {
			t.Errorf("the note does not name the department: %v", note)
		}
	})
	t.Run("without a network", func(t *testing.T) {
		for _, values := range [][]coverage.Value{
			figuresOf(t, worldOf(geo.Security, append(base, head)...), ways(t, directorate), "L4", "HT"),
			figuresOf(t, roadedWorld(t, geo.Security, append(base, head)...), nil, "L4", "HT"),
		} {
			if len(values) != 1 || values[0].Status != coverage.NotMeasured || values[0].Amount != nil || values[0].Note == nil {
				t.Errorf("without a network: %+v", values)
			}
		}
	})
}

// populated is a commune with people.
func populated(t fataler, pcode, parent string, people int64, area orb.MultiPolygon) *geo.Version {
	t.Helper()
	v := admin(t, pcode, parent, 2, area)
	values := slices.Clone(v.Values)
	values[v.Layer.Index("population")] = people
	return geo.NewVersion(geo.Version{Layer: v.Layer, ID: v.ID, Known: v.Known, KnownAt: v.KnownAt, Valid: v.Valid, Geometry: v.Geometry, Values: values}, &geo.DefaultModel)
}

func nearly(a, b, tolerance float64) bool {
	return math.Abs(a-b) <= tolerance*math.Max(math.Abs(a), math.Abs(b))
}

func TestPoliceCoverageInAStraightLine(t *testing.T) {
	town, land := rectangle(-72.5, 18.5, -72.3, 18.7), rectangle(-72.3, 18.5, -71.9, 18.9)
	inTown, inLand := orb.Point{-72.4, 18.6}, orb.Point{-72.1, 18.7}
	w := worldOf(geo.Security,
		populated(t, "HT0111", "HT01", 1000000, town), populated(t, "HT0611", "HT06", 200000, land),
		station(t, 1, "full", isHigh, inTown), station(t, 2, "partial", isMedium, inLand), station(t, 3, "none", isHigh, orb.Point{-72.45, 18.55}),
	)
	disc := func(radiusM float64) float64 { return math.Pi * radiusM * radiusM }
	values := figuresOf(t, w, nil, "L5", "HT0111", "HT0611")
	// In the metropolitan area a station counts 5 km around itself.
	urban := disc(5000) / measure.AreaM2(town)
	if v := values[0]; !nearly(v.Share.Low, urban, .005) || v.Share.High != v.Share.Low || v.Whole.Amount != 1000000 || !nearly(v.Amount.Central, 1000000*urban, .005) {
		t.Errorf("in town %+v, want %v", v, urban)
	}
	// Elsewhere 15 km, by a station of medium confidence. The town's does not
	// come that far: it is 0.1 degrees, some 10.5 km, from the border.
	rural := disc(15000)
	if v := values[1]; v.Share.Low > .05 || v.Share.Low == 0 || !nearly(v.Share.Central-v.Share.Low, rural/measure.AreaM2(land), .01) {
		t.Errorf("in the country %+v, want %v", v.Share, rural/measure.AreaM2(land))
	}
	for _, v := range values {
		if !strings.Contains(v.Note.English, "straight line") || !strings.Contains(v.Note.French, "vol d’oiseau") {
			t.Errorf("the note does not say that it is a straight line: %v", v.Note)
		}
	}
	if v := figuresOf(t, worldOf(geo.Security, admin(t, "HT0111", "HT01", 2, town), station(t, 1, "full", isHigh, inTown)), nil, "L5", "HT0111")[0]; v.Status != coverage.NotMeasured {
		t.Errorf("without people: %+v", v)
	}
	if v := figuresOf(t, worldOf(geo.Security, populated(t, "HT0111", "HT01", 5, town)), nil, "L5", "HT0111")[0]; v.Status != coverage.NotMeasured {
		t.Errorf("without stations: %+v", v)
	}
	v := figuresOf(t, worldOf(geo.Security, populated(t, "HT0111", "HT01", 5, town), station(t, 1, "none", isHigh, inTown)), nil, "L5", "HT0111")[0]
	if v.Status != coverage.Assessed || *v.Amount != (coverage.Range{}) {
		t.Errorf("where every station is out nobody is covered: %+v", v)
	}
}

func TestPoliceCoverageOnTheNetwork(t *testing.T) {
	ways := drawnWays{reach: func(vehicle, profile string, starts []orb.Point, minutes []float64) []orb.MultiPolygon {
		if vehicle != "car" || profile != "police_isolated_check" || !slices.Equal(minutes, []float64{15, 30}) {
			t.Errorf("asked for %s, %s, %v", vehicle, profile, minutes)
		}
		var near, far []orb.MultiPolygon
		for _, p := range starts { // a fifth and two fifths of the width of a commune
			near = append(near, rectangle(p[0]-.01, 18, p[0]+.01, 19))
			far = append(far, rectangle(p[0]-.02, 18, p[0]+.02, 19))
		}
		return []orb.MultiPolygon{slices.Concat(near...), slices.Concat(far...)}
	}}
	w := roadedWorld(t, geo.Operations,
		populated(t, "HT0111", "HT01", 1000, strip(0, 1)), populated(t, "HT0611", "HT06", 1000, strip(1, 2)),
		station(t, 1, "full", isHigh, spot(.5, .5)), station(t, 2, "unknown", isHigh, spot(.8, .5)),
		station(t, 3, "full", isMedium, spot(1.5, .5)), station(t, 4, "none", isLow, spot(1.05, .5)))
	values := figuresOf(t, w, ways, "L5", "HT0111", "HT0611", "HT")
	want := [][3]float64{{200, 200, 400 + 50}, {0, 400, 400 + 250}, {200, 600, 450 + 650}}
	for i, v := range values {
		got := [3]float64{v.Amount.Low, v.Amount.Central, v.Amount.High}
		for d := range got {
			if math.Abs(got[d]-want[i][d]) > .01*want[i][2] {
				t.Errorf("%s: %v people, want %v", v.Area, got, want[i])
			}
		}
		if !strings.Contains(v.Note.English, "150 m") || strings.Contains(v.Note.English, "straight") {
			t.Errorf("note %v", v.Note)
		}
	}
}

func TestAmbulanceReach(t *testing.T) {
	ways := drawnWays{reach: func(vehicle, profile string, starts []orb.Point, minutes []float64) []orb.MultiPolygon {
		if vehicle != "ambulance" || profile != "ambulance" || !slices.Equal(minutes, []float64{30}) || len(starts) != 1 {
			t.Errorf("asked for %s, %s, %v from %v", vehicle, profile, minutes, starts)
		}
		return []orb.MultiPolygon{strip(0, .25)}
	}}
	w := roadedWorld(t, geo.Humanitarian, populated(t, "HT0111", "HT01", 1000, strip(0, 1)),
		installation(t, "facilities", 1, "hospital", "partial", isMedium, spot(.1, .5), nil),
		installation(t, "facilities", 2, "hospital", "none", isHigh, spot(.9, .5), nil),
		installation(t, "facilities", 3, "health_centre", "full", isHigh, spot(.9, .5), nil))
	v := figuresOf(t, w, ways, "H2", "HT0111")[0]
	if !nearly(v.Amount.Central, 250, .001) || v.Amount.Low != 0 || v.Amount.High != v.Amount.Central || v.Unit != coverage.UnitPeople {
		t.Errorf("people within 30 minutes: %+v", v.Amount)
	}
	if raw, err := json.Marshal(v); err != nil || strings.Contains(string(raw), "NaN") {
		t.Errorf("%s %v", raw, err)
	}
}
