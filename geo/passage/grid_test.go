package passage

import (
	"github.com/paulmach/orb"

	"pasaj/geo/road"
)

// grid is a town of streets in a slightly crooked grid, observed all over.
func grid(t failer) *scene {
	t.Helper()
	const side = 8
	at := func(i, k int) orb.Point {
		return place(float64(i)+.05*float64((i*7+k*3)%5), float64(k)+.05*float64((i*3+k*5)%7))
	}
	var edges []road.EdgeInput
	for i := range side {
		for k := range side {
			if i+1 < side {
				edges = append(edges, street(at(i, k), at(i+1, k)))
			}
			if k+1 < side {
				edges = append(edges, street(at(i, k), at(i, k+1)))
			}
		}
	}
	return newScene().build(t, edges...).
		put("controlled-zones", box(-2, -2, side+2, side+2), map[string]any{"control_type": "state_held"})
}

// corners are two opposite corners of the grid.
func corners() []orb.Point { return []orb.Point{place(0, 0), place(7, 7)} }
