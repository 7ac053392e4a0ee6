import type { ConflictRow, Review, Side } from '@tidelock/core';
import type { FieldChange } from './merge-draft.ts';

/** A record that a row is about, and the version it was planned on; `null` where it is gone or was not read. */
export interface RecordRef {
  readonly id: string;
  readonly version: string | null;
}

/** What a row puts at stake. `fill` only fills blanks; `none` touches no record. */
export type Risk = 'none' | 'fill' | 'create' | 'link' | 'review' | 'overwrite' | 'blank' | 'delete';

/** One planned step, for people and for programs. Equal worlds give equal rows, whatever happened before. */
export interface PlanItem {
  /** Null while the pair exists in this plan only. */
  readonly linkId: string | null;
  readonly action: 'create' | 'update' | 'delete' | 'link' | 'review' | 'unlink' | 'freeze';
  /** The side that is written; null where neither is. */
  readonly side: Side | null;
  readonly title: string;
  readonly rule: string;
  readonly risk: Risk;
  /** Hash under which the brake holds it, or null. */
  readonly held: string | null;
  readonly a: readonly RecordRef[];
  readonly b: readonly RecordRef[];
  /** People who would get an e-mail because of it. Contacts cause none. */
  readonly emails: number;
  /** People who would get one, were it not withheld: the write waits, or is never made (`events.notify`). */
  readonly withheld: number;
  /** Addresses of people who would be made as contacts because they are on it. Absent = nobody would. */
  readonly people?: readonly string[];
  readonly changes: readonly FieldChange[];
  readonly conflicts: readonly ConflictRow[];
  /** Why the two records are thought to be one person (`link`). */
  readonly match: { readonly score: number; readonly reasons: readonly string[] } | null;
  /** What a person would be asked (`review`). */
  readonly question: {
    readonly id: string;
    readonly kind: Review['kind'];
    readonly score: number | null;
    readonly reasons: readonly string[];
  } | null;
}

/** Rows that would make a record in a store that lanes share, with what nobody else may have there. */
export type PlannedClaims = Map<PlanItem, readonly string[]>;
