package passage

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/paulmach/orb"

	"pasaj/geo"
)

// Limits of a question about reach.
const (
	MaxReachLimits = 4
	MaxReachMin    = 240 // minutes
	MaxReachRisk   = 100.0
)

// ReachRequest asks how far one gets from any of some starts, which are the
// Points of the request, one to MaxPoints.
type ReachRequest struct {
	Request
	Minutes []float64 // one to MaxReachLimits, ascending
	MaxRisk *float64  // only ways with at most this risk, known and unknown together; nil: any
}

// Reach is a GeoJSON FeatureCollection with one MultiPolygon for each limit.
type Reach struct {
	Type string `json:"type"` // FeatureCollection
	Frame
	Features []ReachFeature `json:"features"`
}

// ReachFeature is what is reached within one limit.
type ReachFeature struct {
	Type       string          `json:"type"` // Feature
	Geometry   Area            `json:"geometry"`
	Properties ReachProperties `json:"properties"`
}

// ReachProperties describe the area.
type ReachProperties struct {
	Minutes float64  `json:"minutes"`
	MaxRisk *float64 `json:"max_risk"`
	AreaKm2 float64  `json:"area_km2"`
	RoadKm  float64  `json:"road_km"` // length of the roads reached
	DrawnM  float64  `json:"drawn_m"` // how far round those roads the area is drawn
	// Complete is false when the search was cut short: all that is there is
	// reached, and there may be more.
	Complete bool `json:"complete"`
}

// Area is an area that marshals as a GeoJSON MultiPolygon.
type Area orb.MultiPolygon

// MarshalJSON writes a GeoJSON MultiPolygon with the record's decimals.
func (a Area) MarshalJSON() ([]byte, error) {
	return geo.AppendGeometry(nil, orb.MultiPolygon(a)), nil
}

// DecodeReach reads the JSON of a ReachRequest, strictly like DecodeRequest.
func DecodeReach(raw []byte) (ReachRequest, error) {
	var r ReachRequest
	err := decodeAnd(raw, &r.Request, []string{"line", "seed"}, map[string]reader{
		"points": readPlaces(&r.Points, MaxPoints),
		"minutes": func(pointer string, raw json.RawMessage) *geo.Error {
			list, err := decodeList(pointer, raw, MaxReachLimits)
			if err != nil {
				return err
			}
			r.Minutes = nil
			for i, entry := range list {
				var minutes *float64
				if json.Unmarshal(entry, &minutes) != nil || minutes == nil {
					return geo.Errorf(geo.CodeInvalid, pointer+"/"+strconv.Itoa(i), "a number of minutes is asked for")
				}
				r.Minutes = append(r.Minutes, *minutes)
			}
			return checkMinutes(pointer, r.Minutes)
		},
		"max_risk": func(pointer string, raw json.RawMessage) *geo.Error {
			var risk float64
			if json.Unmarshal(raw, &risk) != nil || !(risk >= 0 && risk <= MaxReachRisk) {
				return geo.Errorf(geo.CodeInvalid, pointer, "max_risk is a number from 0 to %g", MaxReachRisk)
			}
			r.MaxRisk = &risk
			return nil
		},
	})
	switch {
	case err != nil:
	case r.Points == nil:
		err = needs("/points", "points are needed")
	case r.Minutes == nil:
		err = needs("/minutes", "minutes are needed")
	}
	if err != nil {
		return ReachRequest{}, err
	}
	return r, nil
}

func checkMinutes(pointer string, minutes []float64) *geo.Error {
	if len(minutes) == 0 || len(minutes) > MaxReachLimits {
		return geo.Errorf(geo.CodeInvalid, pointer, "1 to %d numbers of minutes are asked for", MaxReachLimits)
	}
	for i, m := range minutes {
		at := pointer + "/" + strconv.Itoa(i)
		if !(m >= 1 && m <= MaxReachMin) {
			return geo.Errorf(geo.CodeInvalid, at, "minutes are from 1 to %d", MaxReachMin)
		}
		if i > 0 && m <= minutes[i-1] {
			return geo.Errorf(geo.CodeInvalid, at, "minutes are in ascending order")
		}
	}
	return nil
}

// Resolve fills what the sender left open, see Request.Resolve.
func (r ReachRequest) Resolve(now time.Time, m *geo.Model) ReachRequest {
	r.Request = r.Request.Resolve(now, m)
	return r
}

func (r *ReachRequest) check() error {
	if err := r.checkCaller(); err != nil {
		return err
	}
	if err := checkPlaces("/points", r.Points, 1, MaxPoints); err != nil {
		return err
	}
	if err := checkMinutes("/minutes", r.Minutes); err != nil {
		return err
	}
	if r.MaxRisk != nil && !(*r.MaxRisk >= 0 && *r.MaxRisk <= MaxReachRisk) {
		return geo.Errorf(geo.CodeInvalid, "/max_risk", "max_risk is a number from 0 to %g", MaxReachRisk)
	}
	return nil
}
