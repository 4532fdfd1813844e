package passage

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/overlay"
)

// Limits of what a request may want different from the world.
const (
	MaxAvoided          = 20   // areas to avoid
	MaxAvoidedVertices  = 2000 // of all of them together
	MaxAvoidedDegrees2  = 12   // square degrees of the boxes round them together: twice the country
	MaxExcepted         = 20   // corridors
	MaxSupposed         = 50   // closures
	MaxLeftAside        = 100  // reports ignored, and likewise opened
	MaxVariationLineM   = 500_000
	MaxAvoidFactor      = 1000.0
	maxVariationPoints  = 500 // of one line
	maxExceptedRefBytes = 20
)

// Avoidance is an area that a request wants left out of the way, or only taken
// where the rest is slower still.
type Avoidance struct {
	Area   orb.MultiPolygon
	Factor float64 // of the driving time inside, 1 or more; 0: closed
}

// Exception is a road by its number, or a line, along which zones and areas to
// avoid may be crossed as if they were not there. They stay in the answer.
type Exception struct {
	Ref  string
	Line orb.LineString
}

// WhatIf is what a request supposes.
type WhatIf struct {
	Close []orb.Geometry // points and lines that nobody passes
	Open  []uuid.UUID    // roadblocks, zones and road sections as if lifted
}

func (w WhatIf) empty() bool { return len(w.Close) == 0 && len(w.Open) == 0 }

func decodeIgnore(r *Request, pointer string, raw json.RawMessage) (err *geo.Error) {
	r.Ignore, err = decodeIDs(pointer, raw)
	return err
}

func decodeSeed(r *Request, pointer string, raw json.RawMessage) *geo.Error {
	if err := json.Unmarshal(raw, &r.Seed); err != nil {
		return geo.Errorf(geo.CodeInvalid, pointer, "a whole number is asked for")
	}
	return nil
}

func decodeList(pointer string, raw json.RawMessage, most int) ([]json.RawMessage, *geo.Error) {
	var list []json.RawMessage
	if err := json.Unmarshal(raw, &list); err != nil {
		return nil, geo.Errorf(geo.CodeInvalid, pointer, "a list is asked for")
	}
	if len(list) > most {
		return nil, geo.Errorf(geo.CodeTooLarge, pointer, "%d entries: at most %d", len(list), most)
	}
	return list, nil
}

// decodeMembers reads the members of an object, each by its reader.
func decodeMembers(pointer string, raw json.RawMessage, read map[string]func(pointer string, raw json.RawMessage) *geo.Error) *geo.Error {
	members, err := split(raw)
	if err != nil {
		return geo.Errorf(geo.CodeInvalid, pointer, "a JSON object without repeated members is asked for")
	}
	for _, m := range members {
		at := pointer + "/" + clip(m.name)
		one, ok := read[m.name]
		if !ok {
			return geo.Errorf(geo.CodeInvalid, at, "there is no member %q here", clip(m.name))
		}
		if string(m.value) == "null" {
			continue
		}
		if err := one(at, m.value); err != nil {
			return err
		}
	}
	return nil
}

func decodeAvoid(r *Request, pointer string, raw json.RawMessage) *geo.Error {
	list, err := decodeList(pointer, raw, MaxAvoided)
	if err != nil {
		return err
	}
	vertices := 0
	for i, entry := range list {
		at, a := pointer+"/"+strconv.Itoa(i), Avoidance{}
		err := decodeMembers(at, entry, map[string]func(string, json.RawMessage) *geo.Error{
			"geometry": func(pointer string, raw json.RawMessage) *geo.Error {
				g, err := geo.DecodeGeometry(geo.MultiPolygon, raw)
				if err == nil {
					err = overlay.Validate(g)
				}
				if err != nil {
					return geo.Errorf(err.Code, pointer, "%s", err.Detail)
				}
				a.Area = g.(orb.MultiPolygon)
				return nil
			},
			"factor": func(pointer string, raw json.RawMessage) *geo.Error {
				if err := json.Unmarshal(raw, &a.Factor); err != nil || !(a.Factor >= 1 && a.Factor <= MaxAvoidFactor) {
					return geo.Errorf(geo.CodeInvalid, pointer, "factor is a number from 1 to %g; without it the area is closed", MaxAvoidFactor)
				}
				return nil
			},
		})
		if err != nil {
			return err
		}
		if a.Area == nil {
			return geo.Errorf(geo.CodeInvalid, at+"/geometry", "a GeoJSON Polygon or MultiPolygon is needed")
		}
		for _, polygon := range a.Area {
			for _, ring := range polygon {
				vertices += len(ring)
			}
		}
		r.Avoid = append(r.Avoid, a)
	}
	if err := checkSpread(pointer, r.Avoid); err != nil {
		return err
	}
	if vertices > MaxAvoidedVertices {
		return geo.Errorf(geo.CodeTooLarge, pointer, "%d vertices: at most %d for all areas together", vertices, MaxAvoidedVertices)
	}
	return nil
}

