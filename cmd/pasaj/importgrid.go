package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/paulmach/orb"

	"pasaj/data/geotiff"
	"pasaj/data/osm"
	"pasaj/geo"
	"pasaj/geo/raster"
	"pasaj/geo/world"
)

// gridBox is what grids are clipped to: the official departments, which reach
// from -74.481, 18.022 to -71.622, 20.090, and the sea beside them.
var gridBox = orb.Bound{Min: orb.Point{-74.6, 17.9}, Max: orb.Point{-71.5, 20.2}}

// gridFlags are what the imports of all kinds of grids have in common.
type gridFlags struct {
	File    string `arg:"" help:"GeoTIFF in longitude and latitude (EPSG:4326)." type:"path"`
	Name    string `help:"Name of the grid; by default that of the file."`
	Licence string `help:"Attribution and licence to show with answers; WorldPop, HRSL and GHSL are told from the name of the file."`
	DryRun  bool   `help:"Read and report, and write nothing." name:"dry-run"`
}

type importPopulationCommand struct {
	gridFlags `embed:""`
}

func (i importPopulationCommand) Run(ctx context.Context, cli *commandLine) error {
	return i.run(ctx, cli, world.PopulationGrid, "people", "", populationGrid)
}

// mostPeople is far above what Haiti will hold: some 12 million live there.
const mostPeople = 100e6

// populationGrid makes a grid of an image unless it counts no people: where a
// sign for "no data" is not declared as one, the sum tells.
func populationGrid(img *geotiff.Image, id, name, licence string) (*raster.Grid, error) {
	g, err := geotiff.Population(img, id, name, licence)
	if err == nil && g.Total() > mostPeople {
		err = fmt.Errorf("its values add up to %.3g in Haiti and count no people; a value that stands for no data is to be declared (gdal_edit.py -a_nodata)", g.Total())
	}
	return g, err
}

type importBuiltUpCommand struct {
	gridFlags `embed:""`
	Unit      string `help:"What a value counts: share (0 to 1), percent, m2_per_hectare or m2_per_cell; by default told from the values." enum:",share,percent,m2_per_hectare,m2_per_cell" default:""`
}

func (i importBuiltUpCommand) Run(ctx context.Context, cli *commandLine) error {
	return i.run(ctx, cli, world.BuiltUpGrid, "cells' worth of built-up ground", i.Unit,
		func(img *geotiff.Image, id, name, licence string) (*raster.Grid, error) {
			return geotiff.BuiltUp(img, geotiff.BuiltUpUnit(i.Unit), id, name, licence)
		})
}

// attributions are the usual sources of grids, by what stands in the names of
// their files. All are under CC BY 4.0: to name them is the condition of use.
var attributions = []struct{ sign, licence string }{
	{"hrsl", "Meta and CIESIN, High Resolution Settlement Layer, CC BY 4.0"},
	{"hti_general", "Meta and CIESIN, High Resolution Settlement Layer, CC BY 4.0"},
	{"population_hti", "Meta and CIESIN, High Resolution Settlement Layer, CC BY 4.0"},
	{"ghs_", "European Commission, Global Human Settlement Layer, CC BY 4.0"},
	{"worldpop", "WorldPop (www.worldpop.org), CC BY 4.0"},
	{"hti_ppp", "WorldPop (www.worldpop.org), CC BY 4.0"},
	{"hti_pop", "WorldPop (www.worldpop.org), CC BY 4.0"},
}

// attributionOf tells from a file's name whose work it is.
func attributionOf(name string) (licence string, known bool) {
	for _, a := range attributions {
		if strings.Contains(strings.ToLower(name), a.sign) {
			return a.licence, true
		}
	}
	return name + ", attribution not stated", false
}

type toGrid func(img *geotiff.Image, id, name, licence string) (*raster.Grid, error)

