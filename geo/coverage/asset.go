package coverage

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/isolation"
	"pasaj/geo/measure"
	"pasaj/geo/overlay"
)

// AssetKind is one kind of critical asset: what the Security Council was asked
// to have secured first are seaports, airports, fuel terminals and main roads
// of the capital and the Lower Artibonite.
type AssetKind struct {
	ID       string
	Layer    string
	Types    []string // facility_type; none for roads
	Priority bool     // only in the priority areas
}

// CriticalAssets lists the kinds of critical assets. Hospitals are not among
// them: the record does not say which are main ones.
func CriticalAssets() []AssetKind {
	return []AssetKind{
		{ID: "port", Layer: "ports", Types: []string{"port"}},
		{ID: "fuel_terminal", Layer: "ports", Types: []string{"fuel_terminal"}},
		{ID: "fuel_terminal", Layer: "facilities", Types: []string{"fuel_terminal"}},
		{ID: "airport", Layer: "airports", Types: []string{"airport"}},
		{ID: crossingType, Layer: "facilities", Types: []string{crossingType}},
		{ID: "national_road", Layer: "national-roads", Priority: true},
	}
}

// priorityAreas are the named areas whose roads are critical.
var priorityAreas = []string{"ZMPP-admin", "lower-artibonite"}

var assetIndicator = &Indicator{
	Code: "C1", Version: 1, Unit: UnitCount, Layers: []string{"controlled-zones", "ports", "airports", "facilities", "national-roads"}, measure: measureAssets,
	Title: geo.Text{
		French:  "Sites critiques : hors contrôle de groupes, en service, accessibles",
		Haitian: "Kote enpòtan : pa anba gwoup, k ap mache, moun ka rive",
		English: "Critical assets: outside groups’ control, functioning, reachable",
	},
}

// asset is one critical asset.
type asset struct {
	hub
	kind  string
	lines orb.MultiLineString // a road's; nil for the others
}

// assets are the critical assets on record, by kind and id.
func (s *scene) assets() []*asset {
	if have, ok := s.kept["assets"]; ok {
		return have.([]*asset)
	}
	priority := map[*region]bool{}
	for _, id := range priorityAreas {
		if t := s.ground.find(id); t != nil {
			for _, r := range t.regions {
				priority[r] = true
			}
		}
	}
	official := map[*hub]bool{}
	for _, h := range s.crossings(true) {
		official[h] = true
	}
	var out []*asset
	for _, kind := range CriticalAssets() {
		if kind.Layer == "national-roads" {
			for _, a := range s.roadAssets() {
				if !kind.Priority || priority[a.commune] {
					out = append(out, a)
				}
			}
			continue
		}
		for _, h := range s.hubsOf(kind.Layer, kind.Types...) {
			if kind.ID == crossingType && !official[h] || kind.Priority && !priority[h.commune] {
				continue
			}
			out = append(out, &asset{hub: *h, kind: kind.ID})
		}
	}
	s.kept["assets"] = out
	return out
}

// roadAssets are the sections of national roads, each standing at its middle.
func (s *scene) roadAssets() []*asset {
	if have, ok := s.kept["road assets"]; ok {
		return have.([]*asset)
	}
	var out []*asset
	s.each("national-roads", func(v *geo.Version) {
		lines := linesOf(v.Geometry)
		if len(lines) == 0 {
			return
		}
		longest := slices.MaxFunc(lines, func(a, b orb.LineString) int {
			return int(measure.LengthM(a)*1000) - int(measure.LengthM(b)*1000)
		})
		middle := measure.Interpolate(longest, measure.LengthM(longest)/2)
		out = append(out, &asset{hub: hub{v: v, at: middle, commune: s.ground.locate(middle)}, kind: "national_road", lines: lines})
	})
	s.kept["road assets"] = out
	return out
}

func linesOf(g orb.Geometry) orb.MultiLineString {
	switch g := g.(type) {
	case orb.LineString:
		return orb.MultiLineString{g}
	case orb.MultiLineString:
		return g
	}
	return nil
}

// holdsGround are the types of control that C1 and C2 call control.
var holdsGround = []string{"controlled", "contested", "influenced"}

// context is what zones say of some ground, by degree of evidence.
type controlContext struct {
	held, unknown, other [degrees]bool // zones of control, of type unknown, of any other type
}

// outside is whether the ground is outside control. Ground that no zone covers
// is not assessed, which is unknown.
func (c *controlContext) outside() certainty {
	var out certainty
	out.is = [degrees]bool{
		c.other[low] && !c.held[high] && !c.unknown[high],
		c.other[central] && !c.held[central] && !c.unknown[central],
		!c.held[low],
	}
	out.not = [degrees]bool{c.held[low], c.held[central], !out.is[low]}
	return out
}

func (c *controlContext) note(control string, d degree) {
	list := &c.other
	if slices.Contains(holdsGround, control) {
		list = &c.held
	} else if control == "unknown" {
		list = &c.unknown
	}
	for ; d < degrees; d++ {
		list[d] = true
	}
}

// names reports whether a zone counts in the scene.
func (s *scene) names(zone *geo.Version) bool {
	return approved(zone) && (s.leaveOut == nil || !s.leaveOut(zone))
}

