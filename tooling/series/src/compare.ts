import { coreView, isSeenByCore, lostInRrule } from './core-view.ts';
import { createEmulatedCalendar } from './emulated-view.ts';
import { independentView } from './independent.ts';
import { randomSeries } from './random-series.ts';
import type { RandomSeries } from './series.ts';

/** What came of one series. */
export type Verdict =
  | { readonly kind: 'equal'; readonly rows: number }
  /** A pattern without a single date, which the calendar refuses. */
  | { readonly kind: 'refused' }
  | Difference;

export interface Difference {
  readonly kind: 'different';
  /** Who differs from rrule and Temporal: the emulated calendar, or the core; or whose rule RFC 5545 does not bring back. */
  readonly what: 'calendar' | 'core' | 'rule';
  readonly seed: number;
  readonly series: RandomSeries;
  readonly expected: unknown;
  readonly found: unknown;
}

/** As many series as one calendar plays before it is replaced by an empty one. */
const PER_CALENDAR = 1000;

const isEqual = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Plays one seed after the other: on an emulated calendar, by the core, and by rrule and Temporal. */
export function createComparison(): (seed: number) => Promise<Verdict> {
  let calendar = createEmulatedCalendar();
  let played = 0;
  return async (seed) => {
    if (played > 0 && played % PER_CALENDAR === 0) calendar = createEmulatedCalendar();
    played += 1;
    const series = randomSeries(seed);
    const expected = independentView(series);
    const differs = (what: Difference['what'], found: unknown): Difference => ({
      kind: 'different',
      what,
      seed,
      series,
      expected,
      found,
    });
    const found = await calendar.view(series);
    if (found === undefined && expected.length === 0) return { kind: 'refused' };
    if (!isEqual(found, expected)) return differs('calendar', found);
    const core = isSeenByCore(series) ? coreView(series) : expected;
    if (!isEqual(core, expected)) return differs('core', core);
    const lost = lostInRrule(series);
    return lost === null ? { kind: 'equal', rows: expected.length } : differs('rule', lost);
  };
}
