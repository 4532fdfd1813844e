package passage

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/measure"
)

// Limits of a request.
const (
	MaxRequestBytes = 160 << 10
	MaxPoints       = 25
	MaxLinePoints   = 2000
	MaxLineM        = 2_000_000 // length of a line to check, metres
	MinAge          = time.Hour
	MaxAge          = 8760 * time.Hour
)

// Request asks whether a vehicle can get through. Exactly one of Points and
// Line is set. Requests are answered and forgotten: nothing in this package
// keeps or logs one.
type Request struct {
	Points   []orb.Point    // from, by, to: a way is looked for
	Line     orb.LineString // a way that is checked as it is
	Vehicle  string         // one of geo.VehicleClasses
	Profile  string         // one of geo.Profiles
	DepartAt time.Time      // when the journey begins; zero: At
	At       time.Time      // the instant whose facts are read; zero: DepartAt
	AsOf     geo.AsOf       // for the caller, who picks the world by it
	MaxAge   time.Duration  // what is older does not count as an observation
	Avoid    []Avoidance    // areas to leave out of the way
	Except   []Exception    // corridors through zones and areas
	WhatIf   WhatIf
	Ignore   []uuid.UUID // reports to leave aside, as if never made
	Seed     int64       // of varied ways
}

// Resolve fills what the sender left open: of departure and the instant of the
// facts each stands for the other, both are now without either; the model's
// greatest age.
func (r Request) Resolve(now time.Time, m *geo.Model) Request {
	switch {
	case r.DepartAt.IsZero() && r.At.IsZero():
		r.DepartAt = now.UTC().Truncate(time.Microsecond)
		r.At = r.DepartAt
	case r.DepartAt.IsZero():
		r.DepartAt = r.At
	case r.At.IsZero():
		r.At = r.DepartAt
	}
	if r.MaxAge == 0 {
		r.MaxAge = m.MaxAge
	}
	return r
}

// DecodeRequest reads the JSON of a request. It is strict: an unknown or
// repeated member is an error. All faults come back together as geo.Errors, or
// as one *geo.Error where the input is not a JSON object at all.
func DecodeRequest(raw []byte) (Request, error) {
	members, err := split(raw)
	if err != nil {
		return Request{}, err
	}
	r := Request{Vehicle: "ambulance", Profile: "ambulance"}
	var errs geo.Errors
	for _, m := range members {
		pointer := "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(m.name)
		read, ok := requestMembers[m.name]
		if !ok {
			errs = append(errs, geo.Errorf(geo.CodeInvalid, clip(pointer), "a request has no member %q", clip(m.name)))
			continue
		}
		if string(m.value) == "null" {
			continue
		}
		if e := read(&r, pointer, m.value); e != nil {
			errs = append(errs, e)
		}
	}
	switch {
	case len(errs) > 0:
	case r.Points == nil && r.Line == nil:
		errs = append(errs, geo.Errorf(geo.CodeInvalid, "/points", "points or line is needed"))
	case r.Points != nil && r.Line != nil:
		errs = append(errs, geo.Errorf(geo.CodeInvalid, "/line", "points or line, not both"))
	}
	if len(errs) > 0 {
		return Request{}, errs
	}
	return r, nil
}

type member struct {
	name  string
	value json.RawMessage
}

// split reads the members of one JSON object in order.
func split(raw []byte) ([]member, error) {
	if len(raw) > MaxRequestBytes {
		return nil, geo.Errorf(geo.CodeTooLarge, "", "a request may have at most %d bytes", MaxRequestBytes)
	}
	if !json.Valid(raw) {
		return nil, geo.Errorf(geo.CodeInvalid, "", "the request is not JSON")
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return nil, geo.Errorf(geo.CodeInvalid, "", "the request is not a JSON object")
	}
	var out []member
	seen := map[string]bool{}
	for d.More() {
		key, err := d.Token()
		name, ok := key.(string)
		var m member
		if err == nil && ok {
			m.name = name
			err = d.Decode(&m.value)
		}
		if err != nil || !ok {
			return nil, geo.Errorf(geo.CodeInvalid, "", "the request cannot be read")
		}
		if seen[name] {
			return nil, geo.Errorf(geo.CodeInvalid, clip("/"+name), "member %q is there twice", clip(name))
		}
		seen[name] = true
		out = append(out, m)
	}
	if _, err := d.Token(); err != nil {
		return nil, geo.Errorf(geo.CodeInvalid, "", "the request cannot be read")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, geo.Errorf(geo.CodeInvalid, "", "there is something after the request")
	}
	return out, nil
}

