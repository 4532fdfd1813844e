package index

import (
	"slices"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"
)

func box(t *rapid.T) orb.Bound {
	lon, lat := rapid.Float64Range(-75, -71).Draw(t, "lon"), rapid.Float64Range(17, 20).Draw(t, "lat")
	return orb.Bound{Min: orb.Point{lon, lat}, Max: orb.Point{
		lon + rapid.Float64Range(0, 1).Draw(t, "width"), lat + rapid.Float64Range(0, 1).Draw(t, "height")}}
}

func TestTreeFindsWhatBruteForceFinds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		tree, boxes := New[int](), map[int]orb.Bound{}
		for i := range rapid.IntRange(0, 200).Draw(t, "n") {
			boxes[i] = box(t)
			tree.Insert(boxes[i], i)
		}
		before, kept := tree.Copy(), len(boxes)
		for i := range rapid.IntRange(0, kept).Draw(t, "deleted") {
			tree.Delete(boxes[i], i)
			delete(boxes, i)
		}
		if before.Len() != kept {
			t.Fatalf("the copy changed: %d boxes, not %d", before.Len(), kept)
		}
		window := box(t)
		var got, again, want []int
		tree.Search(window, func(i int) bool { got = append(got, i); return true })
		for i, b := range boxes {
			if b.Intersects(window) {
				want = append(want, i)
			}
		}
		tree.SearchWithin(window, func(i int, within bool) bool {
			if inside := window.Contains(boxes[i].Min) && window.Contains(boxes[i].Max); within != inside {
				t.Fatalf("box %v within %v: %t, want %t", boxes[i], window, within, inside)
			}
			again = append(again, i)
			return true
		})
		if !slices.Equal(got, again) {
			t.Fatalf("found %v, with their places %v", got, again)
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Fatalf("found %v, want %v", got, want)
		}
	})
}

func TestNearbyComesInOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		tree := New[int]()
		n := rapid.IntRange(1, 100).Draw(t, "n")
		for i := range n {
			tree.Insert(box(t), i)
		}
		last, seen := -1.0, 0
		tree.Nearby(orb.Point{-72.3, 18.5}, func(_ int, degrees float64) bool {
			if degrees < last {
				t.Fatalf("%g after %g", degrees, last)
			}
			last = degrees
			seen++
			return true
		})
		if seen != n {
			t.Fatalf("%d of %d values", seen, n)
		}
	})
}

func TestBoundOfEmptyTree(t *testing.T) {
	t.Parallel()
	if _, ok := New[int]().Bound(); ok {
		t.Fatal("an empty tree has no bound")
	}
}
