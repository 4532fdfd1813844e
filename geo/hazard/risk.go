package hazard

import (
	"math"
	"sync"
	"time"

	"pasaj/geo"
)

// mostLikely is the greatest chance of an incident that a roadblock can have:
// its risk stays finite, for what cannot be passed is a matter of closure and
// not of risk.
const mostLikely = .95

// ZonePerKm is the risk of each kilometre inside a zone, s · c(t) · k. The hour
// of at, in the local time of Haiti, says whether it is night. A version that is
// no controlled zone has none.
func (p *Policy) ZonePerKm(v *geo.Version, vehicle, profile, roadClass string, at time.Time) float64 {
	if v == nil || v.Layer == nil || v.Layer.Name != "controlled-zones" {
		return 0
	}
	severity := named(p.Zones, v.Text("control_type"))
	if severity == 0 {
		return 0
	}
	return severity * p.Credibility(v, at) * p.share(vehicle, profile, roadClass, at)
}

// RoadblockRisk is the risk of coming to a roadblock once, −ln(1 − c·q), where q
// is the chance of an incident by kind and holder, times k, at most 0.95. One
// that is archived or was found to be false has none; a cleared one keeps what
// its credibility leaves. Whether it can be passed at all is not asked here, and
// that it stretches along the road counts no more than once.
func (p *Policy) RoadblockRisk(v *geo.Version, vehicle, profile string, at time.Time) float64 {
	if v == nil || v.Layer == nil || v.Layer.Name != "roadblocks" || void(v) {
		return 0
	}
	q := named(p.Roadblocks.Subtypes, v.Text("subtype")) * named(p.Roadblocks.Actors, v.Text("actor_type"))
	q = min(q*p.share(vehicle, profile, "", at), mostLikely)
	return -math.Log1p(-p.Credibility(v, at) * q)
}

// UnknownPerKm is the risk of each kilometre of ground on which nothing is news
// (News), u · k. The controls are the control types of all zones that lie there,
// whatever their age; u is the least of theirs, that of unassessed ground
// without any. What is known of the ground can so only lower what is unknown,
// and the hazard that a zone reports counts by ZonePerKm.
func (p *Policy) UnknownPerKm(vehicle, profile, roadClass string, at time.Time, controls ...string) float64 {
	u := p.Unknown[Unassessed]
	for _, control := range controls {
		if less, ok := p.Unknown[control]; ok {
			u = min(u, less)
		}
	}
	return u * p.share(vehicle, profile, roadClass, at)
}

// share is k: how much more this vehicle, profile, road class and hour risk than
// a car of a light mission on a national road by day.
func (p *Policy) share(vehicle, profile, roadClass string, at time.Time) float64 {
	k := 1.0
	if v, ok := p.Vehicles[vehicle]; ok {
		k *= v.RiskShare
	}
	if f, ok := p.Profiles[profile]; ok {
		k *= f.RiskShare
	}
	if r, ok := p.Roads.RiskShare[roadClass]; ok {
		k *= r
	}
	if p.Night.Contains(at) {
		k *= p.Night.Share
	}
	return k
}

// named is a figure by its name; a name without one counts as the greatest.
func named(figures map[string]float64, name string) float64 {
	if f, ok := figures[name]; ok {
		return f
	}
	most := 0.0
	for _, f := range figures {
		most = max(most, f)
	}
	return most
}

// Contains reports whether an instant lies in the night, by the local time of
// Haiti.
func (n Night) Contains(at time.Time) bool {
	local := at.In(localZone())
	hour := float64(local.Hour()) + float64(local.Minute())/60 + float64(local.Second())/3600
	if n.FromH <= n.ToH {
		return n.FromH <= hour && hour < n.ToH
	}
	return hour >= n.FromH || hour < n.ToH
}

// localZone is the time of Haiti. Without a time-zone database, which the
// program embeds, it is its standard time all year.
var localZone = sync.OnceValue(func() *time.Location {
	if zone, err := time.LoadLocation("America/Port-au-Prince"); err == nil {
		return zone
	}
	return time.FixedZone("EST", -5*3600)
})

// UncalibratedIndex is exp(−risk), in [0, 1]. Were the model right and the
// hazards independent it would be the chance of no incident; it has not been
// checked against incidents and is only to be shown under this name.
func UncalibratedIndex(risk float64) float64 { return math.Exp(-max(0, risk)) }

// The bands, from the least guarded; the order is that of Band.
const (
	Low     = "low"
	Guarded = "guarded"
	High    = "high"
	Severe  = "severe"
	Unknown = "unknown"
)

// BandWords are the bands with their names. Low is low risk by what is
// reported: no band says that a way is without danger.
var BandWords = []geo.Word{
	{Value: Low, Label: geo.Text{French: "faible d’après les rapports", Haitian: "fèb dapre rapò yo", English: "low by what is reported"}},
	{Value: Guarded, Label: geo.Text{French: "modéré", Haitian: "modere", English: "guarded"}},
	{Value: High, Label: geo.Text{French: "élevé", Haitian: "wo", English: "high"}},
	{Value: Severe, Label: geo.Text{French: "grave", Haitian: "grav", English: "severe"}},
	{Value: Unknown, Label: geo.Text{French: "inconnu", Haitian: "pa konnen", English: "unknown"}},
}

// Band gives the word for the risk of a way: unknown where the unknown part
// alone reaches Bands.Unknown, else the more guarded of the words for known and
// unknown risk together and for the worst leg, the greatest known and unknown
// risk of one leg. It never falls when an argument grows. What is no number is
// unknown.
func (p *Policy) Band(known, unknown, worstLeg float64) string {
	if math.IsNaN(known) || math.IsNaN(unknown) || math.IsNaN(worstLeg) || unknown >= p.Bands.Unknown {
		return Unknown
	}
	return BandWords[max(p.Bands.Total.rank(known+unknown), p.Bands.Leg.rank(worstLeg))].Value
}

// rank is how many of the steps a risk reaches.
func (s Steps) rank(risk float64) int {
	reached := 0
	for _, step := range []float64{s.Guarded, s.High, s.Severe} {
		if risk >= step {
			reached++
		}
	}
	return reached
}
