-- The record: revisions, and what every table of features has in common.
--
-- Two clocks: "valid" says when something was true in the world, "known" from
-- which revision to which the record said so. Nothing is updated in place: a
-- change closes rows (upper end of known) and adds new ones.

-- +goose Up
CREATE EXTENSION IF NOT EXISTS postgis WITH SCHEMA public;
CREATE EXTENSION IF NOT EXISTS btree_gist WITH SCHEMA public;
CREATE SCHEMA IF NOT EXISTS pasaj;
COMMENT ON SCHEMA pasaj IS 'The record. Read it through a schema audience_*; write it through pasaj only.';

CREATE TABLE pasaj.revision (
    id bigint PRIMARY KEY CHECK (id >= 1),
    at timestamptz NOT NULL UNIQUE,
    author text NOT NULL CHECK (octet_length(author) BETWEEN 1 AND 100),
    reason text NOT NULL DEFAULT '' CHECK (octet_length(reason) <= 500),
    audience text NOT NULL CHECK (audience IN ('public', 'hum', 'sec', 'ops'))
);
COMMENT ON TABLE pasaj.revision IS 'One row for each transaction that changed the record, without gaps, in the order of commit.';
COMMENT ON COLUMN pasaj.revision.at IS 'When it was committed; strictly ascending.';
COMMENT ON COLUMN pasaj.revision.audience IS 'What the author may see.';

CREATE TABLE pasaj.revision_change (
    revision bigint NOT NULL REFERENCES pasaj.revision,
    layer text NOT NULL,
    feature_id uuid,
    action text NOT NULL CHECK (action IN ('create', 'replace', 'patch', 'delete'))
);
CREATE INDEX ON pasaj.revision_change (revision);
COMMENT ON TABLE pasaj.revision_change IS 'Which features a revision touched, so that followers read no more than that.';
COMMENT ON COLUMN pasaj.revision_change.layer IS 'Name of the collection, or road-network.';
COMMENT ON COLUMN pasaj.revision_change.feature_id IS 'Null for the road network.';

CREATE TABLE pasaj.once (
    author text NOT NULL,
    key text NOT NULL CHECK (octet_length(key) BETWEEN 1 AND 200),
    digest bytea NOT NULL CHECK (octet_length(digest) = 32),
    revision bigint NOT NULL REFERENCES pasaj.revision,
    ids uuid[] NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (author, key)
);
CREATE INDEX ON pasaj.once (at);
COMMENT ON TABLE pasaj.once IS 'Receipts of requests that may be sent again (Idempotency-Key), kept for a week.';

-- +goose StatementBegin
CREATE FUNCTION pasaj.append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'UPDATE' THEN
        RAISE EXCEPTION 'the record is append-only: % on % is forbidden', TG_OP, TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF upper_inf(OLD.known) AND NOT upper_inf(NEW.known) AND NOT isempty(NEW.known)
        AND lower(NEW.known) = lower(OLD.known) THEN
        OLD.known := NEW.known;
        IF NEW *= OLD THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'the record is append-only: a row of % can only be closed', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END
$$;
-- +goose StatementEnd
COMMENT ON FUNCTION pasaj.append_only() IS 'Allows one update of a row: setting the open upper end of known.';

CREATE TABLE pasaj.assessed (
    id uuid NOT NULL,
    valid tstzrange NOT NULL CHECK (
        NOT isempty(valid)
        AND (lower_inf(valid) OR lower_inc(valid)
            AND lower(valid) BETWEEN '1800-01-01 00:00+00' AND '2100-01-01 00:00+00')
        AND (upper_inf(valid) OR NOT upper_inc(valid)
            AND upper(valid) BETWEEN '1800-01-01 00:00+00' AND '2100-01-01 00:00+00')),
    known int8range NOT NULL CHECK (lower(known) >= 1),
    code text CHECK (octet_length(code) <= 60),
    name_fr text CHECK (octet_length(name_fr) <= 200),
    name_ht text CHECK (octet_length(name_ht) <= 200),
    name_en text CHECK (octet_length(name_en) <= 200),
    time_precision text CHECK (time_precision IN ('exact', 'day', 'week', 'month', 'unknown')),
    geo_precision bigint CHECK (geo_precision BETWEEN 1 AND 5),
    precision_m double precision CHECK (precision_m BETWEEN 0 AND 200000),
    last_confirmed_at timestamptz CHECK (isfinite(last_confirmed_at)),
    reliability text CHECK (reliability IN ('A', 'B', 'C', 'D', 'E', 'F')),
    credibility bigint CHECK (credibility BETWEEN 1 AND 6),
    confidence double precision CHECK (confidence BETWEEN 0 AND 1),
    sensitivity text NOT NULL CHECK (sensitivity IN ('low', 'moderate', 'high', 'severe')),
    compartment text NOT NULL CHECK (compartment IN ('public', 'hum', 'sec', 'ops')),
    handling text CHECK (octet_length(handling) <= 500),
    review_state text NOT NULL CHECK (
        review_state IN ('draft', 'in_review', 'approved', 'rejected', 'withdrawn')),
    demonstration boolean NOT NULL,
    "references" text[] CHECK (cardinality("references") <= 50),
    source_ids uuid[] CHECK (cardinality(source_ids) <= 100),
    observation_ids uuid[] CHECK (cardinality(observation_ids) <= 500),
    author text CHECK (octet_length(author) <= 100),
    reviewer text CHECK (octet_length(reviewer) <= 100),
    revision_reason text CHECK (octet_length(revision_reason) <= 500),
    language text CHECK (language IN ('fr', 'ht', 'en', 'es')),
    EXCLUDE USING gist (id WITH =, valid WITH &&, known WITH &&)
);
CREATE INDEX ON pasaj.assessed (id);
COMMENT ON TABLE pasaj.assessed IS 'What all tables of features have in common. A pattern for CREATE TABLE ... LIKE; it holds no rows.';
COMMENT ON COLUMN pasaj.assessed.valid IS 'When this was true in the world, [from, to).';
COMMENT ON COLUMN pasaj.assessed.known IS 'From which revision to which the record says so, [from, to).';
COMMENT ON COLUMN pasaj.assessed.code IS 'Identifier for people.';
COMMENT ON COLUMN pasaj.assessed.geo_precision IS '1 exact, 2 street, 3 neighbourhood, 4 commune, 5 department.';
COMMENT ON COLUMN pasaj.assessed.precision_m IS 'Radius in metres in which the true place should lie.';
COMMENT ON COLUMN pasaj.assessed.reliability IS 'Grade of the source, A (reliable) to F (cannot be judged).';
COMMENT ON COLUMN pasaj.assessed.credibility IS 'Grade of the item, 1 (confirmed) to 6 (cannot be judged).';
COMMENT ON COLUMN pasaj.assessed.confidence IS 'Worth of the evidence when last confirmed, 0 to 1; computed from grades.';
COMMENT ON COLUMN pasaj.assessed.sensitivity IS 'Harm if disclosed, after the IASC operational guidance on data responsibility.';
COMMENT ON COLUMN pasaj.assessed.compartment IS 'In whose keeping it is; decides with sensitivity who may see it.';
COMMENT ON COLUMN pasaj.assessed.handling IS 'Note of the originator on who may be told.';
COMMENT ON COLUMN pasaj.assessed.demonstration IS 'Made up to show how Pasaj works.';
COMMENT ON COLUMN pasaj.assessed.author IS 'Account that made this version.';

CREATE TABLE pasaj.audience_schema (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    hash text NOT NULL
);
COMMENT ON TABLE pasaj.audience_schema IS 'Which generation of audience views, policies and grants stands in this database.';
