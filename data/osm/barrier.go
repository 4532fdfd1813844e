package osm

// barriers says which classes each kind of barrier keeps out, before its access
// tags. A gate, a chain or a barrier of a kind not listed keeps nobody out by
// itself: whether it is shut is not known from the map, and the name on the
// edge says that it is there.
var barriers = map[string]vehicle{
	"bollard": everyone &^ (foot | moto), "block": everyone &^ (foot | moto), "jersey_barrier": everyone &^ (foot | moto),
	"planter": everyone &^ (foot | moto), "log": everyone &^ (foot | moto), "debris": everyone &^ (foot | moto),
	"bus_trap": everyone &^ (foot | moto), "tank_trap": everyone &^ (foot | moto),

	"cycle_barrier": everyone &^ foot, "motorcycle_barrier": everyone &^ foot, "stile": everyone &^ foot,
	"horse_stile": everyone &^ foot, "kissing_gate": everyone &^ foot, "turnstile": everyone &^ foot,
	"full-height_turnstile": everyone &^ foot, "wicket_gate": everyone &^ foot,

	"wall": everyone &^ foot, "fence": everyone &^ foot, "hedge": everyone &^ foot, "ditch": everyone &^ foot,
	"city_wall": everyone &^ foot, "retaining_wall": everyone &^ foot, "guard_rail": everyone &^ foot,
}

// noBarriers are values that stop nobody and are not kept.
var noBarriers = map[string]bool{"no": true, "kerb": true, "entrance": true}

// barrier is one that stands at a node.
type barrier struct {
	kind    string
	refuse  vehicle
	loadT   float64
	heightM float64
}

func barrierKind(t tags) string {
	if kind := t.get("barrier"); !noBarriers[kind] {
		return kind
	}
	return ""
}

// barrierOf reads the barrier at a node; not ok when there is none.
func barrierOf(t tags) (b barrier, ok bool) {
	kind := barrierKind(t)
	if kind == "" {
		return b, false
	}
	refuse := barriers[kind]
	if t.get("locked") == "yes" {
		refuse = everyone
	}
	return barrier{
		kind: cut(kind, maxWord), refuse: accessOf(t, refuse, false), loadT: loadOf(t), heightM: heightOf(t),
	}, true
}

// stricter is the lower of two limits, of which 0 is none.
func stricter(a, b float64) float64 {
	if a == 0 || b > 0 && b < a {
		return b
	}
	return a
}
