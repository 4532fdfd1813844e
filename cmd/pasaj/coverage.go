package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"text/tabwriter"
	"time"

	"pasaj/data/haiti"
	"pasaj/geo"
	"pasaj/geo/coverage"
	"pasaj/geo/passage"
)

// coverageCommand prints indicators from the record, without the service.
type coverageCommand struct {
	At        string   `help:"Valid time, as an RFC 3339 instant or a date; now when left out."`
	Asof      string   `help:"As known at a revision or RFC 3339 instant."`
	Area      []string `help:"P-codes or named areas, separated by commas: HT, HT0111, ZMPP-admin, ZMPP-urban, lower-artibonite. When left out: all but communal sections; in a table the country and the named areas."`
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
		if at.Before(geo.EarliestValid) || at.After(geo.LatestValid) {
			return fmt.Errorf("--at: the instant lies outside %d to %d", geo.EarliestValid.Year(), geo.LatestValid.Year())
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
		if p.Format == "table" && len(p.Area) == 0 && p.Level == "" { // what fits a screen
			p.Area = append(p.Area, coverage.Country)
			for _, n := range coverage.NamedAreas() {
				p.Area = append(p.Area, n.ID)
			}
		}
		q := coverage.Question{World: w, At: at, Areas: p.Area, Level: p.Level, Indicators: p.Indicator, Past: coverage.PastOf(w, r.Resolve, r.Load)}
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
		rows, err := m.AppendCSV(nil, p.Language)
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

// table writes figures for people: a block for each indicator and area.
func (p coverageCommand) table(out io.Writer, m *coverage.Measurement) error {
	if _, err := fmt.Fprintf(out, "%s · %s · rev. %d · %s\n%s\n", m.Audience, m.Datetime, m.Revision, m.FormulaVersion, m.Notice.In(p.Language)); err != nil {
		return err
	}
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	var before *coverage.Value
	for i := range m.Values {
		v := &m.Values[i]
		if before == nil || before.Indicator != v.Indicator {
			title := v.Indicator
			if one, ok := coverage.IndicatorByCode(v.Indicator); ok {
				title += "  " + one.Title.In(p.Language)
			}
			fmt.Fprintf(w, "\n%s\n", title) //nolint:errcheck // Flush tells
		}
		if unchanged(v) {
			continue
		}
		value, share, confidence := string(v.Status), "", v.ConfidenceLabel
		if v.Amount != nil {
			value = p.ranged(v.Amount, 1, v.Unit)
		}
		if v.Share != nil && v.Whole != nil {
			share = p.ranged(v.Share, 100, "%") + " / " + shortened(v.Whole.Name.In(p.Language), 48)
		} else if v.Note != nil && v.Amount == nil {
			share = shortened(v.Note.In(p.Language), 100)
		}
		fmt.Fprintf(w, "  %s\t%s\t%s\tn %d\t%s\t%s\n", v.Area, shortened(coverage.Of(v.Of), 60), value, v.N, confidence, share) //nolint:errcheck // Flush tells
		before = v
	}
	return w.Flush()
}

// unchanged says that a value is a part of a change that is nothing: its total
// says so already.
func unchanged(v *coverage.Value) bool {
	return v.Indicator == "T2" && v.Of["part"] != "total" && v.Amount != nil && *v.Amount == coverage.Range{}
}

// shortened keeps a column from growing beyond a screen.
func shortened(s string, most int) string {
	if runes := []rune(s); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return s
}

func (p coverageCommand) ranged(r *coverage.Range, factor float64, unit string) string {
	decimals := 2
	if r.High == float64(int64(r.High)) && r.Central == float64(int64(r.Central)) && factor == 1 {
		decimals = 0 // counts
	}
	number := func(x float64) string { return coverage.FormatNumber(x*factor, decimals, p.Language) }
	low, central, high := number(r.Low), number(r.Central), number(r.High)
	if low == high {
		return central + " " + unit
	}
	return fmt.Sprintf("%s (%s–%s) %s", central, low, high, unit)
}
