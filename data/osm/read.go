package osm

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"math"
	"slices"
	"time"

	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/road"
)

// Options say what to read.
type Options struct {
	// Clip is the area to keep; roads are cut at its border. Nil keeps all
	// that the record can hold (geo.Extent).
	Clip orb.MultiPolygon
	// Join joins near misses: see road.Join.
	Join bool
	// Name of the network; by default OpenStreetMap, Source and the date of the
	// data.
	Name string
	// Source is what the default name calls the file; may be empty.
	Source string
	// Licence to be shown with answers; by default that of OpenStreetMap at the
	// date of the data.
	Licence string
	// Progress, when not nil, is told now and then how far the reading is.
	Progress func(Progress)
}

// Result is a network ready to be stored, and what happened on the way.
type Result struct {
	Network road.Network // its ID follows from the content of Edges and Turns
	Edges   []road.EdgeInput
	Turns   []road.Turn
	Graph   *road.Graph // of these
	Report  Report
}

// Read makes a road network of an OpenStreetMap extract in PBF format. Errors
// that the file is to blame for are *geo.Error: code invalid for a damaged file,
// unsupported_media for one of another kind, too_large beyond a limit,
// unprocessable when there is no road in it. Nothing is kept open.
func Read(ctx context.Context, r io.ReadSeeker, o Options) (*Result, error) {
	c := collection{scanner: scanner{r: r, progress: o.Progress}}
	clip, err := newClip(o.Clip)
	if err != nil {
		return nil, err
	}
	if err := c.collectRoads(ctx); err != nil {
		return nil, err
	}
	c.number()
	if err := c.collectNodes(ctx); err != nil {
		return nil, err
	}
	phase := func(done int64) {
		if o.Progress != nil {
			o.Progress(Progress{Phase: "network", Done: done, Total: 4})
		}
	}
	phase(0)
	a := assembly{collection: &c, clip: clip}
	edges, err := a.edges(ctx)
	if err != nil {
		return nil, err
	}
	phase(1)
	if len(edges) == 0 {
		return nil, geo.Errorf(geo.CodeUnprocessable, "", "the file holds no road inside the area: %d ways, none of them kept", c.report.Ways)
	}
	turns := a.turns(edges)
	phase(2)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	misses := road.NearMisses(edges)
	c.report.countMisses(edges, misses)
	if o.Join && len(misses) > 0 {
		if edges, turns, err = road.Join(edges, turns, misses); err != nil {
			return nil, fmt.Errorf("join near misses: %w", err)
		}
		c.report.Joined = len(misses)
	}
	phase(3)
	network := road.Network{ID: contentID(edges, turns), Name: o.Name, Licence: o.Licence, PrecisionM: precisionM}
	c.describe(&network, o.Source)
	graph, err := road.Build(network, edges, turns...)
	if err != nil {
		return nil, fmt.Errorf("the roads of the file do not make a network: %w", err)
	}
	c.report.Bytes = c.bytes
	c.report.measure(graph)
	phase(4)
	return &Result{Network: network, Edges: edges, Turns: turns, Graph: graph, Report: c.report}, nil
}

// licenceChange is the day OpenStreetMap's data went from CC BY-SA to the ODbL.
var licenceChange = time.Date(2012, 9, 12, 0, 0, 0, 0, time.UTC)

// describe gives a network the name and licence it was not given.
func (c *collection) describe(n *road.Network, source string) {
	name := "OpenStreetMap"
	if source != "" {
		name += " (" + source + ")"
	}
	if c.header.timestamp > 0 && c.header.timestamp < 1<<40 {
		c.report.Date = time.Unix(c.header.timestamp, 0).UTC()
		name += ", " + c.report.Date.Format(time.DateOnly)
	}
	if n.Name == "" {
		n.Name = cut(name, maxText)
	}
	if n.Licence == "" {
		n.Licence = "© OpenStreetMap contributors, ODbL 1.0"
		if !c.report.Date.IsZero() && c.report.Date.Before(licenceChange) {
			n.Licence = "© OpenStreetMap contributors, CC BY-SA 2.0"
		}
	}
}

// way is a road of the file; its nodes are refs[first : first+nodes].
type way struct {
	attributes
	id    int64
	first int
	nodes int
}

// collection is what the two passes over the file gather.
type collection struct {
	scanner
	report       Report
	ways         []way
	rawRefs      []int64 // nodes of the ways as identifiers, between the passes
	refs         []int32 // nodes of the ways as places in nodeIDs
	restrictions []restriction
	nodeIDs      []int64 // of all ways, ascending
	points       []point
	have         []bool  // which of them the file has
	uses         []uint8 // how often ways pass them, 255 at most
	barriers     map[int32]barrier
	towns        towns
}

