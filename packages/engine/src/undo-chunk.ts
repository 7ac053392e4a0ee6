import { type Core, progress, stopped } from './effect.ts';
import { settleHolds } from './held-fields.ts';
import type { Pass } from './lane.ts';
import { type Pair, planPairs } from './undo-pairs.ts';
import type { UndoMode, UndoPlan } from './undo-plan.ts';
import { promise, type Undoing, undoSide } from './undo-send.ts';

export const UNDO_CHUNK = 20;
/** Looks at a pair whose writes are not sent in time. */
const LOOKS = 4;

export const isWork = ({ writes, status, releases }: UndoPlan): boolean =>
  writes.length > 0 || status !== null || releases.length > 0;

/** Reads once more, plans on that, and carries it out: nothing is written on an older look than this one. */
function* undoOnce(pass: Pass, pairs: readonly Pair[], mode: UndoMode): Core<Undoing[]> {
  const items = yield* planPairs(pass, pairs, mode);
  const work = items.filter(({ plan }) => isWork(plan));
  yield* promise(pass, work);
  yield* undoSide(pass, 'b', work);
  yield* undoSide(pass, 'a', work);
  yield* settleHolds(
    pass,
    work.map(({ promised, link }) => ({ link: promised, next: link })),
  );
  return items;
}

/** What became of the writes that were late, after another look; null = they were looked at often enough. */
function settle(item: Undoing, next: Undoing | null): void {
  for (const { side } of item.plan.writes) {
    const result = item.results.get(side) ?? 'late';
    if (result === 'late')
      item.results.set(side, next === null ? 'open' : (next.results.get(side) ?? 'changed'));
  }
}

/** What was not sent because its look had become too old by then is looked at again, a few times. */
function* undoChunk(
  pass: Pass,
  of: { pairs: readonly Pair[]; mode: UndoMode },
  looks = LOOKS,
): Core<Undoing[]> {
  const { pairs, mode } = of;
  const items = yield* undoOnce(pass, pairs, mode);
  const late = items.flatMap((item, index) =>
    [...item.results.values()].includes('late') ? [{ item, steps: pairs[index]?.steps ?? [] }] : [],
  );
  if (late.length === 0) return items;
  const again = late.map(({ item, steps }): Pair => ({ link: item.link, steps }));
  const next = looks === 1 ? [] : yield* undoChunk(pass, { pairs: again, mode }, looks - 1);
  for (const [index, { item }] of late.entries()) settle(item, next[index] ?? null);
  return items;
}

/** Chunk by chunk, until it is asked to stop. `whole`: it came to the end. */
export function* undoAll(
  pass: Pass,
  pairs: readonly Pair[],
  mode: UndoMode,
): Core<{ items: Undoing[]; whole: boolean }> {
  const items: Undoing[] = [];
  for (let start = 0; start < pairs.length; start += UNDO_CHUNK) {
    if (yield* stopped()) return { items, whole: false };
    items.push(...(yield* undoChunk(pass, { pairs: pairs.slice(start, start + UNDO_CHUNK), mode })));
    yield* progress({
      phase: 'write',
      done: Math.min(start + UNDO_CHUNK, pairs.length),
      total: pairs.length,
    });
  }
  return { items, whole: true };
}
