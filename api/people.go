package api

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"

	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/world"
)

// people is how many live in an area.
type people struct {
	reached, whole              *float64  // nil where nobody can say
	denominator, source, reason *geo.Text // denominator names whole; reason says why reached is nil
}

// peopleIn counts the people in an area by the communes of the record, each
// taken to be spread evenly over its commune.
func (s *Server) peopleIn(ctx context.Context, w *world.World, at time.Time, area orb.MultiPolygon) (people, error) {
	var communes []*geo.Version
	w.Named("admin-areas").Each(geo.At(at), func(v *geo.Version) bool {
		level, _ := v.Number("level")
		_, known := v.Number("population")
		if _, isArea := v.Geometry.(orb.MultiPolygon); isArea && level == 2 && known {
			communes = append(communes, v)
		}
		return true
	})
	if len(communes) == 0 {
		return people{reason: &geo.Text{
			French:  "Aucune commune avec sa population n’est enregistrée.",
			Haitian: "Pa gen okenn komin ki anrejistre ak popilasyon li.",
			English: "No commune with its population is on record.",
		}}, nil
	}
	reached, whole := 0.0, 0.0
	for _, v := range communes {
		if err := ctx.Err(); err != nil {
			return people{}, err
		}
		number, _ := v.Number("population")
		whole += number
		reached += number * shareWithin(v.Geometry.(orb.MultiPolygon), area)
	}
	reached = math.Round(reached)
	return people{
		reached: &reached, whole: &whole,
		denominator: &geo.Text{
			French:  "Population des communes enregistrées, tout le pays",
			Haitian: "Popilasyon komin ki anrejistre yo, tout peyi a",
			English: "Population of the communes on record, the whole country",
		},
		source: &geo.Text{
			French:  "Population des communes, supposée répartie également sur la commune",
			Haitian: "Popilasyon komin yo, kòm si moun yo gaye egal sou tout komin nan",
			English: "Population of the communes, taken to be spread evenly over each",
		},
	}, nil
}

// rowsACommune is how many lines of latitude a commune is measured along.
const rowsACommune = 400

// shareWithin is the share of one area that another covers, measured along lines
// of latitude: the outlines may be of any number of vertices.
func shareWithin(of, by orb.MultiPolygon) float64 {
	bound := of.Bound()
	if len(of) == 0 || len(by) == 0 || !bound.Intersects(by.Bound()) {
		return 0
	}
	step := (bound.Max[1] - bound.Min[1]) / rowsACommune
	if !(step > 0) {
		return 0
	}
	own, other := crossings(of, bound.Min[1], step), crossings(by, bound.Min[1], step)
	common, all := 0.0, 0.0
	for row := range own {
		weight := math.Cos((bound.Min[1] + (float64(row)+.5)*step) * math.Pi / 180)
		a, b := own[row], other[row]
		for i := 1; i < len(a); i += 2 {
			all += weight * (a[i] - a[i-1])
			from, _ := slices.BinarySearchFunc(b, a[i-1], cmp.Compare[float64])
			for k := from | 1; k < len(b) && b[k-1] < a[i]; k += 2 {
				common += weight * max(0, min(a[i], b[k])-max(a[i-1], b[k-1]))
			}
		}
	}
	if all == 0 {
		return 0
	}
	return min(1, common/all)
}

// crossings are the longitudes at which the outline crosses the middles of rows
// so many degrees high, ascending.
func crossings(area orb.MultiPolygon, south, step float64) [][]float64 {
	out, north := make([][]float64, rowsACommune), south+rowsACommune*step
	for _, polygon := range area {
		for _, ring := range polygon {
			for i := 1; i < len(ring); i++ {
				a, b := ring[i-1], ring[i]
				if a[1] > b[1] {
					a, b = b, a
				}
				if b[1] < south || a[1] > north {
					continue
				}
				// Middles from the lower end on and below the upper.
				first := math.Ceil((a[1]-south)/step - .5)
				last := math.Ceil((b[1]-south)/step-.5) - 1
				for row := max(first, 0); row <= min(last, rowsACommune-1); row++ {
					share := (south + (row+.5)*step - a[1]) / (b[1] - a[1])
					out[int(row)] = append(out[int(row)], a[0]+share*(b[0]-a[0]))
				}
			}
		}
	}
	for _, row := range out {
		slices.Sort(row)
	}
	return out
}
