package coverage

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/index"
	"pasaj/geo/measure"
	"pasaj/geo/overlay"
)

// Levels of an area.
const (
	LevelCountry    = "country"
	LevelDepartment = "department"
	LevelCommune    = "commune"
	LevelSection    = "section" // communal section
	LevelNamed      = "named"
	LevelDrawn      = "drawn" // a polygon that the caller sent
)

// levels in the order in which areas are listed.
var levels = []string{LevelCountry, LevelNamed, LevelDepartment, LevelCommune, LevelSection, LevelDrawn}

// Levels lists the levels that one may ask for.
func Levels() []string { return slices.Clone(levels[:len(levels)-1]) }

// Country is the identifier of the whole country.
const Country = "HT"

// Drawn is the identifier of a polygon that the caller sent.
const Drawn = "drawn"

// MaxAreas is how many areas one query may name.
const MaxAreas = 600

// Named is an area that people report on and that is no administrative unit of
// the record: a list of communes, or of what is built up in them.
type Named struct {
	ID      string
	Aliases []string
	Name    geo.Text
	Members []string // p-codes of communes
	Urban   bool     // only what is built up
}

// metropolitan are the communes of the arrondissement of Port-au-Prince.
var metropolitan = []string{"HT0111", "HT0112", "HT0113", "HT0114", "HT0115", "HT0116", "HT0117", "HT0118"}

// NamedAreas lists the named areas. ZMPP-admin is the arrondissement of
// Port-au-Prince, hills included; ZMPP-urban is what is built up there. The same
// zones give very different shares of the two.
func NamedAreas() []Named {
	return []Named{
		{
			ID: "ZMPP-admin", Aliases: []string{"ZMPP"}, Members: metropolitan,
			Name: geo.Text{
				French:  "Zone métropolitaine de Port-au-Prince (arrondissement)",
				Haitian: "Zòn metwopolitèn Pòtoprens (awondisman)",
				English: "Metropolitan area of Port-au-Prince (arrondissement)",
			},
		},
		{
			ID: "ZMPP-urban", Members: metropolitan, Urban: true,
			Name: geo.Text{
				French:  "Zone métropolitaine de Port-au-Prince (bâti)",
				Haitian: "Zòn metwopolitèn Pòtoprens (kote ki bati)",
				English: "Metropolitan area of Port-au-Prince (built-up)",
			},
		},
		{
			ID: "lower-artibonite", Members: []string{"HT0513", "HT0531", "HT0532", "HT0533", "HT0541", "HT0542", "HT0543", "HT0544"},
			Name: geo.Text{French: "Bas-Artibonite", Haitian: "Ba Latibonit", English: "Lower Artibonite"},
		},
	}
}

// region is a piece of ground with an outline of its own: a commune, a communal
// section, or what a caller drew.
type region struct {
	id      string
	level   string
	parent  string
	name    geo.Text
	source  []string
	version *geo.Version // nil for what a caller drew
	area    orb.MultiPolygon

	once   sync.Once
	areaM2 float64

	outlined sync.Once
	bound    orb.Bound
	print    uint64
}

// box is the box around the outline, and fingerprint that of the outline, each
// computed once.
func (r *region) box() orb.Bound {
	if r.version != nil {
		return r.version.Bound
	}
	r.outlined.Do(r.look)
	return r.bound
}

func (r *region) fingerprint() uint64 {
	r.outlined.Do(r.look)
	return r.print
}

func (r *region) look() { r.bound, r.print = r.area.Bound(), fingerprint(r.area) }

// measured is the geodesic area of the outline, computed once.
func (r *region) measured() float64 {
	r.once.Do(func() { r.areaM2 = measure.AreaM2(r.area) })
	return r.areaM2
}

// target is one area that is answered for: a sum of regions.
type target struct {
	id      string
	name    geo.Text
	level   string
	urban   bool // only what is built up counts
	regions []*region
	missing []string // members that the record does not hold
}

func (t *target) has(r *region) bool { return slices.Contains(t.regions, r) }

