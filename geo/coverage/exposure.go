package coverage

import (
	"context"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/isolation"
)

// exposureFormula names the formula of an Exposure and its version.
const exposureFormula = "exposure/1"

// Exposure says what stands on whose ground, what of it works, and what works
// but is cut off. It marshals to the JSON of /v1/exposure, the same bytes for
// the same world and question.
type Exposure struct {
	Revision geo.Revision  `json:"revision"`
	Audience string        `json:"audience"`
	Datetime string        `json:"datetime"` // valid time, RFC 3339
	Formula  string        `json:"formula"`
	Notice   geo.Text      `json:"notice"`
	Areas    []ExposedArea `json:"areas"`
}

// ExposedArea is the answer for one area.
type ExposedArea struct {
	ID     string        `json:"id"`
	Name   geo.Text      `json:"name"`
	Level  string        `json:"level"`
	Status Status        `json:"status"`
	Types  []ExposedType `json:"types"`   // by layer and type; null when withheld
	CutOff CutOffList    `json:"cut_off"` // functional but cut off
}

// ExposedType is one type of facility of one layer.
type ExposedType struct {
	Layer        string          `json:"layer"`
	FacilityType string          `json:"facility_type"`
	Label        geo.Text        `json:"label"`
	N            int             `json:"n"`          // on record in the area: the denominator of its rows
	Contexts     []FacilityCount `json:"contexts"`   // by control_type; central adds up to n
	Functional   []FacilityCount `json:"functional"` // by status, null when withheld; central adds up to n
}

// FacilityCount is a number of facilities by degree of evidence.
type FacilityCount struct {
	Of      string      `json:"of"` // a type of control or unassessed; full, partial, none or unknown
	Low     int         `json:"low"`
	Central int         `json:"central"`
	High    int         `json:"high"`
	IDs     []uuid.UUID `json:"ids"` // counted to any degree
}

// CutOffList are facilities that work but have no passable way to where they
// have to get: police facilities to their departmental directorate by car,
// hospitals by ambulance, ports by 20 t truck and airports by car to the
// capital of their department.
type CutOffList struct {
	Status     Status           `json:"status"`
	Note       *geo.Text        `json:"note,omitempty"`
	Looked     int              `json:"looked"`     // facilities that work and were looked at
	Facilities []CutOffFacility `json:"facilities"` // by kind and id; null unless assessed
}

// CutOffFacility is one of them.
type CutOffFacility struct {
	ID             uuid.UUID      `json:"id"`
	Layer          string         `json:"layer"`
	FacilityType   string         `json:"facility_type"`
	Name           geo.Text       `json:"name"`
	Commune        string         `json:"commune"`         // p-code; "" where it stands in none
	ControlContext string         `json:"control_context"` // what names the ground, central
	Functional     string         `json:"functional"`      // full or partial
	Connection     string         `json:"connection"`      // closed; unknown where a way is left only over roads of which nobody knows
	Vehicle        string         `json:"vehicle"`
	Profile        string         `json:"profile"`
	Confidence     float64        `json:"confidence"`
	Geometry       *PlaceGeometry `json:"geometry"` // null where the audience may not know the place
}

// PlaceGeometry is a GeoJSON Point.
type PlaceGeometry struct {
	Type        string     `json:"type"`
	Coordinates [2]float64 `json:"coordinates"` // longitude, latitude
}

var exposureNotice = geo.Text{
	French:  "Installations au registre, pas la liste nationale. Le contrôle est celui du terrain où elles se trouvent, d’après des observations évaluées ; « unassessed » et « unknown » veulent dire inconnu, pas libre.",
	Haitian: "Enstalasyon ki nan rejis la, se pa lis nasyonal la. Kontwòl la se pa tè kote yo ye a, dapre obsèvasyon ki evalye ; « unassessed » ak « unknown » vle di nou pa konnen, sa pa vle di lib.",
	English: "Facilities on record, not the national list. The control is that of the ground they stand on, by graded reports; “unassessed” and “unknown” mean unknown, not free.",
}

