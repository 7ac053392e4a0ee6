import type { LaneCommit, Link, LinkQuery } from '@tidelock/core';
import { type Core, now, state } from './effect.ts';
import type { Pass } from './lane.ts';

/** Links as the pass sees them: the state's, with what a preview has concluded so far. */
export function* linksNow(
  pass: Pass,
  query: Extract<LinkQuery, { by: 'native' | 'stamp' | 'page' }>,
): Core<readonly Link[]> {
  const stored = yield* state('links', pass.lane.spec.id, query);
  const { sketch } = pass;
  if (sketch === null || sketch.links.size === 0) return stored;
  const kept = stored.filter((link) => !sketch.links.has(link.id));
  if (query.by === 'native') return [...kept, ...sketch.byNative(query.side, query.ids)];
  return [...kept, ...stored.flatMap((link) => sketch.links.get(link.id) ?? [])];
}

/**
 * Stores what a pass concludes; a preview only draws it. Questions about unlinked records are noted also by a preview,
 * so that they can be answered before the first write.
 */
export function* conclude(pass: Pass, of: Omit<LaneCommit, 'guard' | 'now'>): Core<void> {
  const { sketch } = pass;
  if (sketch === null) {
    yield* state('commitLane', { guard: pass.guard, now: yield* now(), ...of });
    return;
  }
  for (const put of of.links ?? []) sketch.put(put);
  const asked = of.reviews ?? [];
  for (const review of asked) sketch.ask(review);
  const reviews = asked.filter((review) => review.linkId === null);
  if (reviews.length > 0) yield* state('commitLane', { guard: pass.guard, now: yield* now(), reviews });
}
