package coverage

import "pasaj/geo"

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

// interval is an amount by degree of evidence.
type interval [degrees]float64

func (i *interval) add(j interval) {
	for d := range i {
		i[d] += j[d]
	}
}

func (i interval) times(factor float64) interval {
	for d := range i {
		i[d] *= factor
	}
	return i
}

func (i interval) asRange(unit float64) Range {
	return Range{i[low] / unit, i[central] / unit, i[high] / unit}
}

// nothing is the share of a region below which ground is rounding: some square
// centimetres where two outlines touch.
const nothing = 1e-9

// settle puts an interval into order and within bounds: what the geodesic
// length of cut edges moved by a hair.
func (i *interval) settle(most float64) {
	for d := range i {
		i[d] = min(i[d], most)
		if i[d] < nothing*most {
			i[d] = 0
		}
	}
	i[low] = min(i[low], i[central])
	i[high] = max(i[high], i[central])
}
