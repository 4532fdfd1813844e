package coverage

import (
	"context"
	"fmt"
	"strings"

	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/isolation"
	"pasaj/geo/overlay"
)

// link is the best way of a facility to where it has to get.
type link struct {
	department string // p-code; "" where the facility stands in none
	hub        bool   // the record holds where it has to get
	status     isolation.Status
}

// linkage is a kind of link: which facilities have to get where, in what.
type linkage struct {
	name             string
	layer            string
	kinds            []string // facility types; nil for all of the layer
	vehicle, profile string
	hubs             func(s *scene, department string) (hubs []orb.Point, those map[*facility]bool)
}

// The links that are looked at.
var (
	toDirectorate = &linkage{"police", policeLayer, nil, "car", "police_isolated_check", directorates}
	ofHospitals   = &linkage{"hospitals", "facilities", []string{"hospital"}, "ambulance", "ambulance", capitals}
	ofPorts       = &linkage{"ports", "ports", nil, "truck_20t", "humanitarian_cargo", capitals}
	ofAirports    = &linkage{"airports", "airports", nil, "car", "light_mission", capitals}
)

// linkages in the order in which facilities that are cut off are listed.
var linkages = []*linkage{toDirectorate, ofHospitals, ofPorts, ofAirports}

var noWays = geo.Text{
	French:  "Aucun réseau routier n’est chargé : les liaisons ne sont pas calculées.",
	Haitian: "Pa gen rezo wout ki chaje : nou pa kalkile si gen chemen.",
	English: "No road network is loaded: connections are not computed.",
}

// noHub says which departments have no place on record to be connected to.
func noHub(departments []string) geo.Text {
	list := strings.TrimPrefix(strings.Join(departments, ", "), ", ") // the first may be none
	if list == "" {
		list = "—"
	}
	return geo.Text{
		French:  "Le registre n’a pas où les relier (direction départementale, commissariat fonctionnel ou commune du chef-lieu) pour : " + list + ".",
		Haitian: "Rejis la pa gen kote pou konekte yo (direksyon depatmantal, komisarya ki mache oswa komin chèf-lye a) pou : " + list + ".",
		English: "The record holds nothing to connect them to (departmental directorate, functional commissariat or commune of the capital) for: " + list + ".",
	}
}

// hasWays reports whether there is a network to look for ways on.
func (s *scene) hasWays() bool { return s.engine.options.Ways != nil && s.world.Network() != nil }

// capitalOf is the commune of a department's capital: the first of its first
// arrondissement in the national coding of communes.
func (s *scene) capitalOf(department string) *region { return s.ground.communes[department+"11"] }

// directorates are the police directorates of a department, or where none is on
// record the functional commissariats of its capital.
func directorates(s *scene, department string) ([]orb.Point, map[*facility]bool) {
	pick := func(is func(f *facility) bool) ([]orb.Point, map[*facility]bool) {
		var places []orb.Point
		those := map[*facility]bool{}
		for _, f := range s.facilities(policeLayer) {
			if f.located && f.commune != nil && f.commune.parent == department && is(f) {
				places, those[f] = append(places, f.place), true
			}
		}
		return places, those
	}
	places, those := pick(func(f *facility) bool { return f.kind == "police_departmental_directorate" })
	if len(places) > 0 {
		return places, those
	}
	capital := s.capitalOf(department)
	return pick(func(f *facility) bool {
		return f.kind == "police_commissariat" && f.commune == capital && f.functions()
	})
}

// capitals is a place in the capital of a department: the towns on record in
// its commune, else the localities, else the middle of the commune.
func capitals(s *scene, department string) ([]orb.Point, map[*facility]bool) {
	capital := s.capitalOf(department)
	if capital == nil {
		return nil, nil
	}
	for _, kind := range []string{"town", "locality"} {
		var places []orb.Point
		s.each("places", func(v *geo.Version) {
			if p, ok := v.Geometry.(orb.Point); ok && v.Text("place_kind") == kind && overlay.Contains(capital.area, p) {
				places = append(places, p)
			}
		})
		if len(places) > 0 {
			return places, nil
		}
	}
	return []orb.Point{capital.box().Center()}, nil
}

// linksOf looks for the ways of the functional facilities of the scene's areas.
// Facilities that are themselves where the others have to get have no link.
func (s *scene) linksOf(ctx context.Context, l *linkage) (map[*facility]link, error) {
	key := "links: " + l.name
	if have, ok := s.kept[key]; ok {
		return have.(map[*facility]link), nil
	}
	wanted := map[string][]*facility{} // by department
	known := map[*facility]bool{}
	for _, t := range s.asked() {
		list := s.facilitiesIn(t, l.layer)
		if l.kinds != nil {
			list = ofKind(list, l.kinds...)
		}
		for _, f := range list {
			if f.functions() && !known[f] {
				known[f] = true
				department := ""
				if f.commune != nil {
					department = f.commune.parent
				}
				wanted[department] = append(wanted[department], f)
			}
		}
	}
	out := map[*facility]link{}
	for _, department := range sortedKeys(wanted) {
		hubs, those := l.hubs(s, department)
		var list []*facility
		var places []orb.Point
		for _, f := range wanted[department] {
			if those[f] {
				continue
			}
			out[f] = link{department: department, hub: len(hubs) > 0, status: isolation.Unknown}
			if f.located && len(hubs) > 0 {
				list, places = append(list, f), append(places, f.place)
			}
		}
		if len(places) == 0 {
			continue
		}
		found, err := s.engine.options.Ways.Connection(ctx, s.world, s.at, l.vehicle, l.profile, hubs, places)
		if err != nil {
			return nil, fmt.Errorf("ways of %s of %s: %w", l.name, department, err)
		}
		if len(found) != len(places) {
			return nil, fmt.Errorf("ways of %s of %s: %d answers for %d places", l.name, department, len(found), len(places))
		}
		for k, f := range list {
			out[f] = link{department: department, hub: true, status: found[k]}
		}
	}
	s.kept[key] = out
	return out, nil
}
