-- Ground: administrative areas, controlled zones, places.

-- +goose Up
CREATE TABLE pasaj.admin_area (
    LIKE pasaj.assessed INCLUDING ALL,
    geom geometry(MultiPolygon, 4326) NOT NULL,
    pcode text NOT NULL CHECK (octet_length(pcode) <= 10),
    level bigint NOT NULL CHECK (level BETWEEN 0 AND 3),
    parent_pcode text CHECK (octet_length(parent_pcode) <= 10),
    area_km2 double precision CHECK (area_km2 BETWEEN 0 AND 100000),
    population bigint CHECK (population BETWEEN 0 AND 50000000),
    population_note text CHECK (octet_length(population_note) <= 300),
    CONSTRAINT admin_area_geom_valid CHECK (ST_IsValid(geom) AND NOT ST_IsEmpty(geom)),
    CONSTRAINT admin_area_geom_extent CHECK (
        ST_XMin(geom) >= -76.0 AND ST_XMax(geom) <= -70.5 AND ST_YMin(geom) >= 16.5 AND ST_YMax(geom) <= 21.0)
);
COMMENT ON TABLE pasaj.admin_area IS 'Departments and communes. Administrative boundaries with their p-codes.';
CREATE INDEX ON pasaj.admin_area USING gist (geom);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON pasaj.admin_area
    FOR EACH ROW EXECUTE FUNCTION pasaj.append_only();
CREATE TRIGGER append_only_all BEFORE TRUNCATE ON pasaj.admin_area
    FOR EACH STATEMENT EXECUTE FUNCTION pasaj.append_only();

CREATE TABLE pasaj.controlled_zone (
    LIKE pasaj.assessed INCLUDING ALL,
    geom geometry(MultiPolygon, 4326) NOT NULL,
    control_type text NOT NULL CHECK (control_type IN (
        'controlled', 'influenced', 'contested', 'recovered', 'state_held', 'self_defence',
        'depopulated', 'unknown')),
    holders jsonb CHECK (jsonb_typeof(holders) = 'array'),
    claim_level text NOT NULL CHECK (claim_level IN ('assessed', 'claimed')),
    boundary_quality text CHECK (boundary_quality IN (
        'surveyed', 'street_traced', 'neighbourhood_outline', 'admin_unit', 'buffer')),
    traits text[] CHECK (cardinality(traits) <= 5 AND traits <@ ARRAY[
        'taxes', 'adjudicates', 'permits_movement', 'provides_services', 'restricts_aid']),
    evidence_note text CHECK (octet_length(evidence_note) <= 2000),
    CONSTRAINT controlled_zone_geom_valid CHECK (ST_IsValid(geom) AND NOT ST_IsEmpty(geom)),
    CONSTRAINT controlled_zone_geom_extent CHECK (
        ST_XMin(geom) >= -76.0 AND ST_XMax(geom) <= -70.5 AND ST_YMin(geom) >= 16.5 AND ST_YMax(geom) <= 21.0),
    CONSTRAINT controlled_zone_floor CHECK (sensitivity IN ('moderate', 'high', 'severe'))
);
COMMENT ON TABLE pasaj.controlled_zone IS 'Controlled zones. Who holds this ground, by graded reports.';
CREATE INDEX ON pasaj.controlled_zone USING gist (geom);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON pasaj.controlled_zone
    FOR EACH ROW EXECUTE FUNCTION pasaj.append_only();
CREATE TRIGGER append_only_all BEFORE TRUNCATE ON pasaj.controlled_zone
    FOR EACH STATEMENT EXECUTE FUNCTION pasaj.append_only();

CREATE TABLE pasaj.place (
    LIKE pasaj.assessed INCLUDING ALL,
    geom geometry(Point, 4326) NOT NULL,
    place_kind text NOT NULL CHECK (place_kind IN (
        'chokepoint', 'locality', 'town', 'neighbourhood', 'junction', 'bridge', 'other')),
    commune text CHECK (octet_length(commune) <= 10),
    aliases text[] CHECK (cardinality(aliases) <= 30),
    note text CHECK (octet_length(note) <= 1000),
    CONSTRAINT place_geom_valid CHECK (ST_IsValid(geom) AND NOT ST_IsEmpty(geom)),
    CONSTRAINT place_geom_extent CHECK (
        ST_XMin(geom) >= -76.0 AND ST_XMax(geom) <= -70.5 AND ST_YMin(geom) >= 16.5 AND ST_YMax(geom) <= 21.0)
);
COMMENT ON TABLE pasaj.place IS 'Places. Localities and named points of passage.';
CREATE INDEX ON pasaj.place USING gist (geom);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON pasaj.place
    FOR EACH ROW EXECUTE FUNCTION pasaj.append_only();
CREATE TRIGGER append_only_all BEFORE TRUNCATE ON pasaj.place
    FOR EACH STATEMENT EXECUTE FUNCTION pasaj.append_only();
