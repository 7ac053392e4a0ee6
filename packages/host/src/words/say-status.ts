import type { KeyLeft } from '../keys/countdown.ts';
import type { LaneStatus } from '../status.ts';
import { plural, SIDE, sayDuration } from './words.ts';

/** How it is painted: `good` nothing is to be done, `warn` somebody should look, `bad` it does not work, `dim` it rests. */
export type Tone = 'good' | 'warn' | 'bad' | 'dim';

export interface SaidState {
  readonly tone: Tone;
  readonly text: string;
}

/** Why a mailbox rests or fails, and what to do. */
export interface StatusNote {
  readonly tone: Tone;
  /** Stable word, for programs: `removed`, `paused`, `undo`, `blocked`, `late`, `held`. */
  readonly code: string;
  readonly text: string;
  /** The command that does something about it, or null. */
  readonly command: string | null;
}

function abandoned(until: number, now: number): SaidState {
  const free = until > now ? `free in ${sayDuration(until - now)}` : 'free now';
  return { tone: 'warn', text: `worker gone, ${free}` };
}

/** What a mailbox is in, worst first. */
export function sayState(row: LaneStatus, now: number): SaidState {
  if (row.removedAt !== null) return { tone: 'dim', text: 'removed' };
  if (row.paused !== null) return { tone: 'warn', text: 'paused' };
  if (row.blocked !== null) return { tone: 'bad', text: 'blocked' };
  if (row.errorKind !== null) return { tone: 'bad', text: `${row.errorKind} (${row.errorCount} in a row)` };
  if (row.abandonedUntil !== null) return abandoned(row.abandonedUntil, now);
  if (row.alarm) return { tone: 'bad', text: 'late' };
  if (row.working) return { tone: 'good', text: 'working' };
  if (row.held !== null || row.reviews > 0 || row.parked > 0 || row.openOutcomes > 0)
    return { tone: 'warn', text: 'wants a look' };
  return { tone: 'good', text: 'ok' };
}

export function sayNextTry(row: LaneStatus, now: number): string {
  if (row.nextTryAt === null) return '–';
  return row.nextTryAt <= now ? 'next sync' : `in ${sayDuration(row.nextTryAt - now)}`;
}

/** `for 3 minutes` */
export const saySince = (at: number, now: number): string => `for ${sayDuration(Math.max(0, now - at))}`;

type UndoOrder = NonNullable<NonNullable<LaneStatus['paused']>['undo']>;

/** An undo in the middle of which a process ended. */
const unfinishedNote = ({ runId, stopped }: UndoOrder): StatusNote => ({
  tone: 'warn',
  code: 'undo',
  text: stopped
    ? `run ${runId.slice(0, 8)} was stopped before its end`
    : `run ${runId.slice(0, 8)} has not come to its end; the next sync goes on`,
  command: stopped ? 'repeat the same tidelock undo' : 'tidelock sync',
});

function pauseNotes(row: LaneStatus, now: number): StatusNote[] {
  const { paused } = row;
  if (paused === null) return [];
  const because = paused.reason === '' ? '' : ` (${paused.reason})`;
  const hints = row.hints > 0 ? `, ${plural(row.hints, 'hint')} counted meanwhile` : '';
  const text = `by ${paused.by} ${saySince(paused.at, now)}${because}${hints}; nothing is lost`;
  const note: StatusNote = { tone: 'warn', code: 'paused', text, command: `tidelock resume ${row.label}` };
  return paused.undo === undefined ? [note] : [note, unfinishedNote(paused.undo)];
}

/** Worst last, one for each thing that keeps a mailbox from being in step. */
export function sayNotes(row: LaneStatus, now: number): readonly StatusNote[] {
  const notes: StatusNote[] = [];
  const { removedAt, blocked, held, lagMs } = row;
  if (removedAt !== null) {
    const text = `no rule names it ${saySince(removedAt, now)}; its pairs rest and nothing is deleted`;
    notes.push({ tone: 'dim', code: 'removed', text, command: null });
  }
  notes.push(...pauseNotes(row, now));
  if (blocked !== null)
    notes.push({ tone: 'bad', code: 'blocked', text: blocked, command: 'tidelock doctor' });
  if (row.alarm) {
    const text = lagMs === null ? 'was never in step' : `was not in step for ${sayDuration(lagMs)}`;
    notes.push({ tone: 'bad', code: 'late', text, command: blocked === null ? 'tidelock sync' : null });
  }
  if (held !== null) {
    const text = `${plural(held.count, 'delete')} in the ${SIDE[held.side]} (${held.reason})`;
    const command = `tidelock review decide ${held.hash} apply|keep`;
    notes.push({ tone: 'warn', code: 'held', text, command });
  }
  return notes;
}

/** Does something of it wait for a person? */
export const wantsPerson = (row: LaneStatus): boolean =>
  row.removedAt === null &&
  (row.held !== null ||
    row.parked > 0 ||
    row.openOutcomes > 0 ||
    row.errorKind !== null ||
    row.blocked !== null ||
    row.alarm);

/** Must a key be replaced now? */
export const wantsKey = ({ stage }: Pick<KeyLeft, 'stage'>): boolean =>
  stage === 'urgent' || stage === 'expired' || stage === 'early';

/** `58 days left` */
export function sayKeyLeft({ stage, days }: Pick<KeyLeft, 'stage' | 'days'>): string {
  if (stage === 'early') return 'not valid yet';
  return stage === 'expired' ? 'its certificate has expired' : `${plural(days, 'day')} left`;
}
