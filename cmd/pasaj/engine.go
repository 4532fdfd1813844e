package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/paulmach/orb"

	"pasaj/data/postgis"
	"pasaj/geo"
	"pasaj/geo/hazard"
	"pasaj/geo/passage"
	"pasaj/geo/world"
)

// policyFlag names the figures of risk, vehicles and profiles to use.
type policyFlag struct {
	Policy string `help:"JSON file with figures of risk, vehicles and profiles that replace the built-in ones (docs/risk.md)." env:"PASAJ_POLICY" type:"path"`
}

// policy reads the file, if there is one; nil means the built-in figures.
func (p policyFlag) policy() (*hazard.Policy, error) {
	if p.Policy == "" {
		return nil, nil
	}
	file, err := os.Open(p.Policy)
	if err != nil {
		return nil, fmt.Errorf("read the policy: %w", err)
	}
	defer file.Close()
	raw, err := io.ReadAll(io.LimitReader(file, hazard.MaxPolicyBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read the policy: %w", err)
	}
	policy, err := hazard.ParsePolicy(raw)
	if err != nil {
		return nil, fmt.Errorf("the policy %s: %w", filepath.Base(p.Policy), err)
	}
	return policy, nil
}

// engineOf makes an engine that keeps the orders of networks in the record.
func engineOf(r *postgis.Record, policy *hazard.Policy, log *slog.Logger) *passage.Engine {
	return passage.NewEngine(passage.EngineOptions{
		Orders: orders{r}, Policy: policy,
		Failed: func(err error) {
			if !errors.Is(err, context.Canceled) {
				log.Warn("the order of the road network could not be kept or made", "cause", err)
			}
		},
	})
}

// orders keeps the orders of networks in the record.
type orders struct{ record *postgis.Record }

func (o orders) Order(ctx context.Context, networkID string, digest [32]byte) ([]byte, error) {
	ranks, err := o.record.Order(ctx, networkID, digest)
	if geo.CodeOf(err) == geo.CodeNotFound {
		return nil, nil
	}
	return ranks, err
}

func (o orders) SaveOrder(ctx context.Context, networkID string, digest [32]byte, ranks []byte) error {
	return o.record.SaveOrder(ctx, networkID, digest, ranks)
}

// publicationPause is how long the engine waits for a publication before it
// looks where the worlds stand: a record that was restored goes back.
const publicationPause = time.Minute

// keepReady has the engine follow the worlds: it prepares what is asked most at
// the start, and after each publication what was asked lately. It returns when
// the context ends.
func keepReady(ctx context.Context, engine *passage.Engine, live *world.Live) {
	warmUp(ctx, engine, live)
	for ctx.Err() == nil {
		at := live.World(geo.Public).Revision()
		for _, a := range geo.Audiences() {
			engine.Refresh(ctx, live.World(a))
		}
		waiting, cancel := context.WithTimeout(ctx, publicationPause)
		_ = live.Wait(waiting, at+1) // why it ended makes no difference
		cancel()
	}
}

// warmUp puts the commonest question between the ends of a road for each
// audience that is told of obstacles, so that the first real one does not wait.
func warmUp(ctx context.Context, engine *passage.Engine, live *world.Live) {
	for _, a := range []geo.Audience{geo.Humanitarian, geo.Security, geo.Operations} {
		w := live.World(a)
		if w.Network() == nil || w.Network().Len() == 0 {
			return
		}
		line := w.Network().Edge(0).Geometry
		now := time.Now().UTC().Truncate(time.Minute)
		request := passage.Request{Points: []orb.Point{line[0], line[len(line)-1]}, Vehicle: "ambulance", Profile: "ambulance"}
		_, _ = engine.Find(ctx, w, request.Resolve(now, w.Model())) // the answer is not what it is for
	}
}
