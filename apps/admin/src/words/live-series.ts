import type { LiveEvent } from '../api/events.ts';
import type { Series } from '../api/health.ts';

const BUCKETS = 40;
const LEAST_MS = 10 * 60_000;

export interface Span {
  readonly from: number;
  readonly to: number;
}

/** From the first event that is known to now; ten minutes at least. */
export function spanOf(events: readonly LiveEvent[], now: number): Span {
  const first = events.reduce((least, { at }) => Math.min(least, at), now);
  return { from: Math.min(first, now - LEAST_MS), to: now };
}

interface Wanted {
  readonly span: Span;
  /** Name of the line that an event belongs to, or null. */
  readonly nameOf: (event: LiveEvent) => string | null;
  /** What an event adds; of `most` lines the greatest counts. */
  readonly weightOf?: (event: LiveEvent) => number;
  readonly most?: boolean;
  /** Lines that are drawn also where nothing happened. */
  readonly always?: readonly string[];
}

/** Events as lines over time: counted, or the greatest of each stretch. */
export function seriesOf(events: readonly LiveEvent[], wanted: Wanted): readonly Series[] {
  const { span, nameOf, weightOf = () => 1, most = false, always = [] } = wanted;
  const width = (span.to - span.from) / BUCKETS;
  const lines = new Map(always.map((name) => [name, new Array<number>(BUCKETS).fill(0)]));
  for (const event of events) {
    const name = nameOf(event);
    if (name === null || event.at < span.from) continue;
    const line = lines.get(name) ?? new Array<number>(BUCKETS).fill(0);
    lines.set(name, line);
    const at = Math.min(BUCKETS - 1, Math.floor((event.at - span.from) / width));
    const before = line[at] ?? 0;
    line[at] = most ? Math.max(before, weightOf(event)) : before + weightOf(event);
  }
  return [...lines].map(([name, values]) => ({
    name,
    points: values.map((value, at) => ({ at: span.from + (at + 0.5) * width, value })),
  }));
}

const sideName = ({ side }: LiveEvent): string => (side === 'a' ? 'mailbox' : 'CRM');

/** Writes that took effect, by side. */
export const writesOf = (events: readonly LiveEvent[], span: Span): readonly Series[] =>
  seriesOf(events, {
    span,
    nameOf: (event) => (event.type === 'item' ? sideName(event) : null),
    always: ['mailbox', 'CRM'],
  });

/** How long turns took, the longest of each stretch, in milliseconds. */
export const turnsOf = (events: readonly LiveEvent[], span: Span): readonly Series[] =>
  seriesOf(events, {
    span,
    nameOf: ({ type }) => (type === 'run.ended' ? 'longest turn' : null),
    weightOf: ({ ms }) => (typeof ms === 'number' ? ms : 0),
    most: true,
  });

const isThrottle = ({ type, kind }: LiveEvent): boolean => type === 'error' && kind === 'rate_limited';

export const throttlingOf = (events: readonly LiveEvent[], span: Span): readonly Series[] =>
  seriesOf(events, {
    span,
    nameOf: (event) => (isThrottle(event) ? 'asked to wait' : null),
    always: ['asked to wait'],
  });

/** Failures other than being asked to wait, by kind. */
export const errorsOf = (events: readonly LiveEvent[], span: Span): readonly Series[] =>
  seriesOf(events, {
    span,
    nameOf: (event) => (event.type === 'error' && !isThrottle(event) ? String(event.kind) : null),
    always: ['errors'],
  }).filter(({ name }, _, all) => name !== 'errors' || all.length === 1);
