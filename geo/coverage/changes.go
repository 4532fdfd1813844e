package coverage

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"

	"pasaj/geo"
	"pasaj/geo/overlay"
	"pasaj/geo/world"
)

// Limits of a list of changes.
const (
	MaxChanges = 5000 // the largest are listed, the others added up
	sliverM2   = 100  // smaller changes are added up
)

// Kinds of change of what a piece of ground is called.
const (
	Gained       = "gained"       // came under armed groups: controlled, contested or influenced
	Lost         = "lost"         // is under none any more
	Transferred  = "transferred"  // from some principal groups to others
	Reclassified = "reclassified" // another type of control, the same groups or none
	Renewed      = "renewed"      // the same zone in the same hands: newer evidence counts again
	Downgraded   = "downgraded"   // the same zone in the same hands: newer evidence is too weak to count
	Expired      = "expired"      // evidence grew old
	LearnedLate  = "learned_late" // was so already, and not known
	Withdrawn    = "withdrawn"    // was known, and is not any more
	Corrected    = "corrected"    // was known as something else
)

// Causes of change, as the indicator T2 splits it.
const (
	CauseSituation = partSituation
	CauseRevision  = partRevision
	CauseExpiry    = partExpiry
)

var causes = []string{CauseSituation, CauseRevision, CauseExpiry}

// ChangesQuestion asks what became of ground between two instants.
type ChangesQuestion struct {
	World    *world.World
	From, To time.Time
	Areas    []string // as for Question; ground is listed once however many areas ask for it
	Level    string
	Drawn    orb.MultiPolygon
	Past     Past // nil: what was learned late is not told
}

// Changes are the pieces of ground that are called otherwise at To than at
// From. It marshals to a GeoJSON FeatureCollection with members of its own.
//
// A piece is called by the zone that names it: of those that cover it and count
// to the central degree the first by geo.ControlPrecedence, then by confidence,
// then by id. Ground that none of them covers has no name.
type Changes struct {
	Revision       geo.Revision
	Audience       string
	From, To       time.Time
	Status         Status
	LateStatus     Status // not_measured where the record does not go back to From: no change is a revision then
	FormulaVersion string
	Items          []ChangeItem // by area, cause and size
	SliversKm2     float64      // changes of less than 100 m² each
	OmittedItems   int          // beyond MaxChanges, the smallest
	OmittedKm2     float64
}

// Label is what a piece of ground is called.
type Label struct {
	ControlType string       `json:"control_type"`
	Groups      []string     `json:"groups"` // principal holders, in order
	Zone        uuid.UUID    `json:"zone_id"`
	Revision    geo.Revision `json:"revision"` // since which the zone is known to be so
}

// ChangeItem is one piece of ground of one commune, or of what was asked for in
// its place, that is called otherwise for one cause.
type ChangeItem struct {
	Kind            string
	Cause           string
	Areas           []string // p-code of the piece, or "drawn"
	Km2             float64
	From, To        *Label      // nil: no name
	IDs             []uuid.UUID // the zones concerned
	Confidence      *float64    // of what names it then, at ChangesQuestion.To; nil where nothing does
	ConfidenceLabel string
	Geometry        orb.MultiPolygon
}

// Changes lists what became of ground. Errors are those of Measure.
func (e *Engine) Changes(ctx context.Context, q ChangesQuestion) (*Changes, error) {
	if q.From.IsZero() || !q.From.Before(q.To) {
		return nil, geo.Errorf(geo.CodeInvalid, "", "changes are between two instants, the first before the second")
	}
	s, err := e.scene(Question{World: q.World, At: q.To, Areas: q.Areas, Level: q.Level, Drawn: q.Drawn, Past: q.Past})
	if err != nil {
		return nil, err
	}
	out := &Changes{
		Revision: q.World.Revision(), Audience: q.World.Audience().String(), From: q.From.UTC(), To: q.To.UTC(),
		Status: Assessed, LateStatus: Assessed, FormulaVersion: q.World.Model().Version, Items: []ChangeItem{},
	}
	if !s.holds("controlled-zones", "admin-areas") {
		out.Status, out.LateStatus = Withheld, Withheld
		return out, nil
	}
	w, err := s.asKnown(ctx, q.From)
	if err != nil {
		return nil, err
	}
	l := &ledger{
		then: s.elsewhere(s.world, q.From, q.From), fresh: s.elsewhere(s.world, q.To, q.From), now: s, out: out,
	}
	if w != nil {
		l.before = s.elsewhere(w, q.From, q.From)
	} else {
		out.LateStatus = NotMeasured
	}
	var list []*region
	seen := map[*region]bool{}
	for _, t := range s.targets {
		for _, r := range t.regions {
			if !seen[r] {
				seen[r] = true
				list = append(list, r)
			}
		}
	}
	if err := inParallel(ctx, list, l.region); err != nil {
		return nil, err
	}
	return out, l.settle(ctx)
}

