package geo

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/paulmach/orb"
)

// Limits on what one feature may carry.
const (
	MaxFeatureBytes = 8 << 20 // one GeoJSON feature
	MaxVertices     = 100_000 // one geometry
)

// Draft is a feature as somebody sends it: not yet a version. Given says which
// values were named; the rest are nil and mean "leave as it is".
type Draft struct {
	ID       uuid.UUID // zero when the sender names none
	Geometry orb.Geometry
	HasGeom  bool // a geometry member was there
	Values   []any
	Given    []bool
	From, To time.Time
	HasFrom  bool // valid_from was named and not null
	HasTo    bool // valid_to was named (null means open)
}

// Get gives a value of the draft by property name.
func (d *Draft) Get(l *Layer, name string) any {
	if i := l.Index(name); i >= 0 {
		return d.Values[i]
	}
	return nil
}

// Set sets a value by property name; unknown names are ignored.
func (d *Draft) Set(l *Layer, name string, value any) {
	if i := l.Index(name); i >= 0 {
		d.Values[i], d.Given[i] = value, true
	}
}

// NewDraft is an empty draft of a layer.
func NewDraft(l *Layer) *Draft {
	return &Draft{Values: make([]any, len(l.Properties)), Given: make([]bool, len(l.Properties))}
}

// DecodeFeature reads a GeoJSON Feature for creation or replacement. Missing
// and null properties take the layer's defaults; read-only and computed ones
// are ignored; unknown ones are errors. The audience decides which properties
// may be named. All faults are returned together as Errors.
func DecodeFeature(l *Layer, a Audience, raw []byte) (*Draft, error) {
	d, errs := decode(l, a, raw, false)
	if len(errs) > 0 {
		return nil, errs
	}
	if l.Geometry != NoGeometry && l.Geometry != AnyGeometry && d.Geometry == nil { // an observation may name no place
		errs = append(errs, Errorf(CodeInvalid, "/geometry", "a geometry is needed"))
	}
	for i := range l.Properties {
		p := &l.Properties[i]
		if d.Values[i] == nil && p.Default != nil {
			d.Values[i] = p.Default
		}
		if p.Name == "sensitivity" && d.Values[i] == nil {
			d.Values[i] = string(l.Floor)
		}
		if p.Required && !p.Computed && d.Values[i] == nil && p.Audiences.Has(a) {
			errs = append(errs, Errorf(CodeInvalid, "/properties/"+p.Name, "%s is needed", p.Name))
		}
	}
	errs = append(errs, d.checkFloor(l)...)
	return d, errs.OrNil()
}

// DecodePatch reads an RFC 7396 merge patch of a Feature: what is named
// changes, null clears, the rest stays.
func DecodePatch(l *Layer, a Audience, raw []byte) (*Draft, error) {
	d, errs := decode(l, a, raw, true)
	if len(errs) > 0 {
		return nil, errs
	}
	for i := range l.Properties {
		p := &l.Properties[i]
		if d.Given[i] && d.Values[i] == nil && p.Required {
			if p.Default == nil {
				errs = append(errs, Errorf(CodeInvalid, "/properties/"+p.Name, "%s cannot be cleared", p.Name))
			}
			d.Values[i] = p.Default
		}
	}
	errs = append(errs, d.checkFloor(l)...)
	return d, errs.OrNil()
}

type featureInput struct {
	Type       string                     `json:"type"`
	ID         json.RawMessage            `json:"id"`
	Geometry   json.RawMessage            `json:"geometry"`
	Properties map[string]json.RawMessage `json:"properties"`
}