// roadBatch is what the first pass finds in one block.
type roadBatch struct {
	ways             []way
	refs             []int64
	restrictions     []restriction
	otherWays, other int // ways and relations that are of no interest
	dropped          map[string]int
	ignored          map[string]int
}

// collectRoads is the first pass: roads and turn restrictions.
func (c *collection) collectRoads(ctx context.Context) error {
	return scan(ctx, &c.scanner, "roads", func(b *block) (out roadBatch, err error) {
		out.dropped, out.ignored = map[string]int{}, map[string]int{}
		out.otherWays, err = b.eachWay(b.keyed("highway", "route"), out.add)
		if err != nil {
			return out, err
		}
		out.other, err = b.eachRelation(b.keyed("restriction", "restriction:conditional", "restriction:motorcar", "restriction:motor_vehicle",
			"restriction:vehicle", "restriction:hgv", "restriction:bus", "restriction:motorcycle"), func(id int64, t tags, members []member) error {
			r, ignored := parseRestriction(id, t, members)
			if ignored != "" {
				out.ignored[ignored]++
			} else {
				out.restrictions = append(out.restrictions, r)
			}
			return nil
		})
		return out, err
	}, c.takeRoads)
}

func (out *roadBatch) add(id int64, t tags, refs packed) error {
	if t.get("highway") == "" && t.get("route") != "ferry" {
		out.otherWays++
		return nil
	}
	a, dropped := attributesOf(t)
	if dropped == "" && refs.count() > maxWayNodes {
		dropped = tooManyNodes
	}
	if dropped != "" {
		out.dropped[dropped]++
		return nil
	}
	w := way{attributes: a, id: id, first: len(out.refs)}
	ref := int64(0)
	for {
		delta, ok := refs.signed()
		if !ok {
			break
		}
		ref += delta
		out.refs = append(out.refs, ref)
	}
	if refs.broken {
		return errWire
	}
	if len(out.refs) > maxBlockRefs {
		return fmt.Errorf("its roads have more than %d nodes", maxBlockRefs)
	}
	w.nodes = len(out.refs) - w.first
	out.ways = append(out.ways, w)
	return nil
}

func (c *collection) takeRoads(b roadBatch) error {
	r := &c.report
	r.Ways += len(b.ways) + b.otherWays
	for reason, n := range b.dropped {
		r.Ways += n
		r.dropWays(reason, n)
	}
	r.OtherWays += b.otherWays
	r.OtherRelations += b.other
	for reason, n := range b.ignored {
		r.ignoreTurns(reason, n)
	}
	offset := len(c.rawRefs)
	for _, w := range b.ways {
		w.first += offset
		c.ways = append(c.ways, w)
		if w.nodes > ordinaryWayNodes {
			r.LongWays++
		}
		r.Reversible += one(w.reversible)
		r.UnknownSurfaces += one(w.unknownSurface)
	}
	c.rawRefs = append(c.rawRefs, b.refs...)
	c.restrictions = append(c.restrictions, b.restrictions...)
	switch {
	case len(c.ways) > maxWays:
		return geo.Errorf(geo.CodeTooLarge, "", "the file has more than %d roads: take a smaller extract", maxWays)
	case len(c.rawRefs) > maxRefs:
		return geo.Errorf(geo.CodeTooLarge, "", "the roads of the file have more than %d nodes: take a smaller extract", maxRefs)
	case len(c.restrictions) > maxRestrictions:
		return geo.Errorf(geo.CodeTooLarge, "", "the file has more than %d turn restrictions", maxRestrictions)
	}
	return nil
}

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}

// number turns node identifiers into places in a sorted list.
func (c *collection) number() {
	slices.SortStableFunc(c.ways, func(a, b way) int { return cmp.Compare(a.id, b.id) })
	c.nodeIDs = slices.Clone(c.rawRefs)
	slices.Sort(c.nodeIDs)
	c.nodeIDs = slices.Clip(slices.Compact(c.nodeIDs))
	c.refs = make([]int32, len(c.rawRefs))
	for i, id := range c.rawRefs {
		place, _ := slices.BinarySearch(c.nodeIDs, id)
		c.refs[i] = int32(place)
	}
	c.rawRefs = nil
	c.points, c.have = make([]point, len(c.nodeIDs)), make([]bool, len(c.nodeIDs))
	c.barriers = map[int32]barrier{}
}

// nodeBatch is what the second pass finds in one block.
type nodeBatch struct {
	seen      int
	places    []int32 // in nodeIDs
	points    []point
	barriers  map[int32]barrier
	towns     []town
	misplaced int
}

