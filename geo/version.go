package geo

import (
	"encoding/json"
	"time"

	"github.com/google/uuid"
	"github.com/paulmach/orb"
)

// Version is what one audience knows of one feature over one stretch of valid
// time, from one revision on. It is immutable once NewVersion has returned.
type Version struct {
	Layer    *Layer
	ID       uuid.UUID
	Known    Revision  // the revision that made it known
	KnownTo  Revision  // the revision that superseded it; 0 while it stands
	KnownAt  time.Time // when Known was committed
	Valid    Period
	Geometry orb.Geometry // nil without geometry, or where it may not be seen
	Values   []any        // in the order of Layer.Properties; nil is null or redacted

	Confidence      float64
	LastConfirmedAt time.Time
	Bound           orb.Bound // of Geometry; empty without
	Holders         []Holder  // controlled zones only

	feature []byte // GeoJSON, made once
}

// NewVersion completes a version: the cached values are read from Values and
// the GeoJSON is written. The model gives stale_at, the label and the half-life.
func NewVersion(v Version, m *Model) *Version {
	if c, ok := v.value("confidence").(float64); ok {
		v.Confidence = c
	}
	if t, ok := v.value("last_confirmed_at").(time.Time); ok {
		v.LastConfirmedAt = t
	}
	if v.Geometry != nil {
		v.Bound = v.Geometry.Bound()
	}
	if raw, ok := v.value("holders").(json.RawMessage); ok {
		// The record checked it at the door; what does not parse holds nobody.
		_ = json.Unmarshal(raw, &v.Holders)
	}
	v.feature = appendFeature(nil, &v, m)
	return &v
}

// FeatureJSON is the version as a GeoJSON Feature. The bytes are shared: do not
// change them.
func (v *Version) FeatureJSON() []byte { return v.feature }

func (v *Version) value(name string) any {
	if i := v.Layer.Index(name); i >= 0 && i < len(v.Values) {
		return v.Values[i]
	}
	return nil
}

// Value gives a stored property, nil for null, redacted or unknown names.
func (v *Version) Value(name string) any { return v.value(name) }

// Text gives a string property, "" for null.
func (v *Version) Text(name string) string {
	s, _ := v.value(name).(string)
	return s
}

// Number gives a numeric property and whether it is there.
func (v *Version) Number(name string) (float64, bool) {
	switch n := v.value(name).(type) {
	case float64:
		return n, true
	case int64:
		return float64(n), true
	}
	return 0, false
}

// Texts gives a list property.
func (v *Version) Texts(name string) []string {
	s, _ := v.value(name).([]string)
	return s
}

// Name gives the feature's name in the three languages, each falling back on
// the others and finally on the code.
func (v *Version) Name() Text {
	fr, ht, en := v.Text("name_fr"), v.Text("name_ht"), v.Text("name_en")
	any := first(fr, en, ht, v.Text("code"))
	return Text{French: first(fr, any), Haitian: first(ht, any), English: first(en, any)}
}

func first(candidates ...string) string {
	for _, c := range candidates {
		if c != "" {
			return c
		}
	}
	return ""
}

// PrecisionM is the radius in metres inside which the true place should lie:
// the stated one, else that of the precision class.
func (v *Version) PrecisionM() float64 {
	if m, ok := v.Number("precision_m"); ok {
		return m
	}
	if class, ok := v.Number("geo_precision"); ok {
		switch int(class) {
		case 1:
			return 50
		case 2:
			return 500
		case 3:
			return 2000
		case 4:
			return 10000
		case 5:
			return 50000
		}
	}
	return 0
}
