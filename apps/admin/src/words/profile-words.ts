import type { ContactRules, Flow, ProfileDraft } from '../api/profiles.ts';

const DIRECTIONS: Readonly<Record<Flow, string>> = {
  both: 'both ways',
  'mailbox>crm': 'mailbox → CRM',
  'crm>mailbox': 'CRM → mailbox',
  'mailbox>crm once': 'mailbox → CRM, once',
  'crm>mailbox once': 'CRM → mailbox, once',
};

export const directionText = (direction: Flow): string => DIRECTIONS[direction];

export function recordsText(records: ContactRules['records']): string {
  if (records === 'own') return "the user's own";
  if (records === 'all') return 'all';
  return records.join(', ');
}

const NAME = /^[a-z][a-z0-9-]{0,62}$/;

/** What keeps a name of a profile from being taken, or null. */
export function nameProblem(name: string, names: readonly string[]): string | null {
  if (!NAME.test(name)) return 'Small letters, digits and hyphens, starting with a letter: key-accounts.';
  return names.includes(name) ? 'There is a profile of that name already.' : null;
}

/** The rules of a profile that nobody has written yet: those of the configuration's defaults. */
export const DEFAULT_DRAFT: ProfileDraft = {
  description: null,
  contacts: {
    sync: true,
    direction: 'both',
    records: 'own',
    categories: null,
    create: { mailbox: true, crm: true },
    onDelete: { mailbox: 'delete', crm: 'delete' },
    master: 'crm',
  },
  events: null,
};

export const DEFAULT_EVENTS: NonNullable<ProfileDraft['events']> = {
  direction: 'both',
  window: { pastDays: 30, futureDays: 365 },
  notify: 'hold',
  mailBudget: null,
  private: 'skip',
};
