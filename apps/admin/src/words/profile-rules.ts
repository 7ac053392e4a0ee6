import { directionText } from './profile-words.ts';

interface RuleChoice {
  readonly id: string;
  readonly label: string;
  readonly hint?: string | undefined;
}

/** One rule of a profile, and how it is asked for. */
export type RuleField =
  | {
      readonly kind: 'choice';
      readonly path: string;
      readonly label: string;
      readonly hint?: string;
      readonly choices: readonly RuleChoice[];
    }
  | {
      readonly kind: 'words' | 'number' | 'text';
      readonly path: string;
      readonly label: string;
      readonly hint?: string;
    }
  | { readonly kind: 'toggle'; readonly path: string; readonly label: string };

const FLOWS = ['both', 'mailbox>crm', 'crm>mailbox'].map((id) => ({ id, label: directionText(id) }));
const DELETES = [
  { id: 'delete', label: 'Delete the partner', hint: 'after proof, under the brake' },
  { id: 'unlink', label: 'Unlink', hint: 'the partner stays' },
];

export const CONTACT_RULES: readonly RuleField[] = [
  { kind: 'choice', path: 'contacts.direction', label: 'Which way they flow', choices: FLOWS },
  {
    ...{ kind: 'choice', path: 'contacts.master', label: 'Who wins a conflict' },
    hint: 'Where neither value is clearly newer.',
    choices: [
      { id: 'crm', label: 'The CRM' },
      { id: 'mailbox', label: 'The mailbox' },
    ],
  },
  {
    ...{ kind: 'choice', path: 'contacts.conflict', label: 'What a conflict is decided by' },
    hint: 'Of the fields whose row says “newer”.',
    choices: [
      { id: 'newer', label: 'The newer edit', hint: 'as far as both sides tell when' },
      { id: 'crm', label: 'The CRM always' },
      { id: 'mailbox', label: 'The mailbox always' },
      { id: 'hold', label: 'A person', hint: 'it waits in Review' },
    ],
  },
  {
    ...{ kind: 'words', path: 'contacts.records', label: 'CRM records that take part' },
    hint: '“own”: the mailbox user’s; “all”; or e-mail addresses of CRM users, separated by commas.',
  },
  {
    ...{ kind: 'words', path: 'contacts.categories', label: 'Only contacts with one of these categories' },
    hint: 'Empty: every contact takes part. New ones get the first.',
  },
  {
    ...{ kind: 'words', path: 'contacts.folders', label: 'Folders of the mailbox that take part' },
    hint: 'Empty: the default one.',
  },
  {
    kind: 'choice',
    path: 'contacts.onDelete.mailbox',
    label: 'When one is deleted in the mailbox',
    choices: DELETES,
  },
  {
    kind: 'choice',
    path: 'contacts.onDelete.crm',
    label: 'When one is deleted in the CRM',
    choices: DELETES,
  },
  { kind: 'toggle', path: 'contacts.create.mailbox', label: 'May be created in the mailbox' },
  { kind: 'toggle', path: 'contacts.create.crm', label: 'May be created in the CRM' },
];

export const EVENT_RULES: readonly RuleField[] = [
  { kind: 'choice', path: 'events.direction', label: 'Which way they flow', choices: FLOWS },
  {
    ...{ kind: 'choice', path: 'events.master', label: 'Who wins a conflict' },
    hint: 'Where neither value is clearly newer.',
    choices: [
      { id: 'mailbox', label: 'The mailbox' },
      { id: 'crm', label: 'The CRM' },
    ],
  },
  { kind: 'number', path: 'events.window.pastDays', label: 'Days back' },
  { kind: 'number', path: 'events.window.futureDays', label: 'Days ahead' },
  {
    ...{ kind: 'choice', path: 'events.notify', label: 'Changes that would send mail' },
    choices: [
      { id: 'hold', label: 'Hold', hint: 'they wait until the policy is another one' },
      { id: 'ask', label: 'Ask', hint: 'each waits in Review' },
      { id: 'send', label: 'Send', hint: 'as far as the budget reaches' },
      { id: 'crm-only', label: 'Never', hint: 'they are not made' },
    ],
  },
  {
    ...{ kind: 'number', path: 'events.mailBudget', label: 'People who may get mail because of one run' },
    hint: 'Empty: any number.',
  },
  {
    ...{ kind: 'choice', path: 'events.private', label: 'Private events' },
    choices: [
      { id: 'skip', label: 'Leave them out' },
      { id: 'busy', label: 'Only when they are' },
      { id: 'full', label: 'Like the others' },
    ],
  },
  {
    ...{ kind: 'choice', path: 'events.detail', label: 'What of an event takes part' },
    choices: [
      { id: 'full', label: 'All of it' },
      { id: 'busy', label: 'Only when it is', hint: 'and that its owner is not free' },
    ],
  },
  {
    ...{ kind: 'words', path: 'events.calendars', label: 'Calendars that take part' },
    hint: 'Empty: the default one.',
  },
  {
    ...{ kind: 'words', path: 'events.categories', label: 'Only events with one of these categories' },
    hint: 'Empty: every event takes part. New ones get the first.',
  },
  {
    kind: 'choice',
    path: 'events.onDelete.mailbox',
    label: 'When one is deleted in the mailbox',
    choices: DELETES,
  },
  {
    kind: 'choice',
    path: 'events.onDelete.crm',
    label: 'When one is deleted in the CRM',
    choices: DELETES,
  },
  {
    ...{ kind: 'choice', path: 'events.readOnly', label: 'Edits in the CRM of somebody else’s meeting' },
    choices: [
      { id: 'ignore', label: 'Leave them there' },
      { id: 'revert', label: 'Take them back' },
    ],
  },
  {
    ...{
      kind: 'words',
      path: 'events.people.ownDomains',
      label: 'Colleagues’ domains, never made in the CRM',
    },
    hint: 'Those of the mailboxes that take part count anyway.',
  },
  { kind: 'toggle', path: 'events.create.mailbox', label: 'May be created in the mailbox' },
  { kind: 'toggle', path: 'events.create.crm', label: 'May be created in the CRM' },
  { kind: 'toggle', path: 'events.people.create', label: 'People whom the CRM does not know are made there' },
];

/** A rule as it stands in a field to type in. */
export const textOf = (value: unknown): string =>
  Array.isArray(value) ? value.join(', ') : value === null || value === undefined ? '' : String(value);

/** What was typed, as the configuration file has it; undefined = what the defaults say. */
export function typedValue(kind: 'words' | 'number' | 'text', text: string): unknown {
  const trimmed = text.trim();
  if (trimmed === '') return undefined;
  if (kind === 'number') return Number.parseInt(trimmed.replaceAll(/\D/g, '') || '0', 10);
  if (kind === 'text' || trimmed === 'own' || trimmed === 'all') return trimmed;
  return trimmed
    .split(/[,\n]/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