var requestMembers = map[string]func(*Request, string, json.RawMessage) *geo.Error{
	"points": func(r *Request, pointer string, raw json.RawMessage) (err *geo.Error) {
		r.Points, err = decodePoints(pointer, raw, MaxPoints)
		return err
	},
	"line": func(r *Request, pointer string, raw json.RawMessage) *geo.Error {
		points, err := decodePoints(pointer, raw, MaxLinePoints)
		if err != nil {
			return err
		}
		r.Line, err = lineOf(pointer, points, MaxLineM)
		return err
	},
	"vehicle": func(r *Request, pointer string, raw json.RawMessage) (err *geo.Error) {
		r.Vehicle, err = decodeWord(pointer, raw, geo.VehicleClasses)
		return err
	},
	"profile": func(r *Request, pointer string, raw json.RawMessage) (err *geo.Error) {
		r.Profile, err = decodeWord(pointer, raw, geo.Profiles)
		return err
	},
	"depart_at": func(r *Request, pointer string, raw json.RawMessage) (err *geo.Error) {
		r.DepartAt, err = decodeInstant(pointer, raw)
		return err
	},
	"datetime": func(r *Request, pointer string, raw json.RawMessage) (err *geo.Error) {
		r.At, err = decodeInstant(pointer, raw)
		return err
	},
	"asof":      decodeAsOf,
	"max_age_h": decodeMaxAge,
	"avoid":     decodeAvoid,
	"except":    decodeExcept,
	"what_if":   decodeWhatIf,
	"ignore":    decodeIgnore,
	"seed":      decodeSeed,
}

// lineOf makes a line of points, repeated ones once.
func lineOf(pointer string, points []orb.Point, mostM float64) (orb.LineString, *geo.Error) {
	line := orb.LineString{points[0]}
	for _, p := range points[1:] {
		if p != line[len(line)-1] {
			line = append(line, p)
		}
	}
	if len(line) < 2 {
		return nil, geo.Errorf(geo.CodeInvalid, pointer, "a line needs two different points")
	}
	if length := measure.LengthM(line); length > mostM {
		return nil, geo.Errorf(geo.CodeTooLarge, pointer, "a line may have at most %.0f km, not %.0f", mostM/1000, length/1000)
	}
	return line, nil
}

func decodePoints(pointer string, raw json.RawMessage, most int) ([]orb.Point, *geo.Error) {
	var lists []json.RawMessage
	if err := json.Unmarshal(raw, &lists); err != nil {
		return nil, geo.Errorf(geo.CodeInvalid, pointer, "a list of [lon, lat] is asked for")
	}
	if len(lists) < 2 {
		return nil, geo.Errorf(geo.CodeInvalid, pointer, "at least two points are needed")
	}
	if len(lists) > most {
		return nil, geo.Errorf(geo.CodeTooLarge, pointer, "%d points: at most %d", len(lists), most)
	}
	out := make([]orb.Point, len(lists))
	for i, list := range lists {
		p, err := decodePoint(pointer+"/"+strconv.Itoa(i), list)
		if err != nil {
			return nil, err
		}
		out[i] = p
	}
	return out, nil
}

func decodePoint(pointer string, raw json.RawMessage) (orb.Point, *geo.Error) {
	var numbers []*float64 // a null is not a zero
	if err := json.Unmarshal(raw, &numbers); err != nil || len(numbers) != 2 || numbers[0] == nil || numbers[1] == nil {
		return orb.Point{}, geo.Errorf(geo.CodeInvalid, pointer, "a point is [lon, lat]")
	}
	p := orb.Point{*numbers[0], *numbers[1]}
	if err := checkPoint(pointer, p); err != nil {
		return orb.Point{}, err
	}
	return orb.Point{geo.RoundCoordinate(p[0]), geo.RoundCoordinate(p[1])}, nil
}

