package hazard

import (
	"maps"
	"strconv"

	"pasaj/geo"
)

// Default is the policy of this build, a new copy on each call. Half-lives and
// grades are those of geo.DefaultModel. All other figures are Pasaj's own
// estimates for Haitian roads: they order ways and give times of arrival, and
// are neither measured nor fitted.
func Default() *Policy {
	grades := map[string]float64{}
	for i, weight := range geo.DefaultModel.Credibility {
		if i > 0 {
			grades[strconv.Itoa(i)] = weight
		}
	}
	return &Policy{
		Version:  "pasaj-risk-1",
		Vehicles: defaultVehicles(),
		Profiles: defaultProfiles(),
		Roads:    defaultRoads(),
		Claims:   defaultClaims(),
		Grades: Grades{
			Reliability: maps.Clone(geo.DefaultModel.Reliability), Credibility: grades,
			// With these a single fresh report against a prior of .05 is worth about
			// what geo.Model.Confidence says of it: A1 .92, B2 .76, C3 .40, F6 .19.
			Weight: 6, SameFamily: .2, Disputed: .5, NewsHalfLives: 2,
		},
		Zones: map[string]float64{
			"contested": .06, "controlled": .02, "influenced": .008, "depopulated": .008, "unknown": .008,
			"recovered": .004, "self_defence": .002, "state_held": 0,
		},
		Unknown: map[string]float64{
			Unassessed: .004, "unknown": .004, "controlled": .004, "contested": .004, "influenced": .004,
			"depopulated": .004, "recovered": .003, "self_defence": .003, "state_held": .002,
		},
		Roadblocks: Roadblocks{
			Subtypes: map[string]float64{
				"ambush_stretch": .15, "mine_uxo": .3, "barricade_manned": .06, "burning_barricade": .06, "protest_block": .05,
				"barricade_unmanned": .03, "fixed_barrier": .03, "trench_ditch": .03, "toll_post": .03, "community_gate": .02,
				"police_checkpoint": .02, "police_closure": .02, "debris_waste": .01, "flood": .02, "landslide": .02,
				"bridge_out": .02, "road_damage": .01, "other": .04,
			},
			Actors: map[string]float64{
				"gang": 1, "unknown": 1, "protesters": .6, "self_defence": .5, "none": .5, "community": .3,
				"local_authority": .2, "police": .2, "army": .2, "gsf_mss": .2,
			},
		},
		// The hours of the curfew that the government declared in March 2024.
		Night: Night{FromH: 19, ToH: 5, Share: 1.5},
		Bands: Bands{
			Total:   Steps{Guarded: .02, High: .1, Severe: .3},
			Leg:     Steps{Guarded: .01, High: .05, Severe: .15},
			Unknown: .1, // 25 km of unassessed ground without news, for a car by day
		},
		Forced: Forced{ObstacleS: 6 * 3600, SectionSPerM: 3.6},
		// From ten minutes to seventy days for one unit of risk, each about 2.8
		// times the one before.
		LambdaDs: []uint32{6_000, 17_000, 47_000, 130_000, 360_000, 1_000_000, 2_800_000, 7_700_000, 21_000_000, 60_000_000},
	}
}

func defaultVehicles() map[string]Vehicle {
	return map[string]Vehicle{
		"foot":          {OwnKmh: 4.5, GrossT: .1, HeightM: 2, RiskShare: 1},
		"moto":          {PaceShare: 1.1, GrossT: .4, HeightM: 2, RiskShare: 1},
		"car":           {PaceShare: 1, GrossT: 2, HeightM: 1.6, RiskShare: 1},
		"suv4x4":        {PaceShare: 1, GrossT: 3, HeightM: 2, RiskShare: 1},
		"ambulance":     {PaceShare: 1.1, GrossT: 3.5, HeightM: 2.7, RiskShare: 1},
		"minibus":       {PaceShare: .9, GrossT: 5, HeightM: 2.8, RiskShare: 1.2},
		"truck_3_5t":    {PaceShare: .85, GrossT: 3.5, HeightM: 3.2, RiskShare: 1.2},
		"truck_10t":     {PaceShare: .75, GrossT: 10, HeightM: 3.6, RiskShare: 1.3},
		"truck_20t":     {PaceShare: .65, GrossT: 20, HeightM: 4, RiskShare: 1.3},
		"truck_over20t": {PaceShare: .6, GrossT: 40, HeightM: 4.2, RiskShare: 1.3},
		"armoured":      {PaceShare: .7, GrossT: 15, HeightM: 3, RiskShare: .5},
	}
}

