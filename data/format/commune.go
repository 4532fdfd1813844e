package format

import (
	"encoding/json"
	"io"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/measure"
	"pasaj/geo/overlay"
)

// AdminAreas are the departments, communes and communal sections of a boundary
// file, as drafts of the layer admin-areas in the order of their p-codes.
type AdminAreas struct {
	Departments []*geo.Draft
	Communes    []*geo.Draft
	Sections    []*geo.Draft
}

// KnownArea is an administrative area that the record holds already.
type KnownArea struct {
	ID    uuid.UUID
	Froms []time.Time // when each of its states begins
}

const (
	adminCitation   = "OCHA COD-AB Haiti (CNIGS, 2018), CC BY-IGO"
	sectionCitation = "Sections communales d’Haïti (CNIGS), contours simplifiés"
)

// A hole or splinter in the union of communes smaller than this is where two
// outlines do not meet, not a lake or an island.
const splinterM2 = 50_000

var (
	communePattern    = regexp.MustCompile(`^HT[0-9]{4}$`)
	departmentPattern = regexp.MustCompile(`^HT[0-9]{2}$`)
	sectionPattern    = regexp.MustCompile(`^HT[0-9]{4}-[0-9]{2}$`)
	populationPattern = regexp.MustCompile(`^POP((?:19|20)[0-9]{2})$`)
)

// ReadCommunes reads boundaries: the official file of departments, communes or
// communal sections (OCHA COD-AB: properties ADM2_PCODE, ADM2_FR, ADM1_PCODE,
// ... ; everything else in it, dv_* above all, is ignored) or an export of
// admin-areas. A department that the file does not hold is the union of its
// communes. Of communal sections NAME_SEC and SEKSYON are taken as names where
// ADM3_FR and ADM3_HT are missing, and the population of the latest year
// (POP2021 and the like). The audience decides which properties an export may bring in. The error is a
// *FaultList, or the *geo.Error that ended the reading.
func ReadCommunes(r io.Reader, a geo.Audience) (*AdminAreas, error) {
	l, ok := geo.LayerByName("admin-areas")
	if !ok {
		return nil, geo.Errorf(geo.CodeUnprocessable, "", "there is no layer admin-areas")
	}
	b := boundaries{layer: l, audience: a, faults: &FaultList{}, byCode: map[string]*geo.Draft{}}
	for f, err := range features(r) {
		if err != nil {
			return nil, err
		}
		b.faults.Rows++
		b.take(f)
	}
	if b.faults.Rows == 0 {
		return nil, geo.Errorf(geo.CodeInvalid, "/features", "the file holds no boundary")
	}
	if err := b.faults.orNil(); err != nil {
		return nil, err
	}
	return b.areas()
}

type boundaries struct {
	layer    *geo.Layer
	audience geo.Audience
	faults   *FaultList
	byCode   map[string]*geo.Draft
}

func (b *boundaries) take(f feature) {
	row := Row{Number: f.number, ID: f.id()}
	raw, pcode, err := b.normal(f.raw)
	if err != nil {
		b.faults.add(row, err)
		return
	}
	if row.ID == "" {
		row.ID = pcode
	}
	draft, decodeErr := geo.DecodeFeature(b.layer, b.audience, raw)
	if decodeErr != nil {
		for _, reason := range reasons(decodeErr) {
			b.faults.add(row, reason)
		}
		return
	}
	if err := overlay.Validate(draft.Geometry); err != nil {
		b.faults.add(row, err)
	}
	for _, reason := range b.codes(draft) {
		b.faults.add(row, reason)
	}
	pcode, _ = draft.Get(b.layer, "pcode").(string)
	if _, twice := b.byCode[pcode]; twice {
		b.faults.add(row, geo.Errorf(geo.CodeInvalid, "/properties/pcode", "%s is there twice", pcode))
		return
	}
	b.byCode[pcode] = draft
}

