import type { KnownRecords } from '@tidelock/core';
import type { Session } from '../database-session.ts';
import { knownLinks } from './links.ts';
import { knownSuspects } from './suspects.ts';

/**
 * What lanes over a store know of records on side B. Links first: a lane that links a record between the two statements is told of
 * it once more, which costs a look.
 */
export async function knownRecords(
  session: Session,
  storeB: string,
  ids: readonly string[],
): Promise<KnownRecords[]> {
  const of = { storeB, ids: [...new Set(ids)] };
  const links = await knownLinks(session, of);
  const suspects = await knownSuspects(session, of);
  return [...new Set([...links.keys(), ...suspects.keys()])].sort().map((laneId) => ({
    laneId,
    links: links.get(laneId) ?? [],
    suspects: suspects.get(laneId) ?? [],
  }));
}
