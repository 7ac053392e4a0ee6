import type { KnownRecords } from '@tidelock/core';
import type { Session } from '../database-session.ts';
import { knownLinks } from './links.ts';
import { knownSuspects } from './suspects.ts';

/**
 * What lanes over a store know of records on side B. Suspects first: a lane that places a record between the two statements takes it
 * from them to the links, and answers with both. The other way round it would answer with neither, and not be told of a removal.
 */
export async function knownRecords(
  session: Session,
  storeB: string,
  ids: readonly string[],
): Promise<KnownRecords[]> {
  const of = { storeB, ids: [...new Set(ids)] };
  const suspects = await knownSuspects(session, of);
  const links = await knownLinks(session, of);
  return [...new Set([...links.keys(), ...suspects.keys()])].sort().map((laneId) => ({
    laneId,
    links: links.get(laneId) ?? [],
    suspects: suspects.get(laneId) ?? [],
  }));
}