// codes holds the p-code to the level and the parent.
func (b *boundaries) codes(d *geo.Draft) geo.Errors {
	pcode, _ := d.Get(b.layer, "pcode").(string)
	parent, _ := d.Get(b.layer, "parent_pcode").(string)
	level, _ := d.Get(b.layer, "level").(int64)
	switch {
	case level < 1 || level > 3:
		return geo.Errors{geo.Errorf(geo.CodeInvalid, "/properties/level", "level %d: departments (1), communes (2) and communal sections (3) are taken", level)}
	case level == 1 && !departmentPattern.MatchString(pcode):
		return geo.Errors{geo.Errorf(geo.CodeInvalid, "/properties/pcode", "%q is not the p-code of a department such as HT01", pcode)}
	case level == 2 && !communePattern.MatchString(pcode):
		return geo.Errors{geo.Errorf(geo.CodeInvalid, "/properties/pcode", "%q is not the p-code of a commune such as HT0111", pcode)}
	case level == 3 && !sectionPattern.MatchString(pcode):
		return geo.Errors{geo.Errorf(geo.CodeInvalid, "/properties/pcode", "%q is not the p-code of a communal section such as HT0111-01", pcode)}
	case level == 2 && parent != pcode[:4], level == 3 && parent != pcode[:6]:
		return geo.Errors{geo.Errorf(geo.CodeInvalid, "/properties/parent_pcode", "%s does not lie in %q by its p-code", pcode, parent)}
	}
	return nil
}

// normal gives a feature in the form of the catalogue.
func (b *boundaries) normal(raw json.RawMessage) (json.RawMessage, string, *geo.Error) {
	var in struct {
		Geometry   json.RawMessage            `json:"geometry"`
		Properties map[string]json.RawMessage `json:"properties"`
	}
	if json.Unmarshal(raw, &in) != nil {
		return nil, "", geo.Errorf(geo.CodeInvalid, "", "not a GeoJSON feature")
	}
	text := func(name string) string {
		var s string
		_ = json.Unmarshal(in.Properties[name], &s) // null and other types count as missing
		return strings.TrimSpace(s)
	}
	if pcode := text("pcode"); pcode != "" {
		return raw, pcode, nil
	}
	properties := map[string]any{
		"compartment": "public", "sensitivity": "low", "time_precision": "day", "references": []string{adminCitation},
	}
	prefix := "ADM2_"
	properties["level"], properties["parent_pcode"] = 2, text("ADM1_PCODE")
	switch {
	case text("ADM3_PCODE") != "":
		prefix = "ADM3_"
		if err := section(properties, in.Properties, text); err != nil {
			return nil, text("ADM3_PCODE"), err
		}
	case text("ADM2_PCODE") == "":
		prefix = "ADM1_"
		properties["level"], properties["parent_pcode"] = 1, "HT"
	}
	pcode := text(prefix + "PCODE")
	if pcode == "" {
		return nil, "", geo.Errorf(geo.CodeInvalid, "/properties", "neither pcode nor ADM3_PCODE nor ADM2_PCODE nor ADM1_PCODE names the area")
	}
	properties["pcode"], properties["code"] = pcode, pcode
	for name, from := range map[string]string{"name_fr": "FR", "name_ht": "HT", "name_en": "EN"} {
		if s := text(prefix + from); s != "" {
			properties[name] = s
		}
	}
	if from, err := geo.ParseInstant(text("validOn")); err == nil {
		properties["valid_from"], properties["time_precision"] = geo.FormatInstant(from), "day"
	}
	out, err := json.Marshal(map[string]any{"type": "Feature", "geometry": in.Geometry, "properties": properties})
	if err != nil {
		return nil, "", geo.Errorf(geo.CodeInvalid, "", "not a GeoJSON feature").WithCause(err)
	}
	return out, pcode, nil
}

