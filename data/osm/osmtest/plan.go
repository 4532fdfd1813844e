package osmtest

import (
	"cmp"
	"math"
	"slices"

	"github.com/paulmach/orb"

	"pasaj/data/haiti"
)

// urbanOf and ruralOf are how many points of the plan a commune asks for,
// beside others: towns grow less than their population.
func urbanOf(c *commune) float64 { return math.Pow(c.population, 0.92) }
func ruralOf(c *commune) float64 { return c.areaKm2 + c.population/600 }

const (
	allUrban = 4_400_000.0 // sums over the country, near enough
	allRural = 45_500.0
)

func weight(c *commune) float64 {
	return countryUrban*urbanOf(c)/allUrban + countryRural*ruralOf(c)/allRural
}

// plan puts the points down.
func (d *drawing) plan() error {
	s := &site{drawing: d, near: newHash(100), circles: newHash(300)}
	if err := s.skeleton(); err != nil {
		return err
	}
	for i := range d.land.communes {
		if d.land.communes[i].taken {
			s.towns(i)
		}
	}
	for i := range d.land.communes {
		if d.land.communes[i].taken {
			s.countryside(i)
		}
	}
	return nil
}

// site is a drawing on which points are put.
type site struct {
	*drawing
	near    *hash // points
	circles *hash // around the edges of the skeleton, to be left free
	radii   []float64
	roadAt  [][]point // of the skeleton, by commune
}

// put adds a point unless another is nearer than apart, or it is in the way of
// the skeleton.
func (s *site) put(p point, apart float64, n node) bool {
	i := s.land.at(p)
	if i < 0 || !s.land.communes[i].taken {
		return false
	}
	if s.near.any(p, apart, func(j int32, distance float64) bool { return distance < apart }) ||
		s.circles.any(p, 300, func(j int32, distance float64) bool { return distance < s.radii[j] }) {
		return false
	}
	n.at, n.commune = p, int16(i)
	s.add(n)
	return true
}

func (s *site) add(n node) int32 {
	s.nodes = append(s.nodes, n)
	i := int32(len(s.nodes) - 1)
	s.near.put(i, n.at)
	return i
}

// skeleton puts the national roads and main streets of the snapshot: straight
// lines between waypoints get windings, and all get points for others to join.
func (s *site) skeleton() error {
	_, inputs, err := haiti.Network()
	if err != nil {
		return err
	}
	s.roadAt = make([][]point, len(s.land.communes))
	known := map[orb.Point]int32{}
	for _, input := range inputs {
		street := input.PrecisionM < 1000
		line := make([]point, len(input.Geometry))
		for i, p := range input.Geometry {
			line[i] = project(p)
		}
		step := 95.0
		if !street {
			line, step = s.wound(line), 310
		}
		line = resample(line, step)
		first, last := input.Geometry[0], input.Geometry[len(input.Geometry)-1]
		before := int32(-1)
		for i, p := range line {
			var here int32
			end, isEnd := first, i == 0
			if i == len(line)-1 {
				end, isEnd = last, true
			}
			if j, ok := known[end]; isEnd && ok {
				here = j
			} else {
				c := s.land.at(p)
				if c < 0 {
					c = s.nearestCommune(p)
				}
				if !s.land.communes[c].taken {
					before = -1
					continue
				}
				here = s.add(node{at: p, commune: int16(c), urban: street, fixed: true})
				s.roadAt[c] = append(s.roadAt[c], p)
				if isEnd {
					known[end] = here
				}
			}
			if before >= 0 && before != here {
				e := edge{from: before, to: here, fixed: true, oneway: input.Oneway, ref: input.Ref, name: input.Name}
				switch input.Class {
				case "RN":
					e.class = national
				case "RD":
					e.class = departmental
				default:
					e.class = communal
				}
				s.edges = append(s.edges, e)
				a, b := s.nodes[before].at, s.nodes[here].at
				s.circles.put(int32(len(s.radii)), middle(a, b))
				s.radii = append(s.radii, a.distance(b)/2*1.05)
			}
			before = here
		}
	}
	return nil
}

func (s *site) nearestCommune(p point) int {
	best, bestM := 0, math.Inf(1)
	for i := range s.land.communes {
		if m := s.land.communes[i].centre.distance(p); m < bestM {
			best, bestM = i, m
		}
	}
	return best
}

// wound bends straight lines, halving them again and again.
func (s *site) wound(line []point) []point {
	out := line[:1:1]
	for i := 1; i < len(line); i++ {
		out = s.bend(out, line[i-1], line[i])
	}
	return out
}

func (s *site) bend(out []point, a, b point) []point {
	m := a.distance(b)
	if m < 300 {
		return append(out, b)
	}
	aside := s.random.NormFloat64() * 0.13
	aside = max(-0.25, min(0.25, aside))
	across := b.minus(a)
	c := middle(a, b).plus(point{-across.y, across.x}.times(aside))
	return s.bend(s.bend(out, a, c), c, b)
}

// resample puts points along a line at about equal steps, its ends among them.
func resample(line []point, step float64) []point {
	total := 0.0
	for i := 1; i < len(line); i++ {
		total += line[i-1].distance(line[i])
	}
	parts := max(1, int(total/step+0.5))
	out := []point{line[0]}
	done, next := 0.0, total/float64(parts)
	for i := 1; i < len(line); i++ {
		m := line[i-1].distance(line[i])
		for len(out) < parts && done+m >= next && m > 0 {
			out = append(out, line[i-1].plus(line[i].minus(line[i-1]).times((next-done)/m)))
			next += total / float64(parts)
		}
		done += m
	}
	return append(out, line[len(line)-1])
}

