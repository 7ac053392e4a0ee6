import type { KnownRecords } from '@tidelock/core';
import type { Database } from '../database.ts';
import { toJson } from '../row.ts';
import { knownLinks } from './links.ts';
import { knownSuspects } from './suspects.ts';

/** What lanes over a store know of records on side B: two index ranges a record, and none a lane. */
export function knownRecords(db: Database, storeB: string, ids: readonly string[]): KnownRecords[] {
  const of = { storeB, ids: toJson([...new Set(ids)]) };
  const links = knownLinks(db, of);
  const suspects = knownSuspects(db, of);
  return [...new Set([...links.keys(), ...suspects.keys()])].sort().map((laneId) => ({
    laneId,
    links: links.get(laneId) ?? [],
    suspects: suspects.get(laneId) ?? [],
  }));
}
