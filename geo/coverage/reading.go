package coverage

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"pasaj/geo"
)

// Reading is a dated baseline beside what the record says now.
type Reading struct {
	ID         string      `json:"id"` // of the baseline
	Name       geo.Text    `json:"name"`
	Text       geo.Text    `json:"text"` // the baseline in words, such as 67/412 = 16,3 %
	Comparison *Comparison `json:"comparison"`
	Wanted     string      `json:"wanted,omitempty"` // up or down: where it should go

	Status  Status      `json:"status"` // of the figure now
	Unit    string      `json:"unit"`
	Amount  *Range      `json:"amount"`
	Share   *Range      `json:"share"`
	Whole   *Whole      `json:"denominator"`
	Present *geo.Text   `json:"present,omitempty"` // the figure now in words, such as 12/400 = 3,0 %
	N       int         `json:"n"`                 // records that could have been counted
	IDs     []uuid.UUID `json:"ids"`               // those that were, by medium evidence
	Note    *geo.Text   `json:"note,omitempty"`
}

// readingRule says what of the record a baseline is read against.
type readingRule struct {
	id     string
	whole  string // the baseline that it is part of, or is set beside
	share  bool   // it is a share of that whole
	pair   [2]string
	wanted string
	total  string // the baseline that says how many there are in all; "" where the source does not
	count  func(s *scene) *census
}

// census is what the record has of something now.
type census struct {
	status Status
	amount Range  // of those counted, or in percent
	unit   string // UnitCount or UnitShare
	of     geo.Text
	n      int // on record
	ids    []uuid.UUID
	note   *geo.Text
}

// readingRules are the baselines that the record can be read against. The
// others are listed as not measured here.
var readingRules = []readingRule{
	{id: "police_facilities_not_functional", whole: "police_facilities", share: true, total: "police_facilities", wanted: ArrowDown, count: (*scene).policeDown},
	{id: "police_not_functional_ouest", pair: [2]string{"police_facilities_not_functional_ouest", "police_facilities_not_functional"}, total: "police_facilities", wanted: ArrowDown, count: (*scene).policeDownOuest},
	{id: "prisons_out_of_service", whole: "prisons", share: true, total: "prisons", wanted: ArrowDown, count: facilitiesThat("facilities", down, prisons, "prison")},
	{id: "courts_not_operating", wanted: ArrowDown, count: facilitiesThat("facilities", down, courts, "court_tpi")},
	{id: "health_full_nation", total: healthTotal, wanted: ArrowUp, count: (*scene).healthFull},
	{id: "health_closed_nation", total: healthTotal, wanted: ArrowDown, count: (*scene).healthClosed},
	{id: "health_reduced_nation", total: healthTotal, count: (*scene).healthReduced},
	{id: "health_open_metro", total: healthTotal + "_metro", wanted: ArrowUp, count: (*scene).healthOpenMetro},
	{id: "health_closed_security_metro", total: healthTotal + "_metro", wanted: ArrowDown, count: (*scene).healthClosedMetro},
	{id: "schools_closed", wanted: ArrowDown, count: facilitiesThat("facilities", down, schools, "school")},
	{id: "border_crossings_official", whole: "border_crossings_irregular", total: "border_crossings_official", wanted: ArrowUp, count: (*scene).crossingsOpen},
	{id: "border_crossings_irregular", wanted: ArrowDown, count: (*scene).crossingsIrregular},
	{id: "mission_bases_built", whole: "mission_bases_planned", share: true, total: "mission_bases_planned", wanted: ArrowUp, count: (*scene).basesBuilt},
}

// healthTotal is a baseline that the letter does not give: a deployment that
// knows how many health facilities there are may bring it.
const healthTotal = "health_facilities"

