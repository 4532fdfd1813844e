package format

import (
	"iter"
	"time"

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/overlay"
)

// Communes answers where a point lies. Outlines implements it.
type Communes interface {
	// At gives the p-code of the commune that holds the point, or of the
	// nearest one within SeaMarginM with its distance.
	At(p orb.Point) (pcode string, distanceM float64, ok bool)
	// DistanceM is the distance from the point to a commune, 0 inside.
	DistanceM(pcode string, p orb.Point) float64
	Has(pcode string) bool
}

// Margins of the commune check in metres.
const (
	// SeaMarginM: quays and crossings lie on or just outside the official
	// outlines, so the nearest commune this close counts.
	SeaMarginM = 2000
	// OutlineMarginM: a generalised outline may put a point on the wrong side
	// of a border by this much.
	OutlineMarginM = 500
)

// Checker is what the checks across rows need to know.
type Checker struct {
	Layer    *geo.Layer
	Communes Communes  // nil: communes are not checked
	Now      time.Time // zero: dates in the future are not looked for
}

// Check reads all rows and adds the checks that one feature alone cannot
// answer. It returns every row, or a *FaultList that names each fault by row
// and reason, or the error that ended the reading. There is no half result.
func Check(rows iter.Seq2[Row, error], c Checker) ([]Row, error) {
	var out []Row
	faults := &FaultList{}
	seen := map[uuid.UUID][]span{}
	for row, err := range rows {
		if err != nil {
			return nil, err
		}
		faults.Rows++
		if row.Draft != nil {
			row.Faults = append(row.Faults, c.row(row.Draft)...)
			if repeated := repetition(seen, row); repeated != nil {
				row.Faults = append(row.Faults, repeated)
			}
		}
		for _, reason := range row.Faults {
			faults.add(row, reason)
		}
		if faults.Total == 0 {
			out = append(out, row)
		}
	}
	if err := faults.orNil(); err != nil {
		return nil, err
	}
	return out, nil
}

func (c Checker) row(d *geo.Draft) geo.Errors {
	var faults geo.Errors
	if d.Geometry != nil {
		if err := overlay.Validate(d.Geometry); err != nil {
			if err.Pointer == "" {
				err.Pointer = "/geometry"
			}
			faults = append(faults, err)
		}
	}
	faults = append(faults, c.dates(d)...)
	if err := c.commune(d); err != nil {
		faults = append(faults, err)
	}
	return faults
}

// dates holds what was seen or happened to the time that people could have
// seen it in. geo.DecodeFeature has checked valid_from and valid_to.
func (c Checker) dates(d *geo.Draft) geo.Errors {
	var faults geo.Errors
	for i := range c.Layer.Properties {
		p := &c.Layer.Properties[i]
		t, ok := d.Values[i].(time.Time)
		if !ok || p.Type != geo.DateTime {
			continue
		}
		switch {
		case t.Before(geo.EarliestValid) || t.After(geo.LatestValid):
			faults = append(faults, geo.Errorf(geo.CodeInvalid, "/properties/"+p.Name, "%s lies outside %d to %d",
				geo.FormatInstant(t), geo.EarliestValid.Year(), geo.LatestValid.Year()))
		case p.Name != "retention_until" && !c.Now.IsZero() && t.After(c.Now.Add(24*time.Hour)):
			faults = append(faults, geo.Errorf(geo.CodeInvalid, "/properties/"+p.Name, "%s has not come yet", geo.FormatInstant(t)))
		}
	}
	return faults
}

// commune compares the commune a point names with where the point lies.
func (c Checker) commune(d *geo.Draft) *geo.Error {
	named, _ := d.Get(c.Layer, "commune").(string)
	if named == "" || c.Communes == nil {
		return nil
	}
	const pointer = "/properties/commune"
	if !c.Communes.Has(named) {
		return geo.Errorf(geo.CodeInvalid, pointer, "no commune has the p-code %q", named)
	}
	p, ok := d.Geometry.(orb.Point)
	if !ok {
		return nil
	}
	pcode, off, found := c.Communes.At(p)
	switch {
	case !found:
		return geo.Errorf(geo.CodeInvalid, pointer, "[%g, %g] lies more than %d m from every commune, and from %s", p[0], p[1], SeaMarginM, named)
	case pcode == named:
		return nil
	}
	margin := float64(SeaMarginM)
	if off == 0 {
		precision, _ := d.Get(c.Layer, "precision_m").(float64)
		margin = max(OutlineMarginM, min(precision, SeaMarginM))
	}
	if away := c.Communes.DistanceM(named, p); away > margin {
		return geo.Errorf(geo.CodeInvalid, pointer, "[%g, %g] lies in %s, %.1f km from %s, the commune it names", p[0], p[1], pcode, away/1000, named)
	}
	return nil
}

// span is the valid time a row writes, with the row it came from.
type span struct {
	row    int
	period geo.Period
	open   bool // names no valid_from: from the moment of the import
}

// repetition finds a feature that the file holds twice at the same time.
// Several states of one feature have different, disjoint periods.
func repetition(seen map[uuid.UUID][]span, row Row) *geo.Error {
	if row.Draft.ID == uuid.Nil {
		return nil
	}
	mine := span{row: row.Number, open: !row.Draft.HasFrom, period: geo.Period{From: row.Draft.From, To: row.Draft.To}}
	for _, other := range seen[row.Draft.ID] {
		if mine.open || other.open || mine.period.Overlaps(other.period) {
			return geo.Errorf(geo.CodeInvalid, "/id", "row %d has the same id for the same time", other.row)
		}
	}
	seen[row.Draft.ID] = append(seen[row.Draft.ID], mine)
	return nil
}

// Changes turns checked rows into changes, in the order of the file. A feature
// that the record has already (exists) is replaced over the time its row
// names; any other is created. A row without an id is always created.
func Changes(l *geo.Layer, rows []Row, exists func(uuid.UUID) bool) []geo.Change {
	out := make([]geo.Change, 0, len(rows))
	for _, row := range rows {
		c := geo.Change{Layer: l, Action: geo.Create, ID: row.Draft.ID, Draft: row.Draft}
		if c.ID != uuid.Nil && exists != nil && exists(c.ID) {
			c.Action = geo.Replace
		}
		out = append(out, c)
	}
	return out
}