func decode(l *Layer, a Audience, raw []byte, patch bool) (*Draft, Errors) {
	if len(raw) > MaxFeatureBytes {
		return nil, Errors{Errorf(CodeTooLarge, "", "a feature may have at most %d bytes", MaxFeatureBytes)}
	}
	var in featureInput
	dec := json.NewDecoder(bytes.NewReader(raw))
	if err := dec.Decode(&in); err != nil {
		return nil, Errors{Errorf(CodeInvalid, "", "not a JSON object: %s", jsonFault(err))}
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, Errors{Errorf(CodeInvalid, "", "there is something after the feature")}
	}
	var errs Errors
	if in.Type != "Feature" && (!patch || in.Type != "") {
		errs = append(errs, Errorf(CodeInvalid, "/type", `type must be "Feature"`))
	}
	d := NewDraft(l)
	if id := strings.Trim(string(in.ID), `"`); id != "" && id != "null" {
		if parsed, err := uuid.Parse(id); err == nil {
			d.ID = parsed
		}
	}
	switch {
	case len(in.Geometry) == 0:
	case string(in.Geometry) != "null":
		g, err := DecodeGeometry(l.Geometry, in.Geometry)
		if err != nil {
			errs = append(errs, err)
		}
		d.Geometry, d.HasGeom = g, true
	case patch && l.Geometry != NoGeometry && l.Geometry != AnyGeometry:
		errs = append(errs, Errorf(CodeInvalid, "/geometry", "the geometry cannot be cleared"))
	}
	names := make([]string, 0, len(in.Properties))
	for name := range in.Properties {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		pointer := "/properties/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
		i := l.Index(name)
		if i < 0 {
			errs = append(errs, Errorf(CodeInvalid, pointer, "%s has no property %q", l.Name, truncate(name, 60)))
			continue
		}
		p := &l.Properties[i]
		value, err := decodeValue(p, in.Properties[name])
		if err != nil {
			errs = append(errs, Errorf(CodeInvalid, pointer, "%s", err.Error()))
			continue
		}
		if p.Computed {
			d.setValid(name, value)
			continue
		}
		if p.ReadOnly {
			continue
		}
		if !p.Audiences.Has(a) {
			if value != nil {
				errs = append(errs, Errorf(CodeForbidden, pointer, "%s is not yours to set", name))
			}
			continue
		}
		if value == nil && !patch {
			continue
		}
		d.Values[i], d.Given[i] = value, true
	}
	if d.HasFrom && !d.To.IsZero() && !d.From.Before(d.To) {
		errs = append(errs, Errorf(CodeInvalid, "/properties/valid_to", "valid_to must be after valid_from"))
	}
	return d, errs
}

func (d *Draft) setValid(name string, value any) {
	t, _ := value.(time.Time)
	switch name {
	case "valid_from":
		d.From, d.HasFrom = t, !t.IsZero()
	case "valid_to":
		d.To, d.HasTo = t, true
	}
}

// checkFloor refuses a sensitivity below the least that the layer allows.
func (d *Draft) checkFloor(l *Layer) Errors {
	class, ok := d.Get(l, "sensitivity").(string)
	if !ok || !Class(class).below(l.Floor) {
		return nil
	}
	return Errors{Errorf(CodeInvalid, "/properties/sensitivity", "%s are at least of sensitivity %s", l.Name, l.Floor)}
}

func jsonFault(err error) string {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return "syntax error at byte " + strconv.FormatInt(syntax.Offset, 10)
	case errors.As(err, &kind):
		if kind.Field == "" {
			return "a JSON " + kind.Value
		}
		return "member " + kind.Field + " is of type " + kind.Value
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "it ends too early"
	default:
		return "it cannot be read"
	}
}

