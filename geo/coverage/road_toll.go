package coverage

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/isolation"
)

// gateRoadM is how far from a gate's road a roadblock without a road still
// counts for the gate.
const gateRoadM = 500

// corridor is the way from a gate into the city.
//
// It takes roadblocks in the metropolitan communes and the commune of the gate's
// outermost place: those that name the gate's road, and of those that name none
// the ones within 500 m, or their own precision, of a section of that road. The
// road of a gate without a number is the line through its places, as wide as the
// gate says.
type corridor struct {
	id       string
	refs     []string
	communes map[*region]bool
	lines    []*roadLine
	reachM   float64
}

// corridors are those of the capital's road gates.
func (s *scene) corridors(roads *roadSurvey) []*corridor {
	if have, ok := s.kept["corridors"]; ok {
		return have.([]*corridor)
	}
	var out []*corridor
	for _, g := range isolation.Capital().Gates {
		if !g.IsRoad() {
			continue
		}
		c := &corridor{id: g.ID, refs: g.Refs, communes: map[*region]bool{}, reachM: gateRoadM}
		for _, pcode := range metropolitan {
			if r := s.ground.communes[pcode]; r != nil {
				c.communes[r] = true
			}
		}
		if r := s.ground.locate(g.Places[len(g.Places)-1].At); r != nil {
			c.communes[r] = true
		}
		for _, section := range roads.sections {
			if slices.Contains(g.Refs, section.ref) {
				c.lines = append(c.lines, section.lines...)
			}
		}
		if len(g.Refs) == 0 {
			line := make(orb.LineString, len(g.Places))
			for k, p := range g.Places {
				line[k] = p.At
			}
			c.lines, c.reachM = []*roadLine{s.engine.cuts.line(line)}, g.WidthM
		}
		out = append(out, c)
	}
	s.kept["corridors"] = out
	return out
}

// takes reports whether a roadblock stands on the corridor.
func (c *corridor) takes(p *placed) bool {
	if p.commune == nil || !c.communes[p.commune] {
		return false
	}
	if ref := roadRef(p.v.Text("road_ref")); ref != "" && len(c.refs) > 0 {
		return slices.Contains(c.refs, ref)
	} else if ref != "" || !p.known {
		return false
	}
	reachM := c.reachM
	if off := p.v.PrecisionM(); off <= mostOff {
		reachM = max(reachM, off)
	}
	box := padded(p.at.Bound(), reachM)
	return slices.ContainsFunc(c.lines, func(l *roadLine) bool { return l.bound.Intersects(box) && l.distanceM(p.at) <= reachM })
}

// hasGates tells the areas that corridors are reported for.
func (t *target) hasGates() bool { return t.level == LevelCountry || t.id == "ZMPP-admin" }

// isToll tells a roadblock at which one pays.
func (b *barrier) isToll() bool {
	if b.v.Text("subtype") == "toll_post" || b.v.Text("pass_mode") == "pay" || b.v.Text("pass_mode") == "pass_card" || len(b.tolls) > 0 {
		return true
	}
	for _, p := range passability(b.v) {
		if p == "pay" {
			return true
		}
	}
	return false
}

// passability is what a roadblock says of who passes, by class.
func passability(v *geo.Version) map[string]string {
	var out map[string]string
	if raw, ok := v.Value("passability").(json.RawMessage); ok {
		_ = json.Unmarshal(raw, &out) // checked at the door
	}
	return out
}

// tollPrice is what a class pays at a roadblock: the price observed last, and the
// range of all on record.
type tollPrice struct{ least, latest, most float64 }

// price finds what a class pays, in gourdes. A price for the class goes before
// one for no class in particular.
func (b *barrier) price(class, unit string) (p tollPrice, ok bool) {
	var best *geo.Toll
	when := func(t *geo.Toll) time.Time {
		at, err := geo.ParseInstant(t.ObservedAt)
		if err != nil { // not dated: the oldest
			return time.Time{}
		}
		return at
	}
	for k := range b.tolls {
		t := &b.tolls[k]
		if t.Unit != unit || t.Currency != "HTG" || t.VehicleClass != class && t.VehicleClass != "" {
			continue
		}
		switch {
		case best == nil || t.VehicleClass != "" && best.VehicleClass == "":
			best, p = t, tollPrice{t.Amount, t.Amount, t.Amount}
		case t.VehicleClass != best.VehicleClass:
		default:
			p.least, p.most = min(p.least, t.Amount), max(p.most, t.Amount)
			if when(t).After(when(best)) {
				best, p.latest = t, t.Amount
			}
		}
	}
	return p, best != nil
}

