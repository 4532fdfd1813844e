package api

import (
	"net/http"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/uuid"
	"github.com/labstack/echo/v4"
	"github.com/paulmach/orb/maptile"

	"pasaj/geo"
)

// access says who may call an operation. Which layers a caller may read or
// write is asked of the principal by the handlers.
type access uint8

const (
	everybody     access = iota
	writer               // who may write the operation's layer
	administrator        // who may manage tokens
	operator             // the machine itself, or an administrator
	holder               // who signed in to an account of their own; no token
)

// operation is one method of one path: everything that routes, checks and
// documents it.
type operation struct {
	method, path string // path as in OpenAPI, {name} for path parameters
	id, tag      string
	summary      string
	description  string
	access       access
	layer        *geo.Layer // of a collection's paths
	parameters   []*parameter
	media        []string // of a good answer, the preferred one first
	body         *body
	answers      []answer
	live         bool // needs loaded worlds
	public       bool // who asks makes no difference: credentials are not looked at
	session      bool // manages the session itself: an ended one is no error
	discreet     bool // is asked things that nobody else may learn, see discretion.go
	page         bool // may answer with the map page, whose query is the page's own
	handle       func(*call) error
}

// body is what a request carries.
type body struct {
	media  []string
	limit  int64
	schema *openapi3.SchemaRef
	needed bool
}

// answer is one documented status.
type answer struct {
	status  int
	text    string
	schema  *openapi3.SchemaRef // nil for none
	headers []string
	byMedia map[string]*openapi3.SchemaRef // where a media type has another schema
}

// parameter is one input beside the body. read puts it into the arguments; it
// is nil where a header is read elsewhere (conditions, credentials).
type parameter struct {
	name, in    string // query, path, header
	description string
	required    bool
	schema      *openapi3.Schema
	read        func(*arguments, string) error
}

// arguments are the parsed parameters of a call.
type arguments struct {
	box       *box
	moment    geo.Moment
	asof      geo.AsOf
	limit     int
	offset    int
	cursor    *cursor
	format    string
	id        uuid.UUID
	matrix    string
	row, col  string
	tile      maptile.Tile
	areas     []string
	level     string
	since     geo.Revision
	hasSince  bool
	onceKey   string
	query     map[string][]string
	datetime  string // as sent, for keys of caches
	vehicle   string
	profile   string
	engine    string // another route engine
	language  string
	areasText string
	kinds     []facilityKind // of facilities
	minutes   []float64
	mode      string
	radiusM   float64

	indicators []string
	from, to   time.Time
	step       time.Duration
}

// route is a path in Echo's form.
func route(path string) string {
	out := make([]byte, 0, len(path))
	for i := range len(path) {
		switch path[i] {
		case '{':
			out = append(out, ':')
		case '}':
		default:
			out = append(out, path[i])
		}
	}
	return string(out)
}

func (s *Server) register(e *echo.Echo, operations []*operation) {
	for _, op := range operations {
		handler := s.serve(op)
		e.Add(op.method, route(op.path), handler)
		if op.method == http.MethodGet {
			e.Add(http.MethodHead, route(op.path), handler)
		}
	}
}

// readArguments parses the query, path and header parameters of a call.
func (c *call) readArguments() error {
	c.args.limit = defaultLimit
	raw := c.echo.Request().URL.RawQuery
	if raw != "" && !c.forPage() {
		if len(raw) > 4*maxValue {
			return geo.Errorf(geo.CodeInvalid, "", "the query has more than %d bytes", 4*maxValue)
		}
		values, err := parseQuery(raw)
		if err != nil {
			return err
		}
		c.args.query = values
		if err := c.readQuery(values); err != nil {
			return err
		}
	}
	for _, p := range c.operation.parameters {
		if p.read == nil || p.in == "query" {
			continue
		}
		value := ""
		if p.in == "path" {
			value = c.echo.Param(p.name)
		} else {
			got := c.echo.Request().Header.Values(p.name)
			if len(got) == 0 {
				continue
			}
			if len(got) > 1 {
				return badParameter(p.name, invalid("it is given %d times", len(got)))
			}
			value = got[0]
		}
		if err := p.read(&c.args, value); err != nil {
			if p.in == "path" && geo.CodeOf(err) == geo.CodeNotFound {
				return err
			}
			return badParameter(p.name, err)
		}
	}
	return nil
}

// forPage reports that a browser asks for the map page: what stands in the
// query then (the view, the date, the language) is for the page to read.
func (c *call) forPage() bool {
	r := c.echo.Request()
	return c.operation.page && !r.URL.Query().Has(formatParameter.name) &&
		negotiate(strings.Join(r.Header.Values("Accept"), ","), c.operation.media...) == mediaHTML
}

func (c *call) readQuery(values map[string][]string) error {
	known := 0
	for _, p := range c.operation.parameters {
		if p.in != "query" {
			continue
		}
		got, ok := values[p.name]
		if !ok {
			continue
		}
		known++
		switch {
		case len(got) > 1:
			return badParameter(p.name, invalid("it is given %d times", len(got)))
		case len(got[0]) > maxValue:
			return badParameter(p.name, invalid("it has more than %d bytes", maxValue))
		case got[0] == "":
			return badParameter(p.name, invalid("it is empty"))
		}
		if p.read != nil {
			if err := p.read(&c.args, got[0]); err != nil {
				return badParameter(p.name, err)
			}
		}
	}
	if known == len(values) {
		return nil
	}
	for _, name := range sortedKeys(values) {
		if !c.operation.takes(name) {
			return badParameter(shorten(name), invalid("this operation has no such parameter"))
		}
	}
	return nil
}

func (op *operation) takes(name string) bool {
	for _, p := range op.parameters {
		if p.in == "query" && p.name == name {
			return true
		}
	}
	return false
}

// minute is the resolution of "now" in answers that depend on it.
func minute(t time.Time) time.Time { return t.UTC().Truncate(time.Minute) }
