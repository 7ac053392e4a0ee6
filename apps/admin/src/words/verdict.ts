import type { KeyLeft, Lane, Status } from '../api/status.ts';
import { count, plural } from './figures.ts';
import { laneState, waitsForFirstPlan } from './lane-state.ts';
import type { Tone } from './tone.ts';

/** One thing that is not well, with the way to mend it. */
export interface Concern {
  readonly id: string;
  readonly tone: Tone;
  readonly title: string;
  readonly text: string;
  readonly href: string;
  /** Where the way leads, in the words of a button. */
  readonly action: string;
}

export interface Verdict {
  readonly tone: Tone;
  readonly title: string;
  readonly text: string;
  /** What stops most comes first. */
  readonly concerns: readonly Concern[];
}

function troubleConcern({ refused }: Status): Concern[] {
  if (refused === null) return [];
  const { text, remedy } = refused;
  const base = { id: 'trouble', tone: 'bad', href: '/connections', action: 'Open connections' } as const;
  return [{ ...base, title: 'Microsoft refuses this installation', text: `${text} ${remedy ?? ''}`.trim() }];
}

const KEY_TONE: Readonly<Record<KeyLeft['stage'], Tone | null>> = {
  ok: null,
  early: null,
  notice: 'info',
  soon: 'warn',
  urgent: 'bad',
  expired: 'bad',
};

function keyConcern({ keyName, days, stage }: KeyLeft): Concern[] {
  const tone = KEY_TONE[stage];
  if (tone === null) return [];
  const title =
    stage === 'expired' ? `Key ${keyName} has ended` : `Key ${keyName} ends in ${plural(days, 'day')}`;
  const text =
    'Make a new one beside it; both work until the old one is let go, and nobody has to consent again.';
  return [{ id: `key ${keyName}`, tone, title, text, href: '/health', action: 'Change the key' }];
}

const SHOWN = 3;

function named(lanes: readonly Lane[]): string {
  const names = lanes.slice(0, SHOWN).map(({ label }) => label);
  const rest = lanes.length - names.length;
  return rest > 0 ? `${names.join(', ')} and ${plural(rest, 'more', 'more')}` : names.join(', ');
}

/** `2 mailboxes ask`, by what a mailbox is called in that state. */
const SAID: Readonly<Record<string, readonly [string, string]>> = {
  'Sign-in refused': ['is refused at sign-in', 'are refused at sign-in'],
  'Right missing': ['lacks a right', 'lack a right'],
  'Asked to wait': ['waits for a service', 'wait for a service'],
  'No answer': ['gets no answer', 'get no answer'],
  Failing: ['fails', 'fail'],
  Blocked: ['is blocked', 'are blocked'],
  Late: ['is late', 'are late'],
  Asks: ['has questions', 'have questions'],
  'Refused records': ['has refused records', 'have refused records'],
};

/** Mailboxes in the same trouble are one concern. */
function laneConcerns(lanes: readonly Lane[]): Concern[] {
  const troubled = lanes.filter((lane) => ['bad', 'warn'].includes(laneState(lane).tone));
  return [...Map.groupBy(troubled, (lane) => laneState(lane).word)].flatMap(([word, members]): Concern[] => {
    const [first] = members;
    if (first === undefined) return [];
    const { tone, text } = laneState(first);
    const [one, many] = SAID[word] ?? [word, word];
    const isQuestion = word === 'Asks' || word === 'Refused records';
    const where = isQuestion
      ? { href: '/reviews', action: 'Open review', text: named(members) }
      : {
          href: '/mailboxes?show=trouble',
          action: 'Open mailboxes',
          text: `${named(members)}. ${text ?? ''}`,
        };
    return [
      {
        id: `lanes ${word}`,
        tone,
        title: plural(members.length, `mailbox ${one}`, `mailboxes ${many}`),
        ...where,
      },
    ];
  });
}

const isPaused = ({ paused, removedAt }: Lane): boolean => paused !== null && removedAt === null;

/** Mailboxes that rest until somebody acts. */
function restConcerns(lanes: readonly Lane[]): Concern[] {
  const first = lanes.filter((lane) => isPaused(lane) && waitsForFirstPlan(lane));
  const paused = lanes.filter((lane) => isPaused(lane) && !waitsForFirstPlan(lane));
  const concerns: Concern[] = [];
  if (first.length > 0)
    concerns.push({
      ...{ id: 'first plan', tone: 'info', href: '/plan', action: 'Open plan' },
      title: `${plural(first.length, 'mailbox waits', 'mailboxes wait')} for the first plan`,
      text: 'Look at what the first sync would do, and approve it. Nothing is written before.',
    });
  if (paused.length > 0)
    concerns.push({
      ...{ id: 'paused', tone: 'info', href: '/mailboxes', action: 'Open mailboxes' },
      title: plural(paused.length, 'mailbox is paused', 'mailboxes are paused'),
      text: `${named(paused)}. What changes meanwhile is made up for when somebody resumes.`,
    });
  return concerns;
}

const RANK: Readonly<Record<Tone, number>> = { bad: 0, warn: 1, info: 2, violet: 3, neutral: 4, ok: 5 };

/** Is all well? What is not, and what to do. */
export function verdictOf(status: Status): Verdict {
  const concerns = [
    ...troubleConcern(status),
    ...status.keys.flatMap(keyConcern),
    ...laneConcerns(status.lanes),
    ...restConcerns(status.lanes),
  ].sort((x, y) => RANK[x.tone] - RANK[y.tone]);
  const worst = concerns[0]?.tone ?? 'ok';
  const inStep = status.lanes.filter(
    (lane) => lane.lastOkAt !== null && ['ok', 'info'].includes(laneState(lane).tone),
  ).length;
  const paused = status.lanes.filter((lane) => isPaused(lane) && !waitsForFirstPlan(lane)).length;
  const text = `${inStep} of ${plural(status.lanes.length, 'mailbox', 'mailboxes')} in step${paused === 0 ? '' : `, ${count(paused)} paused`}.`;
  if (!status.connected)
    return {
      ...{ tone: 'info', title: 'Not connected yet', concerns },
      text: 'Connect Microsoft 365 and the CRM; nothing is synchronised before.',
    };
  if (status.lanes.length === 0 && concerns.length === 0)
    return {
      tone: 'info',
      title: 'Nothing takes part yet',
      text: 'Connect both sides, choose mailboxes, look at the plan.',
      concerns,
    };
  if (worst === 'ok') return { tone: 'ok', title: 'All is well', text, concerns };
  if (concerns[0]?.id === 'first plan')
    return { tone: 'info', title: 'A plan waits for you', text, concerns };
  if (worst === 'info') return { tone: 'ok', title: 'All is well', text, concerns };
  const title = worst === 'bad' ? 'Something needs you now' : 'Something wants a look';
  return { tone: worst, title, text, concerns };
}
