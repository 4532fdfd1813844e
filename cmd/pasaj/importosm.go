package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/paulmach/orb"
	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"pasaj/data/osm"
	"pasaj/data/postgis"
	"pasaj/geo"
)

// importCommand brings files in: features of a layer, a road network, or a grid.
type importCommand struct {
	Layer importLayerCommand `cmd:"" name:"layer" default:"withargs" help:"Bring features of a GeoJSON file into a layer; the word layer may be left out."`
	OSM   importOSMCommand   `cmd:"" name:"osm" help:"Make the roads of an OpenStreetMap extract (.osm.pbf) the road network."`

	Population importPopulationCommand `cmd:"" name:"population" help:"Make a GeoTIFF of people in each cell (WorldPop, HRSL, GHS-POP) the population grid."`
	BuiltUp    importBuiltUpCommand    `cmd:"" name:"built-up" help:"Make a GeoTIFF of built-up ground (a mask, or GHS-BUILT-S) the grid of built-up ground."`
}

type importOSMCommand struct {
	File     string `arg:"" optional:"" help:"Extract in PBF format." type:"path"`
	Download bool   `help:"Fetch the extract first, into the home folder; a download that broke off goes on."`
	URL      string `help:"Extract to fetch, its MD5 checksum beside it; by default Geofabrik's of Haiti and the Dominican Republic." env:"PASAJ_OSM_URL" name:"url"`
	Clip     string `help:"Keep the roads of a box, as --clip=west,south,east,north in degrees." placeholder:"W,S,E,N" xor:"clip"`
	ClipFile string `help:"Keep the roads of the polygons in a GeoJSON file." name:"clip-file" type:"path" xor:"clip"`
	Join     bool   `help:"Join roads that end within a metre of another, or cross it without a node."`
	Name     string `help:"Name of the network."`
	Licence  string `help:"Attribution and licence to show with answers; by default OpenStreetMap's at the date of the data."`
	DryRun   bool   `help:"Read and report, and write nothing." name:"dry-run"`
}

func (i importOSMCommand) Run(ctx context.Context, cli *commandLine) error {
	switch {
	case i.Download && i.File != "":
		return errors.New("name a file or ask for --download, not both")
	case !i.Download && i.File == "":
		return errors.New("name an .osm.pbf file, or ask for --download")
	}
	area, err := i.area()
	if err != nil {
		return err
	}
	shown := newProgressDisplay(os.Stderr, cli.logger())
	if i.Download {
		if i.File, err = i.download(ctx, cli, shown); err != nil {
			return err
		}
	}
	file, err := os.Open(i.File)
	if err != nil {
		return err
	}
	defer file.Close()
	if found, err := file.Stat(); err == nil && found.IsDir() {
		return fmt.Errorf("%s is a folder, not an .osm.pbf file", i.File)
	}
	read, err := osm.Read(ctx, file, osm.Options{
		Clip: area, Join: i.Join, Name: i.Name, Source: filepath.Base(i.File), Licence: i.Licence, Progress: shown.show,
	})
	shown.end()
	if err != nil {
		return fmt.Errorf("%s: %w", filepath.Base(i.File), err)
	}
	if _, err := read.Report.WriteTo(os.Stdout); err != nil {
		return err
	}
	if i.DryRun {
		_, err := fmt.Println("nothing was written")
		return err
	}
	return cli.withRecord(ctx, func(r *record) error { return storeRead(ctx, r, read, os.Stdout) })
}

func (i importOSMCommand) area() (orb.MultiPolygon, error) {
	switch {
	case i.Clip != "":
		return osm.ParseBox(i.Clip)
	case i.ClipFile != "":
		file, err := os.Open(i.ClipFile)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		area, err := osm.ReadArea(file)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", filepath.Base(i.ClipFile), err)
		}
		return area, nil
	}
	return nil, nil
}

func (i importOSMCommand) download(ctx context.Context, cli *commandLine, shown *progressDisplay) (string, error) {
	if i.URL == "" {
		i.URL = osm.ExtractURL
	}
	got, err := osm.Download(ctx, osm.DownloadOptions{URL: i.URL, Folder: filepath.Join(cli.Home, "osm"), Progress: shown.show})
	shown.end()
	switch {
	case err != nil:
		return "", err
	case got.Fetched == 0:
		_, err = fmt.Printf("%s is there already and its checksum is right\n", got.Path)
	default:
		_, err = fmt.Printf("%s: %d MB fetched, checksum right\n", got.Path, got.Fetched>>20)
	}
	return got.Path, err
}

