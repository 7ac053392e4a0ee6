import type { MailboxRow } from '../api/mailboxes.ts';
import type { Lane } from '../api/status.ts';
import { type LaneState, laneState } from './lane-state.ts';

/** By address in small letters. */
export type Lanes = ReadonlyMap<string, Lane>;

/** `ann@x: reason` in ann's own row is `Reason`. */
function reasonOf({ address, reasons }: MailboxRow): string | null {
  const [first] = reasons;
  if (first === undefined) return null;
  const own = `${address}: `;
  const short = first.text.startsWith(own) ? first.text.slice(own.length) : first.text;
  return short.charAt(0).toUpperCase() + short.slice(1);
}

/** How a mailbox is: what keeps it off comes before what its last run did. */
export function mailboxState(row: MailboxRow, lanes: Lanes): LaneState {
  const { state } = row;
  if (state === 'not named') return { tone: 'neutral', word: 'Takes no part', text: null };
  if (state === 'removed')
    return { tone: 'neutral', word: 'Removed', text: 'No rule names it any more. Its pairs rest.' };
  if (state === 'blocked') return { tone: 'bad', word: 'Blocked', text: reasonOf(row) };
  const lane = lanes.get(row.address.toLowerCase());
  if (lane !== undefined) return laneState(lane);
  return { tone: 'info', word: 'First sync waits', text: reasonOf(row) };
}

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
  readonly lanes: Lanes;
}

const FITS: Readonly<Record<MailboxFilter, (row: MailboxRow, lanes: Lanes) => boolean>> = {
  named: ({ state }) => state !== 'not named',
  trouble: (row, lanes) => ['warn', 'bad'].includes(mailboxState(row, lanes).tone),
  unmatched: ({ state, crmUser }) => state !== 'not named' && state !== 'removed' && crmUser === null,
  all: () => true,
};

export function filterMailboxes(
  rows: readonly MailboxRow[],
  { filter, text, lanes }: Narrowing,
): readonly MailboxRow[] {
  const wanted = text.trim().toLowerCase();
  return rows.filter(
    (row) =>
      FITS[filter](row, lanes) &&
      `${row.name} ${row.address} ${row.crmUser?.name ?? ''}`.toLowerCase().includes(wanted),
  );
}
