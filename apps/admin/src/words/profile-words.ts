import type { MappingRow } from '../api/profiles.ts';

const DIRECTIONS: Readonly<Record<MappingRow['direction'], string>> = {
  both: 'both ways',
  'mailbox>crm': 'mailbox → CRM',
  'crm>mailbox': 'CRM → mailbox',
  'mailbox>crm once': 'mailbox → CRM, once',
  'crm>mailbox once': 'CRM → mailbox, once',
};

export const directionText = (direction: string): string =>
  DIRECTIONS[direction as MappingRow['direction']] ?? direction;

/** The CRM records that take part, for people. */
export function recordsText(records: unknown): string {
  if (records === 'own') return "the user's own";
  if (records === 'all') return 'all';
  return Array.isArray(records) ? records.join(', ') : '–';
}

const NAME = /^[a-z][a-z0-9-]{0,62}$/;

/** What keeps a name of a profile from being taken, or null. */
export function nameProblem(name: string, names: readonly string[]): string | null {
  if (!NAME.test(name)) return 'Small letters, digits and hyphens, starting with a letter: key-accounts.';
  return names.includes(name) ? 'There is a profile of that name already.' : null;
}
