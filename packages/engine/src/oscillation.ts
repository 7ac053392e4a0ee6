import type { FieldValue, HistoryRow, Review, Side } from '@tidelock/core';
import { type Core, log, now, state } from './effect.ts';
import type { Pass } from './lane.ts';
import type { MappedField } from './lens.ts';
import { otherSide, type PlannedWrite } from './link-plan.ts';
import { planLink } from './plan.ts';
import { idOf } from './stamp.ts';
import { contextOf, type Work } from './work.ts';

const DAY_MS = 86_400_000;
/** So many writes of one field of one pair within a day, to and fro, and no value in them that a person made. */
export const OSCILLATION = { writes: 4, withinMs: DAY_MS } as const;
/** Rows of one pair's history that are looked at. */
const ROWS = 200;

/** The next write of a field: what would be written where, and who is said to have made it. */
export interface Candidate {
  readonly side: Side;
  readonly value: FieldValue;
  readonly modifiedBy: 'us' | 'other' | undefined;
}

/**
 * Do the two stores re-format each other's value? Then our own writes come back as changes for ever: the last values
 * all stood there before, and they go to one side and to the other in turn. A value that is new, a store that says it
 * was changed by somebody else, and one side that is edited to and fro are people. Pure; `rows` newest first.
 */
export function oscillates(
  field: MappedField,
  next: Candidate,
  of: { readonly rows: readonly HistoryRow[]; readonly now: number },
): boolean {
  if (next.modifiedBy === 'other') return false;
  const writes = of.rows
    .filter(
      (row) => row.op === 'update' && row.field === field.name && row.at > of.now - OSCILLATION.withinMs,
    )
    .toReversed();
  if (writes.length < OSCILLATION.writes) return false;
  const seen: FieldValue[] = [];
  let repeats = 0;
  for (const row of writes) {
    repeats = seen.some((value) => field.equal(value, row.new)) ? repeats + 1 : 0;
    seen.push(row.old, row.new);
  }
  const sides = [...writes.slice(-2).map((row) => row.side), next.side];
  const inTurn = sides.every((side, index) => index === 0 || side !== sides[index - 1]);
  return repeats >= 2 && inTurn && seen.some((value) => field.equal(value, next.value));
}

function candidateOf(work: Work, write: PlannedWrite, field: string): Candidate {
  const source = work.seen[otherSide(write.side)];
  const modifiedBy = source.state === 'found' ? source.record.modifiedBy : undefined;
  return { side: write.side, value: write.sent[field] ?? null, modifiedBy };
}

function* restless(pass: Pass, work: Work, wall: number): Core<string[]> {
  const writes = work.plan.writes.filter((write) => write.op === 'update');
  if (writes.length === 0 || work.plan.link.shownA === null) return [];
  const linkId = work.plan.link.id;
  const rows = yield* state('history', pass.lane.spec.id, { linkId, limit: ROWS });
  return writes.flatMap((write) =>
    Object.keys(write.sent).filter((name) => {
      const field = pass.lane.mapping.byName.get(name);
      return field !== undefined && oscillates(field, candidateOf(work, write, name), { rows, now: wall });
    }),
  );
}

function question(pass: Pass, work: Work, of: { field: string; wall: number }): Review {
  const { link } = work.plan;
  return {
    id: idOf('oscillates', pass.lane.spec.id, link.id, of.field, String(of.wall)),
    laneId: pass.lane.spec.id,
    kind: 'conflict',
    linkId: link.id,
    aIds: link.a === null ? [] : [link.a.id],
    bIds: link.b === null ? [] : [link.b.id],
    score: null,
    reasons: [
      `"${of.field}" went to and fro: Tidelock wrote it ${OSCILLATION.writes} times within 24 hours, and nobody changed it. The two sides re-format each other's value; neither side is written any more.`,
    ],
    decision: null,
    decidedAt: null,
    at: of.wall,
  };
}

/** Holds fields whose value goes to and fro between two stores without anybody touching it, and asks a person. */
export function* breakOscillations(pass: Pass, items: readonly Work[]): Core<void> {
  if (items.length === 0) return;
  const wall = yield* now();
  const held: { work: Work; fields: string[] }[] = [];
  for (const work of items) {
    const fields = yield* restless(pass, work, wall);
    if (fields.length > 0) held.push({ work, fields });
  }
  if (held.length === 0) return;
  for (const { work, fields } of held) {
    const link = { ...work.plan.link, holds: [...new Set([...work.plan.link.holds, ...fields])] };
    work.plan = planLink(link, work.seen, contextOf(pass, wall));
  }
  const reviews = held.flatMap(({ work, fields }) =>
    fields.map((field) => question(pass, work, { field, wall })),
  );
  pass.counts.reviews += reviews.length;
  yield* log('warn', 'field.oscillates', { lane: pass.lane.spec.id, fields: reviews.length });
  const links = held.map(({ work }) => ({ link: work.plan.link }));
  yield* state('commitLane', { guard: pass.guard, now: wall, links, reviews });
}
