package api

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/coverage"
	"pasaj/geo/overlay"
)

// coverageRequest is a question about a polygon of the caller's own.
type coverageRequest struct {
	Geometry   json.RawMessage `json:"geometry"`
	Indicators []string        `json:"indicators"`
	Datetime   string          `json:"datetime"`
	AsOf       json.RawMessage `json:"asof"`
}

// drawnValues answers for a polygon of the caller's own.
func (s *Server) drawnValues(c *call) error {
	raw, err := c.body()
	if err != nil {
		return err
	}
	var r coverageRequest
	if err := strict(raw, &r); err != nil {
		return err
	}
	for i, code := range r.Indicators {
		if _, ok := coverage.IndicatorByCode(code); !ok {
			return geo.Errorf(geo.CodeInvalid, "/indicators/"+strconv.Itoa(i), "%.20q is no indicator", code)
		}
	}
	if err := c.reads(layersOf(r.Indicators)...); err != nil {
		return err
	}
	if len(r.Geometry) == 0 {
		return geo.Errorf(geo.CodeInvalid, "/geometry", "a Polygon or MultiPolygon is needed")
	}
	geometry, fault := geo.DecodeGeometry(geo.MultiPolygon, r.Geometry)
	if fault != nil {
		return fault
	}
	area, _ := geometry.(orb.MultiPolygon)
	if n := vertices(area); n == 0 || n > maxDrawnPoints {
		return geo.Errorf(geo.CodeTooLarge, "/geometry", "%d positions: at most %d", n, maxDrawnPoints)
	}
	if fault := overlay.Validate(area); fault != nil {
		return fault
	}
	c.args.indicators = r.Indicators
	if r.Datetime != "" {
		at, err := readInstant(r.Datetime)
		if err != nil {
			return geo.Errorf(geo.CodeInvalid, "/datetime", "%.40q is not an RFC 3339 instant of the years %d to %d", r.Datetime, geo.EarliestValid.Year(), geo.LatestValid.Year())
		}
		c.args.moment = geo.At(at)
	}
	if len(r.AsOf) > 0 && string(r.AsOf) != "null" {
		if c.args.asof, err = geo.ParseAsOf(strings.Trim(string(r.AsOf), `"`)); err != nil {
			return geo.Errorf(geo.CodeInvalid, "/asof", "a revision or an RFC 3339 instant is asked for")
		}
	}
	m, err := c.measuring()
	if err != nil {
		return err
	}
	ctx, done, err := s.asking(c.context(), true)
	if err != nil {
		return err
	}
	defer done()
	q, err := c.coverageQuestion(ctx, m)
	if err != nil {
		return err
	}
	q.Drawn = area
	answer, err := s.options.Coverage.Measure(ctx, q)
	if err != nil {
		return late(ctx, err)
	}
	return c.private(http.StatusOK, answer)
}

func vertices(area orb.MultiPolygon) int {
	n := 0
	for _, polygon := range area {
		for _, ring := range polygon {
			n += len(ring)
		}
	}
	return n
}
