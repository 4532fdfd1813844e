package osmtest

import (
	"fmt"
	"math"

	"pasaj/geo/measure"
)

// write draws the windings, gives numbers, and writes nodes, ways and
// restrictions.
func (d *drawing) write(w *Writer) (Size, error) {
	size := Size{Share: d.share, Ways: len(d.ways), Restrictions: len(d.restrictions), Roundabouts: len(d.rings), ClassKm: map[string]float64{}}
	sizes := d.shape()
	ids, inner := make([]int64, len(d.nodes)), make([]int64, len(d.edges))
	next := int64(firstNodeID)
	put := func(p point, tags ...Tag) (int64, error) {
		at := p.lonLat()
		next++
		size.Nodes++
		return next - 1, w.Node(next-1, at[0], at[1], tags...)
	}
	var err error
	for _, way := range d.ways {
		for i, e := range way.edges {
			edge := &d.edges[e]
			ends := [2]int32{edge.from, edge.to}
			if way.back[i] {
				ends = [2]int32{edge.to, edge.from}
			}
			if ids[ends[0]] == 0 {
				if ids[ends[0]], err = put(d.nodes[ends[0]].at); err != nil {
					return size, err
				}
			}
			inner[e] = next
			line := d.winding(e, int(sizes[e]))
			for k, p := range line[1 : len(line)-1] {
				var tags []Tag
				if edge.barrier > 0 && k == len(line)/2-1 {
					tags = d.barrierTags(edge.barrier)
					size.Barriers++
				}
				if _, err := put(p, tags...); err != nil {
					return size, err
				}
			}
			if ids[ends[1]] == 0 {
				if ids[ends[1]], err = put(d.nodes[ends[1]].at); err != nil {
					return size, err
				}
			}
			size.Edges += len(line) - 1
			if edge.bridge {
				size.Bridges++
			}
			km := 0.0
			for k := range line[1:] {
				km += measure.DistanceM(line[k].lonLat(), line[k+1].lonLat()) / 1000
			}
			size.LengthKm += km
			size.ClassKm[kinds[edge.kind]] += km
		}
	}
	size.Junctions = d.junctions()
	for _, way := range d.ways {
		if err := w.Way(way.id, d.refs(way, ids, inner, sizes), d.tags(way)...); err != nil {
			return size, err
		}
	}
	for i, r := range d.restrictions {
		via, kind := int64(0), NodeKind
		if r.viaNode >= 0 {
			via = ids[r.viaNode]
		} else {
			via, kind = d.ways[r.viaWay].id, WayKind
		}
		if err := w.Restriction(firstRelationID+int64(i), r.kind, d.ways[r.from].id, kind, via, d.ways[r.to].id); err != nil {
			return size, err
		}
	}
	return size, nil
}

// junctions counts the nodes that a reduced network keeps.
func (d *drawing) junctions() int {
	first, _ := d.incidence()
	n := 0
	for i := range d.nodes {
		if degree := first[i+1] - first[i]; degree != 2 && degree != 0 {
			n++
		}
	}
	return n
}

// shape shares the country's nodes out as inner nodes of edges: by length, the
// more where roads wind.
func (d *drawing) shape() []int32 {
	first, _ := d.incidence()
	rest := d.total(countryNodes)
	for i := range d.nodes {
		if first[i] != first[i+1] {
			rest--
		}
	}
	need := func(i int) float64 {
		m := d.lengthM(int32(i))
		if e := d.edges[i]; e.class == local && d.nodes[e.from].urban && d.nodes[e.to].urban {
			return m * 0.4
		}
		return m
	}
	total := 0.0
	for i := range d.edges {
		total += need(i)
	}
	out := make([]int32, len(d.edges))
	sum, given := 0.0, 0
	for i := range d.edges {
		sum += need(i)
		to := int(sum/total*float64(rest) + 0.5)
		out[i] = int32(to - given)
		if e := d.edges[i]; e.barrier > 0 && out[i] == 0 {
			out[i]++ // a barrier needs a node; a later edge goes without
			to++
		}
		given = to
	}
	return out
}

