package isolation

import (
	"cmp"
	"context"
	"slices"

	"pasaj/geo"
)

// Reconnection is an obstacle with those whom clearing it alone reconnects.
type Reconnection struct {
	Obstacle int     `json:"-"`      // position
	People   float64 `json:"people"` // who reach a hub after clearing it and do not before
	Places   []int   `json:"-"`      // positions of their places
}

// crowd is where people and places are in a quotient, and whom the hubs reach.
type crowd struct {
	*board
	hubs    []int32
	inhabit []float64 // people of each region
	places  [][]int   // of each region
	reached []bool    // with nothing cleared
}

func (q *Quotient) crowd(g *Graph, hubs []int32, places []Place) (*crowd, error) {
	if err := checkPlaces(places); err != nil {
		return nil, err
	}
	if g.junctions != len(q.region) {
		return nil, geo.Errorf(geo.CodeInvalid, "", "the quotient is of another graph")
	}
	at, err := q.regionsAt("hubs", hubs)
	if err != nil {
		return nil, err
	}
	isHub := map[int32]bool{}
	for _, r := range at {
		isHub[r] = true
	}
	// Regions that lead nowhere further are as one with others at their piece.
	var inhabited []int32
	for _, p := range places {
		if j := g.At(p); j != Offside && isLeaf(q.role[q.region[j]]) {
			inhabited = append(inhabited, leafOf(q.role[q.region[j]]))
		}
	}
	slices.Sort(inhabited)
	inhabited = slices.Compact(inhabited)
	b, rest := q.board(at, inhabited)
	c := &crowd{board: b, hubs: b.numbers(at), inhabit: make([]float64, b.regions), places: make([][]int, b.regions)}
	for i, p := range places {
		j := g.At(p)
		if j == Offside {
			continue
		}
		role := q.role[q.region[j]]
		if isHub[q.region[j]] || role == aside { // reached already, or never
			continue
		}
		r := role
		if isLeaf(role) {
			k, _ := slices.BinarySearch(inhabited, leafOf(role))
			r = rest + int32(k)
		}
		c.inhabit[r] += p.People
		c.places[r] = append(c.places[r], i)
	}
	c.reached = b.flood(c.hubs, make([]bool, len(q.obstacles)))
	return c, nil
}

// count gives who is reached and was not before.
func (c *crowd) count(reached []bool) (people float64, places []int) {
	for r, now := range reached {
		if now && !c.reached[r] {
			people += c.inhabit[r]
			places = append(places, c.places[r]...)
		}
	}
	slices.Sort(places)
	return people, places
}

// Rank lists the obstacles by the people whom clearing it alone connects to any
// of the hubs, the most first; those that reconnect nobody are last, in their
// order.
func (q *Quotient) Rank(ctx context.Context, g *Graph, hubs []int32, places []Place) ([]Reconnection, error) {
	c, err := q.crowd(g, hubs, places)
	if err != nil {
		return nil, err
	}
	pieces := make([][]int32, len(q.obstacles)) // that the obstacle closes alone
	for p, set := range q.sets {
		if len(set) == 1 {
			pieces[set[0]] = append(pieces[set[0]], int32(p))
		}
	}
	out := make([]Reconnection, len(q.obstacles))
	for o := range out {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		out[o] = Reconnection{Obstacle: o, Places: []int{}}
		joined := c.joined(pieces[o])
		for _, r := range joined {
			out[o].People += c.inhabit[r]
			out[o].Places = append(out[o].Places, c.places[r]...)
		}
		slices.Sort(out[o].Places)
	}
	slices.SortStableFunc(out, func(a, b Reconnection) int {
		return cmp.Or(cmp.Compare(b.People, a.People), cmp.Compare(len(b.Places), len(a.Places)))
	})
	return out, nil
}

// joined lists the regions that opening pieces joins to what is reached.
func (c *crowd) joined(pieces []int32) []int32 {
	number := map[int32]int32{}
	var regions []int32
	for _, p := range pieces {
		for _, r := range c.regionsOf(p) {
			if _, ok := number[r]; !ok {
				number[r] = int32(len(regions))
				regions = append(regions, r)
			}
		}
	}
	f := newForest(len(regions))
	for _, p := range pieces {
		around := c.regionsOf(p) // none where nobody lives
		for k := 1; k < len(around); k++ {
			f.union(number[around[0]], number[around[k]])
		}
	}
	open := map[int32]bool{}
	for k, r := range regions {
		if c.reached[r] {
			open[f.find(int32(k))] = true
		}
	}
	var out []int32
	for k, r := range regions {
		if !c.reached[r] && open[f.find(int32(k))] {
			out = append(out, r)
		}
	}
	slices.Sort(out)
	return out
}
