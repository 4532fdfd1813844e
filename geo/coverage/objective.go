package coverage

import (
	"context"
	"fmt"
	"slices"

	"pasaj/geo"
)

// Objectives is how the record stands to the medium-term objective (a) to (f)
// that the Secretary-General's letter of 24 February 2025 proposes for Haiti, and
// to the figures that the letter gives. It marshals to JSON.
type Objectives struct {
	Revision       geo.Revision `json:"revision"`
	Audience       string       `json:"audience"`
	Datetime       string       `json:"datetime"`
	FormulaVersion string       `json:"formula_version"` // of the grades and their decay
	Notice         geo.Text     `json:"notice"`
	Objectives     []Objective  `json:"objectives"` // (a) to (f)
	Readings       []Reading    `json:"baselines"`  // every baseline, in the order given
}

// Objective is one part of the objective with what tells how it goes.
type Objective struct {
	Letter   string    `json:"letter"`
	Text     geo.Text  `json:"text"`
	Wanted   string    `json:"wanted"` // up or down: where the headline figures should go
	Status   Status    `json:"status"` // of the headline
	Headline []Figure  `json:"headline"`
	Support  []Figure  `json:"support"`
	Note     *geo.Text `json:"note,omitempty"`
}

// Figure is a value with its indicator's title and its area's name.
type Figure struct {
	Title geo.Text `json:"title"`
	Place geo.Text `json:"place"`
	Value Value    `json:"value"`
}

// wantedFigure names figures of an objective.
type wantedFigure struct {
	code     string
	area     string
	of       map[string]string // rows with these words; nil: rows of no dimension, else the first ones
	baseline string
	only     []geo.Audience // nobody else is told; nil: all
}

type objectiveRule struct {
	letter, wanted    string
	text              geo.Text
	headline, support []wantedFigure
	note              *geo.Text
}

var affected = map[string]string{"control_type": "controlled+contested+influenced"}

