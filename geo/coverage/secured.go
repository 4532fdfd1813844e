package coverage

import (
	"context"
	"slices"

	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/measure"
	"pasaj/geo/overlay"
)

var securedIndicator = &Indicator{
	Code: "C2", Version: 1, Unit: UnitShare, Layers: []string{"controlled-zones", "ports", "airports", "national-roads"}, measure: measureSecured,
	Title: geo.Text{
		French:  "Ports, aéroports et routes nationales hors contrôle et en service",
		Haitian: "Pò, ewopò ak wout nasyonal ki pa anba gwoup epi k ap mache",
		English: "Ports, airports and national roads outside control and in service",
	},
}

// stretches are the parts of a line, in order and not overlapping.
type stretches []overlay.Span

// joined are the parts that either has.
func (a stretches) joined(b stretches) stretches {
	all := slices.Concat(a, b)
	slices.SortFunc(all, func(x, y overlay.Span) int {
		switch {
		case x.From < y.From:
			return -1
		case x.From > y.From:
			return 1
		}
		return 0
	})
	var out stretches
	for _, one := range all {
		if n := len(out); n > 0 && one.From <= out[n-1].To {
			out[n-1].To = max(out[n-1].To, one.To)
		} else {
			out = append(out, one)
		}
	}
	return out
}

// common are the parts that both have.
func (a stretches) common(b stretches) stretches {
	var out stretches
	for _, x := range a {
		for _, y := range b {
			if from, to := max(x.From, y.From), min(x.To, y.To); from < to {
				out = append(out, overlay.Span{From: from, To: to})
			}
		}
	}
	return out
}

// without are the parts that the other has not.
func (a stretches) without(b stretches) stretches {
	var out stretches
	for _, x := range a {
		for _, y := range b {
			if y.To <= x.From || y.From >= x.To {
				continue
			}
			if y.From > x.From {
				out = append(out, overlay.Span{From: x.From, To: y.From})
			}
			x.From = y.To
			if x.From >= x.To {
				break
			}
		}
		if x.From < x.To {
			out = append(out, x)
		}
	}
	return out
}

func (a stretches) lengthM() float64 {
	total := 0.0
	for _, one := range a {
		total += one.LengthM()
	}
	return total
}

// roadContext is a line with the stretches of it that are outside control and
// under it, by degree: as controlContext says it for places.
type roadContext struct {
	line          orb.LineString
	lengthM       float64
	outside, held [degrees]stretches
}

// roadContexts are those of the lines of a road, found once.
func (s *scene) roadContexts(a *asset) []roadContext {
	kept, _ := s.kept["road contexts"].(map[*asset][]roadContext)
	if kept == nil {
		kept = map[*asset][]roadContext{}
		s.kept["road contexts"] = kept
	}
	if have, ok := kept[a]; ok {
		return have
	}
	var out []roadContext
	for _, line := range a.lines {
		var held, unknown, other [degrees]stretches
		s.world.Named("controlled-zones").Search(line.Bound(), geo.At(s.at), func(v *geo.Version) bool {
			area, ok := v.Geometry.(orb.MultiPolygon)
			if !ok || !s.names(v) {
				return true
			}
			list := &other
			if control := v.Text("control_type"); slices.Contains(holdsGround, control) {
				list = &held
			} else if control == "unknown" {
				list = &unknown
			}
			spans := stretches(overlay.Clip(line, area))
			for d := s.degree(v); d < degrees; d++ {
				list[d] = list[d].joined(spans)
			}
			return true
		})
		c := roadContext{line: line, lengthM: measure.LengthM(line), held: held}
		c.outside[low] = other[low].without(held[high]).without(unknown[high])
		c.outside[central] = other[central].without(held[central]).without(unknown[central])
		c.outside[high] = stretches{{From: 0, To: c.lengthM}}.without(held[low])
		out = append(out, c)
	}
	kept[a] = out
	return out
}

// roadOutside is how much of a road is outside control, how much under it, and
// how long it is.
func (s *scene) roadOutside(a *asset) (outsideM, heldM [degrees]float64, lengthM float64) {
	for _, c := range s.roadContexts(a) {
		lengthM += c.lengthM
		for d := range degrees {
			outsideM[d] += c.outside[d].lengthM()
			heldM[d] += c.held[d].lengthM()
		}
	}
	return outsideM, heldM, lengthM
}

