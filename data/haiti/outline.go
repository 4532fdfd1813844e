package haiti

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/paulmach/orb"

	"pasaj/data/format"
	"pasaj/geo"
	"pasaj/geo/measure"
	"pasaj/geo/overlay"
)

const (
	circleVertices   = 32
	outlinePrecision = 350 // metres to which the outlines are generalised
	outlineCitation  = "OCHA COD-AB Haiti (CNIGS, 29 November 2018), CC BY-IGO, outlines generalised to about 350 m"
)

func (s *snapshot) readOutlines() error {
	raw, err := files.ReadFile("communes.geojson")
	if err != nil {
		return fmt.Errorf("snapshot: %w", err)
	}
	if s.areas, err = format.ReadCommunes(bytes.NewReader(raw), Author.Audience); err != nil {
		return fmt.Errorf("snapshot: communes.geojson: %w", err)
	}
	s.communes = format.NewOutlines()
	l, _ := geo.LayerByName("admin-areas")
	for _, d := range s.areas.Communes {
		pcode, _ := d.Get(l, "pcode").(string)
		area, _ := d.Geometry.(orb.MultiPolygon)
		s.communes.Add(pcode, area)
	}
	return nil
}

// adminAreas are the departments, joined from their communes, and the communes.
func (s *snapshot) adminAreas() ([]geo.Change, error) {
	l, ok := geo.LayerByName("admin-areas")
	if !ok {
		return nil, fmt.Errorf("snapshot: no layer admin-areas")
	}
	known, err := departments()
	if err != nil {
		return nil, err
	}
	var out []geo.Change
	add := func(d *geo.Draft) error {
		pcode, _ := d.Get(l, "pcode").(string)
		properties := map[string]any{
			"code": pcode, "sensitivity": "low", "compartment": "public", "time_precision": "day", "geo_precision": 2,
			"precision_m": outlinePrecision, "references": []string{outlineCitation}, "valid_from": geo.FormatInstant(Epoch),
		}
		for i := range l.Properties {
			if p := &l.Properties[i]; d.Values[i] != nil && properties[p.Name] == nil {
				properties[p.Name] = d.Values[i]
			}
		}
		if department, ok := known[pcode]; ok {
			for name, value := range department {
				properties[name] = value
			}
		}
		draft, err := decode(l, pcode, geo.AppendGeometry(nil, d.Geometry), properties)
		if err != nil {
			return err
		}
		out = append(out, geo.Change{Layer: l, Action: geo.Create, ID: draft.ID, Draft: draft})
		return nil
	}
	for _, list := range [][]*geo.Draft{s.areas.Departments, s.areas.Communes} {
		for _, d := range list {
			if err := add(d); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// departments reads the names and figures of departments by p-code.
func departments() (map[string]map[string]any, error) {
	rows, err := readTable("departments.csv", 7)
	if err != nil {
		return nil, err
	}
	out := map[string]map[string]any{}
	for _, row := range rows {
		population, err := strconv.ParseInt(row[4], 10, 64)
		if err != nil {
			return nil, fmt.Errorf("snapshot: departments.csv: %w", err)
		}
		area, err := strconv.ParseFloat(row[6], 64)
		if err != nil {
			return nil, fmt.Errorf("snapshot: departments.csv: %w", err)
		}
		out[row[0]] = map[string]any{
			"name_fr": row[1], "name_ht": row[2], "name_en": row[3],
			"population": population, "population_note": row[5], "area_km2": area,
		}
	}
	return out, nil
}

// readTable reads an embedded CSV file without its heading.
func readTable(name string, columns int) ([][]string, error) {
	raw, err := files.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("snapshot: %w", err)
	}
	r := csv.NewReader(bytes.NewReader(raw))
	r.FieldsPerRecord = columns
	rows, err := r.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("snapshot: %s: %w", name, err)
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("snapshot: %s is empty", name)
	}
	return rows[1:], nil
}

// geometry places a record; null where nothing places it.
func (s *snapshot) geometry(r record) (json.RawMessage, error) {
	switch {
	case r.At != nil:
		return geo.AppendGeometry(nil, *r.At), nil
	case len(r.Along) > 0:
		return geo.AppendGeometry(nil, orb.LineString(r.Along)), nil
	case len(r.Around) > 0:
		area, err := s.around(r)
		if err != nil {
			return nil, err
		}
		return geo.AppendGeometry(nil, area), nil
	}
	return json.RawMessage("null"), nil
}

// around joins circles about named places and cuts them to the communes named,
// or to the land.
func (s *snapshot) around(r record) (orb.MultiPolygon, error) {
	var circles []orb.MultiPolygon
	for _, code := range r.Around {
		place, ok := s.places[code]
		if !ok || place.At == nil {
			return nil, fmt.Errorf("no place %s", code)
		}
		radius := r.RadiusM
		if radius == 0 {
			radius, _ = place.Properties["precision_m"].(float64)
		}
		circles = append(circles, orb.MultiPolygon{measure.Circle(*place.At, radius, circleVertices)})
	}
	joined, err := overlay.Union(circles)
	if err != nil {
		return nil, err
	}
	var land []orb.MultiPolygon
	for _, pcode := range r.Within {
		if !s.communes.Has(pcode) {
			return nil, fmt.Errorf("no commune %s", pcode)
		}
		land = append(land, s.communes.Area(pcode))
	}
	if len(r.Within) == 0 {
		land = s.communes.Meeting(joined.Bound())
	}
	within, err := overlay.Union(land)
	if err != nil {
		return nil, err
	}
	return overlay.Intersection(joined, within)
}
