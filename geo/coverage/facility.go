package coverage

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/overlay"
)

// facility is an installation on record as it stands at the scene's instant.
type facility struct {
	v       *geo.Version
	layer   string
	kind    string // facility_type
	place   orb.Point
	located bool    // place is known
	commune *region // nil where it stands in none
	stray   bool    // it stands in none: commune is what it says
	worth   geo.Assessment
	degree  degree
	working string               // as recorded: full, partial, none, unknown
	context [degrees]controlBits // what may name the ground there
}

// controlBits is a set of types of control, by their place in
// geo.ControlPrecedence; the bit after the last is ground that no zone covers.
type controlBits uint16

const unassessedGround = "unassessed"

// contexts are the types of control and, last, unassessed.
var contexts = append(slices.Clone(geo.ControlPrecedence), unassessedGround)

// functions reports whether a facility works fully or in part, by news that is
// not stale.
func (f *facility) functions() bool {
	return !f.worth.Stale && (f.working == "full" || f.working == "partial")
}

// isOut reports whether a facility is known not to work: by news that is
// neither stale nor of low confidence.
func (f *facility) isOut() bool { return f.working == "none" && f.degree <= central }

// stands is the type of control that names the ground by medium confidence or
// better.
func (f *facility) stands() string {
	for x, name := range contexts {
		if f.context[central]&(1<<x) != 0 {
			return name
		}
	}
	return unassessedGround
}

// mark is how a zone counts.
type mark struct {
	control int // index in geo.ControlPrecedence
	degree  degree
}

// marks are the zones of the scene's instant.
func (s *scene) marks() map[*geo.Version]mark {
	if have, ok := s.kept["marks"]; ok {
		return have.(map[*geo.Version]mark)
	}
	out := map[*geo.Version]mark{}
	s.each("controlled-zones", func(v *geo.Version) {
		control := slices.Index(geo.ControlPrecedence, v.Text("control_type"))
		if _, ok := v.Geometry.(orb.MultiPolygon); ok && control >= 0 && (s.leaveOut == nil || !s.leaveOut(v)) {
			out[v] = mark{control, s.degree(v)}
		}
	})
	s.kept["marks"] = out
	return out
}

// contextOf says what may name the ground at a place with zones of some types
// there, by the rule that names the ground of areas: a type counts to a degree
// where a zone of it does and no zone of an earlier type counts to the opposite
// degree. To the central degree that is one type, or unassessed.
func contextOf(types [degrees]uint8) [degrees]controlBits {
	var out [degrees]controlBits
	for d := range degrees {
		earliest := bits.TrailingZeros8(types[degrees-1-d]) // 8 for none
		for x := range geo.ControlPrecedence {
			if types[d]&(1<<x) != 0 && x <= earliest {
				out[d] |= 1 << x
			}
		}
		if types[degrees-1-d] == 0 {
			out[d] |= 1 << len(geo.ControlPrecedence)
		}
	}
	return out
}

// facilities are those of a layer, by id.
func (s *scene) facilities(layer string) []*facility {
	key := "facilities: " + layer
	if have, ok := s.kept[key]; ok {
		return have.([]*facility)
	}
	standing := s.standingFacilities(layer)
	list := slices.Clone(standing) // without what the zones say
	out, located, places := make([]*facility, len(list)), make([]*facility, 0, len(list)), make([]orb.Point, 0, len(list))
	for k := range list {
		f := &list[k]
		out[k] = f
		if f.located {
			located, places = append(located, f), append(places, f.place)
		}
	}
	if s.holds("controlled-zones") {
		for i, types := range s.engine.spots.types(places, s.marks()) {
			located[i].context = contextOf(types)
		}
	}
	s.kept[key] = out
	return out
}

// standingFacilities are those of a layer, by id, as if nobody had recorded a zone.
func (s *scene) standingFacilities(layer string) []facility {
	return remembered(s, "facilities", []string{layer}, func() []facility { return s.readFacilities(layer) })
}

func (s *scene) readFacilities(layer string) []facility {
	nowhere := [degrees]controlBits{central: groundTypes(unassessedGround), high: groundTypes(unassessedGround)}
	var out []facility
	s.each(layer, func(v *geo.Version) {
		f := facility{v: v, layer: layer, kind: v.Text("facility_type"), working: v.Text("functional"), worth: s.assess(v), context: nowhere}
		f.degree = degreeOf(f.worth)
		if f.working == "" {
			f.working = "unknown"
		}
		if f.place, f.located = v.Geometry.(orb.Point); math.IsNaN(f.place[0] + f.place[1]) {
			f.located = false
		}
		if f.located {
			f.commune = s.engine.spots.locate(s.ground, f.place)
			f.stray = f.commune == nil
		}
		if f.commune == nil {
			f.commune = s.ground.communes[v.Text("commune")]
		}
		out = append(out, f)
	})
	return out
}

