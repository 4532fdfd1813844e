package coverage

import (
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/measure"
	"pasaj/geo/overlay"
)

// degree says how far a zone counts; each includes the ones before it.
type degree int

const (
	low     degree = iota // L: high confidence, not stale
	central               // M: at least medium confidence, not stale
	high                  // H: not refuted
	degrees
)

func degreeOf(a geo.Assessment) degree {
	switch {
	case a.Stale || a.Label == "low":
		return high
	case a.Label == "high":
		return low
	default:
		return central
	}
}

// interval is an area in square metres by degree of evidence.
type interval [degrees]float64

func (i *interval) add(j interval) {
	for d := range i {
		i[d] += j[d]
	}
}

// nothing is the share of a commune below which ground is rounding: some
// square centimetres where two outlines touch.
const nothing = 1e-9

// settle puts an interval into order and within bounds: what the geodesic
// length of cut edges moved by a hair.
func (i *interval) settle(areaM2 float64) {
	for d := range i {
		i[d] = min(i[d], areaM2)
		if i[d] < nothing*areaM2 {
			i[d] = 0
		}
	}
	i[low] = min(i[low], i[central])
	i[high] = max(i[high], i[central])
}

// piece is a zone near a commune.
type piece struct {
	id      uuid.UUID
	control int // index in geo.ControlPrecedence
	degree  degree
	area    orb.MultiPolygon // cropped to a box around the commune
	holders []geo.Holder
}

// cropMargin is how far beyond a commune's box zones are kept, in degrees.
const cropMargin = 0.01

// crop prepares a zone for a commune; one that covers nothing of it gives nil.
//
// Zones are joined and subtracted as they are around the commune, and cut to
// its outline last: cutting first would leave hair-thin slivers wherever two
// cut zones meet on the outline. Cropping to a box outside keeps the far
// vertices of a large zone from being worked on again and again.
func (c *commune) crop(v *geo.Version, d degree) (*piece, error) {
	control := slices.Index(geo.ControlPrecedence, v.Text("control_type"))
	zone, ok := v.Geometry.(orb.MultiPolygon)
	if control < 0 || !ok {
		return nil, nil
	}
	box := c.area.Bound().Pad(cropMargin)
	if bound := zone.Bound(); !box.Contains(bound.Min) || !box.Contains(bound.Max) {
		cropped, err := overlay.Intersection(zone, orb.MultiPolygon{box.ToPolygon()})
		if err != nil {
			return nil, fmt.Errorf("zone %s near %s: %w", v.ID, c.pcode, err)
		}
		zone = cropped
	}
	covers, err := c.coveredM2(zone)
	if err != nil {
		return nil, fmt.Errorf("zone %s: %w", v.ID, err)
	}
	if covers <= nothing*c.measured() {
		return nil, nil
	}
	return &piece{id: v.ID, control: control, degree: d, area: zone, holders: v.Holders}, nil
}

// coveredM2 is how much of the commune an area covers.
func (c *commune) coveredM2(area orb.MultiPolygon) (float64, error) {
	common, err := overlay.Intersection(area, c.area)
	if err != nil {
		return 0, fmt.Errorf("in %s: %w", c.pcode, err)
	}
	return measure.AreaM2(common), nil
}

// dissolve joins pieces by degree of evidence. Degrees that the same pieces
// count to share one result.
func dissolve(pieces []*piece) (out [degrees]orb.MultiPolygon, err error) {
	count := 0
	for d := range degrees {
		var areas []orb.MultiPolygon
		for _, p := range pieces {
			if p.degree <= d {
				areas = append(areas, p.area)
			}
		}
		if d > 0 && len(areas) == count {
			out[d] = out[d-1]
			continue
		}
		count = len(areas)
		if out[d], err = join(areas...); err != nil {
			return out, err
		}
	}
	return out, nil
}

func join(areas ...orb.MultiPolygon) (orb.MultiPolygon, error) {
	areas = slices.DeleteFunc(areas, func(a orb.MultiPolygon) bool { return len(a) == 0 })
	if len(areas) == 1 {
		return areas[0], nil
	}
	return overlay.Union(areas)
}

// same reports whether two areas are one and the same result.
func same(a, b orb.MultiPolygon) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}

// extent is what the dissolved areas cover of the commune.
func (c *commune) extent(dissolved [degrees]orb.MultiPolygon) (out interval, err error) {
	for d, area := range dissolved {
		if d > 0 && same(area, dissolved[d-1]) {
			out[d] = out[d-1]
			continue
		}
		if out[d], err = c.coveredM2(area); err != nil {
			return out, err
		}
	}
	return out, nil
}
