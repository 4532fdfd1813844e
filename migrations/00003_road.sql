-- Roads: their reported status, what blocks them, and the network to route on.

-- +goose Up
CREATE TABLE pasaj.national_road (
    LIKE pasaj.assessed INCLUDING ALL,
    geom geometry(MultiLineString, 4326) NOT NULL,
    ref text NOT NULL CHECK (octet_length(ref) <= 10),
    section bigint CHECK (section BETWEEN 0 AND 1000),
    from_name text CHECK (octet_length(from_name) <= 100),
    to_name text CHECK (octet_length(to_name) <= 100),
    length_m double precision CHECK (length_m BETWEEN 0 AND 1000000),
    status text NOT NULL CHECK (status IN ('open', 'restricted', 'closed', 'unknown')),
    cause text CHECK (cause IN (
        'insecurity', 'toll', 'physical', 'weather', 'administrative', 'community', 'fuel',
        'unknown')),
    max_class text CHECK (max_class IN (
        'foot', 'moto', 'car', 'suv4x4', 'ambulance', 'minibus', 'truck_3_5t', 'truck_10t',
        'truck_20t', 'truck_over20t', 'armoured')),
    advice_note text CHECK (octet_length(advice_note) <= 500),
    CONSTRAINT national_road_geom_valid CHECK (ST_IsValid(geom) AND NOT ST_IsEmpty(geom)),
    CONSTRAINT national_road_geom_extent CHECK (
        ST_XMin(geom) >= -76.0 AND ST_XMax(geom) <= -70.5 AND ST_YMin(geom) >= 16.5 AND ST_YMax(geom) <= 21.0)
);
COMMENT ON TABLE pasaj.national_road IS 'National roads. RN1 to RN8 by section, with their reported status.';
CREATE INDEX ON pasaj.national_road USING gist (geom);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON pasaj.national_road
    FOR EACH ROW EXECUTE FUNCTION pasaj.append_only();
CREATE TRIGGER append_only_all BEFORE TRUNCATE ON pasaj.national_road
    FOR EACH STATEMENT EXECUTE FUNCTION pasaj.append_only();

CREATE TABLE pasaj.roadblock (
    LIKE pasaj.assessed INCLUDING ALL,
    geom geometry(Geometry, 4326) NOT NULL,
    subtype text NOT NULL CHECK (subtype IN (
        'toll_post', 'barricade_manned', 'barricade_unmanned', 'burning_barricade',
        'fixed_barrier', 'trench_ditch', 'community_gate', 'police_checkpoint',
        'police_closure', 'protest_block', 'debris_waste', 'flood', 'landslide',
        'bridge_out', 'road_damage', 'ambush_stretch', 'mine_uxo', 'other')),
    wfp_obstype text CHECK (wfp_obstype IN (
        'Unknown', 'Flood', 'Mines/UXO', 'Roadblock', 'Road damage', 'Railway damage',
        'Bridge damage', 'Culvert damage', 'Ferry', 'Checkpoint Official',
        'Checkpoint Unofficial', 'Traffic restriction', 'Landslide', 'Wreckage', 'Ford',
        'Trees')),
    state text NOT NULL CHECK (state IN (
        'reported', 'active', 'intermittent', 'cleared', 'archived', 'disputed', 'false')),
    actor_type text NOT NULL CHECK (actor_type IN (
        'gang', 'self_defence', 'police', 'army', 'gsf_mss', 'protesters', 'community',
        'local_authority', 'none', 'unknown')),
    group_id text CHECK (octet_length(group_id) <= 60),
    road_ref text CHECK (octet_length(road_ref) <= 10),
    commune text CHECK (octet_length(commune) <= 10),
    passability jsonb CHECK (jsonb_typeof(passability) = 'object'),
    emergency_passable text CHECK (emergency_passable IN ('yes', 'no', 'unknown')),
    pass_mode text CHECK (pass_mode IN (
        'free', 'ask_permission', 'pay', 'pass_card', 'negotiated_humanitarian', 'escort',
        'impossible', 'unknown')),
    toll jsonb CHECK (jsonb_typeof(toll) = 'array'),
    clear_time text CHECK (clear_time IN ('<2h', '2-12h', '12-48h', '2-7d', '>7d', 'unknown')),
    schedule text CHECK (octet_length(schedule) <= 200),
    direction text CHECK (direction IN ('both', 'inbound', 'outbound')),
    max_load_t double precision CHECK (max_load_t BETWEEN 0 AND 200),
    est_crossing_min double precision CHECK (est_crossing_min BETWEEN 0 AND 10000),
    has_bypass text CHECK (has_bypass IN ('yes', 'no', 'unknown')),
    note text CHECK (octet_length(note) <= 1000),
    CONSTRAINT roadblock_geom_kind CHECK (GeometryType(geom) IN ('POINT', 'LINESTRING')),
    CONSTRAINT roadblock_geom_valid CHECK (ST_IsValid(geom) AND NOT ST_IsEmpty(geom)),
    CONSTRAINT roadblock_geom_extent CHECK (
        ST_XMin(geom) >= -76.0 AND ST_XMax(geom) <= -70.5 AND ST_YMin(geom) >= 16.5 AND ST_YMax(geom) <= 21.0),
    CONSTRAINT roadblock_floor CHECK (sensitivity IN ('high', 'severe')),
    CONSTRAINT roadblock_police_is_severe CHECK (
        subtype NOT IN ('police_closure', 'police_checkpoint') OR sensitivity = 'severe')
);
COMMENT ON TABLE pasaj.roadblock IS 'Roadblocks. What stops or slows a vehicle, and on what terms one passes.';
CREATE INDEX ON pasaj.roadblock USING gist (geom);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON pasaj.roadblock
    FOR EACH ROW EXECUTE FUNCTION pasaj.append_only();
