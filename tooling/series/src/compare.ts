import { createEmulatedCalendar } from './emulated-view.ts';
import { independentView, type Row } from './independent.ts';
import { randomSeries } from './random-series.ts';
import type { RandomSeries } from './series.ts';

/** What came of one series. */
export type Verdict =
  | { readonly kind: 'equal'; readonly rows: number }
  /** A pattern without a single date, which the calendar refuses. */
  | { readonly kind: 'refused' }
  | {
      readonly kind: 'different';
      readonly seed: number;
      readonly series: RandomSeries;
      readonly expected: readonly Row[];
      readonly found: readonly Row[] | undefined;
    };

/** As many series as one calendar plays before it is replaced by an empty one. */
const PER_CALENDAR = 1000;

/** Plays one seed after the other on an emulated calendar, and by rrule and Temporal. */
export function createComparison(): (seed: number) => Promise<Verdict> {
  let calendar = createEmulatedCalendar();
  let played = 0;
  return async (seed) => {
    if (played > 0 && played % PER_CALENDAR === 0) calendar = createEmulatedCalendar();
    played += 1;
    const series = randomSeries(seed);
    const found = await calendar.view(series);
    const expected = independentView(series);
    if (found === undefined && expected.length === 0) return { kind: 'refused' };
    if (JSON.stringify(found) === JSON.stringify(expected)) return { kind: 'equal', rows: expected.length };
    return { kind: 'different', seed, series, expected, found };
  };
}
