package osmtest

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"

	"pasaj/data/haiti"
)

// point is a place in a plane around the middle of the country, in metres east
// and north.
type point struct{ x, y float64 }

// The plane: good to half a per cent, enough to draw in.
const (
	originLon, originLat = -72.7, 19.0
	degreeLonM           = 105300.0
	degreeLatM           = 110670.0
)

func project(p orb.Point) point {
	return point{(p[0] - originLon) * degreeLonM, (p[1] - originLat) * degreeLatM}
}

func (p point) lonLat() orb.Point {
	return orb.Point{originLon + p.x/degreeLonM, originLat + p.y/degreeLatM}
}

func (p point) minus(q point) point      { return point{p.x - q.x, p.y - q.y} }
func (p point) plus(q point) point       { return point{p.x + q.x, p.y + q.y} }
func (p point) times(f float64) point    { return point{p.x * f, p.y * f} }
func (p point) distance(q point) float64 { return math.Hypot(p.x-q.x, p.y-q.y) }

func middle(p, q point) point { return p.plus(q).times(0.5) }

// polar is the point at a distance in a direction, radians from east.
func polar(distance, angle float64) point {
	sin, cos := math.Sincos(angle)
	return point{distance * cos, distance * sin}
}

// commune is one with what decides how many roads it gets.
type commune struct {
	name       string
	department string // p-code
	area       orb.MultiPolygon
	centre     point
	areaKm2    float64
	population float64
	places     []point // known places in it
	taken      bool    // part of the country drawn

	cells []int32 // of the raster
}

// land is the country: its communes and a raster that tells which of them a
// point is in.
type land struct {
	communes      []commune
	origin        point // lower left corner
	width, height int
	raster        []int16 // commune + 1; 0 is the sea or abroad
}

const cellM = 250.0

// readLand takes communes and places from the bundled snapshot.
func readLand() (*land, error) {
	batches, err := haiti.Batches()
	if err != nil {
		return nil, err
	}
	l := &land{}
	departmentPeople, departmentKm2 := map[string]float64{}, map[string]float64{}
	var places []point
	for _, batch := range batches {
		for _, c := range batch.Changes {
			get := func(name string) any { return c.Draft.Get(c.Layer, name) }
			switch c.Layer.Name {
			case "places":
				if p, ok := c.Draft.Geometry.(orb.Point); ok {
					places = append(places, project(p))
				}
			case "admin-areas":
				pcode, _ := get("pcode").(string)
				area, ok := c.Draft.Geometry.(orb.MultiPolygon)
				if !ok {
					if one, isOne := c.Draft.Geometry.(orb.Polygon); isOne {
						area = orb.MultiPolygon{one}
					}
				}
				if len(pcode) == len("HT01") {
					departmentPeople[pcode], departmentKm2[pcode] = number(get("population")), number(get("area_km2"))
				}
				if len(pcode) != len("HT0111") {
					continue
				}
				name, _ := get("name_fr").(string)
				centroid, _ := planar.CentroidArea(area)
				l.communes = append(l.communes, commune{
					name: name, department: pcode[:len("HT01")], area: area, centre: project(centroid),
					areaKm2: number(get("area_km2")), population: number(get("population")),
				})
			}
		}
	}
	if len(l.communes) == 0 {
		return nil, fmt.Errorf("the snapshot has no communes")
	}
	l.shareOut(departmentPeople, departmentKm2)
	l.rasterize()
	for _, p := range places {
		if i := l.at(p); i >= 0 {
			l.communes[i].places = append(l.communes[i].places, p)
		}
	}
	return l, nil
}

func number(v any) float64 {
	switch v := v.(type) {
	case int64:
		return float64(v)
	case float64:
		return v
	}
	return 0
}

// shareOut gives communes of unknown population their part of the department's
// rest, by area.
func (l *land) shareOut(people, km2 map[string]float64) {
	rest, restKm2 := people, km2
	for _, c := range l.communes {
		if c.population > 0 {
			rest[c.department] -= c.population
			restKm2[c.department] -= c.areaKm2
		}
	}
	for i := range l.communes {
		if c := &l.communes[i]; c.population == 0 {
			c.population = max(5000, rest[c.department]*c.areaKm2/max(1, restKm2[c.department]))
		}
	}
}