CREATE TRIGGER append_only_all BEFORE TRUNCATE ON pasaj.roadblock
    FOR EACH STATEMENT EXECUTE FUNCTION pasaj.append_only();

CREATE TABLE pasaj.road_network (
    id text PRIMARY KEY CHECK (octet_length(id) BETWEEN 1 AND 100),
    known int8range NOT NULL CHECK (lower(known) >= 1),
    name text NOT NULL CHECK (octet_length(name) <= 200),
    licence text NOT NULL CHECK (octet_length(licence) <= 200),
    precision_m double precision NOT NULL CHECK (precision_m BETWEEN 0 AND 200000),
    EXCLUDE USING gist (known WITH &&)
);
COMMENT ON TABLE pasaj.road_network IS 'Generations of the road network; one is known at any revision.';
COMMENT ON COLUMN pasaj.road_network.precision_m IS 'How far, in metres, the drawn line may be from the road.';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON pasaj.road_network
    FOR EACH ROW EXECUTE FUNCTION pasaj.append_only();
CREATE TRIGGER append_only_all BEFORE TRUNCATE ON pasaj.road_network
    FOR EACH STATEMENT EXECUTE FUNCTION pasaj.append_only();

CREATE TABLE pasaj.road_edge (
    network text NOT NULL REFERENCES pasaj.road_network,
    id bigint NOT NULL,
    ref text NOT NULL CHECK (octet_length(ref) <= 100),
    name text NOT NULL CHECK (octet_length(name) <= 200),
    class text NOT NULL CHECK (class IN ('RN', 'RD', 'RC', 'RU', 'RA')),
    surface text NOT NULL CHECK (octet_length(surface) <= 60),
    oneway boolean NOT NULL,
    length_m double precision NOT NULL CHECK (length_m >= 0),
    precision_m double precision NOT NULL CHECK (precision_m BETWEEN 0 AND 200000),
    geom geometry(LineString, 4326) NOT NULL,
    PRIMARY KEY (network, id),
    CONSTRAINT road_edge_geom_valid CHECK (ST_IsValid(geom) AND NOT ST_IsEmpty(geom)),
    CONSTRAINT road_edge_geom_extent CHECK (
        ST_XMin(geom) >= -76.0 AND ST_XMax(geom) <= -70.5 AND ST_YMin(geom) >= 16.5 AND ST_YMax(geom) <= 21.0)
);
COMMENT ON TABLE pasaj.road_edge IS 'Stretches of road between junctions. Stretches that share an end point meet there.';
COMMENT ON COLUMN pasaj.road_edge.ref IS 'Road numbers such as RN1, several parted by semicolons; empty without one.';
COMMENT ON COLUMN pasaj.road_edge.class IS 'RN national, RD departmental, RC communal, RU urban, RA access.';
COMMENT ON COLUMN pasaj.road_edge.oneway IS 'Open only in the direction it is drawn.';
COMMENT ON COLUMN pasaj.road_edge.length_m IS 'Geodesic length in metres.';
CREATE INDEX ON pasaj.road_edge USING gist (geom);
