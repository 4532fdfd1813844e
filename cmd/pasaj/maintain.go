package main

import (
	"context"
	"fmt"
	"strings"

	"pasaj/data/cluster"
	"pasaj/geo"
	"pasaj/geo/world"
)

type migrateCommand struct{}

func (migrateCommand) Run(ctx context.Context, cli *commandLine) error {
	return cli.withRecord(ctx, func(*record) error {
		_, err := fmt.Println("the database has this build's form")
		return err
	})
}

type doctorCommand struct{}

func (doctorCommand) Run(ctx context.Context, cli *commandLine) error {
	fmt.Printf("pasaj %s\n", version)
	if cli.Database == "" {
		installed, err := cluster.Find(ctx, cluster.SearchDirs(ctx))
		if err != nil {
			return err
		}
		for _, i := range installed {
			fmt.Printf("PostgreSQL with PostGIS: %s\n", i.BinDir)
		}
		fmt.Printf("home: %s\n", cli.Home)
	}
	return cli.withRecord(ctx, func(r *record) error {
		revision, at, err := r.Resolve(ctx, geo.AsOf{})
		if geo.CodeOf(err) == geo.CodeNotFound {
			_, err = fmt.Println("record: empty")
			return err
		}
		if err != nil {
			return err
		}
		fmt.Printf("record: revision %d of %s\n", revision, geo.FormatInstant(at))
		for i, a := range geo.Audiences() {
			w, err := r.Load(ctx, a, revision)
			if err != nil {
				return err
			}
			if g := w.Network(); i == 0 && g != nil { // the same for all
				fmt.Printf("road network: %s, %d edges (%s)\n", g.Network().Name, g.Len(), g.Network().ID)
			}
			for _, kind := range world.GridKinds() {
				if g := w.Grid(kind); i == 0 && g != nil {
					fmt.Printf("%s: %s, %d cells, %.0f in total (%s)\n", strings.ReplaceAll(kind, "_", "-"), g.Name(), g.Width()*g.Height(), g.Total(), g.ID())
				}
			}
			features := 0
			for _, l := range geo.Collections() {
				features += w.Layer(l).Len()
			}
			fmt.Printf("audience %-6s %d features\n", a, features)
		}
		return nil
	})
}
