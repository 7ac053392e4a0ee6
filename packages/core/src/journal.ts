import type { Side } from './link.ts';
import type { Fields, FieldValue } from './record.ts';

export type IntentOp = 'create' | 'update' | 'delete';

/** What a change came from; `undo`: the write that it takes back. */
export type HistoryCause =
  | {
      readonly kind: 'record';
      /** The side that was read, and what the read said. */
      readonly side: Side;
      readonly version: string;
      readonly mono: string;
      /** Milliseconds since the epoch, that store's own clock; null = it does not say. */
      readonly modifiedAt: number | null;
    }
  | { readonly kind: 'undo'; readonly intentId: string; readonly runId: string };

/** What history will say about a write once it is confirmed, by whoever confirms it. */
export interface WriteOrigin {
  readonly cause: HistoryCause | null;
  /** Version of the mapping that it was planned with. */
  readonly mapping: string;
  /** Rule that decided, by field; fields that are not named go by the intent's cause. */
  readonly rules: Readonly<Record<string, string>>;
}

/** Journal row committed before each remote write. Holds everything that recovery needs. */
export interface Intent {
  readonly id: string;
  readonly laneId: string;
  readonly linkId: string;
  readonly side: Side;
  readonly op: IntentOp;
  /** Store key of the side written, and the native id (`stamp:<uuid>` for a create): at most one open intent each. */
  readonly store: string;
  readonly targetId: string;
  readonly fence: number;
  /** Version that the write is conditional on. */
  readonly version: string | null;
  /** Native properties to write. */
  readonly patch: Fields;
  /** Canonical values of the fields concerned: what is sent, what the source showed, what the target showed before. */
  readonly sent: Fields;
  readonly source: Fields;
  readonly before: Fields;
  readonly stamp: string | null;
  readonly incarnation: number;
  readonly conflicts: readonly ConflictRow[];
  readonly cause: string;
  readonly origin: WriteOrigin;
  readonly runId: string;
  readonly sentAt: number;
  readonly owner: string | null;
  readonly state: 'open' | 'confirmed' | 'void';
  readonly closedAt: number | null;
}

export interface ConflictRow {
  readonly field: string;
  readonly winner: Side;
  readonly kept: FieldValue;
  readonly lost: FieldValue;
  readonly rule: string;
  /** `possible`: the write's fate was unknown. */
  readonly certainty: 'certain' | 'possible';
}

export interface HistoryRow {
  readonly runId: string;
  readonly seq: number;
  readonly laneId: string;
  readonly linkId: string;
  readonly side: Side;
  readonly op: IntentOp | 'link' | 'unlink' | 'conflict' | 'hold' | 'gone';
  readonly field: string | null;
  readonly old: FieldValue;
  readonly new: FieldValue;
  /** Rule that decided: `a>b`, `conflict:newer`, `create`, `match:email`, `delete:proved`, `undo` ... */
  readonly rule: string;
  /** The write that made it; null for what needs none: links, verdicts, answers of people. */
  readonly intentId: string | null;
  /** What it followed from; null = a rule or a person, and no record that was read. */
  readonly cause: HistoryCause | null;
  /** Version of the mapping in force; null = none was concerned. */
  readonly mapping: string | null;
  readonly at: number;
  /** Its values were forgotten by policy: `old` and `new` are null and say nothing. Absent = they are kept. */
  readonly expired?: true;
}

export type ReviewKind = 'match' | 'duplicate' | 'delete' | 'conflict' | 'parked' | 'unresolved' | 'systemic';

/** Something only a person can decide. The id is a hash of what it is about, so a decision is asked for once. */
export interface Review {
  readonly id: string;
  readonly laneId: string;
  readonly kind: ReviewKind;
  readonly linkId: string | null;
  readonly aIds: readonly string[];
  readonly bIds: readonly string[];
  readonly score: number | null;
  /** Sentences for people: why it is doubtful. */
  readonly reasons: readonly string[];
  readonly decision: string | null;
  readonly decidedAt: number | null;
  readonly at: number;
}

export interface RunRow {
  readonly id: string;
  readonly laneId: string;
  readonly kind: 'sync' | 'plan' | 'undo';
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly counts: Readonly<Record<string, number>>;
  readonly stopReason: string | null;
}