func (l *land) rasterize() {
	low, high := point{math.Inf(1), math.Inf(1)}, point{math.Inf(-1), math.Inf(-1)}
	for _, c := range l.communes {
		b := c.area.Bound()
		lo, hi := project(b.Min), project(b.Max)
		low, high = point{min(low.x, lo.x), min(low.y, lo.y)}, point{max(high.x, hi.x), max(high.y, hi.y)}
	}
	l.origin = low
	l.width, l.height = int((high.x-low.x)/cellM)+1, int((high.y-low.y)/cellM)+1
	l.raster = make([]int16, l.width*l.height)
	for i := range l.communes {
		l.fill(i)
	}
}

// fill marks the cells of a commune row by row: those with their middle between
// an odd crossing of the row with the outline and the next.
func (l *land) fill(i int) {
	c := &l.communes[i]
	bound := c.area.Bound()
	lowest, highest := project(bound.Min).minus(l.origin), project(bound.Max).minus(l.origin)
	var crossings []float64
	for row := int(lowest.y / cellM); row <= int(highest.y/cellM); row++ {
		y := (float64(row) + 0.5) * cellM
		crossings = crossings[:0]
		for _, polygon := range c.area {
			for _, ring := range polygon {
				for k := range ring[1:] {
					a, b := project(ring[k]).minus(l.origin), project(ring[k+1]).minus(l.origin)
					if (a.y > y) != (b.y > y) {
						crossings = append(crossings, a.x+(y-a.y)/(b.y-a.y)*(b.x-a.x))
					}
				}
			}
		}
		slices.Sort(crossings)
		for k := 0; k+1 < len(crossings); k += 2 {
			for x := int(math.Ceil(crossings[k]/cellM - 0.5)); x <= int(math.Floor(crossings[k+1]/cellM-0.5)); x++ {
				if cell := int32(row*l.width + x); l.raster[cell] == 0 {
					l.raster[cell] = int16(i + 1)
					c.cells = append(c.cells, cell)
				}
			}
		}
	}
}

// corner is the point at fractions of a cell.
func (l *land) corner(cell int32, fx, fy float64) point {
	return point{
		l.origin.x + (float64(int(cell)%l.width)+fx)*cellM,
		l.origin.y + (float64(int(cell)/l.width)+fy)*cellM,
	}
}

// at is the commune of a point, -1 at sea and abroad.
func (l *land) at(p point) int {
	x, y := int(math.Floor((p.x-l.origin.x)/cellM)), int(math.Floor((p.y-l.origin.y)/cellM))
	if x < 0 || y < 0 || x >= l.width || y >= l.height {
		return -1
	}
	return int(l.raster[y*l.width+x]) - 1
}

// crossesSea says whether the line from a to b leaves the land.
func (l *land) crossesSea(a, b point) bool {
	steps := int(a.distance(b)/cellM*2) + 1
	for i := 1; i < steps; i++ {
		if l.at(a.plus(b.minus(a).times(float64(i)/float64(steps)))) < 0 {
			return true
		}
	}
	return false
}

// take marks the communes drawn at a scale, the nearest to the middle first,
// and gives their share of all that is to be drawn.
func (l *land) take(scale float64, weight func(*commune) float64) float64 {
	total := 0.0
	nearest := make([]*commune, len(l.communes))
	for i := range l.communes {
		nearest[i] = &l.communes[i]
		total += weight(nearest[i])
	}
	middle := project(saintMarc)
	slices.SortStableFunc(nearest, func(a, b *commune) int {
		return cmp.Compare(a.centre.distance(middle), b.centre.distance(middle))
	})
	share := 0.0
	for _, c := range nearest {
		if share >= scale*(1-1e-9) {
			break
		}
		c.taken = true
		share += weight(c) / total
	}
	return share
}

// saintMarc is in the middle of the country, on a national road.
var saintMarc = orb.Point{-72.70, 19.11}
