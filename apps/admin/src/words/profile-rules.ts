import type { Choice } from '../components/choice.tsx';
import { directionText } from './profile-words.ts';

/** One rule of a profile, and how it is asked for. */
export type RuleField =
  | {
      readonly kind: 'choice';
      readonly path: string;
      readonly label: string;
      readonly hint?: string;
      readonly choices: readonly Choice<string>[];
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
    ...{ kind: 'words', path: 'contacts.records', label: 'CRM records that take part' },
    hint: '“own”: the mailbox user’s; “all”; or e-mail addresses of CRM users, separated by commas.',
  },
  {
    ...{ kind: 'words', path: 'contacts.categories', label: 'Only contacts with one of these categories' },
    hint: 'Empty: every contact takes part. New ones get the first.',
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
    ...{ kind: 'choice', path: 'events.notify', label: 'Changes that would send mail' },
    choices: [
      { id: 'hold', label: 'Hold', hint: 'they wait until the policy is another one' },
      { id: 'ask', label: 'Ask', hint: 'each waits in Review' },
      { id: 'send', label: 'Send', hint: 'as far as the budget reaches' },
      { id: 'crm-only', label: 'Never', hint: 'they are not made' },
    ],
  },
  { kind: 'number', path: 'events.window.pastDays', label: 'Days back' },
  { kind: 'number', path: 'events.window.futureDays', label: 'Days ahead' },
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
