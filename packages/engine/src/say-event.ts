import { type EventTime, type EventValue, isAllDay, type Recurrence } from '@tidelock/core';

const count = (number: number, one: string): string => `${number} ${one}${number === 1 ? '' : 's'}`;
const clock = (wall: string): string => wall.slice(11, 16);
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** `2026-03-02 09:00 to 10:00 Europe/Berlin` */
function sayTime(time: EventTime): string {
  if (isAllDay(time)) return `${time.start} to ${time.end}, all day`;
  const [start, end] = [time.start.slice(0, 10), time.end.slice(0, 10)];
  const until = start === end ? clock(time.end) : `${end} ${clock(time.end)}`;
  return `${start} ${clock(time.start)} to ${until} ${time.zone ?? 'UTC (its zone is not known)'}`;
}

function sayDays({ every, days = [], index, monthDay, month }: Recurrence): string {
  if (every === 'day') return '';
  const names = days.map(capital).join(', ');
  const within = month === undefined ? '' : ` of month ${month}`;
  if (monthDay !== undefined) return ` on day ${monthDay}${within}`;
  return every === 'week' ? ` on ${names}` : ` on the ${index ?? 'first'} ${names}${within}`;
}

/** `every 2 weeks on Monday, Friday, 10 times (Europe/Berlin)` */
function sayRecurrence(rule: Recurrence): string {
  const { every, interval, until, count: times, zone } = rule;
  const rhythm = interval === 1 ? `every ${every}` : `every ${interval} ${every}s`;
  const end = until === undefined ? (times === undefined ? '' : `, ${times} times`) : `, until ${until}`;
  return `${rhythm}${sayDays(rule)}${end}${zone === null ? '' : ` (${zone})`}`;
}

/** A value that only events have, for a person. */
export function sayEventValue(value: EventValue): string {
  if (value.kind === 'time') return sayTime(value);
  if (value.kind === 'recurrence') return sayRecurrence(value);
  if (value.kind === 'people') return value.attendees.map(({ email }) => email).join(', ');
  const children = Object.values(value.byStart);
  const cancelled = children.filter((child) => child === 'cancelled').length;
  return `${count(children.length - cancelled, 'changed occurrence')}, ${cancelled} cancelled`;
}
