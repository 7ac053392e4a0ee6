import type { HistoryCause, HistoryRow, Link, ReadResult, Side } from '@tidelock/core';
import { type Core, mono, state, store } from './effect.ts';
import type { Pass } from './lane.ts';
import { refOf, type Seen, SIDES } from './link-plan.ts';
import { stampOf } from './stamp.ts';
import { withoutMail } from './undo-mail.ts';
import { planUndo, UNDO_RULE, type UndoMode } from './undo-plan.ts';
import { byLink, type PastStep, stepsOf } from './undo-rows.ts';
import type { Undoing } from './undo-send.ts';

/** What is to be taken back: a run, a period (milliseconds since the epoch), what was done to pairs, or a mixture. */
export interface UndoTarget {
  readonly runId?: string | undefined;
  readonly since?: number | undefined;
  /** Only these pairs; without a run or a period, what the last run did to each of them. */
  readonly linkIds?: readonly string[] | undefined;
}

const ROWS = 1_000_000;
const CHUNK = 500;
/** Incarnations of a partner that are looked through for the pair it went on in. */
const INCARNATIONS = 8;

/** Only what the last run did to a pair; an undo counts for nothing, so that a repeated one is no redo. */
function lastRunOf(rows: readonly HistoryRow[]): readonly HistoryRow[] {
  const last = stepsOf(rows).find(({ rule }) => !rule.endsWith(UNDO_RULE));
  return rows.filter((row) => row.runId === last?.runId);
}

export function* rowsOf(laneId: string, target: UndoTarget): Core<readonly HistoryRow[]> {
  const { runId, since, linkIds } = target;
  const narrowed = { ...(runId === undefined ? {} : { runId }), ...(since === undefined ? {} : { since }) };
  if (linkIds === undefined) return yield* state('history', laneId, { ...narrowed, limit: ROWS });
  const all: HistoryRow[] = [];
  for (const linkId of linkIds) {
    const rows = yield* state('history', laneId, { ...narrowed, linkId, limit: ROWS });
    all.push(...(runId === undefined && since === undefined ? lastRunOf(rows) : rows));
  }
  return all;
}

/** Stamps that records of these pairs can have been created again with, and the pair of each. */
function stampsOf(laneId: string, links: readonly Link[]): Map<string, string> {
  const stamps = new Map<string, string>();
  for (const { id } of links)
    for (const side of SIDES)
      for (let inc = 0; inc < INCARNATIONS; inc++) stamps.set(stampOf({ laneId, linkId: id, side, inc }), id);
  return stamps;
}

/** Pairs of a chain that are followed; each is one record that was created again. */
const CHAIN = 8;

/** A partner that was created again goes on in a pair of its own; the stamps of the creates lead there. */
function* successors(pass: Pass, links: readonly Link[]): Core<Map<string, Link>> {
  const { laneId } = pass.guard;
  const out = new Map(links.map((link) => [link.id, link]));
  let ended = links.filter((link) => link.status === 'tomb').map((link) => ({ link, of: link.id }));
  for (let step = 0; step < CHAIN && ended.length > 0; step++) {
    const origins = new Map(ended.map(({ link, of }) => [link.id, of]));
    const stamps = stampsOf(
      laneId,
      ended.map(({ link }) => link),
    );
    const found = yield* state('links', laneId, { by: 'stamp', stamps: [...stamps.keys()] });
    const next = found.flatMap((link) => {
      const before = [link.a?.stamp, link.b?.stamp].flatMap((stamp) => stamps.get(stamp ?? '') ?? []);
      const of = before.flatMap((id) => (id === link.id ? [] : [origins.get(id) ?? id]));
      return of.map((origin) => ({ link, of: origin }));
    });
    for (const { link, of } of next) out.set(of, link);
    ended = next.filter(({ link }) => link.status === 'tomb');
  }
  return out;
}

export interface Pair {
  readonly link: Link;
  readonly steps: readonly PastStep[];
}

/** Steps of a pair that went on in another one belong to that one. */
export function* pairsOf(pass: Pass, steps: readonly PastStep[]): Core<Pair[]> {
  const grouped = byLink(steps);
  const links: Link[] = [];
  const ids = [...grouped.keys()];
  for (let start = 0; start < ids.length; start += CHUNK)
    links.push(
      ...(yield* state('links', pass.guard.laneId, { by: 'id', ids: ids.slice(start, start + CHUNK) })),
    );
  const now = yield* successors(pass, links);
  const pairs = new Map<string, { link: Link; steps: PastStep[] }>();
  for (const step of steps) {
    const link = now.get(step.linkId);
    if (link === undefined) continue;
    const pair = pairs.get(link.id) ?? { link, steps: [] };
    pair.steps.push(step);
    pairs.set(link.id, pair);
  }
  return [...pairs.values()];
}

function toSeen(link: Link, side: Side, read: ReadResult | undefined): Seen {
  if (read?.state === 'found') {
    const stale = read.record.mono < (side === 'a' ? link.seenA : link.seenB);
    return stale ? { state: 'unchanged' } : { state: 'found', record: read.record };
  }
  if (read?.state === 'gone' || read?.state === 'merged') return { state: 'gone' };
  return read?.state === 'out' ? { state: 'out', record: read.record } : { state: 'unchanged' };
}

/** What both records of these pairs show at this moment. A side without a record counts as gone. */
function* readPairs(pairs: readonly Pair[]): Core<Record<Side, Seen>[]> {
  const seen = pairs.map((): Record<Side, Seen> => ({ a: { state: 'gone' }, b: { state: 'gone' } }));
  for (const side of SIDES) {
    const asked = pairs.flatMap(({ link }, index) => {
      const id = refOf(link, side)?.id;
      return id === undefined ? [] : [{ id, index, link }];
    });
    if (asked.length === 0) continue;
    const reads = yield* store(
      side,
      'read',
      asked.map(({ id }) => id),
    );
    asked.forEach(({ index, link }, at) => {
      const sides = seen[index];
      if (sides !== undefined) sides[side] = toSeen(link, side, reads[at]);
    });
  }
  return seen;
}

function causesOf(steps: readonly PastStep[]): Undoing['causes'] {
  const causes: Partial<Record<Side, HistoryCause>> = {};
  for (const { side, intentId, runId } of steps)
    causes[side] ??= { kind: 'undo', intentId: intentId ?? '', runId };
  const { a, b } = causes;
  return { ...((a ?? b) ? { a: a ?? b } : {}), ...((b ?? a) ? { b: b ?? a } : {}) };
}

export function* planPairs(pass: Pass, pairs: readonly Pair[], mode: UndoMode): Core<Undoing[]> {
  const readAt = yield* mono();
  const seen = yield* readPairs(pairs);
  return pairs.map(({ link, steps }, index) => {
    const sides = seen[index] ?? { a: { state: 'unchanged' }, b: { state: 'unchanged' } };
    const plan = withoutMail(pass, planUndo(steps, { link, seen: sides, mapping: pass.lane.mapping, mode }));
    return {
      plan,
      link,
      promised: link,
      seen: sides,
      readAt,
      causes: causesOf(steps),
      results: new Map(),
      message: null,
    };
  });
}
