package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"pasaj/data/haiti"
	"pasaj/geo"
	"pasaj/geo/coverage"
	"pasaj/geo/passage"
	"pasaj/geo/world"
)

// coverageCommand prints indicators from the record, without the service.
type coverageCommand struct {
	At        string   `help:"Valid time, as an RFC 3339 instant or a date; now when left out."`
	Asof      string   `help:"As known at a revision or RFC 3339 instant."`
	Area      []string `help:"P-codes or named areas, separated by commas: HT, HT0111, ZMPP-admin, ZMPP-urban, lower-artibonite. All but communal sections when left out."`
	Level     string   `help:"Level of the areas: country, named, department, commune or section." enum:",country,named,department,commune,section" default:""`
	Indicator []string `help:"Codes of indicators, separated by commas, such as T1,R1. All when left out."`
	Audience  string   `help:"As whose world: public, hum, sec or ops." default:"sec" enum:"public,hum,sec,ops"`
	Format    string   `help:"table, json or csv." default:"table" enum:"table,json,csv"`
	Language  string   `help:"Language of names and notes: fr, ht or en." default:"fr" enum:"fr,ht,en" name:"lang"`
	policyFlag
}

func (p coverageCommand) Run(ctx context.Context, cli *commandLine) error {
	audience, err := geo.ParseAudience(p.Audience)
	if err != nil {
		return err
	}
	var asof geo.AsOf
	if p.Asof != "" {
		if asof, err = geo.ParseAsOf(p.Asof); err != nil {
			return fmt.Errorf("--asof: %w", err)
		}
	}
	var at time.Time
	if p.At != "" {
		if at, err = geo.ParseInstant(p.At); err != nil {
			return fmt.Errorf("--at: %w", err)
		}
	}
	policy, err := p.policy()
	if err != nil {
		return err
	}
	baselines, err := haiti.Baselines()
	if err != nil {
		return err
	}
	return cli.withRecord(ctx, func(r *record) error {
		revision, committed, err := r.Resolve(ctx, asof)
		switch {
		case geo.CodeOf(err) == geo.CodeNotFound && asof.IsZero():
			return errors.New("the record holds nothing yet: pasaj serve loads the bundled snapshot")
		case geo.CodeOf(err) == geo.CodeNotFound:
			return fmt.Errorf("--asof %s: the record has no such revision, or knew nothing then", p.Asof)
		case err != nil:
			return err
		}
		w, err := r.Load(ctx, audience, revision)
		if err != nil {
			return err
		}
		if at.IsZero() {
			if at = time.Now().UTC().Truncate(time.Minute); !asof.IsZero() || at.Before(committed) {
				at = committed
			}
		}
		q := coverage.Question{World: w, At: at, Areas: p.Area, Level: p.Level, Indicators: p.Indicator, Past: pastOf(r, w)}
		if audience != geo.Public {
			tallies, err := r.Tally(ctx, audience, revision)
			if err != nil {
				return err
			}
			q.Tallies = append([]geo.Tally{}, tallies...)
		}
		engine := coverage.NewEngine(coverage.Options{Ways: passage.Ways{Engine: engineOf(r.Record, policy, quietLog())}, Baselines: baselines})
		answer, err := engine.Measure(ctx, q)
		if err != nil {
			return err
		}
		return p.write(os.Stdout, answer)
	})
}

// pastOf gives the world of the same audience as known at an instant before a
// world's own; before anything was recorded it is empty.
func pastOf(r *record, w *world.World) coverage.Past {
	return func(ctx context.Context, known time.Time) (*world.World, error) {
		if !known.Before(w.At()) {
			return w, nil
		}
		revision, _, err := r.Resolve(ctx, geo.AsOf{Time: known})
		if geo.CodeOf(err) == geo.CodeNotFound {
			return world.Empty(w.Audience(), w.Model()), nil
		}
		if err != nil {
			return nil, err
		}
		if revision >= w.Revision() {
			return w, nil
		}
		return r.Load(ctx, w.Audience(), revision)
	}
}

func (p coverageCommand) write(out io.Writer, m *coverage.Measurement) error {
	buffered := bufio.NewWriter(out)
	switch p.Format {
	case "json":
		e := json.NewEncoder(buffered)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		if err := e.Encode(m); err != nil {
			return err
		}
	case "csv":
		rows, err := coverage.AppendCSV(nil, m.Values, p.Language)
		if err != nil {
			return err
		}
		if _, err := buffered.Write(rows); err != nil {
			return err
		}
	default:
		if err := p.table(buffered, m); err != nil {
			return err
		}
	}
	return buffered.Flush()
}

// table writes figures for people: central, and low to high behind it.
func (p coverageCommand) table(out io.Writer, m *coverage.Measurement) error {
	if _, err := fmt.Fprintf(out, "%s · %s · %d · %s\n%s\n\n", m.Audience, m.Datetime, m.Revision, m.FormulaVersion, m.Notice.In(p.Language)); err != nil {
		return err
	}
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "INDICATOR\tAREA\tOF\tVALUE\tSHARE\tOF WHAT\tN\tCONFIDENCE") //nolint:errcheck // Flush tells
	for i := range m.Values {
		v := &m.Values[i]
		value, share, whole, confidence := string(v.Status), "", "", v.ConfidenceLabel
		if v.Amount != nil {
			value = ranged(v.Amount, 1, v.Unit)
		}
		if v.Share != nil {
			share = ranged(v.Share, 100, "%")
		}
		if v.Whole != nil {
			whole = v.Whole.Name.In(p.Language)
		} else if v.Note != nil {
			whole = v.Note.In(p.Language)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%d\t%s\n", v.Indicator, v.Area, coverage.Of(v.Of), value, share, whole, v.N, confidence) //nolint:errcheck // Flush tells
	}
	return w.Flush()
}

func ranged(r *coverage.Range, factor float64, unit string) string {
	number := func(x float64) string {
		s := fmt.Sprintf("%.2f", x*factor)
		return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
	}
	low, central, high := number(r.Low), number(r.Central), number(r.High)
	if low == high {
		return central + " " + unit
	}
	return fmt.Sprintf("%s (%s–%s) %s", central, low, high, unit)
}
