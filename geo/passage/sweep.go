package passage

import (
	"bytes"
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/google/uuid"

	"pasaj/geo"
)

// sums are what a sweep along the way adds up.
type sums struct {
	control       []ControlLength
	groups        []GroupLength
	unassessedM   float64
	unobservedM   float64
	unobservedAtM float64 // start of the longest stretch without news
	ages          []agedLength
	legs          []stage
}

// agedLength is a length of way whose youngest evidence has an age.
type agedLength struct {
	age     time.Duration
	lengthM float64
}

// stage is a stretch of the way on ground of one control type.
type stage struct {
	span
	rank        controlRank
	evidence    []uuid.UUID
	confidence  float64 // the greatest of those zones that name the ground
	isGraded    bool
	age         time.Duration // the greatest along the stage of the youngest evidence
	isDated     bool
	unobservedM float64
	known       float64 // risk
	unknown     float64
}

// cover is a piece of evidence on a stretch of the way.
type cover struct {
	span
	version  *geo.Version
	rank     controlRank
	dated    bool
	observes bool
	age      time.Duration
	graded   bool
	worth    float64
	listed   int // stage in whose evidence it stands already
	groups   []int
}

// covers lists the evidence on a way in the order in which it begins, and the
// groups that hold ground there.
func (q *question) covers(c *course) (covers []cover, groups []string) {
	add := func(spans []span, x cover) {
		a := q.assess(x.version)
		x.age, x.worth, x.graded, x.listed = a.Age, a.Confidence, x.version.Value("confidence") != nil, -1
		for _, s := range spans {
			x.span = s
			covers = append(covers, x)
		}
	}
	for _, z := range c.zones {
		v := z.what.version
		x := cover{version: v, rank: z.what.rank, dated: dated(v, q.request.At) && z.what.control != "unknown", observes: q.observes(z.what)}
		for _, h := range v.Holders {
			at := slices.Index(groups, h.Group)
			if at < 0 {
				at = len(groups)
				groups = append(groups, h.Group)
			}
			if !slices.Contains(x.groups, at) {
				x.groups = append(x.groups, at)
			}
		}
		add(z.spans, x)
	}
	for _, s := range c.sections {
		v := s.what.version
		add(s.spans, cover{version: v, rank: unassessed, dated: dated(v, q.request.At), observes: fresh(v, q.request)})
	}
	for _, o := range c.seen {
		v := o.what.version
		add(o.spans, cover{version: v, rank: unassessed, dated: dated(v, q.request.At), observes: fresh(v, q.request)})
	}
	slices.SortStableFunc(covers, func(a, b cover) int { return cmp.Compare(a.from, b.from) })
	return covers, groups
}

// sweep cuts the way wherever evidence begins or ends and gives every metre one
// control type by precedence, its groups, and the youngest evidence.
func (q *question) sweep(w *way, c *course) sums {
	covers, groups := q.covers(c)
	cuts := make([]float64, 0, 2*len(covers)+2)
	cuts = append(cuts, 0, w.lengthM)
	for i := range covers {
		cuts = append(cuts, covers[i].from, covers[i].to)
	}
	slices.Sort(cuts)

	out := sums{}
	byControl, byGroup := make([]float64, unassessed+1), make([]float64, len(groups))
	held := make([]int, len(groups)) // interval in which a group was counted last
	var active []int
	next, silentFrom, longest := 0, -1.0, 0.0
	for i := 1; i < len(cuts); i++ {
		from, to := cuts[i-1], cuts[i]
		if from == to {
			continue
		}
		middle := (from + to) / 2
		for ; next < len(covers) && covers[next].from <= middle; next++ {
			active = append(active, next)
		}
		active = slices.DeleteFunc(active, func(k int) bool { return covers[k].to < middle })
		h := here{rank: unassessed}
		for _, k := range active {
			x := &covers[k]
			h.rank = min(h.rank, x.rank)
			h.observed = h.observed || x.observes
			if x.dated && (!h.dated || x.age < h.age) {
				h.age, h.dated = x.age, true
			}
			for _, g := range x.groups {
				if held[g] != i {
					held[g] = i
					byGroup[g] += to - from
				}
			}
		}
		byControl[h.rank] += to - from
		if h.dated {
			out.ages = append(out.ages, agedLength{h.age, to - from})
		}
		out.stage(span{from, to}, h, covers, active)
		if h.observed {
			silentFrom = -1
			continue
		}
		out.unobservedM += to - from
		if silentFrom < 0 {
			silentFrom = from
		}
		if to-silentFrom > longest {
			longest, out.unobservedAtM = to-silentFrom, silentFrom
		}
	}
	out.unassessedM = byControl[unassessed]
	out.control = []ControlLength{}
	for rank, m := range byControl[:unassessed] {
		if m > 0 {
			out.control = append(out.control, ControlLength{controlRank(rank).String(), metres(m)})
		}
	}
	out.groups = []GroupLength{}
	for g, m := range byGroup {
		if m > 0 {
			out.groups = append(out.groups, GroupLength{groups[g], metres(m)})
		}
	}
	slices.SortFunc(out.groups, func(a, b GroupLength) int {
		return cmp.Or(cmp.Compare(b.LengthM, a.LengthM), cmp.Compare(a.Group, b.Group))
	})
	return out
}

