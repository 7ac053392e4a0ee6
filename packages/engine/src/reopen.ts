import type { Side } from '@tidelock/core';
import type { Approval } from './approval.ts';
import { linksNow } from './conclude.ts';
import { isDoubt, nodesOf, noteAsked } from './decided.ts';
import { type Core, now, state } from './effect.ts';
import type { Pass } from './lane.ts';
import type { Loaded } from './unknown.ts';

/** Decision of a question that answered itself. */
export const OBSOLETE = 'obsolete';

function* linkedNodes(pass: Pass, side: Side, ids: readonly string[]): Core<string[]> {
  if (ids.length === 0) return [];
  const links = yield* linksNow(pass, { by: 'native', side, ids });
  return links.flatMap((link) => {
    const ref = side === 'a' ? link.a : link.b;
    return ref === null || link.status === 'tomb' ? [] : [side + ref.id];
  });
}

/** Which of these records still exist here: linked, or waiting to be placed. */
function* present(pass: Pass, { unknown, waiting }: Loaded, nodes: readonly string[]): Core<Set<string>> {
  const idsOn = (side: Side): string[] =>
    nodes.filter((node) => node.startsWith(side)).map((node) => node.slice(1));
  const unplaced = nodes.filter(
    (node) => waiting.has(node) || unknown[node.charAt(0) as Side].has(node.slice(1)),
  );
  const linked = [
    ...(yield* linkedNodes(pass, 'a', idsOn('a'))),
    ...(yield* linkedNodes(pass, 'b', idsOn('b'))),
  ];
  return new Set([...unplaced, ...linked]);
}

/** Records that rows of the plan are about, by side and id. */
const namedBy = ({ rows }: Approval): ReadonlySet<string> =>
  new Set(rows.flatMap(({ a, b }) => [...a.map(({ id }) => `a${id}`), ...b.map(({ id }) => `b${id}`)]));

/**
 * A doubt is about several records; when one of them is gone the others are not doubtful any more. They are placed
 * anew, and the question is closed. So is a record placed that waits although nobody is asked about it (any more): a
 * pass may have died between the two. While an approved plan is carried out, only what it names is placed, and no question is closed.
 */
export function* reopenReviews(pass: Pass, loaded: Loaded): Core<void> {
  const { unknown, waiting } = loaded;
  if (waiting.size === 0) return;
  const { sketch, approval } = pass;
  const named = approval === null ? null : namedBy(approval);
  const reviews = yield* state('reviews', pass.lane.spec.id, { open: true });
  const doubts = reviews.filter(isDoubt);
  const all = yield* present(pass, loaded, [...new Set(doubts.flatMap(nodesOf))]);
  const asked = new Set<string>();
  for (const review of doubts) {
    const nodes = nodesOf(review);
    if (nodes.every((node) => all.has(node))) {
      for (const node of nodes) asked.add(node);
      noteAsked(pass, [review]);
    } else if (sketch === null && approval === null)
      yield* state('decide', review.id, OBSOLETE, yield* now());
  }
  for (const [node, suspect] of waiting) {
    if (asked.has(node) || named?.has(node) === false) continue;
    waiting.delete(node);
    unknown[suspect.side].set(suspect.id, suspect);
  }
}