// section fills in what is peculiar to files of communal sections. Those that
// give a population and no date hold from the beginning of its year: without a
// beginning they would hold from the day of the import, and no question about
// the time before would find them.
func section(properties map[string]any, in map[string]json.RawMessage, text func(string) string) *geo.Error {
	properties["level"], properties["parent_pcode"] = 3, text("ADM2_PCODE")
	if text("ADM3_FR") == "" && text("ADM3_EN") == "" && text("ADM3_HT") == "" {
		properties["references"] = []string{sectionCitation}
	}
	for name, from := range map[string]string{"name_fr": "NAME_SEC", "name_ht": "SEKSYON"} {
		if s := text(from); s != "" {
			properties[name] = s
		}
	}
	member, year := "", ""
	for name, value := range in {
		if found := populationPattern.FindStringSubmatch(name); found != nil && found[1] > year && string(value) != "null" {
			member, year = name, found[1]
		}
	}
	if member == "" {
		return nil
	}
	var people float64 // some programs write 28606.0
	if err := json.Unmarshal(in[member], &people); err != nil || people < 0 || people != math.Trunc(people) {
		return geo.Errorf(geo.CodeInvalid, "/properties/"+member, "a population is a whole number of people")
	}
	properties["population"], properties["population_note"] = json.Number(strconv.FormatFloat(people, 'f', -1, 64)), year
	properties["valid_from"], properties["time_precision"] = year+"-01-01T00:00:00Z", "unknown"
	return nil
}

func (b *boundaries) areas() (*AdminAreas, error) {
	out := &AdminAreas{}
	members := map[string][]*geo.Draft{}
	for _, pcode := range sortedKeys(b.byCode) {
		d := b.byCode[pcode]
		if d.Get(b.layer, "area_km2") == nil {
			d.Set(b.layer, "area_km2", areaKm2(d.Geometry))
		}
		switch d.Get(b.layer, "level") {
		case int64(1):
			out.Departments = append(out.Departments, d)
		case int64(2):
			out.Communes = append(out.Communes, d)
			members[pcode[:4]] = append(members[pcode[:4]], d)
		default:
			out.Sections = append(out.Sections, d)
		}
	}
	for _, pcode := range sortedKeys(members) {
		if _, given := b.byCode[pcode]; given {
			continue
		}
		d, err := b.department(pcode, members[pcode])
		if err != nil {
			return nil, err
		}
		out.Departments = append(out.Departments, d)
	}
	slices.SortFunc(out.Departments, func(x, y *geo.Draft) int {
		a, _ := x.Get(b.layer, "pcode").(string)
		c, _ := y.Get(b.layer, "pcode").(string)
		return strings.Compare(a, c)
	})
	return out, nil
}

// department makes a department of its communes. It goes through the same door
// as what a file brings.
func (b *boundaries) department(pcode string, communes []*geo.Draft) (*geo.Draft, error) {
	outlines := make([]orb.MultiPolygon, 0, len(communes))
	var from time.Time
	for _, c := range communes {
		if area, ok := c.Geometry.(orb.MultiPolygon); ok {
			outlines = append(outlines, area)
		}
		if c.From.After(from) {
			from = c.From
		}
	}
	union, err := overlay.Union(outlines)
	if err != nil {
		return nil, geo.Errorf(geo.CodeInvalidGeometry, "/geometry", "the communes of %s cannot be joined", pcode).WithCause(err)
	}
	properties := map[string]any{
		"pcode": pcode, "code": pcode, "level": 1, "parent_pcode": "HT", "compartment": "public", "sensitivity": "low",
		"references": []string{adminCitation + "; joined from its communes"}, "time_precision": "day",
	}
	if !from.IsZero() {
		properties["valid_from"] = geo.FormatInstant(from)
	}
	raw, err := json.Marshal(map[string]any{
		"type": "Feature", "geometry": json.RawMessage(geo.AppendGeometry(nil, dropSplinters(union))), "properties": properties,
	})
	if err != nil {
		return nil, geo.Errorf(geo.CodeUnprocessable, "", "the outline of %s cannot be written", pcode).WithCause(err)
	}
	d, err := geo.DecodeFeature(b.layer, b.audience, raw)
	if err != nil {
		return nil, err
	}
	if err := overlay.Validate(d.Geometry); err != nil {
		return nil, geo.Errorf(err.Code, "/geometry", "the outline of %s: %s", pcode, err.Detail)
	}
	d.Set(b.layer, "area_km2", areaKm2(d.Geometry))
	return d, nil
}

