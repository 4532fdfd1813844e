package tile

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/mvt"
	"github.com/paulmach/orb/geojson"
	"github.com/paulmach/orb/maptile"
	"github.com/paulmach/orb/simplify"

	"pasaj/geo"
	"pasaj/geo/world"
)

// MaxZoom is the deepest zoom level; one cell of its grid is a centimetre.
const MaxZoom = 20

// buffer is how far beyond its border a tile carries geometry, in cells of the
// 4096 grid, so that strokes and symbols are not cut at the border.
const buffer = 64

// longestText is the longest declared text that becomes a tile attribute;
// longer ones, and those that only some audiences may see, are for cards.
const longestText = 200

// Encode draws a layer as a tile; nil when nothing of it lies in the tile.
//
// Every feature has a stable numeric id (see FeatureID) and the attributes id
// (the UUID), vf, vt and exp (start and end of validity and staleness, in whole
// minutes since 1970, absent where open), and the layer's words, numbers, flags
// and short texts under their own names, absent where null.
func Encode(l *world.Layer, model *geo.Model, t maptile.Tile, m geo.Moment) ([]byte, error) {
	if !t.Valid() || t.Z > MaxZoom {
		return nil, geo.Errorf(geo.CodeNotFound, "", "no tile %d/%d/%d", t.Z, t.Y, t.X)
	}
	var versions []*geo.Version
	l.Search(t.Bound(float64(buffer)/mvt.DefaultExtent), m, func(v *geo.Version) bool {
		versions = append(versions, v)
		return true
	})
	slices.SortFunc(versions, func(a, b *geo.Version) int { return bytes.Compare(a.ID[:], b.ID[:]) })
	drawing := &mvt.Layer{Name: l.Declared().Name, Version: 2, Extent: mvt.DefaultExtent}
	for _, v := range versions {
		drawing.Features = append(drawing.Features, feature(l.Declared(), model, v))
	}
	drawing.ProjectToTile(t)
	drawing.Clip(orb.Bound{
		Min: orb.Point{-buffer, -buffer},
		Max: orb.Point{mvt.DefaultExtent + buffer, mvt.DefaultExtent + buffer},
	})
	drawing.Simplify(simplify.DouglasPeucker(1))
	drawing.RemoveEmpty(1, 1)
	for _, f := range drawing.Features {
		wind(f.Geometry)
	}
	if len(drawing.Features) == 0 {
		return nil, nil
	}
	raw, err := mvt.Marshal(mvt.Layers{drawing})
	if err != nil {
		return nil, fmt.Errorf("encode tile %d/%d/%d of %s: %w", t.Z, t.Y, t.X, drawing.Name, err)
	}
	return raw, nil
}

// FeatureID folds a UUID into the 53 bits that a tile's feature id may have for
// clients whose numbers are floating point.
func FeatureID(id uuid.UUID) uint64 {
	folded := binary.BigEndian.Uint64(id[:8])*0x9e3779b97f4a7c15 ^ binary.BigEndian.Uint64(id[8:])
	return folded & (1<<53 - 1)
}

func feature(l *geo.Layer, model *geo.Model, v *geo.Version) *geojson.Feature {
	f := geojson.NewFeature(orb.Clone(v.Geometry))
	f.ID = FeatureID(v.ID)
	f.Properties = attributes(l, model, v)
	return f
}

func attributes(l *geo.Layer, model *geo.Model, v *geo.Version) geojson.Properties {
	out := geojson.Properties{"id": v.ID.String()}
	for i := range l.Properties {
		p := &l.Properties[i]
		if p.Computed || !drawn(p) {
			continue
		}
		switch value := v.Values[i].(type) {
		case string, int64, float64, bool:
			out[p.Name] = value
		}
	}
	minutes(out, "vf", v.Valid.From)
	minutes(out, "vt", v.Valid.To)
	minutes(out, "exp", model.Assess(v, v.Valid.From).StaleAt)
	return out
}

// drawn reports whether a map may want the property to draw or label by.
func drawn(p *geo.Property) bool {
	switch p.Type {
	case geo.Enum, geo.Integer, geo.Number, geo.Boolean:
		return true
	case geo.String:
		return p.MaxLength > 0 && p.MaxLength <= longestText && p.Audiences.Has(geo.Public)
	}
	return false
}

func minutes(into geojson.Properties, name string, t time.Time) {
	if !t.IsZero() {
		into[name] = t.Unix() / 60
	}
}

// wind orders rings as version 2 of the format asks: outer rings have a
// positive area in the tile's coordinates, whose y axis points down.
func wind(g orb.Geometry) {
	switch g := g.(type) {
	case orb.Polygon:
		for i, ring := range g {
			if outer := ring.Orientation() == orb.CCW; outer != (i == 0) {
				ring.Reverse()
			}
		}
	case orb.MultiPolygon:
		for _, polygon := range g {
			wind(polygon)
		}
	}
}