// towns puts the grids of a commune's town and localities.
func (s *site) towns(i int) {
	c := &s.land.communes[i]
	want := countryUrban * urbanOf(c) / allUrban
	spacing := min(92, math.Sqrt(c.areaKm2*1e6*0.8/want))
	centres := []point{s.town(i)}
	shares := []float64{0.55}
	for _, p := range c.places {
		if p.distance(centres[0]) > 1200 && len(centres) < 6 {
			centres = append(centres, p)
		}
	}
	for n := 2 + int(want/300); len(centres) < min(n, 9); {
		centres = append(centres, s.somewhere(i))
	}
	for range centres[1:] {
		shares = append(shares, s.between(0.2, 1))
	}
	rest := 0.0
	for _, share := range shares[1:] {
		rest += share
	}
	type lot struct {
		at    point
		score float64
	}
	var lots []lot
	for k, centre := range centres {
		s.centres = append(s.centres, centreAt(centre, k == 0))
		share := shares[k]
		if k > 0 {
			share *= (1 - shares[0]) / rest
		}
		radius := math.Sqrt(want * share * spacing * spacing / math.Pi)
		s.lattice(centre, radius*2, spacing, func(p point, favour float64) {
			for other, q := range centres {
				if other != k && q.distance(p) < centre.distance(p) {
					return
				}
			}
			if s.land.at(p) == i {
				lots = append(lots, lot{p, centre.distance(p) / radius * favour})
			}
		})
	}
	slices.SortStableFunc(lots, func(a, b lot) int { return cmp.Compare(a.score, b.score) })
	for n, at := 0, 0; at < len(lots) && n < int(want+0.5); at++ {
		if s.put(lots[at].at, spacing*0.5, node{urban: true}) {
			n++
		}
	}
}

func centreAt(p point, main bool) centre { return centre{at: p, node: -1, main: main} }

// town is where a commune's town is: a place known, else on the national road
// near its middle, else its middle.
func (s *site) town(i int) point {
	c := &s.land.communes[i]
	var best point
	bestM := math.Inf(1)
	for _, list := range [][]point{c.places, s.roadAt[i]} {
		for _, p := range list {
			if m := p.distance(c.centre); m < bestM {
				best, bestM = p, m
			}
		}
		if bestM < math.Inf(1) {
			return best
		}
	}
	if s.land.at(c.centre) == i {
		return c.centre
	}
	return s.somewhere(i)
}

// somewhere is a point in a commune.
func (s *site) somewhere(i int) point {
	c := &s.land.communes[i]
	if len(c.cells) == 0 {
		return c.centre
	}
	cell := c.cells[s.random.IntN(len(c.cells))]
	return s.land.corner(cell, s.random.Float64(), s.random.Float64())
}

// lattice gives the crossings of streets within a radius: quarters of some
// hundred metres, each with a grid of its own direction and width. favour, the
// same all over a quarter, makes towns grow unevenly.
func (s *site) lattice(centre point, radius, spacing float64, give func(p point, favour float64)) {
	const quarterM = 700.0
	type quarter struct {
		at             point
		angle, spacing float64
		favour         float64
	}
	n := int(radius/quarterM) + 1
	quarters := make([]quarter, 0, (2*n+1)*(2*n+1))
	for y := -n; y <= n; y++ {
		for x := -n; x <= n; x++ {
			quarters = append(quarters, quarter{
				at:    centre.plus(point{(float64(x) + s.between(-0.4, 0.4)) * quarterM, (float64(y) + s.between(-0.4, 0.4)) * quarterM}),
				angle: s.between(0, math.Pi/2), spacing: spacing * s.between(0.82, 1.2), favour: s.between(0.75, 1.3),
			})
		}
	}
	row := 2*n + 1
	for i, q := range quarters {
		half := int(quarterM/q.spacing) + 1
		for y := -half; y <= half; y++ {
			for x := -half; x <= half; x++ {
				if s.chance(0.1) {
					continue // a yard, a ravine
				}
				jitter := point{s.between(-0.1, 0.1), s.between(-0.1, 0.1)}
				p := point{float64(x), float64(y)}.plus(jitter).times(q.spacing)
				sin, cos := math.Sincos(q.angle)
				p = q.at.plus(point{p.x*cos - p.y*sin, p.x*sin + p.y*cos})
				mine := true
				for dy := -1; dy <= 1 && mine; dy++ {
					for dx := -1; dx <= 1 && mine; dx++ {
						column, line := i%row+dx, i/row+dy
						if (dx != 0 || dy != 0) && column >= 0 && column < row && line >= 0 && line < row {
							mine = quarters[line*row+column].at.distance(p) >= q.at.distance(p)
						}
					}
				}
				if mine && p.distance(centre) <= radius {
					give(p, q.favour)
				}
			}
		}
	}
}

// countryside puts hamlets and what lies alone.
func (s *site) countryside(i int) {
	c := &s.land.communes[i]
	want := int(countryRural*ruralOf(c)/allRural + 0.5)
	for tries := 0; want > 0 && tries < 50; tries++ {
		if s.chance(0.35) {
			hamlet := s.somewhere(i)
			spread := s.between(250, 800)
			for n := 8 + s.random.IntN(22); n > 0 && want > 0; n-- {
				if s.put(hamlet.plus(polar(spread*math.Abs(s.random.NormFloat64()), s.between(0, 2*math.Pi))), 110, node{}) {
					want--
				}
			}
			continue
		}
		for n := 12; n > 0 && want > 0; n-- {
			if s.put(s.somewhere(i), 200, node{}) {
				want, tries = want-1, 0
			}
		}
	}
}
