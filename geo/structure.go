package geo

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Structured values: what the JSON properties hold.

var (
	emptyArray  = json.RawMessage(`[]`)
	emptyObject = json.RawMessage(`{}`)
)

// Holder is a group's hold on a zone.
type Holder struct {
	Group string `json:"group"` // armed group's identifier
	Role  string `json:"role"`  // principal, ally, tolerated, claimed
}

// Toll is one price asked at a roadblock.
type Toll struct {
	VehicleClass string  `json:"vehicle_class,omitempty"`
	Amount       float64 `json:"amount"`
	Currency     string  `json:"currency"`              // ISO 4217; gourdes are HTG
	Unit         string  `json:"unit"`                  // trip, day, week
	ObservedAt   string  `json:"observed_at,omitempty"` // RFC 3339
}

// Claim is one structured statement inside an observation.
type Claim struct {
	Kind       string          `json:"kind"` // roadblock_seen, roadblock_cleared, zone_control, facility_status, incident, passage_ok
	Collection string          `json:"collection,omitempty"`
	FeatureID  string          `json:"feature_id,omitempty"`
	Detail     json.RawMessage `json:"detail,omitempty"`
}

var claimKinds = []string{"roadblock_seen", "roadblock_cleared", "zone_control", "facility_status", "incident", "passage_ok"}

// Limits on one structured value.
const (
	maxJSONBytes = 20_000
	maxJSONDepth = 16
)

// canonicalJSON rewrites a value in the one form that the record, too, can
// hold: compact, keys sorted and named once, text in UTF-8 without NUL.
func canonicalJSON(raw json.RawMessage) (json.RawMessage, error) {
	if len(raw) > maxJSONBytes {
		return nil, Errorf(CodeTooLarge, "", "at most %d bytes", maxJSONBytes)
	}
	var value any
	if err := json.Unmarshal(raw, &value); err != nil {
		return nil, Errorf(CodeInvalid, "", "not JSON, or a number that is too large")
	}
	if err := checkJSON(value, maxJSONDepth); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(value); err != nil {
		return nil, Errorf(CodeInvalid, "", "not JSON: %w", err)
	}
	return json.RawMessage(bytes.TrimSpace(out.Bytes())), nil
}

func checkJSON(value any, depth int) error {
	if depth == 0 {
		return Errorf(CodeInvalid, "", "nested more than %d deep", maxJSONDepth)
	}
	switch x := value.(type) {
	case string:
		if strings.ContainsRune(x, 0) {
			return Errorf(CodeInvalid, "", "text must be without NUL")
		}
	case []any:
		for _, one := range x {
			if err := checkJSON(one, depth-1); err != nil {
				return err
			}
		}
	case map[string]any:
		for name, one := range x {
			if strings.ContainsRune(name, 0) {
				return Errorf(CodeInvalid, "", "text must be without NUL")
			}
			if err := checkJSON(one, depth-1); err != nil {
				return err
			}
		}
	}
	return nil
}

func strict(raw json.RawMessage, into any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("not of the form asked for: %w", err)
	}
	return nil
}

func checkHolders(raw json.RawMessage) error {
	var holders []Holder
	if err := strict(raw, &holders); err != nil {
		return err
	}
	if len(holders) > 20 {
		return fmt.Errorf("%d groups: at most 20", len(holders))
	}
	for i, h := range holders {
		if h.Group == "" || len(h.Group) > 60 {
			return fmt.Errorf("holder %d: group is the identifier of an armed group", i)
		}
		if !slices.Contains(holderRoles, h.Role) {
			return fmt.Errorf("holder %d: role %q is none of %v", i, h.Role, holderRoles)
		}
	}
	return nil
}

func checkTolls(raw json.RawMessage) error {
	var tolls []Toll
	if err := strict(raw, &tolls); err != nil {
		return err
	}
	if len(tolls) > 50 {
		return fmt.Errorf("%d tolls: at most 50", len(tolls))
	}
	for i, t := range tolls {
		switch {
		case t.Amount < 0 || t.Amount > 1e9:
			return fmt.Errorf("toll %d: amount %v is outside 0 to 1e9", i, t.Amount)
		case len(t.Currency) != 3:
			return fmt.Errorf("toll %d: currency is an ISO 4217 code such as HTG", i)
		case !slices.Contains([]string{"trip", "day", "week"}, t.Unit):
			return fmt.Errorf("toll %d: unit %q is none of trip, day, week", i, t.Unit)
		case t.VehicleClass != "" && !hasWord(VehicleClasses, t.VehicleClass):
			return fmt.Errorf("toll %d: unknown vehicle class %q", i, t.VehicleClass)
		}
		if t.ObservedAt != "" {
			if _, err := ParseInstant(t.ObservedAt); err != nil {
				return fmt.Errorf("toll %d: %w", i, err)
			}
		}
	}
	return nil
}

func checkPassability(raw json.RawMessage) error {
	var byClass map[string]string
	if err := strict(raw, &byClass); err != nil {
		return err
	}
	for class, value := range byClass {
		if !hasWord(VehicleClasses, class) {
			return fmt.Errorf("unknown vehicle class %q", class)
		}
		if !hasWord(Passabilities, value) {
			return fmt.Errorf("%s: passability %q is none of yes, pay, ask, escort, no, unknown", class, value)
		}
	}
	return nil
}

func checkClaims(raw json.RawMessage) error {
	var claims []Claim
	if err := strict(raw, &claims); err != nil {
		return err
	}
	if len(claims) > 50 {
		return fmt.Errorf("%d claims: at most 50", len(claims))
	}
	for i, c := range claims {
		if !slices.Contains(claimKinds, c.Kind) {
			return fmt.Errorf("claim %d: kind %q is none of %v", i, c.Kind, claimKinds)
		}
	}
	return nil
}

func checkObject(raw json.RawMessage) error {
	var object map[string]any
	if err := json.Unmarshal(raw, &object); err != nil || object == nil {
		return fmt.Errorf("an object is asked for")
	}
	return nil
}

func hasWord(words []Word, value string) bool {
	for _, w := range words {
		if w.Value == value {
			return true
		}
	}
	return false
}
