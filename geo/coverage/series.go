package coverage

import (
	"context"
	"fmt"
	"slices"
	"time"

	"pasaj/geo"
)

// Limits of a series.
const (
	MaxSeriesPoints  = 1500      // instants
	MaxSeriesValues  = 200_000   // instants × areas
	MaxSeriesFigures = 1_500_000 // points in all rows of the answer
	MaxSeriesSteps   = 400       // instants of an indicator that is measured anew at each
	MinSeriesStep    = time.Hour
)

// SeriesQuestion asks for one indicator over time, all as known in one world
// and each point with its evidence aged to its instant.
type SeriesQuestion struct {
	Question           // At is not used; Indicators holds one code
	From, To time.Time // both are points where Step divides the time between them
	Step     time.Duration
	Of       map[string]string // rows that say this of themselves, such as control_type=controlled; nil: all rows
}

// Series is the answer to a SeriesQuestion. It marshals to JSON, the same bytes
// for the same world and question.
type Series struct {
	Indicator      string       `json:"indicator"`
	Formula        string       `json:"formula"`
	Title          geo.Text     `json:"title"`
	Revision       geo.Revision `json:"revision"`
	Audience       string       `json:"audience"`
	From           string       `json:"from"`
	To             string       `json:"to"`
	StepH          float64      `json:"step_h"`
	FormulaVersion string       `json:"formula_version"` // of the grades and their decay
	Notice         geo.Text     `json:"notice"`
	Datetimes      []string     `json:"datetimes"` // of the points of every line
	Lines          []Line       `json:"lines"`
}

// Line is one row of the indicator for one area over time.
type Line struct {
	Of       map[string]string `json:"of,omitempty"`
	Area     string            `json:"area"`
	Level    string            `json:"level"`
	Unit     string            `json:"unit"`
	Whole    *Whole            `json:"denominator"` // that of the last point that has one; shares are of each point's own
	Note     *geo.Text         `json:"note,omitempty"`
	Baseline *Comparison       `json:"baseline,omitempty"` // of the last point
	Points   []Point           `json:"points"`             // in the order of Series.Datetimes
}

// Point is one row at one instant. Null amounts are withheld or not measured,
// never zero.
type Point struct {
	Status     Status   `json:"status,omitempty"` // left out where assessed
	Amount     *Range   `json:"amount"`
	Share      *Range   `json:"share"`
	N          int      `json:"n"`
	Confidence *float64 `json:"confidence"`
}

// Series measures an indicator over time. Errors are those of Measure, and of
// code invalid for a question past the limits.
func (e *Engine) Series(ctx context.Context, q SeriesQuestion) (*Series, error) {
	i, instants, err := q.check()
	if err != nil {
		return nil, err
	}
	q.At = instants[len(instants)-1]
	s, err := e.scene(q.Question)
	if err != nil {
		return nil, err
	}
	if n := len(instants) * len(s.targets); n > MaxSeriesValues {
		return nil, geo.Errorf(geo.CodeInvalid, "", "%d points of %d areas: at most %d in all", len(instants), len(s.targets), MaxSeriesValues)
	}
	out := &Series{
		Indicator: i.Code, Formula: i.Formula(), Title: i.Title, Revision: q.World.Revision(), Audience: q.World.Audience().String(),
		From: geo.FormatInstant(instants[0]), To: geo.FormatInstant(q.At), StepH: q.Step.Hours(),
		FormulaVersion: q.World.Model().Version, Notice: Notice, Lines: []Line{},
	}
	for _, t := range instants {
		out.Datetimes = append(out.Datetimes, geo.FormatInstant(t))
	}
	switch rows := rowsOf[i.Code]; {
	case !s.holds(i.Layers...):
		for _, t := range s.targets {
			out.Lines = append(out.Lines, Line{Area: t.id, Level: t.level, Unit: i.Unit, Points: slices.Repeat([]Point{{Status: Withheld}}, len(instants))})
		}
	case rows != nil:
		out.Lines, err = s.fastSeries(ctx, i, instants, q.Of)
	case len(instants) > MaxSeriesSteps:
		err = geo.Errorf(geo.CodeInvalid, "", "%d points of %s, which is measured anew at each: at most %d", len(instants), i.Code, MaxSeriesSteps)
	default:
		out.Lines, err = e.slowSeries(ctx, i, q, s, instants)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", i.Code, err)
	}
	return out, nil
}

