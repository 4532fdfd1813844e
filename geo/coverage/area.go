package coverage

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/measure"
	"pasaj/geo/world"
)

// Levels of an area.
const (
	LevelCommune    = "commune"
	LevelDepartment = "department"
	LevelNamed      = "named"
)

// MaxAreas is how many areas one query may name.
const MaxAreas = 500

// Named is an area that people report on and that is no administrative unit of
// the record: a list of communes.
type Named struct {
	ID      string
	Name    geo.Text
	Members []string // p-codes of communes
}

// NamedAreas lists the named areas. ZMPP is the arrondissement of
// Port-au-Prince, the administrative reading of the metropolitan area; its hills
// belong to it, so its shares are lower than those of the built-up city.
func NamedAreas() []Named {
	return []Named{
		{
			ID: "ZMPP",
			Name: geo.Text{
				French:  "Zone métropolitaine de Port-au-Prince (arrondissement)",
				Haitian: "Zòn metwopolitèn Pòtoprens (awondisman)",
				English: "Metropolitan area of Port-au-Prince (arrondissement)",
			},
			Members: []string{"HT0111", "HT0112", "HT0113", "HT0114", "HT0115", "HT0116", "HT0117", "HT0118"},
		},
		{
			ID:      "lower-artibonite",
			Name:    geo.Text{French: "Bas-Artibonite", Haitian: "Ba Latibonit", English: "Lower Artibonite"},
			Members: []string{"HT0513", "HT0531", "HT0532", "HT0533", "HT0541", "HT0542", "HT0543", "HT0544"},
		},
	}
}

// commune is one commune's outline at the instant.
type commune struct {
	pcode  string
	parent string
	name   geo.Text
	source []string
	area   orb.MultiPolygon
	areaM2 float64
}

// target is one area that the report answers for.
type target struct {
	id      string
	name    geo.Text
	level   string
	title   string // names the denominator
	members []string
	missing []string
}

// territory is the administrative ground of a world at an instant.
type territory struct {
	communes    map[string]*commune
	departments map[string]*target
}

// survey reads the outlines. Where two features bear one p-code, the one known
// last speaks.
func survey(w *world.World, at time.Time) *territory {
	chosen := map[string]*geo.Version{}
	w.Named("admin-areas").Each(geo.At(at), func(v *geo.Version) bool {
		if pcode := v.Text("pcode"); pcode != "" && approved(v) {
			if have := chosen[pcode]; have == nil || have.Known < v.Known {
				chosen[pcode] = v
			}
		}
		return true
	})
	t := &territory{communes: map[string]*commune{}, departments: map[string]*target{}}
	names := map[string]geo.Text{}
	for pcode, v := range chosen {
		switch level, _ := v.Number("level"); int(level) {
		case 1:
			names[pcode] = v.Name()
		case 2:
			area, ok := v.Geometry.(orb.MultiPolygon)
			if !ok {
				continue
			}
			t.communes[pcode] = &commune{
				pcode: pcode, parent: v.Text("parent_pcode"), name: v.Name(), source: v.Texts("references"), area: area,
			}
		}
	}
	for pcode, c := range t.communes {
		if c.parent == "" {
			continue
		}
		d := t.departments[c.parent]
		if d == nil {
			name, ok := names[c.parent]
			if !ok {
				name = geo.Text{French: c.parent, Haitian: c.parent, English: c.parent}
			}
			d = &target{id: c.parent, name: name, level: LevelDepartment, title: name.French}
			t.departments[c.parent] = d
		}
		d.members = append(d.members, pcode)
	}
	for _, d := range t.departments {
		slices.Sort(d.members)
	}
	return t
}

// measured computes the geodesic area of a commune's outline, once.
func (c *commune) measured() float64 {
	if c.areaM2 == 0 {
		c.areaM2 = measure.AreaM2(c.area)
	}
	return c.areaM2
}

func (t *territory) commune(pcode string) *target {
	c := t.communes[pcode]
	if c == nil {
		return nil
	}
	return &target{id: pcode, name: c.name, level: LevelCommune, title: c.name.French, members: []string{pcode}}
}

// named gives a named area with the members that the record holds.
func (t *territory) named(n Named) *target {
	out := &target{id: n.ID, name: n.Name, level: LevelNamed, title: n.Name.French}
	for _, pcode := range n.Members {
		if t.communes[pcode] != nil {
			out.members = append(out.members, pcode)
		} else {
			out.missing = append(out.missing, pcode)
		}
	}
	if len(out.members) == 0 {
		return nil
	}
	return out
}

func (t *territory) find(id string) *target {
	for _, n := range NamedAreas() {
		if n.ID == id {
			return t.named(n)
		}
	}
	if d := t.departments[id]; d != nil {
		return d
	}
	return t.commune(id)
}

// targets resolves a query: the areas it names in its order, or every area of
// its level, named ones first, then departments, then communes by p-code.
func (t *territory) targets(q Query) ([]*target, error) {
	if !slices.Contains([]string{"", LevelCommune, LevelDepartment, LevelNamed}, q.Level) {
		return nil, geo.Errorf(geo.CodeInvalid, "", "level is one of commune, department, named")
	}
	if len(q.Areas) > MaxAreas {
		return nil, geo.Errorf(geo.CodeInvalid, "", "%d areas: at most %d", len(q.Areas), MaxAreas)
	}
	var out []*target
	for i, id := range q.Areas {
		if slices.Contains(q.Areas[:i], id) {
			continue
		}
		found := t.find(id)
		if found == nil || q.Level != "" && found.level != q.Level {
			return nil, geo.Errorf(geo.CodeNotFound, "", "there is no area %.40q of the level asked for: a p-code such as HT0111 or HT01, or a named area such as ZMPP", id)
		}
		out = append(out, found)
	}
	if len(q.Areas) > 0 {
		return out, nil
	}
	for _, n := range NamedAreas() {
		if found := t.named(n); found != nil {
			out = append(out, found)
		}
	}
	for _, d := range t.departments {
		out = append(out, d)
	}
	for pcode := range t.communes {
		out = append(out, t.commune(pcode))
	}
	if q.Level != "" {
		out = slices.DeleteFunc(out, func(one *target) bool { return one.level != q.Level })
	}
	order := []string{LevelNamed, LevelDepartment, LevelCommune}
	slices.SortStableFunc(out, func(a, b *target) int {
		if a.level != b.level {
			return cmp.Compare(slices.Index(order, a.level), slices.Index(order, b.level))
		}
		if a.level == LevelNamed {
			return 0
		}
		return strings.Compare(a.id, b.id)
	})
	return out, nil
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