var (
	prisons   = geo.Text{French: "prisons au registre", Haitian: "prizon ki nan rejis la", English: "prisons on record"}
	courts    = geo.Text{French: "tribunaux de première instance au registre", Haitian: "tribinal premye enstans ki nan rejis la", English: "first-instance courts on record"}
	schools   = geo.Text{French: "écoles au registre", Haitian: "lekòl ki nan rejis la", English: "schools on record"}
	health    = geo.Text{French: "structures de santé au registre", Haitian: "sant sante ki nan rejis la", English: "health facilities on record"}
	police    = geo.Text{French: "installations de police au registre", Haitian: "enstalasyon lapolis ki nan rejis la", English: "police facilities on record"}
	downRate  = geo.Text{French: "installations de police non fonctionnelles au registre", Haitian: "enstalasyon lapolis ki pa fonksyone nan rejis la", English: "police facilities not functional on record"}
	irregular = geo.Text{French: "passages irréguliers au registre", Haitian: "pasaj ilegal ki nan rejis la", English: "irregular crossings on record"}
	official  = geo.Text{French: "passages officiels au registre", Haitian: "pòs ofisyèl ki nan rejis la", English: "official crossings on record"}
	bases     = geo.Text{French: "bases avancées au registre", Haitian: "baz avanse ki nan rejis la", English: "forward bases on record"}
)

// readings reads every baseline of the engine, in its order. Those that are only
// the whole of another are not listed again.
func (s *scene) readings() []Reading {
	out := []Reading{}
	wholes := map[string]bool{}
	rules := map[string]*readingRule{}
	for k := range readingRules {
		r := &readingRules[k]
		rules[r.id] = r
		wholes[r.whole], wholes[r.pair[0]] = true, true
	}
	for k := range s.engine.options.Baselines {
		b := &s.engine.options.Baselines[k]
		switch rule := rules[b.Indicator]; {
		case rule != nil:
			out = append(out, s.reading(b, rule))
		case !wholes[b.Indicator]:
			r := blank(b)
			r.Note = &notMeasuredHere
			out = append(out, r)
		}
	}
	return out
}

// blank is a reading of a baseline with nothing beside it.
func blank(b *Baseline) Reading {
	return Reading{
		ID: b.Indicator, Name: b.Label, Comparison: b.comparison(), Status: NotMeasured, IDs: []uuid.UUID{},
		Text: inLanguages(b.text),
	}
}

func inLanguages(write func(language string) string) geo.Text {
	return geo.Text{French: write("fr"), Haitian: write("ht"), English: write("en")}
}

// readingText is a baseline in words, with the figure that it is part of.
func (e *Engine) readingText(b *Baseline, rule *readingRule) geo.Text {
	if part, whole := e.baseline(rule.pair[0]), e.baseline(rule.pair[1]); part != nil && whole != nil {
		return inLanguages(func(language string) string {
			return b.text(language) + " (" + pairText(part, whole, false, language) + ")"
		})
	}
	if whole := e.baseline(rule.whole); whole != nil {
		return inLanguages(func(language string) string { return pairText(b, whole, rule.share, language) })
	}
	return inLanguages(b.text)
}

func (s *scene) reading(b *Baseline, rule *readingRule) Reading {
	e := s.engine
	r := blank(b)
	r.Wanted = rule.wanted
	r.Text = e.readingText(b, rule)
	r.Comparison.Text = r.Text.English
	c := rule.count(s)
	r.Status, r.Unit, r.N, r.Note = c.status, c.unit, c.n, c.note
	if c.status != Assessed {
		return r
	}
	if c.ids != nil {
		r.IDs = c.ids
	}
	r.Whole = &Whole{Name: c.of, Amount: float64(c.n), Unit: UnitCount, Source: "record"}
	if c.unit == UnitShare {
		r.Share = Range{c.amount.Low / 100, c.amount.Central / 100, c.amount.High / 100}.rounded()
		r.Amount = r.Share
	} else {
		r.Amount, r.Share = c.amount.rounded(), c.amount.over(float64(c.n))
		if rule.share && c.amount == Exactly(c.amount.Central) {
			present := inLanguages(func(language string) string {
				return FormatNumber(c.amount.Central, -1, language) + "/" + FormatNumber(float64(c.n), -1, language) + " = " +
					FormatPercent(c.amount.Central/float64(c.n), 1, language)
			})
			r.Present = &present
		}
	}
	r.Comparison.Arrow, r.Note = e.judge(b, rule, c)
	return r
}

