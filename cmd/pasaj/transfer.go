package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"pasaj/data/format"
	"pasaj/data/haiti"
	"pasaj/geo"
	"pasaj/geo/world"
)

// commandAuthor signs what the command line changes; whoever runs it owns the
// record and sees all of what security may see.
const commandAuthor = "command line"

type importLayerCommand struct {
	Layer    string `arg:"" help:"Layer, such as roadblocks; pasaj export --help lists them."`
	File     string `arg:"" help:"GeoJSON FeatureCollection; - for standard input."`
	Audience string `help:"As whose editor: hum, sec or ops." default:"sec" enum:"hum,sec,ops"`
	Reason   string `help:"Why, for the record." default:"import of a file"`
	DryRun   bool   `help:"Check everything and write nothing." name:"dry-run"`
}

func (i importLayerCommand) Run(ctx context.Context, cli *commandLine) error {
	layer, err := collection(i.Layer)
	if err != nil {
		return err
	}
	audience, err := geo.ParseAudience(i.Audience)
	if err != nil {
		return err
	}
	in, err := openInput(i.File)
	if err != nil {
		return err
	}
	defer in.Close()
	return cli.withRecord(ctx, func(r *record) error {
		known, err := r.Load(ctx, audience, 0)
		if err != nil {
			return err
		}
		changes, err := i.read(in, layer, audience, known)
		if err != nil {
			return err
		}
		if len(changes) == 0 {
			return errors.New("the file holds no features")
		}
		if i.DryRun {
			_, err := fmt.Printf("%d features are in order; nothing was written\n", len(changes))
			return err
		}
		receipt, err := r.Write(ctx, geo.Batch{
			Author: geo.Author{Name: commandAuthor, Audience: audience}, Reason: i.Reason, Changes: changes,
		})
		if err != nil {
			return err
		}
		_, err = fmt.Printf("%d features of %s imported as revision %d\n", len(changes), layer.Name, receipt.Revision)
		return err
	})
}

func (i importLayerCommand) read(in io.Reader, layer *geo.Layer, audience geo.Audience, known *world.World) ([]geo.Change, error) {
	if layer.Name == "admin-areas" {
		areas, err := format.ReadCommunes(in, audience)
		if err != nil {
			return nil, err
		}
		areasKnown := knownAreas(known)
		if err := areas.CheckParents(areasKnown); err != nil {
			return nil, err
		}
		return areas.Changes(areasKnown), nil
	}
	rows, err := format.Check(format.ReadGeoJSON(in, layer, audience),
		format.Checker{Layer: layer, Communes: outlines(known), Now: time.Now()})
	if err != nil {
		return nil, err
	}
	return format.Changes(layer, rows, func(id uuid.UUID) bool {
		_, ok := known.Layer(layer).Item(id)
		return ok
	}), nil
}

// knownAreas lists the administrative areas of a world by p-code.
func knownAreas(w *world.World) map[string]format.KnownArea {
	out := map[string]format.KnownArea{}
	w.Named("admin-areas").Each(geo.Moment{}, func(v *geo.Version) bool {
		item, ok := w.Named("admin-areas").Item(v.ID)
		if ok {
			known := format.KnownArea{ID: v.ID}
			for _, state := range item.Versions {
				known.Froms = append(known.Froms, state.Valid.From)
			}
			out[v.Text("pcode")] = known
		}
		return true
	})
	return out
}

// outlines collects the communes of a world; nil, and so no check, when it
// holds none.
func outlines(w *world.World) format.Communes {
	out := format.NewOutlines()
	w.Named("admin-areas").Each(geo.Moment{}, func(v *geo.Version) bool {
		area, ok := v.Geometry.(orb.MultiPolygon)
		if level, _ := v.Number("level"); ok && level == 2 {
			out.Add(v.Text("pcode"), area)
		}
		return true
	})
	if out.Len() == 0 {
		return nil
	}
	return out
}

type exportCommand struct {
	Layer    string `arg:"" help:"Layer: admin-areas, controlled-zones, national-roads, places, ports, airports, facilities, police-facilities, incidents or roadblocks."`
	File     string `arg:"" optional:"" help:"File to write; standard output when left out." default:"-"`
	Audience string `help:"As whose world: public, hum, sec or ops." default:"public" enum:"public,hum,sec,ops"`
	Asof     string `help:"As known at a revision or RFC 3339 instant."`
}

func (e exportCommand) Run(ctx context.Context, cli *commandLine) error {
	layer, err := collection(e.Layer)
	if err != nil {
		return err
	}
	audience, err := geo.ParseAudience(e.Audience)
	if err != nil {
		return err
	}
	if !layer.Audiences.Has(audience) {
		return fmt.Errorf("the %s audience may not hold %s; name another with --audience", audience, layer.Name)
	}
	var asof geo.AsOf
	if e.Asof != "" {
		if asof, err = geo.ParseAsOf(e.Asof); err != nil {
			return err
		}
	}
	return cli.withRecord(ctx, func(r *record) error {
		revision, _, err := r.Resolve(ctx, asof)
		if err != nil {
			return err
		}
		w, err := r.Load(ctx, audience, revision)
		if err != nil {
			return err
		}
		var versions []*geo.Version
		w.Layer(layer).Each(geo.Moment{}, func(v *geo.Version) bool {
			if item, ok := w.Layer(layer).Item(v.ID); ok {
				versions = append(versions, item.Versions...)
			}
			return true
		})
		return writeOutput(e.File, func(out io.Writer) error {
			return format.WriteGeoJSON(out, layer, format.Metadata{Revision: w.Revision(), Audience: audience, Notice: haiti.Notice}, versions)
		})
	})
}

func collection(name string) (*geo.Layer, error) {
	l, ok := geo.LayerByName(name)
	if !ok || l.Kind == geo.RecordOnly {
		return nil, fmt.Errorf("there is no layer %q (pasaj export --help lists them)", name)
	}
	return l, nil
}

func openInput(name string) (io.ReadCloser, error) {
	if name == "-" {
		return io.NopCloser(os.Stdin), nil
	}
	return os.Open(name)
}

// writeOutput writes a file whole or not at all.
func writeOutput(name string, write func(io.Writer) error) error {
	if name == "-" {
		return write(os.Stdout)
	}
	f, err := os.CreateTemp(filepath.Dir(name), ".pasaj-export-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // without effect once renamed
	if err := errors.Join(write(f), f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}