func decodeExcept(r *Request, pointer string, raw json.RawMessage) *geo.Error {
	list, err := decodeList(pointer, raw, MaxExcepted)
	if err != nil {
		return err
	}
	for i, entry := range list {
		at := pointer + "/" + strconv.Itoa(i)
		var ref string
		if json.Unmarshal(entry, &ref) == nil {
			ref = strings.ToUpper(strings.TrimSpace(ref))
			if ref == "" || len(ref) > maxExceptedRefBytes {
				return geo.Errorf(geo.CodeInvalid, at, "a road number such as RN2 is asked for")
			}
			r.Except = append(r.Except, Exception{Ref: ref})
			continue
		}
		line, err := decodeLine(at, entry)
		if err != nil {
			return err
		}
		r.Except = append(r.Except, Exception{Line: line})
	}
	return nil
}

func decodeLine(pointer string, raw json.RawMessage) (orb.LineString, *geo.Error) {
	points, err := decodePoints(pointer, raw, maxVariationPoints)
	if err != nil {
		return nil, err
	}
	return lineOf(pointer, points, MaxVariationLineM)
}

func decodeWhatIf(r *Request, pointer string, raw json.RawMessage) *geo.Error {
	return decodeMembers(pointer, raw, map[string]func(string, json.RawMessage) *geo.Error{
		"close": func(pointer string, raw json.RawMessage) *geo.Error {
			list, err := decodeList(pointer, raw, MaxSupposed)
			if err != nil {
				return err
			}
			for i, entry := range list {
				at := pointer + "/" + strconv.Itoa(i)
				if p, err := decodePoint(at, entry); err == nil {
					r.WhatIf.Close = append(r.WhatIf.Close, p)
					continue
				}
				line, err := decodeLine(at, entry)
				if err != nil {
					return err
				}
				r.WhatIf.Close = append(r.WhatIf.Close, line)
			}
			return nil
		},
		"open": func(pointer string, raw json.RawMessage) (err *geo.Error) {
			r.WhatIf.Open, err = decodeIDs(pointer, raw)
			return err
		},
	})
}

func decodeIDs(pointer string, raw json.RawMessage) ([]uuid.UUID, *geo.Error) {
	list, err := decodeList(pointer, raw, MaxLeftAside)
	if err != nil {
		return nil, err
	}
	var out []uuid.UUID
	for i, entry := range list {
		var text string
		id, bad := uuid.UUID{}, json.Unmarshal(entry, &text)
		if bad == nil {
			id, bad = uuid.Parse(text)
		}
		if bad != nil || len(text) != 36 {
			return nil, geo.Errorf(geo.CodeInvalid, pointer+"/"+strconv.Itoa(i), "an identifier such as 7f1d2c1e-0a5b-4e58-9d5c-0c8f5a3c9b11 is asked for")
		}
		out = append(out, id)
	}
	return out, nil
}

// checkSpread bounds the edges that areas to avoid may touch, each once for each
// area.
func checkSpread(pointer string, avoid []Avoidance) *geo.Error {
	degrees2 := 0.0
	for _, a := range avoid {
		b := a.Area.Bound()
		degrees2 += (b.Max[0] - b.Min[0]) * (b.Max[1] - b.Min[1])
	}
	if !(degrees2 <= MaxAvoidedDegrees2) {
		return geo.Errorf(geo.CodeTooLarge, pointer, "the boxes round the areas cover %.1f square degrees: at most %d together", degrees2, MaxAvoidedDegrees2)
	}
	return nil
}

// checkVariations is for callers that build a request in Go.
func (r *Request) checkVariations() error {
	vertices := 0
	for i, a := range r.Avoid {
		at := "/avoid/" + strconv.Itoa(i)
		if a.Factor != 0 && !(a.Factor >= 1 && a.Factor <= MaxAvoidFactor) {
			return geo.Errorf(geo.CodeInvalid, at+"/factor", "factor is a number from 1 to %g, or 0 for closed", MaxAvoidFactor)
		}
		if len(a.Area) == 0 {
			return geo.Errorf(geo.CodeInvalid, at+"/geometry", "an area is needed")
		}
		for _, polygon := range a.Area {
			for _, ring := range polygon {
				vertices += len(ring)
			}
		}
	}
	if err := checkSpread("/avoid", r.Avoid); err != nil {
		return err
	}
	for i, x := range r.Except {
		if (x.Ref == "") == (len(x.Line) < 2) {
			return geo.Errorf(geo.CodeInvalid, "/except/"+strconv.Itoa(i), "a road number or a line is needed, and not both")
		}
	}
	for i, g := range r.WhatIf.Close {
		switch g := g.(type) {
		case orb.Point:
			continue
		case orb.LineString:
			if len(g) >= 2 {
				continue
			}
		}
		return geo.Errorf(geo.CodeInvalid, "/what_if/close/"+strconv.Itoa(i), "a point or a line is asked for")
	}
	if vertices > MaxAvoidedVertices || len(r.Avoid) > MaxAvoided || len(r.Except) > MaxExcepted || len(r.WhatIf.Close) > MaxSupposed ||
		len(r.WhatIf.Open) > MaxLeftAside || len(r.Ignore) > MaxLeftAside {
		return geo.Errorf(geo.CodeTooLarge, "", "the request wants more changed than it may")
	}
	return nil
}
