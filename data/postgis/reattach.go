package postgis

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/measure"
	"pasaj/geo/overlay"
	"pasaj/geo/passage"
	"pasaj/geo/road"
)

// ReattachReport tells what a new road network lost. Features are attached to
// roads by geometry at each answer, so that nothing has to be carried over; what
// stood on a road of the former network and stands on none of the present one
// no longer bears on any answer, and somebody has to look.
type ReattachReport struct {
	Former, Present road.Network   // Former is zero when there was none
	Roadblocks      []*geo.Version // stood on a road and stand on none
	Sections        []*geo.Version // of national roads that no edge of the present network runs on
	Edges           []LostEdge     // of the former network without a counterpart
}

// LostEdge is an edge of the former network that lies, in whole or in part,
// beside the present one.
type LostEdge struct {
	*road.Edge
	MissingM float64 // length of that part
}

// Reattach compares the road network that a revision brought with the one
// before it, for the features that an audience may see as of that revision.
// Code not_found when the revision brought none.
func (r *Record) Reattach(ctx context.Context, a geo.Audience, rev geo.Revision) (*ReattachReport, error) {
	var features []*geo.Version
	var former, present *road.Graph
	var at time.Time
	err := r.transaction(ctx, snapshot, func(tx pgx.Tx) (err error) {
		if err := become(ctx, tx, a); err != nil {
			return err
		}
		if _, at, err = standing(ctx, tx, a, rev); err != nil {
			return err
		}
		if present, err = r.network(ctx, tx, a, rev); err != nil {
			return err
		}
		if former, err = r.network(ctx, tx, a, rev-1); err != nil {
			return err
		}
		for _, l := range held(a) {
			if l.Table != "roadblock" && l.Table != "national_road" {
				continue
			}
			t := tableOf(l)
			rows, err := tx.Query(ctx, t.viewQuery(a, "v.known @> $1::bigint"), int64(rev))
			if err != nil {
				return err
			}
			if err := t.collect(rows, func(got *row) { features = append(features, got.version(l, r.model)) }); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if present == nil || former == present || rev == 0 {
		return nil, geo.Errorf(geo.CodeNotFound, "", "revision %s brought no road network", rev)
	}
	features = slices.DeleteFunc(features, func(v *geo.Version) bool { return !v.Valid.To.IsZero() && !v.Valid.To.After(at) })
	return reattach(former, present, features), nil
}

func reattach(former, present *road.Graph, features []*geo.Version) *ReattachReport {
	report := &ReattachReport{Present: present.Network()}
	var sections []road.Section
	var of []*geo.Version
	for _, v := range features {
		switch v.Layer.Table {
		case "roadblock":
			over := slices.Contains([]string{"cleared", "archived", "false"}, v.Text("state"))
			if former != nil && !over && attached(former, v) && !attached(present, v) {
				report.Roadblocks = append(report.Roadblocks, v)
			}
		case "national_road":
			line, ok := v.Geometry.(orb.MultiLineString)
			if ref := v.Text("ref"); ok && ref != "" {
				sections = append(sections, road.Section{Ref: ref, Geometry: line, PrecisionM: v.PrecisionM()})
				of = append(of, v)
			}
		}
	}
	linked := make([]bool, len(sections))
	for _, span := range present.LinkSections(sections) {
		linked[span.Section] = true
	}
	for i, v := range of {
		if !linked[i] {
			report.Sections = append(report.Sections, v)
		}
	}
	if former == nil {
		return report
	}
	report.Former = former.Network()
	for _, lost := range road.Reattach(former, present) {
		report.Edges = append(report.Edges, LostEdge{former.Edge(lost.Edge), lost.MissingM})
	}
	return report
}

// attached reports whether a feature stands on a road of the network.
func attached(g *road.Graph, v *geo.Version) bool {
	precision := v.PrecisionM()
	widest := max(precision, passage.RoadReachM(road.ClassAccess), g.Network().PrecisionM)
	found := false
	g.Search(road.Around(v.Bound, widest), func(i int) bool {
		e := g.Edge(i)
		found = within(v.Geometry, e.Geometry, max(precision, e.PrecisionM, passage.RoadReachM(e.Class)))
		return !found
	})
	return found
}

// within reports whether a point or line comes as near to a road as reachM
// metres. Two lines that do not cross are nearest at a vertex of one of them.
func within(g orb.Geometry, line orb.LineString, reachM float64) bool {
	near := func(p orb.Point, to orb.LineString) bool {
		_, distance, _ := measure.NearestOnLine(p, to)
		return distance <= reachM
	}
	switch g := g.(type) {
	case orb.Point:
		return near(g, line)
	case orb.LineString:
		return slices.ContainsFunc(g, func(p orb.Point) bool { return near(p, line) }) ||
			slices.ContainsFunc(line, func(p orb.Point) bool { return near(p, g) }) || overlay.Intersects(g, line)
	}
	return false
}