func decodeValue(p *Property, raw json.RawMessage) (any, error) {
	raw = bytes.TrimSpace(raw)
	if string(raw) == "null" {
		return nil, nil
	}
	switch p.Type {
	case String, Enum:
		var s string
		if err := json.Unmarshal(raw, &s); err != nil {
			return nil, Errorf(CodeInvalid, "", "a string is asked for")
		}
		return checkString(p, s)
	case Integer, Number:
		var n float64
		if err := json.Unmarshal(raw, &n); err != nil {
			return nil, Errorf(CodeInvalid, "", "a number is asked for")
		}
		return checkNumber(p, n)
	case Boolean:
		var b bool
		if err := json.Unmarshal(raw, &b); err != nil {
			return nil, Errorf(CodeInvalid, "", "true or false is asked for")
		}
		return b, nil
	case DateTime:
		var s string
		if err := json.Unmarshal(raw, &s); err != nil {
			return nil, Errorf(CodeInvalid, "", "an RFC 3339 date-time is asked for")
		}
		return parseProperty(s)
	case TextList, IDList:
		var list []string
		if err := json.Unmarshal(raw, &list); err != nil {
			return nil, Errorf(CodeInvalid, "", "a list of strings is asked for")
		}
		return checkList(p, list)
	case JSON:
		value, err := canonicalJSON(raw)
		if err != nil {
			return nil, err
		}
		if p.Check != nil {
			if err := p.Check(value); err != nil {
				return nil, err
			}
		}
		return value, nil
	}
	return nil, Errorf(CodeInvalid, "", "a value that cannot be written")
}

// parseProperty reads a date of a feature: an instant, or the zoneless form
// that QGIS sends on a whole-feature replacement, which is read as UTC.
func parseProperty(s string) (any, error) {
	t, err := ParseInstant(s)
	if err != nil {
		zoneless, zerr := time.Parse("2006-01-02T15:04:05.999999999", s)
		if zerr != nil {
			return nil, err
		}
		t = zoneless.UTC().Truncate(time.Microsecond)
	}
	if t.Before(EarliestValid) || t.After(LatestValid) {
		return nil, Errorf(CodeInvalid, "", "%s lies outside %d to %d", FormatInstant(t), EarliestValid.Year(), LatestValid.Year())
	}
	return t, nil
}

func checkString(p *Property, s string) (any, error) {
	if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
		return nil, Errorf(CodeInvalid, "", "text must be UTF-8 without NUL")
	}
	if p.Type == Enum {
		if !hasWord(p.Words, s) {
			allowed := make([]string, len(p.Words))
			for i, w := range p.Words {
				allowed[i] = w.Value
			}
			return nil, Errorf(CodeInvalid, "", "%q is none of %s", truncate(s, 40), strings.Join(allowed, ", "))
		}
		return s, nil
	}
	if p.MaxLength > 0 && len(s) > p.MaxLength {
		return nil, Errorf(CodeInvalid, "", "at most %d bytes, not %d", p.MaxLength, len(s))
	}
	return s, nil
}

func checkNumber(p *Property, n float64) (any, error) {
	if math.IsNaN(n) || math.IsInf(n, 0) {
		return nil, Errorf(CodeInvalid, "", "a finite number is asked for")
	}
	if p.Max > p.Min && (n < p.Min || n > p.Max) {
		return nil, Errorf(CodeInvalid, "", "%v lies outside %v to %v", n, p.Min, p.Max)
	}
	if p.Type == Integer {
		if n != math.Trunc(n) || math.Abs(n) > 1<<53 {
			return nil, Errorf(CodeInvalid, "", "a whole number is asked for")
		}
		return int64(n), nil
	}
	return n, nil
}

func checkList(p *Property, list []string) (any, error) {
	if p.MaxLength > 0 && len(list) > p.MaxLength {
		return nil, Errorf(CodeInvalid, "", "at most %d entries, not %d", p.MaxLength, len(list))
	}
	for i, s := range list {
		switch {
		case !utf8.ValidString(s) || strings.ContainsRune(s, 0) || len(s) > 1000:
			return nil, Errorf(CodeInvalid, "", "each entry is text of at most 1000 bytes")
		case p.Type == IDList:
			id, err := uuid.Parse(s)
			if err != nil {
				return nil, Errorf(CodeInvalid, "", "%q is not a UUID", truncate(s, 40))
			}
			list[i] = id.String()
		case p.Values != nil && !slices.Contains(p.Values, s):
			return nil, Errorf(CodeInvalid, "", "%q is none of %s", truncate(s, 40), strings.Join(p.Values, ", "))
		}
	}
	return list, nil
}