// here is what the evidence at a place comes to.
type here struct {
	rank     controlRank
	dated    bool
	age      time.Duration // of the youngest evidence
	observed bool
}

// shortStageM is the length below which a change of control type is rounding.
const shortStageM = .01

// stage adds an interval to the stage that it continues, or begins another.
func (s *sums) stage(on span, h here, covers []cover, active []int) {
	n := len(s.legs)
	if n == 0 || s.legs[n-1].rank != h.rank && on.length() >= shortStageM {
		s.legs = append(s.legs, stage{span: span{on.from, on.from}, rank: h.rank})
		n++
	}
	leg := &s.legs[n-1]
	leg.to = on.to
	if !h.observed {
		leg.unobservedM += on.length()
	}
	if h.dated && (!leg.isDated || h.age > leg.age) {
		leg.age, leg.isDated = h.age, true
	}
	for _, k := range active {
		x := &covers[k]
		if x.listed != n {
			x.listed = n
			if !slices.Contains(leg.evidence, x.version.ID) {
				leg.evidence = append(leg.evidence, x.version.ID)
			}
		}
		if x.rank == leg.rank && x.rank < unassessed && x.graded && (!leg.isGraded || x.worth > leg.confidence) {
			leg.confidence, leg.isGraded = x.worth, true
		}
	}
}

// oldest gives the greatest and the median age of the youngest evidence along
// the way, in hours, where there is any.
func (s *sums) oldest() (oldest, median *float64) {
	if len(s.ages) == 0 {
		return nil, nil
	}
	slices.SortFunc(s.ages, func(a, b agedLength) int { return cmp.Compare(a.age, b.age) })
	total := 0.0
	for _, a := range s.ages {
		total += a.lengthM
	}
	half := 0.0
	for _, a := range s.ages {
		if half += a.lengthM; half >= total/2 {
			h := hours(a.age)
			median = &h
			break
		}
	}
	h := hours(s.ages[len(s.ages)-1].age)
	return &h, median
}

// dangerous are the control types that a start or an end is better not in.
var dangerous = []string{"controlled", "contested", "influenced", "unknown"}

// ends are the stages in which the way starts and ends, where that is on ground
// held against the state or of which nobody can say: it has to be left, or
// entered, whatever the way.
func (s *sums) ends() []stage {
	var out []stage
	for i := range s.legs {
		if (i == 0 || i == len(s.legs)-1) && slices.Contains(dangerous, s.legs[i].rank.String()) {
			out = append(out, s.legs[i])
		}
	}
	return out
}

// answerLegs writes the stages of a way.
func (s *sums) answerLegs() []Leg {
	out := make([]Leg, len(s.legs))
	for i := range s.legs {
		l := &s.legs[i]
		slices.SortFunc(l.evidence, func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) })
		out[i] = Leg{
			Km: km(l.from), LengthM: metres(l.length()), ControlType: point(l.rank.String()), Evidence: l.evidence,
			UnobservedM: metres(l.unobservedM), RiskKnown: roundRisk(l.known), RiskUnknown: roundRisk(l.unknown),
		}
		if out[i].Evidence == nil {
			out[i].Evidence = []uuid.UUID{}
		}
		if l.isGraded {
			c := math.Round(l.confidence*100) / 100
			out[i].Confidence = &c
		}
		if l.isDated {
			h := hours(l.age)
			out[i].AgeH = &h
		}
	}
	return out
}

func roundRisk(r float64) float64 { return math.Round(r*1e5) / 1e5 }
