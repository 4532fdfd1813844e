package postgis

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"pasaj/geo"
)

// failure turns what the driver reports into what a caller can act on. Errors
// of the domain and ends of the caller's context pass; a server that is out of
// reach, restarting, read-only, out of connections or out of time is
// unavailable; the rest stays an internal error.
func failure(ctx context.Context, err error) error {
	var domain *geo.Error
	if err == nil || errors.As(err, &domain) || errors.Is(err, pgx.ErrNoRows) {
		return err
	}
	if ctx.Err() != nil {
		return fmt.Errorf("the request ended first: %w", ctx.Err())
	}
	var pgerr *pgconn.PgError
	if errors.As(err, &pgerr) && !transient(pgerr.Code) {
		return err
	}
	var scan pgx.ScanArgError
	if errors.As(err, &scan) {
		return err
	}
	if pgerr != nil || lost(err) {
		return geo.Errorf(geo.CodeUnavailable, "", "the record is out of reach").WithCause(err)
	}
	return err
}

// transient reports whether a SQLSTATE says "not now" rather than "not so".
func transient(code string) bool {
	switch code[:min(2, len(code))] {
	case "08", "53", "57", "58": // connection, resources, operator, system
		return true
	}
	switch code {
	case "40001", "40P01", // serialization, deadlock
		"55P03",          // lock timeout
		"25006",          // a read-only standby
		"25P03", "25P04": // idle or transaction timeout
		return true
	}
	return false
}

// lost reports whether an error that the server did not send means that the
// connection is gone or never came to be.
func lost(err error) bool {
	var connecting *pgconn.ConnectError
	var network interface{ Timeout() bool } // net.Error and what wraps it
	return errors.As(err, &connecting) || errors.As(err, &network) || pgconn.SafeToRetry(err) ||
		errors.Is(err, context.DeadlineExceeded) || closedConnection(err)
}

// closedConnection knows the ends of a connection that have no type.
func closedConnection(err error) bool {
	text := err.Error()
	for _, sign := range []string{"unexpected EOF", "conn closed", "closed pool", "connection reset", "broken pipe", "conn busy", "EOF"} {
		if strings.Contains(text, sign) {
			return true
		}
	}
	return false
}

// rules are the named constraints that speak of more than one column.
var rules = []struct {
	suffix, pointer, detail string
	code                    geo.Code
}{
	{"_floor", "/properties/sensitivity", "the sensitivity is below the least that this layer allows", geo.CodeUnprocessable},
	{"_landing_is_severe", "/properties/sensitivity", "helipads and forward bases are of severe sensitivity", geo.CodeUnprocessable},
	{"_protection_is_severe", "/properties/sensitivity", "incidents of gender-based violence or against children are of severe sensitivity", geo.CodeUnprocessable},
	{"_police_is_severe", "/properties/sensitivity", "police closures and checkpoints are of severe sensitivity", geo.CodeUnprocessable},
	{"_geom_kind", "/geometry", "this kind of geometry does not belong here", geo.CodeInvalid},
	{"_geom_valid", "/geometry", "the geometry breaks the simple-features rules or is empty", geo.CodeInvalidGeometry},
	{"_geom_extent", "/geometry", "the geometry lies outside the extent of the record", geo.CodeInvalid},
}

// refusal explains a row that the schema refused, without a word of SQL; nil
// when the error is none of that kind.
func refusal(err error, t *table) *geo.Error {
	var pgerr *pgconn.PgError
	if !errors.As(err, &pgerr) {
		return nil
	}
	pointer := "/properties/" + pgerr.ColumnName
	switch pgerr.Code {
	case "23502": // not null
		if pgerr.ColumnName == "geom" {
			pointer = "/geometry"
		}
		return geo.Errorf(geo.CodeInvalid, pointer, "a value is needed").WithCause(err)
	case "23514": // check
		for _, rule := range rules {
			if strings.HasSuffix(pgerr.ConstraintName, rule.suffix) {
				return geo.Errorf(rule.code, rule.pointer, "%s", rule.detail).WithCause(err)
			}
		}
		name := strings.TrimSuffix(pgerr.ConstraintName, "_check")
		for _, prefix := range []string{"assessed_", t.layer.Table + "_"} {
			if property, ok := t.layer.Property(strings.TrimPrefix(name, prefix)); ok {
				return geo.Errorf(geo.CodeInvalid, "/properties/"+property.Name, "the value of %s is not allowed", property.Name).WithCause(err)
			}
		}
		return geo.Errorf(geo.CodeInvalid, "", "a rule of the record forbids this").WithCause(err)
	case "23P01": // exclusion
		return geo.Errorf(geo.CodeConflict, "", "the record already holds something else about that time").WithCause(err)
	case "22023": // PostGIS: another type of geometry than the column's
		return geo.Errorf(geo.CodeInvalid, "/geometry", "this kind of geometry does not belong here").WithCause(err)
	case "54000", "54001": // a limit of the server
		return geo.Errorf(geo.CodeTooLarge, "", "the feature is too large for the record").WithCause(err)
	}
	if strings.HasPrefix(pgerr.Code, "22") { // data exception
		return geo.Errorf(geo.CodeInvalid, "", "a value cannot be stored").WithCause(err)
	}
	return nil
}

// schemaRefusal explains what the schema refused of something that is stored as
// a whole: taken where it is there already, with the pointer to what names it,
// broken where it breaks a rule, which is named.
func schemaRefusal(err error, pointer, taken, broken string) error {
	var pgerr *pgconn.PgError
	if !errors.As(err, &pgerr) {
		return err
	}
	switch pgerr.Code {
	case "23505":
		return geo.Errorf(geo.CodeConflict, pointer, "%s", taken).WithCause(err)
	case "23514", "23502", "22021": // check, null, bytes that are no text
		if rule, ok := strings.CutPrefix(pgerr.ConstraintName, pgerr.TableName+"_"); ok {
			broken += ": " + strings.TrimSuffix(rule, "_check")
		}
		return geo.Errorf(geo.CodeInvalid, "", "%s", broken).WithCause(err)
	}
	return err
}
