import type { Question } from '../api/reviews.ts';

export interface Answer {
  readonly id: string;
  /** In the words of a button. */
  readonly label: string;
  /** What it leads to. */
  readonly effect: string;
}

const LABELS: Readonly<Record<string, string>> = {
  link: 'Same person',
  separate: 'Strangers',
  apply: 'Delete them',
  keep: 'Keep both',
  mailbox: 'The mailbox',
  crm: 'The CRM',
  retry: 'Try again',
  dismiss: 'Dismiss',
};

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** What may be answered; a word that is not known here stays as the server has it. */
export const answersOf = (answers: Question['answers']): readonly Answer[] =>
  answers.map(({ answer: id, effect }) => ({ id, label: LABELS[id] ?? id, effect: sentence(effect) }));

export interface QuestionGroup {
  readonly heading: string;
  readonly question: string;
  readonly questions: readonly Question[];
}

/** Groups in the order of a list: what stops most comes first. */
const ORDER: readonly Question['kind'][] = [
  ...(['mailbox', 'held-deletes', 'delete', 'systemic'] as const),
  ...(['match', 'duplicate', 'conflict', 'parked', 'unresolved', 'merged'] as const),
];

export function groupQuestions(questions: readonly Question[]): readonly QuestionGroup[] {
  const sorted = [...questions].sort((x, y) => ORDER.indexOf(x.kind) - ORDER.indexOf(y.kind));
  return [...Map.groupBy(sorted, ({ kind }) => kind).values()].flatMap((members) => {
    const [first] = members;
    return first === undefined
      ? []
      : [{ heading: first.heading, question: first.question, questions: members }];
  });
}
