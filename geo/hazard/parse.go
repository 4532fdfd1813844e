package hazard

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"pasaj/geo"
)

// Limits of a policy file.
const (
	MaxPolicyBytes = 256 << 10
	MaxSurfaces    = 100
	maxFaults      = 50 // reported at once
	maxPointer     = 120
)

var (
	versionForm = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,59}$`)
	surfaceForm = regexp.MustCompile(`^[a-z][a-z_:]{0,39}$`)
)

// ParsePolicy reads a policy in JSON over the default one: what the file does
// not name stays, down to the single figure. It is strict: unknown, repeated and
// null members are errors, and so are figures out of range. A policy whose
// figures differ from the default's needs a version of its own, so that a figure
// can be traced to what made it. All faults come back together as geo.Errors.
func ParsePolicy(raw []byte) (*Policy, error) {
	if len(raw) > MaxPolicyBytes {
		return nil, geo.Errors{geo.Errorf(geo.CodeTooLarge, "", "a policy may have at most %d bytes", MaxPolicyBytes)}
	}
	if !json.Valid(raw) {
		return nil, geo.Errors{geo.Errorf(geo.CodeInvalid, "", "the policy is not JSON")}
	}
	p := Default()
	m := merger{}
	m.merge(reflect.ValueOf(p).Elem(), raw, "")
	if err := m.OrNil(); err != nil {
		return nil, err
	}
	if err := p.Check(); err != nil {
		return nil, err
	}
	if built := Default(); p.Version == built.Version && !reflect.DeepEqual(p, built) {
		return nil, geo.Errors{geo.Errorf(geo.CodeInvalid, "/version",
			"the figures differ from those of %s: give the policy a version of its own", built.Version)}
	}
	return p, nil
}

// Check finds the faults of a policy, as geo.Errors with JSON pointers into its
// JSON form: names that are missing or unknown, figures out of range, and
// figures that would break what the package guarantees.
func (p *Policy) Check() error {
	m := merger{}
	m.check(reflect.ValueOf(p).Elem(), reflect.ValueOf(Default()).Elem(), "", "")
	if !versionForm.MatchString(p.Version) {
		m.fault("/version", "a version has 1 to 60 lower-case letters, digits, dots, dashes and underscores")
	}
	for name := range p.Roads.Surfaces {
		if !surfaceForm.MatchString(name) {
			m.fault("/roads/surfaces/"+escape(name), "no value of OpenStreetMap's surface")
		}
	}
	if n := len(p.Roads.Surfaces); n > MaxSurfaces {
		m.fault("/roads/surfaces", "%d surfaces: at most %d", n, MaxSurfaces)
	}
	for _, name := range slices.Sorted(maps.Keys(p.Vehicles)) {
		if v := p.Vehicles[name]; v.OwnKmh < slowestKmh && v.PaceShare < .05 {
			m.fault("/vehicles/"+escape(name)+"/pace_share", "a vehicle needs a pace of at least 0.05, or a speed of its own of at least %d km/h", slowestKmh)
		}
	}
	for _, control := range slices.Sorted(maps.Keys(p.Unknown)) {
		if p.Unknown[control] > p.Unknown[Unassessed] {
			m.fault("/unknown_per_km/"+escape(control), "more than unassessed ground has: losing what is known of a place would then lower its risk")
		}
	}
	for _, steps := range []struct {
		pointer string
		Steps
	}{{"/bands/total", p.Bands.Total}, {"/bands/leg", p.Bands.Leg}} {
		if !(steps.Guarded < steps.High && steps.High < steps.Severe) {
			m.fault(steps.pointer, "guarded, high and severe must ascend")
		}
	}
	if len(p.LambdaDs) != lambdas {
		m.fault("/lambda_ds", "%d factors: there must be %d", len(p.LambdaDs), lambdas)
	}
	for i, lambda := range p.LambdaDs {
		if lambda < 1 || lambda > maxLambdaDs || i > 0 && lambda <= p.LambdaDs[i-1] {
			m.fault("/lambda_ds/"+strconv.Itoa(i), "the factors must ascend from 1 to %d at most", maxLambdaDs)
		}
	}
	return m.OrNil()
}

// maxLambdaDs keeps the price of a unit of risk far from a closed road's.
const maxLambdaDs = 100_000_000

// merger walks a policy by reflection, so that its declaration is the one place
// that says what a policy holds.
type merger struct{ faults geo.Errors }

func (m *merger) fault(pointer, format string, args ...any) {
	if len(m.faults) < maxFaults {
		m.faults = append(m.faults, geo.Errorf(geo.CodeInvalid, clip(pointer), format, args...))
	}
}

func (m *merger) OrNil() error { return m.faults.OrNil() }

// merge sets what raw names.
func (m *merger) merge(to reflect.Value, raw json.RawMessage, pointer string) {
	switch to.Kind() {
	case reflect.Struct, reflect.Map:
		m.mergeMembers(to, raw, pointer)
	case reflect.Slice:
		var list []uint32
		if err := json.Unmarshal(raw, &list); err != nil || list == nil {
			m.fault(pointer, "a list of whole numbers of deciseconds is asked for")
			return
		}
		to.Set(reflect.ValueOf(list))
	default:
		value := reflect.New(to.Type())
		if string(raw) == "null" || json.Unmarshal(raw, value.Interface()) != nil {
			m.fault(pointer, "a %s is asked for", words[to.Kind()])
			return
		}
		to.Set(value.Elem())
	}
}

var words = map[reflect.Kind]string{reflect.Float64: "number", reflect.String: "string", reflect.Bool: "true or false"}

func (m *merger) mergeMembers(to reflect.Value, raw json.RawMessage, pointer string) {
	d := json.NewDecoder(bytes.NewReader(raw))
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		m.fault(pointer, "an object is asked for")
		return
	}
	seen := map[string]bool{}
	for d.More() {
		key, err := d.Token()
		name, ok := key.(string)
		var value json.RawMessage
		if err == nil && ok {
			err = d.Decode(&value)
		}
		if err != nil || !ok {
			m.fault(pointer, "the object cannot be read")
			return
		}
		at := pointer + "/" + escape(name)
		if seen[name] {
			m.fault(at, "the member is there twice")
			continue
		}
		seen[name] = true
		m.mergeMember(to, name, value, at)
	}
	if _, err := d.Token(); err != nil {
		m.fault(pointer, "the object cannot be read")
		return
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		m.fault(pointer, "there is something after the object")
	}
}

func (m *merger) mergeMember(to reflect.Value, name string, raw json.RawMessage, pointer string) {
	if to.Kind() == reflect.Struct {
		for i := range to.NumField() {
			if to.Type().Field(i).Tag.Get("json") == name {
				m.merge(to.Field(i), raw, pointer)
				return
			}
		}
		m.fault(pointer, "a policy has no such member")
		return
	}
	key, value := reflect.ValueOf(name), reflect.New(to.Type().Elem()).Elem()
	old := to.MapIndex(key)
	switch {
	case old.IsValid():
		value.Set(old)
	case !strings.HasPrefix(pointer, surfaces):
		m.fault(pointer, "none of %s", strings.Join(keys(to), ", "))
		return
	}
	m.merge(value, raw, pointer)
	to.SetMapIndex(key, value)
}

// surfaces is the one place where names are free.
const surfaces = "/roads/surfaces/"

// check compares the names of a policy with the default's and its figures with
// their ranges.
func (m *merger) check(p, built reflect.Value, bounds, pointer string) {
	switch p.Kind() {
	case reflect.Struct:
		for i := range p.NumField() {
			f := p.Type().Field(i)
			m.check(p.Field(i), built.Field(i), f.Tag.Get("range"), pointer+"/"+f.Tag.Get("json"))
		}
	case reflect.Map:
		free := pointer+"/" == surfaces
		for _, name := range keys(built) {
			if !free && !p.MapIndex(reflect.ValueOf(name)).IsValid() {
				m.fault(pointer+"/"+escape(name), "is missing")
			}
		}
		for _, name := range keys(p) {
			same := built.MapIndex(reflect.ValueOf(name))
			if !same.IsValid() {
				if !free {
					m.fault(pointer+"/"+escape(name), "none of %s", strings.Join(keys(built), ", "))
					continue
				}
				same = reflect.Zero(p.Type().Elem())
			}
			m.check(p.MapIndex(reflect.ValueOf(name)), same, bounds, pointer+"/"+escape(name))
		}
	case reflect.Float64:
		low, high := span(bounds)
		if x := p.Float(); !(low <= x && x <= high) {
			m.fault(pointer, "must be from %g to %g", low, high)
		}
	}
}

// span reads a range tag. A figure without one has no bounds.
func span(bounds string) (low, high float64) {
	from, to, _ := strings.Cut(bounds, ",")
	low, errLow := strconv.ParseFloat(from, 64)
	high, errHigh := strconv.ParseFloat(to, 64)
	if errLow != nil || errHigh != nil {
		return math.Inf(-1), math.Inf(1)
	}
	return low, high
}

func keys(m reflect.Value) []string {
	out := make([]string, 0, m.Len())
	for _, k := range m.MapKeys() {
		out = append(out, k.String())
	}
	slices.Sort(out)
	return out
}

// escape writes a name as a part of a JSON pointer (RFC 6901).
func escape(name string) string { return pointerEscape.Replace(name) }

var pointerEscape = strings.NewReplacer("~", "~0", "/", "~1")

// clip keeps a pointer that a sender wrote from filling the answer.
func clip(pointer string) string {
	if len(pointer) > maxPointer {
		pointer = pointer[:maxPointer] + "…"
	}
	return strings.ToValidUTF8(pointer, "")
}
