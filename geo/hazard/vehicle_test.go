package hazard

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestSpeedKmh(t *testing.T) {
	p := Default()
	for _, c := range []struct {
		vehicle, class, surface string
		edgeKmh, want           float64
	}{
		{"car", "RN", "", 0, 40},
		{"car", "RD", "", 0, 30},
		{"car", "RC", "", 0, 20},
		{"car", "RU", "", 0, 18},
		{"car", "RA", "", 0, 12},
		{"moto", "RN", "", 0, 44},
		{"ambulance", "RN", "", 0, 44},
		{"minibus", "RN", "", 0, 36},
		{"truck_3_5t", "RN", "", 0, 34},
		{"truck_10t", "RN", "", 0, 30},
		{"truck_20t", "RN", "", 0, 26},
		{"truck_over20t", "RN", "", 0, 24},
		{"armoured", "RN", "", 0, 28},
		{"foot", "RN", "", 0, 4.5},
		{"foot", "RA", "mud", 80, 4.5},
		{"foot", "", "", 0, 4.5},
		{"car", "", "", 0, 30},
		{"truck_20t", "", "", 0, 30},
		{"car", "RN", "asphalt", 0, 40},
		{"car", "RN", "gravel", 0, 30},
		{"car", "RN", "no such surface", 0, 40},
		{"car", "RN", "gravel", 50, 50},
		{"truck_10t", "RN", "gravel", 50, 37.5},
		{"car", "RN", "", -5, 40},
		{"car", "RN", "", 900, 130},
		{"car", "RN", "", math.NaN(), 40},
		{"hovercraft", "RN", "", 0, 1},
	} {
		if got := p.SpeedKmh(c.vehicle, c.class, c.surface, c.edgeKmh); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%+v: %g", c, got)
		}
	}
	if car, foot := p.AccessSpeedKmh("car"), p.AccessSpeedKmh("foot"); car != 15 || foot != 4.5 {
		t.Errorf("to the road: car %g, on foot %g", car, foot)
	}
}

func TestProfileTables(t *testing.T) {
	p := Default()
	for _, c := range []struct {
		profile, control string
		want             float64
	}{
		{"ambulance", "", 1.2}, {"ambulance", "controlled", 3}, {"commercial", "contested", 6},
		{"police_isolated_check", "controlled", 10}, {"light_mission", Unassessed, 1.3}, {"humanitarian_cargo", "state_held", 1},
		{"ambulance", "besieged", 15}, {"nobody", "state_held", 15},
	} {
		if got := p.Exposure(c.profile, c.control); got != c.want {
			t.Errorf("exposure of %s on %q ground: %g, not %g", c.profile, c.control, got, c.want)
		}
	}
	for passability, want := range map[string]float64{"yes": 120, "pay": 600, "ask": 900, "escort": 3600, "unknown": 1800, "no": 0, "?": 1800} {
		if got := p.CrossingS("ambulance", passability); got != want {
			t.Errorf("crossing time for %s: %g s, not %g", passability, got, want)
		}
	}
}

func TestLimits(t *testing.T) {
	truck := Default().Vehicles["truck_20t"]
	if truck.Heavy(20) || !truck.Heavy(19.5) || truck.Heavy(0) || truck.Tall(4) || !truck.Tall(3.9) || truck.Tall(0) {
		t.Error("limits of weight and height are misread")
	}
}

func TestSpeedIsAlwaysSomething(t *testing.T) {
	p := Default()
	rapid.Check(t, func(t *rapid.T) {
		kmh := p.SpeedKmh(drawVehicle.Draw(t, "vehicle"), drawRoad.Draw(t, "class"),
			rapid.SampledFrom([]string{"", "mud", "asphalt"}).Draw(t, "surface"), rapid.Float64().Draw(t, "edge"))
		if !(kmh >= 1 && kmh < 400) {
			t.Fatalf("%g km/h", kmh)
		}
	})
}
