package world_test

import (
	"testing"
	"time"

	"pasaj/geo"
	"pasaj/geo/raster"
	"pasaj/geo/world"
)

func oneCell(t *testing.T, id string) *raster.Grid {
	t.Helper()
	g, err := raster.New(id, "", "", -72, 19, 1, 1, 1, 1, []float32{1})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// A step brings the grids that it names, leaves the others, and no world before
// it sees them.
func TestGridsOfWorlds(t *testing.T) {
	people, later, mask := oneCell(t, "people"), oneCell(t, "later"), oneCell(t, "mask")
	worlds := []*world.World{world.Build(geo.Public, &geo.DefaultModel, 1, start, nil, nil)}
	steps := []map[string]*raster.Grid{{world.PopulationGrid: people}, nil, {world.BuiltUpGrid: mask}, {world.PopulationGrid: later}, {}}
	for i, grids := range steps {
		next, event := worlds[i].Apply(world.Step{Revision: geo.Revision(i + 2), At: start.Add(time.Duration(i) * time.Hour), Grids: grids})
		if len(event.Changes) != 0 {
			t.Errorf("the event of step %d names features: %+v", i, event)
		}
		worlds = append(worlds, next)
	}
	want := [][2]*raster.Grid{{nil, nil}, {people, nil}, {people, nil}, {people, mask}, {later, mask}, {later, mask}}
	for i, w := range worlds {
		if got := [2]*raster.Grid{w.Grid(world.PopulationGrid), w.Grid(world.BuiltUpGrid)}; got != want[i] {
			t.Errorf("world %d holds %v, want %v", i, got, want[i])
		}
	}
	if worlds[1].Grid("elevation") != nil {
		t.Error("a kind that there is not")
	}
}
