package coverage

import (
	"context"
	"fmt"
	"slices"

	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/measure"
)

// service is something that has to be within reach of people.
type service struct {
	name             string
	layer            string
	kinds            []string // facility types; nil for all of the layer
	vehicle, profile string
	minutes          [2]float64 // where it is built up, and elsewhere
	radiusM          [2]float64 // the same in a straight line
	what             geo.Text
}

// Services. The radii are what 20 km/h and 30 km/h make of the minutes.
var (
	policeService = &service{
		name: "police", layer: policeLayer, vehicle: "car", profile: "police_isolated_check",
		minutes: [2]float64{15, 30}, radiusM: [2]float64{5000, 15000}, what: policeText,
	}
	hospitalService = &service{
		name: "hospital", layer: "facilities", kinds: []string{"hospital"}, vehicle: "ambulance", profile: "ambulance",
		minutes: [2]float64{30, 30}, radiusM: [2]float64{15000, 15000}, what: geo.Text{French: "hôpitaux", Haitian: "lopital", English: "hospitals"},
	}
)

// farthestM is as far as anybody drives in 30 minutes: 80 km/h.
const farthestM = 40000

// served is the ground within reach.
type served struct {
	near, far [degrees]*expanse // where it is built up, and elsewhere; nil: none
	stations  []*facility       // that count to any degree
	straight  bool
	drawnM    float64
}

// serves is how far a facility counts as working: low by news of high
// confidence, central of medium, high all that is not known to be out.
func (f *facility) serves() degree {
	switch {
	case f.functions():
		return f.degree
	case f.isOut():
		return degrees
	}
	return high
}

// servedBy finds the ground within reach of a service, wherever it stands.
func (s *scene) servedBy(ctx context.Context, one *service) (*served, error) {
	key := "served: " + one.name
	if have, ok := s.kept[key]; ok {
		return have.(*served), nil
	}
	out := &served{straight: !s.hasWays()}
	var more, starts [degrees][]orb.Point
	for _, f := range s.facilities(one.layer) {
		if !f.located || one.kinds != nil && !slices.Contains(one.kinds, f.kind) || f.serves() >= degrees {
			continue
		}
		out.stations = append(out.stations, f)
		more[f.serves()] = append(more[f.serves()], f.place)
	}
	var near, far ring
	for d := range degrees {
		if d > 0 {
			starts[d], out.near[d], out.far[d] = starts[d-1], out.near[d-1], out.far[d-1]
		}
		if len(more[d]) == 0 {
			continue
		}
		starts[d] = slices.Concat(starts[d], more[d])
		if out.straight {
			var err error
			if near, err = s.engine.rings.around(near, more[d], one.radiusM[0]); err != nil {
				return nil, err
			}
			if far, err = s.engine.rings.around(far, more[d], one.radiusM[1]); err != nil {
				return nil, err
			}
			out.near[d], out.far[d] = newExpanse(near.area), newExpanse(far.area)
			continue
		}
		minutes := slices.Compact(slices.Clone(one.minutes[:]))
		areas, drawnM, err := s.engine.options.Ways.Reach(ctx, s.world, s.at, one.vehicle, one.profile, starts[d], minutes)
		if err != nil {
			return nil, fmt.Errorf("reach of %s: %w", one.name, err)
		}
		if len(areas) != len(minutes) {
			return nil, fmt.Errorf("reach of %s: %d areas for %d limits", one.name, len(areas), len(minutes))
		}
		out.near[d], out.far[d], out.drawnM = newExpanse(areas[0]), newExpanse(areas[len(areas)-1]), drawnM
	}
	s.kept[key] = out
	return out, nil
}