// check finds the indicator and the instants.
func (q *SeriesQuestion) check() (*Indicator, []time.Time, error) {
	if len(q.Indicators) != 1 {
		return nil, nil, geo.Errorf(geo.CodeInvalid, "", "a series is of one indicator, not of %d", len(q.Indicators))
	}
	i, ok := IndicatorByCode(q.Indicators[0])
	switch {
	case !ok:
		return nil, nil, geo.Errorf(geo.CodeNotFound, "", "there is no indicator %.20q", q.Indicators[0])
	case q.From.IsZero() || q.To.IsZero() || q.To.Before(q.From):
		return nil, nil, geo.Errorf(geo.CodeInvalid, "", "a series needs an instant to begin and one not before it to end")
	case q.Step < MinSeriesStep:
		return nil, nil, geo.Errorf(geo.CodeInvalid, "", "the step is at least one hour")
	}
	// Not by Sub, which saturates after 292 years.
	if q.From.Add(MaxSeriesPoints*q.Step).Compare(q.To) <= 0 || q.Step > 100*365*24*time.Hour {
		return nil, nil, geo.Errorf(geo.CodeInvalid, "", "more than %d points: a longer step or a shorter time", MaxSeriesPoints)
	}
	var instants []time.Time
	for t := q.From.UTC(); !t.After(q.To); t = t.Add(q.Step) {
		instants = append(instants, t)
	}
	return i, instants, nil
}

// tooMany refuses an answer that would not fit into memory.
func tooMany() error {
	return geo.Errorf(geo.CodeInvalid, "", "more than %d points in all rows: name a row or fewer areas", MaxSeriesFigures)
}

// slowSeries measures an indicator anew at each instant.
func (e *Engine) slowSeries(ctx context.Context, i *Indicator, q SeriesQuestion, s *scene, instants []time.Time) ([]Line, error) {
	order := map[string]int{}
	for n, t := range s.targets {
		order[t.id] = n
	}
	type key struct{ area, of string }
	found := map[key]*Line{}
	var keys []key
	for n, at := range instants {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		then := s.then(s.world, at, at)
		values, err := then.figures(ctx, i)
		if err != nil {
			return nil, err
		}
		for k := range values {
			v := &values[k]
			if !matches(v.Of, q.Of) {
				continue
			}
			at := key{v.Area, Of(v.Of)}
			line := found[at]
			if line == nil {
				if (len(found)+1)*len(instants) > MaxSeriesFigures {
					return nil, tooMany()
				}
				line = &Line{Of: v.Of, Area: v.Area, Level: v.Level, Unit: v.Unit, Points: slices.Repeat([]Point{{Status: NotMeasured}}, len(instants))}
				found[at] = line
				keys = append(keys, at)
			}
			p := Point{Status: v.Status, Amount: v.Amount, Share: v.Share, N: v.N, Confidence: v.Confidence}
			if p.Status == Assessed {
				p.Status = ""
			}
			line.Points[n], line.Note, line.Baseline = p, v.Note, v.Baseline
			if v.Whole != nil {
				line.Whole = v.Whole
			}
		}
	}
	// Rows that appear late come after the others of their area.
	slices.SortStableFunc(keys, func(a, b key) int { return order[a.area] - order[b.area] })
	out := make([]Line, len(keys))
	for n, k := range keys {
		out[n] = *found[k]
	}
	return out, nil
}

func matches(of, wanted map[string]string) bool {
	for key, value := range wanted {
		if of[key] != value {
			return false
		}
	}
	return true
}
