import { isDelta } from '../contacts-api.ts';
import type { GraphAnswer } from '../graph-call.ts';
import { emptyAnswer, jsonAnswer } from '../graph-call.ts';
import { invalidFilter, methodNotAllowed, unknownSegment, unreadableBody } from '../graph-error.ts';
import { nextChangeKey } from '../item-id.ts';
import { type MailboxCall, requireJson } from '../mailbox-call.ts';
import { compileFilter, parseFilter } from '../odata-filter.ts';
import { readPage, readQueryOptions, readSelect, withOption } from '../query-options.ts';
import type { CalendarPlace } from './calendar-call.ts';
import { requireCalendar } from './calendar-call.ts';
import { answerCalendarDelta } from './calendar-delta.ts';
import { addCalendar, removeCalendar } from './calendar-store.ts';
import { answerCalendarView } from './calendar-view-api.ts';
import { addressOf } from './desk.ts';
import { isRecord, readOneOf } from './event-values.ts';
import { answerEvents } from './events-api.ts';
import type { Calendar } from './stored-event.ts';

const COLORS = [
  'auto',
  'lightBlue',
  'lightGreen',
  'lightOrange',
  'lightGray',
  'lightYellow',
  'lightTeal',
  'lightPink',
  'lightBrown',
  'lightRed',
  'maxColor',
] as const;

const GETTERS: ReadonlyMap<string, (calendar: Calendar, request: MailboxCall) => unknown> = new Map<
  string,
  (calendar: Calendar, request: MailboxCall) => unknown
>([
  ['name', ({ name }) => name],
  ['color', ({ color }) => color],
  ['hexColor', () => ''],
  ['isDefaultCalendar', ({ isDefault }) => isDefault],
  ['changeKey', ({ changeKey }) => changeKey],
  ['canShare', () => true],
  ['canViewPrivateItems', () => true],
  ['canEdit', () => true],
  ['allowedOnlineMeetingProviders', () => ['teamsForBusiness']],
  ['defaultOnlineMeetingProvider', () => 'teamsForBusiness'],
  ['isTallyingResponses', ({ isDefault }) => isDefault],
  ['isRemovable', ({ isDefault }) => !isDefault],
  ['owner', (_, { user }) => addressOf(user)],
]);

const SELECTABLE: ReadonlySet<string> = new Set(['id', ...GETTERS.keys()]);

const contextOf = ({ call, user }: MailboxCall): string =>
  `${call.url.origin}/v1.0/$metadata#users('${user.id}')/calendars`;

function toGraphCalendar(
  calendar: Calendar,
  request: MailboxCall,
  select: readonly string[] | undefined,
): Record<string, unknown> {
  const { call, user } = request;
  const item: Record<string, unknown> = {
    '@odata.id': `${call.url.origin}/v1.0/users('${user.id}')/calendars('${encodeURIComponent(calendar.id)}')`,
    id: calendar.id,
  };
  for (const name of select ?? GETTERS.keys()) {
    const get = GETTERS.get(name);
    if (get !== undefined) item[name] = get(calendar, request);
  }
  return item;
}

const byName = (filter: string) =>
  compileFilter<Calendar>(parseFilter(filter), (node) => {
    if (node.op !== 'compare' || node.by !== 'eq' || node.field.toLowerCase() !== 'name')
      throw invalidFilter();
    const wanted = String(node.value).toLowerCase();
    return ({ name }) => name.toLowerCase() === wanted;
  });

function listCalendars(request: MailboxCall): GraphAnswer {
  const { call, mailbox } = request;
  const options = readQueryOptions(call.url, ['select', 'top', 'skip', 'filter', 'count']);
  const select = readSelect(options, SELECTABLE, 'calendar');
  const { top, skip } = readPage(options, { fallback: 10, max: 1000 });
  const filter = options.get('filter');
  const all = [...mailbox.calendar.calendars.values()];
  const found = filter === undefined ? all : all.filter(byName(filter));
  return jsonAnswer(200, {
    '@odata.context': contextOf(request),
    ...(options.get('count') === 'true' ? { '@odata.count': found.length } : {}),
    value: found.slice(skip, skip + top).map((calendar) => toGraphCalendar(calendar, request, select)),
    ...(skip + top < found.length
      ? { '@odata.nextLink': withOption(call.url, '$skip', String(skip + top)) }
      : {}),
  });
}

