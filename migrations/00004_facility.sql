-- Facilities: ports, airports, police, and all others.

-- +goose Up
CREATE TABLE pasaj.port (
    LIKE pasaj.assessed INCLUDING ALL,
    geom geometry(Point, 4326) NOT NULL,
    facility_type text NOT NULL CHECK (facility_type IN ('port', 'fuel_terminal', 'wharf')),
    commune text CHECK (octet_length(commune) <= 10),
    functional text NOT NULL CHECK (functional IN ('full', 'partial', 'none', 'unknown')),
    condition text CHECK (condition IN ('intact', 'damaged', 'destroyed', 'unknown')),
    status_reason text CHECK (status_reason IN (
        'in_controlled_area', 'burned', 'demolished', 'abandoned', 'flooded', 'security',
        'reoccupied', 'other', 'unknown')),
    occupied_by text CHECK (octet_length(occupied_by) <= 100),
    staffed text CHECK (staffed IN ('yes', 'no', 'unknown')),
    relocated_to text CHECK (octet_length(relocated_to) <= 200),
    note text CHECK (octet_length(note) <= 1000),
    operator text CHECK (octet_length(operator) <= 100),
    max_draught_m double precision CHECK (max_draught_m BETWEEN 0 AND 40),
    roro text CHECK (roro IN ('yes', 'no', 'unknown')),
    fuel text CHECK (fuel IN ('yes', 'no', 'unknown')),
    CONSTRAINT port_geom_valid CHECK (ST_IsValid(geom) AND NOT ST_IsEmpty(geom)),
    CONSTRAINT port_geom_extent CHECK (
        ST_XMin(geom) >= -76.0 AND ST_XMax(geom) <= -70.5 AND ST_YMin(geom) >= 16.5 AND ST_YMax(geom) <= 21.0)
);
COMMENT ON TABLE pasaj.port IS 'Ports and terminals. Commercial ports and fuel terminals.';
CREATE INDEX ON pasaj.port USING gist (geom);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON pasaj.port
    FOR EACH ROW EXECUTE FUNCTION pasaj.append_only();
CREATE TRIGGER append_only_all BEFORE TRUNCATE ON pasaj.port
    FOR EACH STATEMENT EXECUTE FUNCTION pasaj.append_only();

CREATE TABLE pasaj.airport (
    LIKE pasaj.assessed INCLUDING ALL,
    geom geometry(Point, 4326) NOT NULL,
    facility_type text NOT NULL CHECK (facility_type IN ('airport', 'airstrip')),
    commune text CHECK (octet_length(commune) <= 10),
    functional text NOT NULL CHECK (functional IN ('full', 'partial', 'none', 'unknown')),
    condition text CHECK (condition IN ('intact', 'damaged', 'destroyed', 'unknown')),
    status_reason text CHECK (status_reason IN (
        'in_controlled_area', 'burned', 'demolished', 'abandoned', 'flooded', 'security',
        'reoccupied', 'other', 'unknown')),
    occupied_by text CHECK (octet_length(occupied_by) <= 100),
    staffed text CHECK (staffed IN ('yes', 'no', 'unknown')),
    relocated_to text CHECK (octet_length(relocated_to) <= 200),
    note text CHECK (octet_length(note) <= 1000),
    icao text CHECK (octet_length(icao) <= 4),
    commercial_flights text CHECK (commercial_flights IN ('operating', 'humanitarian_only', 'suspended', 'unknown')),
    runway_length_m double precision CHECK (runway_length_m BETWEEN 0 AND 6000),
    CONSTRAINT airport_geom_valid CHECK (ST_IsValid(geom) AND NOT ST_IsEmpty(geom)),
    CONSTRAINT airport_geom_extent CHECK (
        ST_XMin(geom) >= -76.0 AND ST_XMax(geom) <= -70.5 AND ST_YMin(geom) >= 16.5 AND ST_YMax(geom) <= 21.0)
);
COMMENT ON TABLE pasaj.airport IS 'Airports. Airports and airstrips.';
CREATE INDEX ON pasaj.airport USING gist (geom);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON pasaj.airport
    FOR EACH ROW EXECUTE FUNCTION pasaj.append_only();
CREATE TRIGGER append_only_all BEFORE TRUNCATE ON pasaj.airport
    FOR EACH STATEMENT EXECUTE FUNCTION pasaj.append_only();