// Exposure answers for the areas of a question; for the country where it names
// neither areas nor a level. What the question says of indicators, tallies and
// the past is not used. Errors are those of Measure.
func (e *Engine) Exposure(ctx context.Context, q Question) (*Exposure, error) {
	if len(q.Areas) == 0 && q.Level == "" && q.Drawn == nil {
		q.Level = LevelCountry
	}
	s, err := e.scene(q)
	if err != nil {
		return nil, err
	}
	out := &Exposure{
		Revision: q.World.Revision(), Audience: q.World.Audience().String(), Datetime: geo.FormatInstant(s.at),
		Formula: exposureFormula, Notice: exposureNotice, Areas: make([]ExposedArea, 0, len(s.targets)),
	}
	for _, t := range s.targets {
		a := ExposedArea{ID: t.id, Name: t.name, Level: t.level, Status: Withheld, CutOff: CutOffList{Status: Withheld}}
		if s.holds("controlled-zones", "facilities") {
			a.Status, a.Types = Assessed, s.exposedTypes(t)
			if a.CutOff, err = s.cutOff(ctx, t); err != nil {
				return nil, err
			}
		}
		out.Areas = append(out.Areas, a)
	}
	return out, nil
}

func (s *scene) exposedTypes(t *target) []ExposedType {
	out := []ExposedType{}
	keys, groups := byKind(s.facilitiesIn(t, s.heldLayers()...))
	for _, key := range keys {
		list := groups[key]
		one := ExposedType{Layer: key.layer, FacilityType: key.kind, Label: kindLabel(key.layer, key.kind), N: len(list), Contexts: []FacilityCount{}}
		for x, name := range contexts {
			if n, c := inContext(list, 1<<x); n[high] > 0 {
				one.Contexts = append(one.Contexts, facilityCount(name, n, &c))
			}
		}
		if s.seesProperty(key.layer, "functional") {
			f := functioningOf(list)
			for row, status := range workings {
				one.Functional = append(one.Functional, facilityCount(status, f.rows[row], &f.counted[row]))
			}
		}
		out = append(out, one)
	}
	return out
}

func facilityCount(of string, n byDegree, c *counted) FacilityCount {
	ids := sortIDs(slices.Clone(c.ids))
	if ids == nil {
		ids = []uuid.UUID{}
	}
	return FacilityCount{Of: of, Low: int(n[low]), Central: int(n[central]), High: int(n[high]), IDs: ids}
}

// cutOff lists what works in an area but is cut off. Layers whose status the
// audience may not see are left out, and the note says so.
func (s *scene) cutOff(ctx context.Context, t *target) (CutOffList, error) {
	if !s.hasWays() {
		return CutOffList{Status: NotMeasured, Note: &noWays}, nil
	}
	out := CutOffList{Status: Assessed, Facilities: []CutOffFacility{}}
	var hidden []string
	lacking := map[string]bool{}
	for _, l := range linkages {
		if !s.seesProperty(l.layer, "functional") {
			hidden = append(hidden, l.layer)
			continue
		}
		links, err := s.linksOf(ctx, l)
		if err != nil {
			return CutOffList{}, err
		}
		for _, f := range s.facilitiesIn(t, l.layer) {
			link, ok := links[f]
			if !ok {
				continue
			}
			out.Looked++
			if !link.hub {
				lacking[link.department] = true
			}
			if link.status < isolation.Unknown {
				continue
			}
			one := CutOffFacility{
				ID: f.v.ID, Layer: f.layer, FacilityType: f.kind, Name: f.v.Name(), ControlContext: f.stands(), Functional: f.working,
				Connection: link.status.String(), Vehicle: l.vehicle, Profile: l.profile, Confidence: significant(f.worth.Confidence),
			}
			if f.commune != nil {
				one.Commune = f.commune.id
			}
			if p, ok := f.v.Geometry.(orb.Point); ok {
				one.Geometry = &PlaceGeometry{"Point", p}
			}
			out.Facilities = append(out.Facilities, one)
		}
	}
	out.Note = cutOffNote(hidden, sortedKeys(lacking))
	return out, nil
}

func cutOffNote(hidden, lacking []string) *geo.Text {
	var note geo.Text
	add := func(more geo.Text) {
		note = geo.Text{
			French:  strings.TrimSpace(note.French + " " + more.French),
			Haitian: strings.TrimSpace(note.Haitian + " " + more.Haitian), English: strings.TrimSpace(note.English + " " + more.English),
		}
	}
	if len(hidden) > 0 {
		list := strings.Join(hidden, ", ")
		add(geo.Text{French: "Réservé, donc pas dans la liste : " + list + ".", Haitian: "Rezève, kidonk pa nan lis la : " + list + ".", English: "Withheld and therefore not listed: " + list + "."})
	}
	if len(lacking) > 0 {
		add(noHub(lacking))
	}
	if note == (geo.Text{}) {
		return nil
	}
	return &note
}