// members are the identifiers of the regions.
func (t *target) members() []string {
	out := make([]string, len(t.regions))
	for i, r := range t.regions {
		out[i] = r.id
	}
	return out
}

// territory is the administrative ground of a world. It is immutable.
type territory struct {
	communes    map[string]*region
	sections    map[string]*region
	departments map[string]*target
	country     *target
	people      map[string]float64   // by commune and section: as recorded or estimated
	estimated   map[string]bool      // communes whose people are an estimate by area
	tree        *index.Tree[*region] // communes
	chosen      []*geo.Version
	serial      uint64 // no other territory of the engine ever has it

	surveyed sync.Once
	shores   coastline
}

// choose picks the outlines that hold at the scene's instant. Where two features
// bear one p-code, the one known last speaks.
func (s *scene) choose() []*geo.Version {
	chosen := map[string]*geo.Version{}
	s.each("admin-areas", func(v *geo.Version) {
		if pcode := v.Text("pcode"); pcode != "" {
			if have := chosen[pcode]; have == nil || have.Known < v.Known {
				chosen[pcode] = v
			}
		}
	})
	out := make([]*geo.Version, 0, len(chosen))
	for _, pcode := range sortedKeys(chosen) {
		out = append(out, chosen[pcode])
	}
	return out
}

// survey makes the territory of some outlines.
func survey(chosen []*geo.Version) *territory {
	t := &territory{
		communes: map[string]*region{}, sections: map[string]*region{}, departments: map[string]*target{},
		country: &target{id: Country, level: LevelCountry, name: geo.Text{French: "Haïti", Haitian: "Ayiti", English: "Haiti"}},
		tree:    index.New[*region](), chosen: chosen,
	}
	names := map[string]geo.Text{}
	for _, v := range chosen { // in the order of p-codes
		pcode := v.Text("pcode")
		area, _ := v.Geometry.(orb.MultiPolygon)
		r := &region{id: pcode, parent: v.Text("parent_pcode"), name: v.Name(), source: v.Texts("references"), version: v, area: area}
		switch level, _ := v.Number("level"); {
		case level == 1:
			names[pcode] = v.Name()
		case level == 2 && area != nil:
			r.level = LevelCommune
			t.communes[pcode] = r
			t.tree.Insert(area.Bound(), r)
			t.country.regions = append(t.country.regions, r)
		case level == 3 && area != nil:
			r.level = LevelSection
			t.sections[pcode] = r
		}
	}
	for _, r := range t.country.regions {
		if r.parent == "" {
			continue
		}
		d := t.departments[r.parent]
		if d == nil {
			name, ok := names[r.parent]
			if !ok {
				name = geo.Text{French: r.parent, Haitian: r.parent, English: r.parent}
			}
			d = &target{id: r.parent, name: name, level: LevelDepartment}
			t.departments[r.parent] = d
		}
		d.regions = append(d.regions, r)
	}
	t.people, t.estimated = geo.Residents(chosen)
	return t
}

func (t *territory) one(r *region) *target {
	return &target{id: r.id, name: r.name, level: r.level, regions: []*region{r}}
}

// named gives a named area with the members that the record holds.
func (t *territory) named(n Named) *target {
	out := &target{id: n.ID, name: n.Name, level: LevelNamed, urban: n.Urban}
	for _, pcode := range n.Members {
		if r := t.communes[pcode]; r != nil {
			out.regions = append(out.regions, r)
		} else {
			out.missing = append(out.missing, pcode)
		}
	}
	if len(out.regions) == 0 {
		return nil
	}
	return out
}

func (t *territory) find(id string) *target {
	for _, n := range NamedAreas() {
		if n.ID == id || slices.Contains(n.Aliases, id) {
			return t.named(n)
		}
	}
	if d := t.departments[id]; d != nil {
		return d
	}
	if id == Country && len(t.country.regions) > 0 {
		return t.country
	}
	if r := cmp.Or(t.communes[id], t.sections[id]); r != nil {
		return t.one(r)
	}
	return nil
}

