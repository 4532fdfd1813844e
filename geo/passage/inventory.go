package passage

import (
	"slices"
	"time"

	"pasaj/geo"
	"pasaj/geo/world"
)

// stock is the states of one layer that answer an instant, in the order of ids,
// with the stretch of valid time over which the same states answer.
type stock struct {
	layer    *world.Layer
	valid    geo.Period
	versions []*geo.Version
	coming   []*geo.Version // that begin to answer later
}

// answers reports whether the stock is that of a layer at an instant.
func (s *stock) answers(l *world.Layer, at time.Time) bool {
	return s.layer == l && s.valid.Contains(at)
}

// take reads the states of a layer that answer an instant and are wanted.
func take(l *world.Layer, at time.Time, wanted func(*geo.Version) bool) stock {
	out := stock{layer: l}
	after := func(t time.Time) { // something else answers from t on
		if !t.IsZero() && t.After(at) && (out.valid.To.IsZero() || t.Before(out.valid.To)) {
			out.valid.To = t
		}
	}
	before := func(t time.Time) { // something else answered until t
		if !t.IsZero() && !t.After(at) && t.After(out.valid.From) {
			out.valid.From = t
		}
	}
	l.Each(geo.Moment{}, func(latest *geo.Version) bool {
		versions := []*geo.Version{latest}
		if !latest.Valid.Contains(at) {
			if it, ok := l.Item(latest.ID); ok {
				versions = it.Versions
			}
		}
		// From the last on: what lies before the state that answers is further off.
		for _, v := range slices.Backward(versions) {
			after(v.Valid.From)
			after(v.Valid.To)
			before(v.Valid.From)
			before(v.Valid.To)
			if v.Valid.From.After(at) && wanted(v) {
				out.coming = append(out.coming, v)
			}
			if v.Valid.Contains(at) {
				if wanted(v) {
					out.versions = append(out.versions, v)
				}
				break
			}
		}
		return true
	})
	return out
}

// inventory is what the layers that a question reads hold at an instant.
type inventory struct {
	roadblocks, zones, sections stock
	facilities, police          stock
}

// read takes stock of a world, reusing of a former inventory what still
// answers.
func read(w *world.World, at time.Time, former *inventory) inventory {
	one := func(name string, before *stock, wanted func(*geo.Version) bool) stock {
		l := w.Named(name)
		if former != nil && before.answers(l, at) {
			return *before
		}
		return take(l, at, wanted)
	}
	if former == nil {
		former = &inventory{}
	}
	return inventory{
		roadblocks: one("roadblocks", &former.roadblocks, func(v *geo.Version) bool {
			return v.Geometry != nil && slices.Contains(observedStates, v.Text("state"))
		}),
		zones: one("controlled-zones", &former.zones, func(v *geo.Version) bool { return v.Geometry != nil }),
		sections: one("national-roads", &former.sections, func(v *geo.Version) bool {
			status := v.Text("status")
			return v.Geometry != nil && status != "" && status != "unknown"
		}),
		facilities: one("facilities", &former.facilities, func(v *geo.Version) bool {
			return v.Geometry != nil && v.Text("facility_type") == "hospital" && slices.Contains(openStates, v.Text("functional"))
		}),
		police: one("police-facilities", &former.police, func(v *geo.Version) bool {
			return v.Geometry != nil && slices.Contains(openStates, v.Text("functional"))
		}),
	}
}

// layersRead is how many layers an inventory is made of.
const layersRead = 5

// layersOf gives the layers of a world that an inventory is made of, in the
// order of stocks.
func layersOf(w *world.World) [layersRead]*world.Layer {
	return [...]*world.Layer{w.Named("roadblocks"), w.Named("controlled-zones"), w.Named("national-roads"), w.Named("facilities"), w.Named("police-facilities")}
}

func (i *inventory) stocks() [layersRead]*stock {
	return [...]*stock{&i.roadblocks, &i.zones, &i.sections, &i.facilities, &i.police}
}

// answers reports whether the inventory is that of layers at an instant.
func (i *inventory) answers(layers [layersRead]*world.Layer, at time.Time) bool {
	for k, s := range i.stocks() {
		if !s.answers(layers[k], at) {
			return false
		}
	}
	return true
}

// openStates are the states of functioning in which a facility takes people in.
var openStates = []string{"full", "partial"}