// measureTolls is R4: for the corridor of each road gate of the capital, how many
// standing roadblocks take a toll, and for each class and unit the sum of their
// prices in gourdes: low is the least price on record at those of high
// confidence, central the latest price at those of at least medium, high the most
// at all of them. Tolls without a price for the class are a row of their own.
func measureTolls(ctx context.Context, s *scene, i *Indicator) ([]Value, error) {
	roads, err := s.roads(ctx)
	if err != nil {
		return nil, err
	}
	all, err := s.barriers(ctx)
	if err != nil {
		return nil, err
	}
	var out []Value
	for _, t := range s.targets {
		if !t.hasGates() {
			continue
		}
		for _, c := range s.corridors(roads) {
			var tolls []*barrier
			known := false
			for _, b := range all.list {
				if c.takes(&b.placed) {
					known = true
					if b.stands() && b.isToll() {
						tolls = append(tolls, b)
					}
				}
			}
			if !known {
				out = append(out, s.notMeasured(i, t, said("Aucun barrage de ce corridor n’est au registre : un péage n’y est pas exclu.",
					"Pa gen baraj nan rejis la pou koridò sa a : sa pa vle di pa gen peyaj.",
					"No roadblock of this corridor is on record: that does not rule out a toll."), "gate", c.id))
				continue
			}
			n := s.recordRow(i, t, tolls, nil, "gate", c.id, "measure", "tolls")
			n.Note = otherCurrencies(tolls)
			out = append(out, n)
			out = append(out, s.burden(i, t, c, tolls)...)
		}
	}
	return out, nil
}

// burden are the sums of prices by class and unit.
func (s *scene) burden(i *Indicator, t *target, c *corridor, tolls []*barrier) []Value {
	var out []Value
	for _, class := range geo.VehicleClasses {
		for _, unit := range []string{"trip", "day", "week"} {
			var sum Range
			got := &counted{}
			var silent []*barrier
			for _, b := range tolls {
				p, ok := b.price(class.Value, unit)
				if !ok {
					silent = append(silent, b)
					continue
				}
				got.add(b.v.ID, b.worth.Confidence, 1)
				if b.degree <= low {
					sum.Low += p.least
				}
				if b.degree <= central {
					sum.Central += p.latest
				}
				sum.High += p.most
			}
			if len(got.ids) == 0 {
				continue
			}
			v := s.value(i, t, "gate", c.id, "vehicle_class", class.Value, "per", unit)
			v.Amount = sum.rounded()
			s.trace(&v, got)
			out = append(out, v, s.exactRow(i, t, silent, tollCount(c, tolls), "gate", c.id, "vehicle_class", class.Value, "per", unit, "price", "unknown"))
		}
	}
	if len(out) == 0 && len(tolls) > 0 {
		out = append(out, s.notMeasured(i, t, said("Aucun prix en gourdes n’est au registre pour ces péages.", "Pa gen pri an goud nan rejis la pou peyaj sa yo.",
			"No price in gourdes is on record for these tolls."), "gate", c.id, "price", "unknown"))
	}
	return out
}

func tollCount(c *corridor, tolls []*barrier) *Whole {
	return &Whole{
		Name: said("péages non levés du corridor "+c.id, "peyaj ki pa leve nan koridò "+c.id, "tolls of corridor "+c.id+" that were not cleared"),
		Unit: UnitCount, Amount: float64(len(tolls)),
	}
}

// otherCurrencies lists prices that are not in gourdes: they are not converted.
func otherCurrencies(tolls []*barrier) *geo.Text {
	seen := map[string]bool{}
	for _, b := range tolls {
		for _, one := range b.tolls {
			if one.Currency != "HTG" {
				class := one.VehicleClass
				if class == "" {
					class = "-"
				}
				seen[fmt.Sprintf("%g %s/%s (%s)", one.Amount, one.Currency, one.Unit, class)] = true
			}
		}
	}
	if len(seen) == 0 {
		return nil
	}
	list := strings.Join(sortedKeys(seen), ", ")
	note := said("Autres monnaies, non converties : "+list+".", "Lòt lajan, yo pa konvèti : "+list+".", "Other currencies, not converted: "+list+".")
	return &note
}
