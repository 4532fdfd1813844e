package passage

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/paulmach/orb"
)

var update = flag.Bool("update", false, "write the golden files")

func TestGoldenAnswers(t *testing.T) {
	busy := fork(t).
		put("controlled-zones", box(11, -3, 29, -.1), map[string]any{"control_type": "controlled", "name_fr": "Sud", "claim_level": "assessed",
			"holders": `[{"group":"g9","role":"principal"}]`, "references": []string{"G1"}}).
		put("national-roads", orb.MultiLineString{{place(0, 0), place(10, 0)}}, map[string]any{"ref": "RN2", "section": int64(1),
			"from_name": "A", "to_name": "B", "status": "restricted", "cause": "toll", "max_class": "truck_10t"}).
		put("roadblocks", place(34, 0), map[string]any{"code": "RB-3", "name_fr": "Poste du pont", "name_ht": "Pòs pon an", "subtype": "toll_post",
			"actor_type": "gang", "group_id": "g9", "road_ref": "RN2", "schedule": "05:30-21:00", "pass_mode": "pay",
			"toll": `[{"vehicle_class":"minibus","amount":2500,"currency":"HTG","unit":"trip"}]`}).
		put("roadblocks", place(20, 10), map[string]any{"subtype": "landslide", "last_confirmed_at": nil})
	for name, a := range map[string]*Answer{
		"weekend_toll_saturday": openRoad(t).put("roadblocks", place(12, 0), weekendToll).find(t, Request{Line: straight, DepartAt: saturday}),
		"weekend_toll_tuesday":  openRoad(t).put("roadblocks", place(12, 0), weekendToll).find(t, Request{Line: straight, DepartAt: tuesday}),
		"nothing_known":         newScene().find(t, Request{Line: straight}),
		"route":                 busy.find(t, Request{Points: []orb.Point{place(1, .2), place(39, 0)}, Vehicle: "minibus", Profile: "light_mission"}),
	} {
		var got bytes.Buffer
		if err := json.Indent(&got, []byte(encode(t, a)), "", "  "); err != nil {
			t.Fatal(err)
		}
		got.WriteByte('\n')
		file := filepath.Join("testdata", name+".json")
		if *update {
			if err := os.WriteFile(file, got.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got.Bytes(), want) {
			t.Errorf("%s differs from %s:\n%s", name, file, got.Bytes())
		}
	}
}
