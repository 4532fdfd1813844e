package coverage

import (
	"context"
	"math"
	"time"

	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/world"
)

// People is how many live in an area, of those of the country.
type People struct {
	Inside float64
	Whole  Whole
	Note   geo.Text // how far the figures can be trusted
}

// PeopleIn counts the people in an area: by the grid of a world, else by the
// area's share of each commune. ok is false where the world says of nobody where
// they live. The outline may be as large as the country; one that crosses
// itself is taken by the even-odd rule.
func (e *Engine) PeopleIn(ctx context.Context, w *world.World, at time.Time, area orb.MultiPolygon) (p People, ok bool, err error) {
	s, err := e.scene(Question{World: w, At: at})
	if err != nil {
		return p, false, err
	}
	country := s.ground.country
	ground := newExpanse(area)
	inside, total := make([]float64, len(country.regions)), make([]float64, len(country.regions))
	if err := inParallel(ctx, country.regions, func(ctx context.Context, k int, r *region) (err error) {
		inside[k], total[k], err = s.peopleOf(ctx, r, ground)
		return err
	}); err != nil {
		return p, false, err
	}
	p.Inside, p.Note = sum(inside), *s.peopleNote(country)
	all := newTally()
	all.people = sum(total)
	p.Whole = *s.whole(country, all, byPeople)
	p.Inside = math.Round(min(p.Inside, all.people))
	return p, all.people > 0, nil
}

// peopleOf are the people of a region, and those of them on some ground.
func (s *scene) peopleOf(ctx context.Context, r *region, ground *expanse) (inside, total float64, err error) {
	grid := s.world.Grid(gridPopulation)
	near := ground.around(r.box())
	if len(near) == 0 && grid == nil {
		return 0, s.ground.people[r.id], nil
	}
	var outlines []outline
	if len(near) > 0 {
		outlines = append(outlines, outline{fingerprint(near), near})
	}
	p, err := s.engine.plot(ctx, r, outlines)
	if err != nil {
		return 0, 0, err
	}
	total = s.ground.people[r.id]
	var ofCell []float64
	if grid != nil {
		ofCell = p.on(grid, grid)
		total = sum(ofCell)
	}
	for cell := range p.shape.Len() {
		switch {
		case len(p.shape.Areas(cell)) == 0:
		case grid != nil:
			inside += ofCell[cell]
		case p.shape.RegionM2() > 0:
			inside += total * p.shape.CellM2(cell) / p.shape.RegionM2()
		}
	}
	return inside, total, nil
}