interface CalendarBody {
  readonly name: string | undefined;
  readonly color: string | undefined;
}

function readBody(request: MailboxCall): CalendarBody {
  const body = requireJson(request.call);
  if (!isRecord(body)) throw unreadableBody('The request body is not an object.');
  for (const name of Object.keys(body))
    if (!SELECTABLE.has(name) && !name.startsWith('@'))
      throw unreadableBody(`The property '${name}' does not exist on type 'microsoft.graph.calendar'.`);
  const { name, color } = body;
  if (name !== undefined && (typeof name !== 'string' || name === ''))
    throw unreadableBody("The property 'name' must be a text that is not empty.");
  return {
    name,
    color: color === undefined ? undefined : readOneOf(color, { name: 'color', among: COLORS }),
  };
}

const show = (request: MailboxCall, calendar: Calendar, status: 200 | 201): GraphAnswer => {
  const options = readQueryOptions(request.call.url, status === 200 ? ['select'] : []);
  const select = readSelect(options, SELECTABLE, 'calendar');
  return jsonAnswer(status, {
    '@odata.context': `${contextOf(request)}/$entity`,
    ...toGraphCalendar(calendar, request, select),
  });
};

function createCalendar(request: MailboxCall): GraphAnswer {
  const { name, color } = readBody(request);
  if (name === undefined) throw unreadableBody("The property 'name' is required.");
  const calendar = addCalendar(request.mailbox.calendar, name);
  calendar.color = color ?? calendar.color;
  return show(request, calendar, 201);
}

function answerCalendar(request: MailboxCall, calendar: Calendar): GraphAnswer {
  const { call, mailbox, world } = request;
  if (call.method === 'DELETE') {
    removeCalendar(mailbox.calendar, calendar, { at: world.clock.now(), by: 'app' });
    return emptyAnswer(204);
  }
  if (call.method === 'PATCH') {
    const { name, color } = readBody(request);
    calendar.name = name ?? calendar.name;
    calendar.color = color ?? calendar.color;
    calendar.changeKey = nextChangeKey(mailbox.calendar.ids, 'Dw');
  } else if (call.method !== 'GET') throw methodNotAllowed();
  return show(request, calendar, 200);
}

/** `events`, `calendarView` and what is below them, of one calendar. */
function answerContent(request: MailboxCall, place: CalendarPlace, tail: readonly string[]): GraphAnswer {
  const [segment = '', next, ...rest] = tail;
  const name = segment.toLowerCase();
  if (name === 'events') return answerEvents(request, place, tail.slice(1));
  if (name !== 'calendarview') throw unknownSegment(segment);
  if (next === undefined) return answerCalendarView(request, place);
  if (rest.length === 0 && isDelta(next)) return answerCalendarDelta(request, place);
  throw unknownSegment(next);
}

/** The segments of a mailbox that lead into its calendars. */
export const isCalendarSegment = (segment: string): boolean =>
  /^(events|calendarView|calendar|calendars)$/i.test(segment);

/** Everything at and below one of them; `tail` begins with the segment. */
export function answerCalendars(request: MailboxCall, tail: readonly string[]): GraphAnswer {
  const [segment = '', key, ...rest] = tail;
  const store = request.mailbox.calendar;
  const name = segment.toLowerCase();
  const flat = { calendar: store.main, isFlat: true, path: '' };
  if (name === 'events' || name === 'calendarview') return answerContent(request, flat, tail);
  if (name === 'calendar') {
    if (key === undefined) return answerCalendar(request, store.main);
    return answerContent(request, { calendar: store.main, isFlat: false, path: '/calendar' }, tail.slice(1));
  }
  if (key === undefined) {
    if (request.call.method === 'GET') return listCalendars(request);
    if (request.call.method === 'POST') return createCalendar(request);
    throw methodNotAllowed();
  }
  const calendar = requireCalendar(store, key);
  if (rest.length === 0) return answerCalendar(request, calendar);
  const path = `/calendars('${encodeURIComponent(calendar.id)}')`;
  return answerContent(request, { calendar, isFlat: false, path }, rest);
}
