import * as z from 'zod';
import { parseInstant, type WireContact } from './wire.ts';

// Deletions stand in no search. So the living contacts are counted: fewer than expected, and the archive is walked.

/** More new contacts than this are not told apart; the archive is walked once instead, when they are old enough. */
const MOST_RECENT = 500;

export const CensusSchema = z.strictObject({
  /** ISO 8601. Contacts made up to here are certain to be searchable. */
  until: z.string(),
  /** How many of those are living. */
  living: z.number(),
  /** Ids of living contacts made later, as far as they have been seen. */
  recent: z.array(z.string()),
  /** Time at which the newest of them was made. */
  newest: z.string(),
  /** There were more than could be told apart. */
  crowded: z.boolean(),
});
export type Census = z.infer<typeof CensusSchema>;

export function startCensus(until: string): Census {
  return { until, living: 0, recent: [], newest: until, crowded: false };
}

const madeAt = (contact: WireContact): string => new Date(parseInstant(contact.createdAt) ?? 0).toISOString();

/** Contacts of an enumeration, each once: older ones are counted, newer ones remembered. */
export function countListed(census: Census, contacts: readonly WireContact[]): Census {
  const older = contacts.filter((contact) => madeAt(contact) <= census.until);
  return noteChanged({ ...census, living: census.living + older.length }, contacts);
}

/** Contacts of a round, some of them again and again. */
export function noteChanged(census: Census, contacts: readonly WireContact[]): Census {
  const newer = contacts.filter((contact) => madeAt(contact) > census.until);
  if (newer.length === 0) return census;
  const recent = [...new Set([...census.recent, ...newer.map(({ id }) => id)])];
  const newest = newer.map(madeAt).concat(census.newest).sort().at(-1) ?? census.newest;
  const crowded = census.crowded || recent.length > MOST_RECENT;
  return { ...census, recent: crowded ? [] : recent, newest, crowded };
}

/** Somebody is missing, by the number of all that are living now. */
export function isShort(census: Census, total: number): boolean {
  return !census.crowded && total < census.living + census.recent.length;
}

/** As many as there are now count from now on: some were restored, or merged away. */
export function expect(census: Census, total: number): Census {
  return census.crowded ? census : { ...census, living: total - census.recent.length };
}

/** Those that the archive holds are expected no longer. */
export function forget(census: Census, gone: readonly { readonly id: string }[]): Census {
  const ids = new Set(gone.map(({ id }) => id));
  return { ...census, recent: census.recent.filter((id) => !ids.has(id)) };
}

/** A later end for which everybody remembered is old enough, or null while there is none. */
export function laterEnd(census: Census, settled: string | null): string | null {
  const hasNewer = census.crowded || census.recent.length > 0;
  return hasNewer && settled !== null && settled >= census.newest ? settled : null;
}