// ledger collects the changes of regions.
type ledger struct {
	before, then, fresh, now *scene // as the parts of T2; before is nil where nobody knows
	out                      *Changes

	mu     sync.Mutex
	pieces []*piece
	sliver []float64
}

// piece is a change before its ground is drawn.
type piece struct {
	region   *region
	kind     string
	cause    string
	m2       float64
	from, to *named
	fromSide *side
	toSide   *side
	within   *standing    // the ground of this zone only: of one whose evidence was renewed or downgraded
	without  [2]*standing // not the ground of these
}

// side is one region in one scene: the zones that name its ground, in the order
// in which they do.
type side struct {
	scene *scene
	zones []named
	all   map[uuid.UUID]*standing // every zone that stands, of any degree

	mu    sync.Mutex
	drawn map[*named]orb.MultiPolygon
}

// named is a zone that may name ground.
type named struct {
	standing
	principals []string
}

// read lists the zones of a region in a scene.
func (s *scene) side(r *region) *side {
	out := &side{scene: s, all: map[uuid.UUID]*standing{}, drawn: map[*named]orb.MultiPolygon{}}
	zones := s.standings(r)
	confidence := map[*geo.Version]float64{}
	for i := range zones {
		z := &zones[i]
		out.all[z.v.ID] = z
		if z.degree <= central {
			confidence[z.v] = s.assess(z.v).Confidence
			out.zones = append(out.zones, named{*z, principals(z.v)})
		}
	}
	slices.SortFunc(out.zones, func(a, b named) int {
		return cmp.Or(a.control-b.control, cmp.Compare(confidence[b.v], confidence[a.v]), byID(a.v, b.v))
	})
	return out
}

// names gives the zone that names each cell, nil for none.
func (d *side) names(p *plot) []*named {
	out := make([]*named, len(p.cellM2))
	left := newCellSet(len(out))
	for w := range left {
		left[w] = ^uint64(0)
	}
	own := newCellSet(len(out))
	for i := range d.zones {
		z := &d.zones[i]
		own.intersection(left, p.covers[p.number[z.outline.print]])
		own.each(func(cell int) { out[cell] = z })
		left.difference(left, own)
	}
	return out
}

// alike reports whether two names say the same of the ground.
func alike(a, b *named) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.control == b.control && slices.Equal(a.principals, b.principals)
}

