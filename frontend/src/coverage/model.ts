// The words of the API about coverage: what the client reads of them.
import type { Geometry, Position, Text3 } from '../model';

export type Status = 'assessed' | 'withheld' | 'not_measured';
export type Arrow = 'up' | 'down' | 'level' | 'unknown';

/** A figure by degree of evidence: low ≤ central ≤ high. */
export interface Interval { low: number; central: number; high: number }
/** What a share is a share of. */
export interface Whole { name: Text3; amount: number; unit: string; source?: string }
/** A figure read against a dated one. */
export interface Comparison { text: string; qualifier: string; value: number; unit: string; date: string; source: string; arrow: Arrow }

export interface Value {
  indicator: string; formula: string; of?: Record<string, string> | null;
  area: string; level: string; datetime: string; revision: number; audience: string;
  status: Status; unit: string; amount: Interval | null; share: Interval | null; denominator: Whole | null;
  n: number; confidence: number | null; confidence_label?: string; ids?: string[];
  note?: Text3 | null; baseline?: Comparison | null;
}
export interface Measurement {
  revision: number; audience: string; datetime: string; formula_version: string; notice: Text3; values: Value[];
}
export interface IndicatorTitle { code: string; formula: string; title: Text3; unit: string }

/** One row of an indicator over time; a point without amounts is withheld or not measured, never zero. */
export interface Line {
  of?: Record<string, string> | null; area: string; unit: string; denominator: Whole | null; note?: Text3 | null; baseline?: Comparison | null;
  points: { status?: Status; amount: Interval | null; share: Interval | null; n: number }[];
}
export interface Series { indicator: string; title: Text3; revision: number; from: string; to: string; datetimes: string[]; lines: Line[] }

/** What a piece of ground is called: null where nothing names it. */
export interface Label { control_type: string; groups: string[] | null }
export interface Change {
  geometry: Geometry | null;
  properties: {
    kind: string; cause: string; areas: string[] | null; km2: number; from: Label | null; to: Label | null;
    ids: string[] | null; confidence: number | null; confidence_label?: string;
  };
}
export interface Changes {
  revision: number; status: Status; late_information_status: Status; notice: Text3;
  slivers_km2: number | null; omitted: { items: number; km2: number } | null; features: Change[];
}

export interface Figure { title: Text3; place: Text3; value: Value }
export interface Objective {
  letter: string; text: Text3; wanted: Arrow; status: Status; headline: Figure[]; support: Figure[]; note?: Text3 | null;
}
/** A dated baseline beside what the record says now. */
export interface Reading {
  id: string; name: Text3; text: Text3; comparison: Comparison; wanted?: Arrow;
  status: Status; unit: string; amount: Interval | null; share: Interval | null; denominator: Whole | null;
  present?: Text3 | null; n: number; note?: Text3 | null;
}
export interface Objectives { revision: number; datetime: string; objectives: Objective[]; baselines: Reading[] }

export interface FacilityCount { of: string; low: number; central: number; high: number }
export interface ExposedType {
  layer: string; facility_type: string; label: Text3; n: number; contexts: FacilityCount[] | null; functional: FacilityCount[] | null;
}
export interface CutOffFacility {
  id: string; layer: string; facility_type: string; name: Text3; commune: string; control_context: string;
  functional: string; connection: string; vehicle: string; confidence: number;
  geometry: { type: 'Point'; coordinates: Position } | null;
}
export interface ExposedArea {
  id: string; name: Text3; level: string; status: Status; types: ExposedType[] | null;
  cut_off: { status: Status; note?: Text3 | null; looked: number; facilities: CutOffFacility[] | null };
}
export interface Exposure { revision: number; datetime: string; notice: Text3; areas: ExposedArea[] }

/** What the public is told: rounded, late, and without communes of few sources. */
export interface ReleasedArea {
  id: string; name: Text3; level: string; status: Status;
  denominator?: { name: string; area_km2: number | null; members?: string[]; missing?: string[]; source?: string } | null;
  classes: { class: string; share: Interval | null }[] | null;
}
export interface Released {
  released_at: string; datetime: string; revision: number; least_sources: number; rounding: number; notice: Text3; areas: ReleasedArea[];
}
