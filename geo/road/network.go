package road

import (
	"math"
	"slices"
	"strings"

	"github.com/paulmach/orb"

	"pasaj/geo"
)

// MaxEdges is the most edges one network may have.
const MaxEdges = 10_000_000

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

// Classes lists the road classes.
func Classes() []string {
	return []string{ClassNational, ClassDepartmental, ClassCommunal, ClassUrban, ClassAccess}
}

// EdgeInput is one edge of a network: a stretch of road between two junctions
// with none in between.
type EdgeInput struct {
	ID         int64
	Ref        string // RN1; several are separated by semicolons, as in OpenStreetMap
	Name       string
	Class      string // RN, RD, RC, RU, RA
	Surface    string
	Oneway     bool    // only in the direction of the geometry
	PrecisionM float64 // radius in metres inside which the true road should lie
	Geometry   orb.LineString
}

// check finds the first fault of an edge.
func (e *EdgeInput) check(pointer string) error {
	if !slices.Contains(Classes(), e.Class) {
		return geo.Errorf(geo.CodeInvalid, pointer+"/properties/class", "road class %q is none of %s", e.Class, strings.Join(Classes(), ", "))
	}
	if !(e.PrecisionM >= 0) || math.IsInf(e.PrecisionM, 0) {
		return geo.Errorf(geo.CodeInvalid, pointer+"/properties/precision_m", "precision_m must be a number of metres, zero or more")
	}
	if len(e.Geometry) < 2 {
		return geo.Errorf(geo.CodeInvalidGeometry, pointer+"/geometry", "an edge needs two points")
	}
	for _, p := range e.Geometry {
		if math.IsNaN(p[0]+p[1]) || !geo.Extent.Contains(p) {
			return geo.Errorf(geo.CodeInvalid, pointer+"/geometry", "[%g, %g] lies outside the extent of the record", p[0], p[1])
		}
	}
	return nil
}
