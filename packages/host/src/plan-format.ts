import { createHash } from 'node:crypto';
import type { EventValue } from '@tidelock/core';
import { canonicalJson, type PlanItem } from '@tidelock/engine';
import { z } from 'zod';

/** Raised when a row means something else than before. */
export const PLAN_VERSION = 1;
/** Older plans are refused: what they were made on is no longer remembered well enough. */
export const PLAN_MAX_AGE_DAYS = 30;

/** Only shown: what is written is worked out anew from the records, and the hash covers every part of it. */
const EventPart = z.custom<EventValue>(
  (value) =>
    z.looseObject({ kind: z.enum(['time', 'recurrence', 'occurrences', 'people']) }).safeParse(value).success,
  'no value of a field',
);

const Value = z.union([
  z.string(),
  z.null(),
  z.array(z.string()),
  z.strictObject({
    street: z.string().optional(),
    city: z.string().optional(),
    state: z.string().optional(),
    postalCode: z.string().optional(),
    country: z.string().optional(),
  }),
  EventPart,
]);
const Side = z.enum(['a', 'b']);
const Refs = z.array(z.strictObject({ id: z.string().min(1), version: z.string().nullable() }));
const Reasons = z.array(z.string());

const ItemSchema = z.strictObject({
  linkId: z.string().nullable(),
  action: z.enum(['create', 'update', 'delete', 'link', 'review', 'unlink', 'freeze']),
  side: Side.nullable(),
  title: z.string(),
  rule: z.string(),
  risk: z.enum(['none', 'fill', 'create', 'link', 'review', 'overwrite', 'blank', 'delete']),
  held: z.string().nullable(),
  a: Refs,
  b: Refs,
  emails: z.int().min(0),
  withheld: z.int().min(0).default(0),
  people: z.array(z.string()).optional(),
  changes: z.array(z.strictObject({ field: z.string(), to: Side, old: Value, new: Value, rule: z.string() })),
  conflicts: z.array(
    z.strictObject({
      field: z.string(),
      winner: Side,
      kept: Value,
      lost: Value,
      rule: z.string(),
      certainty: z.enum(['certain', 'possible']),
    }),
  ),
  match: z.strictObject({ score: z.number(), reasons: Reasons }).nullable(),
  question: z
    .strictObject({
      id: z.string(),
      kind: z.enum(['match', 'duplicate', 'delete', 'conflict', 'parked', 'unresolved']),
      score: z.number().nullable(),
      reasons: Reasons,
    })
    .nullable(),
});

/** First line. */
export const HeaderSchema = z.strictObject({
  tidelock: z.literal('plan'),
  version: z.literal(PLAN_VERSION),
  createdAt: z.iso.datetime(),
  mailboxes: z.array(z.strictObject({ id: z.string(), mailbox: z.string() })),
  rows: z.int().min(0),
});

/** Every line between: one row, and the mailbox it belongs to by its lane. */
export const RowSchema = ItemSchema.extend({ lane: z.string() });

/** Last line. */
export const TrailerSchema = z.strictObject({
  plan_hash: z.string().regex(/^[0-9a-f]{64}$/),
  emails: z.int().min(0),
});

/** What a plan says of one mailbox. */
export interface PlannedLane {
  readonly laneId: string;
  readonly mailbox: string;
  readonly rows: readonly PlanItem[];
}

export interface PlanFile {
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly lanes: readonly PlannedLane[];
  readonly hash: string;
}

/** The rows as they stand in the file: canonical JSON, sorted. */
export function rowLines(lanes: readonly Pick<PlannedLane, 'laneId' | 'rows'>[]): string[] {
  return lanes
    .flatMap(({ laneId, rows }) => rows.map((row) => canonicalJson({ lane: laneId, ...row })))
    .sort((x, y) => (x < y ? -1 : Number(x > y)));
}

/** sha256 over the sorted rows, each followed by a line feed. Equal plans have equal hashes, whenever they were made. */
export function hashOfLines(lines: Iterable<string>): string {
  const hash = createHash('sha256');
  for (const line of lines) hash.update(line).update('\n');
  return hash.digest('hex');
}

/** What `plan_hash` of a file with these rows would be. */
export const hashOfPlan = (lanes: readonly PlannedLane[]): string => hashOfLines(rowLines(lanes));