// roadWithin is how much of a road in an area is outside control. The country
// has all of every road: the official outlines end at the coast, and roads that
// follow it leave them.
func (s *scene) roadWithin(t *target, a *asset) (outsideM [degrees]float64, lengthM float64) {
	if t.level == LevelCountry {
		outsideM, _, lengthM = s.roadOutside(a)
		return outsideM, lengthM
	}
	for _, c := range s.roadContexts(a) {
		var here stretches
		for _, r := range t.regions {
			if r.box().Intersects(c.line.Bound()) {
				here = here.joined(overlay.Clip(c.line, r.area))
			}
		}
		lengthM += here.lengthM()
		for d := range degrees {
			outsideM[d] += c.outside[d].common(here).lengthM()
		}
	}
	return outsideM, lengthM
}

// C2. Share of ports (by number), of airports (by number) and of national roads
// (by length) that are outside the control of groups and in service; and the
// mean of the three shares, each weighing the same.
func measureSecured(_ context.Context, s *scene, i *Indicator) ([]Value, error) {
	var out []Value
	for _, t := range s.targets {
		parts := []Value{
			s.securedHubs(i, t, "ports", "port", geo.Text{French: "ports au registre, ", Haitian: "pò ki nan rejis la, ", English: "ports on record, "}),
			s.securedHubs(i, t, "airports", "airport", geo.Text{French: "aéroports au registre, ", Haitian: "ewopò ki nan rejis la, ", English: "airports on record, "}),
			s.securedRoads(i, t),
		}
		out = append(out, s.mean(i, t, parts))
		out = append(out, parts...)
	}
	return out, nil
}

func (s *scene) securedHubs(i *Indicator, t *target, layer, kind string, what geo.Text) Value {
	var row assetRow
	n := 0
	for _, h := range hubsIn(t, s.hubsOf(layer, kind)) {
		a := &asset{hub: *h, kind: kind}
		row.add(s, h.v, s.outsideControl(a).and(s.operates(a)))
		n++
	}
	if n == 0 {
		return s.notMeasured(i, t, noneHere, "part", layer)
	}
	return row.value(s, i, t, &Whole{Name: prefixed(what, t.title()), Amount: float64(n), Unit: UnitCount, Source: "record"}, "part", layer)
}

func (s *scene) securedRoads(i *Indicator, t *target) Value {
	var amount Range
	var c counted
	wholeM := 0.0
	for _, a := range s.roadAssets() {
		outsideM, lengthM := s.roadWithin(t, a)
		if lengthM == 0 {
			continue
		}
		wholeM += lengthM
		works := s.operates(a)
		for d, end := range []*float64{&amount.Low, &amount.Central, &amount.High} {
			if works.is[d] {
				*end += outsideM[d] / 1000
			}
		}
		c.add(a.v.ID, s.assess(a.v).Confidence, lengthM)
	}
	if wholeM == 0 {
		return s.notMeasured(i, t, noneHere, "part", "national-roads")
	}
	v := s.value(i, t, "part", "national-roads")
	v.Unit = UnitKm
	v.Amount, v.Share = amount.rounded(), amount.over(wholeM/1000)
	v.Whole = &Whole{
		Name:   prefixed(geo.Text{French: "routes nationales au registre, ", Haitian: "wout nasyonal ki nan rejis la, ", English: "national roads on record, "}, t.title()),
		Amount: significant(wholeM / 1000), Unit: UnitKm, Source: "record",
	}
	s.trace(&v, &c)
	return v
}

// mean is the composite of C2; without one of its parts there is none.
func (s *scene) mean(i *Indicator, t *target, parts []Value) Value {
	var amount Range
	var c counted
	for _, p := range parts {
		if p.Share == nil {
			return s.notMeasured(i, t, geo.Text{
				French:  "Il manque à cette zone un port, un aéroport ou une route nationale au registre : pas de moyenne des trois.",
				Haitian: "Zòn sa a manke swa yon pò, swa yon ewopò, swa yon wout nasyonal nan rejis la : pa gen mwayèn.",
				English: "This area lacks a port, an airport or a national road on record: there is no mean of the three.",
			})
		}
		amount = amount.plus(*p.Share)
		c.ids = append(c.ids, p.IDs...)
		if p.Confidence != nil {
			c.weight++
			c.sum += *p.Confidence
		}
	}
	v := s.value(i, t)
	v.Amount = Range{amount.Low / 3, amount.Central / 3, amount.High / 3}.rounded()
	v.Share = v.Amount
	v.Whole = &Whole{
		Name: geo.Text{
			French:  "moyenne non pondérée des trois parts (ports, aéroports, km de routes nationales), " + t.title().French,
			Haitian: "mwayèn san pwa twa pati yo (pò, ewopò, km wout nasyonal), " + t.title().Haitian,
			English: "unweighted mean of the three shares (ports, airports, km of national roads), " + t.title().English,
		},
		Amount: 1, Unit: UnitShare, Source: i.Formula(),
	}
	v.Note = &unassessedAsset
	s.trace(&v, &c)
	return v
}
