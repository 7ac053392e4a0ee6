import type { FieldValue, Side } from '@tidelock/core';
import { isEventValue } from './event-canon.ts';
import { sayEventValue } from './say-event.ts';

/** One fact about an item, for a person who has never seen the code. */
export interface Sentence {
  /** Stable kebab-case code, for programs. */
  readonly code: string;
  /**
   * `fine` nothing is to be done; `waits` goes on by itself with the next sync; `asks` wants a person; `rests` nothing
   * is done any more, or until something outside changes.
   */
  readonly tone: 'fine' | 'waits' | 'asks' | 'rests';
  readonly text: string;
  /** The field it is about; null = the whole record. */
  readonly field: string | null;
  /** Review, or hash of held deletes, that a person can decide to move this on. */
  readonly decide: string | null;
}

export const SIDE_NAME: Readonly<Record<Side, string>> = { a: 'mailbox', b: 'CRM' };

type Extra = Partial<Pick<Sentence, 'field' | 'decide'>>;

export function sentence(
  code: string,
  tone: Sentence['tone'],
  of: { readonly text: string } & Extra,
): Sentence {
  return { code, tone, text: of.text, field: of.field ?? null, decide: of.decide ?? null };
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const two = (value: number): string => String(value).padStart(2, '0');

/** `2 May 2026 10:03 UTC`; `at`: milliseconds since the epoch. */
export function sayInstant(at: number): string {
  const date = new Date(at);
  const day = `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
  return `${day} ${two(date.getUTCHours())}:${two(date.getUTCMinutes())} UTC`;
}

/** `2 May 2026 10:03:41 UTC` */
export function saySecond(at: number): string {
  const seconds = `:${two(new Date(at).getUTCSeconds())} UTC`;
  return sayInstant(at).replace(/ UTC$/, seconds);
}

const LONGEST = 80;
const quote = (text: string): string =>
  `'${text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text}'`.replaceAll(/\s+/g, ' ');

/** A value inside a sentence: quoted, on one line, cut when it is long. */
export function sayValue(value: FieldValue): string {
  if (value === null) return 'blank';
  if (typeof value === 'string') return quote(value);
  if (isEventValue(value)) return quote(sayEventValue(value));
  const parts: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
  return quote(parts.filter((part) => typeof part === 'string').join(', '));
}

const BOTH_CHANGED = 'because both sides had changed it';

type Causes = Readonly<Record<string, (to: string, from: string) => string>>;
const CAUSES: Causes = {
  'a>b': () => 'because the mailbox changed',
  'b>a': () => 'because the CRM changed',
  fill: (to, from) => `because it was blank in the ${to} and the ${from} had a value`,
  'first:master': (_, from) =>
    `because both had a value when they were linked, and the ${from} is the master`,
  'conflict:newer': (_, from) => `${BOTH_CHANGED} and the ${from} had the newer value`,
  'conflict:master': (_, from) =>
    `${BOTH_CHANGED}, too close in time to tell which is newer, and the ${from} is the master`,
  'conflict:a': () => `${BOTH_CHANGED} and the mailbox wins for this field`,
  'conflict:b': () => `${BOTH_CHANGED} and the CRM wins for this field`,
  'merge:set': () => `${BOTH_CHANGED} and the two lists were merged`,
  'merge:parts': () => `${BOTH_CHANGED}, and what each of them changed was put together`,
  'series:whole': (_, from) =>
    `because the day of one side is no day of the other side's rule, and the series of the ${from} stands as a whole`,
  'read-only': (to, from) =>
    `because only the organizer can change the record in the ${from}, and not the ${to}`,
  "deleted on a: a copy of somebody else's event": () =>
    "because the mailbox let go of its copy of somebody else's event",
  "deleted on b: a copy of somebody else's event": () =>
    "because the CRM let go of its copy of somebody else's event",
  'deleted on a: the other one belongs to somebody else': () =>
    'because only its organizer deletes the record that is left',
  'deleted on b: the other one belongs to somebody else': () =>
    'because only its organizer deletes the record that is left',
  'merge:text': () => `${BOTH_CHANGED} and the two texts were merged`,
  'new on a': () => 'because the record was new in the mailbox',
  'new on b': () => 'because the record was new in the CRM',
  'deleted on a': () => 'because the other one had been deleted from the mailbox',
  'deleted on b': () => 'because the other one had been deleted from the CRM',
  'edit beats delete': (to, from) =>
    `because it had been deleted from the ${to} while it was edited in the ${from}`,
  'edit-beats-delete': (to, from) =>
    `because it had been deleted from the ${to} while it was edited in the ${from}`,
  'deleted on a: unlinked by policy': () =>
    'because one was deleted from the mailbox, and the configuration says to unlink then (onDelete)',
  'deleted on b: unlinked by policy': () =>
    'because one was deleted from the CRM, and the configuration says to unlink then (onDelete)',
  'kept by a person': () => 'because a person chose to keep what the brake held',
  'proved by a read': () => 'which a read proved',
  'left the scope': () => 'because one of the two left the folder, the filter or its owner',
  'gone on both sides': () => 'because both were deleted',
  changed: (_, from) => `because the ${from} changed`,
  'first contact': () => 'when the two were linked',
  'retry by a person': () => 'because a person asked to try it again',
  undo: () => 'because a person took back an earlier change',
  'nothing to decide': () => 'because nothing was held any more when a person answered',
  'decided by a person: mailbox': () => 'because a person decided for the mailbox',
  'decided by a person: crm': () => 'because a person decided for the CRM',
  'decided by a person: keep': () => 'because a person decided that both values stay',
};

const RECOVERED = 'recovered:';
/** How the rule of a delete ends that waits for the enumeration under a changed scope. */
export const SCOPE_WAIT = '; waits for the changed filter';

/** Why a row of history happened: `because the mailbox changed`. `side`: the side that was written. */
export function sayCause(rule: string, side: Side): string {
  if (rule.startsWith(RECOVERED))
    return `${sayCause(rule.slice(RECOVERED.length), side)} (the answer was lost; a look at the store proved it)`;
  if (rule.endsWith(SCOPE_WAIT))
    return `${sayCause(rule.slice(0, -SCOPE_WAIT.length), side)}; it waits until the records of the changed filter have been listed`;
  const match = /^match (\d+)%: (.*)$/.exec(rule);
  if (match !== null) return `because they match (${match[1]} points: ${match[2]})`;
  const known = Object.hasOwn(CAUSES, rule) ? CAUSES[rule] : undefined;
  if (known === undefined) return `by rule "${rule}"`;
  return known(SIDE_NAME[side], SIDE_NAME[side === 'a' ? 'b' : 'a']);
}
