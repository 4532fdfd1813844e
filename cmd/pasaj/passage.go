package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/paulmach/orb"
	"golang.org/x/text/unicode/norm"

	"pasaj/geo"
	"pasaj/geo/itinerary"
	"pasaj/geo/passage"
	"pasaj/geo/world"
)

// passageCommand answers one question from the record, without the service.
type passageCommand struct {
	From     string `arg:"" optional:"" help:"Where from: lon,lat or the name of a place in the record."`
	To       string `arg:"" optional:"" help:"Where to, likewise."`
	Line     string `help:"Check this way instead of finding one: a GPX or GeoJSON file." type:"existingfile"`
	Vehicle  string `help:"Vehicle class: foot, moto, car, suv4x4, ambulance, minibus, truck_3_5t, truck_10t, truck_20t, truck_over20t or armoured." default:"ambulance"`
	Profile  string `help:"Who travels: ambulance, humanitarian_cargo, light_mission, commercial or police_isolated_check." default:"ambulance"`
	Depart   string `help:"Departure, as an RFC 3339 instant; now when left out."`
	At       string `help:"Instant whose facts are read; that of departure when left out."`
	Asof     string `help:"As known at a revision or RFC 3339 instant."`
	Audience string `help:"As whose world: public, hum, sec or ops." default:"sec" enum:"public,hum,sec,ops"`
	Format   string `help:"text, json, geojson or gpx." default:"text" enum:"text,json,geojson,gpx"`
	Language string `help:"Language of text and gpx: fr, ht or en." default:"fr" enum:"fr,ht,en" name:"lang"`
	policyFlag
}

func (p passageCommand) Run(ctx context.Context, cli *commandLine) error {
	audience, err := geo.ParseAudience(p.Audience)
	if err != nil {
		return err
	}
	asof, err := p.asof()
	if err != nil {
		return err
	}
	policy, err := p.policy()
	if err != nil {
		return err
	}
	return cli.withRecord(ctx, func(r *record) error {
		revision, at, err := r.Resolve(ctx, asof)
		if geo.CodeOf(err) == geo.CodeNotFound && asof.IsZero() {
			return errors.New("the record holds nothing yet: pasaj serve loads the bundled snapshot")
		}
		if geo.CodeOf(err) == geo.CodeNotFound {
			return fmt.Errorf("--asof %s: the record has no such revision, or knew nothing then", p.Asof)
		}
		if err != nil {
			return err
		}
		w, err := r.Load(ctx, audience, revision)
		if err != nil {
			return err
		}
		now := time.Now().UTC().Truncate(time.Minute)
		if !asof.IsZero() || now.Before(at) { // what was reported this minute stands
			now = at
		}
		request, err := p.request(w, now)
		if err != nil {
			return err
		}
		answer, err := engineOf(r.Record, policy, quietLog()).Find(ctx, w, request)
		if err != nil {
			return err
		}
		return p.write(os.Stdout, answer)
	})
}

// quietLog tells a terminal of faults only.
func quietLog() *slog.Logger {
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
}

func (p passageCommand) asof() (geo.AsOf, error) {
	if p.Asof == "" {
		return geo.AsOf{}, nil
	}
	return geo.ParseAsOf(p.Asof)
}

// request makes the question, by the same rules as the API's.
func (p passageCommand) request(w *world.World, now time.Time) (passage.Request, error) {
	members := map[string]any{"vehicle": p.Vehicle, "profile": p.Profile}
	if p.Line != "" {
		line, err := readLine(p.Line)
		if err != nil {
			return passage.Request{}, err
		}
		members["line"] = line
	} else {
		from, err := findPlace(w, p.From)
		if err != nil {
			return passage.Request{}, fmt.Errorf("from: %w", err)
		}
		to, err := findPlace(w, p.To)
		if err != nil {
			return passage.Request{}, fmt.Errorf("to: %w", err)
		}
		members["points"] = []orb.Point{from, to}
	}
	for name, value := range map[string]string{"depart_at": p.Depart, "datetime": p.At} {
		if value != "" {
			members[name] = value
		}
	}
	raw, err := json.Marshal(members)
	if err != nil {
		return passage.Request{}, err
	}
	r, err := passage.DecodeRequest(raw)
	if err != nil {
		return passage.Request{}, err
	}
	return r.Resolve(now, w.Model()), nil
}

// Validate asks for two places or a line.
func (p passageCommand) Validate() error {
	switch {
	case p.Line != "" && p.From+p.To != "":
		return errors.New("two places or --line, not both")
	case p.Line == "" && (p.From == "" || p.To == ""):
		return errors.New("two places are needed, FROM and TO, or --line FILE")
	}
	return nil
}

// readLine reads the line to check. A file beyond the limit is not read whole.
func readLine(name string) (orb.LineString, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, itinerary.MaxLineBytes+1))
	if err != nil {
		return nil, err
	}
	line, err := itinerary.ParseLine(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return line, nil
}

