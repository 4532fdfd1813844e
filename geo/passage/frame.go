package passage

import (
	"time"

	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/world"
)

// Frame is what every answer says of the world that gave it and of the question.
type Frame struct {
	Revision geo.Revision `json:"revision"`
	Audience string       `json:"audience"`
	DateTime time.Time    `json:"datetime"`
	DepartAt time.Time    `json:"depart_at"`
	Vehicle  string       `json:"vehicle"`
	Profile  string       `json:"profile"`
	Network  *Network     `json:"network"` // null when there is none
	Notice   geo.Text     `json:"notice"`
}

func newFrame(w *world.World, r *Request) Frame {
	f := Frame{
		Revision: w.Revision(), Audience: w.Audience().String(), DateTime: r.At.UTC(), DepartAt: r.DepartAt.UTC(),
		Vehicle: r.Vehicle, Profile: r.Profile, Notice: notice,
	}
	if n := w.Network(); n != nil {
		f.Network = &Network{n.Network().Name, n.Network().Licence, n.Network().PrecisionM}
	}
	return f
}

// Lines are lines that marshal as a GeoJSON MultiLineString.
type Lines orb.MultiLineString

// MarshalJSON writes a GeoJSON MultiLineString with the record's decimals.
func (l Lines) MarshalJSON() ([]byte, error) {
	return geo.AppendGeometry(nil, orb.MultiLineString(l)), nil
}
