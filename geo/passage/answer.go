package passage

import (
	"encoding/json"
	"math"
	"time"

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"pasaj/geo"
)

// Answer says whether a vehicle can get through, and why. Its JSON is the same
// for the same world and request, byte for byte.
type Answer struct {
	Advice              string          `json:"advice"`
	Reasons             []Reason        `json:"reasons"` // in the order of the way
	Geometry            Geometry        `json:"geometry"`
	LengthM             float64         `json:"length_m"`
	DurationS           float64         `json:"duration_s"` // estimate, with the time at obstacles
	Control             []ControlLength `json:"control"`    // with UnassessedM, a partition of the length
	Groups              []GroupLength   `json:"groups"`     // ground may have several holders
	UnassessedM         float64         `json:"unassessed_m"`
	UnobservedM         float64         `json:"unobserved_m"` // without news within the greatest age
	ValidUntil          time.Time       `json:"valid_until"`
	Revision            geo.Revision    `json:"revision"`
	Audience            string          `json:"audience"`
	DateTime            time.Time       `json:"datetime"`
	DepartAt            time.Time       `json:"depart_at"`
	Vehicle             string          `json:"vehicle"`
	Profile             string          `json:"profile"`
	MaxAgeH             float64         `json:"max_age_h"`
	OldestConfirmationH *float64        `json:"oldest_confirmation_h"` // null without dated evidence
	MedianConfirmationH *float64        `json:"median_confirmation_h"` // weighted by length
	Tolls               Tolls           `json:"tolls"`
	Network             *Network        `json:"network"` // null when there is none
	Notice              geo.Text        `json:"notice"`
}

// Reason is one thing on the way that the advice rests on.
type Reason struct {
	Kind            string     `json:"kind"` // roadblock, zone, road_status, unobserved, access, network
	Km              float64    `json:"km"`
	LengthM         *float64   `json:"length_m"`
	Collection      *string    `json:"collection"`
	ID              *uuid.UUID `json:"id"`
	Code            *string    `json:"code"`
	Name            *string    `json:"name"`
	Subtype         *string    `json:"subtype"`
	ControlType     *string    `json:"control_type"`
	ActorType       *string    `json:"actor_type"`
	Groups          []string   `json:"groups"`
	Passability     *string    `json:"passability"` // for the class of the request, on arrival
	PassMode        *string    `json:"pass_mode"`
	Schedule        *string    `json:"schedule"`
	Toll            []geo.Toll `json:"toll"`
	Confidence      *float64   `json:"confidence"` // after decay
	ConfidenceLabel *string    `json:"confidence_label"`
	AgeH            *float64   `json:"age_h"`
	Stale           *bool      `json:"stale"`
	Sources         *int       `json:"sources"`
	AMRF            *int       `json:"amrf"`
	Effect          string     `json:"effect"` // the advice that this alone would cause
	Text            geo.Text   `json:"text"`
}

// ControlLength is how much of the way lies on ground of one control type.
type ControlLength struct {
	ControlType string  `json:"control_type"`
	LengthM     float64 `json:"length_m"`
}

// GroupLength is how much of the way lies on ground that a group holds.
type GroupLength struct {
	Group   string  `json:"group"`
	LengthM float64 `json:"length_m"`
}

// Tolls counts the roadblocks that take payment. The total is of the latest
// known price of one trip at each, in gourdes; null when no price is known.
type Tolls struct {
	Count    int      `json:"count"`
	TotalHTG *float64 `json:"total_htg"`
}

// Network is the network that the way was looked for on.
type Network struct {
	Name       string  `json:"name"`
	PrecisionM float64 `json:"precision_m"`
}

// Geometry is the line of a way.
type Geometry orb.LineString

// MarshalJSON writes a GeoJSON LineString with the record's decimals.
func (g Geometry) MarshalJSON() ([]byte, error) {
	return geo.AppendGeometry(nil, orb.LineString(g)), nil
}

var _ json.Marshaler = Geometry{}

func metres(m float64) float64      { return math.Round(m*10) / 10 }
func hours(d time.Duration) float64 { return math.Round(d.Hours()*10) / 10 }

// point makes a pointer, nil for the zero value: what is not known is null.
func point[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}
