import type { KnownRecords } from '@tidelock/core';
import { queryLinks } from './links.ts';
import { byText, keyOf, type Tables } from './tables.ts';

/** Of every lane over a store that knows one of these records on side B. */
export function knownRecords(tables: Tables, storeB: string, ids: readonly string[]): KnownRecords[] {
  const found: KnownRecords[] = [];
  const named = [...new Set(ids)].sort(byText);
  for (const [laneId, lane] of tables.lanes) {
    if (lane.row.storeB !== storeB) continue;
    const links = queryLinks(lane, { by: 'native', side: 'b', ids: named }, tables.intents);
    const suspects = named.flatMap((id) => lane.suspects.get(keyOf('b', id)) ?? []);
    if (links.length + suspects.length > 0) found.push({ laneId, links, suspects });
  }
  return found.sort((x, y) => byText(x.laneId, y.laneId));
}
