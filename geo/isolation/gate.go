package isolation

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/paulmach/orb"

	"pasaj/geo"
)

// Limits of a list of gates.
const (
	MaxGatesBytes   = 256 << 10
	maxGates        = 100
	maxGatePlaces   = 50
	maxGateWidthM   = 50_000
	weightTolerance = 1e-6 // how far the weights may be from adding to one
)

// Gate is a named opening of a city: a road between places, from the inside
// out, or facilities such as a port.
type Gate struct {
	ID         string      `json:"id"`
	Name       geo.Text    `json:"name"`
	Weight     float64     `json:"weight"`               // share of what comes in; all add to 1
	Refs       []string    `json:"refs,omitempty"`       // road numbers; none: any road along the places
	Places     []GatePlace `json:"places,omitempty"`     // from the inside out
	WidthM     float64     `json:"width_m,omitempty"`    // how far from the line through the places its roads may lie, metres
	ClosedTo   []string    `json:"closed_to,omitempty"`  // vehicle classes that can never use it
	Facilities []string    `json:"facilities,omitempty"` // codes; the best of them counts
	Source     string      `json:"source"`
}

// IsRoad tells a road from facilities.
func (g *Gate) IsRoad() bool { return len(g.Places) > 0 }

// GatePlace is a place a gate's road passes.
type GatePlace struct {
	Name string    `json:"name"`
	At   orb.Point `json:"at"` // longitude, latitude
}

// Openness is how much of a gate each status leaves, from 0 to 1. Unknown has
// no number: it is anything between closed and open.
type Openness struct {
	Open       float64 `json:"open"`
	Restricted float64 `json:"restricted"`
	PayOrAsk   float64 `json:"pay_or_ask"`
	Closed     float64 `json:"closed"`
}

// of gives the least and the most a status may mean.
func (o *Openness) of(s Status) (low, high float64) {
	switch s {
	case Open:
		return o.Open, o.Open
	case Restricted:
		return o.Restricted, o.Restricted
	case PayOrAsk:
		return o.PayOrAsk, o.PayOrAsk
	case Closed:
		return o.Closed, o.Closed
	default:
		return o.Closed, o.Open
	}
}

// SiegeRule says what must be shut for the city to count as besieged.
type SiegeRule struct {
	Vehicle    string   `json:"vehicle"`    // for which no road gate is open
	Facilities []string `json:"facilities"` // none of which is open
}

// Gates is the list of a city's gates with the rules to judge by.
type Gates struct {
	Version  string    `json:"version"`
	City     string    `json:"city"`
	Openness Openness  `json:"openness"`
	Siege    SiegeRule `json:"siege"`
	Gates    []Gate    `json:"gates"`
}

// ParseGates reads a list of gates. It is strict: unknown or repeated members,
// weights that do not add to one, and places outside the extent of the record
// are errors of code invalid with a pointer.
func ParseGates(raw []byte) (*Gates, error) {
	if len(raw) > MaxGatesBytes {
		return nil, geo.Errorf(geo.CodeTooLarge, "", "%d bytes of gates: at most %d", len(raw), MaxGatesBytes)
	}
	if err := checkMembers(raw); err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	var g Gates
	if err := d.Decode(&g); err != nil {
		return nil, geo.Errorf(geo.CodeInvalid, "", "gates are not of the form asked for: %w", err)
	}
	if err := g.check(); err != nil {
		return nil, err
	}
	return &g, nil
}

