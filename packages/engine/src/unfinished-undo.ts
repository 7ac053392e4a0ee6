import type { SyncState } from '@tidelock/core';
import type { Core } from './effect.ts';
import type { Lane } from './lane.ts';
import { pausedLanes } from './rotation.ts';
import { finishUndo } from './undo.ts';

/**
 * Lanes that rest. What was being taken back in one of them when a process died is taken back to the end first; an undo
 * that a person stopped waits for a person.
 */
export async function restingLanes<T extends { readonly lane: Lane }>(of: {
  readonly items: readonly T[];
  readonly state: Pick<SyncState, 'lanes'>;
  readonly owner: string;
  readonly run: (item: T, core: Core<void>) => Promise<void>;
}): Promise<ReadonlySet<string>> {
  const { items, state, owner, run } = of;
  const ids = items.map(({ lane }) => lane.spec.id);
  const rows = await state.lanes(ids);
  const orders = new Map(rows.map((row) => [row.id, row.paused?.undo]));
  let finished = 0;
  for (const item of items) {
    const order = orders.get(item.lane.spec.id);
    if (order === undefined || order.stopped) continue;
    await run(item, finishUndo({ lane: item.lane, owner }, order));
    finished++;
  }
  return pausedLanes(finished === 0 ? rows : await state.lanes(ids), items);
}