func dropSplinters(area orb.MultiPolygon) orb.MultiPolygon {
	out := make(orb.MultiPolygon, 0, len(area))
	for _, polygon := range area {
		if measure.AreaM2(polygon[:1]) < splinterM2 && len(area) > 1 {
			continue
		}
		kept := polygon[:1:1]
		for _, hole := range polygon[1:] {
			if measure.AreaM2(orb.Polygon{hole}) >= splinterM2 {
				kept = append(kept, hole)
			}
		}
		out = append(out, kept)
	}
	return out
}

// areaKm2 rounds to a tenth, as areas are published.
func areaKm2(g orb.Geometry) float64 { return math.Round(measure.AreaM2(g)/1e5) / 10 }

// Changes turns boundaries into changes: an area whose p-code the record holds
// gets the new outline over all its time and keeps what the file does not say
// (names, population); any other is created.
func (a *AdminAreas) Changes(known map[string]KnownArea) []geo.Change {
	l, ok := geo.LayerByName("admin-areas")
	if !ok {
		return nil
	}
	out := make([]geo.Change, 0, len(a.Departments)+len(a.Communes)+len(a.Sections))
	for _, d := range slices.Concat(a.Departments, a.Communes, a.Sections) {
		pcode, _ := d.Get(l, "pcode").(string)
		k, found := known[pcode]
		if !found {
			out = append(out, geo.Change{Layer: l, Action: geo.Create, ID: d.ID, Draft: d})
			continue
		}
		for _, from := range k.Froms {
			out = append(out, geo.Change{Layer: l, Action: geo.Patch, ID: k.ID, Draft: a.outline(l, d, k.ID, from)})
		}
	}
	return out
}

// CheckParents holds communal sections to the communes that they name: the file
// or the record must hold them. Departments are made where they are missing.
func (a *AdminAreas) CheckParents(known map[string]KnownArea) error {
	l, ok := geo.LayerByName("admin-areas")
	if !ok {
		return nil
	}
	communes := map[string]bool{}
	for _, d := range a.Communes {
		pcode, _ := d.Get(l, "pcode").(string)
		communes[pcode] = true
	}
	missing := map[string]bool{}
	for _, d := range a.Sections {
		parent, _ := d.Get(l, "parent_pcode").(string)
		if _, found := known[parent]; !found && !communes[parent] {
			missing[parent] = true
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return geo.Errorf(geo.CodeUnprocessable, "/properties/parent_pcode", "%d communes of these sections are not on record, such as %s: bring in the communes first",
		len(missing), sortedKeys(missing)[0])
}

func sortedKeys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// outline is the patch that gives one state of a known area, the one that
// begins at from, its new outline.
func (a *AdminAreas) outline(l *geo.Layer, d *geo.Draft, id uuid.UUID, from time.Time) *geo.Draft {
	patch := geo.NewDraft(l)
	*patch = *d
	patch.Values, patch.Given = slices.Clone(d.Values), slices.Clone(d.Given)
	patch.ID = id
	patch.From, patch.HasFrom = from, !from.IsZero()
	patch.To, patch.HasTo = time.Time{}, false
	if !d.Given[l.Index("precision_m")] { // an official outline has none: the old one's no longer holds
		patch.Set(l, "precision_m", nil)
		patch.Set(l, "geo_precision", nil)
	}
	for _, name := range []string{"name_fr", "name_ht", "name_en"} {
		if d.ID == uuid.Nil { // an official file spells some names worse than the record
			patch.Given[l.Index(name)] = false
		}
	}
	return patch
}
