// The words of the API as types: what the client reads, and nothing it does not use.

export type Position = [number, number]; // lon, lat in degrees, WGS 84

export type Geometry =
  | { type: 'Point'; coordinates: Position }
  | { type: 'MultiPoint'; coordinates: Position[] }
  | { type: 'LineString'; coordinates: Position[] }
  | { type: 'MultiLineString'; coordinates: Position[][] }
  | { type: 'Polygon'; coordinates: Position[][] }
  | { type: 'MultiPolygon'; coordinates: Position[][][] };

/** The properties the client reads by name; a layer may hold more. */
export interface Properties {
  code?: string | null;
  name_fr?: string | null; name_ht?: string | null; name_en?: string | null;
  valid_from?: string | null; valid_to?: string | null; time_precision?: string | null;
  geo_precision?: number | null; precision_m?: number | null;
  last_confirmed_at?: string | null; stale_at?: string | null; half_life_h?: number | null;
  reliability?: string | null; credibility?: number | null;
  confidence?: number | null; confidence_label?: string | null;
  sensitivity?: string | null; compartment?: string | null; handling?: string | null;
  review_state?: string | null; references?: unknown[] | null; demonstration?: boolean | null;
  revision?: number | null; known_at?: string | null; revision_reason?: string | null;
  source_ids?: unknown[] | null; observation_ids?: unknown[] | null;
  control_type?: string | null; claim_level?: string | null; boundary_quality?: string | null;
  holders?: { group?: string | null; role?: string | null }[] | null;
  traits?: string[] | null; evidence_note?: string | null;
  subtype?: string | null; state?: string | null; actor_type?: string | null; group_id?: string | null;
  road_ref?: string | null; passability?: Record<string, string | null> | null;
  emergency_passable?: unknown; pass_mode?: string | null;
  toll?: { vehicle_class?: string; amount?: number; currency?: string; unit?: string }[] | null;
  schedule?: string | null; direction?: string | null; max_load_t?: number | null;
  facility_type?: string | null; functional?: string | null; condition?: string | null;
  status_reason?: string | null; occupied_by?: string | null; icao?: string | null;
  ref?: string | null; status?: string | null; cause?: string | null; max_class?: string | null;
  section?: string | null; from_name?: string | null; to_name?: string | null; length_m?: number | null;
  event_type?: string | null; sub_event_type?: string | null;
  pcode?: string | null; level?: number | null; area_km2?: number | null;
  population?: number | null; population_year?: number | null;
  place_kind?: string | null; commune?: string | null;
  known_from?: string | null; known_to?: string | null;
  [other: string]: unknown;
}

export interface Feature {
  type: 'Feature';
  id: string;
  geometry: Geometry | null;
  properties: Properties;
}

export interface FeatureCollection {
  type: 'FeatureCollection';
  features: Feature[];
  links?: { rel: string; href: string }[];
  numberMatched?: number;
}

/** One edge of the road network that passages are found on. */
export interface Street {
  type: 'Feature'; id: number;
  geometry: { type: 'LineString'; coordinates: Position[] };
  properties: { ref: string | null; name: string | null; class: string; precision_m: number };
}
export interface Streets {
  features: Street[];
  network: { id: string; name: string; licence: string; precision_m: number } | null;
}
/** A line that may be farther from its road than this is a scheme of the road, not a street. */
export const MAX_STREET_PRECISION_M = 200;

/** Collections in the order they are drawn and listed. */
export const collections = [
  'admin-areas', 'controlled-zones', 'national-roads', 'facilities', 'ports', 'airports',
  'police-facilities', 'incidents', 'roadblocks', 'places',
] as const;
export type Collection = (typeof collections)[number];
export const isCollection = (s: string): s is Collection => (collections as readonly string[]).includes(s);

export const controlTypes = [
  'controlled', 'influenced', 'contested', 'self_defence', 'recovered', 'state_held', 'depopulated', 'unknown',
] as const;
export type ControlType = (typeof controlTypes)[number];
export const controlType = (s: string | null | undefined): ControlType =>
  (controlTypes as readonly string[]).includes(s ?? '') ? (s as ControlType) : 'unknown';

