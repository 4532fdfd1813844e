package api

import (
	"encoding/base64"
	"encoding/binary"
	"math"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"

	"pasaj/geo"
	"pasaj/geo/tile"
)

// Limits of parameters.
const (
	maxLimit     = 10_000
	defaultLimit = 100
	maxOffset    = 100_000
	maxAreas     = 500
	maxValue     = 8000 // bytes of one parameter
)

func invalid(format string, args ...any) *geo.Error {
	return geo.Errorf(geo.CodeInvalid, "", format, args...)
}

// box is a bbox: one rectangle, or two where it crosses the antimeridian.
type box struct {
	west, east orb.Bound // west reaches to +180, east from -180; only west when it does not cross
	crosses    bool
}

// parseBBox reads four or six comma-separated numbers (OGC API - Features,
// 7.15.3): west, south, [low,] east, north[, high] in CRS84. A west edge east
// of the east edge means a box over the antimeridian.
func parseBBox(s string) (*box, error) {
	parts := strings.Split(s, ",")
	if len(parts) != 4 && len(parts) != 6 {
		return nil, invalid("4 or 6 numbers are asked for, not %d", len(parts))
	}
	n := make([]float64, len(parts))
	for i, part := range parts {
		v, err := strconv.ParseFloat(strings.TrimSpace(part), 64)
		if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, invalid("%q is not a finite number", shorten(part))
		}
		n[i] = v
	}
	if len(n) == 6 {
		if n[2] > n[5] {
			return nil, invalid("the lower height is above the upper")
		}
		n = []float64{n[0], n[1], n[3], n[4]}
	}
	switch {
	case math.Abs(n[0]) > 180 || math.Abs(n[2]) > 180:
		return nil, invalid("a longitude lies outside -180 to 180")
	case math.Abs(n[1]) > 90 || math.Abs(n[3]) > 90:
		return nil, invalid("a latitude lies outside -90 to 90")
	case n[1] > n[3]:
		return nil, invalid("the south edge is north of the north edge")
	}
	if n[0] <= n[2] {
		return &box{west: orb.Bound{Min: orb.Point{n[0], n[1]}, Max: orb.Point{n[2], n[3]}}}, nil
	}
	return &box{
		west:    orb.Bound{Min: orb.Point{n[0], n[1]}, Max: orb.Point{180, n[3]}},
		east:    orb.Bound{Min: orb.Point{-180, n[1]}, Max: orb.Point{n[2], n[3]}},
		crosses: true,
	}, nil
}

// parseWhole reads a whole number within bounds.
func parseWhole(s string, low, high int) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n < low || n > high || s[0] == '+' {
		return 0, invalid("%q is not a whole number from %d to %d", shorten(s), low, high)
	}
	return n, nil
}

// parseLimit reads a page size.
func parseLimit(s string) (int, error) { return parseWhole(s, 1, maxLimit) }

// parseOffset reads how many features to skip.
func parseOffset(s string) (int, error) { return parseWhole(s, 0, maxOffset) }

// cursor marks where a page ended and in which revision of the layer.
type cursor struct {
	revision geo.Revision
	after    uuid.UUID
}

func (c cursor) String() string {
	var raw [24]byte
	binary.BigEndian.PutUint64(raw[:8], uint64(c.revision))
	copy(raw[8:], c.after[:])
	return base64.RawURLEncoding.EncodeToString(raw[:])
}

// parseCursor reads what String wrote.
func parseCursor(s string) (cursor, error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || len(raw) != 24 {
		return cursor{}, invalid("the cursor is not one that this service gave")
	}
	c := cursor{revision: geo.Revision(binary.BigEndian.Uint64(raw[:8])), after: uuid.UUID(raw[8:])}
	if c.revision < 1 || c.after == uuid.Nil || c.String() != s {
		return cursor{}, invalid("the cursor is not one that this service gave")
	}
	return c, nil
}

// crs84 is the one coordinate reference system: longitude, latitude on WGS 84.
const crs84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"

// parseDatetime reads an OGC datetime. GIS programs write an open start as the
// year 0000, which is no year of the record's calendar: it is read as open.
func parseDatetime(s string) (geo.Moment, error) {
	if from, to, interval := strings.Cut(s, "/"); interval && strings.HasPrefix(from, "0000-") {
		s = "../" + to
	}
	return geo.ParseMoment(s)
}

// parseCRS accepts the one CRS, with or without angle brackets.
func parseCRS(s string) error {
	if strings.TrimSuffix(strings.TrimPrefix(s, "<"), ">") != crs84 {
		return invalid("only %s is served", crs84)
	}
	return nil
}

// parseTilePath reads the three numbers of a tile in the order of its path:
// zoom level, row (y), column (x).
func parseTilePath(matrix, row, col string) (maptile.Tile, error) {
	z, err := parseWhole(matrix, 0, tile.MaxZoom)
	if err != nil {
		return maptile.Tile{}, geo.Errorf(geo.CodeNotFound, "", "the tile matrix is a number from 0 to %d", tile.MaxZoom)
	}
	most := 1<<z - 1
	y, yerr := parseWhole(row, 0, most)
	x, xerr := parseWhole(col, 0, most)
	if yerr != nil || xerr != nil {
		return maptile.Tile{}, geo.Errorf(geo.CodeNotFound, "", "at level %d rows and columns go from 0 to %d", z, most)
	}
	return maptile.New(uint32(x), uint32(y), maptile.Zoom(z)), nil
}

// parseAreas reads a comma-separated list of area ids.
func parseAreas(s string) ([]string, error) {
	parts := strings.Split(s, ",")
	if len(parts) > maxAreas {
		return nil, invalid("%d areas: at most %d", len(parts), maxAreas)
	}
	for _, p := range parts {
		if p == "" || len(p) > 60 || strings.ContainsFunc(p, func(r rune) bool {
			return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_')
		}) {
			return nil, invalid("%q is not an area's id", shorten(p))
		}
	}
	return parts, nil
}

// parseEventID reads the revision of the last event a client has seen.
func parseEventID(s string) (geo.Revision, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 {
		return 0, invalid("%q is not the id of an event", shorten(s))
	}
	return geo.Revision(n), nil
}

// parseIdempotencyKey checks a key: 1 to 128 visible ASCII characters.
func parseIdempotencyKey(s string) (string, error) {
	if s == "" || len(s) > 128 {
		return "", invalid("a key has 1 to 128 characters")
	}
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return "", invalid("a key is of visible ASCII characters")
		}
	}
	return s, nil
}

func shorten(s string) string {
	const most = 40
	if len(s) <= most {
		return strings.ToValidUTF8(s, "")
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
