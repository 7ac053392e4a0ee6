import type { Side } from '@tidelock/core';
import { type Core, state } from './effect.ts';
import type { Lane } from './lane.ts';
import { SCOPE_FEED } from './scan.ts';

const PAGE = 500;

/** Records that a changed scope left out and nobody has looked at since: another enumeration is no other reason. */
export function* leftOut(lane: Lane, side: Side): Core<Set<string>> {
  const found = new Set<string>();
  let after: { side: Side; id: string } | undefined;
  for (;;) {
    const query = { why: ['missing'] as const, limit: PAGE };
    const rows = yield* state('suspects', lane.spec.id, after === undefined ? query : { ...query, after });
    for (const row of rows) if (row.side === side && row.feed === SCOPE_FEED) found.add(row.id);
    after = rows.at(-1);
    if (after === undefined || rows.length < PAGE) return found;
  }
}
