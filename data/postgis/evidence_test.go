package postgis_test

import (
	"testing"

	"github.com/paulmach/orb"

	"pasaj/geo"
)

// A group that the author may not see is answered like one that never was:
// nobody can try out names. What a feature names already can stay.
func TestHiddenGroupsCannotBeProbed(t *testing.T) {
	t.Parallel()
	r, _ := open(t)
	groups, blocks := layer(t, "armed-groups"), layer(t, "roadblocks")
	write(t, r,
		geo.Change{Layer: groups, Action: geo.Create, Draft: draft(groups, nil, map[string]any{
			"group_id": "hidden", "group_type": "gang", "compartment": "hum", "sensitivity": "severe"})},
		geo.Change{Layer: groups, Action: geo.Create, Draft: draft(groups, nil, map[string]any{
			"group_id": "draft", "group_type": "gang", "compartment": "sec", "sensitivity": "low", "review_state": "draft"})})
	naming := func(group string) geo.Change {
		return geo.Change{Layer: blocks, Action: geo.Create, Draft: draft(blocks, orb.Point{-72.3, 18.6}, map[string]any{
			"subtype": "toll_post", "group_id": group, "compartment": "sec", "sensitivity": "high"})}
	}
	for _, by := range []geo.Audience{geo.Humanitarian, geo.Operations} {
		for _, group := range []string{"hidden", "never"} {
			_, err := r.Write(t.Context(), geo.Batch{Author: geo.Author{Name: "a", Audience: by}, Changes: []geo.Change{naming(group)}})
			wantCode(t, err, geo.CodeInvalid, "/properties/group_id")
		}
		if _, err := r.Write(t.Context(), geo.Batch{Author: geo.Author{Name: "a", Audience: by}, Changes: []geo.Change{naming("draft")}}); err != nil {
			t.Errorf("%s names a group within reach: %v", by, err)
		}
	}
	id := write(t, r, naming("hidden")).IDs[0]
	_, err := r.Write(t.Context(), geo.Batch{Author: geo.Author{Name: "a", Audience: geo.Operations}, Changes: []geo.Change{
		patch(blocks, id, map[string]any{"note": "still there"})}})
	if err != nil {
		t.Errorf("a feature that names a hidden group cannot be edited: %v", err)
	}
}
