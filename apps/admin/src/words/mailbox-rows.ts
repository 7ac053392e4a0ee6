import type { MailboxRow } from '../api/mailboxes.ts';
import { type LaneState, laneState } from './lane-state.ts';

/** How a mailbox of the roster is: what keeps it off comes before what its last run did. */
export function mailboxState({ profile, findings, lane }: MailboxRow): LaneState {
  if (profile === null) return { tone: 'neutral', word: 'Takes no part', text: null };
  const blocking = findings.find(({ severity }) => severity === 'block');
  if (blocking !== undefined) return { tone: 'bad', word: 'Blocked', text: withRemedy(blocking) };
  if (lane !== null) return laneState(lane);
  const warning = findings.find(({ severity }) => severity === 'warn');
  if (warning !== undefined) return { tone: 'warn', word: 'Takes part', text: withRemedy(warning) };
  return { tone: 'info', word: 'First sync waits', text: null };
}

/** `ann@x: reason` in ann's own row is `reason`. */
const withRemedy = ({ text, mailbox }: MailboxRow['findings'][number]): string => {
  const own = mailbox === null ? '' : `${mailbox}: `;
  const short = text.startsWith(own) ? text.slice(own.length) : text;
  return short.charAt(0).toUpperCase() + short.slice(1);
};

export const MAILBOX_FILTERS = [
  { id: 'named', label: 'Named by a rule' },
  { id: 'trouble', label: 'Wants a look' },
  { id: 'unmatched', label: 'Without a CRM user' },
  { id: 'all', label: 'The whole directory' },
] as const;
export type MailboxFilter = (typeof MAILBOX_FILTERS)[number]['id'];

interface Narrowing {
  readonly filter: MailboxFilter;
  readonly text: string;
}

const FITS: Readonly<Record<MailboxFilter, (row: MailboxRow) => boolean>> = {
  named: ({ profile }) => profile !== null,
  trouble: (row) => ['warn', 'bad'].includes(mailboxState(row).tone),
  unmatched: ({ profile, user }) => profile !== null && user === null,
  all: () => true,
};

export function filterMailboxes(
  rows: readonly MailboxRow[],
  { filter, text }: Narrowing,
): readonly MailboxRow[] {
  const wanted = text.trim().toLowerCase();
  return rows.filter(
    (row) =>
      FITS[filter](row) &&
      `${row.name} ${row.address} ${row.user?.name ?? ''}`.toLowerCase().includes(wanted),
  );
}
