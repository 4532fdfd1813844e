package passage

import (
	"bytes"
	"cmp"
	"context"
	"math"
	"slices"
	"strings"

	"github.com/google/uuid"

	"pasaj/geo"
	"pasaj/geo/cch"
	"pasaj/geo/road"
)

const (
	// maxCounterfactuals is how many reports are left aside, one at a time.
	maxCounterfactuals = 5
	// maxSuspects is how many of those that lie on the way that one would take
	// without any report are tried.
	maxSuspects = 12
)

// suspect is a report that may make the answer what it is.
type suspect struct {
	version *geo.Version
	weight  float64
	onWay   bool
}

// counterfactuals are the answers as they would be without each of the reports
// that weigh most: those on the way, and those on the way that one would take if
// nothing were reported, which may be why it is not taken.
func (q *question) counterfactuals(ctx context.Context, s searcher, w *way, a *Answer) ([]Counterfactual, error) {
	suspects := q.suspects(w, true)
	if q.request.Line == nil {
		clear, err := q.clearWay(ctx, s)
		switch {
		case err == nil:
			suspects = append(suspects, q.suspects(clear, false)...)
		case !isMissing(err):
			return nil, err
		}
	}
	type result struct {
		Counterfactual
		changes bool
		eases   int // steps by which the worst of what is reported becomes better
		gain    float64
	}
	var results []result
	tried := map[uuid.UUID]bool{}
	onWay, offWay := 0, 0
	for _, x := range suspects {
		if tried[x.version.ID] || x.onWay && onWay == maxCounterfactuals || !x.onWay && offWay == maxSuspects {
			continue
		}
		tried[x.version.ID] = true
		if x.onWay {
			onWay++
		} else {
			offWay++
		}
		r := *q.request
		r.Ignore = append(slices.Clone(r.Ignore), x.version.ID)
		without := q.again(r)
		other, err := without.find(ctx, s)
		if isMissing(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		b := without.judge(other)
		eases := int(worstReported(a) - worstReported(b))
		changes := eases != 0 || b.Advice != a.Advice || b.DurationS != a.DurationS || b.LengthM != a.LengthM
		if !changes && !x.onWay {
			continue
		}
		one := result{Counterfactual: Counterfactual{
			Collection: x.version.Layer.Name, ID: x.version.ID, Advice: b.Advice, DurationS: b.DurationS, LengthM: b.LengthM,
			Text: withoutText(x.version, a, b, otherRoads(w, other)),
		}, changes: changes, eases: eases, gain: a.DurationS - b.DurationS}
		results = append(results, one)
	}
	slices.SortStableFunc(results, func(a, b result) int {
		return cmp.Or(cmp.Compare(b.eases, a.eases), -compareBool(a.changes, b.changes), cmp.Compare(adviceOf(a.Advice), adviceOf(b.Advice)), -cmp.Compare(a.gain, b.gain))
	})
	out := []Counterfactual{}
	for _, one := range results[:min(len(results), maxCounterfactuals)] {
		out = append(out, one.Counterfactual)
	}
	return out, nil
}

// worstReported is the most guarded effect of what is reported on a way: what is
// not known is no report.
func worstReported(a *Answer) advice {
	worst := noReportedObstacle
	for i := range a.Reasons {
		if effect := adviceOf(a.Reasons[i].Effect); effect != insufficientInformation {
			worst = max(worst, effect)
		}
	}
	return worst
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

func adviceOf(value string) advice {
	return advice(slices.IndexFunc(geo.Advices, isWord(value)))
}

func isWord(value string) func(geo.Word) bool {
	return func(w geo.Word) bool { return w.Value == value }
}

// suspects lists the reports on a way, the heaviest first.
func (q *question) suspects(w *way, onWay bool) []suspect {
	var out []suspect
	add := func(v *geo.Version, effect advice, lengthM float64) {
		if v != nil && effect > noReportedObstacle {
			out = append(out, suspect{v, float64(effect)*1e7 + math.Min(lengthM, 1e6), onWay})
		}
	}
	encounters := q.encounters(w)
	for _, x := range encounters {
		add(x.obstacle.version, x.verdict.effect, 0)
	}
	c := q.course(w)
	for _, z := range c.zones {
		add(z.what.version, q.zoneEffect(w, z, encounters), z.lengthM())
	}
	for _, s := range c.sections {
		add(s.what.version, q.sectionEffect(s.what), s.lengthM())
	}
	slices.SortStableFunc(out, func(a, b suspect) int {
		return cmp.Or(-cmp.Compare(a.weight, b.weight), bytes.Compare(a.version.ID[:], b.version.ID[:]))
	})
	return out
}

// clearWay is the way that one would take if nothing were reported: by driving
// time alone.
func (q *question) clearWay(ctx context.Context, s searcher) (*way, error) {
	at, err := q.snaps()
	if err != nil {
		return nil, err
	}
	cost := func(s road.Stretch) uint32 {
		pace := q.caller.pace(q.roads, s.Edge)
		if math.IsInf(pace, 1) {
			return cch.Infinity
		}
		return deciseconds(s.LengthM() * pace)
	}
	f, ok := s.(*fast)
	if !ok {
		return nil, errBusy
	}
	e := &enquiry{q, f, f.net.kept}
	m := e.clearMetric()
	query := f.net.queries.Get().(*cch.Query)
	defer f.net.queries.Put(query)
	var legs []leg
	for i := 1; i < len(at); i++ {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		l, ok := e.run(query, m, at[i-1].Position, at[i].Position, cost)
		if !ok {
			return nil, road.ErrNotConnected
		}
		legs = append(legs, l)
	}
	return q.join(at, legs), nil
}

// clearMetric is driving times on roads on which nothing is reported. It does
// not depend on what the world says.
func (q *enquiry) clearMetric() *cch.Metric {
	k := q.kept
	k.mu.Lock()
	defer k.mu.Unlock()
	m := k.clear[q.caller.vehicle]
	if m == nil {
		weights := make([]uint32, len(q.net.topology.Arc))
		for i, arc := range q.net.topology.Arc {
			weights[i] = cch.Infinity
			if pace := q.caller.pace(q.roads, int(arc>>1)); !math.IsInf(pace, 1) {
				weights[i] = deciseconds(q.roads.graph.Edge(int(arc>>1)).LengthM * pace)
			}
		}
		m = q.net.hierarchy.Load().Customize(weights, q.engine.options.Threads)
		k.clear[q.caller.vehicle] = m
	}
	return m
}

// otherRoads names the road numbers, or else names, that most of a way runs on
// and that another way does not.
func otherRoads(before, after *way) []string {
	lengths := func(w *way) map[string]float64 {
		out := map[string]float64{}
		for i := range w.pieces {
			p := &w.pieces[i]
			if p.edge == nil {
				continue
			}
			for _, ref := range p.edge.Refs {
				out[ref] += p.length()
			}
			if len(p.edge.Refs) == 0 && p.edge.Name != "" {
				out[p.edge.Name] += p.length()
			}
		}
		return out
	}
	old, now := lengths(before), lengths(after)
	var names []string
	for name, m := range now {
		if m > old[name]+100 {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(-cmp.Compare(now[a]-old[a], now[b]-old[b]), cmp.Compare(a, b))
	})
	return names[:min(len(names), 2)]
}

// withoutText says what the answer would be without a report.
func withoutText(v *geo.Version, a, b *Answer, roads []string) geo.Text {
	kind := reportText(v)
	out := geo.Text{
		French: "Sans « " + kind.French + " », ", Haitian: "San «" + kind.Haitian + "», ", English: "Without “" + kind.English + "” ",
	}
	var fr, ht, en []string
	if len(roads) > 0 {
		names := strings.Join(roads, ", ")
		fr, ht, en = append(fr, "on passerait par "+names), append(ht, "ou ta pase sou "+names), append(en, "you would go by "+names)
	}
	saved := a.DurationS - b.DurationS
	minutes := duration(saved)
	switch {
	case minutes == "0 min":
	case saved > 0:
		fr, ht, en = append(fr, "le trajet durerait "+minutes+" de moins"), append(ht, "ou ta sove "+minutes), append(en, "save "+minutes)
		if len(roads) == 0 {
			en[len(en)-1] = "you would save " + minutes
		}
	default:
		fr, ht, en = append(fr, "le trajet durerait "+minutes+" de plus"), append(ht, "wout la ta pran "+minutes+" anplis"), append(en, "the journey would take "+minutes+" more")
	}
	switch {
	case a.Advice == b.Advice && worstReported(a) == notPassable && worstReported(b) < notPassable:
		fr, ht, en = append(fr, "plus rien de signalé sur le trajet ne serait infranchissable"), append(ht, "pa ta gen anyen yo rapòte sou wout la ki enposib pou pase"), append(en, "nothing reported on the way would be impassable any more")
	case a.Advice != b.Advice:
		w := wordOf(geo.Advices, b.Advice)
		fr, ht, en = append(fr, "l’avis serait : "+w.French), append(ht, "konsèy la ta: "+w.Haitian), append(en, "the advice would be: "+w.English)
	}
	if len(fr) == 0 {
		fr, ht, en = []string{"la réponse serait la même"}, []string{"repons lan ta menm"}, []string{"the answer would be the same"}
	}
	join := func(parts []string, and string) string {
		if n := len(parts); n > 1 {
			return strings.Join(parts[:n-1], ", ") + and + parts[n-1] + "."
		}
		return parts[0] + "."
	}
	out.French += join(fr, " et ")
	out.Haitian += join(ht, " epi ")
	out.English += join(en, " and ")
	return out
}

// reportText names a report in a few words.
func reportText(v *geo.Version) geo.Text {
	name := inBrackets(v.Name())
	var kind geo.Text
	switch v.Layer.Name {
	case "roadblocks":
		kind = label("roadblocks", "subtype", v.Text("subtype"))
	case "controlled-zones":
		kind = wordOf(geo.ControlTypes, v.Text("control_type"))
	case "national-roads":
		kind = label("national-roads", "status", v.Text("status"))
		ends := strings.Trim(v.Text("from_name")+" – "+v.Text("to_name"), " –")
		if ends = strings.TrimSpace(v.Text("ref") + " " + ends); ends != "" {
			name = geo.Text{French: " (" + ends + ")", Haitian: " (" + ends + ")", English: " (" + ends + ")"}
		}
	default:
		kind = v.Name()
		name = geo.Text{}
	}
	return geo.Text{French: kind.French + name.French, Haitian: kind.Haitian + name.Haitian, English: kind.English + name.English}
}
