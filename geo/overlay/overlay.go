package overlay

import (
	"fmt"

	"github.com/paulmach/orb"
	"github.com/peterstace/simplefeatures/geom"
)

// Union dissolves areas into one. No areas give nil.
func Union(list []orb.MultiPolygon) (orb.MultiPolygon, error) {
	parts := make([]geom.Geometry, 0, len(list))
	for _, area := range list {
		if len(area) > 0 {
			parts = append(parts, toMultiPolygon(area).AsGeometry())
		}
	}
	if len(parts) == 0 {
		return nil, nil
	}
	joined, err := geom.UnionMany(parts)
	if err != nil {
		return nil, fmt.Errorf("union of %d areas: %w", len(parts), err)
	}
	return areas(nil, joined), nil
}

// Intersection is the ground that both areas cover, nil when they share none.
func Intersection(a, b orb.MultiPolygon) (orb.MultiPolygon, error) {
	a, b = within(a, b), within(b, a)
	if len(a) == 0 || len(b) == 0 {
		return nil, nil
	}
	common, err := geom.Intersection(toMultiPolygon(a).AsGeometry(), toMultiPolygon(b).AsGeometry())
	if err != nil {
		return nil, fmt.Errorf("intersection: %w", err)
	}
	return areas(nil, common), nil
}

// Difference is the ground of a that b does not cover. Where they do not meet
// it is a itself, not a copy.
func Difference(a, b orb.MultiPolygon) (orb.MultiPolygon, error) {
	b = within(b, a)
	if len(a) == 0 || len(b) == 0 {
		return a, nil
	}
	left, err := geom.Difference(toMultiPolygon(a).AsGeometry(), toMultiPolygon(b).AsGeometry())
	if err != nil {
		return nil, fmt.Errorf("difference: %w", err)
	}
	return areas(nil, left), nil
}

// within drops the polygons of a that cannot meet any of b, which saves
// converting and noding the far parts of a scattered zone.
func within(a, b orb.MultiPolygon) orb.MultiPolygon {
	if len(a) == 0 || len(b) == 0 {
		return nil
	}
	box := b.Bound()
	far := 0
	for _, polygon := range a {
		if !polygon.Bound().Intersects(box) {
			far++
		}
	}
	if far == 0 {
		return a
	}
	near := make(orb.MultiPolygon, 0, len(a)-far)
	for _, polygon := range a {
		if polygon.Bound().Intersects(box) {
			near = append(near, polygon)
		}
	}
	return near
}
