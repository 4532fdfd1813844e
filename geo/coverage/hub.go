package coverage

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"

	"pasaj/geo"
	"pasaj/geo/isolation"
	"pasaj/geo/measure"
)

var hubIndicators = []*Indicator{
	{
		Code: "P1", Version: 1, Unit: UnitCount, Layers: []string{"ports", "incidents", "roadblocks", "national-roads"}, measure: measurePorts,
		Title: geo.Text{French: "Ports accessibles", Haitian: "Pò moun ka rive ladan yo", English: "Ports reachable"},
	},
	{
		Code: "P2", Version: 1, Unit: UnitCount, Layers: []string{"airports", "incidents", "roadblocks", "national-roads"}, measure: measureAirports,
		Title: geo.Text{French: "Aéroports accessibles", Haitian: "Ewopò moun ka rive ladan yo", English: "Airports reachable"},
	},
	{
		Code: "P3", Version: 1, Unit: UnitDay, Layers: []string{"ports", "airports"}, measure: measureStatusDays,
		Title: geo.Text{French: "Jours dans l’état actuel", Haitian: "Konbyen jou nan eta sa a", English: "Days in the present status"},
	},
	borderIndicator,
	coastIndicator,
	assetIndicator,
	securedIndicator,
}

// What P1 and P2 are measured with: Pasaj's coding rule.
const (
	hubVehicle    = "truck_20t"  // what supplies a port's hinterland
	hubProfile    = "commercial" // its owner's idea of what is passable
	seaThreatM    = 15_000       // an attack on the water this near is an attack on the port's approach
	seaThreatDays = 14
	airThreatM    = 10_000 // a low approach begins about here
	airThreatDays = 30
)

// uses of a hub, from best to worst; what cannot be told is unknown.
var uses = []isolation.Use{isolation.UseFull, isolation.UseLimited, isolation.UseCut, isolation.UseUnknown}

// condition is one of the things that a hub's use depends on, as a position in uses:
// 0 nothing in the way, 1 limits, 2 shut. unknownCondition is none of them.
type condition struct {
	may     [3]bool // what it may be, when only evidence of high confidence is believed
	central int     // by evidence of at least medium confidence
	loose   int     // by everything that was not refuted
}

const unknownCondition = 3

var anyCondition = condition{[3]bool{true, true, true}, unknownCondition, unknownCondition}

// statusCondition is a condition whose status is taken as it is.
func statusCondition(s isolation.Status) condition {
	switch s {
	case isolation.Open:
		return condition{[3]bool{0: true}, 0, 0}
	case isolation.Restricted, isolation.PayOrAsk:
		return condition{[3]bool{1: true}, 1, 1}
	case isolation.Closed:
		return condition{[3]bool{2: true}, 2, 2}
	}
	return anyCondition
}

// recordedCondition is a condition by a status on record, believed as far as its evidence
// goes: what is stale or of low confidence may be anything.
func recordedCondition(s isolation.Status, d degree) condition {
	out := statusCondition(s)
	if d > low {
		out.may = anyCondition.may
	}
	if d > central {
		out.central = unknownCondition
	}
	return out
}

// threatCondition is a condition that an attack limits; d is the best evidence of one, or
// degrees where none is on record.
func threatCondition(d degree) condition {
	switch {
	case d == low:
		return condition{[3]bool{1: true}, 1, 1}
	case d == central:
		return condition{[3]bool{true, true, false}, 1, 1}
	case d == high:
		return condition{[3]bool{true, true, false}, 0, 1}
	}
	return condition{[3]bool{0: true}, 0, 0}
}

// useOf is how far a hub can be used, as positions in uses.
type useOf struct {
	hub     *hub
	may     [3]bool // what it may be, when only evidence of high confidence is believed
	central int
	loose   int
}

// surely reports whether a hub is of one use for certain.
func (u *useOf) surely() bool {
	n := 0
	for _, may := range u.may {
		if may {
			n++
		}
	}
	return n == 1
}

// chain judges a hub by all it depends on, as isolation.Port does: shut anywhere
// is cut, else unknown anywhere is unknown, else limits anywhere are limits.
func chain(h *hub, conditions ...condition) useOf {
	u := useOf{hub: h, central: worstOf(conditions, func(l condition) int { return l.central }), loose: worstOf(conditions, func(l condition) int { return l.loose })}
	for x := range u.may {
		reached, possible := false, true
		for _, l := range conditions {
			reached = reached || l.may[x]
			possible = possible && slices.Contains(l.may[:x+1], true)
		}
		u.may[x] = reached && possible
	}
	return u
}

func worstOf(conditions []condition, of func(condition) int) int {
	worst, unknown := 0, false
	for _, l := range conditions {
		if x := of(l); x == unknownCondition {
			unknown = true
		} else {
			worst = max(worst, x)
		}
	}
	if unknown && worst < 2 {
		return unknownCondition
	}
	return worst
}

