import type { LiveEvent } from '../api/events.ts';
import { plural, shortDuration } from './figures.ts';
import type { Tone } from './tone.ts';

export interface EventWords {
  readonly tone: Tone;
  readonly text: string;
  /** Mailbox, or what else it is about; null = nothing in particular. */
  readonly where: string | null;
  /** Address of the page that says more, or null. */
  readonly href: string | null;
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const number = (value: unknown): number => (typeof value === 'number' ? value : 0);

const OPS: Readonly<Record<string, string>> = { create: 'created', update: 'changed', delete: 'deleted' };
const SIDES: Readonly<Record<string, string>> = { a: 'mailbox', b: 'CRM' };

interface Counts {
  readonly created?: number;
  readonly updated?: number;
  readonly deleted?: number;
  readonly linked?: number;
}

const NOTHING = 'nothing to do';

function countsText(counts: Counts): string {
  const parts = [
    [counts.created, 'created'],
    [counts.updated, 'changed'],
    [counts.deleted, 'deleted'],
    [counts.linked, 'linked'],
  ] as const;
  const said = parts.flatMap(([value = 0, word]) =>
    value === 0 ? [] : [`${value.toLocaleString('en')} ${word}`],
  );
  return said.length === 0 ? NOTHING : said.join(', ');
}

const OUTCOMES: Readonly<Record<string, readonly [Tone, string]>> = {
  done: ['ok', 'In step'],
  failed: ['bad', 'Failed'],
  waits: ['info', 'Waits'],
};

const JOBS: Readonly<Record<string, string>> = {
  plan: 'Making a plan',
  apply: 'Carrying out the plan',
  sync: 'Sync on demand',
  undo: 'Undo',
  reach: 'Proof of reach',
  doctor: 'Checks',
};
const STATES: Readonly<Record<string, string>> = {
  running: 'begun',
  stopping: 'is being stopped',
  cancelled: 'stopped by a person',
};

type Said = Pick<EventWords, 'tone' | 'text'>;

const SAY: Readonly<Record<string, (event: LiveEvent) => Said>> = {
  'run.ended': ({ outcome, counts, ms }) => {
    const [tone, word] = OUTCOMES[text(outcome)] ?? ['info', text(outcome)];
    return { tone, text: `${word}: ${countsText((counts ?? {}) as Counts)} in ${shortDuration(number(ms))}` };
  },
  item: ({ title, op, side, fields }) => {
    const names =
      Array.isArray(fields) && fields.length > 0 && op === 'update' ? `: ${fields.join(', ')}` : '';
    return {
      tone: op === 'delete' ? 'warn' : 'ok',
      text: `${text(title)} ${OPS[text(op)] ?? text(op)} in the ${SIDES[text(side)] ?? ''}${names}`,
    };
  },
  'review.opened': ({ count }) => ({
    tone: 'warn',
    text: `${plural(number(count), 'question')} for a person`,
  }),
  hold: ({ deletes, withheld }) =>
    number(deletes) > 0
      ? { tone: 'warn', text: `${plural(number(deletes), 'delete')} held: are they meant?` }
      : { tone: 'info', text: `${plural(number(withheld), 'e-mail')} withheld by the notification policy` },
  error: ({ message, remedy }) => ({ tone: 'bad', text: `${text(message)} ${text(remedy)}`.trim() }),
  lag: ({ late, worstMs }) => ({
    tone: 'warn',
    text: `${plural(number(late), 'mailbox is', 'mailboxes are')} late; the worst by ${shortDuration(number(worstMs))}`,
  }),
  key: ({ keyName, days }) => ({
    tone: 'warn',
    text: `Key ${text(keyName)} ends in ${plural(number(days), 'day')}`,
  }),
  roster: ({ joined, left, lanes }) => ({
    tone: 'info',
    text: `${plural(number(lanes), 'mailbox', 'mailboxes')} take part: ${number(joined)} came, ${number(left)} went`,
  }),
  runner: ({ state }) => ({ tone: 'info', text: `The runner is ${text(state)}` }),
  job: ({ kind, state }) => ({
    tone: state === 'failed' ? 'bad' : state === 'done' ? 'ok' : 'info',
    text: `${JOBS[text(kind)] ?? text(kind)}: ${STATES[text(state)] ?? text(state)}`,
  }),
};

const isNothing = (counts: Counts): boolean => countsText(counts) === NOTHING;

/**
 * What is shown while it lasts, by its progress, and what says of each mailbox, at each look, that it rests or is in step: a line for
 * each would hide what happened.
 */
function isPassing({ type, outcome, state, mailbox, counts }: LiveEvent): boolean {
  if (type === 'run.ended')
    return outcome === 'paused' || outcome === 'busy' || (outcome === 'done' && isNothing(counts ?? {}));
  return type === 'job' && (state === 'waiting' || (state === 'running' && typeof mailbox === 'string'));
}

function hrefOf({ type, linkId }: LiveEvent): string | null {
  if (type === 'item' && typeof linkId === 'string') return `/items/${encodeURIComponent(linkId)}`;
  if (type === 'review.opened' || type === 'hold') return '/reviews';
  return null;
}

/** What happened, for people; null where only a progress moved. */
export function sayEvent(event: LiveEvent): EventWords | null {
  const said = SAY[event.type]?.(event);
  if (said === undefined || isPassing(event)) return null;
  const where = text(event.label) || text(event.mailbox);
  return { ...said, where: where === '' ? null : where, href: hrefOf(event) };
}

export interface Going {
  readonly phase: string;
  readonly done: number;
  readonly total: number | null;
}

/** How far the mailboxes are that are worked on now, by name: after one more event. */
export function goingAfter(before: ReadonlyMap<string, Going>, event: LiveEvent): ReadonlyMap<string, Going> {
  const label = text(event.label);
  if (label === '' || !event.type.startsWith('run.')) return before;
  const next = new Map(before);
  if (event.type === 'run.ended') next.delete(label);
  else
    next.set(label, {
      phase: text(event.phase) || 'read',
      done: number(event.done),
      total: typeof event.total === 'number' ? event.total : null,
    });
  return next;
}
