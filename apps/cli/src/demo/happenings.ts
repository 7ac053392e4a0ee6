import type { FieldValue } from '@tidelock/core';
import type { PassReport } from '../reports.ts';

type Done = PassReport['done'][number];

/** One line of "what happened and why". */
export interface Happening {
  readonly who: string;
  readonly side: Done['side'];
  readonly op: 'create' | 'update' | 'delete' | 'conflict';
  /** Null for a whole record. */
  readonly field: string | null;
  /** For a conflict: the value that lost, and the one that won. */
  readonly old: FieldValue;
  readonly new: FieldValue;
  readonly rule: string;
}

const RULES: Readonly<Record<string, string>> = {
  'a>b': 'only the mailbox changed',
  'b>a': 'only the CRM changed',
  fill: 'was blank here',
  create: 'new on the other side',
  'new on a': 'new in the mailbox',
  'new on b': 'new in the CRM',
  'deleted on a': 'deleted there, proved by a read',
  'deleted on b': 'deleted there, proved by a read',
  'edit beats delete': 'deleted here, edited there',
  'first:master': 'first contact: CRM is master',
  'conflict:newer': 'both changed: later edit wins',
  'conflict:master': 'both changed: CRM is master',
  'conflict:a': 'both changed: mailbox decides',
  'conflict:b': 'both changed: CRM decides',
  'merge:text': 'both changed: lines merged',
  'merge:set': 'both changed: lists merged',
};

/** A rule of the engine as a person would say it. */
export const inWords = (rule: string): string => RULES[rule] ?? rule;

const whole = ({ op }: Done): boolean => op === 'create' || op === 'delete';

/** The lines of these writes, in the order in which they were sent. */
export function happeningsOf(done: readonly Done[]): Happening[] {
  return done.flatMap((write): Happening[] => {
    const base = { who: write.title, side: write.side, op: write.op };
    if (whole(write)) return [{ ...base, field: null, old: null, new: null, rule: write.rule }];
    return write.changes.map((change) => ({
      ...base,
      field: change.field,
      old: change.old,
      new: change.new,
      rule: change.rule,
    }));
  });
}
