import { createManualClock, createMicrosoft365, type Microsoft365Emulator } from '@tidelock/emulators';
import type { Row } from './independent.ts';
import type { RandomSeries } from './series.ts';

const ORIGIN = 'https://graph.example';

/** A calendar of the emulated Exchange, asked over its wire. */
export interface EmulatedCalendar {
  /** What it shows of the series in its window, by start; undefined where it refuses a pattern without a single date. */
  view(series: RandomSeries): Promise<readonly Row[] | undefined>;
}

const wall = (day: string, minutes: number): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + minutes * 60_000).toISOString().slice(0, 19);

function toEvent(series: RandomSeries): Record<string, unknown> {
  const { pattern, range, timeZone, isAllDay, from, length } = series;
  return {
    subject: 'Series',
    isAllDay,
    start: { dateTime: wall(range.startDate, from), timeZone },
    end: { dateTime: wall(range.startDate, from + length), timeZone },
    recurrence: { pattern, range },
  };
}

/** Ids of single dates by the date in their pattern. */
function idsOf(
  emulator: Microsoft365Emulator,
  user: string,
  days: readonly string[],
): ReadonlyMap<string, string> {
  const wanted = new Set(days);
  const times = days.map((day) => Date.parse(day));
  const margin = 60 * 86_400_000;
  const window = { start: Math.min(...times) - margin, end: Math.max(...times) + margin };
  const rows = days.length === 0 ? [] : emulator.oracle.instances(user, window);
  return new Map(
    rows.flatMap(({ day, id }) => (day !== undefined && wanted.has(day) ? [[day, id] as const] : [])),
  );
}

function change(emulator: Microsoft365Emulator, user: string, series: RandomSeries): void {
  const { moved, cancelled, timeZone } = series;
  const ids = idsOf(emulator, user, [...cancelled, ...moved.map(({ day }) => day)]);
  for (const day of cancelled) emulator.admin.deleteEvent(user, ids.get(day) ?? day);
  for (const { day, start, end } of moved)
    emulator.admin.updateEvent(user, ids.get(day) ?? day, {
      start: { dateTime: start, timeZone },
      end: { dateTime: end, timeZone },
    });
}

interface GraphRow {
  readonly type: Row['type'];
  readonly start: { readonly dateTime: string };
  readonly end: { readonly dateTime: string };
}

export function createEmulatedCalendar(): EmulatedCalendar {
  const clock = createManualClock(Date.UTC(2026, 0, 1));
  const emulator = createMicrosoft365({ clock, seed: 1, keepExchanges: 0, churn: { share: 0 } });
  const { admin } = emulator;
  const tenant = admin.createTenant({ domain: 'contoso.example', displayName: 'Contoso' });
  const user = admin.addUser(tenant.id, { mail: 'ann@contoso.example', displayName: 'Ann' }).id;
  const { clientId } = admin.registerApp({ tenantId: tenant.id, displayName: 'Series' });
  admin.consent(tenant.id, clientId, ['Calendars.Read']);
  const token = admin.entra.issueToken(tenant.id, clientId);
  admin.configure({ throttle: { requests: Number.POSITIVE_INFINITY } });
  const readAll = async (series: RandomSeries): Promise<readonly Row[]> => {
    const { start, end } = series.window;
    const query = `startDateTime=${new Date(start).toISOString()}&endDateTime=${new Date(end).toISOString()}`;
    const rows: Row[] = [];
    let link: string | undefined =
      `${ORIGIN}/v1.0/users/${user}/calendarView?${query}&$top=1000&$select=type,start,end`;
    while (link !== undefined) {
      const prefer = `outlook.timezone="${series.viewer.timeZone}"`;
      const answer = await emulator.fetch(link, { headers: { authorization: `Bearer ${token}`, prefer } });
      if (answer.status !== 200)
        throw new Error(`calendarView answered ${answer.status}: ${await answer.text()}`);
      const body = (await answer.json()) as { value: GraphRow[]; '@odata.nextLink'?: string };
      for (const { type, ...row } of body.value)
        rows.push({ type, start: row.start.dateTime.slice(0, 19), end: row.end.dateTime.slice(0, 19) });
      link = body['@odata.nextLink'];
    }
    return rows;
  };
  return {
    async view(series) {
      let id: string;
      try {
        ({ id } = admin.createEvent(user, toEvent(series)));
      } catch (error) {
        if (error instanceof Error && error.message.includes('has no occurrence')) return undefined;
        throw error;
      }
      try {
        change(emulator, user, series);
        return await readAll(series);
      } finally {
        admin.deleteEvent(user, id);
      }
    },
  };
}
