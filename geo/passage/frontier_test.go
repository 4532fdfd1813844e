package passage

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"pasaj/geo/cch"
	"pasaj/geo/road"
)

// enquireFor prepares an enquiry for a request that was resolved.
func enquireFor(t failer, e *Engine, s *scene, r *Request) *enquiry {
	t.Helper()
	q, err := e.enquire(context.Background(), s.world(), r)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// allTrades finds every non-dominated cost of a leg by keeping all labels of
// all nodes until nothing changes: the judge of any cleverer search.
func allTrades(q *enquiry, w *weigher, from, to road.Position) [][2]uint32 {
	g, topology := q.roads.graph, q.net.topology
	labels := make([][][2]uint32, topology.Nodes()+1)
	target := topology.Nodes()
	add := func(node int, base [2]uint32, s road.Stretch) bool {
		time, risk := w.cost(s)
		c := [2]uint32{plus(base[0], time), plus(base[1], risk)}
		if c[0] >= cch.Infinity || c[1] >= cch.Infinity {
			return false
		}
		for _, have := range labels[node] {
			if have[0] <= c[0] && have[1] <= c[1] {
				return false
			}
		}
		labels[node] = append(slices.DeleteFunc(labels[node], func(have [2]uint32) bool { return c[0] <= have[0] && c[1] <= have[1] }), c)
		return true
	}
	if straight, ok := g.Between(from, to); ok {
		add(target, [2]uint32{}, straight)
	}
	for _, end := range g.Leave(from) {
		add(int(end.Node), [2]uint32{}, end.Stretch)
	}
	for changed := true; changed; {
		changed = false
		for arc := range topology.Arc {
			for _, base := range slices.Clone(labels[topology.Tail[arc]]) {
				changed = add(int(topology.Head[arc]), base, g.Whole(topology.Arc[arc])) || changed
			}
		}
	}
	for _, end := range g.Arrive(to) {
		for _, base := range slices.Clone(labels[end.Node]) {
			add(target, base, end.Stretch)
		}
	}
	out := labels[target]
	slices.SortFunc(out, func(a, b [2]uint32) int { return int(int64(a[0]) - int64(b[0])) })
	return out
}

func TestFrontierAgainstExhaustiveSearch(t *testing.T) {
	e := NewEngine(EngineOptions{})
	several := 0
	rapid.Check(t, func(t *rapid.T) {
		s := drawJittered(t)
		drawEvidence(t, s)
		r := drawQuestion(t, s)
		q := enquireFor(t, e, s, &r)
		at, err := q.snaps()
		if err != nil {
			return
		}
		w := q.weigher(nil)
		list, complete, err := q.frontier(t.Context(), nil, at)
		want := [][2]uint32{{}}
		for i := 1; i < len(at); i++ {
			next := allTrades(q, w, at[i-1].Position, at[i].Position)
			var sums []trade
			for _, a := range want {
				for _, b := range next {
					sums = append(sums, trade{time: plus(a[0], b[0]), risk: plus(a[1], b[1])})
				}
			}
			want = want[:0:0]
			for _, t := range front(sums) {
				want = append(want, [2]uint32{t.time, t.risk})
			}
		}
		if errors.Is(err, road.ErrNotConnected) {
			if len(want) > 0 {
				t.Fatalf("not connected, but there are %d ways", len(want))
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if !complete {
			t.Fatal("cut short on a small network")
		}
		var got [][2]uint32
		for _, one := range list {
			got = append(got, [2]uint32{one.time, one.risk})
		}
		if !slices.Equal(got, want) {
			t.Fatalf("frontier %v, by exhaustive search %v", got, want)
		}
		if len(got) > 1 {
			several++
		}
		for i, one := range list { // each way really costs what it says
			time, risk := uint32(0), uint32(0)
			for _, l := range one.legs() {
				for _, st := range l.stretches {
					a, b := w.cost(st)
					time, risk = plus(time, a), plus(risk, b)
				}
			}
			if time != one.time || risk != one.risk {
				t.Fatalf("way %d costs %d, %d, not %d, %d", i, time, risk, one.time, one.risk)
			}
		}
	})
	if several == 0 {
		t.Error("no frontier had two points")
	}
}

// A frontier that was cut short holds the ways that are best for time, for risk
// and for every mixture, and nothing that another way in it betters.
func TestFrontierCutShort(t *testing.T) {
	e := NewEngine(EngineOptions{})
	rapid.Check(t, func(t *rapid.T) {
		s := drawJittered(t)
		drawEvidence(t, s)
		r := drawQuestion(t, s)
		q := enquireFor(t, e, s, &r)
		at, err := q.snaps()
		if err != nil {
			return
		}
		w := q.weigher(nil)
		supported, err := q.supported(t.Context(), w, at)
		if err != nil {
			return
		}
		list := front(slices.Clone(supported))
		least := [2]uint32{math.MaxUint32, math.MaxUint32}
		for _, one := range supported {
			least[0], least[1] = min(least[0], one.time), min(least[1], one.risk)
		}
		if list[0].time != least[0] || list[len(list)-1].risk != least[1] {
			t.Fatalf("the extremes are not there")
		}
		for i := 1; i < len(at); i++ {
			all := allTrades(q, w, at[i-1].Position, at[i].Position)
			if len(at) == 2 && (all[0][0] != list[0].time || all[len(all)-1][1] != list[len(list)-1].risk) {
				t.Fatalf("extremes %v and %v, by exhaustive search %v", list[0], list[len(list)-1], all)
			}
		}
		for i := range list {
			for k := range list {
				if i != k && list[k].better(&list[i]) {
					t.Fatalf("%v betters %v", list[k], list[i])
				}
			}
		}
	})
}

func TestChainKeepsExtremes(t *testing.T) {
	var a []trade
	for i := range uint32(60) {
		a = append(a, trade{time: i * i, risk: 60*60 - i*i, legs: func() []leg { return nil }})
	}
	list, all := chain(a, a)
	if len(list) > maxTrades || list[0].time != 0 || list[len(list)-1].risk != 2*(60*60-59*59) {
		t.Errorf("%d trades, all %v", len(list), all)
	}
}

// The risk metric of a world that follows another is that of the world read
// anew.
func TestRiskMetricFollowsWorlds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := NewEngine(EngineOptions{})
		s := drawJittered(t)
		drawEvidence(t, s)
		for range 4 {
			r := drawQuestion(t, s)
			q := enquireFor(t, e, s, &r)
			got := q.riskMetric(q.weigher(nil))
			fresh := enquireFor(t, NewEngine(EngineOptions{}), s, &r)
			want := fresh.riskMetric(fresh.weigher(nil))
			for arc := range int32(len(q.net.topology.Arc)) {
				if got.Weight(arc) != want.Weight(arc) {
					t.Fatalf("arc %d weighs %d, anew %d", arc, got.Weight(arc), want.Weight(arc))
				}
			}
			s = s.copy()
			switch rapid.IntRange(0, 2).Draw(t, "step") {
			case 0:
				drawEvidence(t, s)
			case 1:
				if len(s.versions) > 0 {
					s.versions = slices.Delete(s.versions, 0, 1)
				}
			}
		}
	})
}
