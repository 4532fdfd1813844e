package isolation

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// country is a seeded network of about 400,000 edges: a thinned grid with many
// dead ends, places, a city and capitals.
func country(b *testing.B) *Question {
	b.Helper()
	const columns, rows = 600, 560
	random := rand.New(rand.NewPCG(1, 2))
	all := grid(b, columns, rows)
	var from, to []int32
	for i := range all.from {
		if random.Float64() < .6 {
			from, to = append(from, all.from[i]), append(to, all.to[i])
		}
	}
	g := must[*Graph](b)(NewGraph(all.junctions, from, to))
	q := &Question{Graph: g, State: make(State, g.Edges()), Vehicle: "suv4x4"}
	for i := range q.State {
		g.lengthM[i] = 90
		q.State[i] = [...]Status{Open, Open, Open, Open, Open, Open, Restricted, Unknown, Open, Open}[random.IntN(10)]
		if random.IntN(100) == 0 {
			q.State[i] = Closed
		}
	}
	for p := range 570 {
		q.Places = append(q.Places, Place{ID: fmt.Sprint(p), People: float64(random.IntN(50_000)), Edge: random.IntN(g.Edges())})
	}
	for y := 200; y < 320; y++ {
		for x := 200; x < 320; x++ {
			q.City = append(q.City, int32(y*columns+x))
		}
	}
	inCity := map[int32]bool{}
	for _, j := range q.City {
		inCity[j] = true
	}
	for _, p := range q.Places {
		if len(q.Capitals) < 9 && !inCity[g.At(p)] {
			q.Capitals = append(q.Capitals, p)
		}
	}
	q.Ports, q.Airports = q.Places[100:115], q.Places[200:206]
	return q
}

// BenchmarkReport is the whole isolation report on 400,000 edges.
func BenchmarkReport(b *testing.B) {
	q := country(b)
	b.ReportMetric(float64(q.Graph.Edges()), "edges")
	for b.Loop() {
		if _, err := Compute(background, q); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkConnectivity(b *testing.B) {
	q := country(b)
	for b.Loop() {
		if _, err := q.Graph.Connectivity(background, q.State, Unknown, q.Places); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkClear asks for the fewest of 200 areas to clear across the country.
func BenchmarkClear(b *testing.B) {
	q := country(b)
	obstacles := make([]Obstacle, 200)
	for o := range obstacles {
		x, y := o%20*30, o/20*56
		for i := range q.Graph.from {
			if j := int(q.Graph.from[i]); j%600 >= x && j%600 < x+33 && j/600 >= y && j/600 < y+60 {
				obstacles[o].Edges = append(obstacles[o].Edges, i)
			}
		}
	}
	for b.Loop() {
		quotient, err := NewQuotient(background, q.Graph, q.State, Unknown, obstacles)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := quotient.Clear(background, []int32{300}, []int32{int32(q.Graph.junctions - 300)}, ClearOptions{Labels: 100_000}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkReconnect asks which 5 of 60 areas to clear for the most people.
func BenchmarkReconnect(b *testing.B) {
	q := country(b)
	obstacles := make([]Obstacle, 60)
	for i := range q.Graph.from {
		x, y := int(q.Graph.from[i])%600, int(q.Graph.from[i])/600
		if x%60 == 0 || y%93 == 0 { // fences around ten by six fields
			o := min(y/93, 5)*10 + x/60
			obstacles[o].Edges = append(obstacles[o].Edges, i)
		}
	}
	quotient, err := NewQuotient(background, q.Graph, q.State, Unknown, obstacles)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		plan, err := quotient.Reconnect(background, q.Graph, q.City[:1], q.Places, 5, PlanOptions{Branches: 2000})
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(plan.People, "people")
		b.ReportMetric(plan.UpperBound, "bound")
	}
}
