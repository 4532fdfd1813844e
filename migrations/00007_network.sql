-- The road network of a whole country: what OpenStreetMap tells of a road,
-- junctions, turn restrictions, the saved contraction order, and views for
-- pgRouting and GIS tools.

-- +goose Up
ALTER TABLE pasaj.road_edge
    DROP CONSTRAINT road_edge_ref_check,
    DROP CONSTRAINT road_edge_name_check,
    DROP CONSTRAINT road_edge_surface_check,
    ADD CONSTRAINT road_edge_ref_check CHECK (octet_length(ref) <= 1000),
    ADD CONSTRAINT road_edge_name_check CHECK (octet_length(name) <= 1000),
    ADD CONSTRAINT road_edge_surface_check CHECK (octet_length(surface) <= 100),
    ADD COLUMN way_id bigint CHECK (way_id <> 0),
    ADD COLUMN bridge boolean NOT NULL DEFAULT false,
    ADD COLUMN tunnel boolean NOT NULL DEFAULT false,
    ADD COLUMN speed_kmh double precision CHECK (speed_kmh > 0 AND speed_kmh <= 200),
    ADD COLUMN no_access text[] NOT NULL DEFAULT '{}' CHECK (no_access <@ ARRAY[
        'foot', 'moto', 'car', 'suv4x4', 'ambulance', 'minibus', 'truck_3_5t', 'truck_10t',
        'truck_20t', 'truck_over20t', 'armoured']),
    ADD COLUMN max_load_t double precision CHECK (max_load_t > 0 AND max_load_t <= 1000),
    ADD COLUMN max_height_m double precision CHECK (max_height_m > 0 AND max_height_m <= 100),
    ADD COLUMN barrier text NOT NULL DEFAULT '' CHECK (octet_length(barrier) <= 100),
    ADD COLUMN nodes bigint[],
    ADD COLUMN source bigint CHECK (source >= 0),
    ADD COLUMN target bigint CHECK (target >= 0);
COMMENT ON COLUMN pasaj.road_edge.network IS 'Generation of the network it belongs to.';
COMMENT ON COLUMN pasaj.road_edge.id IS 'Number within its network; another generation may give it to another edge.';
COMMENT ON COLUMN pasaj.road_edge.name IS 'Name of the street or road; empty without one.';
COMMENT ON COLUMN pasaj.road_edge.surface IS 'Surface, in the words of OpenStreetMap; empty where unknown.';
COMMENT ON COLUMN pasaj.road_edge.precision_m IS 'How far, in metres, the drawn line may be from the road.';
COMMENT ON COLUMN pasaj.road_edge.geom IS 'From junction source to junction target.';
COMMENT ON COLUMN pasaj.road_edge.way_id IS 'OpenStreetMap way it is part of; null where unknown.';
COMMENT ON COLUMN pasaj.road_edge.bridge IS 'On a bridge.';
COMMENT ON COLUMN pasaj.road_edge.tunnel IS 'In a tunnel.';
COMMENT ON COLUMN pasaj.road_edge.speed_kmh IS 'Posted or estimated speed of a car, km/h; null: to be taken from class and surface.';
COMMENT ON COLUMN pasaj.road_edge.no_access IS 'Vehicle classes that may NOT enter; empty: all may.';
COMMENT ON COLUMN pasaj.road_edge.max_load_t IS 'Heaviest vehicle in tonnes; null: no limit known.';
COMMENT ON COLUMN pasaj.road_edge.max_height_m IS 'Highest vehicle in metres; null: no limit known.';
COMMENT ON COLUMN pasaj.road_edge.barrier IS 'OpenStreetMap barrier on or at the edge, such as gate or lift_gate; empty without one.';
COMMENT ON COLUMN pasaj.road_edge.nodes IS 'OpenStreetMap nodes of the points of geom, 0 where there is none; null where unknown.';
COMMENT ON COLUMN pasaj.road_edge.source IS 'Junction at its first point.';
COMMENT ON COLUMN pasaj.road_edge.target IS 'Junction at its last point.';

