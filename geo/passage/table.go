package passage

import (
	"time"

	"github.com/paulmach/orb"

	"pasaj/geo"
)

// Limits of a table.
const (
	MaxTableSources = 100
	MaxTableTargets = 1000
)

// TableRequest asks for the times from each of some places to each of others.
// Points of the embedded request are not used.
type TableRequest struct {
	Request
	Sources []orb.Point // at most MaxTableSources
	Targets []orb.Point // at most MaxTableTargets
}

// Table is driving times, with the time at obstacles, on the fastest ways that
// avoid what cannot be passed. What depends on the hour of arrival counts as at
// departure.
type Table struct {
	Frame
	DurationsS [][]*float64 `json:"durations_s"` // by source, then target; null where there is no way
	Reached    []int        `json:"reached"`     // by source: targets with a way
	Sources    []TablePlace `json:"sources"`
	Targets    []TablePlace `json:"targets"`
}

// TablePlace is a place of a table.
type TablePlace struct {
	SnappedM *float64 `json:"snapped_m"` // to the nearest road; null where none is near
}

// DecodeTable reads the JSON of a TableRequest, strictly like DecodeRequest.
func DecodeTable(raw []byte) (TableRequest, error) {
	var r TableRequest
	err := decodeAnd(raw, &r.Request, []string{"points", "line", "seed"}, map[string]reader{
		"sources": readPlaces(&r.Sources, MaxTableSources),
		"targets": readPlaces(&r.Targets, MaxTableTargets),
	})
	switch {
	case err != nil:
	case r.Sources == nil:
		err = needs("/sources", "sources are needed")
	case r.Targets == nil:
		err = needs("/targets", "targets are needed")
	}
	if err != nil {
		return TableRequest{}, err
	}
	return r, nil
}

// Resolve fills what the sender left open, see Request.Resolve.
func (r TableRequest) Resolve(now time.Time, m *geo.Model) TableRequest {
	r.Request = r.Request.Resolve(now, m)
	return r
}

func (r *TableRequest) check() error {
	if err := r.checkCaller(); err != nil {
		return err
	}
	if err := checkPlaces("/sources", r.Sources, 1, MaxTableSources); err != nil {
		return err
	}
	return checkPlaces("/targets", r.Targets, 1, MaxTableTargets)
}
