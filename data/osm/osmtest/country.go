package osmtest

import (
	"fmt"
	"math/rand/v2"
)

// What the roads of Haiti in OpenStreetMap count.
const (
	countryNodes      = 1_330_000
	countryWays       = 97_650
	countryLoops      = 33_000 // edges less nodes, about
	countryRuralLoops = 4_000
	countryDeadEnds   = 74_000
	countryUrban      = 86_000 // points of the plan in towns
	countryRural      = 20_500 // and in the country
)

// CountryOptions says which country to draw. The same options give the same
// file.
type CountryOptions struct {
	Seed  uint64
	Scale float64 // of the country's roads, above 0 to 1; 0 is 1
}

// Size is what a drawn country holds.
type Size struct {
	Share        float64 // of the whole country
	Nodes        int     // on roads: shape vertices
	Edges        int     // from node to node
	Ways         int
	Junctions    int // nodes that are not of degree two: junctions and ends
	Restrictions int
	Barriers     int
	Roundabouts  int
	Bridges      int
	LengthKm     float64
	ClassKm      map[string]float64 // by value of highway
}

// Country draws a country and writes it; it does not close w. Errors are those
// of the options, of the bundled snapshot and of w.
func Country(w *Writer, o CountryOptions) (Size, error) {
	if o.Scale == 0 {
		o.Scale = 1
	}
	if !(o.Scale > 0 && o.Scale <= 1) {
		return Size{}, fmt.Errorf("draw a country: scale %v is not above 0 and at most 1", o.Scale)
	}
	l, err := readLand()
	if err != nil {
		return Size{}, fmt.Errorf("draw a country: %w", err)
	}
	d := &drawing{land: l, random: rand.New(rand.NewPCG(o.Seed, 0x70617361))}
	d.share = l.take(o.Scale, weight)
	if err := d.plan(); err != nil {
		return Size{}, fmt.Errorf("draw a country: %w", err)
	}
	d.connect()
	d.linkTowns()
	d.thin()
	d.addDeadEnds()
	d.addRoundabouts()
	d.choose()
	d.join()
	size, err := d.write(w)
	if err != nil {
		return Size{}, fmt.Errorf("draw a country: %w", err)
	}
	return size, nil
}

// drawing is a country in the making.
type drawing struct {
	land   *land
	random *rand.Rand
	share  float64

	nodes   []node
	edges   []edge
	centres []centre

	rings        [][]int32 // edges of roundabouts, in order
	ways         []way
	restrictions []restriction
	breaks       []bool // nodes at which every way ends
}

// node is a point of the plan.
type node struct {
	at      point
	commune int16
	urban   bool
	fixed   bool // on the skeleton
	end     bool // a dead end that was added
	circle  bool // on a roundabout
}

// class is the rank of a road.
type class uint8

const (
	local class = iota
	communal
	departmental
	national
)

// edge is a road between two points of the plan.
type edge struct {
	from, to int32
	class    class
	kind     uint8 // index of kinds
	fixed    bool  // of the skeleton
	oneway   bool
	ring     bool
	bridge   bool
	barrier  uint8 // index of barriers, 0 none
	ref      string
	name     string
}

// centre is a town or locality that roads should lead to.
type centre struct {
	at   point
	node int32
	main bool // of a commune
}

// total is a count of the whole country for the part drawn.
func (d *drawing) total(country int) int { return int(float64(country)*d.share + 0.5) }

func (d *drawing) chance(p float64) bool { return d.random.Float64() < p }

// between draws evenly from a range.
func (d *drawing) between(low, high float64) float64 { return low + (high-low)*d.random.Float64() }
