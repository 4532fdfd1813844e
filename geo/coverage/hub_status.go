package coverage

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strconv"
	"time"

	"pasaj/geo"
)

// presentStatus is what P3 compares: functioning and commercial flights.
func presentStatus(v *geo.Version) (functional, flights string) {
	return cmp.Or(v.Text("functional"), "unknown"), cmp.Or(v.Text("commercial_flights"), "unknown")
}

// statusSince is the instant since which the record gives a facility's present
// status without a gap; zero where it has no beginning.
func (s *scene) statusSince(v *geo.Version) time.Time {
	item, ok := s.world.Layer(v.Layer).Item(v.ID)
	since := v.Valid.From
	if !ok {
		return since
	}
	functional, flights := presentStatus(v)
	for k := len(item.Versions) - 1; k >= 0; k-- {
		before := item.Versions[k]
		if since.IsZero() || !before.Valid.To.Equal(since) || !approved(before) {
			continue
		}
		if f, c := presentStatus(before); f != functional || c != flights {
			break
		}
		since = before.Valid.From
	}
	return since
}

// P3. Days since the present status of each port, terminal, airport and border
// crossing began in valid time. High counts until the instant asked about; low
// and central only until the last confirmation where the evidence is not high,
// or not at least medium and fresh.
func measureStatusDays(_ context.Context, s *scene, i *Indicator) ([]Value, error) {
	maySee := s.seesProperty("facilities", "functional")
	list := slices.Concat(s.hubsOf("ports"), s.hubsOf("airports"))
	if maySee {
		list = append(list, s.hubsOf("facilities", crossingType)...)
	}
	var out []Value
	for _, t := range s.targets {
		here := hubsIn(t, list)
		for _, h := range here {
			out = append(out, s.statusDays(i, t, h))
		}
		if !maySee {
			v := s.value(i, t, "facility_type", crossingType)
			v.Status = Withheld
			out = append(out, v)
		} else if len(here) == 0 {
			out = append(out, s.notMeasured(i, t, noneHere))
		}
	}
	return out, nil
}

func (s *scene) statusDays(i *Indicator, t *target, h *hub) Value {
	functional, flights := presentStatus(h.v)
	a := s.assess(h.v)
	v := s.value(i, t, "id", h.v.ID.String(), "code", h.v.Text("code"), "name", h.v.Name().French,
		"facility_type", h.v.Text("facility_type"), "functional", functional)
	if h.v.Layer.Name == "airports" {
		v.Of["commercial_flights"] = flights
	}
	v.Of["stale"] = strconv.FormatBool(a.Stale)
	var c counted
	c.add(h.v.ID, a.Confidence, 1)
	s.trace(&v, &c)
	since := s.statusSince(h.v)
	if since.IsZero() {
		v.Status = NotMeasured
		v.Note = &geo.Text{
			French:  "Le registre ne dit pas depuis quand.",
			Haitian: "Rejis la pa di depi kilè.",
			English: "The record does not say since when.",
		}
		return v
	}
	v.Of["since"] = geo.FormatInstant(since)
	days := func(to time.Time) float64 {
		return math.Max(0, math.Floor(to.Sub(since).Hours()/24))
	}
	confirmed := since
	if at := h.v.LastConfirmedAt; at.After(since) {
		confirmed = at
		if at.After(s.at) {
			confirmed = s.at
		}
	}
	amount := Range{days(confirmed), days(confirmed), days(s.at)}
	switch s.degree(h.v) {
	case low:
		amount = Exactly(amount.High)
	case central:
		amount.Central = amount.High
	}
	v.Amount = &amount
	return v
}
