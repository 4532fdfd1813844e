package hazard

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strconv"
	"time"

	"pasaj/geo"
)

// Report is one graded report on a claim.
type Report struct {
	At          time.Time
	Clears      bool   // it says that the claim no longer holds
	Reliability string // A-F
	Credibility int    // 1-6
	Family      string // sources that know of each other; "" stands alone
}

// confidences are kept within these bounds, for nothing is certain and the
// log-odds of certainty are infinite.
const (
	leastSure = .01
	mostSure  = .99
)

// Fuse gives the credibility at an instant of a claim of a decay class from the
// reports on it:
//
//	ln(c/(1−c)) = ln(prior/(1−prior)) + Σ asserting w − Σ clearing w
//	w = Weight · reliability · credibility · 2^(−age/half-life)
//
// In each direction the heaviest report of a family counts fully, the others by
// SameFamily. Counting by what they weigh now, not by which came first, makes
// every further report count for its direction and never against it. Reports
// later than the instant do not count yet, nor do those of an unknown grade. A
// class that does not decay gives 0.
func (p *Policy) Fuse(class string, reports []Report, at time.Time) float64 {
	claim, ok := p.Claims[class]
	if !ok {
		return 0
	}
	type voice struct {
		family string
		clears bool
	}
	var alone []float64
	heaviest, all := map[voice]float64{}, map[voice]float64{}
	sign := map[bool]float64{false: 1, true: -1}
	// In one order always, so that rounding gives the same number every time.
	for _, r := range slices.SortedFunc(slices.Values(reports), compareReports) {
		if r.At.After(at) {
			continue
		}
		w := p.Grades.Weight * p.weight(r.Reliability, r.Credibility) * claim.left(at.Sub(r.At))
		if r.Family == "" {
			alone = append(alone, sign[r.Clears]*w)
			continue
		}
		v := voice{r.Family, r.Clears}
		heaviest[v] = max(heaviest[v], w)
		all[v] += w
	}
	odds := 0.0
	for _, w := range alone {
		odds += w
	}
	for _, v := range slices.SortedFunc(maps.Keys(all), func(a, b voice) int {
		return cmp.Or(cmp.Compare(a.family, b.family), cmp.Compare(sign[a.clears], sign[b.clears]))
	}) {
		odds += sign[v.clears] * ((1-p.Grades.SameFamily)*heaviest[v] + p.Grades.SameFamily*all[v])
	}
	return chance(logit(claim.Prior) + odds)
}

func compareReports(a, b Report) int {
	clears := map[bool]int{true: 1}
	return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Family, b.Family), cmp.Compare(clears[a.Clears], clears[b.Clears]),
		cmp.Compare(a.Reliability, b.Reliability), cmp.Compare(a.Credibility, b.Credibility))
}

// Credibility is c(t), the credibility at an instant of what a version claims,
// in (0, 1); 0 where it claims nothing that decays. No world holds the reports
// behind a version, so it goes by their summary, the confidence that the version
// had when it was last confirmed, and lets that fade to the prior:
//
//	ln(c/(1−c)) = ln(prior/(1−prior)) ± max(0, ln(C/(1−C)) − ln(prior/(1−prior))) · 2^(−age/half-life)
//
// with minus where the version says that a roadblock is cleared; a disputed
// one keeps the share Disputed. Without a confidence, C is that of the version's
// own grade, and of F6 without one. Age counts from the last confirmation, else
// from the start of validity. With neither, nobody can say how old it is: what
// it asserts then counts as new, what it clears as long ago.
func (p *Policy) Credibility(v *geo.Version, at time.Time) float64 {
	class := Class(v)
	claim, ok := p.Claims[class]
	if !ok {
		return 0
	}
	direction := p.direction(v)
	confidence := min(max(p.confidence(v), leastSure), mostSure)
	confirmed := v.LastConfirmedAt
	if confirmed.IsZero() {
		confirmed = v.Valid.From
	}
	left := 1.0
	switch {
	case !confirmed.IsZero():
		left = claim.left(at.Sub(confirmed))
	case direction < 0:
		left = 0
	}
	prior := logit(claim.Prior)
	return chance(prior + direction*max(0, logit(confidence)-prior)*left)
}

// direction is what a version says of its hazard: 1 that it is there, -1 that
// it is gone.
func (p *Policy) direction(v *geo.Version) float64 {
	if v.Layer.Name == "roadblocks" {
		switch v.Text("state") {
		case "cleared":
			return -1
		case "disputed":
			return p.Grades.Disputed
		}
	}
	return 1
}

// confidence is that of the version at its last confirmation.
func (p *Policy) confidence(v *geo.Version) float64 {
	if v.Confidence > 0 || v.Value("confidence") != nil {
		return v.Confidence
	}
	reliability, grade := v.Text("reliability"), 6
	if reliability == "" {
		reliability = "F"
	}
	if n, ok := v.Number("credibility"); ok {
		grade = int(n)
	}
	return p.weight(reliability, grade)
}

// weight is the worth of a grade, in [0, 1].
func (p *Policy) weight(reliability string, credibility int) float64 {
	return p.Grades.Reliability[reliability] * p.Grades.Credibility[strconv.Itoa(credibility)]
}

// left is what an age leaves of a weight.
func (c Claim) left(age time.Duration) float64 {
	return geo.Fresh(1, age, c.halfLife())
}

func (c Claim) halfLife() time.Duration { return time.Duration(c.HalfLifeH * float64(time.Hour)) }

func logit(p float64) float64  { return math.Log(p / (1 - p)) }
func chance(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// News reports whether a version is news at an instant: it was confirmed before,
// NewsHalfLives half-lives ago at most, and says something. Where nothing on the
// ground is news, UnknownPerKm applies.
func (p *Policy) News(v *geo.Version, at time.Time) bool {
	until, ok := p.NewsUntil(v)
	return ok && !v.LastConfirmedAt.After(at) && at.Before(until)
}

// NewsUntil is the instant from which a version is no longer news. It is false
// for one that never is: undated, or saying nothing of what is there.
func (p *Policy) NewsUntil(v *geo.Version) (time.Time, bool) {
	claim, ok := p.Claims[Class(v)]
	if !ok || v.LastConfirmedAt.IsZero() || saysNothing(v) {
		return time.Time{}, false
	}
	return v.LastConfirmedAt.Add(time.Duration(p.Grades.NewsHalfLives * float64(claim.halfLife()))), true
}

func saysNothing(v *geo.Version) bool {
	switch v.Layer.Name {
	case "controlled-zones":
		return v.Text("control_type") == "unknown"
	case "roadblocks":
		return void(v)
	case "national-roads":
		status := v.Text("status")
		return status == "" || status == "unknown"
	}
	return false
}

// void reports whether a roadblock's record says nothing of the road: archived
// or found to be false.
func void(v *geo.Version) bool {
	state := v.Text("state")
	return state == "archived" || state == "false"
}

// Class is the decay class of a version in geo.Model, "" where it does not
// decay.
func Class(v *geo.Version) string {
	if v == nil || v.Layer == nil {
		return ""
	}
	return geo.DecayClass(v)
}