// objectiveRules are the six parts with their figures: Pasaj's choice. A part
// with no defensible figure has none and says so.
var objectiveRules = []objectiveRule{
	{
		letter: "a", wanted: ArrowDown,
		text: geo.Text{
			French:  "Reprendre les zones et les infrastructures clés de Port-au-Prince et de l’Artibonite, et empêcher les groupes de s’étendre ailleurs.",
			Haitian: "Reprann zòn ak enfrastrikti kle Pòtoprens ak Latibonit, epi anpeche gwoup yo ale lòt kote.",
			English: "Take back key areas and infrastructure of Port-au-Prince and the Artibonite, and keep groups from spreading elsewhere.",
		},
		headline: []wantedFigure{{code: "T1", area: "ZMPP-urban", of: affected}, {code: "T1", area: "lower-artibonite", of: affected}},
		support:  []wantedFigure{{code: "C1", area: Country, of: map[string]string{"total": "under_control"}}, {code: "T3", area: Country}},
	},
	{
		letter: "b", wanted: ArrowUp,
		text: geo.Text{
			French:  "Maintenir durablement les forces de l’ordre dans les zones reprises.",
			Haitian: "Kenbe lapolis nan zòn yo reprann pou lontan.",
			English: "Keep law enforcement in recovered areas for good.",
		},
		headline: []wantedFigure{{code: "T4", area: Country, of: map[string]string{"days": "90"}}},
		support:  []wantedFigure{{code: "T5", area: Country}, {code: "L5", area: Country}},
	},
	{
		letter: "c", wanted: ArrowUp,
		text: geo.Text{
			French:  "Sécuriser les grands ports, aéroports et routes nationales et les remettre pleinement en service.",
			Haitian: "Sekirize gwo pò, ewopò ak wout nasyonal yo epi fè yo mache nèt.",
			English: "Secure the main ports, airports and national roads and have them fully in service.",
		},
		headline: []wantedFigure{{code: "C2", area: Country}},
		support: []wantedFigure{
			{code: "C2", area: Country, of: map[string]string{"part": "ports"}}, {code: "C2", area: Country, of: map[string]string{"part": "airports"}},
			{code: "C2", area: Country, of: map[string]string{"part": "national-roads"}},
			{code: "P1", area: Country, of: map[string]string{"status": "full"}}, {code: "P2", area: Country, of: map[string]string{"status": "full"}},
			{code: "R1", area: Country, of: map[string]string{"status": "open"}},
		},
	},
	{
		letter: "d", wanted: ArrowDown,
		text: geo.Text{
			French:  "Gagner la confiance de la population ; moins d’abus et de corruption.",
			Haitian: "Fè popilasyon an fè konfyans ; mwens abi ak koripsyon.",
			English: "Earn the trust of communities; fewer abuses and less corruption.",
		},
		support: []wantedFigure{{code: "V3", area: Country, of: map[string]string{"window": "30d"}, only: []geo.Audience{geo.Security}}},
		note:    &notMeasuredHere,
	},
	{
		letter: "e", wanted: ArrowDown,
		text: geo.Text{
			French:  "Réunir les conditions d’élections ouvertes à tous : moins d’électeurs exposés.",
			Haitian: "Mete kondisyon pou eleksyon tout moun ka patisipe : mwens elektè ki ekspoze.",
			English: "Bring about conditions for elections open to all: fewer voters exposed.",
		},
		headline: []wantedFigure{{code: "E1", area: Country, baseline: "electorate_ouest_artibonite"}},
		support:  []wantedFigure{{code: "R1", area: Country, of: map[string]string{"status": "open"}}, {code: "T1", area: Country, of: affected}},
	},
	{
		letter: "f", wanted: ArrowUp,
		text: geo.Text{
			French:  "Réduire les flux illicites d’armes, de drogues et de marchandises.",
			Haitian: "Diminye zam, dwòg ak machandiz k ap pase anba.",
			English: "Less illicit flow of arms, drugs and goods.",
		},
		headline: []wantedFigure{{code: "B1", area: Country, baseline: "border_crossings_official"}},
		support:  []wantedFigure{{code: "M1", area: Country, of: map[string]string{"radius_nm": "10"}}, {code: "M1", area: Country, of: map[string]string{"radius_nm": "20"}}},
	},
}

var notMeasuredHere = geo.Text{French: "Non mesuré ici.", Haitian: "Pa mezire isit la.", English: "Not measured here."}

// maxFigureRows is how many rows a figure of several dimensions may have.
const maxFigureRows = 8

// Objectives answers for the world and the instant of a question; its areas and
// indicators are not looked at. Errors are those of Measure.
func (e *Engine) Objectives(ctx context.Context, q Question) (*Objectives, error) {
	p := &pursuit{engine: e, question: q, scenes: map[string]*scene{}, values: map[[2]string][]Value{}}
	country, err := p.scene(Country)
	if err != nil {
		return nil, err
	}
	out := &Objectives{
		Revision: q.World.Revision(), Audience: q.World.Audience().String(), Datetime: geo.FormatInstant(q.At),
		FormulaVersion: q.World.Model().Version, Notice: Notice,
	}
	for k := range objectiveRules {
		rule := &objectiveRules[k]
		o := Objective{Letter: rule.letter, Text: rule.text, Wanted: rule.wanted, Note: rule.note, Status: NotMeasured}
		if o.Headline, err = p.figures(ctx, rule.headline); err != nil {
			return nil, err
		}
		if o.Support, err = p.figures(ctx, rule.support); err != nil {
			return nil, err
		}
		o.Status = statusOf(o.Headline)
		if o.Status == NotMeasured && o.Note == nil {
			o.Note = &notMeasuredHere
		}
		out.Objectives = append(out.Objectives, o)
	}
	out.Readings = country.readings()
	return out, nil
}

