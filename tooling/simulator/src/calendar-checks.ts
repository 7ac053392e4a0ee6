import { hasOccurrence, type Series, WEEKDAYS } from '@tidelock/core';
import { seriesIn } from './calendar.ts';
import type { Check } from './checks.ts';
import { personOf } from './ledger.ts';
import { checkPost } from './post.ts';
import { allStores, CheckFailed } from './sim.ts';

/** No exception stands on a day that its series does not have, except one that a user left there. */
const checkGhosts: Check = (sim) => {
  for (const store of allStores(sim))
    for (const row of store.rows.values()) {
      const series = row.state === 'live' && row.by === 'us' ? seriesIn(row) : null;
      const ghosts = Object.keys(series?.occurrences?.byStart ?? {}).filter(
        (key) => series !== null && !hasOccurrence({ ...series, occurrences: null }, key),
      );
      if (ghosts.length > 0)
        throw new CheckFailed('S13', `${row.id} has exceptions on days that it does not have: ${ghosts}`);
    }
};

/** A series begins on a day of its rule: half of one side's time with half of the other side's rule is nobody's (4). */
const checkWhole: Check = (sim) => {
  for (const store of allStores(sim))
    for (const row of store.rows.values()) {
      const series = row.state === 'live' && row.by === 'us' ? seriesIn(row) : null;
      if (series === null || isWhole(series) || sim.ledger.torn.has(personOf(row))) continue;
      const { time, recurrence } = series;
      throw new CheckFailed('S17', `${row.id} begins ${time.start}, on no day of ${recurrence.days?.join()}`);
    }
};

const isWhole = ({ time, recurrence }: Series): boolean => {
  const day = WEEKDAYS[(new Date(`${time.start.slice(0, 10)}T00:00:00Z`).getUTCDay() + 6) % 7];
  return day !== undefined && recurrence.days?.includes(day) === true;
};

/** What holds of calendars besides what holds of every record. */
export const OF_CALENDARS: readonly Check[] = [checkPost, checkGhosts, checkWhole];