func (p passageCommand) write(out io.Writer, a *passage.Answer) error {
	var body []byte
	var err error
	switch p.Format {
	case "json":
		if body, err = json.MarshalIndent(a, "", "  "); err == nil {
			body = append(body, '\n')
		}
	case "geojson":
		if body, err = itinerary.GeoJSON(a); err == nil {
			body = append(body, '\n')
		}
	case "gpx":
		body, err = itinerary.GPX(a, p.Language)
	default:
		body = []byte(itinerary.Text(a, p.Language))
	}
	if err != nil {
		return err
	}
	_, err = out.Write(body)
	return err
}

// namedLayers are where a place is looked for by name, in this order: the first
// layer that knows the name decides.
var namedLayers = []string{"places", "ports", "airports", "facilities", "police-facilities"}

// placesShown is how many of several places of one name are listed.
const placesShown = 10

// findPlace reads "lon,lat" or finds a place by one of its names: first as they
// are written, then without regard to accents, case and punctuation.
func findPlace(w *world.World, text string) (orb.Point, error) {
	text = strings.TrimSpace(text)
	if p, ok, err := parsePosition(text); ok || err != nil {
		return p, err
	}
	if text == "" {
		return orb.Point{}, errors.New("lon,lat or the name of a place is needed")
	}
	for _, same := range []func(string) bool{
		func(name string) bool { return name == text },
		func(name string) bool { return plainName(name) == plainName(text) && plainName(text) != "" },
	} {
		for _, layer := range namedLayers {
			found := placesNamed(w, layer, same)
			switch {
			case len(found) == 1:
				return found[0].Geometry.Bound().Center(), nil
			case len(found) > 1:
				return orb.Point{}, ambiguous(text, found)
			}
		}
	}
	like := namesLike(w, text)
	if len(like) == 0 {
		return orb.Point{}, fmt.Errorf("no place of the record is called %q: say where it is by lon,lat", text)
	}
	return orb.Point{}, fmt.Errorf("no place of the record is called %q: say where it is by lon,lat, or mean %s", text, strings.Join(like, ", "))
}

// namesLike are names of places that have the text in them, up to placesShown.
func namesLike(w *world.World, text string) []string {
	wanted := plainName(text)
	if wanted == "" {
		return nil
	}
	var out []string
	for _, layer := range namedLayers {
		var found []string
		w.Named(layer).Each(geo.Moment{}, func(v *geo.Version) bool {
			if name := v.Text("name_fr"); v.Geometry != nil && strings.Contains(plainName(name), wanted) {
				found = append(found, strconv.Quote(name))
			}
			return true
		})
		slices.Sort(found)
		out = append(out, slices.Compact(found)...)
	}
	return out[:min(len(out), placesShown)]
}

// parsePosition reads "lon,lat". What begins like one has to be one.
func parsePosition(text string) (p orb.Point, ok bool, err error) {
	first, second, found := strings.Cut(text, ",")
	if !found {
		return p, false, nil
	}
	for i, part := range []string{first, second} {
		if p[i], err = strconv.ParseFloat(strings.TrimSpace(part), 64); err != nil {
			if i == 0 {
				return p, false, nil // a name with a comma
			}
			return p, false, fmt.Errorf("%q is not lon,lat", text)
		}
	}
	return p, true, nil
}

func placesNamed(w *world.World, layer string, same func(string) bool) []*geo.Version {
	var out []*geo.Version
	w.Named(layer).Each(geo.Moment{}, func(v *geo.Version) bool {
		if v.Geometry == nil {
			return true
		}
		for _, property := range []string{"name_fr", "name_ht", "name_en", "code"} {
			if name := v.Text(property); name != "" && same(name) {
				out = append(out, v)
				break
			}
		}
		return true
	})
	slices.SortFunc(out, func(a, b *geo.Version) int {
		return cmp.Or(cmp.Compare(a.Text("commune"), b.Text("commune")), slices.Compare(a.ID[:], b.ID[:]))
	})
	return out
}

// ambiguous lists the places of one name with the coordinates to tell them by.
func ambiguous(text string, found []*geo.Version) error {
	var list []string
	for _, v := range found[:min(len(found), placesShown)] {
		at := v.Geometry.Bound().Center()
		entry := fmt.Sprintf("%.5f,%.5f", at[0], at[1])
		if commune := v.Text("commune"); commune != "" {
			entry += " (" + commune + ")"
		}
		list = append(list, entry)
	}
	if more := len(found) - len(list); more > 0 {
		list = append(list, fmt.Sprintf("and %d more", more))
	}
	return fmt.Errorf("%d places are called %q: say which by lon,lat: %s", len(found), text, strings.Join(list, ", "))
}

// plainName writes a name in small letters and digits, without accents.
func plainName(name string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(name) {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}

// positionsAsArguments lets positions that begin with a minus sign, as all of
// Haiti's do, be given as they are: a blank before them keeps them from being
// read as flags.
func positionsAsArguments(args []string) []string {
	if !slices.Contains(args, "passage") {
		return args
	}
	out := slices.Clone(args)
	for i, a := range out {
		if len(a) > 1 && a[0] == '-' && (a[1] >= '0' && a[1] <= '9' || a[1] == '.') {
			out[i] = " " + a
		}
	}
	return out
}
