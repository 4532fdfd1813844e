package postgis

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"pasaj/geo"
)

// Observations are in no world: they hold what people said in words. Whoever
// assesses how well an area is watched has to count them, and so each audience
// but the public has a view observation_tally of those within its reach.

// talliedFor reports whether an audience counts observations.
func talliedFor(a geo.Audience) bool { return a != geo.Public }

// tallyColumns are the columns of observations from which tallies are made.
const tallyColumns = "id, valid, known, geom, commune, road_ref, observed_at, received_at, triage_state, channel, source_id, compartment"

// asofSetting names the revision as of which observation_tally counts; the
// newest where it is not set. A setting can reach into the middle of a view,
// which a condition from outside cannot: which state of an observation is its
// last, and in which commune it lies, depend on the revision.
const asofSetting = "pasaj.asof"

// observationTally shows the last state of each observation that the audience
// may know of. Sources are hashed with a key of the database, for each audience
// differently, so that two audiences cannot compare theirs. A commune that is
// not named is the one that covers the observation's geometry.
const observationTally = `
WITH standing AS MATERIALIZED (
    SELECT coalesce(nullif(current_setting('` + asofSetting + `', true), '')::bigint, (SELECT max(id) FROM pasaj.revision)) AS revision
), commune AS MATERIALIZED (
    SELECT a.pcode, a.geom, public.ST_Envelope(a.geom) AS box, lower(a.valid) AS since
    FROM %[1]s.admin_area a, standing s WHERE a.level = 2 AND a.known @> s.revision
), latest AS (
    SELECT DISTINCT ON (o.id) o.geom, o.commune, o.road_ref, o.observed_at, o.received_at, o.triage_state, o.channel, o.source_id, o.known, o.compartment
    FROM pasaj.observation o, standing s WHERE o.known @> s.revision
    ORDER BY o.id, lower(o.valid) DESC NULLS LAST
)
SELECT coalesce(l.commune, (
        SELECT c.pcode FROM commune c WHERE c.box OPERATOR(public.&&) l.geom AND public.ST_Covers(c.geom, l.geom)
        ORDER BY c.since DESC NULLS LAST, c.pcode LIMIT 1)) AS commune,
    l.road_ref, l.observed_at, l.received_at, l.triage_state, l.channel,
    encode(substring(sha256(k.key || convert_to('%[2]s ' || nullif(l.source_id, ''), 'UTF8')) FOR 16), 'hex') AS source_key,
    lower(l.known) AS known_from, upper(l.known) AS known_to, l.compartment
FROM latest l CROSS JOIN pasaj.tally_key k`

// tallySQL makes the view of an audience.
func tallySQL(a geo.Audience) []string {
	view, owner := audienceSchema(a)+".observation_tally", viewRole(a)
	out := []string{
		fmt.Sprintf("GRANT SELECT (%s) ON pasaj.observation TO %s", tallyColumns, owner),
		fmt.Sprintf("GRANT SELECT (key) ON pasaj.tally_key TO %s", owner),
		fmt.Sprintf("CREATE VIEW %s WITH (security_barrier) AS %s", view, fmt.Sprintf(observationTally, audienceSchema(a), a)),
		fmt.Sprintf("ALTER VIEW %s OWNER TO %s", view, owner),
		fmt.Sprintf("GRANT SELECT ON %s TO %s", view, audienceRole(a)),
		fmt.Sprintf("COMMENT ON VIEW %s IS 'Observations reduced to what is needed to count them, as known at the revision in the setting %s, by default the newest.'", view, asofSetting),
	}
	for _, column := range [][2]string{
		{"commune", "P-code; where none was noted, of the commune that covers the place; null where that cannot be told."},
		{"road_ref", "Number of the road it speaks of."},
		{"observed_at", "When it was observed."},
		{"received_at", "When it was received."},
		{"triage_state", "How far it was dealt with."},
		{"channel", "By which way it came."},
		{"source_key", "Equal for equal sources, and different in each database and audience; null without a source."},
		{"known_from", "Revision from which the record says so."},
		{"known_to", "Revision from which it no longer does; null while it stands."},
		{"compartment", "In whose keeping it is."},
	} {
		out = append(out, fmt.Sprintf("COMMENT ON COLUMN %s.%s IS '%s'", view, column[0], strings.ReplaceAll(column[1], "'", "''")))
	}
	return out
}

// Tally lists the observations that an audience may count, as known at a
// revision, the newest for zero: each once, in its last state. The public
// counts none. The order tells nothing and is the same each time. Code
// not_found for a revision that is not there yet.
//
// It reads all observations and takes up to 30 ms for each thousand, most of
// it to find the communes of those that name none. Whoever asks often keeps the
// answer with the revision.
func (r *Record) Tally(ctx context.Context, a geo.Audience, rev geo.Revision) (out []geo.Tally, err error) {
	err = r.transaction(ctx, snapshot, func(tx pgx.Tx) error {
		if err := unhurried(ctx, tx); err != nil {
			return err
		}
		if err := become(ctx, tx, a); err != nil {
			return err
		}
		rev, _, err := standing(ctx, tx, a, rev)
		if err != nil || rev == 0 || !talliedFor(a) {
			return err
		}
		if _, err := tx.Exec(ctx, "SELECT set_config($1, $2, true)", asofSetting, rev.String()); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, `SELECT commune, road_ref, observed_at, received_at, triage_state, channel, source_key
			FROM `+audienceSchema(a)+`.observation_tally
			ORDER BY observed_at, received_at, commune, road_ref, triage_state, channel, source_key`)
		if err != nil {
			return err
		}
		out, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (one geo.Tally, err error) {
			var commune, road, source pgtype.Text
			var observed, received pgtype.Timestamptz
			err = row.Scan(&commune, &road, &observed, &received, &one.TriageState, &one.Channel, &source)
			one.Commune, one.RoadRef, one.SourceKey = commune.String, road.String, source.String
			one.ObservedAt, one.ReceivedAt = instant(observed), instant(received)
			return one, err
		})
		return err
	})
	return out, err
}
