import type { Side } from '@tidelock/core';
import { type Core, state } from './effect.ts';
import { type Ingested, ingestFeed, isWhole } from './ingest.ts';
import type { Pass } from './lane.ts';

interface Reading {
  readonly owner: string;
  readonly commitChanges?: number | undefined;
}

function* readSide(pass: Pass, side: Side, of: Reading): Core<Ingested[]> {
  const { lane, scopes, heard } = pass;
  const rows = yield* state('feeds', side === 'a' ? lane.spec.storeA : lane.spec.storeB);
  const read: Ingested[] = [];
  for (const feed of rows.filter((row) => lane.feeds[side].includes(row.id))) {
    const scopeHash = scopes.get(feed.id) ?? '';
    const { owner, commitChanges } = of;
    const result = yield* ingestFeed({ feed, side, lanes: [lane], scopeHash, owner, commitChanges, heard });
    if (result) read.push(result);
  }
  return read;
}

/** The lane's own feeds. Those that several lanes share are read by somebody else. */
export function* readFeeds(pass: Pass, of: Reading): Core<Ingested[]> {
  const { lane } = pass;
  const a = lane.shared.a ? [] : yield* readSide(pass, 'a', of);
  pass.mailboxRead = !lane.shared.a && isWhole(lane.feeds.a, a);
  const b = lane.shared.b ? [] : yield* readSide(pass, 'b', of);
  return [...a, ...b];
}