// functioningStatus reads a facility's functioning.
func functioningStatus(v *geo.Version) isolation.Status {
	switch v.Text("functional") {
	case "full":
		return isolation.Open
	case "partial":
		return isolation.Restricted
	case "none":
		return isolation.Closed
	}
	return isolation.Unknown
}

// flightStatus reads an airport's commercial flights.
func flightStatus(v *geo.Version) isolation.Status {
	switch v.Text("commercial_flights") {
	case "operating":
		return isolation.Open
	case "humanitarian_only":
		return isolation.Restricted
	case "suspended":
		return isolation.Closed
	}
	return isolation.Unknown
}

// hub is a port, an airport or another asset at a place.
type hub struct {
	v       *geo.Version
	at      orb.Point
	commune *region // nil where none is near
}

// hubsOf are the facilities of a layer with one of some types, by id.
func (s *scene) hubsOf(layer string, types ...string) []*hub {
	key := "hubs " + layer + " " + strings.Join(types, " ")
	if have, ok := s.kept[key]; ok {
		return have.([]*hub)
	}
	var out []*hub
	s.each(layer, func(v *geo.Version) {
		at, ok := v.Geometry.(orb.Point)
		if ok && (len(types) == 0 || slices.Contains(types, v.Text("facility_type"))) {
			out = append(out, &hub{v: v, at: at, commune: s.ground.locate(at)})
		}
	})
	s.kept[key] = out
	return out
}

// hubsIn keeps those of an area.
func hubsIn(t *target, list []*hub) []*hub {
	var out []*hub
	for _, h := range list {
		if t.covers(h.at, h.commune) {
			out = append(out, h)
		}
	}
	return out
}

// capitalSuffix ends the p-code of the commune of each department's capital in
// the common operational dataset.
const capitalSuffix = "11"

// department is the p-code of the department whose capital a hub serves.
func (s *scene) department(h *hub) string {
	commune := h.commune
	if commune == nil {
		commune = s.ground.communes[h.v.Text("commune")]
	}
	if commune == nil {
		return ""
	}
	return commune.parent
}

// hinterland is the place a hub of a department serves: the town on record in
// the commune of the department's capital, else the middle of the largest part
// of that commune.
func (s *scene) hinterland(department string) (orb.Point, bool) {
	capital := s.ground.communes[department+capitalSuffix]
	if capital == nil {
		return orb.Point{}, false
	}
	var town *geo.Version
	s.each("places", func(v *geo.Version) {
		if _, ok := v.Geometry.(orb.Point); !ok || v.Text("place_kind") != "town" || v.Text("commune") != capital.id {
			return
		}
		if town == nil || strings.EqualFold(v.Name().French, capital.name.French) {
			town = v
		}
	})
	if town != nil {
		return town.Geometry.(orb.Point), true
	}
	var middle orb.Point
	largest := -1.0
	for _, part := range capital.area {
		if at, m := planar.CentroidArea(part); m > largest {
			middle, largest = at, m
		}
	}
	return middle, largest > 0
}

// landWays is the best land connection to its hinterland of each hub in the
// scene's areas, unknown without a road network.
func (s *scene) landWays(ctx context.Context, list []*hub) (map[*geo.Version]isolation.Status, error) {
	kept, _ := s.kept["land ways"].(map[*geo.Version]isolation.Status)
	if kept == nil {
		kept = map[*geo.Version]isolation.Status{}
		s.kept["land ways"] = kept
	}
	by := map[string][]*hub{}
	for _, h := range list {
		asked := slices.ContainsFunc(s.asked(), func(t *target) bool { return t.covers(h.at, h.commune) })
		if _, ok := kept[h.v]; ok || !asked {
			continue
		}
		kept[h.v] = isolation.Unknown
		if department := s.department(h); department != "" {
			by[department] = append(by[department], h)
		}
	}
	if s.engine.options.Ways == nil {
		s.kept["no network"] = true
		return kept, nil
	}
	for _, department := range sortedKeys(by) {
		town, ok := s.hinterland(department)
		if !ok {
			continue
		}
		places := make([]orb.Point, len(by[department]))
		for i, h := range by[department] {
			places[i] = h.at
		}
		found, err := s.engine.options.Ways.Connection(ctx, s.world, s.at, hubVehicle, hubProfile, []orb.Point{town}, places)
		if geo.CodeOf(err) == geo.CodeUnprocessable { // the world has no network
			s.kept["no network"] = true
			return kept, nil
		}
		if err != nil {
			return nil, fmt.Errorf("land way to the capital of %s: %w", department, err)
		}
		for i, h := range by[department] {
			if i < len(found) {
				kept[h.v] = found[i]
			}
		}
	}
	return kept, nil
}

