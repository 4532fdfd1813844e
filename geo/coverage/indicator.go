package coverage

import (
	"context"
	"fmt"
	"slices"

	"pasaj/geo"
)

// Indicator is one figure that Pasaj computes, as docs/indicators.md lists it.
type Indicator struct {
	Code    string
	Version int // of the formula; it grows whenever the same record would give another number
	Title   geo.Text
	Unit    string
	Layers  []string // without one of these the figure is withheld

	measure func(ctx context.Context, s *scene, i *Indicator) ([]Value, error)
}

// Formula names the formula and its version.
func (i *Indicator) Formula() string { return fmt.Sprintf("%s/%d", i.Code, i.Version) }

// waysLayers are what a way is judged by, and where ways lead to.
var waysLayers = []string{"controlled-zones", "roadblocks", "national-roads", "places"}

// Reads are all the layers that the figure can be made from: those without which
// it is withheld, and those that it takes in where the world holds them. Whoever
// may read only some layers is answered only where these are among them.
func (i *Indicator) Reads() []string {
	more := []string{}
	switch i.Code[0] {
	case 'T', 'X', 'V':
	case 'G':
		more = []string{"group-memberships"}
	case 'R':
		more = waysLayers
	case 'Q': // the record as a whole
		for _, l := range geo.Layers() {
			if l.Kind != geo.RecordOnly {
				more = append(more, l.Name)
			}
		}
	default: // facilities of every layer, and the ways to them
		more = append([]string{"facilities", "ports", "airports", policeLayer, "incidents"}, waysLayers...)
	}
	out := slices.Clone(i.Layers)
	for _, name := range more {
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// indicators are all of them, in the order in which they are listed.
var indicators []*Indicator

func init() {
	indicators = slices.Concat(territoryIndicators, changeIndicators, holdIndicators, roadIndicators, policeIndicators,
		facilityIndicators, hubIndicators, incidentIndicators, qualityIndicators)
}

// Indicators lists every indicator.
func Indicators() []*Indicator { return slices.Clone(indicators) }

// IndicatorByCode finds an indicator.
func IndicatorByCode(code string) (*Indicator, bool) {
	for _, i := range indicators {
		if i.Code == code {
			return i, true
		}
	}
	return nil, false
}

// chosen resolves codes; none means all. Code not_found for an unknown one.
func chosen(codes []string) ([]*Indicator, error) {
	if len(codes) == 0 {
		return indicators, nil
	}
	var out []*Indicator
	for _, code := range codes {
		i, ok := IndicatorByCode(code)
		if !ok {
			return nil, geo.Errorf(geo.CodeNotFound, "", "there is no indicator %.20q", code)
		}
		if !slices.Contains(out, i) {
			out = append(out, i)
		}
	}
	return out, nil
}