// peopleWithin are the people of a region within reach: of the near ground
// where it is built up, of the far ground elsewhere. Without a grid of people a
// commune's are spread evenly over its area; without one of what is built up,
// the communes of the metropolitan area are.
func (s *scene) peopleWithin(ctx context.Context, r *region, ground *served) (within interval, total float64, err error) {
	var outlines []outline
	add := func(area orb.MultiPolygon) uint64 {
		if len(area) == 0 {
			return 0
		}
		o := outline{fingerprint(area), area}
		outlines = append(outlines, o)
		return o.print
	}
	var near, far [degrees]uint64
	box := r.box()
	for d := range degrees {
		near[d], far[d] = add(ground.near[d].around(box)), add(ground.far[d].around(box))
	}
	built, people := s.world.Grid(gridBuiltUp), s.world.Grid(gridPopulation)
	urban, towns := false, map[uint64]bool{}
	if built == nil {
		urban = slices.Contains(metropolitan, r.id) || slices.Contains(metropolitan, r.parent)
		if r.level == LevelDrawn {
			for _, pcode := range metropolitan {
				if c := s.ground.communes[pcode]; c != nil {
					towns[add(c.area)] = true
				}
			}
		}
	}
	p, err := s.engine.plot(ctx, r, outlines)
	if err != nil {
		return interval{}, 0, err
	}
	ofCell := make([]float64, p.shape.Len())
	switch {
	case people != nil:
		ofCell = p.on(people, people)
		total = sum(ofCell)
	case r.level == LevelDrawn:
		total = s.peopleByShare(r)
	default:
		total = s.ground.people[r.id]
	}
	if total <= 0 {
		return interval{}, 0, nil
	}
	density := total / p.shape.RegionM2()
	if people == nil {
		for cell := range ofCell {
			ofCell[cell] = p.shape.CellM2(cell) * density
		}
	}
	var builtUp []float64
	if built != nil {
		builtUp = p.reading(s.urbanRows(built, people))
	}
	have := make([]bool, len(p.number))
	names := make([]uint64, len(p.number))
	for print, n := range p.number {
		names[n] = print
	}
	for cell, count := range ofCell {
		clear(have)
		inTown := urban
		for _, n := range p.shape.Areas(cell) {
			have[n] = true
			inTown = inTown || towns[names[n]]
		}
		inside := func(print uint64) bool {
			n, ok := p.number[print]
			return ok && have[n]
		}
		part := 0.0 // of the people, where it is built up
		switch {
		case inTown:
			part = count
		case builtUp != nil && people != nil:
			part = min(builtUp[cell], count)
		case builtUp != nil:
			part = min(builtUp[cell]*density, count)
		}
		isNear, isFar := false, false
		for d := range degrees {
			isNear = isNear || inside(near[d])
			isFar = isFar || isNear || inside(far[d])
			if isNear {
				within[d] += part
			}
			if isFar {
				within[d] += count - part
			}
		}
	}
	return within, total, nil
}

// reachNote says how reach was found, and what was built-up ground.
func (s *scene) reachNote(t *target, one *service, ground *served) *geo.Text {
	note := *s.peopleNote(t)
	add := func(fr, ht, en string) {
		note = geo.Text{French: note.French + " " + fr, Haitian: note.Haitian + " " + ht, English: note.English + " " + en}
	}
	if ground.straight {
		add("À vol d’oiseau, faute de réseau routier ("+kilometres(one.radiusM, " km en ville, ", " km ailleurs")+") : barrages et zones n’y changent rien.",
			"Liy dwat, paske pa gen rezo wout ("+kilometres(one.radiusM, " km nan vil, ", " km lòt kote")+") : ni baraj ni zòn pa chanje anyen.",
			"In a straight line (straight line: no road network), "+kilometres(one.radiusM, " km in town, ", " km elsewhere")+": roadblocks and zones change nothing of it.")
	} else {
		add(fmt.Sprintf("Sur le réseau, arrêts fermes retirés ; terrain dessiné à %.0f m des routes.", ground.drawnM),
			fmt.Sprintf("Sou wout yo, san kote ki bare nèt ; tè a desine %.0f m alantou wout yo.", ground.drawnM),
			fmt.Sprintf("On the network, hard stops removed; ground drawn %.0f m around roads.", ground.drawnM))
		if s.world.Grid(gridPopulation) == nil {
			add("Sans grille, ceux qui vivent loin des routes du réseau comptent comme hors de portée : le chiffre est trop bas.",
				"San kat popilasyon, moun ki lwen wout rezo a konte kòm lwen : chif la twò ba.",
				"Without a grid, land away from the network's roads counts as out of reach, and its even share of people too: the figure is too low.")
		}
	}
	if one.minutes[0] != one.minutes[1] {
		if s.world.Grid(gridBuiltUp) != nil {
			add("Urbain : cellules bâties au moins à moitié.", "Vil : kare ki bati omwen mwatye.", "Urban: cells at least half built up.")
		} else {
			add("Urbain : les communes de ZMPP-admin, faute de grille du bâti.", "Vil : komin ZMPP-admin yo, paske pa gen kat kote ki bati.", "Urban: the communes of ZMPP-admin, for want of a grid of built-up area.")
		}
	}
	return &note
}