// statusOf is assessed where any figure is, else withheld where any is.
func statusOf(figures []Figure) Status {
	status := NotMeasured
	for _, f := range figures {
		if f.Value.Status == Assessed {
			return Assessed
		}
		if f.Value.Status == Withheld {
			status = Withheld
		}
	}
	return status
}

// pursuit is one answer of Objectives on its way. Indicators are measured on
// one area at a time, each once.
type pursuit struct {
	engine   *Engine
	question Question
	scenes   map[string]*scene
	values   map[[2]string][]Value // by code and area
}

// scene is the scene of one area; without targets where the record lacks it.
func (p *pursuit) scene(area string) (*scene, error) {
	if have := p.scenes[area]; have != nil {
		return have, nil
	}
	q := p.question
	q.Areas, q.Level, q.Drawn, q.Indicators = []string{area}, "", nil, nil
	s, err := p.engine.scene(q)
	if err != nil && (s == nil || geo.CodeOf(err) != geo.CodeNotFound) {
		return nil, err
	}
	p.scenes[area] = s
	return s, nil
}

func (p *pursuit) figures(ctx context.Context, wanted []wantedFigure) ([]Figure, error) {
	out := []Figure{}
	for k := range wanted {
		w := &wanted[k]
		if w.only != nil && !slices.Contains(w.only, p.question.World.Audience()) {
			continue
		}
		s, err := p.scene(w.area)
		if err != nil {
			return nil, err
		}
		i, known := IndicatorByCode(w.code)
		place := geo.Text{French: w.area, Haitian: w.area, English: w.area}
		t := &target{id: w.area}
		if len(s.targets) > 0 {
			t = s.targets[0]
			place = t.name
		}
		if !known || len(s.targets) == 0 {
			missing := i
			if !known {
				missing = &Indicator{Code: w.code, Title: geo.Text{French: w.code, Haitian: w.code, English: w.code}}
			}
			v := s.notMeasured(missing, t, notMeasuredHere, flat(w.of)...)
			if !known {
				v.Formula = "" // nothing says how it would be measured
			}
			v.Baseline = p.engine.compare(w.baseline, nil, 0, "")
			out = append(out, Figure{missing.Title, place, v})
			continue
		}
		key := [2]string{w.code, w.area}
		values, ok := p.values[key]
		if !ok {
			if values, err = s.figures(ctx, i); err != nil {
				return nil, fmt.Errorf("%s: %w", i.Code, err)
			}
			p.values[key] = values
		}
		rows := rowsWith(values, w.of)
		if len(rows) == 0 {
			rows = []Value{s.notMeasured(i, t, notMeasuredHere, flat(w.of)...)}
		}
		for _, v := range rows {
			if v.Baseline == nil && w.baseline != "" {
				v.Baseline = p.engine.compare(w.baseline, nil, 0, "")
			}
			out = append(out, Figure{i.Title, place, v})
		}
	}
	return out, nil
}

// rowsWith picks the rows with some words and the fewest others; without words
// those of no dimension, else the first. Where none has them, a row that speaks
// for the whole indicator, such as one withheld, is the answer.
func rowsWith(values []Value, of map[string]string) []Value {
	var with, plain []Value
	for _, v := range values {
		if len(v.Of) == 0 {
			plain = append(plain, v)
		}
		has := len(of) > 0
		for key, word := range of {
			has = has && v.Of[key] == word
		}
		switch {
		case !has || len(with) > 0 && len(v.Of) > len(with[0].Of):
		case len(with) > 0 && len(v.Of) < len(with[0].Of):
			with = []Value{v}
		default:
			with = append(with, v)
		}
	}
	switch {
	case len(with) > 0:
		return with[:min(len(with), maxFigureRows)]
	case len(plain) > 0 || len(of) > 0:
		return plain
	}
	return values[:min(len(values), maxFigureRows)]
}

// flat writes a map as the pairs that value takes.
func flat(of map[string]string) []string {
	var out []string
	for _, key := range sortedKeys(of) {
		out = append(out, key, of[key])
	}
	return out
}