CREATE TABLE pasaj.facility (
    LIKE pasaj.assessed INCLUDING ALL,
    geom geometry(Point, 4326) NOT NULL,
    facility_type text NOT NULL CHECK (facility_type IN (
        'prison', 'court_tpi', 'court_appeal', 'court_peace', 'hospital', 'health_centre',
        'school', 'fuel_terminal', 'airstrip', 'helipad', 'border_crossing', 'customs_post',
        'coastguard_base', 'fob', 'power_plant', 'substation', 'telecom_fibre', 'factory',
        'warehouse', 'market', 'idp_site', 'polling_place', 'bridge', 'government', 'other')),
    commune text CHECK (octet_length(commune) <= 10),
    functional text NOT NULL CHECK (functional IN ('full', 'partial', 'none', 'unknown')),
    condition text CHECK (condition IN ('intact', 'damaged', 'destroyed', 'unknown')),
    status_reason text CHECK (status_reason IN (
        'in_controlled_area', 'burned', 'demolished', 'abandoned', 'flooded', 'security',
        'reoccupied', 'other', 'unknown')),
    occupied_by text CHECK (octet_length(occupied_by) <= 100),
    staffed text CHECK (staffed IN ('yes', 'no', 'unknown')),
    relocated_to text CHECK (octet_length(relocated_to) <= 200),
    note text CHECK (octet_length(note) <= 1000),
    attributes jsonb CHECK (jsonb_typeof(attributes) = 'object'),
    CONSTRAINT facility_geom_valid CHECK (ST_IsValid(geom) AND NOT ST_IsEmpty(geom)),
    CONSTRAINT facility_geom_extent CHECK (
        ST_XMin(geom) >= -76.0 AND ST_XMax(geom) <= -70.5 AND ST_YMin(geom) >= 16.5 AND ST_YMax(geom) <= 21.0),
    CONSTRAINT facility_landing_is_severe CHECK (
        facility_type NOT IN ('helipad', 'fob') OR sensitivity = 'severe')
);
COMMENT ON TABLE pasaj.facility IS 'Other facilities. Hospitals, prisons, courts, schools, border crossings…';
CREATE INDEX ON pasaj.facility USING gist (geom);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON pasaj.facility
    FOR EACH ROW EXECUTE FUNCTION pasaj.append_only();
CREATE TRIGGER append_only_all BEFORE TRUNCATE ON pasaj.facility
    FOR EACH STATEMENT EXECUTE FUNCTION pasaj.append_only();

CREATE TABLE pasaj.police_facility (
    LIKE pasaj.assessed INCLUDING ALL,
    geom geometry(Point, 4326) NOT NULL,
    facility_type text NOT NULL CHECK (facility_type IN (
        'police_departmental_directorate', 'police_commissariat', 'police_sous_commissariat',
        'police_antenne', 'police_specialised_unit', 'police_academy', 'police_other')),
    commune text CHECK (octet_length(commune) <= 10),
    functional text NOT NULL CHECK (functional IN ('full', 'partial', 'none', 'unknown')),
    condition text CHECK (condition IN ('intact', 'damaged', 'destroyed', 'unknown')),
    status_reason text CHECK (status_reason IN (
        'in_controlled_area', 'burned', 'demolished', 'abandoned', 'flooded', 'security',
        'reoccupied', 'other', 'unknown')),
    occupied_by text CHECK (octet_length(occupied_by) <= 100),
    staffed text CHECK (staffed IN ('yes', 'no', 'unknown')),
    relocated_to text CHECK (octet_length(relocated_to) <= 200),
    note text CHECK (octet_length(note) <= 1000),
    CONSTRAINT police_facility_geom_valid CHECK (ST_IsValid(geom) AND NOT ST_IsEmpty(geom)),
    CONSTRAINT police_facility_geom_extent CHECK (
        ST_XMin(geom) >= -76.0 AND ST_XMax(geom) <= -70.5 AND ST_YMin(geom) >= 16.5 AND ST_YMax(geom) <= 21.0),
    CONSTRAINT police_facility_floor CHECK (sensitivity IN ('moderate', 'high', 'severe'))
);
COMMENT ON TABLE pasaj.police_facility IS 'Police facilities. Police stations with their dated status.';
CREATE INDEX ON pasaj.police_facility USING gist (geom);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON pasaj.police_facility
    FOR EACH ROW EXECUTE FUNCTION pasaj.append_only();
CREATE TRIGGER append_only_all BEFORE TRUNCATE ON pasaj.police_facility
    FOR EACH STATEMENT EXECUTE FUNCTION pasaj.append_only();