// resolve finds the areas of a question: those it names, in its order, or every
// area of its level; without a level all but the communal sections.
func (t *territory) resolve(areas []string, level string, drawn orb.MultiPolygon) ([]*target, error) {
	if level != "" && !slices.Contains(levels, level) || level == LevelDrawn {
		return nil, geo.Errorf(geo.CodeInvalid, "", "level is one of country, named, department, commune, section")
	}
	if len(areas) > MaxAreas {
		return nil, geo.Errorf(geo.CodeInvalid, "", "%d areas: at most %d", len(areas), MaxAreas)
	}
	var out []*target
	if drawn != nil {
		name := geo.Text{French: "Polygone envoyé", Haitian: "Poligòn ki voye a", English: "Polygon sent"}
		out = append(out, t.one(&region{id: Drawn, level: LevelDrawn, name: name, area: drawn}))
	}
	for i, id := range areas {
		if slices.Contains(areas[:i], id) {
			continue
		}
		found := t.find(id)
		if found == nil || level != "" && found.level != level {
			return nil, geo.Errorf(geo.CodeNotFound, "", "there is no area %.40q of the level asked for: a p-code such as HT0111 or HT01, HT for the country, or a named area such as ZMPP-admin", id)
		}
		out = append(out, found)
	}
	if len(areas) > 0 || drawn != nil {
		return out, nil
	}
	if len(t.country.regions) > 0 {
		out = append(out, t.country)
	}
	for _, n := range NamedAreas() {
		if found := t.named(n); found != nil {
			out = append(out, found)
		}
	}
	for _, id := range sortedKeys(t.departments) {
		out = append(out, t.departments[id])
	}
	for _, r := range t.country.regions {
		out = append(out, t.one(r))
	}
	if level == LevelSection {
		for _, pcode := range sortedKeys(t.sections) {
			out = append(out, t.one(t.sections[pcode]))
		}
	}
	if level != "" {
		out = slices.DeleteFunc(out, func(one *target) bool { return one.level != level })
	}
	return out, nil
}

// offshoreM is how far from a commune a place may lie and still belong to it:
// the official outlines end at the coast, and ports stand in the water.
const offshoreM = 2000

// locate finds the commune of a place: the one that covers it, else the nearest
// within offshoreM, else nil.
func (t *territory) locate(p orb.Point) *region {
	var found *region
	t.tree.Search(p.Bound(), func(r *region) bool {
		if overlay.Contains(r.area, p) && (found == nil || r.id < found.id) {
			found = r
		}
		return true
	})
	if found != nil {
		return found
	}
	lonM, latM := measure.DegreeM(p[1])
	near := orb.Bound{Min: orb.Point{p[0] - offshoreM/lonM, p[1] - offshoreM/latM}, Max: orb.Point{p[0] + offshoreM/lonM, p[1] + offshoreM/latM}}
	best := float64(offshoreM)
	t.tree.Search(near, func(r *region) bool {
		for _, polygon := range r.area {
			for _, ring := range polygon {
				if _, d, _ := measure.NearestOnLine(p, orb.LineString(ring)); d < best || d == best && found != nil && r.id < found.id {
					best, found = d, r
				}
			}
		}
		return true
	})
	return found
}

// covers reports whether an area holds a place whose commune is known.
func (t *target) covers(p orb.Point, commune *region) bool {
	for _, r := range t.regions {
		if r.level == LevelCommune {
			if r == commune {
				return true
			}
		} else if overlay.Contains(r.area, p) {
			return true
		}
	}
	return false
}

// approved keeps drafts and rejected records out, should a world hold any.
func approved(v *geo.Version) bool {
	state := v.Text("review_state")
	return state == "" || state == "approved"
}

func sortIDs(ids []uuid.UUID) []uuid.UUID {
	slices.SortFunc(ids, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	return slices.Compact(ids)
}

// sources names where outlines come from, each origin once.
func sources(regions []*region) string {
	origins := map[string]bool{}
	for _, r := range regions {
		references := r.source
		if len(references) == 0 {
			references = []string{"source not stated"}
		}
		if r.level == LevelDrawn {
			references = []string{"sent with the question"}
		}
		for _, one := range references {
			origins[one] = true
		}
	}
	return strings.Join(sortedKeys(origins), "; ")
}