export const roadStatuses = ['open', 'restricted', 'closed', 'unknown'] as const;
export type RoadStatus = (typeof roadStatuses)[number];
export const roadStatus = (s: string | null | undefined): RoadStatus =>
  (roadStatuses as readonly string[]).includes(s ?? '') ? (s as RoadStatus) : 'unknown';

export const vehicles = [
  'foot', 'moto', 'car', 'suv4x4', 'ambulance', 'minibus', 'truck_3_5t', 'truck_10t', 'truck_20t',
  'truck_over20t', 'armoured',
] as const;
export const profiles = ['ambulance', 'humanitarian_cargo', 'light_mission', 'commercial', 'police_isolated_check'] as const;
export const advices = [
  'no_reported_obstacle', 'passable_with_conditions', 'negotiation_needed', 'not_passable', 'insufficient_information',
] as const;
export type Advice = (typeof advices)[number];

/** A text the server wrote in the three languages. */
export interface Text3 { fr?: string; ht?: string; en?: string }

export interface Reason {
  kind: string; km?: number | null; length_m?: number | null;
  collection?: string | null; id?: string | null; code?: string | null; name?: string | null;
  subtype?: string | null; control_type?: string | null; actor_type?: string | null; groups?: string[] | null;
  passability?: string | null; pass_mode?: string | null; schedule?: string | null;
  toll?: { vehicle_class?: string; amount?: number; currency?: string; unit?: string }[] | null;
  confidence?: number | null; confidence_label?: string | null; age_h?: number | null; stale?: boolean | null;
  sources?: number | null; amrf?: number | null; effect?: string | null; text?: Text3 | null;
}

/** When the first roadblock that is shut on arrival opens. */
export interface NextOpening { id: string; km: number; at: string; wait_s: number; waited: boolean }

/** A place of help near the way. */
export interface Refuge {
  collection: string; id: string; name?: string | null; facility_type: string; functional: string;
  km: number; distance_m: number; age_h?: number | null;
}

export interface PassageAnswer {
  advice: Advice; reasons: Reason[]; geometry: Geometry | null;
  length_m: number; duration_s: number | null;
  control: { control_type: string; length_m: number }[];
  groups?: { group: string; length_m: number }[];
  unassessed_m?: number | null; unobserved_m?: number | null;
  valid_until?: string | null; revision: number; audience: string;
  datetime?: string | null; depart_at?: string | null; vehicle: string; profile: string; max_age_h?: number | null;
  oldest_confirmation_h?: number | null; median_confirmation_h?: number | null;
  tolls?: {
    count: number; total_htg: number | null; low_htg?: number | null; high_htg?: number | null;
    classes?: { vehicle_class: string; known: number }[] | null;
  } | null;
  risk?: { known: number; unknown: number; band: string } | null;
  next_opening?: NextOpening | null; refuges?: Refuge[] | null;
  network?: { name: string; precision_m: number } | null; notice?: Text3 | null;
}

export interface Share { share: number | null; area_km2: number | null }
export interface Range { low: Share | null; central: Share | null; high: Share | null }
export interface CoverageArea {
  id: string; name: Text3; level: string; status: string;
  denominator?: { name: string | Text3; area_km2: number | null; members?: string[]; missing?: string[]; source?: string; note?: Text3 | null } | null;
  control?: ({ control_type: string } & Range)[] | null;
  groups?: ({ group: string; name?: string } & Range)[] | null;
  shared?: Range | null; unassessed?: Range | null;
}
export interface Coverage { revision: number; audience: string; notice?: Text3 | string | null; areas: CoverageArea[] }

export interface Account { name: string; role: string; audience: string }
export interface Session { account: Account | null; audience: string; csrf: string | null }
export interface Status {
  revision: number; audience: string; known_at?: string | null; connected: boolean; age_s?: number | null;
  notice?: Text3 | string | null; version?: string;
}

export interface Change { collection: string; id: string; action: 'upsert' | 'delete'; bbox?: number[] }
export interface RevisionEvent { revision: number; at?: string; changes: Change[] }