// judge gives the arrow, or why there is none. What the source counts and the
// record lacks may be anything.
func (e *Engine) judge(b *Baseline, rule *readingRule, c *census) (string, *geo.Text) {
	least, most := b.band()
	total := e.baseline(rule.total)
	switch {
	case total == nil && b.isPercent():
		return ArrowUnknown, &geo.Text{
			French:  fmt.Sprintf("Échantillon de %d : la source ne dit pas combien il y en a en tout.", c.n),
			Haitian: fmt.Sprintf("Echantiyon %d : sous la pa di konbyen ki genyen antou.", c.n),
			English: fmt.Sprintf("A sample of %d: the source does not say how many there are in all.", c.n),
		}
	case total == nil:
		// Only what is on record can be counted: there are at least so many.
		if a := arrow(c.amount, least, most); a != ArrowDown {
			return a, c.note
		}
		return ArrowUnknown, &geo.Text{
			French:  "Moins au registre que dans la source, qui ne donne pas de total : mieux ou seulement moins connu, on ne sait pas.",
			Haitian: "Mwens nan rejis la pase nan sous la, ki pa bay total : nou pa konnen si se amelyorasyon oswa si enfòmasyon manke.",
			English: "Fewer on record than in the source, which gives no total: whether better or only less known cannot be told.",
		}
	case isSample(c.n, total.Value):
		note := inLanguages(func(language string) string {
			n, of := FormatNumber(float64(c.n), -1, language), FormatNumber(total.Value, -1, language)
			switch language {
			case "fr":
				return fmt.Sprintf("Échantillon de %s sur %s.", n, of)
			case "ht":
				return fmt.Sprintf("Echantiyon %s sou %s.", n, of)
			}
			return fmt.Sprintf("Sample of %s of %s.", n, of)
		})
		return ArrowUnknown, &note
	case b.isPercent():
		return arrow(c.amount, least, most), c.note
	}
	amount := c.amount
	if missing := total.Value - float64(c.n); missing > 0 {
		amount.High += missing
	}
	return arrow(amount, least, most), c.note
}

// census counts facilities of which something is true.
func (s *scene) census(list []*hub, of geo.Text, is func(v *geo.Version) certainty) *census {
	c := &census{status: Assessed, unit: UnitCount, of: of, n: len(list)}
	if len(list) == 0 {
		return &census{status: NotMeasured, unit: UnitCount, note: &noneHere}
	}
	for _, h := range list {
		certain := is(h.v)
		certain.count(&c.amount)
		if certain.is[central] {
			c.ids = append(c.ids, h.v.ID)
		}
	}
	c.ids = sortIDs(c.ids)
	return c
}

func down(s *scene, v *geo.Version) certainty { return s.inState(v, "none") }

// facilitiesThat makes a rule's count of the facilities of some types.
func facilitiesThat(layer string, is func(*scene, *geo.Version) certainty, of geo.Text, types ...string) func(*scene) *census {
	return func(s *scene) *census {
		if !s.seesProperty(layer, "functional") {
			return &census{status: Withheld, unit: UnitCount}
		}
		return s.census(s.hubsOf(layer, types...), of, func(v *geo.Version) certainty { return is(s, v) })
	}
}

func (s *scene) policeDown() *census {
	return facilitiesThat("police-facilities", down, police)(s)
}

// policeDownOuest is which part of the police facilities not functional is in
// Ouest, in percent: the least where only those elsewhere are down that may be.
func (s *scene) policeDownOuest() *census {
	const ouest = "HT01"
	all := s.policeDown()
	if all.status != Assessed {
		return all
	}
	var here, there Range
	c := &census{status: Assessed, unit: UnitShare, of: downRate, n: all.n}
	for _, h := range s.hubsOf("police-facilities") {
		certain := down(s, h.v)
		if s.department(h) == ouest {
			certain.count(&here)
			if certain.is[central] {
				c.ids = append(c.ids, h.v.ID)
			}
		} else {
			certain.count(&there)
		}
	}
	if here.Central+there.Central == 0 {
		return &census{status: NotMeasured, unit: UnitShare, n: all.n, note: &geo.Text{
			French:  "Aucune installation n’est dite non fonctionnelle par une information au moins moyenne et à jour.",
			Haitian: "Pa gen okenn enstalasyon ki pa fonksyone dapre enfòmasyon ki omwen mwayen epi ki fre.",
			English: "No facility is not functional by information that is fresh and at least of medium confidence.",
		}}
	}
	share := func(a, b float64) float64 {
		if a+b == 0 {
			return 0
		}
		return 100 * a / (a + b)
	}
	c.amount = Range{share(here.Low, there.High), share(here.Central, there.Central), share(here.High, there.Low)}
	return c
}