// facilitiesIn are the facilities of some layers in an area, by layer and id.
func (s *scene) facilitiesIn(t *target, layers ...string) []*facility {
	var out []*facility
	for _, layer := range layers {
		out = append(out, s.facilitiesOf(t, layer)...)
	}
	return out
}

// areaLists are the facilities of a layer by area, as far as they were asked for.
type areaLists struct {
	byCommune map[*region][]int // numbers in the layer's list
	byArea    map[*target][]*facility
}

func (s *scene) facilitiesOf(t *target, layer string) []*facility {
	key := "facilities by area: " + layer
	list := s.facilities(layer)
	lists, _ := s.kept[key].(*areaLists)
	if lists == nil {
		lists = &areaLists{map[*region][]int{}, map[*target][]*facility{}}
		for n, f := range list {
			lists.byCommune[f.commune] = append(lists.byCommune[f.commune], n)
		}
		s.kept[key] = lists
	}
	if have, ok := lists.byArea[t]; ok {
		return have
	}
	var numbers []int
	for _, r := range t.regions {
		if r.level == LevelCommune {
			numbers = append(numbers, lists.byCommune[r]...)
			continue
		}
		box := r.box()
		for n, f := range list {
			if f.located && box.Contains(f.place) && overlay.Contains(r.area, f.place) {
				numbers = append(numbers, n)
			}
		}
	}
	slices.Sort(numbers)
	numbers = slices.Compact(numbers)
	out := make([]*facility, len(numbers))
	for i, n := range numbers {
		out[i] = list[n]
	}
	lists.byArea[t] = out
	return out
}

// ofKind keeps the facilities of some types.
func ofKind(list []*facility, kinds ...string) []*facility {
	var out []*facility
	for _, f := range list {
		if slices.Contains(kinds, f.kind) {
			out = append(out, f)
		}
	}
	return out
}

// seesProperty reports whether the audience may see a property of a layer.
func (s *scene) seesProperty(layer, property string) bool {
	l, ok := geo.LayerByName(layer)
	if !ok || !s.world.Holds(l) {
		return false
	}
	p, ok := l.Property(property)
	return ok && p.Audiences.Has(s.world.Audience())
}

// withheldValue is a figure that the audience may not have.
func (s *scene) withheldValue(i *Indicator, t *target, of ...string) Value {
	v := s.value(i, t, of...)
	v.Status = Withheld
	return v
}

// onRecord is a number of facilities as a denominator.
func (s *scene) onRecord(t *target, what geo.Text, n int) *Whole {
	title := t.title()
	return &Whole{
		Name: geo.Text{
			French:  what.French + " au registre, " + title.French,
			Haitian: what.Haitian + " ki nan rejis la, " + title.Haitian,
			English: what.English + " on record, " + title.English,
		},
		Amount: float64(n), Unit: UnitCount, Source: s.recordSource(), fromRecord: true,
	}
}

// recordSource names the record that a number was counted in.
func (s *scene) recordSource() string {
	return fmt.Sprintf("Pasaj record, revision %d", s.world.Revision())
}

// noneOnRecord says that there is nothing to count.
func noneOnRecord(what geo.Text) geo.Text {
	return geo.Text{
		French:  "Le registre n’a ici aucune de ces installations : " + what.French + ". Cela ne dit pas qu’il n’y en a pas.",
		Haitian: "Rejis la pa gen okenn nan enstalasyon sa yo isit la : " + what.Haitian + ". Sa pa vle di pa genyen.",
		English: "The record holds none of these facilities here: " + what.English + ". That does not say that there are none.",
	}
}

// facilityFigure writes a number of facilities down as a figure.
func (s *scene) facilityFigure(i *Indicator, t *target, n byDegree, c *counted, whole *Whole, of ...string) Value {
	v := s.value(i, t, of...)
	v.Unit = UnitCount
	amount := n.asRange()
	v.Amount, v.Whole = amount.rounded(), whole
	if whole != nil {
		v.Share = amount.over(whole.Amount)
	}
	s.trace(&v, c)
	return v
}

// inContext counts the facilities whose ground any of some types may name.
func inContext(list []*facility, wanted controlBits) (n byDegree, c counted) {
	for _, f := range list {
		for d := range degrees {
			if f.context[d]&wanted != 0 {
				n[d]++
			}
		}
		if f.context[high]&wanted != 0 {
			c.add(f.v.ID, f.worth.Confidence, 1)
		}
	}
	return n, c
}

// groundTypes is a set of types of control by name.
func groundTypes(names ...string) controlBits {
	var out controlBits
	for x, name := range contexts {
		if slices.Contains(names, name) {
			out |= 1 << x
		}
	}
	return out
}