// run makes a file the grid of a kind and says so in one line. unit, where one
// was named, makes another grid of the same file.
func (f gridFlags) run(ctx context.Context, cli *commandLine, kind, counted, unit string, convert toGrid) error {
	base := filepath.Base(f.File)
	if f.Name == "" {
		f.Name = strings.TrimSuffix(strings.TrimSuffix(base, filepath.Ext(base)), ".")
	}
	attributed := "to be named with it: " + f.Licence
	if f.Licence == "" {
		var known bool
		f.Licence, known = attributionOf(base)
		if attributed = "to be named with it: " + f.Licence; !known {
			attributed = "say with --licence whose work it is: WorldPop, HRSL and GHSL may be used where they are named (CC BY 4.0)"
		}
	}
	file, err := os.Open(f.File)
	if err != nil {
		return err
	}
	defer file.Close()
	found, err := file.Stat()
	if err != nil {
		return err
	}
	if found.IsDir() {
		return fmt.Errorf("%s is a folder, not a GeoTIFF file", f.File)
	}
	shown := newProgressDisplay(os.Stderr, cli.logger())
	read := func(id string) (*raster.Grid, error) {
		defer shown.end()
		img, err := geotiff.Read(ctx, file, found.Size(), geotiff.Options{Clip: gridBox, Progress: func(done, total int) {
			shown.show(osm.Progress{Phase: "rows", Done: int64(done), Total: int64(total)})
		}})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", base, err)
		}
		grid, err := convert(img, id, f.Name, f.Licence)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", base, err)
		}
		if grid.Total() == 0 {
			return nil, fmt.Errorf("%s: it holds no %s in Haiti", base, counted)
		}
		return grid, nil
	}
	id, err := gridID(file, kind, unit)
	if err != nil {
		return fmt.Errorf("%s: %w", base, err)
	}
	grid, err := read(id)
	if err != nil {
		return err
	}
	summary := gridSummary(grid, base, counted)
	if f.DryRun {
		_, err := fmt.Println(summary + "; nothing was written")
		return err
	}
	return cli.withRecord(ctx, func(r *record) error {
		told, err := storeGrid(ctx, r, kind, grid, read)
		if err != nil {
			return err
		}
		_, err = fmt.Printf("%s; %s; %s\n", summary, told, attributed)
		return err
	})
}

// gridID names a grid by the content of its file.
func gridID(file io.ReadSeeker, kind, unit string) (string, error) {
	sum := sha256.New()
	fmt.Fprintln(sum, kind, unit, gridBox.Min, gridBox.Max)
	if _, err := io.Copy(sum, file); err != nil {
		return "", err
	}
	return strings.ReplaceAll(kind, "_", "-") + "-" + hex.EncodeToString(sum.Sum(nil)[:6]), nil
}

func gridSummary(g *raster.Grid, file, counted string) string {
	b := g.Bound()
	out := fmt.Sprintf("%s: %d cells (%d by %d), %.0f %s", file, g.Width()*g.Height(), g.Width(), g.Height(), g.Total(), counted)
	cut := b.Min[0]-gridBox.Min[0] < g.CellLonDeg() || gridBox.Max[0]-b.Max[0] < g.CellLonDeg() ||
		b.Min[1]-gridBox.Min[1] < g.CellLatDeg() || gridBox.Max[1]-b.Max[1] < g.CellLatDeg()
	if cut {
		out += fmt.Sprintf(", clipped to %g,%g,%g,%g", gridBox.Min[0], gridBox.Min[1], gridBox.Max[0], gridBox.Max[1])
	}
	return out
}

// storeGrid makes a grid the one of its kind, unless it is that already, and
// says what was done. read makes the grid again under another name.
func storeGrid(ctx context.Context, r *record, kind string, grid *raster.Grid, read func(id string) (*raster.Grid, error)) (string, error) {
	author := geo.Author{Name: commandAuthor, Audience: geo.Security}
	content := grid.ID()
	for again := 2; ; again++ {
		rev, err := r.WriteGrid(ctx, author, kind, grid)
		if err == nil {
			return fmt.Sprintf("in use as revision %d (%s)", rev, grid.ID()), nil
		}
		if geo.CodeOf(err) != geo.CodeConflict || again > 100 {
			return "", fmt.Errorf("the grid in use stays: %w", err)
		}
		known, loadErr := r.Load(ctx, author.Audience, 0)
		if loadErr != nil {
			return "", errors.Join(err, loadErr)
		}
		if g := known.Grid(kind); g != nil && (g.ID() == content || strings.HasPrefix(g.ID(), content+"-")) {
			return fmt.Sprintf("it is in use already (%s): no new version was made", g.ID()), nil
		}
		// It was in use once and another one came after it.
		if grid, err = read(fmt.Sprintf("%s-%d", content, again)); err != nil {
			return "", err
		}
	}
}
