import type { Intent, OpenIntents, OpenResult } from '@tidelock/core';
import { int, type Row, text } from '../row.ts';

export type Refusal = OpenResult['refused'][number]['why'];

/** Who holds which link, remote record and key, while the intents of one request are decided one by one. */
export interface Occupancy {
  /** Closed before, or another lane's. */
  isClosed(intentId: string): boolean;
  refusalOf(intent: Intent, claims: OpenIntents['claims']): Refusal | null;
  /** A create whose stamp another intent of its link carried before. */
  isRepeated(intent: Intent): boolean;
  /** The intent is open from now on; what it held under the same id before is free again. */
  take(intent: Intent): void;
}

const pair = (store: string, key: string): string => JSON.stringify([store, key]);

/** Intents whose target a feed has shown newer than it was read. */
const newerOf = (rows: readonly Row[]): ReadonlySet<string> =>
  new Set(rows.filter((row) => text(row, 'what') === 'newer').map((row) => text(row, 'id')));

export function createOccupancy(n: number, rows: readonly Row[]): Occupancy {
  const closed = new Set<string>();
  const byLink = new Map<string, string>();
  const byTarget = new Map<string, string>();
  const claimed = new Set<string>();
  const newer = newerOf(rows);
  const stamped = new Map<string, string[]>();
  const held = new Map<string, { link: string | null; target: string }>();

  const hold = (id: string, at: { link: string | null; target: string }): void => {
    held.set(id, at);
    if (at.link !== null) byLink.set(at.link, id);
    byTarget.set(at.target, id);
  };

  for (const row of rows.filter((row) => text(row, 'what') !== 'newer')) {
    if (text(row, 'what') === 'stamp') {
      const at = pair(text(row, 'link_id'), text(row, 'key'));
      stamped.set(at, [...(stamped.get(at) ?? []), text(row, 'id')]);
      continue;
    }
    const key = pair(text(row, 'store'), text(row, 'key'));
    if (text(row, 'what') === 'claim') {
      claimed.add(key);
      continue;
    }
    const [id, mine, open] = [text(row, 'id'), int(row, 'lane') === n, text(row, 'state') === 'open'];
    if (open) hold(id, { link: mine ? text(row, 'link_id') : null, target: key });
    if (!mine || !open) closed.add(id);
  }

  const isOthers = (holders: Map<string, string>, key: string, id: string): boolean => {
    const holder = holders.get(key);
    return holder !== undefined && holder !== id;
  };
  return {
    isClosed: (intentId) => closed.has(intentId),
    refusalOf(intent, claims) {
      if (isOthers(byLink, intent.linkId, intent.id)) return 'link';
      if (isOthers(byTarget, pair(intent.store, intent.targetId), intent.id)) return 'target';
      if (newer.has(intent.id)) return 'newer';
      return claims.some(({ store, key }) => claimed.has(pair(store, key))) ? 'claim' : null;
    },
    isRepeated: ({ id, op, linkId, stamp }) =>
      op === 'create' && (stamped.get(pair(linkId, stamp ?? '')) ?? []).some((other) => other !== id),
    take(intent) {
      const before = held.get(intent.id);
      if (before !== undefined) {
        if (before.link !== null) byLink.delete(before.link);
        byTarget.delete(before.target);
      }
      hold(intent.id, { link: intent.linkId, target: pair(intent.store, intent.targetId) });
    },
  };
}
