package road

import (
	"math"
	"strings"
	"unicode/utf8"

	"github.com/paulmach/orb"

	"pasaj/geo"
)

// Limits on a network and its edges.
const (
	MaxEdges        = 10_000_000
	MaxEdgeVertices = 100_000 // of one edge
	MaxSpeedKmh     = 200
	MaxLoadLimitT   = 1000 // the largest load limit that is believed
	MaxHeightLimitM = 100  // the largest height limit that is believed
	maxTextBytes    = 1000 // of a name or a list of road numbers
	maxWordBytes    = 100  // of a surface or a barrier
)

// Network describes a road network as a whole.
type Network struct {
	ID         string
	Name       string
	Licence    string  // attribution and licence, to be shown with answers
	PrecisionM float64 // radius in metres inside which a typical point should lie
}

// Road classes, after the administrative classes of Haiti's public works
// ministry: national, departmental and communal roads; urban streets; rural
// access tracks.
const (
	ClassNational     = "RN"
	ClassDepartmental = "RD"
	ClassCommunal     = "RC"
	ClassUrban        = "RU"
	ClassAccess       = "RA"
)

var classes = [...]string{ClassNational, ClassDepartmental, ClassCommunal, ClassUrban, ClassAccess}

// Classes lists the road classes.
func Classes() []string {
	c := classes
	return c[:]
}

// EdgeInput is one edge of a network: a stretch of road between two junctions
// with none in between.
type EdgeInput struct {
	ID         int64
	WayID      int64  // of the OpenStreetMap way it is part of; 0 when unknown
	Ref        string // RN1; several are separated by semicolons, as in OpenStreetMap
	Name       string
	Class      string // RN, RD, RC, RU, RA
	Surface    string
	Oneway     bool    // only in the direction of the geometry
	Bridge     bool    // on a bridge: may cross other roads without meeting them
	Tunnel     bool    // in a tunnel: likewise
	SpeedKmh   float64 // posted or estimated for a car; 0: by class and surface
	Access     uint16  // bit i is set when class i of geo.VehicleClasses may not enter; 0: all may
	MaxLoadT   float64 // heaviest vehicle in tonnes; 0: no limit known
	MaxHeightM float64 // highest vehicle in metres; 0: no limit known
	Barrier    string  // OpenStreetMap's barrier value on or at the edge, such as gate; "" for none
	PrecisionM float64 // radius in metres inside which the true road should lie
	Geometry   orb.LineString
	Nodes      []int64 // OpenStreetMap nodes of the vertices, 0 where there is none; empty when unknown
}

// check finds the first fault of an edge. The pointer is relative to it.
func (e *EdgeInput) check() *geo.Error {
	if classNumber(e.Class) < 0 {
		return geo.Errorf(geo.CodeInvalid, "/properties/class", "road class %q is none of %s", clip(e.Class), strings.Join(Classes(), ", "))
	}
	for _, n := range [...]struct {
		name  string
		value float64
		most  float64
	}{
		{"precision_m", e.PrecisionM, math.MaxFloat64},
		{"speed_kmh", e.SpeedKmh, MaxSpeedKmh},
		{"max_load_t", e.MaxLoadT, MaxLoadLimitT},
		{"max_height_m", e.MaxHeightM, MaxHeightLimitM},
	} {
		if !(n.value >= 0 && n.value <= n.most) {
			if n.most == math.MaxFloat64 {
				return geo.Errorf(geo.CodeInvalid, "/properties/"+n.name, "%s must be a number, zero or more", n.name)
			}
			return geo.Errorf(geo.CodeInvalid, "/properties/"+n.name, "%s must be a number from 0 to %g", n.name, n.most)
		}
	}
	if int(e.Access)>>len(geo.VehicleClasses) != 0 {
		return geo.Errorf(geo.CodeInvalid, "/properties/access", "access names vehicle classes beyond the %d there are", len(geo.VehicleClasses))
	}
	for _, t := range [...]struct {
		name, value string
		most        int
	}{{"ref", e.Ref, maxTextBytes}, {"name", e.Name, maxTextBytes}, {"surface", e.Surface, maxWordBytes}, {"barrier", e.Barrier, maxWordBytes}} {
		if len(t.value) > t.most || !utf8.ValidString(t.value) {
			return geo.Errorf(geo.CodeInvalid, "/properties/"+t.name, "%s must be UTF-8 text of at most %d bytes", t.name, t.most)
		}
	}
	if len(e.Nodes) > 0 && len(e.Nodes) != len(e.Geometry) {
		return geo.Errorf(geo.CodeInvalid, "/properties/nodes", "%d nodes for %d points", len(e.Nodes), len(e.Geometry))
	}
	return checkLine(e.Geometry)
}

func checkLine(line orb.LineString) *geo.Error {
	if len(line) < 2 {
		return geo.Errorf(geo.CodeInvalidGeometry, "/geometry", "an edge needs two points")
	}
	if len(line) > MaxEdgeVertices {
		return geo.Errorf(geo.CodeTooLarge, "/geometry", "%d points: at most %d for an edge", len(line), MaxEdgeVertices)
	}
	moves := false
	for _, p := range line {
		if math.IsNaN(p[0]+p[1]) || !geo.Extent.Contains(p) {
			return geo.Errorf(geo.CodeInvalid, "/geometry", "[%g, %g] lies outside the extent of the record", p[0], p[1])
		}
		moves = moves || p != line[0]
	}
	if !moves {
		return geo.Errorf(geo.CodeInvalidGeometry, "/geometry", "the edge has no length: all its points are the same")
	}
	return nil
}

// classNumber is the place of a class among Classes, -1 for none.
func classNumber(class string) int {
	for i, c := range classes {
		if c == class {
			return i
		}
	}
	return -1
}

// clip keeps a text that came from outside short in an error.
func clip(s string) string {
	if len(s) > 40 {
		return s[:40] + "…"
	}
	return s
}
