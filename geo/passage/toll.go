package passage

import (
	"time"

	"pasaj/geo"
)

// price is what a class pays for one trip at a roadblock, in gourdes.
type price struct {
	latest, low, high float64
}

// toll is what a class pays, and whether that is known. A price for the class
// goes before one for no class in particular; of several the latest observed is
// the price, the others make the range.
func (o *obstacle) toll(vehicle string) (p price, ok bool) {
	var best *geo.Toll
	for i := range o.tolls {
		t := &o.tolls[i]
		if t.Unit != "trip" || t.Currency != "HTG" || t.VehicleClass != vehicle && t.VehicleClass != "" {
			continue
		}
		switch {
		case best == nil || t.VehicleClass != "" && best.VehicleClass == "":
			best, p = t, price{t.Amount, t.Amount, t.Amount}
		case t.VehicleClass != best.VehicleClass:
		default:
			p.low, p.high = min(p.low, t.Amount), max(p.high, t.Amount)
			if observed(t).After(observed(best)) {
				best, p.latest = t, t.Amount
			}
		}
	}
	return p, best != nil
}

func observed(t *geo.Toll) time.Time {
	at, err := geo.ParseInstant(t.ObservedAt)
	if err != nil { // not dated: the oldest
		return time.Time{}
	}
	return at
}

// tolls adds up what is paid on the way.
func (q *question) tolls(encounters []*encounter) Tolls {
	out := Tolls{Classes: []ClassToll{}}
	priced := false
	for _, x := range encounters {
		if x.verdict.passability == "pay" {
			out.Count++
			priced = priced || len(x.obstacle.tolls) > 0
		}
	}
	if !priced {
		return out
	}
	for _, class := range geo.VehicleClasses {
		sum := ClassToll{Vehicle: class.Value}
		for _, x := range encounters {
			if x.verdict.passability != "pay" {
				continue
			}
			if p, ok := x.obstacle.toll(class.Value); ok {
				sum.Known++
				sum.TotalHTG += p.latest
				sum.LowHTG += p.low
				sum.HighHTG += p.high
			}
		}
		if sum.Known == 0 {
			continue
		}
		out.Classes = append(out.Classes, sum)
		if class.Value == q.request.Vehicle {
			total, low, high := sum.TotalHTG, sum.LowHTG, sum.HighHTG
			out.TotalHTG, out.LowHTG, out.HighHTG = &total, &low, &high
		}
	}
	return out
}

// nextOpening is the first roadblock that is shut on arrival and opens within a
// day, nil where there is none or another one cannot be passed at all.
func (q *question) nextOpening(encounters []*encounter) *NextOpening {
	var out *NextOpening
	for _, x := range encounters {
		one := &NextOpening{ID: x.obstacle.id(), Km: km(x.nearestM)}
		switch {
		case x.wait > 0:
			one.At, one.WaitS, one.Waited = x.eta.Add(x.wait).UTC(), x.wait.Seconds(), true
		case x.verdict.passability != "no":
			continue
		default:
			opens, ok := q.opening(x.obstacle, x.eta)
			if !ok {
				return nil
			}
			one.At, one.WaitS = opens.UTC(), opens.Sub(x.eta).Seconds()
		}
		if out == nil {
			out = one
		}
	}
	return out
}
