import { type DayNumber, formatDay } from '../calendar-day.ts';
import { invalidProperty, itemNotFound } from '../graph-error.ts';
import type { PatternedRecurrence, RecurrenceRange } from '../recurrence.ts';
import { patternDaysIn } from '../series.ts';
import type { Desk } from './desk.ts';
import type { EventContent } from './event-content.ts';
import { readEventWrite } from './event-input.ts';
import { occurrenceContent } from './event-instances.ts';
import { createEvent, updateEvent } from './event-writes.ts';
import type { Calendar, StoredEvent } from './stored-event.ts';

const withRange = (recurrence: PatternedRecurrence, range: Partial<RecurrenceRange>): PatternedRecurrence =>
  Object.freeze({ ...recurrence, range: { ...recurrence.range, ...range } });

/** What holds from that date on: the pattern goes on, nobody has answered yet. */
function continued(event: StoredEvent, day: DayNumber, recurrence: PatternedRecurrence): EventContent {
  const { start, end } = occurrenceContent({ ...event, exceptions: new Map() }, day);
  const status = { response: 'none', at: null } as const;
  const attendees = event.content.attendees.map((each) => ({ ...each, status, proposedNewTime: undefined }));
  return { ...event.content, start, end, attendees, recurrence };
}

/**
 * "This and all following", as Outlook does it: the series ends before the date, and a new one with an identity of its own
 * begins there with the changes. What was changed of later dates is gone. Throws 400 and 404.
 */
export function splitSeries(
  desk: Desk & { readonly calendar: Calendar },
  from: { readonly event: StoredEvent; readonly day: DayNumber },
  changes: Readonly<Record<string, unknown>>,
): StoredEvent {
  const { event, day } = from;
  const { recurrence, start } = event.content;
  if (recurrence === null) throw itemNotFound();
  const earlier = patternDaysIn(recurrence, start.wall.day, day - 1);
  const last = earlier.at(-1);
  if (last === undefined)
    throw invalidProperty('The first date of a series has none before it: change the series.');
  const { type, numberOfOccurrences } = recurrence.range;
  const left = type === 'numbered' ? numberOfOccurrences - earlier.length : numberOfOccurrences;
  const later = withRange(recurrence, { startDate: formatDay(day), numberOfOccurrences: left });
  const before = continued(event, day, later);
  const write = readEventWrite(changes, { before, isLenient: true });
  const ended = withRange(recurrence, { type: 'endDate', endDate: formatDay(last), numberOfOccurrences: 0 });
  updateEvent(desk, event, { changes: { recurrence: ended }, extended: new Map(), named: ['recurrence'] });
  return createEvent(desk, event.calendar ?? desk.calendar, {
    write: { ...write, changes: { ...before, ...write.changes } },
  });
}
