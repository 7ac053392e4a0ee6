import type { Review } from '@tidelock/core';

export type QuestionKind = Review['kind'] | 'merged' | 'held-deletes' | 'mailbox';

/** Stands for an answer that is no word of a list: who it is. */
export const CRM_USER = '<CRM user>';

/** Answers that a person may give, by what is asked. */
export const ANSWERS: Readonly<Record<QuestionKind, readonly string[]>> = {
  match: ['link', 'separate'],
  duplicate: ['link', 'separate'],
  merged: ['dismiss'],
  delete: ['apply', 'keep'],
  conflict: ['mailbox', 'crm', 'keep'],
  parked: ['retry', 'dismiss'],
  unresolved: ['dismiss'],
  systemic: ['retry', 'dismiss'],
  'held-deletes': ['apply', 'keep'],
  mailbox: [CRM_USER],
};

/** Groups of the list, in its order: what stops most comes first. */
export const QUESTION_HEADING: Readonly<Record<QuestionKind, string>> = {
  mailbox: 'Mailboxes without an owner',
  'held-deletes': 'Held deletes',
  delete: 'Deletes',
  match: 'Doubtful matches',
  duplicate: 'Duplicates',
  conflict: 'Conflicts',
  systemic: 'Closed sides',
  parked: 'Refused records',
  unresolved: 'Unresolved values',
  merged: 'Merged records',
};

export const QUESTION_TEXT: Readonly<Record<QuestionKind, string>> = {
  mailbox: 'Whose mailbox is this in the CRM? It takes no part before it is known.',
  match: 'Are these one person?',
  duplicate: 'Which of several records belong together?',
  merged: 'Two records became one on one side; both partners were kept. Nothing else is done.',
  delete: 'Is this delete meant?',
  conflict: 'Both sides changed this: whose value is right?',
  parked: 'A store refused it; it is tried again by itself at times.',
  unresolved: 'A value matches no record there, or several; it was left as it is on both sides.',
  systemic:
    'A store refuses many records alike: nothing more is written to it, and a sample is tried every hour.',
  'held-deletes': 'Are these deletes meant? None happens before an answer.',
};

const PAIR = { link: 'the next sync links them.', separate: 'it treats them as strangers, for good.' };
const DELETES = {
  apply: 'the next sync deletes exactly these.',
  keep: 'the pairs are unlinked for good, and the records stay.',
};
const DISMISS = 'nothing else changes, and this is not asked again.';

/** What an answer leads to. */
export const ANSWER_EFFECT: Readonly<Record<QuestionKind, Readonly<Record<string, string>>>> = {
  mailbox: { [CRM_USER]: 'the e-mail address or the id of that user; the next sync takes the mailbox in.' },
  match: PAIR,
  duplicate: PAIR,
  merged: { dismiss: DISMISS },
  delete: DELETES,
  conflict: {
    mailbox: "the next sync carries the mailbox's value to the CRM.",
    crm: "the next sync carries the CRM's value to the mailbox.",
    keep: 'both stay as they are; the next edit flows again.',
  },
  parked: {
    retry: 'the next sync tries it again, and the question ends when the store accepts it.',
    dismiss: DISMISS,
  },
  systemic: {
    retry: 'the next sync writes to that side again.',
    dismiss: 'this refusal never closes the side again; each record is parked for itself.',
  },
  unresolved: { dismiss: DISMISS },
  'held-deletes': DELETES,
};

/** What is asked behind a sentence of `why`. */
const ASKED: Readonly<Record<string, QuestionKind>> = {
  held: 'held-deletes',
  'held-field': 'conflict',
  parked: 'parked',
  unresolved: 'unresolved',
  systemic: 'systemic',
  doubtful: 'match',
  merged: 'merged',
};

/** The command that answers what a sentence of `why` leaves to a person, or null. */
export function answerCommand(sentence: {
  readonly code: string;
  readonly decide: string | null;
}): string | null {
  const kind = ASKED[sentence.code];
  if (sentence.decide === null || kind === undefined) return null;
  return `tidelock review decide ${sentence.decide} ${ANSWERS[kind].join('|')}`;
}