CREATE TABLE pasaj.road_junction (
    network text NOT NULL REFERENCES pasaj.road_network,
    id bigint NOT NULL CHECK (id >= 0),
    ends bigint NOT NULL CHECK (ends >= 1),
    geom geometry(Point, 4326) NOT NULL,
    PRIMARY KEY (network, id)
);
COMMENT ON TABLE pasaj.road_junction IS 'Where road edges meet or end: every end point of an edge.';
COMMENT ON COLUMN pasaj.road_junction.network IS 'Generation of the network it belongs to.';
COMMENT ON COLUMN pasaj.road_junction.id IS 'Number within its network, from 0 by longitude, then latitude.';
COMMENT ON COLUMN pasaj.road_junction.ends IS 'How many ends of edges meet here; 1 is a dead end.';

-- Networks of before get their junctions.
INSERT INTO pasaj.road_junction (network, id, ends, geom)
SELECT network, row_number() OVER (PARTITION BY network ORDER BY x, y) - 1, count(*), ST_SetSRID(ST_MakePoint(x, y), 4326)
FROM (
    SELECT network, ST_X(ST_StartPoint(geom)) AS x, ST_Y(ST_StartPoint(geom)) AS y FROM pasaj.road_edge
    UNION ALL
    SELECT network, ST_X(ST_EndPoint(geom)), ST_Y(ST_EndPoint(geom)) FROM pasaj.road_edge
) AS edge_end
GROUP BY network, x, y;
UPDATE pasaj.road_edge e SET source = s.id, target = t.id
FROM pasaj.road_junction s, pasaj.road_junction t
WHERE s.network = e.network AND ST_X(s.geom) = ST_X(ST_StartPoint(e.geom)) AND ST_Y(s.geom) = ST_Y(ST_StartPoint(e.geom))
    AND t.network = e.network AND ST_X(t.geom) = ST_X(ST_EndPoint(e.geom)) AND ST_Y(t.geom) = ST_Y(ST_EndPoint(e.geom));
ALTER TABLE pasaj.road_edge ALTER COLUMN source SET NOT NULL, ALTER COLUMN target SET NOT NULL;
CREATE INDEX ON pasaj.road_junction USING gist (geom);
CREATE INDEX road_edge_numbered ON pasaj.road_edge (network) WHERE ref <> '';

CREATE TABLE pasaj.road_turn (
    network text NOT NULL REFERENCES pasaj.road_network,
    id bigint NOT NULL,
    from_edge bigint NOT NULL,
    via_edges bigint[] NOT NULL DEFAULT '{}' CHECK (cardinality(via_edges) <= 50),
    to_edge bigint NOT NULL,
    mandatory boolean NOT NULL,
    geom geometry(Point, 4326),
    PRIMARY KEY (network, id),
    FOREIGN KEY (network, from_edge) REFERENCES pasaj.road_edge,
    FOREIGN KEY (network, to_edge) REFERENCES pasaj.road_edge
);
CREATE INDEX ON pasaj.road_turn USING gist (geom);
COMMENT ON TABLE pasaj.road_turn IS 'Turn restrictions: where one may not go on, or only there.';
COMMENT ON COLUMN pasaj.road_turn.network IS 'Generation of the network it belongs to.';
COMMENT ON COLUMN pasaj.road_turn.id IS 'Number within its network.';
COMMENT ON COLUMN pasaj.road_turn.from_edge IS 'Edge that one comes over.';
COMMENT ON COLUMN pasaj.road_turn.via_edges IS 'Edges between, in order; usually none.';
COMMENT ON COLUMN pasaj.road_turn.to_edge IS 'Edge that one would go on over.';
COMMENT ON COLUMN pasaj.road_turn.mandatory IS 'True: one may go on there alone (only_*). False: one may not go on there (no_*).';
COMMENT ON COLUMN pasaj.road_turn.geom IS 'Junction at which the first edge is left; null: wherever the edges meet.';