// collectNodes is the second pass: coordinates of the roads' nodes, barriers
// on them, and the places that make a street of a road.
func (c *collection) collectNodes(ctx context.Context) error {
	return scan(ctx, &c.scanner, "nodes", func(b *block) (out nodeBatch, err error) {
		out.barriers = map[int32]barrier{}
		towns := b.keyed("place")
		next := 0
		err = b.eachNode(func(id int64, p point, ok bool, keyvals []uint64) error {
			out.seen++
			if towns != nil && ok {
				for i := 0; i < len(keyvals); i += 2 {
					if keyvals[i] < uint64(len(towns)) && towns[keyvals[i]] {
						value, err := b.text(keyvals[i+1])
						if err != nil {
							return err
						}
						if radiusM := townRadiusM[string(value)]; radiusM > 0 {
							out.towns = append(out.towns, town{p, radiusM})
						}
					}
				}
			}
			place, wanted := c.find(id, &next)
			if !wanted {
				return nil
			}
			if !ok || p == (point{}) {
				out.misplaced++
				return nil
			}
			out.places, out.points = append(out.places, int32(place)), append(out.points, p)
			if len(keyvals) > 0 {
				t, err := b.nodeTags(keyvals)
				if err != nil {
					return err
				}
				if one, ok := barrierOf(t); ok {
					out.barriers[int32(place)] = one
				}
			}
			return nil
		})
		return out, err
	}, c.takeNodes)
}

// find looks an identifier up. Files are mostly in order, so the place after
// the last one found is tried first.
func (c *collection) find(id int64, next *int) (place int, ok bool) {
	if n := *next; n < len(c.nodeIDs) && (n == 0 || c.nodeIDs[n-1] < id) && id <= c.nodeIDs[n] {
		if c.nodeIDs[n] != id {
			return 0, false
		}
		*next = n + 1
		return n, true
	}
	place, ok = slices.BinarySearch(c.nodeIDs, id)
	*next = place
	if ok {
		*next = place + 1
	}
	return place, ok
}

func (c *collection) takeNodes(b nodeBatch) error {
	c.report.Nodes += b.seen
	c.report.MisplacedNodes += b.misplaced
	for i, place := range b.places {
		if c.have[place] {
			c.report.DuplicateNodes++
			continue
		}
		c.have[place], c.points[place] = true, b.points[i]
		if one, ok := b.barriers[place]; ok {
			c.barriers[place] = one
		}
	}
	if c.towns.list = append(c.towns.list, b.towns...); len(c.towns.list) > maxPlaces {
		return geo.Errorf(geo.CodeTooLarge, "", "the file has more than %d places", maxPlaces)
	}
	return nil
}

// contentID names a network by what it holds: the same roads read twice are the
// same network.
func contentID(edges []road.EdgeInput, turns []road.Turn) string {
	digest := sha256.New()
	var buf []byte
	text := func(s string) { buf = append(binary.AppendUvarint(buf, uint64(len(s))), s...) }
	float := func(f float64) { buf = binary.LittleEndian.AppendUint64(buf, math.Float64bits(f)) }
	flag := func(b bool) { buf = append(buf, byte(one(b))) }
	for i := range edges {
		e := &edges[i]
		buf = binary.AppendVarint(buf[:0], e.ID)
		buf = binary.AppendVarint(buf, e.WayID)
		for _, s := range []string{e.Ref, e.Name, e.Class, e.Surface, e.Barrier} {
			text(s)
		}
		for _, b := range []bool{e.Oneway, e.Bridge, e.Tunnel} {
			flag(b)
		}
		for _, f := range []float64{e.SpeedKmh, e.MaxLoadT, e.MaxHeightM, e.PrecisionM} {
			float(f)
		}
		buf = binary.AppendUvarint(buf, uint64(e.Access))
		buf = binary.AppendUvarint(buf, uint64(len(e.Geometry)))
		for _, p := range e.Geometry {
			float(p[0])
			float(p[1])
		}
		digest.Write(buf)
	}
	for _, t := range turns {
		buf = binary.AppendVarint(buf[:0], t.From)
		buf = binary.AppendUvarint(buf, uint64(len(t.Via)))
		for _, via := range t.Via {
			buf = binary.AppendVarint(buf, via)
		}
		buf = binary.AppendVarint(buf, t.To)
		flag(t.Only)
		float(t.At[0])
		float(t.At[1])
		digest.Write(buf)
	}
	return "osm-" + hex.EncodeToString(digest.Sum(nil)[:10])
}