// checkMembers refuses what encoding/json lets pass: repeated members and text
// after the end.
func checkMembers(raw []byte) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	type level struct {
		names map[string]bool // nil in an array
		name  bool            // a name comes next
	}
	var stack []level
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return geo.Errorf(geo.CodeInvalid, "", "gates are not JSON: %w", err)
		}
		if delimiter, ok := token.(json.Delim); ok && (delimiter == '}' || delimiter == ']') {
			stack = stack[:len(stack)-1]
			if len(stack) == 0 && d.More() {
				return geo.Errorf(geo.CodeInvalid, "", "gates are one JSON object")
			}
			continue
		}
		if n := len(stack); n > 0 && stack[n-1].names != nil {
			top := &stack[n-1]
			if top.name {
				name, _ := token.(string)
				if top.names[name] {
					return geo.Errorf(geo.CodeInvalid, "", "member %.60q is there twice", name)
				}
				top.names[name] = true
			}
			top.name = !top.name
			if !top.name {
				continue
			}
		}
		switch token {
		case json.Delim('{'):
			stack = append(stack, level{map[string]bool{}, true})
		case json.Delim('['):
			stack = append(stack, level{})
		default:
			if len(stack) == 0 {
				return geo.Errorf(geo.CodeInvalid, "", "gates are one JSON object")
			}
		}
		if len(stack) > 20 {
			return geo.Errorf(geo.CodeInvalid, "", "gates are nested too deep")
		}
	}
}

func isShare(x float64) bool { return x >= 0 && x <= 1 }

func isVehicle(class string) bool {
	return slices.ContainsFunc(geo.VehicleClasses, func(w geo.Word) bool { return w.Value == class })
}

func (g *Gates) check() error {
	var errs geo.Errors
	add := func(pointer, format string, args ...any) {
		errs = append(errs, geo.Errorf(geo.CodeInvalid, pointer, format, args...))
	}
	if g.Version == "" {
		add("/version", "a list of gates needs a version")
	}
	o := g.Openness
	if !isShare(o.Open) || !isShare(o.Restricted) || !isShare(o.PayOrAsk) || !isShare(o.Closed) || o.Open < o.Restricted || o.Restricted < o.PayOrAsk || o.PayOrAsk < o.Closed {
		add("/openness", "openness falls from open over restricted and pay_or_ask to closed, between 1 and 0")
	}
	if !isVehicle(g.Siege.Vehicle) {
		add("/siege/vehicle", "%.60q is no vehicle class", g.Siege.Vehicle)
	}
	if len(g.Siege.Facilities) == 0 {
		add("/siege/facilities", "the rule of siege names at least one facility")
	}
	if len(g.Gates) == 0 || len(g.Gates) > maxGates {
		add("/gates", "%d gates: from 1 to %d", len(g.Gates), maxGates)
	} else {
		sum, seen := 0.0, map[string]bool{}
		for i := range g.Gates {
			one := &g.Gates[i]
			pointer := fmt.Sprintf("/gates/%d", i)
			if one.ID == "" || seen[one.ID] {
				add(pointer+"/id", "each gate needs an id of its own")
			}
			seen[one.ID] = true
			sum += one.Weight
			one.check(pointer, add)
		}
		if !(math.Abs(sum-1) <= weightTolerance) {
			add("/gates", "the weights add to %g, not to 1", sum)
		}
	}
	return errs.OrNil()
}

func (g *Gate) check(pointer string, add func(pointer, format string, args ...any)) {
	if g.Name.French == "" || g.Name.Haitian == "" || g.Name.English == "" {
		add(pointer+"/name", "a name needs fr, ht and en")
	}
	if !isShare(g.Weight) {
		add(pointer+"/weight", "a weight is between 0 and 1")
	}
	for i, class := range g.ClosedTo {
		if !isVehicle(class) {
			add(fmt.Sprintf("%s/closed_to/%d", pointer, i), "%.60q is no vehicle class", class)
		}
	}
	if (len(g.Places) > 0) == (len(g.Facilities) > 0) {
		add(pointer, "a gate has either places or facilities")
		return
	}
	if !g.IsRoad() {
		return
	}
	if len(g.Places) < 2 || len(g.Places) > maxGatePlaces {
		add(pointer+"/places", "%d places: from 2 to %d", len(g.Places), maxGatePlaces)
	}
	for i, p := range g.Places {
		if math.IsNaN(p.At[0]+p.At[1]) || !geo.Extent.Contains(p.At) {
			add(fmt.Sprintf("%s/places/%d/at", pointer, i), "[%g, %g] lies outside the extent of the record", p.At[0], p.At[1])
		}
	}
	if !(g.WidthM > 0 && g.WidthM <= maxGateWidthM) {
		add(pointer+"/width_m", "width_m is a number of metres up to %d", maxGateWidthM)
	}
}
