package coverage_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/coverage"
	"pasaj/geo/world"
)

// history is a year of zones: n features at any time, each with states that
// follow one another, each state in an outline of its own.
func history(t testing.TB, random *rand.Rand, over []outline, features, states int) []*geo.Version {
	t.Helper()
	start := now.AddDate(-1, 0, 0)
	outlines := randomZones(t, random, over, states)
	var out []*geo.Version
	for n := range states {
		feature := n % features
		of := states / features
		if feature < states%features {
			of++
		}
		step := 365 * 24 * time.Hour / time.Duration(of)
		from := start.Add(time.Duration(n/features)*step + time.Duration(random.IntN(240))*time.Hour)
		to := start.Add(time.Duration(n/features+1)*step + 240*time.Hour)
		valid := geo.Period{From: from, To: to}
		if n/features == of-1 {
			valid.To = time.Time{}
		}
		z := outlines[n]
		out = append(out, state(t, "controlled-zones", feature, valid, z.area, map[string]any{
			"control_type": geo.ControlPrecedence[z.control], "confidence": 0.3 + 0.7*random.Float64(),
			"last_confirmed_at": from.Add(time.Duration(random.IntN(20*24)) * time.Hour),
			"holders":           json.RawMessage(fmt.Sprintf(`[{"group":"g%d","role":"principal"}]`, feature%12)),
		}))
	}
	return inSuccession(out)
}

// inSuccession ends every state where the next one of its feature begins.
func inSuccession(versions []*geo.Version) []*geo.Version {
	last := map[string]*geo.Version{}
	for _, v := range versions { // by feature in the order of time
		key := v.ID.String()
		if before := last[key]; before != nil && (before.Valid.To.IsZero() || before.Valid.To.After(v.Valid.From)) {
			before.Valid.To = v.Valid.From
		}
		last[key] = v
	}
	return versions
}

// state is a feature over a stretch of valid time.
func state(t fataler, layer string, number int, valid geo.Period, geometry orb.Geometry, values map[string]any) *geo.Version {
	t.Helper()
	v := *feature(t, layer, number, geometry, values)
	v.Valid = valid
	return geo.NewVersion(v, &geo.DefaultModel)
}

// BenchmarkSeries365 follows 140 communes over a year of days under 300 zones
// at a time, 2,000 states in all, with nothing kept from before.
func BenchmarkSeries365(b *testing.B) {
	random := rand.New(rand.NewPCG(365, 365))
	communes := madeCommunes(random, 14, 10, 50)
	versions := append(outlineVersions(b, communes), history(b, random, communes, 300, 2000)...)
	w := worldOf(geo.Security, versions...)
	for _, one := range []struct {
		name, code string
		of         map[string]string
	}{
		{"T1 all rows", "T1", nil},
		{"T1 controlled", "T1", map[string]string{"control_type": "controlled"}},
		{"G1", "G1", nil},
	} {
		b.Run(one.name, func(b *testing.B) {
			q := coverage.SeriesQuestion{
				Question: coverage.Question{World: w, Indicators: []string{one.code}, Level: coverage.LevelCommune},
				From:     now.AddDate(0, 0, -364), To: now, Step: 24 * time.Hour, Of: one.of,
			}
			before := ownCPU(b)
			points := 0
			for b.Loop() {
				runtime.GC()
				s, err := coverage.NewEngine(coverage.Options{}).Series(testContext, q)
				if err != nil {
					b.Fatal(err)
				}
				points = 0
				for _, line := range s.Lines {
					points += len(line.Points)
				}
			}
			b.ReportMetric(float64((ownCPU(b)-before).Nanoseconds())/float64(b.N), "cpu-ns/op")
			b.ReportMetric(float64(points), "points")
		})
	}
}

// BenchmarkChange140Communes are the indicators of change and of hold, and the
// list of changes of a week, for all areas of that scene with nothing kept.
func BenchmarkChange140Communes(b *testing.B) {
	random := rand.New(rand.NewPCG(365, 365))
	communes := madeCommunes(random, 14, 10, 50)
	w := worldOf(geo.Security, append(outlineVersions(b, communes), history(b, random, communes, 300, 2000)...)...)
	past := func(context.Context, time.Time) (*world.World, error) { return w, nil }
	for _, code := range []string{"T1", "T2", "T3", "T4", "T5", "changes"} {
		b.Run(code, func(b *testing.B) {
			before := ownCPU(b)
			for b.Loop() {
				e := coverage.NewEngine(coverage.Options{})
				var err error
				if code == "changes" {
					_, err = e.Changes(testContext, coverage.ChangesQuestion{World: w, From: now.AddDate(0, 0, -7), To: now, Past: past})
				} else {
					_, err = e.Measure(testContext, coverage.Question{World: w, At: now, Indicators: []string{code}, Past: past})
				}
				if err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64((ownCPU(b)-before).Nanoseconds())/float64(b.N), "cpu-ns/op")
		})
	}
}
