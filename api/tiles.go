package api

import (
	"bytes"
	"fmt"
	"io"
	"net/http"

	"github.com/klauspost/compress/gzip"
	"github.com/paulmach/orb/maptile"

	"pasaj/geo"
	"pasaj/geo/tile"
)

// matrixSet is the one tiling scheme (OGC 17-083r4, annex D.1).
const (
	matrixSet    = "WebMercatorQuad"
	matrixSetURI = "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad"
	mercatorURI  = "http://www.opengis.net/def/crs/EPSG/0/3857"
)

// tile answers with a vector tile. Its tag is the layer's: a tile is asked for
// again after a change of its layer, and never otherwise.
func (s *Server) tile(c *call) error {
	v, err := c.view()
	if err != nil {
		return err
	}
	if c.unchanged(c.tag(v), v.fixed) {
		return nil
	}
	packed, err := s.packedTile(c, v)
	if err != nil {
		return err
	}
	if len(packed) == 0 {
		c.echo.Response().WriteHeader(http.StatusNoContent)
		return nil
	}
	h := c.header()
	h["Content-Type"] = []string{mediaTile}
	if c.echo.Request().Method == http.MethodHead {
		c.echo.Response().WriteHeader(http.StatusOK)
		return nil
	}
	if acceptsGzip(c.echo.Request().Header.Get("Accept-Encoding")) {
		h["Content-Encoding"] = []string{"gzip"}
		return c.send(http.StatusOK, packed)
	}
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return fmt.Errorf("unpack a tile: %w", err)
	}
	raw, err := io.ReadAll(r)
	if err != nil {
		return fmt.Errorf("unpack a tile: %w", err)
	}
	return c.send(http.StatusOK, raw)
}

// packedTile gives the compressed tile, nil when it is empty.
func (s *Server) packedTile(c *call, v view) ([]byte, error) {
	key := tileKey{
		layer: v.layer.Declared(), tile: c.args.tile, audience: c.audience(), revision: v.layer.Revision(), datetime: c.args.datetime,
	}
	return s.tiles.get(key, func() ([]byte, error) {
		raw, err := tile.Encode(v.layer, v.model, c.args.tile, c.args.moment)
		if err != nil || raw == nil {
			return nil, err
		}
		var out bytes.Buffer
		w := gzip.NewWriter(&out)
		if _, err := w.Write(raw); err != nil {
			return nil, fmt.Errorf("pack a tile: %w", err)
		}
		if err := w.Close(); err != nil {
			return nil, fmt.Errorf("pack a tile: %w", err)
		}
		return out.Bytes(), nil
	})
}

func (s *Server) tilesets(c *call) error {
	return c.document(mediaJSON, map[string]any{
		"links":    []link{{Href: c.self(), Rel: "self", Type: mediaJSON}},
		"tilesets": []any{s.tilesetSummary(c)},
	})
}

func (s *Server) tilesetSummary(c *call) map[string]any {
	base := s.base(c.echo.Request())
	address := base + "/collections/" + c.operation.layer.Name + "/tiles/" + matrixSet
	return map[string]any{
		"title": c.operation.layer.Title.French, "dataType": "vector", "crs": mercatorURI, "tileMatrixSetURI": matrixSetURI,
		"links": []link{
			{Href: address, Rel: "self", Type: mediaJSON},
			{Href: base + "/tileMatrixSets/" + matrixSet, Rel: relScheme, Type: mediaJSON},
			{Href: address + "/{tileMatrix}/{tileRow}/{tileCol}", Rel: "item", Type: mediaTile, Templated: true},
		},
	}
}

// tileset describes the tiles of a layer: limits are those of Haiti.
func (s *Server) tileset(c *call) error {
	out := s.tilesetSummary(c)
	limits := make([]any, 0, tile.MaxZoom+1)
	for z := maptile.Zoom(0); z <= tile.MaxZoom; z++ {
		low := maptile.At(geo.Extent.LeftTop(), z)
		high := maptile.At(geo.Extent.RightBottom(), z)
		limits = append(limits, map[string]any{
			"tileMatrix": fmt.Sprint(z), "minTileRow": low.Y, "maxTileRow": high.Y, "minTileCol": low.X, "maxTileCol": high.X,
		})
	}
	out["tileMatrixSetLimits"] = limits
	out["boundingBox"] = map[string]any{"lowerLeft": geo.Extent.Min, "upperRight": geo.Extent.Max, "crs": crs84}
	out["layers"] = []any{map[string]any{
		"id": c.operation.layer.Name, "dataType": "vector", "propertiesSchema": map[string]any{"type": "object", "properties": propertySchemas(c.operation.layer, c.audience())},
	}}
	return c.document(mediaJSON, out)
}

func (s *Server) matrixSets(c *call) error {
	base := s.base(c.echo.Request())
	return c.document(mediaJSON, map[string]any{"tileMatrixSets": []any{map[string]any{
		"id": matrixSet, "title": "Google Maps Compatible for the World", "uri": matrixSetURI, "crs": mercatorURI,
		"links": []link{{Href: base + "/tileMatrixSets/" + matrixSet, Rel: "self", Type: mediaJSON}},
	}}})
}

// matrixSet spells the tiling scheme out for clients that do not know it.
func (s *Server) matrixSet(c *call) error {
	const (
		half     = 20037508.3427892
		cell     = 2 * half / 256
		pixelM   = 0.00028 // size of a pixel by which OGC defines scale
		tileSize = 256
	)
	matrices := make([]any, 0, tile.MaxZoom+1)
	for z := range tile.MaxZoom + 1 {
		size := cell / float64(int(1)<<z)
		matrices = append(matrices, map[string]any{
			"id": fmt.Sprint(z), "cellSize": size, "scaleDenominator": size / pixelM, "pointOfOrigin": [2]float64{-half, half},
			"tileWidth": tileSize, "tileHeight": tileSize, "matrixWidth": 1 << z, "matrixHeight": 1 << z,
		})
	}
	return c.document(mediaJSON, map[string]any{
		"id": matrixSet, "title": "Google Maps Compatible for the World", "uri": matrixSetURI, "crs": mercatorURI,
		"orderedAxes": []string{"X", "Y"}, "wellKnownScaleSet": "http://www.opengis.net/def/wkss/OGC/1.0/GoogleMapsCompatible",
		"tileMatrices": matrices,
	})
}
