import type { Review } from '@tidelock/core';

export type QuestionKind = Review['kind'] | 'held-deletes';

/** Answers that a person may give, by what is asked. */
export const DECISIONS: Readonly<Record<QuestionKind, readonly string[]>> = {
  match: ['link', 'separate'],
  duplicate: ['link', 'separate'],
  delete: ['apply', 'keep'],
  conflict: ['mailbox', 'crm', 'keep'],
  parked: ['retry', 'dismiss'],
  unresolved: ['dismiss'],
  'held-deletes': ['apply', 'keep'],
};

export const QUESTION: Readonly<Record<QuestionKind, string>> = {
  match: 'Are these one person?',
  duplicate: 'Which of several records belong together?',
  delete: 'Is this delete meant?',
  conflict: 'Both sides changed this: whose value is right?',
  parked: 'Refused by a store',
  unresolved: 'A value matches no record there, or several',
  'held-deletes': 'Are these deletes meant?',
};

/** What an answer leads to. */
export const EFFECT: Readonly<Record<string, string>> = {
  link: 'The next sync links them.',
  separate: 'The next sync treats them as strangers.',
  apply: 'The next sync deletes exactly these.',
  keep: 'Both stay as they are.',
  mailbox: "The next sync carries the mailbox's value to the CRM.",
  crm: "The next sync carries the CRM's value to the mailbox.",
  retry: 'The next sync tries it again. The question ends when the store accepts it.',
  dismiss: 'Nothing else changes, and this is not asked again.',
};

/** What is asked behind a sentence of `why`. */
const ASKED: Readonly<Record<string, QuestionKind>> = {
  held: 'held-deletes',
  'held-field': 'conflict',
  parked: 'parked',
  unresolved: 'unresolved',
  doubtful: 'match',
  merged: 'duplicate',
};

/** The command that answers what a sentence of `why` leaves to a person, or null. */
export function answerCommand(sentence: {
  readonly code: string;
  readonly decide: string | null;
}): string | null {
  const kind = ASKED[sentence.code];
  if (sentence.decide === null || kind === undefined) return null;
  return `tidelock review decide ${sentence.decide} ${DECISIONS[kind].join('|')}`;
}