// healthShare is which part of the health facilities is in some states, in
// percent, in the country or in the metropolitan area.
func (s *scene) healthShare(metropolitan bool, is func(v *geo.Version) certainty) *census {
	if !s.seesProperty("facilities", "functional") || !s.seesProperty("facilities", "status_reason") {
		return &census{status: Withheld, unit: UnitShare}
	}
	list := s.hubsOf("facilities", "hospital", "health_centre")
	if metropolitan {
		t := s.ground.find("ZMPP-admin")
		if t == nil {
			list = nil
		} else {
			list = hubsIn(t, list)
		}
	}
	c := s.census(list, health, is)
	c.unit = UnitShare
	if c.status == Assessed {
		n := float64(c.n) / 100
		c.amount = Range{c.amount.Low / n, c.amount.Central / n, c.amount.High / n}
	}
	return c
}

func (s *scene) healthFull() *census {
	return s.healthShare(false, func(v *geo.Version) certainty { return s.inState(v, "full") })
}

func (s *scene) healthClosed() *census {
	return s.healthShare(false, func(v *geo.Version) certainty { return s.inState(v, "none") })
}

func (s *scene) healthReduced() *census {
	return s.healthShare(false, func(v *geo.Version) certainty { return s.inState(v, "partial") })
}

func (s *scene) healthOpenMetro() *census {
	return s.healthShare(true, func(v *geo.Version) certainty { return s.inState(v, "full", "partial") })
}

// insecurity are the reasons that stand for insecurity.
var insecurity = []string{"security", "in_controlled_area", "burned", "reoccupied"}

func (s *scene) healthClosedMetro() *census {
	return s.healthShare(true, func(v *geo.Version) certainty {
		closed := s.inState(v, "none")
		switch reason := v.Text("status_reason"); {
		case slices.Contains(insecurity, reason):
			return closed
		case reason == "" || reason == "unknown":
			return closed.and(nobodyKnows)
		}
		return closed.and(certainBy(false, low))
	})
}

func (s *scene) crossingsOpen() *census {
	if !s.seesProperty("facilities", "functional") || !s.seesProperty("facilities", "attributes") {
		return &census{status: Withheld, unit: UnitCount}
	}
	return s.census(s.crossings(true), official, s.functions)
}

func (s *scene) crossingsIrregular() *census {
	if !s.seesProperty("facilities", "attributes") {
		return &census{status: Withheld, unit: UnitCount}
	}
	return s.census(s.crossings(false), irregular, func(v *geo.Version) certainty { return certainBy(true, s.degree(v)) })
}

// basesBuilt counts forward bases that stand: by attributes.stage (built or
// planned), else by functioning. Nobody but security and operations is told
// anything of them, not even that there are none on record.
func (s *scene) basesBuilt() *census {
	if !slices.Contains([]geo.Audience{geo.Security, geo.Operations}, s.world.Audience()) {
		return &census{status: NotMeasured, unit: UnitCount, note: &notMeasuredHere}
	}
	return s.census(s.hubsOf("facilities", "fob"), bases, func(v *geo.Version) certainty {
		var a struct {
			Stage string `json:"stage"`
		}
		if raw, ok := v.Value("attributes").(json.RawMessage); ok && json.Unmarshal(raw, &a) == nil && a.Stage != "" {
			return certainBy(a.Stage == "built", s.degree(v))
		}
		return s.functions(v)
	})
}