// storeRead makes what was read the road network, unless it is that already,
// and says what the change lost.
func storeRead(ctx context.Context, r *record, read *osm.Result, out io.Writer) error {
	author := geo.Author{Name: commandAuthor, Audience: geo.Security}
	content := read.Network.ID
	for again := 2; ; again++ {
		rev, err := r.WriteNetwork(ctx, author, read.Network, read.Edges, read.Turns)
		if err == nil {
			return reportStored(ctx, r, read, rev, out)
		}
		if geo.CodeOf(err) != geo.CodeConflict || again > 100 {
			return fmt.Errorf("the network in use stays: %w", err)
		}
		known, loadErr := r.Load(ctx, author.Audience, 0)
		if loadErr != nil {
			return errors.Join(err, loadErr)
		}
		if g := known.Network(); g != nil {
			if id := g.Network().ID; id == content || strings.HasPrefix(id, content+"-") {
				_, err := fmt.Fprintf(out, "these roads are the network in use, %s: no new version was made\n", id)
				return err
			}
		}
		// It was in use once and another one came after it.
		read.Network.ID = fmt.Sprintf("%s-%d", content, again)
	}
}

// lostShown is how many of the things lost are named one by one.
const lostShown = 10

func reportStored(ctx context.Context, r *record, read *osm.Result, rev geo.Revision, out io.Writer) error {
	if _, err := fmt.Fprintf(out, "%s is the road network as revision %d (%s)\n", read.Network.Name, rev, read.Network.ID); err != nil {
		return err
	}
	lost, err := r.Reattach(ctx, geo.Security, rev)
	if err != nil {
		return fmt.Errorf("the network is stored; what it lost could not be found out: %w", err)
	}
	return writeLost(out, lost)
}

func writeLost(out io.Writer, lost *postgis.ReattachReport) error {
	var b strings.Builder
	b.WriteString("Roadblocks, zones and sections hold their own geometry and lie on the new roads by place.\n")
	if lost.Former.ID != "" {
		missingKm := 0.0
		for _, e := range lost.Edges {
			missingKm += e.MissingM / 1000
		}
		fmt.Fprintf(&b, "of %s, %d edges (%.1f km) have no counterpart\n", lost.Former.Name, len(lost.Edges), missingKm)
	}
	fmt.Fprintf(&b, "%d roadblocks stood on a road and stand on none now; %d sections of national roads have no road\n", len(lost.Roadblocks), len(lost.Sections))
	name := func(what string, list []*geo.Version, named func(*geo.Version) string) {
		for i, v := range list {
			if i == lostShown {
				fmt.Fprintf(&b, "  and %d more\n", len(list)-lostShown)
				return
			}
			fmt.Fprintf(&b, "  %s %s  %s\n", what, v.ID, named(v))
		}
	}
	name("roadblock", lost.Roadblocks, func(v *geo.Version) string { return cmp.Or(v.Text("name_fr"), v.Text("subtype")) })
	name("section", lost.Sections, func(v *geo.Version) string {
		return fmt.Sprintf("%s %s – %s", v.Text("ref"), v.Text("from_name"), v.Text("to_name"))
	})
	_, err := io.WriteString(out, b.String())
	return err
}

// progressDisplay shows progress as a bar on a terminal, as log lines otherwise.
type progressDisplay struct {
	out   *os.File
	log   *slog.Logger
	bar   *progressbar.ProgressBar // nil off a terminal
	phase string
	last  time.Time
}

// progressEvery is the pace of log lines where there is no terminal.
const progressEvery = 5 * time.Second

func newProgressDisplay(out *os.File, log *slog.Logger) *progressDisplay {
	return &progressDisplay{out: out, log: log}
}

func (d *progressDisplay) show(p osm.Progress) {
	if term.IsTerminal(int(d.out.Fd())) {
		if p.Phase != d.phase {
			d.end()
			d.phase = p.Phase
			d.bar = progressbar.NewOptions64(p.Total, progressbar.OptionSetWriter(d.out),
				progressbar.OptionSetDescription(fmt.Sprintf("%-8s", p.Phase)), progressbar.OptionShowBytes(p.Phase != "network" && p.Phase != "rows"),
				progressbar.OptionFullWidth(), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish())
		}
		_ = d.bar.Set64(p.Done) // a display that fails must not end the import
		return
	}
	if p.Phase != d.phase || time.Since(d.last) >= progressEvery {
		d.phase, d.last = p.Phase, time.Now()
		d.log.Info("import", "phase", p.Phase, "done", p.Done, "of", p.Total)
	}
}

func (d *progressDisplay) end() {
	if d.bar != nil {
		_ = d.bar.Finish()
		d.bar = nil
	}
	d.phase = ""
}