func kilometres(radiusM [2]float64, town, elsewhere string) string {
	if radiusM[0] == radiusM[1] {
		return fmt.Sprintf("%g km", radiusM[0]/1000)
	}
	return fmt.Sprintf("%g%s%g%s", radiusM[0]/1000, town, radiusM[1]/1000, elsewhere)
}

// measureWithin gives the people of each area within reach of a service. It is
// a good thing to have, so low, central and high are those of the evidence that
// it works.
func (s *scene) measureWithin(ctx context.Context, i *Indicator, one *service) ([]Value, error) {
	if !s.seesProperty(one.layer, "functional") {
		var out []Value
		for _, t := range s.targets {
			out = append(out, s.withheldValue(i, t))
		}
		return out, nil
	}
	ground, err := s.servedBy(ctx, one)
	if err != nil {
		return nil, err
	}
	var list []*region
	number := map[*region]int{}
	for _, t := range s.targets {
		for _, r := range t.regions {
			if _, ok := number[r]; !ok {
				number[r] = len(list)
				list = append(list, r)
			}
		}
	}
	if built := s.world.Grid(gridBuiltUp); built != nil {
		s.urbanRows(built, s.world.Grid(gridPopulation)) // before the scene is shared
	}
	shares, err := s.engine.reached.shares(ctx, list, s.reachKey(ground), func(ctx context.Context, r *region) (one reachShare, err error) {
		one.within, one.total, err = s.peopleWithin(ctx, r, ground)
		return one, err
	})
	if err != nil {
		return nil, err
	}
	serving := ground.serving(list, one)
	known := false
	for _, f := range s.facilities(one.layer) {
		known = known || one.kinds == nil || slices.Contains(one.kinds, f.kind)
	}
	var out []Value
	for _, t := range s.targets {
		var within interval
		total := 0.0
		for _, r := range t.regions {
			within.add(shares[number[r]].within)
			total += shares[number[r]].total
		}
		switch {
		case !known:
			out = append(out, s.notMeasured(i, t, noneOnRecord(one.what)))
			continue
		case total <= 0:
			out = append(out, s.notMeasured(i, t, s.noPeopleNote(t)))
			continue
		}
		for d := range within {
			within[d] = min(within[d], total)
		}
		v := s.value(i, t)
		amount := within.asRange(1)
		v.Amount, v.Share = amount.rounded(), amount.over(total)
		v.Whole = s.whole(t, &tally{people: total}, byPeople)
		v.Note = s.reachNote(t, one, ground)
		c := counted{}
		for k, f := range ground.stations {
			if slices.ContainsFunc(t.regions, func(r *region) bool { return serving[number[r]][k] }) {
				c.add(f.v.ID, f.worth.Confidence, 1)
			}
		}
		s.trace(&v, &c)
		out = append(out, v)
	}
	return out, nil
}

// serving tells which stations a region may be reached from, by region and
// station: those from which nobody gets there in time are not named.
func (g *served) serving(list []*region, one *service) [][]bool {
	farM := float64(farthestM)
	if g.straight {
		farM = one.radiusM[1]
	}
	boxes := make([]orb.Bound, len(g.stations))
	for k, f := range g.stations {
		lonM, latM := measure.DegreeM(f.place[1])
		boxes[k] = orb.Bound{
			Min: orb.Point{f.place[0] - farM/lonM, f.place[1] - farM/latM},
			Max: orb.Point{f.place[0] + farM/lonM, f.place[1] + farM/latM},
		}
	}
	out := make([][]bool, len(list))
	for n, r := range list {
		box := r.box()
		out[n] = make([]bool, len(boxes))
		for k := range boxes {
			out[n][k] = box.Intersects(boxes[k])
		}
	}
	return out
}

// measurePoliceCoverage is L5: people within 15 minutes by car of a functional
// police facility where it is built up, within 30 elsewhere.
func measurePoliceCoverage(ctx context.Context, s *scene, i *Indicator) ([]Value, error) {
	return s.measureWithin(ctx, i, policeService)
}

// measureAmbulanceReach is H2: people within 30 minutes by ambulance of a
// hospital that works fully or in part.
func measureAmbulanceReach(ctx context.Context, s *scene, i *Indicator) ([]Value, error) {
	return s.measureWithin(ctx, i, hospitalService)
}