// controlAt is what zones say of a place.
func (s *scene) controlAt(p orb.Point) controlContext {
	var c controlContext
	s.world.Named("controlled-zones").Search(p.Bound(), geo.At(s.at), func(v *geo.Version) bool {
		if area, ok := v.Geometry.(orb.MultiPolygon); ok && s.names(v) && overlay.Contains(area, p) {
			c.note(v.Text("control_type"), s.degree(v))
		}
		return true
	})
	return c
}

// outsideControl is whether an asset is outside control: a place by what covers
// it, a road where at most a hundredth of it is not outside.
func (s *scene) outsideControl(a *asset) certainty {
	if a.lines == nil {
		context := s.controlAt(a.at)
		return context.outside()
	}
	const touched = 0.01
	free, held, wholeM := s.roadOutside(a)
	var c certainty
	for d := range degrees {
		c.is[d] = free[d] >= (1-touched)*wholeM
		c.not[d] = held[d] > touched*wholeM
	}
	c.not[high] = !c.is[low]
	return c
}

// operates is whether an asset works: a facility fully or in part, an airport
// with flights too, a road that is open or restricted.
func (s *scene) operates(a *asset) certainty {
	switch a.kind {
	case "national_road":
		switch a.v.Text("status") {
		case "open", "restricted":
			return certainBy(true, s.degree(a.v))
		case "closed":
			return certainBy(false, s.degree(a.v))
		}
		return nobodyKnows
	case "airport":
		flights := nobodyKnows
		if f := flightStatus(a.v); f != isolation.Unknown {
			flights = certainBy(f != isolation.Closed, s.degree(a.v))
		}
		return s.functions(a.v).and(flights)
	}
	return s.functions(a.v)
}

// reachable is whether a 20-tonne truck gets to the hinterland.
func reachable(way isolation.Status) certainty {
	if way == isolation.Unknown {
		return nobodyKnows
	}
	return certainBy(way != isolation.Closed, low)
}

// C1. For each critical asset one point for each of: outside the control of
// groups, functioning, reachable (three at most); and by area the number of
// assets outside control, under control, of unknown control and of those that
// have all three points, of all on record.
func measureAssets(ctx context.Context, s *scene, i *Indicator) ([]Value, error) {
	assets := s.assets()
	hubs := make([]*hub, len(assets))
	for k, a := range assets {
		hubs[k] = &a.hub
	}
	land, err := s.landWays(ctx, hubs)
	if err != nil {
		return nil, err
	}
	type score struct{ outside, works, reached certainty }
	scores := make([]score, len(assets))
	for k, a := range assets {
		scores[k] = score{s.outsideControl(a), s.operates(a), reachable(land[a.v])}
	}
	var out []Value
	for _, t := range s.targets {
		var outside, under, unknown, all assetRow
		var rows []Value
		for k, a := range assets {
			if !t.covers(a.at, a.commune) {
				continue
			}
			one := scores[k]
			outside.add(s, a.v, one.outside)
			under.add(s, a.v, one.outside.opposite())
			unknown.add(s, a.v, one.outside.doubt())
			all.add(s, a.v, one.outside.and(one.works).and(one.reached))
			rows = append(rows, s.scoreRow(i, t, a, one.outside, one.works, one.reached))
		}
		if len(rows) == 0 {
			out = append(out, s.notMeasured(i, t, noneHere))
			continue
		}
		whole := &Whole{
			Name:   prefixed(geo.Text{French: "sites critiques au registre, ", Haitian: "kote enpòtan ki nan rejis la, ", English: "critical assets on record, "}, t.title()),
			Amount: float64(len(rows)), Unit: UnitCount, Source: "record",
		}
		for _, total := range []struct {
			name string
			row  *assetRow
		}{{"outside_control", &outside}, {"under_control", &under}, {"control_unknown", &unknown}, {"outside_control_functioning_reachable", &all}} {
			v := total.row.value(s, i, t, whole, "total", total.name)
			v.Note = &unassessedAsset
			out = append(out, v)
		}
		out = append(out, rows...)
	}
	return out, nil
}

var unassessedAsset = geo.Text{
	French:  "Un endroit que personne n’a évalué peut être hors contrôle ou sous contrôle : il ne compte que dans le haut des deux.",
	Haitian: "Yon kote pèsonn pa evalye ka anba kontwòl oswa deyò : li konte nan chif wo a sèlman, nan toude.",
	English: "A place that nobody has assessed may be outside control or under it: it counts in the high figure of both only.",
}

func (s *scene) scoreRow(i *Indicator, t *target, a *asset, parts ...certainty) Value {
	v := s.value(i, t, "asset", a.kind, "id", a.v.ID.String(), "code", a.v.Text("code"), "name", a.v.Name().French)
	var amount Range
	for k, name := range []string{"outside_control", "functioning", "reachable"} {
		parts[k].count(&amount)
		v.Of[name] = parts[k].word()
	}
	v.Amount, v.Share = amount.rounded(), amount.over(3)
	v.Whole = &Whole{
		Name:   geo.Text{French: "conditions", Haitian: "kondisyon", English: "conditions"},
		Amount: 3, Unit: UnitCount, Source: fmt.Sprintf("%s: %s", i.Formula(), strings.Join([]string{"outside control", "functioning", "reachable"}, ", ")),
	}
	var c counted
	c.add(a.v.ID, s.assess(a.v).Confidence, 1)
	s.trace(&v, &c)
	return v
}
