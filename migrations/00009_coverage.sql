-- What coverage counts beside features: grids of population and of built-up
-- ground, tallies of observations, and what was released to the public.

-- +goose Up
CREATE TABLE pasaj.grid (
    id text PRIMARY KEY CHECK (octet_length(id) BETWEEN 1 AND 100),
    kind text NOT NULL CHECK (kind IN ('population', 'built_up')),
    known int8range NOT NULL CHECK (lower(known) >= 1),
    name text NOT NULL CHECK (octet_length(name) <= 1000),
    licence text NOT NULL CHECK (octet_length(licence) <= 1000),
    west double precision NOT NULL CHECK (west BETWEEN -360 AND 360),
    north double precision NOT NULL CHECK (north BETWEEN -180 AND 180),
    cell_lon_deg double precision NOT NULL CHECK (cell_lon_deg > 0 AND cell_lon_deg <= 360),
    cell_lat_deg double precision NOT NULL CHECK (cell_lat_deg > 0 AND cell_lat_deg <= 180),
    width bigint NOT NULL CHECK (width >= 1),
    height bigint NOT NULL CHECK (height >= 1),
    total double precision NOT NULL CHECK (total >= 0 AND total < 'infinity'),
    digest bytea NOT NULL CHECK (octet_length(digest) = 32),
    body_bytes bigint NOT NULL CHECK (body_bytes >= 1),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    EXCLUDE USING gist (kind WITH =, known WITH &&)
);
COMMENT ON TABLE pasaj.grid IS 'Generations of grids; of each kind one is known at any revision. The values are in pasaj.grid_part.';
COMMENT ON COLUMN pasaj.grid.id IS 'Name of the generation.';
COMMENT ON COLUMN pasaj.grid.kind IS 'population: people in each cell. built_up: share of each cell that is built up, 0 to 1.';
COMMENT ON COLUMN pasaj.grid.known IS 'From which revision to which it is the one in use, [from, to).';
COMMENT ON COLUMN pasaj.grid.name IS 'Name for people.';
COMMENT ON COLUMN pasaj.grid.licence IS 'Attribution and licence, to be shown with what is made of it.';
COMMENT ON COLUMN pasaj.grid.west IS 'Longitude of the western edge, degrees.';
COMMENT ON COLUMN pasaj.grid.north IS 'Latitude of the northern edge, degrees.';
COMMENT ON COLUMN pasaj.grid.cell_lon_deg IS 'Width of a cell, degrees of longitude.';
COMMENT ON COLUMN pasaj.grid.cell_lat_deg IS 'Height of a cell, degrees of latitude.';
COMMENT ON COLUMN pasaj.grid.width IS 'Cells from west to east.';
COMMENT ON COLUMN pasaj.grid.height IS 'Cells from north to south.';
COMMENT ON COLUMN pasaj.grid.total IS 'Sum over all cells: people, or cells built up.';
COMMENT ON COLUMN pasaj.grid.digest IS 'SHA-256 of all parts together.';
COMMENT ON COLUMN pasaj.grid.body_bytes IS 'Length of all parts together.';
COMMENT ON COLUMN pasaj.grid.created_at IS 'When it was stored.';
-- As with road networks, a grid is stored before its revision is numbered:
-- until then its known is empty, and may be set.
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON pasaj.grid
    FOR EACH ROW WHEN (NOT isempty(OLD.known)) EXECUTE FUNCTION pasaj.append_only();
CREATE TRIGGER append_only_all BEFORE TRUNCATE ON pasaj.grid
    FOR EACH STATEMENT EXECUTE FUNCTION pasaj.append_only();

CREATE TABLE pasaj.grid_part (
    grid text NOT NULL REFERENCES pasaj.grid,
    part bigint NOT NULL CHECK (part >= 0),
    body bytea NOT NULL CHECK (octet_length(body) BETWEEN 1 AND 16777216),
    PRIMARY KEY (grid, part)
);
ALTER TABLE pasaj.grid_part ALTER COLUMN body SET STORAGE EXTERNAL;
COMMENT ON TABLE pasaj.grid_part IS 'Values of grids in the binary form of the program, cut in parts that nobody needs much memory for. GIS tools read the GeoTIFF that was imported.';
COMMENT ON COLUMN pasaj.grid_part.grid IS 'Grid it belongs to.';
COMMENT ON COLUMN pasaj.grid_part.part IS 'Place in the order of parts, from 0.';
COMMENT ON COLUMN pasaj.grid_part.body IS 'Bytes.';
CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON pasaj.grid_part
    FOR EACH STATEMENT EXECUTE FUNCTION pasaj.insert_only();

COMMENT ON COLUMN pasaj.revision_change.layer IS 'Name of the collection, road-network or grid.';
COMMENT ON COLUMN pasaj.revision_change.feature_id IS 'Null for the road network and for grids.';

-- Tallies count sources without telling who they are: each is shown as a hash
-- that nobody can make without this key.
CREATE TABLE pasaj.tally_key (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    key bytea NOT NULL CHECK (octet_length(key) = 32)
);
COMMENT ON TABLE pasaj.tally_key IS 'Key of the hashes that stand for sources in observation_tally. SEVERE: with it, guesses of a source can be checked.';
COMMENT ON COLUMN pasaj.tally_key.key IS 'Drawn at random for each database.';
INSERT INTO pasaj.tally_key (key)
SELECT sha256(decode(replace(gen_random_uuid()::text || gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex'));
CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON pasaj.tally_key
    FOR EACH STATEMENT EXECUTE FUNCTION pasaj.insert_only();

CREATE TABLE pasaj.release (
    at timestamptz PRIMARY KEY CHECK (isfinite(at)),
    revision bigint NOT NULL REFERENCES pasaj.revision,
    k bigint NOT NULL CHECK (k BETWEEN 1 AND 1000),
    formula text NOT NULL CHECK (octet_length(formula) BETWEEN 1 AND 100),
    body jsonb NOT NULL CHECK (jsonb_typeof(body) = 'object'),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE pasaj.release IS 'What the public is told in figures: moved only at the ticks of a clock, delayed, rounded, and withheld where too few sources stand behind it.';
COMMENT ON COLUMN pasaj.release.at IS 'Tick of the clock from which it is told.';
COMMENT ON COLUMN pasaj.release.revision IS 'Revision as of which it was computed; committed by the tick.';
COMMENT ON COLUMN pasaj.release.k IS 'Fewest sources behind a figure that is told.';
COMMENT ON COLUMN pasaj.release.formula IS 'Version of the formulas.';
COMMENT ON COLUMN pasaj.release.body IS 'The figures.';
COMMENT ON COLUMN pasaj.release.created_at IS 'When it was stored.';
CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON pasaj.release
    FOR EACH STATEMENT EXECUTE FUNCTION pasaj.insert_only();
