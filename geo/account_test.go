package geo

import "testing"

func TestRoles(t *testing.T) {
	for _, name := range []string{"reader", "editor", "administrator"} {
		if r, err := ParseRole(name); err != nil || string(r) != name {
			t.Errorf("%s: %v, %v", name, r, err)
		}
	}
	for _, name := range []string{"", "Reader", "root"} {
		if _, err := ParseRole(name); CodeOf(err) != CodeInvalid {
			t.Errorf("%q was taken: %v", name, err)
		}
	}
	if Reader.AtLeast(Editor) || !Administrator.AtLeast(Editor) || !Editor.AtLeast(Editor) || Role("root").AtLeast(Reader) || Role("").AtLeast(Role("")) {
		t.Error("the order of roles is wrong")
	}
}

func TestPrincipal(t *testing.T) {
	named := func(role Role, a Audience, layers ...string) Principal {
		return Principal{Account: Account{Name: "x", Role: role, Audience: a}, Layers: layers}
	}
	disabled := named(Administrator, Security)
	disabled.Disabled = true
	tests := map[string]struct {
		who                     Principal
		layer                   string
		read, write, administer bool
	}{
		"the public reads places":         {Principal{}, "places", true, false, false},
		"the public reads no zones":       {Principal{}, "controlled-zones", false, false, false},
		"a reader reads":                  {named(Reader, Humanitarian), "controlled-zones", true, false, false},
		"an editor writes":                {named(Editor, Humanitarian), "controlled-zones", true, true, false},
		"an editor of the public":         {named(Editor, Public), "controlled-zones", false, false, false},
		"an administrator":                {named(Administrator, Security), "roadblocks", true, true, true},
		"a disabled account":              {disabled, "places", false, false, false},
		"a token in its scope":            {named(Editor, Humanitarian, "ports"), "ports", true, true, false},
		"a token out of its scope":        {named(Editor, Humanitarian, "ports"), "places", false, false, false},
		"a narrowed administrator":        {named(Administrator, Humanitarian, "ports"), "ports", true, true, false},
		"raw reports are for editors":     {named(Editor, Humanitarian), "observations", true, true, false},
		"raw reports are not for readers": {named(Reader, Security), "observations", false, false, false},
	}
	for name, test := range tests {
		l, _ := LayerByName(test.layer)
		if read, write, administer := test.who.MayRead(l), test.who.MayWrite(l), test.who.MayAdminister(); read != test.read || write != test.write || administer != test.administer {
			t.Errorf("%s: read %v, write %v, administer %v", name, read, write, administer)
		}
	}
	if !(Principal{}).Anonymous() || named(Reader, Public).Anonymous() {
		t.Error("who is anonymous is wrong")
	}
	if a := named(Editor, Security).Author(); a.Name != "x" || a.Audience != Security {
		t.Errorf("author %+v", a)
	}
}
