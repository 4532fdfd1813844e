package geo_test

import (
	"encoding/json"
	"slices"
	"testing"

	"pasaj/geo"
)

func complete(t geo.Text) bool { return t.French != "" && t.Haitian != "" && t.English != "" }

func TestCatalogueIsSound(t *testing.T) {
	names, tables := map[string]bool{}, map[string]bool{}
	for _, l := range geo.Layers() {
		if names[l.Name] || tables[l.Table] || l.Name == "" || l.Table == "" {
			t.Errorf("layer %q, table %q: named twice or not at all", l.Name, l.Table)
		}
		names[l.Name], tables[l.Table] = true, true
		if found, ok := geo.LayerByName(l.Name); !ok || found != l {
			t.Errorf("%s is not found by its name", l.Name)
		}
		if !complete(l.Title) || l.Kind == geo.Collection && !complete(l.Summary) {
			t.Errorf("%s lacks a title or summary in one of the languages", l.Name)
		}
		if (l.Audiences == 0) != (l.Kind == geo.RecordOnly) {
			t.Errorf("%s: kind %v with audiences %b", l.Name, l.Kind, l.Audiences)
		}
		// Nobody may be promised rows that the database would never give.
		for _, a := range geo.Audiences() {
			reach := geo.ReachOf(a)
			if l.Audiences.Has(a) && !slices.Contains(reach.Classes, l.Floor) {
				t.Errorf("%s may hold %s but sees nothing of class %s", a, l.Name, l.Floor)
			}
		}
		seen := map[string]bool{}
		for i := range l.Properties {
			p := &l.Properties[i]
			if seen[p.Name] {
				t.Errorf("%s has two properties %s", l.Name, p.Name)
			}
			seen[p.Name] = true
			if l.Index(p.Name) != i {
				t.Errorf("%s.%s has index %d, not %d", l.Name, p.Name, l.Index(p.Name), i)
			}
			checkProperty(t, l, p)
		}
		if l.Index("no such") != -1 {
			t.Error("an unknown property has an index")
		}
		if _, ok := l.Property("no such"); ok {
			t.Error("an unknown property is found")
		}
	}
	if _, ok := geo.LayerByName("no-such"); ok {
		t.Error("an unknown layer is found")
	}
}

func checkProperty(t *testing.T, l *geo.Layer, p *geo.Property) {
	t.Helper()
	name := l.Name + "." + p.Name
	if !complete(p.Title) {
		t.Errorf("%s lacks a title in one of the languages", name)
	}
	if p.Audiences == 0 {
		t.Errorf("%s is seen by nobody", name)
	}
	if p.Required && p.Default == nil && (p.ReadOnly || p.Computed) {
		t.Errorf("%s is required and nobody can give it", name)
	}
	switch p.Type {
	case geo.Enum:
		values := map[string]bool{}
		for _, w := range p.Words {
			if values[w.Value] || w.Value == "" || !complete(w.Label) {
				t.Errorf("%s: the word %q is doubled or lacks a label", name, w.Value)
			}
			values[w.Value] = true
		}
		if len(p.Words) == 0 {
			t.Errorf("%s has no words", name)
		}
		if p.Default != nil && !values[p.Default.(string)] {
			t.Errorf("%s: the default %v is none of its words", name, p.Default)
		}
	case geo.String, geo.TextList, geo.IDList:
		if p.MaxLength <= 0 {
			t.Errorf("%s has no limit", name)
		}
	case geo.JSON:
		if p.Check == nil {
			t.Errorf("%s is not checked", name)
		} else if p.Default != nil {
			if err := p.Check(p.Default.(json.RawMessage)); err != nil {
				t.Errorf("%s: the default does not pass: %v", name, err)
			}
		}
	case geo.Integer, geo.Number:
		if p.Max < p.Min {
			t.Errorf("%s: bounds %v to %v", name, p.Min, p.Max)
		}
		if p.Max == p.Min && !p.Computed {
			t.Errorf("%s has no bounds", name)
		}
	case geo.Boolean, geo.DateTime:
	default:
		t.Errorf("%s is of type %q", name, p.Type)
	}
	if len(p.Words) > 0 && p.Type != geo.Enum || len(p.Values) > 0 && p.Type != geo.TextList || p.Check != nil && p.Type != geo.JSON {
		t.Errorf("%s: its rules belong to another type", name)
	}
}

