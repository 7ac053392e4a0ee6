import { createManualClock, createMicrosoft365 } from '@tidelock/emulators';
import { describe, expect, it } from 'vitest';
import { createAgenda, fillCalendars, HEARING, horizonOf } from '../src/demo/agenda.ts';
import { loadPeople } from '../src/demo/people.ts';
import { createPopulation, DEMO_DOMAIN, DEMO_USERS } from '../src/demo/population.ts';

const population = createPopulation(loadPeople(), 7);

/** The calendars of the demo on that day, as Outlook shows them. */
function calendarsOn(date: string) {
  const now = Date.parse(`${date}T15:30:00Z`);
  const microsoft365 = createMicrosoft365({ clock: createManualClock(now), seed: 7 });
  const { admin, oracle } = microsoft365;
  const tenant = admin.createTenant({ domain: DEMO_DOMAIN, displayName: 'Demo' });
  const ids = DEMO_USERS.map(
    ({ address, name }) => admin.addUser(tenant.id, { mail: address, displayName: name }).id,
  );
  fillCalendars(microsoft365, ids, createAgenda(population, now));
  const shown = ids.map((id) => oracle.instances(id, horizonOf(now)));
  return { now, oracle, shown };
}

describe('the calendars of the demo', () => {
  it.each(['2026-11-29', '2027-02-12', '2027-03-13', '2027-06-30', '2027-10-09', '2028-02-29'])(
    'are whole on %s: a past meeting, a series over a change of the clocks, and nobody is told',
    (date) => {
      const { now, oracle, shown } = calendarsOn(date);
      expect(shown.map((rows) => rows.length)).toEqual([10, 1, 1]);
      const [anna = [], , chloe = []] = shown;
      const series = anna.filter(({ seriesMasterId }) => seriesMasterId !== undefined);
      expect(series).toHaveLength(7);
      expect(series.filter(({ isException }) => isException)).toHaveLength(1);
      const hours = series
        .filter(({ isException }) => !isException)
        .map(({ start }) => new Date(start).getUTCHours());
      expect([...new Set(hours)].sort((x, y) => x - y)).toEqual([13, 14]);
      expect(Math.min(...series.map(({ start }) => start))).toBeGreaterThan(now);
      expect(anna.filter(({ end }) => end < now).map(({ subject }) => subject)).toEqual([
        'Kick-off with customers',
      ]);
      expect(anna.map(({ subject }) => subject)).toContain(HEARING);
      expect(chloe[0]?.isAllDay).toBe(true);
      expect(oracle.mails()).toEqual([]);
    },
  );
});