CREATE TABLE pasaj.road_order (
    network text NOT NULL REFERENCES pasaj.road_network,
    digest bytea NOT NULL CHECK (octet_length(digest) = 32),
    ranks bytea NOT NULL CHECK (octet_length(ranks) BETWEEN 1 AND 268435456),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (network, digest)
);
ALTER TABLE pasaj.road_order ALTER COLUMN ranks SET STORAGE EXTERNAL;
COMMENT ON TABLE pasaj.road_order IS 'Contraction orders, kept because they take long to compute. Derived from the network: losing one costs time only.';
COMMENT ON COLUMN pasaj.road_order.network IS 'Generation of the network it was computed for.';
COMMENT ON COLUMN pasaj.road_order.digest IS 'SHA-256 of the searched graph that it orders, so that another build does not take a stale one.';
COMMENT ON COLUMN pasaj.road_order.ranks IS 'The order in the binary form of the program.';

-- +goose StatementBegin
CREATE FUNCTION pasaj.insert_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the record is append-only: % on % is forbidden', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END
$$;
-- +goose StatementEnd
COMMENT ON FUNCTION pasaj.insert_only() IS 'Forbids everything but adding rows.';
CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON pasaj.road_edge
    FOR EACH STATEMENT EXECUTE FUNCTION pasaj.insert_only();
CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON pasaj.road_junction
    FOR EACH STATEMENT EXECUTE FUNCTION pasaj.insert_only();
CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON pasaj.road_turn
    FOR EACH STATEMENT EXECUTE FUNCTION pasaj.insert_only();
CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON pasaj.road_order
    FOR EACH STATEMENT EXECUTE FUNCTION pasaj.insert_only();

-- A network is stored before its revision is numbered, so that other writers
-- wait only for the numbering: until then its known is empty, and may be set.
DROP TRIGGER append_only ON pasaj.road_network;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON pasaj.road_network
    FOR EACH ROW WHEN (NOT isempty(OLD.known)) EXECUTE FUNCTION pasaj.append_only();
COMMENT ON COLUMN pasaj.road_network.id IS 'Name of the generation.';
COMMENT ON COLUMN pasaj.road_network.known IS 'From which revision to which it is the one in use, [from, to).';
COMMENT ON COLUMN pasaj.road_network.name IS 'Name for people.';
COMMENT ON COLUMN pasaj.road_network.licence IS 'Attribution and licence, to be shown with what is made of it.';

CREATE VIEW pasaj.road_edge_routing AS
SELECT e.id, e.source, e.target,
    CASE WHEN 'car' = ANY (e.no_access) THEN -1 ELSE s.seconds END AS cost,
    CASE WHEN e.oneway OR 'car' = ANY (e.no_access) THEN -1 ELSE s.seconds END AS reverse_cost
FROM pasaj.road_edge e
JOIN pasaj.road_network n ON n.id = e.network AND upper_inf(n.known)
CROSS JOIN LATERAL (SELECT e.length_m * 3.6 / coalesce(e.speed_kmh, CASE e.class
    WHEN 'RN' THEN 40.0 WHEN 'RD' THEN 30.0 WHEN 'RC' THEN 20.0 WHEN 'RU' THEN 18.0 ELSE 12.0 END) AS seconds) s;
COMMENT ON VIEW pasaj.road_edge_routing IS 'Edges of the network in use as pgRouting wants them: pgr_dijkstra(''SELECT * FROM road_edge_routing'', ...). It knows nothing of roadblocks and zones.';
COMMENT ON COLUMN pasaj.road_edge_routing.id IS 'Edge of road_edge.';
COMMENT ON COLUMN pasaj.road_edge_routing.source IS 'Junction of road_junction at its first point.';
COMMENT ON COLUMN pasaj.road_edge_routing.target IS 'Junction of road_junction at its last point.';
COMMENT ON COLUMN pasaj.road_edge_routing.cost IS 'Seconds of a car from source to target; -1 where it may not go.';
COMMENT ON COLUMN pasaj.road_edge_routing.reverse_cost IS 'Seconds of a car from target to source; -1 where it may not go.';
