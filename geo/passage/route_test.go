package passage

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/paulmach/orb"

	"pasaj/geo"
)

// fork is a network with a short way from west to east by the south, and a long
// one by the north.
func fork(t failer) *scene {
	return newScene().build(t,
		national("RN2", place(0, 0), place(10, 0)),
		national("RN2", place(10, 0), place(20, -2), place(30, 0)),
		street(place(10, 0), place(20, 10), place(30, 0)),
		national("RN2", place(30, 0), place(40, 0)),
		street(place(0, 30), place(5, 30)),
	)
}

var acrossFork = []orb.Point{place(1, 0), place(39, 0)}

func goesNorth(a *Answer) bool {
	return slices.ContainsFunc(a.Geometry, func(p orb.Point) bool { return p == place(20, 10) })
}

func TestRouteAvoidsWhatCannotBePassed(t *testing.T) {
	if a := fork(t).find(t, Request{Points: acrossFork}); goesNorth(a) {
		t.Error("takes the long way without need")
	}
	block := map[string]any{"subtype": "fixed_barrier"}
	closed := map[string]any{"subtype": "toll_post", "schedule": "20:00-06:00"} // it opens, but not by the time of arrival
	for name, s := range map[string]*scene{
		"barrier":        fork(t).put("roadblocks", place(20, -2), block),
		"closed section": fork(t).put("national-roads", orb.MultiLineString{{place(12, -.4), place(20, -2), place(28, -.4)}}, map[string]any{"ref": "RN2", "status": "closed"}),
		"schedule":       fork(t).put("roadblocks", place(20, -2), closed),
		"contested":      fork(t).put("controlled-zones", box(11, -3, 29, -.1), map[string]any{"control_type": "contested"}),
	} {
		if a := s.find(t, Request{Points: acrossFork}); !goesNorth(a) {
			t.Errorf("%s: does not go round: %v", name, kinds(a))
		}
	}
	both := fork(t).put("roadblocks", place(20, -2), block).put("roadblocks", place(20, 10), block)
	if a := both.find(t, Request{Points: acrossFork}); !slices.Contains(kinds(a), "roadblock:not_passable") || goesNorth(a) {
		t.Errorf("blocked everywhere: %v", kinds(a))
	}
}

func TestRouteErrors(t *testing.T) {
	for _, c := range []struct {
		name    string
		points  []orb.Point
		pointer string
	}{
		{"far from the network", []orb.Point{place(0, 0), place(20, -15)}, "/points/1"},
		{"not connected", []orb.Point{place(0, 0), place(2, 30)}, "/points"},
	} {
		_, err := fork(t).try(Request{Points: c.points})
		var fault *geo.Error
		if !errors.As(err, &fault) || fault.Code != geo.CodeUnprocessable || fault.Pointer != c.pointer {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if _, err := newScene().try(Request{Points: acrossFork}); geo.CodeOf(err) != geo.CodeUnprocessable {
		t.Errorf("without a network: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	s := fork(t)
	if _, err := Find(ctx, s.world(), (Request{Points: acrossFork, Vehicle: "car", Profile: "commercial"}).Resolve(saturday, &s.model)); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if _, err := Find(context.Background(), s.world(), Request{Points: acrossFork, Vehicle: "car", Profile: "commercial"}); err == nil {
		t.Error("a request that is not resolved is answered")
	}
}

// The way between a point and the network is part of the answer, not moved
// away silently.
func TestAccess(t *testing.T) {
	s := fork(t).put("controlled-zones", box(0, 1, 2, 3), map[string]any{"control_type": "controlled"})
	a := s.find(t, Request{Points: []orb.Point{place(1, 2), place(5, 0)}})
	if a.Geometry[0] != place(1, 2) || !slices.Contains(kinds(a), "access:no_reported_obstacle") || !slices.Contains(kinds(a), "zone:negotiation_needed") {
		t.Errorf("%v from %v", kinds(a), a.Geometry[0])
	}
	if a.Reasons[0].Km != 0 || *a.Reasons[0].LengthM < 2000 {
		t.Errorf("access %+v", a.Reasons[0])
	}
}

func TestFromAPlaceToItself(t *testing.T) {
	a := fork(t).find(t, Request{Points: []orb.Point{place(1, 0), place(1, 0)}})
	if a.Advice != "insufficient_information" || a.LengthM != 0 || len(a.Geometry) != 2 {
		t.Errorf("%s", encode(t, a))
	}
}

func TestViaPoints(t *testing.T) {
	a := fork(t).find(t, Request{Points: []orb.Point{place(1, 0), place(20, 10), place(39, 0)}})
	if !goesNorth(a) {
		t.Error("does not pass by the point between")
	}
}

func TestSchematicNetworkSaysSo(t *testing.T) {
	edge := national("RN2", straight...)
	edge.PrecisionM = 2000
	a := newScene().build(t, edge).find(t, Request{Points: []orb.Point{place(1, 0), place(39, 0)}})
	if !slices.Contains(kinds(a), "network:no_reported_obstacle") {
		t.Errorf("reasons %v", kinds(a))
	}
}
