package passage

import (
	"context"
	"time"

	"github.com/paulmach/orb"

	"pasaj/geo/isolation"
	"pasaj/geo/world"
)

// Ways answers about ways in plain terms, for packages that know nothing of
// requests: geo/coverage declares the interface that it satisfies. Everything is
// asked at one instant: facts are read and vehicles depart then, and what counts
// as news is up to the world's model.
type Ways struct{ Engine *Engine }

// Ways gives the engine in plain terms.
func (e *Engine) Ways() Ways { return Ways{e} }

func requestAt(w *world.World, at time.Time, vehicle, profile string) Request {
	return Request{Vehicle: vehicle, Profile: profile}.Resolve(at, w.Model())
}

// Reach is the ground within some minutes of any start, one area for each limit,
// drawn drawnM metres round the roads; see Engine.Cover. Starts with no road near
// reach nothing. Errors are of code invalid, of code unprocessable without a
// network and unavailable while it is being prepared.
func (x Ways) Reach(ctx context.Context, w *world.World, at time.Time, vehicle, profile string, starts []orb.Point, minutes []float64) (areas []orb.MultiPolygon, drawnM float64, err error) {
	cover, err := x.Engine.Cover(ctx, w, CoverRequest{
		Request: requestAt(w, at, vehicle, profile), Starts: starts, Minutes: minutes, Areas: true,
	})
	if err != nil {
		return nil, 0, err
	}
	for _, r := range cover.Reached {
		areas, drawnM = append(areas, r.Area), r.DrawnM
	}
	return areas, drawnM, nil
}

// Connection is the status of the best connection of each place to any of the
// hubs, see Engine.Connect; errors are like those of Reach.
func (x Ways) Connection(ctx context.Context, w *world.World, at time.Time, vehicle, profile string, hubs, places []orb.Point) ([]isolation.Status, error) {
	return x.Engine.Connect(ctx, w, ConnectRequest{
		Request: requestAt(w, at, vehicle, profile), Hubs: hubs, Places: places,
	})
}