// winding is the line of an edge in its own direction or against it, whichever
// way it is walked: the way's. Sideways it is a sum of four sines that vanish at
// both ends.
func (d *drawing) winding(e int32, inner int) []point {
	edge := d.edges[e]
	a, b := d.nodes[edge.from].at, d.nodes[edge.to].at
	amplitude := [...]float64{local: 0.082, communal: 0.08, departmental: 0.07, national: 0.04}[edge.class]
	if d.nodes[edge.from].urban && d.nodes[edge.to].urban {
		amplitude = 0.02
	}
	if edge.ring {
		amplitude = 0
	}
	var waves [4]float64
	for k := range waves {
		waves[k] = max(-2, min(2, d.random.NormFloat64())) * amplitude / float64(k+1)
	}
	along := b.minus(a)
	across := point{-along.y, along.x}
	out := make([]point, inner+2)
	out[0], out[inner+1] = a, b
	for i := 1; i <= inner; i++ {
		t := float64(i) / float64(inner+1)
		aside := 0.0
		for k, wave := range waves {
			aside += wave * math.Sin(float64(k+1)*math.Pi*t)
		}
		if edge.ring {
			// An arc to the right of its chord, which runs anticlockwise.
			aside = -0.42 * math.Sin(math.Pi*t) * min(1, 14/a.distance(b))
		}
		out[i] = a.plus(along.times(t)).plus(across.times(aside))
	}
	return out
}

// refs are the numbers of a way's nodes.
func (d *drawing) refs(w way, ids, inner []int64, sizes []int32) []int64 {
	var out []int64
	for i, e := range w.edges {
		from, to := ids[d.edges[e].from], ids[d.edges[e].to]
		if w.back[i] {
			from, to = to, from
		}
		if i == 0 {
			out = append(out, from)
		}
		for k := range int64(sizes[e]) {
			if w.back[i] {
				k = int64(sizes[e]) - 1 - k
			}
			out = append(out, inner[e]+k)
		}
		out = append(out, to)
	}
	return out
}

func (d *drawing) barrierTags(barrier uint8) []Tag {
	tags := []Tag{{"barrier", barriers[barrier].value}}
	switch {
	case d.chance(0.25):
		tags = append(tags, Tag{"access", "private"})
	case d.chance(0.1):
		tags = append(tags, Tag{"access", "yes"})
	}
	return tags
}

// paved is how likely a road of a kind is to be paved, in hundredths.
var paved = [...]int{
	residential: 25, service: 15, livingStreet: 40, unclassified: 8, track: 0, trail: 0, footway: 10,
	tertiary: 25, secondary: 55, primary: 85, trunk: 96,
}

func (d *drawing) tags(w way) []Tag {
	e := d.edges[w.edges[0]]
	tags := []Tag{{"highway", kinds[e.kind]}}
	add := func(key, value string) { tags = append(tags, Tag{key, value}) }
	if ref := d.roadNumber(e); ref != "" && !e.ring {
		add("ref", ref)
	}
	commune := d.land.communes[d.nodes[e.from].commune].name
	switch {
	case e.ring:
		add("junction", "roundabout")
	case e.name != "":
		add("name", e.name)
	case e.class == national && e.ref != "":
		add("name", "Route Nationale "+e.ref[len("RN"):])
	case e.kind == residential && d.nodes[e.from].urban && d.chance(0.3):
		add("name", fmt.Sprintf("Rue %d", d.random.IntN(60)+1))
	case e.class >= communal && d.chance(0.4):
		add("name", "Route de "+commune)
	}
	if e.class > local && d.chance(0.85) || d.chance(0.45) {
		soft := []string{"unpaved", "gravel", "dirt", "ground", "earth", "compacted", "rock"}
		hard := []string{"asphalt", "asphalt", "paved", "concrete", "paving_stones"}
		if d.random.IntN(100) < paved[e.kind] {
			add("surface", hard[d.random.IntN(len(hard))])
		} else {
			add("surface", soft[d.random.IntN(len(soft))])
		}
	}
	if e.kind == track && d.chance(0.3) {
		add("tracktype", fmt.Sprintf("grade%d", d.random.IntN(5)+1))
	}
	switch {
	case e.oneway && !e.ring,
		e.kind == residential && d.nodes[e.from].urban && len(w.edges) > 1 && d.chance(0.04):
		add("oneway", "yes")
	}
	if e.bridge {
		add("bridge", "yes")
		add("layer", "1")
		if d.chance(0.3) {
			add("maxweight", fmt.Sprint([]int{5, 10, 15, 20, 30}[d.random.IntN(5)]))
		}
	}
	if e.class >= departmental && d.chance(0.1) {
		add("lanes", "2")
	}
	if e.class == national && d.chance(0.1) {
		add("maxspeed", []string{"40", "60", "80"}[d.random.IntN(3)])
	}
	if e.kind == service && d.chance(0.3) {
		add("access", "private")
	}
	return tags
}
