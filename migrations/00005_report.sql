-- Armed groups and incidents, and the raw material: sources and observations.

-- +goose Up
CREATE TABLE pasaj.armed_group (
    LIKE pasaj.assessed INCLUDING ALL,
    group_id text NOT NULL CHECK (octet_length(group_id) <= 60),
    aliases text[] CHECK (cardinality(aliases) <= 30),
    group_type text NOT NULL CHECK (group_type IN (
        'gang', 'gang_coalition', 'self_defence_brigade', 'state_security_auxiliary',
        'political_armed', 'unknown')),
    reported_area text CHECK (octet_length(reported_area) <= 500),
    un_listing_ref text CHECK (octet_length(un_listing_ref) <= 60),
    colour text CHECK (octet_length(colour) <= 7)
);
COMMENT ON TABLE pasaj.armed_group IS 'Armed groups. ';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON pasaj.armed_group
    FOR EACH ROW EXECUTE FUNCTION pasaj.append_only();
CREATE TRIGGER append_only_all BEFORE TRUNCATE ON pasaj.armed_group
    FOR EACH STATEMENT EXECUTE FUNCTION pasaj.append_only();

CREATE TABLE pasaj.group_membership (
    LIKE pasaj.assessed INCLUDING ALL,
    group_id text NOT NULL CHECK (octet_length(group_id) <= 60),
    coalition_id text NOT NULL CHECK (octet_length(coalition_id) <= 60)
);
COMMENT ON TABLE pasaj.group_membership IS 'Group memberships. ';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON pasaj.group_membership
    FOR EACH ROW EXECUTE FUNCTION pasaj.append_only();
CREATE TRIGGER append_only_all BEFORE TRUNCATE ON pasaj.group_membership
    FOR EACH STATEMENT EXECUTE FUNCTION pasaj.append_only();

CREATE TABLE pasaj.incident (
    LIKE pasaj.assessed INCLUDING ALL,
    geom geometry(Point, 4326) NOT NULL,
    event_type text NOT NULL CHECK (event_type IN (
        'non_state_actor_overtakes_territory', 'government_regains_territory',
        'non_violent_transfer_of_territory', 'base_established',
        'looting_property_destruction', 'kidnap_collective', 'truck_hijack',
        'toll_extortion', 'attack_police_facility', 'attack_health', 'attack_school',
        'attack_court_prison', 'prison_break', 'massacre', 'arson', 'maritime_attack',
        'aircraft_fired_upon', 'drone_strike', 'sniper', 'ambush', 'clash', 'demonstration',
        'displacement_event', 'aid_looting', 'seizure', 'other')),
    protection_class text NOT NULL CHECK (protection_class IN ('none', 'GBV', 'child')),
    occurred_at timestamptz CHECK (isfinite(occurred_at)),
    commune text CHECK (octet_length(commune) <= 10),
    group_id text CHECK (octet_length(group_id) <= 60),
    perpetrator_type text CHECK (perpetrator_type IN (
        'gang', 'self_defence', 'police', 'army', 'gsf_mss', 'protesters', 'community',
        'local_authority', 'none', 'unknown')),
    targets text[] CHECK (cardinality(targets) <= 8 AND targets <@ ARRAY[
        'civilian', 'police', 'gsf', 'humanitarian', 'medical', 'diplomatic', 'transport',
        'infrastructure']),
    fatalities_min bigint CHECK (fatalities_min BETWEEN 0 AND 100000),
    fatalities_max bigint CHECK (fatalities_max BETWEEN 0 AND 100000),
    access_constraint bigint CHECK (access_constraint BETWEEN 1 AND 9),
    summary text CHECK (octet_length(summary) <= 1000),
    CONSTRAINT incident_geom_valid CHECK (ST_IsValid(geom) AND NOT ST_IsEmpty(geom)),
    CONSTRAINT incident_geom_extent CHECK (
        ST_XMin(geom) >= -76.0 AND ST_XMax(geom) <= -70.5 AND ST_YMin(geom) >= 16.5 AND ST_YMax(geom) <= 21.0),
    CONSTRAINT incident_floor CHECK (sensitivity IN ('high', 'severe')),
    CONSTRAINT incident_protection_is_severe CHECK (
        protection_class = 'none' OR sensitivity = 'severe')
);
COMMENT ON TABLE pasaj.incident IS 'Incidents. Dated events, coded like ACLED with local types.';
CREATE INDEX ON pasaj.incident USING gist (geom);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON pasaj.incident
    FOR EACH ROW EXECUTE FUNCTION pasaj.append_only();
CREATE TRIGGER append_only_all BEFORE TRUNCATE ON pasaj.incident
    FOR EACH STATEMENT EXECUTE FUNCTION pasaj.append_only();

CREATE TABLE pasaj.source (
    LIKE pasaj.assessed INCLUDING ALL,
    source_kind text NOT NULL CHECK (source_kind IN (
        'field_staff', 'partner_ngo', 'un_agency', 'security_force', 'transport_union',
        'community_contact', 'media', 'social_media', 'sensor_imagery', 'official_statement',
        'crowd', 'other')),
    reliability_default text CHECK (reliability_default IN ('A', 'B', 'C', 'D', 'E', 'F')),
    citation text CHECK (octet_length(citation) <= 1000),
    consent text CHECK (consent IN ('yes', 'no', 'unknown')),
    retention_until timestamptz CHECK (isfinite(retention_until))
);
COMMENT ON TABLE pasaj.source IS 'Sources. ';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON pasaj.source
    FOR EACH ROW EXECUTE FUNCTION pasaj.append_only();
CREATE TRIGGER append_only_all BEFORE TRUNCATE ON pasaj.source
    FOR EACH STATEMENT EXECUTE FUNCTION pasaj.append_only();

CREATE TABLE pasaj.observation (
    LIKE pasaj.assessed INCLUDING ALL,
    geom geometry(Geometry, 4326),
    text text CHECK (octet_length(text) <= 10000),
    source_id text CHECK (octet_length(source_id) <= 36),
    channel text NOT NULL CHECK (channel IN ('web', 'kobo', 'sms', 'whatsapp_export', 'email', 'api', 'compilation')),
    observed_at timestamptz CHECK (isfinite(observed_at)),
    received_at timestamptz CHECK (isfinite(received_at)),
    claims jsonb CHECK (jsonb_typeof(claims) = 'array'),
    triage_state text NOT NULL CHECK (triage_state IN ('new', 'triaged', 'linked', 'duplicate', 'rejected', 'escalated')),
    commune text CHECK (octet_length(commune) <= 10),
    road_ref text CHECK (octet_length(road_ref) <= 10),
    CONSTRAINT observation_geom_kind CHECK (GeometryType(geom) IN ('POINT', 'MULTIPOINT', 'LINESTRING', 'MULTILINESTRING', 'POLYGON', 'MULTIPOLYGON')),
    CONSTRAINT observation_geom_valid CHECK (ST_IsValid(geom) AND NOT ST_IsEmpty(geom)),
    CONSTRAINT observation_geom_extent CHECK (
        ST_XMin(geom) >= -76.0 AND ST_XMax(geom) <= -70.5 AND ST_YMin(geom) >= 16.5 AND ST_YMax(geom) <= 21.0)
);
COMMENT ON TABLE pasaj.observation IS 'Observations. ';
CREATE INDEX ON pasaj.observation USING gist (geom);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON pasaj.observation
    FOR EACH ROW EXECUTE FUNCTION pasaj.append_only();
CREATE TRIGGER append_only_all BEFORE TRUNCATE ON pasaj.observation
    FOR EACH STATEMENT EXECUTE FUNCTION pasaj.append_only();
