import { hasOccurrence } from '@tidelock/core';
import { seriesIn } from './calendar.ts';
import type { Check } from './checks.ts';
import { allStores, CheckFailed } from './sim.ts';

/** Nobody got mail that the policy does not let go; `ask` is never answered here. */
const checkMail: Check = (sim) => {
  if (sim.mails > 0) throw new CheckFailed('S12', `${sim.mails} people got mail under "${sim.options.mail}"`);
};

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

/** What holds of calendars besides what holds of every record. */
export const OF_CALENDARS: readonly Check[] = [checkMail, checkGhosts];