func defaultProfiles() map[string]Profile {
	crossing := func() map[string]float64 {
		return map[string]float64{"yes": 2, "pay": 10, "ask": 15, "escort": 60, "unknown": 30, "no": 0}
	}
	return map[string]Profile{
		"ambulance": {CrossingMin: crossing(), RiskShare: 1, Exposure: map[string]float64{
			"controlled": 3, "contested": 8, "influenced": 2, "recovered": 1.5, "self_defence": 1.5,
			"depopulated": 2, "unknown": 2, "state_held": 1, Unassessed: 1.2}},
		"humanitarian_cargo": {CrossingMin: crossing(), RiskShare: 1.2, Exposure: map[string]float64{
			"controlled": 4, "contested": 10, "influenced": 2.5, "recovered": 1.5, "self_defence": 1.5,
			"depopulated": 2.5, "unknown": 2.5, "state_held": 1, Unassessed: 1.2}},
		"light_mission": {CrossingMin: crossing(), RiskShare: 1, Exposure: map[string]float64{
			"controlled": 5, "contested": 10, "influenced": 3, "recovered": 2, "self_defence": 2,
			"depopulated": 3, "unknown": 3, "state_held": 1, Unassessed: 1.3}},
		"commercial": {CrossingMin: crossing(), RiskShare: 1, Exposure: map[string]float64{
			"controlled": 2, "contested": 6, "influenced": 1.5, "recovered": 1.2, "self_defence": 1.2,
			"depopulated": 1.5, "unknown": 1.5, "state_held": 1, Unassessed: 1.1}},
		"police_isolated_check": {CrossingMin: crossing(), RiskShare: 2.5, RefugePolice: true, Exposure: map[string]float64{
			"controlled": 10, "contested": 15, "influenced": 5, "recovered": 2, "self_defence": 2,
			"depopulated": 4, "unknown": 4, "state_held": 1, Unassessed: 1.5}},
	}
}

func defaultRoads() Roads {
	return Roads{
		CarKmh: map[string]float64{"RN": 40, "RD": 30, "RC": 20, "RU": 18, "RA": 12},
		Surfaces: map[string]float64{
			"asphalt": 1, "paved": 1, "concrete": 1, "paving_stones": .9, "concrete:lanes": .9, "concrete:plates": .9,
			"sett": .8, "cobblestone": .7, "compacted": .9, "fine_gravel": .85, "unpaved": .75, "gravel": .75,
			"pebblestone": .7, "dirt": .65, "earth": .65, "ground": .65, "grass": .5, "rock": .5, "sand": .5, "mud": .4,
		},
		// No figure tells one class from another yet; a deployment may.
		RiskShare: map[string]float64{"RN": 1, "RD": 1, "RC": 1, "RU": 1, "RA": 1},
		LineKmh:   30, AccessKmh: 15,
	}
}

func defaultClaims() map[string]Claim {
	out := map[string]Claim{}
	for class, decay := range geo.DefaultModel.Decay {
		out[class] = Claim{HalfLifeH: decay.HalfLife.Hours(), Prior: .05}
	}
	for _, class := range []string{"zone", "contested"} { // ground changes hands more slowly than barriers go up
		c := out[class]
		c.Prior = .1
		out[class] = c
	}
	return out
}