// threat is the best evidence of an incident of some types near a place within
// some days before the scene's instant; degrees without any.
func (s *scene) threat(p orb.Point, withinM float64, days int, types ...string) degree {
	best := degrees
	from := s.at.AddDate(0, 0, -days)
	lonM, latM := measure.DegreeM(p[1])
	near := orb.Bound{Min: orb.Point{p[0] - withinM/lonM, p[1] - withinM/latM}, Max: orb.Point{p[0] + withinM/lonM, p[1] + withinM/latM}}
	span := geo.Moment{Set: true, Period: geo.Period{To: s.at.Add(time.Microsecond)}}
	s.world.Named("incidents").Search(near, span, func(v *geo.Version) bool {
		at, ok := v.Geometry.(orb.Point)
		if !ok || !approved(v) || !slices.Contains(types, v.Text("event_type")) || measure.DistanceM(p, at) > withinM {
			return true
		}
		occurred, ok := v.Value("occurred_at").(time.Time)
		if !ok {
			occurred = v.Valid.From
		}
		if occurred.After(from) && !occurred.After(s.at) {
			best = min(best, s.degree(v))
		}
		return true
	})
	return best
}

// P1. Ports (facility_type port) by use: functioning, a land way for a 20-tonne
// truck of profile commercial to the department's capital, and no attack on the
// water within 15 km in the 14 days before.
func measurePorts(ctx context.Context, s *scene, i *Indicator) ([]Value, error) {
	ports := s.hubsOf("ports", "port")
	land, err := s.landWays(ctx, ports)
	if err != nil {
		return nil, err
	}
	var judged []useOf
	for _, h := range ports {
		d := s.threat(h.at, seaThreatM, seaThreatDays, "maritime_attack")
		judged = append(judged, chain(h, recordedCondition(functioningStatus(h.v), s.degree(h.v)), statusCondition(land[h.v]), threatCondition(d)))
	}
	return s.usesIn(i, judged, geo.Text{French: "ports au registre, ", Haitian: "pò ki nan rejis la, ", English: "ports on record, "}), nil
}

// P2. Airports (facility_type airport) by use: functioning and with commercial
// flights, a land way for a 20-tonne truck of profile commercial to the
// department's capital, and no fire at aircraft and no drone strike within 10 km
// in the 30 days before.
func measureAirports(ctx context.Context, s *scene, i *Indicator) ([]Value, error) {
	airports := s.hubsOf("airports", "airport")
	land, err := s.landWays(ctx, airports)
	if err != nil {
		return nil, err
	}
	var judged []useOf
	for _, h := range airports {
		d := s.threat(h.at, airThreatM, airThreatDays, "aircraft_fired_upon", "drone_strike")
		worth := s.degree(h.v)
		judged = append(judged, chain(h, recordedCondition(functioningStatus(h.v), worth), recordedCondition(flightStatus(h.v), worth), statusCondition(land[h.v]), threatCondition(d)))
	}
	return s.usesIn(i, judged, geo.Text{French: "aéroports au registre, ", Haitian: "ewopò ki nan rejis la, ", English: "airports on record, "}), nil
}

var noneHere = geo.Text{
	French: "Aucun au registre dans cette zone.", Haitian: "Pa gen youn nan rejis la nan zòn sa a.", English: "None on record in this area.",
}

var noNetwork = geo.Text{
	French:  "Aucun réseau routier n’est chargé : la voie de terre est inconnue.",
	Haitian: "Pa gen rezo wout : nou pa konnen chemen atè a.",
	English: "No road network is loaded: the way by land is unknown.",
}

// usesIn writes rows by use. Low counts what is surely so, high what may be so;
// the row unknown counts from what no evidence at all tells to what high
// confidence does not.
func (s *scene) usesIn(i *Indicator, judged []useOf, what geo.Text) []Value {
	var out []Value
	for _, t := range s.targets {
		var in []useOf
		for _, u := range judged {
			if t.covers(u.hub.at, u.hub.commune) {
				in = append(in, u)
			}
		}
		if len(in) == 0 {
			out = append(out, s.notMeasured(i, t, noneHere))
			continue
		}
		whole := &Whole{Name: prefixed(what, t.title()), Amount: float64(len(in)), Unit: UnitCount, Source: "record"}
		for x, use := range uses {
			v := s.value(i, t, "status", string(use))
			var amount Range
			var centre, possible counted
			for _, u := range in {
				var surely, may bool
				if x == unknownCondition {
					surely, may = u.loose == unknownCondition, !u.surely()
				} else {
					surely, may = u.may[x] && u.surely(), u.may[x]
				}
				confidence := s.assess(u.hub.v).Confidence
				if surely {
					amount.Low++
				}
				if u.central == x {
					amount.Central++
					centre.add(u.hub.v.ID, confidence, 1)
				}
				if may {
					amount.High++
					possible.add(u.hub.v.ID, confidence, 1)
				}
			}
			v.Amount, v.Share, v.Whole = amount.rounded(), amount.over(whole.Amount), whole
			if len(centre.ids) > 0 {
				s.trace(&v, &centre)
			} else {
				s.trace(&v, &possible)
			}
			if s.kept["no network"] != nil {
				v.Note = &noNetwork
			}
			out = append(out, v)
		}
	}
	return out
}
