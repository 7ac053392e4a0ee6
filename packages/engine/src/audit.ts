import type { SyncState } from '@tidelock/core';
import type { Lane } from './lane.ts';

/** Drops the cursors of every store that takes part: the next round enumerates, marks and sweeps. Links stay. */
export async function startAudit(
  state: Pick<SyncState, 'resetFeeds'>,
  prepared: readonly { readonly lane: Lane }[],
): Promise<void> {
  const stores = new Set(prepared.flatMap(({ lane }) => [lane.spec.storeA, lane.spec.storeB]));
  for (const storeKey of stores) await state.resetFeeds(storeKey);
}