// What protects people is asserted by name, so that a slip in the catalogue
// does not pass as a change of style.
func TestCatalogueKeepsSecrets(t *testing.T) {
	for layer, audiences := range map[string][]geo.Audience{
		"controlled-zones":  {geo.Humanitarian, geo.Security, geo.Operations},
		"roadblocks":        {geo.Humanitarian, geo.Security, geo.Operations},
		"incidents":         {geo.Humanitarian, geo.Security, geo.Operations},
		"police-facilities": {geo.Humanitarian, geo.Security, geo.Operations},
		"ports":             geo.Audiences(),
		"national-roads":    geo.Audiences(),
		"sources":           nil,
		"observations":      nil,
	} {
		l, _ := geo.LayerByName(layer)
		for _, a := range geo.Audiences() {
			if got, want := l.Audiences.Has(a), slices.Contains(audiences, a); got != want {
				t.Errorf("%s in the world of %s: %v", layer, a, got)
			}
		}
	}
	for _, l := range geo.Layers() {
		for _, secret := range []string{"source_ids", "observation_ids", "author", "reviewer", "revision_reason"} {
			p, ok := l.Property(secret)
			if !ok || p.Audiences.Has(geo.Public) || p.Audiences.Has(geo.Operations) {
				t.Errorf("%s.%s is missing or may be seen by public or ops", l.Name, secret)
			}
		}
		for _, p := range l.Visible(geo.Public) {
			if p.Name == "handling" {
				t.Errorf("%s shows handling notes to the public", l.Name)
			}
		}
	}
	police, _ := geo.LayerByName("police-facilities")
	for _, status := range []string{"functional", "condition", "occupied_by", "staffed"} {
		if p, _ := police.Property(status); p.Audiences.Has(geo.Humanitarian) || p.Audiences.Has(geo.Public) {
			t.Errorf("police %s is seen too widely", status)
		}
	}
	roads, _ := geo.LayerByName("national-roads")
	if p, _ := roads.Property("status"); p.Audiences.Has(geo.Public) {
		t.Error("the public sees road status")
	}
}

func TestCollections(t *testing.T) {
	var names []string
	for _, l := range geo.Collections() {
		names = append(names, l.Name)
	}
	want := []string{
		"admin-areas", "controlled-zones", "national-roads", "places", "ports", "airports", "facilities",
		"police-facilities", "incidents", "roadblocks",
	}
	if !slices.Equal(names, want) {
		t.Errorf("collections %v, want %v", names, want)
	}
}

func TestControlPrecedenceNamesEveryType(t *testing.T) {
	var types []string
	for _, w := range geo.ControlTypes {
		types = append(types, w.Value)
	}
	precedence := slices.Clone(geo.ControlPrecedence)
	slices.Sort(types)
	slices.Sort(precedence)
	if !slices.Equal(types, precedence) {
		t.Errorf("types %v, precedence %v", types, precedence)
	}
	order := geo.ControlPrecedence
	if slices.Index(order, "unknown") > slices.Index(order, "state_held") {
		t.Error("unknown must win over state_held")
	}
}

func TestReach(t *testing.T) {
	tests := []struct {
		a     geo.Audience
		c     geo.Compartment
		class geo.Class
		want  bool
	}{
		{geo.Public, geo.CompartmentPublic, geo.ClassLow, true},
		{geo.Public, geo.CompartmentPublic, geo.ClassModerate, false},
		{geo.Public, geo.CompartmentHumanitarian, geo.ClassLow, false},
		{geo.Humanitarian, geo.CompartmentHumanitarian, geo.ClassHigh, true},
		{geo.Humanitarian, geo.CompartmentHumanitarian, geo.ClassSevere, false},
		{geo.Humanitarian, geo.CompartmentSecurity, geo.ClassHigh, true},
		{geo.Humanitarian, geo.CompartmentOperations, geo.ClassLow, false},
		{geo.Security, geo.CompartmentHumanitarian, geo.ClassSevere, true},
		{geo.Security, geo.CompartmentOperations, geo.ClassLow, false},
		{geo.Operations, geo.CompartmentHumanitarian, geo.ClassLow, false},
		{geo.Operations, geo.CompartmentSecurity, geo.ClassSevere, true},
		{geo.Audience(9), geo.CompartmentSecurity, geo.ClassLow, false},
	}
	for _, test := range tests {
		if got := geo.ReachOf(test.a).Sees(test.c, test.class); got != test.want {
			t.Errorf("%s sees %s/%s: %v", test.a, test.c, test.class, got)
		}
	}
}

func TestParseAudience(t *testing.T) {
	for _, a := range geo.Audiences() {
		if got, err := geo.ParseAudience(a.String()); err != nil || got != a {
			t.Errorf("%s: %v %v", a, got, err)
		}
	}
	for _, bad := range []string{"", "Public", "secret", "hum ", "audience(0)"} {
		if _, err := geo.ParseAudience(bad); geo.CodeOf(err) != geo.CodeInvalid {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