func checkPoint(pointer string, p orb.Point) *geo.Error {
	switch {
	case math.IsNaN(p[0]) || math.IsNaN(p[1]): // a box holds what is not a number
		return geo.Errorf(geo.CodeInvalid, pointer, "the point is not a place")
	case geo.Extent.Contains(p):
		return nil
	case geo.Extent.Contains(orb.Point{p[1], p[0]}):
		return geo.Errorf(geo.CodeInvalid, pointer, "longitude and latitude look swapped: [lon, lat] is asked for")
	default:
		return geo.Errorf(geo.CodeInvalid, pointer, "the point lies outside Haiti (lon %g to %g, lat %g to %g)",
			geo.Extent.Min[0], geo.Extent.Max[0], geo.Extent.Min[1], geo.Extent.Max[1])
	}
}

func decodeWord(pointer string, raw json.RawMessage, words []geo.Word) (string, *geo.Error) {
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		return "", geo.Errorf(geo.CodeInvalid, pointer, "a string is asked for")
	}
	allowed := make([]string, len(words))
	for i, w := range words {
		if w.Value == s {
			return s, nil
		}
		allowed[i] = w.Value
	}
	return "", geo.Errorf(geo.CodeInvalid, pointer, "%q is none of %s", clip(s), strings.Join(allowed, ", "))
}

func decodeInstant(pointer string, raw json.RawMessage) (time.Time, *geo.Error) {
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		return time.Time{}, geo.Errorf(geo.CodeInvalid, pointer, "an RFC 3339 date-time is asked for")
	}
	t, err := geo.ParseInstant(s)
	if err != nil {
		return time.Time{}, geo.Errorf(geo.CodeInvalid, pointer, "%s", err.Error())
	}
	if t.Before(geo.EarliestValid) || t.After(geo.LatestValid) {
		return time.Time{}, geo.Errorf(geo.CodeInvalid, pointer, "%s lies outside %d to %d",
			geo.FormatInstant(t), geo.EarliestValid.Year(), geo.LatestValid.Year())
	}
	return t, nil
}

func decodeAsOf(r *Request, pointer string, raw json.RawMessage) *geo.Error {
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		var n json.Number
		if err := json.Unmarshal(raw, &n); err != nil {
			return geo.Errorf(geo.CodeInvalid, pointer, "a revision number or an RFC 3339 date-time is asked for")
		}
		text = n.String()
	}
	var err error
	if r.AsOf, err = geo.ParseAsOf(text); err != nil {
		return geo.Errorf(geo.CodeInvalid, pointer, "%s", err.Error())
	}
	return nil
}

func decodeMaxAge(r *Request, pointer string, raw json.RawMessage) *geo.Error {
	var hours float64
	if err := json.Unmarshal(raw, &hours); err != nil || math.IsNaN(hours) ||
		hours < MinAge.Hours() || hours > MaxAge.Hours() {
		return geo.Errorf(geo.CodeInvalid, pointer, "max_age_h is a number of hours from %g to %g", MinAge.Hours(), MaxAge.Hours())
	}
	r.MaxAge = time.Duration(hours * float64(time.Hour))
	return nil
}

// check is for callers that build a request in Go.
func (r *Request) check() error {
	switch {
	case (len(r.Points) == 0) == (len(r.Line) == 0):
		return geo.Errorf(geo.CodeInvalid, "/points", "points or line is needed, and not both")
	case len(r.Points) == 1 || len(r.Points) > MaxPoints || len(r.Line) == 1 || len(r.Line) > MaxLinePoints:
		return geo.Errorf(geo.CodeInvalid, "", "2 to %d points, or a line of 2 to %d", MaxPoints, MaxLinePoints)
	case sizeOf(r.Vehicle) < 0:
		return geo.Errorf(geo.CodeInvalid, "/vehicle", "unknown vehicle class %q", clip(r.Vehicle))
	case !isProfile(r.Profile):
		return geo.Errorf(geo.CodeInvalid, "/profile", "unknown profile %q", clip(r.Profile))
	case r.DepartAt.IsZero() || r.At.IsZero() || r.MaxAge <= 0:
		return fmt.Errorf("a passage request must be resolved first")
	}
	if err := r.checkVariations(); err != nil {
		return err
	}
	for i, p := range r.Points {
		if err := checkPoint("/points/"+strconv.Itoa(i), p); err != nil {
			return err
		}
	}
	for i, p := range r.Line {
		if err := checkPoint("/line/"+strconv.Itoa(i), p); err != nil {
			return err
		}
	}
	return nil
}

func clip(s string) string {
	if len(s) <= 60 {
		return s
	}
	return strings.ToValidUTF8(s[:60], "") + "…"
}
