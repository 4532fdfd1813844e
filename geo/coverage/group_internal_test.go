package coverage

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"pasaj/geo"
	"pasaj/geo/world"
)

// Books are told apart by what they say, not by where their records lie in
// memory: an engine outlives worlds, and addresses come back.
func TestGroupBooksAreToldApartByWhatTheySay(t *testing.T) {
	at := time.Date(2025, 3, 12, 0, 0, 0, 0, time.UTC)
	record := func(layer string, n byte, values map[string]any) *geo.Version {
		l, _ := geo.LayerByName(layer)
		v := geo.Version{Layer: l, ID: uuid.UUID{n}, Known: 1, Valid: geo.Period{From: at.AddDate(-1, 0, 0)}, Values: make([]any, len(l.Properties))}
		for name, value := range values {
			v.Values[l.Index(name)] = value
		}
		return geo.NewVersion(v, &geo.DefaultModel)
	}
	listed := func(n byte, id, ref string) *geo.Version {
		return record("armed-groups", n, map[string]any{"group_id": id, "un_listing_ref": ref})
	}
	member := func(n byte, id, coalition string) *geo.Version {
		return record("group-memberships", n, map[string]any{"group_id": id, "coalition_id": coalition})
	}
	book := func(versions ...*geo.Version) uint64 {
		w := world.Build(geo.Humanitarian, &geo.DefaultModel, 1, at, versions, nil)
		s := &scene{world: w, at: at, aged: at, kept: map[string]any{}}
		return s.groups().print
	}
	base := func() []*geo.Version {
		return []*geo.Version{listed(1, "a", ""), member(2, "a", "c"), member(3, "b", "c")}
	}
	if book(base()...) != book(base()...) {
		t.Error("the same records in another place are another book")
	}
	seen := map[uint64]int{book(base()...): 0}
	for n, other := range [][]*geo.Version{
		{}, base()[:2], {listed(1, "a", "HTi.001"), member(2, "a", "c"), member(3, "b", "c")},
		{listed(1, "a", ""), member(2, "a", "d"), member(3, "b", "c")}, {listed(1, "a", ""), member(2, "c", "a"), member(3, "b", "c")},
		{listed(1, "ac", ""), member(2, "a", "c"), member(3, "b", "c")},
	} {
		print := book(other...)
		if before, ok := seen[print]; ok {
			t.Errorf("books %d and %d are told to be one", n+1, before)
		}
		seen[print] = n + 1
	}
}