// byContext are the rows of facilities by what names the ground: those with any
// and always what is unknown and what nobody assessed.
func (s *scene) byContext(i *Indicator, t *target, list []*facility, whole *Whole, of ...string) []Value {
	var out []Value
	numbers, traces := make([]byDegree, len(contexts)), make([]counted, len(contexts))
	for _, f := range list {
		for d := range degrees {
			for left := uint16(f.context[d]); left != 0; left &= left - 1 {
				numbers[bits.TrailingZeros16(left)][d]++
			}
		}
	}
	for x := range traces {
		traces[x].ids = make([]uuid.UUID, 0, int(numbers[x][high]))
	}
	for _, f := range list {
		for left := uint16(f.context[high]); left != 0; left &= left - 1 {
			traces[bits.TrailingZeros16(left)].add(f.v.ID, f.worth.Confidence, 1)
		}
	}
	for x, name := range contexts {
		n, c := numbers[x], traces[x]
		if n[high] > 0 || name == "unknown" || name == unassessedGround {
			out = append(out, s.facilityFigure(i, t, n, &c, whole, append(slices.Clone(of), "control_type", name)...))
		}
	}
	return out
}

// kindKey names a type of facility within its layer: two layers share some.
type kindKey struct{ layer, kind string }

// byKind groups facilities by layer and type.
func byKind(list []*facility) (keys []kindKey, groups map[kindKey][]*facility) {
	groups = map[kindKey][]*facility{}
	for _, f := range list {
		key := kindKey{f.layer, f.kind}
		if groups[key] == nil {
			keys = append(keys, key)
		}
		groups[key] = append(groups[key], f)
	}
	slices.SortFunc(keys, func(a, b kindKey) int {
		return cmp.Or(slices.Index(installationLayers, a.layer)-slices.Index(installationLayers, b.layer), strings.Compare(a.kind, b.kind))
	})
	return keys, groups
}

// installationLayers are the layers of facilities.
var installationLayers = []string{"facilities", "ports", "airports", "police-facilities"}

// heldLayers are the layers of facilities that the audience's world may hold.
func (s *scene) heldLayers() []string {
	return slices.DeleteFunc(slices.Clone(installationLayers), func(layer string) bool { return !s.holds(layer) })
}

// kindLabel names a type of facility: "port" in the layer ports and in the
// layer of other facilities are told apart by the layer's title.
func kindLabel(layer, kind string) geo.Text {
	l, _ := geo.LayerByName(layer)
	p, ok := l.Property("facility_type")
	if !ok {
		return geo.Text{French: kind, Haitian: kind, English: kind}
	}
	for _, w := range p.Words {
		if w.Value == kind {
			return geo.Text{French: l.Title.French + " (" + w.Label.French + ")", Haitian: l.Title.Haitian + " (" + w.Label.Haitian + ")", English: l.Title.English + " (" + w.Label.English + ")"}
		}
	}
	return l.Title
}

var facilitiesText = geo.Text{French: "installations", Haitian: "enstalasyon", English: "facilities"}

// measureExposedFacilities is F1: how many facilities of each type stand on
// ground of each type of control. A facility counts whatever its own news is
// worth: the register says that it stands there. How sure the context is rests
// on the zones.
func measureExposedFacilities(_ context.Context, s *scene, i *Indicator) ([]Value, error) {
	var out []Value
	for _, t := range s.targets {
		all := s.facilitiesIn(t, s.heldLayers()...)
		if len(all) == 0 {
			out = append(out, s.notMeasured(i, t, noneOnRecord(facilitiesText)))
			continue
		}
		out = append(out, s.byContext(i, t, all, s.onRecord(t, facilitiesText, len(all)))...)
		keys, groups := byKind(all)
		for _, key := range keys {
			list := groups[key]
			out = append(out, s.byContext(i, t, list, s.onRecord(t, kindLabel(key.layer, key.kind), len(list)), "layer", key.layer, "facility_type", key.kind)...)
		}
	}
	return out, nil
}

// measurePollingPlaces is E1: how many polling places stand on controlled or on
// contested ground.
func measurePollingPlaces(_ context.Context, s *scene, i *Indicator) ([]Value, error) {
	what := geo.Text{French: "centres de vote", Haitian: "sant vòt", English: "polling places"}
	var out []Value
	for _, t := range s.targets {
		list := ofKind(s.facilitiesIn(t, "facilities"), "polling_place")
		if len(list) == 0 {
			out = append(out, s.notMeasured(i, t, noneOnRecord(what)))
			continue
		}
		whole := s.onRecord(t, what, len(list))
		n, c := inContext(list, groundTypes("controlled", "contested"))
		out = append(out, s.facilityFigure(i, t, n, &c, whole))
		for _, name := range []string{"controlled", "contested", "unknown", unassessedGround} {
			n, c := inContext(list, groundTypes(name))
			out = append(out, s.facilityFigure(i, t, n, &c, whole, "control_type", name))
		}
	}
	return out, nil
}
