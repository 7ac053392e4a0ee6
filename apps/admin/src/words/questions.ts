export interface Answer {
  readonly id: string;
  readonly label: string;
  /** What it leads to. */
  readonly effect: string;
}

export interface QuestionWords {
  readonly heading: string;
  readonly ask: string;
  readonly answers: Readonly<Record<string, Pick<Answer, 'label' | 'effect'>>>;
}

const PAIR = {
  link: { label: 'Same person', effect: 'The next run links them.' },
  separate: { label: 'Strangers', effect: 'They are treated as strangers, for good.' },
};
const DELETES = {
  apply: { label: 'Delete them', effect: 'The next run deletes exactly these.' },
  keep: { label: 'Keep them', effect: 'The pairs are unlinked for good, and the records stay.' },
};
const DISMISS = { label: 'Dismiss', effect: 'Nothing else changes, and this is not asked again.' };

const WORDS: Readonly<Record<string, QuestionWords>> = {
  'held-deletes': {
    heading: 'Held deletes',
    ask: 'Are these deletes meant? None happens before an answer.',
    answers: DELETES,
  },
  delete: { heading: 'Deletes', ask: 'Is this delete meant?', answers: DELETES },
  match: { heading: 'Doubtful matches', ask: 'Are these one person?', answers: PAIR },
  duplicate: { heading: 'Duplicates', ask: 'Which of several records belong together?', answers: PAIR },
  conflict: {
    heading: 'Conflicts',
    ask: 'Both sides changed this: whose value is right?',
    answers: {
      mailbox: { label: 'The mailbox', effect: "The next run carries the mailbox's value to the CRM." },
      crm: { label: 'The CRM', effect: "The next run carries the CRM's value to the mailbox." },
      keep: { label: 'Leave both', effect: 'Both stay as they are; the next edit flows again.' },
    },
  },
  systemic: {
    heading: 'Closed sides',
    ask: 'A store refuses many records alike: nothing more is written to it, and a sample is tried every hour.',
    answers: {
      retry: { label: 'Open it again', effect: 'The next run writes to that side again.' },
      dismiss: { label: 'Never close for this', effect: 'Each record is parked for itself.' },
    },
  },
  parked: {
    heading: 'Refused records',
    ask: 'A store refused it; it is tried again by itself at times.',
    answers: { retry: { label: 'Try again now', effect: 'The next run tries it again.' }, dismiss: DISMISS },
  },
  unresolved: {
    heading: 'Unresolved values',
    ask: 'A value matches no record there, or several; it was left as it is on both sides.',
    answers: { dismiss: DISMISS },
  },
  merged: {
    heading: 'Merged records',
    ask: 'Two records became one on one side; both partners were kept.',
    answers: { dismiss: DISMISS },
  },
  mailbox: {
    heading: 'Mailboxes without an owner',
    ask: 'Whose mailbox is this in the CRM? It takes no part before it is known.',
    answers: {},
  },
};

/** Groups in the order of a list: what stops most comes first. */
export const KINDS: readonly string[] = [
  'mailbox',
  ...Object.keys(WORDS).filter((kind) => kind !== 'mailbox'),
];

export const questionWords = (kind: string): QuestionWords =>
  WORDS[kind] ?? { heading: 'Questions', ask: 'Only a person can decide this.', answers: {} };

/** What may be answered, in words; one that is not known here keeps the server's word. */
export const answersOf = (kind: string, decisions: readonly string[]): readonly Answer[] =>
  decisions.map((id) => {
    const { label = id, effect = '' } = questionWords(kind).answers[id] ?? {};
    return { id, label, effect };
  });
