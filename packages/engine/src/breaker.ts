import type { Outcome, Review, Side } from '@tidelock/core';
import { type Core, log, now, state } from './effect.ts';
import type { Pass } from './lane.ts';
import type { BreakerPolicy } from './policy.ts';
import { OBSOLETE } from './reopen.ts';
import type { Sending } from './sending.ts';
import { SIDE_NAME } from './sentence.ts';
import { idOf, unit } from './stamp.ts';

export const BREAKER = {
  /** Writes to one side that are judged together. */
  window: 200,
  /** While it is open so many writes are tried, no more often than this (milliseconds). */
  sample: 10,
  retryMs: 3_600_000,
} as const;

/** Refused alike: the trouble is not the records'. Pure. */
export function isSystemic(of: {
  readonly sent: number;
  readonly alike: number;
  /** It was open, and this was the sample. */
  readonly probing: boolean;
  readonly policy: BreakerPolicy;
}): boolean {
  const { sent, alike, probing, policy } = of;
  if (alike <= sent * policy.share && alike <= policy.most) return false;
  return probing || alike >= policy.least;
}

const sideOf = (review: Review): Side => (review.aIds.length > 0 ? 'a' : 'b');

/** Which sides stand open since an earlier pass; after a while a sample is let through. */
export function* loadBreakers(pass: Pass): Core<void> {
  const wall = yield* now();
  const reviews = yield* state('reviews', pass.lane.spec.id, { open: true });
  for (const review of reviews) {
    if (review.kind !== 'systemic') continue;
    pass.breakers.open.set(sideOf(review), review);
    if (wall - review.at >= BREAKER.retryMs) pass.breakers.probing.add(sideOf(review));
  }
}

/** What may be sent to a side now: everything, a sample that differs each time, or nothing. */
export function letThrough<T extends { readonly plan: { readonly link: { readonly id: string } } }>(
  pass: Pass,
  side: Side,
  items: readonly T[],
): readonly T[] {
  const { open, probing } = pass.breakers;
  const review = open.get(side);
  if (review === undefined) return items;
  if (!probing.has(side)) return [];
  const rank = (item: T): number => unit('sample', item.plan.link.id, String(review.at));
  return items.toSorted((x, y) => rank(x) - rank(y)).slice(0, BREAKER.sample);
}

const keyOf = (outcome: Extract<Outcome, { status: 'rejected' }>): string =>
  `${outcome.code} ${outcome.property ?? ''}`.trim();

function reviewOf(
  pass: Pass,
  side: Side,
  of: { key: string; alike: number; sent: number; wall: number },
): Review {
  const { key, alike, sent, wall } = of;
  const [code = '', property] = key.split(' ');
  const what = property === undefined ? code : `${code}, ${property}`;
  return {
    id: idOf('systemic', pass.lane.spec.id, side, key),
    laneId: pass.lane.spec.id,
    kind: 'systemic',
    linkId: null,
    aIds: side === 'a' ? [code] : [],
    bIds: side === 'b' ? [code] : [],
    score: null,
    reasons: [
      `The ${SIDE_NAME[side]} refused ${alike} of ${sent} writes alike (${what}). Nothing more is written there, and no record is parked for it; a sample is tried every hour.`,
    ],
    decision: null,
    decidedAt: null,
    at: wall,
  };
}

function count(pass: Pass, side: Side, of: { sent: readonly Sending[]; outcomes: readonly Outcome[] }) {
  const { tally, probing } = pass.breakers;
  const old = tally.get(side);
  const fresh = old === undefined || old.sent >= BREAKER.window || probing.has(side);
  const entry = fresh ? { sent: 0, alike: new Map<string, number>() } : old;
  tally.set(side, entry);
  entry.sent += of.sent.length;
  for (const outcome of of.outcomes)
    if (outcome.status === 'rejected')
      entry.alike.set(keyOf(outcome), (entry.alike.get(keyOf(outcome)) ?? 0) + 1);
  return entry;
}

/** A person said of this very failure that it is no reason to stop. */
function* dismissed(pass: Pass, id: string): Core<boolean> {
  const [review] = yield* state('reviews', pass.lane.spec.id, { ids: [id] });
  return review?.decision === 'dismiss';
}

function* close(pass: Pass, side: Side): Core<void> {
  const { open, probing, tally } = pass.breakers;
  const review = open.get(side);
  if (review !== undefined) yield* state('decide', review.id, OBSOLETE, yield* now());
  open.delete(side);
  probing.delete(side);
  tally.delete(side);
  pass.more = true;
}

/**
 * Judges what became of a batch. When too much of it was refused alike, the side is closed with one question, and the
 * refused records keep waiting instead of being parked one by one. Answers the key of that refusal, and the question.
 */
export function* judgeBatch(
  pass: Pass,
  sent: readonly Sending[],
  outcomes: readonly Outcome[],
): Core<{ readonly key: string; readonly review: Review } | null> {
  const side = sent[0]?.write.side;
  if (side === undefined) return null;
  const probing = pass.breakers.probing.has(side);
  const entry = count(pass, side, { sent, outcomes });
  const [worst] = [...entry.alike].toSorted(([, x], [, y]) => y - x);
  const [key, alike] = worst ?? ['', 0];
  const { breaker: policy } = pass.lane.policy;
  const review = isSystemic({ sent: entry.sent, alike, probing, policy })
    ? reviewOf(pass, side, { key, alike, sent: entry.sent, wall: yield* now() })
    : null;
  if (review === null || (yield* dismissed(pass, review.id))) {
    if (probing) yield* close(pass, side);
    return null;
  }
  pass.breakers.open.set(side, review);
  pass.breakers.probing.delete(side);
  if (!probing) pass.counts.reviews++;
  yield* log('warn', 'breaker.open', { lane: pass.lane.spec.id, side, refused: alike, of: entry.sent });
  return { key, review };
}

/** Was it refused for the reason that closed the side? */
export const isAlike = (outcome: Outcome, key: string): boolean =>
  outcome.status === 'rejected' && keyOf(outcome) === key;
