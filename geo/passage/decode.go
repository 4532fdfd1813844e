package passage

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/paulmach/orb"

	"pasaj/geo"
)

// reader reads one member of a request.
type reader = func(pointer string, raw json.RawMessage) *geo.Error

// decodeAnd reads a request that has members of its own beside those of every
// Request. Of the latter those listed in without do not exist for it. All faults
// come back together.
func decodeAnd(raw []byte, r *Request, without []string, own map[string]reader) error {
	members, err := split(raw)
	if err != nil {
		return err
	}
	r.Vehicle, r.Profile = "ambulance", "ambulance"
	var errs geo.Errors
	for _, m := range members {
		pointer := "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(m.name)
		read, ok := own[m.name]
		if shared, is := requestMembers[m.name]; !ok && is && !slices.Contains(without, m.name) {
			read, ok = func(pointer string, raw json.RawMessage) *geo.Error { return shared(r, pointer, raw) }, true
		}
		if !ok {
			errs = append(errs, geo.Errorf(geo.CodeInvalid, clip(pointer), "a request has no member %q", clip(m.name)))
			continue
		}
		if string(m.value) == "null" {
			continue
		}
		if e := read(pointer, m.value); e != nil {
			errs = append(errs, e)
		}
	}
	if len(errs) > 0 {
		return errs
	}
	return nil
}

// needs makes the error of a member that must be there.
func needs(pointer, what string) error {
	return geo.Errors{geo.Errorf(geo.CodeInvalid, pointer, "%s", what)}
}

// readPlaces reads a list of one point or more.
func readPlaces(out *[]orb.Point, most int) reader {
	return func(pointer string, raw json.RawMessage) *geo.Error {
		list, err := decodeList(pointer, raw, most)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return geo.Errorf(geo.CodeInvalid, pointer, "at least one point is needed")
		}
		places := make([]orb.Point, len(list))
		for i, entry := range list {
			if places[i], err = decodePoint(pointer+"/"+strconv.Itoa(i), entry); err != nil {
				return err
			}
		}
		*out = places
		return nil
	}
}

// readWhole reads a whole number within bounds, both included.
func readWhole(out *int, least, most int) reader {
	return func(pointer string, raw json.RawMessage) *geo.Error {
		var n int
		if err := json.Unmarshal(raw, &n); err != nil || n < least || n > most {
			return geo.Errorf(geo.CodeInvalid, pointer, "a whole number from %d to %d is asked for", least, most)
		}
		*out = n
		return nil
	}
}

// checkCaller is for callers that build a request in Go: all of it but the
// places.
func (r *Request) checkCaller() error {
	switch {
	case sizeOf(r.Vehicle) < 0:
		return geo.Errorf(geo.CodeInvalid, "/vehicle", "unknown vehicle class %q", clip(r.Vehicle))
	case !isProfile(r.Profile):
		return geo.Errorf(geo.CodeInvalid, "/profile", "unknown profile %q", clip(r.Profile))
	case r.DepartAt.IsZero() || r.At.IsZero() || r.MaxAge <= 0:
		return fmt.Errorf("a request must be resolved first")
	}
	return r.checkVariations()
}

// checkPlaces is for callers that build a request in Go.
func checkPlaces(pointer string, places []orb.Point, least, most int) error {
	if len(places) < least || len(places) > most {
		return geo.Errorf(geo.CodeInvalid, pointer, "%d to %d points are asked for, not %d", least, most, len(places))
	}
	for i, p := range places {
		if err := checkPoint(pointer+"/"+strconv.Itoa(i), p); err != nil {
			return err
		}
	}
	return nil
}
