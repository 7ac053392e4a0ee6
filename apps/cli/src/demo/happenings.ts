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
  'a>b': 'changed in the mailbox only',
  'b>a': 'changed in the CRM only',
  fill: 'blank on this side, known on the other',
  create: 'new on the other side',
  'new on a': 'new in the mailbox',
  'new on b': 'new in the CRM',
  'deleted on a': 'deleted in the mailbox, proved by a read',
  'deleted on b': 'deleted in the CRM, proved by a read',
  'edit beats delete': 'deleted on one side, edited on the other: the edit stays',
  'first:master': 'first contact, both filled: the CRM is master',
  'conflict:newer': 'changed on both sides: the later edit wins',
  'conflict:master': 'changed on both sides within two minutes: the CRM is master',
  'conflict:a': 'changed on both sides: the mailbox decides this field',
  'conflict:b': 'changed on both sides: the CRM decides this field',
  'merge:text': 'changed on both sides: the lines were merged',
  'merge:set': 'changed on both sides: the lists were merged',
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
