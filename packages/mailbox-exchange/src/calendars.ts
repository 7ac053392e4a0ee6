import { createHash } from 'node:crypto';
import { AdapterError, type CallOptions, type EventWindow, type Feed } from '@tidelock/core';
import { z } from 'zod';
import { DEFAULT_CALENDAR } from './config.ts';
import { startWalk, walkOn } from './cursor.ts';
import { calendarsPath, toQuery } from './paths.ts';
import { readPage, type Session } from './session.ts';

const OPERATION = 'calendars.list';

const WireCalendar = z.object({
  id: z.string().min(1),
  name: z.string().optional().catch(undefined),
  isDefaultCalendar: z.boolean().optional().catch(undefined),
});
type WireCalendar = z.output<typeof WireCalendar>;

export interface CalendarSet {
  readonly window: EventWindow;
  feeds(options?: CallOptions): Promise<readonly Feed[]>;
  /** Keys of the feeds: `calendar` or ids of calendars, the one for new events first. */
  keys(options?: CallOptions): Promise<readonly string[]>;
}

async function listCalendars(session: Session, options: CallOptions): Promise<readonly WireCalendar[]> {
  const calendars: WireCalendar[] = [];
  const query = toQuery({ $top: '100', $select: 'id,name,isDefaultCalendar' });
  let walk = { ...startWalk(), link: `${calendarsPath(session.mailbox)}${query}` };
  for (;;) {
    const call = { operation: OPERATION, url: walk.link, lane: session.lane, ...options };
    const page = readPage((await session.graph.send(call)).body, OPERATION);
    calendars.push(...page.value.flatMap((item) => WireCalendar.safeParse(item).data ?? []));
    const link = page['@odata.nextLink'];
    if (link === undefined) return calendars;
    walk = walkOn(walk, { link, items: page.value }, OPERATION);
  }
}

function findNamed(calendars: readonly WireCalendar[], name: string): WireCalendar {
  const named = calendars.filter((calendar) => calendar.name?.toLowerCase() === name.toLowerCase());
  const found = calendars.find(({ id }) => id === name) ?? (named.length === 1 ? named[0] : undefined);
  if (found !== undefined) return found;
  const several = named.length > 1;
  throw new AdapterError(
    several ? 'invalid' : 'not_found',
    `${OPERATION}: a configured calendar ${several ? 'is there more than once' : 'does not exist'}`,
    {
      operation: OPERATION,
      code: several ? 'calendar-ambiguous' : 'calendar-missing',
      remedy: several
        ? 'Name the calendar by its id.'
        : 'Create the calendar in Outlook, or correct its name.',
    },
  );
}

type Resolved = Pick<Feed, 'key' | 'label'>;

async function resolve(
  session: Session,
  names: readonly string[],
  options: CallOptions,
): Promise<readonly Resolved[]> {
  const isDefault = (name: string): boolean => name.toLowerCase() === DEFAULT_CALENDAR;
  const calendars = names.every(isDefault) ? [] : await listCalendars(session, options);
  const resolved = names.map((name): Resolved => {
    if (isDefault(name)) return { key: DEFAULT_CALENDAR, label: 'Calendar' };
    const calendar = findNamed(calendars, name);
    const key = calendar.isDefaultCalendar === true ? DEFAULT_CALENDAR : calendar.id;
    return { key, label: calendar.name ?? '' };
  });
  return [...new Map(resolved.map((each) => [each.key, each])).values()];
}

export function createCalendarSet(
  session: Session,
  given: { readonly names: readonly string[]; readonly window: EventWindow },
): CalendarSet {
  const { names, window } = given;
  let known: readonly Resolved[] | undefined;
  const resolved = async (options: CallOptions): Promise<readonly Resolved[]> => {
    known ??= await resolve(session, names, options);
    return known;
  };
  return {
    window,
    keys: async (options = {}) => (await resolved(options)).map(({ key }) => key),
    async feeds(options = {}) {
      const calendars = await resolved(options);
      const scope = [...calendars.map(({ key }) => key).sort(), window.from, window.to];
      const scopeHash = createHash('sha256').update(JSON.stringify(scope)).digest('hex').slice(0, 32);
      return calendars.map(({ key, label }) => ({ key, label, scopeHash }));
    },
  };
}
