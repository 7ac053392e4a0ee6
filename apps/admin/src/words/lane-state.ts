import type { Lane } from '../api/status.ts';
import { plural } from './figures.ts';
import type { Tone } from './tone.ts';

export interface LaneState {
  readonly tone: Tone;
  readonly word: string;
  /** What it means and what to do; null = nothing is to be done. */
  readonly text: string | null;
}

/** Failures of a whole call, by kind: those that pass by themselves are no more than a wait. */
const CALLS: Readonly<Record<string, LaneState>> = {
  auth: {
    ...{ tone: 'bad', word: 'Sign-in refused' },
    text: 'The directory or the CRM refuses the sign-in. Run the checks under Connections.',
  },
  forbidden: {
    tone: 'bad',
    word: 'Right missing',
    text: 'A right is missing. Run the checks under Connections.',
  },
  rate_limited: {
    tone: 'warn',
    word: 'Asked to wait',
    text: 'The service asks to wait. It goes on by itself.',
  },
  unavailable: {
    tone: 'warn',
    word: 'No answer',
    text: 'The service does not answer. It is tried again by itself.',
  },
};
const FAILING: LaneState = {
  ...{ tone: 'bad', word: 'Failing' },
  text: 'The last run failed. It is tried again by itself; the checks under Health say more.',
};

/** The server itself pauses a mailbox until somebody has approved its first plan; nobody that signs in is called so. */
export const waitsForFirstPlan = ({ paused, lastOkAt }: Pick<Lane, 'paused' | 'lastOkAt'>): boolean =>
  paused?.by === 'tidelock' && lastOkAt === null;

const FIRST_PLAN: LaneState = {
  ...{ tone: 'info', word: 'First sync waits' },
  text: 'Look at the plan and approve it; nothing is written before.',
};

const asks = (lane: Lane): number => lane.reviews + (lane.held === null ? 0 : 1);

function rests(lane: Lane): LaneState | null {
  const { removedAt, blocked, paused } = lane;
  if (removedAt !== null)
    return { tone: 'neutral', word: 'Removed', text: 'No rule names it any more. Its pairs rest.' };
  if (blocked !== null) return { tone: 'bad', word: 'Blocked', text: blocked };
  if (paused === null) return null;
  if (waitsForFirstPlan(lane)) return FIRST_PLAN;
  return {
    tone: 'neutral',
    word: 'Paused',
    text: `By ${paused.by}${paused.reason === '' ? '' : `: ${paused.reason}`}`,
  };
}

/** How a mailbox is, in a word, and what it needs. What stops most comes first. */
export function laneState(lane: Lane): LaneState {
  const resting = rests(lane);
  if (resting !== null) return resting;
  if (lane.errorKind !== null) return CALLS[lane.errorKind] ?? FAILING;
  if (lane.late)
    return { tone: 'warn', word: 'Late', text: 'It has not been in step for longer than it may.' };
  if (asks(lane) > 0)
    return {
      tone: 'warn',
      word: 'Asks',
      text: `${plural(asks(lane), 'question')} only a person can answer.`,
    };
  if (lane.parked > 0)
    return {
      tone: 'warn',
      word: 'Refused records',
      text: `${plural(lane.parked, 'record')} that a store refuses.`,
    };
  if (lane.working) return { tone: 'info', word: 'Working', text: null };
  if (lane.lastOkAt === null) return { tone: 'info', word: 'First sync waits', text: null };
  return { tone: 'ok', word: 'In step', text: null };
}
