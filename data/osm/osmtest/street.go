package osmtest

import (
	"cmp"
	"math"
	"slices"
)

// addDeadEnds adds roads that lead nowhere, into the widest gap at a node.
func (d *drawing) addDeadEnds() {
	first, list := d.incidence()
	order := d.random.Perm(len(d.nodes))
	want := d.total(countryDeadEnds)
	for _, n := range order {
		if want == 0 {
			return
		}
		here := d.nodes[n]
		around := list[first[n]:first[n+1]]
		if len(around) == 0 || len(around) > 3 {
			continue
		}
		angle, gap := d.widestGap(int32(n), around)
		if gap < 1.9 || here.fixed && !here.urban && d.chance(0.5) {
			continue
		}
		length := 0.0
		for _, e := range around {
			length += d.lengthM(e) / float64(len(around))
		}
		length = max(20, min(length, 700)*d.between(0.28, 0.5))
		end := here.at.plus(polar(length, angle+d.between(-0.3, 0.3)))
		if d.land.at(end) < 0 {
			continue
		}
		d.nodes = append(d.nodes, node{at: end, commune: here.commune, urban: here.urban, end: true})
		d.edges = append(d.edges, edge{from: int32(n), to: int32(len(d.nodes) - 1)})
		want--
	}
}

// direction is that in which an edge leaves a node.
func (d *drawing) direction(e, from int32) float64 {
	v := d.nodes[d.other(e, from)].at.minus(d.nodes[from].at)
	return math.Atan2(v.y, v.x)
}

// byAngle sorts edges at a node anticlockwise.
func (d *drawing) byAngle(n int32, around []int32) []int32 {
	out := slices.Clone(around)
	slices.SortFunc(out, func(a, b int32) int {
		return cmp.Or(cmp.Compare(d.direction(a, n), d.direction(b, n)), cmp.Compare(a, b))
	})
	return out
}

// widestGap is the middle and the width of the widest angle without a road.
func (d *drawing) widestGap(n int32, around []int32) (middle, width float64) {
	sorted := d.byAngle(n, around)
	for i, e := range sorted {
		a := d.direction(e, n)
		b := d.direction(sorted[(i+1)%len(sorted)], n)
		if i == len(sorted)-1 {
			b += 2 * math.Pi
		}
		if b-a > width {
			middle, width = (a+b)/2, b-a
		}
	}
	return middle, width
}

// addRoundabouts puts rings in the place of some junctions of larger roads.
// Traffic keeps right, so they run anticlockwise.
func (d *drawing) addRoundabouts() {
	first, list := d.incidence()
	want := d.total(280)
	for _, n := range d.random.Perm(len(d.nodes)) {
		if want == 0 {
			return
		}
		around := d.byAngle(int32(n), list[first[n]:first[n+1]])
		large, short, narrow := 0, false, false
		for i, e := range around {
			if d.edges[e].class > local {
				large++
			}
			short = short || d.lengthM(e) < 60 || d.nodes[d.other(e, int32(n))].circle
			turn := d.direction(around[(i+1)%len(around)], int32(n)) - d.direction(e, int32(n))
			narrow = narrow || math.Mod(turn+2*math.Pi, 2*math.Pi) < 0.5
		}
		if len(around) < 3 || large < 2 || short || narrow || !d.nodes[n].urban {
			continue
		}
		radius := d.between(12, 20)
		ring := make([]int32, len(around))
		for i, e := range around {
			place := d.nodes[n]
			place.at = place.at.plus(polar(radius, d.direction(e, int32(n))))
			place.circle = true
			d.nodes = append(d.nodes, place)
			ring[i] = int32(len(d.nodes) - 1)
		}
		for i, e := range around {
			if d.edges[e].from == int32(n) {
				d.edges[e].from = ring[i]
			} else {
				d.edges[e].to = ring[i]
			}
		}
		var edges []int32
		for i := range ring {
			d.edges = append(d.edges, edge{from: ring[i], to: ring[(i+1)%len(ring)], class: communal, ring: true, oneway: true})
			edges = append(edges, int32(len(d.edges)-1))
		}
		d.rings = append(d.rings, edges)
		want--
	}
}

// kinds are values of highway.
var kinds = []string{
	"residential", "service", "living_street", "unclassified", "track", "path", "footway",
	"tertiary", "secondary", "primary", "trunk",
}

const (
	residential = iota
	service
	livingStreet
	unclassified
	track
	trail
	footway
	tertiary
	secondary
	primary
	trunk
)

// barriers are values of barrier, with how many a country has.
var barriers = []struct {
	value string
	count int
}{{"", 0}, {"gate", 900}, {"lift_gate", 130}, {"bollard", 110}, {"block", 60}, {"swing_gate", 40}, {"toll_booth", 6}}

// choose gives edges what follows from where they are, and picks the bridges,
// the barriers and the junctions with restrictions.
func (d *drawing) choose() {
	quarters := map[[3]int]uint8{}
	for i := range d.edges {
		e := &d.edges[i]
		a, b := &d.nodes[e.from], &d.nodes[e.to]
		switch {
		case e.class == national && (e.ref == "RN1" || e.ref == "RN2" || e.ref == "RN3"):
			e.kind = trunk
		case e.class == national:
			e.kind = primary
		case e.class == departmental:
			e.kind = secondary
		case e.class == communal:
			e.kind = tertiary
		case b.end && a.urban:
			e.kind = residential
			if d.chance(0.35) {
				e.kind = service
			} else if d.chance(0.15) {
				e.kind = footway
			}
		case a.urban && b.urban:
			e.kind = d.ofQuarter(quarters, 0, a.at, []uint8{residential, residential, residential, residential, residential, residential, residential, residential, unclassified, livingStreet})
		case b.end:
			e.kind = track
			if d.chance(0.3) {
				e.kind = trail
			}
		default:
			e.kind = d.ofQuarter(quarters, 1, a.at, []uint8{unclassified, unclassified, unclassified, residential, track, track, track, track, trail, track})
		}
	}
	order := d.random.Perm(len(d.edges))
	bridges := d.total(650)
	wanted := make([]int, len(barriers))
	for i := range barriers {
		wanted[i] = d.total(barriers[i].count)
	}
	next := 1
	for _, i := range order {
		e := &d.edges[i]
		m := d.lengthM(int32(i))
		if e.ring {
			continue
		}
		if bridges > 0 && e.class > local && m < 340 && m > 15 {
			e.bridge = true
			bridges--
			continue
		}
		for next < len(barriers) && wanted[next] == 0 {
			next++
		}
		if next < len(barriers) && e.class == local && d.nodes[e.from].urban && m > 45 {
			e.barrier = uint8(next)
			wanted[next]--
		}
	}
	first, _ := d.incidence()
	d.breaks = make([]bool, len(d.nodes))
	want := d.total(420)
	for _, n := range d.random.Perm(len(d.nodes)) {
		if want > 0 && first[n+1]-first[n] >= 3 && d.nodes[n].urban && !d.nodes[n].circle {
			d.breaks[n] = true
			want--
		}
	}
}

// ofQuarter draws a kind for all of a square of some kilometres.
func (d *drawing) ofQuarter(known map[[3]int]uint8, layer int, p point, from []uint8) uint8 {
	square := [3]int{layer, int(math.Floor(p.x / 1300)), int(math.Floor(p.y / 1300))}
	kind, ok := known[square]
	if !ok {
		kind = from[d.random.IntN(len(from))]
		known[square] = kind
	}
	return kind
}