// region finds the changes of one region.
func (l *ledger) region(ctx context.Context, _ int, r *region) error {
	then, fresh, now := l.then.side(r), l.fresh.side(r), l.now.side(r)
	sides := []*side{then, fresh, now}
	before := then
	if l.before != nil {
		before = l.before.side(r)
		sides = append(sides, before)
	}
	var outlines []outline
	for _, d := range sides {
		for _, z := range d.all {
			outlines = append(outlines, z.outline)
		}
	}
	if len(outlines) == 0 {
		return nil
	}
	p, err := l.now.engine.plot(ctx, r, outlines)
	if err != nil {
		return err
	}
	pieces := map[piece]cellSet{}
	for _, step := range []struct {
		cause    string
		from, to *side
	}{{CauseRevision, before, then}, {CauseSituation, then, fresh}, {CauseExpiry, fresh, now}} {
		if step.from == step.to {
			continue
		}
		from, to := step.from.names(p), step.to.names(p)
		for cell := range from {
			a, b := from[cell], to[cell]
			if p.cellM2[cell] == 0 || alike(a, b) {
				continue
			}
			one := piece{region: r, cause: step.cause, from: a, to: b, fromSide: step.from, toSide: step.to}
			one.tell(func(z *standing) bool { return p.covers[p.number[z.outline.print]].has(cell) })
			if pieces[one] == nil {
				pieces[one] = newCellSet(len(from))
			}
			pieces[one].put(cell)
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for one, cells := range pieces {
		if one.m2 = p.shape.AreaM2(cells.has); one.m2 < sliverM2 {
			l.sliver = append(l.sliver, one.m2)
			continue
		}
		l.pieces = append(l.pieces, &one)
	}
	return nil
}

// tell says what sort of change it is at a place that some zones cover. Where
// the zone that names the ground afterwards stood there before and said the
// same, or the one that named it before still does, it is the evidence that
// changed and not the situation.
func (p *piece) tell(covers func(*standing) bool) {
	a, b := p.from, p.to
	switch p.cause {
	case CauseExpiry:
		p.kind = Expired
		return
	case CauseRevision:
		switch {
		case a == nil:
			p.kind = LearnedLate
		case b == nil:
			p.kind = Withdrawn
		default:
			p.kind = Corrected
		}
		return
	}
	same := func(z *named, other *side) *standing {
		if z == nil {
			return nil
		}
		if o := other.all[z.v.ID]; o != nil && o.degree > central && sameHands(o.v, z.v) {
			return o
		}
		return nil
	}
	p.without = [2]*standing{same(b, p.fromSide), same(a, p.toSide)}
	for n, kind := range []string{Renewed, Downgraded} {
		if z := p.without[n]; z != nil && covers(z) {
			p.kind, p.within, p.without[n] = kind, z, nil
			if n == 0 {
				p.without[1] = nil
			}
			return
		}
	}
	groups := func(z *named) bool { return z != nil && z.control < affecting }
	switch {
	case !groups(a) && groups(b):
		p.kind = Gained
	case groups(a) && !groups(b):
		p.kind = Lost
	case groups(a) && !slices.Equal(a.principals, b.principals):
		p.kind = Transferred
	default:
		p.kind = Reclassified
	}
}

// ground draws the ground that a zone names in a side; nil names what none does.
func (d *side) ground(r *region, z *named) (orb.MultiPolygon, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if have, ok := d.drawn[z]; ok {
		return have, nil
	}
	area, err := r.area, error(nil)
	if z != nil {
		if area, err = overlay.Intersection(r.area, z.outline.area); err != nil {
			return nil, err
		}
	}
	for i := range d.zones {
		if z == &d.zones[i] {
			break
		}
		if area, err = overlay.Difference(area, d.zones[i].outline.area); err != nil {
			return nil, err
		}
	}
	d.drawn[z] = area
	return area, nil
}

// draw gives a piece its ground.
func (p *piece) draw() (orb.MultiPolygon, error) {
	from, err := p.fromSide.ground(p.region, p.from)
	if err != nil {
		return nil, err
	}
	to, err := p.toSide.ground(p.region, p.to)
	if err != nil {
		return nil, err
	}
	area, err := overlay.Intersection(from, to)
	if err == nil && p.within != nil {
		area, err = overlay.Intersection(area, p.within.outline.area)
	}
	for _, z := range p.without {
		if err == nil && z != nil {
			area, err = overlay.Difference(area, z.outline.area)
		}
	}
	return area, err
}

// compare orders pieces by area, cause, size and zones.
func (p *piece) compare(q *piece) int {
	id := func(z *named) uuid.UUID {
		if z == nil {
			return uuid.Nil
		}
		return z.v.ID
	}
	a, b := id(p.from), id(q.from)
	c, d := id(p.to), id(q.to)
	return cmp.Or(cmp.Compare(p.region.id, q.region.id), slices.Index(causes, p.cause)-slices.Index(causes, q.cause),
		cmp.Compare(q.m2, p.m2), slices.Compare(a[:], b[:]), slices.Compare(c[:], d[:]), cmp.Compare(p.kind, q.kind))
}

// settle orders the pieces, leaves the smallest out where there are too many,
// and draws the others.
func (l *ledger) settle(ctx context.Context) error {
	slices.Sort(l.sliver)
	l.out.SliversKm2 = significant(sum(l.sliver) / 1e6)
	slices.SortFunc(l.pieces, func(p, q *piece) int { return cmp.Or(cmp.Compare(q.m2, p.m2), p.compare(q)) })
	if len(l.pieces) > MaxChanges {
		omitted := 0.0
		for _, p := range l.pieces[MaxChanges:] {
			omitted += p.m2
		}
		l.out.OmittedItems, l.out.OmittedKm2 = len(l.pieces)-MaxChanges, significant(omitted/1e6)
		l.pieces = l.pieces[:MaxChanges]
	}
	slices.SortFunc(l.pieces, (*piece).compare)
	l.out.Items = make([]ChangeItem, len(l.pieces))
	return inParallel(ctx, l.pieces, func(_ context.Context, n int, p *piece) error {
		area, err := p.draw()
		if err != nil {
			return fmt.Errorf("drawing a change in %s: %w", p.region.id, err)
		}
		item := ChangeItem{Kind: p.kind, Cause: p.cause, Areas: []string{p.region.id}, Km2: significant(p.m2 / 1e6), From: labelOf(p.from), To: labelOf(p.to), Geometry: rounded(area)}
		for _, z := range []*named{p.from, p.to} {
			if z != nil {
				item.IDs = append(item.IDs, z.v.ID)
			}
		}
		item.IDs = sortIDs(item.IDs)
		if p.to != nil {
			c := significant(l.now.assess(p.to.v).Confidence)
			item.Confidence, item.ConfidenceLabel = &c, l.now.world.Model().Label(c)
		}
		l.out.Items[n] = item
		return nil
	})
}

func labelOf(z *named) *Label {
	if z == nil {
		return nil
	}
	groups := z.principals
	if groups == nil {
		groups = []string{}
	}
	return &Label{ControlType: geo.ControlPrecedence[z.control], Groups: groups, Zone: z.v.ID, Revision: z.v.Known}
}

// rounded are coordinates as the record rounds them.
func rounded(area orb.MultiPolygon) orb.MultiPolygon {
	out := make(orb.MultiPolygon, 0, len(area))
	for _, polygon := range area {
		rings := make(orb.Polygon, 0, len(polygon))
		for _, ring := range polygon {
			points := make(orb.Ring, 0, len(ring))
			for _, p := range ring {
				p = orb.Point{geo.RoundCoordinate(p[0]), geo.RoundCoordinate(p[1])}
				if n := len(points); n == 0 || points[n-1] != p {
					points = append(points, p)
				}
			}
			if len(points) >= 4 {
				rings = append(rings, points)
			} else if len(rings) == 0 {
				break // an outer ring that rounding closed
			}
		}
		if len(rings) > 0 {
			out = append(out, rings)
		}
	}
	return out
}

// MarshalJSON writes a GeoJSON FeatureCollection.
func (c *Changes) MarshalJSON() ([]byte, error) {
	type properties struct {
		Kind            string      `json:"kind"`
		Cause           string      `json:"cause"`
		Areas           []string    `json:"areas"`
		Km2             float64     `json:"km2"`
		From            *Label      `json:"from"`
		To              *Label      `json:"to"`
		IDs             []uuid.UUID `json:"ids"`
		Confidence      *float64    `json:"confidence"`
		ConfidenceLabel string      `json:"confidence_label,omitempty"`
	}
	type feature struct {
		Type       string            `json:"type"`
		Geometry   *geojson.Geometry `json:"geometry"`
		Properties properties        `json:"properties"`
	}
	type omitted struct {
		Items int     `json:"items"`
		Km2   float64 `json:"km2"`
	}
	features := make([]feature, len(c.Items))
	for n := range c.Items {
		i := &c.Items[n]
		features[n] = feature{"Feature", nil, properties{i.Kind, i.Cause, i.Areas, i.Km2, i.From, i.To, i.IDs, i.Confidence, i.ConfidenceLabel}}
		if len(i.Geometry) > 0 {
			features[n].Geometry = geojson.NewGeometry(i.Geometry)
		}
	}
	var slivers *float64 // null where nothing was measured
	var left *omitted
	if c.Status == Assessed {
		slivers, left = &c.SliversKm2, &omitted{c.OmittedItems, c.OmittedKm2}
	}
	return json.Marshal(struct {
		Type           string       `json:"type"`
		Revision       geo.Revision `json:"revision"`
		Audience       string       `json:"audience"`
		From           string       `json:"from"`
		To             string       `json:"to"`
		Status         Status       `json:"status"`
		LateStatus     Status       `json:"late_information_status"`
		FormulaVersion string       `json:"formula_version"`
		Notice         geo.Text     `json:"notice"`
		SliversKm2     *float64     `json:"slivers_km2"`
		Omitted        *omitted     `json:"omitted"`
		Features       []feature    `json:"features"`
	}{"FeatureCollection", c.Revision, c.Audience, geo.FormatInstant(c.From), geo.FormatInstant(c.To), c.Status, c.LateStatus,
		c.FormulaVersion, Notice, slivers, left, features})
}
