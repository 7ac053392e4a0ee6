import type { ReachReport, ReachRow, Verdict } from '../api/reach.ts';
import { plural } from './figures.ts';
import type { Tone } from './tone.ts';

interface VerdictWords {
  readonly tone: Tone;
  readonly word: string;
  readonly remedy: string;
}

export const VERDICTS: Readonly<Record<Verdict, VerdictWords>> = {
  open: { tone: 'ok', word: 'Open', remedy: '' },
  closed: { tone: 'ok', word: 'Closed', remedy: '' },
  'too-wide': {
    tone: 'bad',
    word: 'Open, and should not be',
    remedy: 'Limit the app to a group with RBAC for Applications, and take broader permissions away.',
  },
  missing: {
    tone: 'bad',
    word: 'Closed, and should be open',
    remedy: 'Add the mailbox to the group that the app is limited to, or take it out of the rules.',
  },
  'no-mailbox': {
    tone: 'neutral',
    word: 'No mailbox',
    remedy: 'The directory knows the address, but there is no mailbox.',
  },
  unknown: { tone: 'warn', word: 'Not known', remedy: 'It did not answer. Prove it again later.' },
};

export const isReachTrouble = ({ verdict, intended }: ReachRow): boolean =>
  verdict === 'too-wide' ||
  verdict === 'missing' ||
  verdict === 'unknown' ||
  (verdict === 'no-mailbox' && intended);

export function reachTitle({ asIntended, counts, rows }: ReachReport): string {
  if (asIntended) return 'The app reaches exactly what it is meant to.';
  const wide = counts['too-wide'] ?? 0;
  if (wide > 0) return `${plural(wide, 'mailbox is', 'mailboxes are')} open and should not be.`;
  const others = rows.filter(isReachTrouble).length;
  return others === 0
    ? 'Something about the connection wants a look.'
    : `${plural(others, 'mailbox is', 'mailboxes are')} not as meant.`;
}
