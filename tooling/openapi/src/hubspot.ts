import { existsSync } from 'node:fs';
import { createCheck, type ExchangeCheck, type Habits } from './description.ts';
import { readDocument } from './document.ts';
import { SHARED } from './reference-folder.ts';

// The slices may be read and not be copied: they are never part of this repository.
const FOLDER = `${SHARED}reference/crm/data/hubspot/`;
const SLICES = [
  { file: 'contacts.v3.openapi.json', paths: /^\/crm\/v3\/objects\/contacts(\/|$)/ },
  { file: 'properties.v3.openapi.json', paths: /^\/crm\/v3\/properties(\/|$)/ },
  { file: 'owners.v3.openapi.json', paths: /^\/crm\/v3\/owners(\/|$)/ },
] as const;
export const hasHubSpotSlices = SLICES.every(({ file }) => existsSync(FOLDER + file));

/** What answers hold by the guides, and the schemas leave out: of an error its status, and of a limit which one it was. */
const BESIDES = new Set(['status', 'errorType', 'policyName', 'requestId']);

const habitsOf = (paths: RegExp): Habits => ({
  bare: (path) => (paths.test(path) ? path : null),
  ownOptions: /^$/,
  isAnnotation: (name) => BESIDES.has(name),
  // A blank value is null.
  nullable: /\/properties\/[a-z0-9_]+$/,
});

/** Checks exchanges with HubSpot; paths of objects that no slice is about are not judged. */
export function createHubSpotCheck(check: 'all' | 'answers' = 'all'): ExchangeCheck {
  const checks = SLICES.map(({ file, paths }) =>
    createCheck(readDocument(FOLDER + file), { habits: habitsOf(paths), check }),
  );
  return (exchange) => checks.flatMap((one) => one(exchange));
}
