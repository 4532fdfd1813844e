package haiti

import (
	_ "embed"
	"encoding/json"
	"fmt"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"

	"pasaj/geo/road"
)

//go:embed network.geojson
var networkGeoJSON []byte

// Network is the bundled routable skeleton: the national roads and the main
// streets of the capital as one noded network, 913 km in all. Streets are
// good to 60 m; beyond the capital the national roads are straight lines
// between waypoints good to two kilometres, and therefore too short by a tenth
// to a third. network_generate.go says how the file was made. Real work imports a
// real network.
func Network() (road.Network, []road.EdgeInput, error) {
	var file struct {
		Name     string             `json:"name"`
		Licence  string             `json:"licence"`
		Features []*geojson.Feature `json:"features"`
	}
	if err := json.Unmarshal(networkGeoJSON, &file); err != nil {
		return road.Network{}, nil, fmt.Errorf("bundled network: %w", err)
	}
	network := road.Network{
		ID: file.Name, Name: "Squelette routier d’Haïti (schématique)", Licence: file.Licence, PrecisionM: networkPrecisionM,
	}
	edges := make([]road.EdgeInput, 0, len(file.Features))
	for i, f := range file.Features {
		id, ok := f.ID.(float64)
		line, isLine := f.Geometry.(orb.LineString)
		if !ok || !isLine {
			return road.Network{}, nil, fmt.Errorf("bundled network: feature %d is not a numbered line", i)
		}
		edges = append(edges, road.EdgeInput{
			ID:         int64(id),
			Ref:        f.Properties.MustString("ref", ""),
			Name:       f.Properties.MustString("name", ""),
			Class:      f.Properties.MustString("class", ""),
			Oneway:     f.Properties.MustBool("oneway", false),
			PrecisionM: f.Properties.MustFloat64("precision_m", networkPrecisionM),
			Geometry:   line,
		})
	}
	return network, edges, nil
}

// networkPrecisionM is that of its worse part.
const networkPrecisionM = 2000
