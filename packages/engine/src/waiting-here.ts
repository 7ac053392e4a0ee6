import type { Side, Suspect, SuspectWhy } from '@tidelock/core';
import { type Core, state } from './effect.ts';
import type { Lane } from './lane.ts';

const PAGE = 1_000;

/** Records that wait to be placed, by a person or by this lane, by id. */
export function* waitingHere(lane: Lane, side: Side, why: readonly SuspectWhy[]): Core<Map<string, Suspect>> {
  const found = new Map<string, Suspect>();
  // They come by side: in a first sync thousands of the other one wait as well.
  let after: { side: Side; id: string } = { side, id: '' };
  for (;;) {
    const rows = yield* state('suspects', lane.spec.id, { why, limit: PAGE, after });
    for (const row of rows) if (row.side === side) found.set(row.id, row);
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE || last.side !== side) return found;
    after = { side: last.side, id: last.id };
  }
}
