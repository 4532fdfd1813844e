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
	Tolls               Tolls           `json:"tolls"`
	OldestConfirmationH *float64        `json:"oldest_confirmation_h"` // null without dated evidence
	MedianConfirmationH *float64        `json:"median_confirmation_h"` // weighted by length
	UnobservedM         float64         `json:"unobserved_m"`          // without news within the greatest age
	NextOpening         *NextOpening    `json:"next_opening"`          // null where waiting does not help
	Refuges             []Refuge        `json:"refuges"`               // in the order of the way
	Risk                Risk            `json:"risk"`
	Legs                []Leg           `json:"legs"` // of one control type each, in the order of the way
	ValidUntil          time.Time       `json:"valid_until"`
	Revision            geo.Revision    `json:"revision"`
	Audience            string          `json:"audience"`
	DateTime            time.Time       `json:"datetime"`
	DepartAt            time.Time       `json:"depart_at"`
	Vehicle             string          `json:"vehicle"`
	Profile             string          `json:"profile"`
	MaxAgeH             float64         `json:"max_age_h"`
	Network             *Network        `json:"network"` // null when there is none
	Notice              geo.Text        `json:"notice"`
}

// Reason is one thing on the way that the advice rests on.
type Reason struct {
	// Kind is roadblock, zone, road_status, unobserved, access or network; of what
	// the request itself brought, avoid or what_if.
	Kind            string     `json:"kind"`
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
// known price of one trip at each, in gourdes; null when no price is known. Low
// and high sum up the least and the greatest price known of each.
type Tolls struct {
	Count    int         `json:"count"`
	TotalHTG *float64    `json:"total_htg"`
	LowHTG   *float64    `json:"low_htg"`
	HighHTG  *float64    `json:"high_htg"`
	Classes  []ClassToll `json:"classes"` // every class that a price is known for, in the order of size
}

// ClassToll is what one vehicle class would pay at the same roadblocks.
type ClassToll struct {
	Vehicle  string  `json:"vehicle_class"`
	Known    int     `json:"known"` // roadblocks of Tolls.Count with a known price
	TotalHTG float64 `json:"total_htg"`
	LowHTG   float64 `json:"low_htg"`
	HighHTG  float64 `json:"high_htg"`
}

// NextOpening is when the first roadblock that is shut on arrival opens, within
// a day of arrival there.
type NextOpening struct {
	ID     uuid.UUID `json:"id"`
	Km     float64   `json:"km"`
	At     time.Time `json:"at"`
	WaitS  float64   `json:"wait_s"` // from the arrival there
	Waited bool      `json:"waited"` // the answer waits for it, which is less than any way round
}

// Refuge is a place of help near the way.
type Refuge struct {
	Collection   string    `json:"collection"`
	ID           uuid.UUID `json:"id"`
	Name         *string   `json:"name"`
	FacilityType string    `json:"facility_type"`
	Functional   string    `json:"functional"`
	Km           float64   `json:"km"` // where the way comes nearest
	DistanceM    float64   `json:"distance_m"`
	AgeH         *float64  `json:"age_h"` // of its status
}

// Risk is the modelled risk of the way, see package hazard: an index to compare
// ways with, not a probability.
type Risk struct {
	Known    float64 `json:"known"`
	Unknown  float64 `json:"unknown"`   // of ground without news
	WorstLeg float64 `json:"worst_leg"` // the greatest sum of both of one leg
	Entries  int     `json:"entries"`   // how often the way enters a zone that adds risk
	Band     string  `json:"band"`      // one of hazard.BandWords
	Model    string  `json:"model"`     // version of the policy
}

// Leg is a stretch of the way on ground of one control type.
type Leg struct {
	Km          float64     `json:"km"`
	LengthM     float64     `json:"length_m"`
	ControlType *string     `json:"control_type"` // null: unassessed
	Evidence    []uuid.UUID `json:"evidence"`     // zones, road sections and roadblocks that tell of it
	Confidence  *float64    `json:"confidence"`   // the greatest of the zones that name the ground, after decay
	AgeH        *float64    `json:"age_h"`        // the greatest along the leg of the youngest evidence
	UnobservedM float64     `json:"unobserved_m"`
	RiskKnown   float64     `json:"risk_known"`
	RiskUnknown float64     `json:"risk_unknown"`
}

// Network is the network that the way was looked for on.
type Network struct {
	Name       string  `json:"name"`
	Licence    string  `json:"licence"` // attribution, to be shown with the answer
	PrecisionM float64 `json:"precision_m"`
}

// Geometry is the line of a way.
type Geometry orb.LineString

// MarshalJSON writes a GeoJSON LineString with the record's decimals.
func (g Geometry) MarshalJSON() ([]byte, error) {
	const pointBytes = len(`[-72.334567,18.539301],`)
	return geo.AppendGeometry(make([]byte, 0, 64+pointBytes*len(g)), orb.LineString(g)), nil
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
