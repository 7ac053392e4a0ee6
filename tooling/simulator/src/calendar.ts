import {
  type EventTime,
  type FieldCatalogue,
  type Fields,
  type FieldValue,
  hasOccurrence,
  type Occurrences,
  type People,
  type Recurrence,
  reanchor,
  type Series,
  WEEKDAYS,
  type Write,
} from '@tidelock/core';
import type { Row } from './model-store.ts';
import type { Sim } from './sim.ts';

/** Properties that records of calendars have besides those of people; both sides call them alike. */
export const EVENT_CATALOGUE: FieldCatalogue = {
  when: { type: 'time', label: 'When', writable: true },
  rule: { type: 'recurrence', label: 'Rule', writable: true },
  changes: { type: 'occurrences', label: 'Changes', writable: true },
  guests: { type: 'people', label: 'Guests', writable: true },
  uid: { type: 'text', label: 'Uid', writable: true },
};

export const EVENT_FIELDS = [
  { field: 'time', mailbox: 'when', crm: 'when' },
  { field: 'recurrence', mailbox: 'rule', crm: 'rule' },
  { field: 'occurrences', mailbox: 'changes', crm: 'changes' },
  { field: 'people', mailbox: 'guests', crm: 'guests' },
  { field: 'uid', mailbox: 'uid', crm: 'uid', direction: 'mailbox>crm' },
] as const;

const ZONE = 'Europe/Berlin';
export const DAY_MS = 86_400_000;
export const MOST_GUESTS = 3;

/** Weekly, from an early day of 2027 on, over the change of the clocks; `shift` days and hours later. */
export function seriesOf(shift: number): Pick<Series, 'time' | 'recurrence'> {
  const day = new Date(Date.UTC(2027, 2, 1 + (shift % 7))).toISOString().slice(0, 10);
  const hour = String(8 + (shift % 5)).padStart(2, '0');
  const time: EventTime = {
    kind: 'time',
    start: `${day}T${hour}:00:00`,
    end: `${day}T${hour}:30:00`,
    zone: ZONE,
  };
  const days = [WEEKDAYS[(new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7] ?? 'monday'];
  const recurrence: Recurrence = {
    ...{ kind: 'recurrence', every: 'week', interval: 1, days, weekStart: 'monday', zone: ZONE },
  };
  return { time, recurrence };
}

export const guestsOf = (count: number): People | null =>
  count === 0
    ? null
    : {
        kind: 'people',
        organizer: null,
        attendees: Array.from({ length: count }, (_, n) => ({
          ...{ email: `guest${n}@example.com`, role: 'required', response: 'none' },
        })),
      };

/** What a new event has: half of them are series, and some of them have guests. */
export function eventFields(sim: Sim, person: number): Fields {
  if (sim.settings.events !== true) return {};
  const { time, recurrence } = seriesOf(person);
  const rule = sim.tape.choice(2) === 0 ? recurrence : null;
  return { when: time, rule, changes: null, guests: guestsOf(sim.tape.choice(MOST_GUESTS)), uid: null };
}

const ofKind = <K extends string>(value: FieldValue | undefined, kind: K) =>
  typeof value === 'object' && value !== null && 'kind' in value && value.kind === kind ? value : null;

/** The series that a row shows; null for a single event. */
export function seriesIn(row: Pick<Row, 'fields'>): Series | null {
  const time = ofKind(row.fields.when, 'time') as EventTime | null;
  const recurrence = ofKind(row.fields.rule, 'recurrence') as Recurrence | null;
  if (time === null || recurrence === null) return null;
  return { time, recurrence, occurrences: ofKind(row.fields.changes, 'occurrences') as Occurrences | null };
}

export const invited = (fields: Fields): readonly string[] =>
  (ofKind(fields.guests, 'people') as People | null)?.attendees.map(({ email }) => email) ?? [];

/** Whom a write to the mailbox reaches: everybody who is invited then, and everybody who was. */
export function audienceOf(write: Write): readonly string[] {
  const before = write.op === 'create' ? [] : invited(write.current?.fields ?? {});
  if (write.op === 'create') return invited(write.fields);
  const after = write.op === 'update' ? invited({ ...write.current.fields, ...write.patch }) : [];
  return [...new Set([...before, ...after])];
}

const whenOf = (fields: Fields): string => JSON.stringify([fields.when ?? null, fields.rule ?? null]);

/** Does a request bring time or rule alone to another series than it was made for? Only a store that compares could tell (R1 of 9.6). */
export const tears = (row: Row, { patch, current }: Extract<Write, { op: 'update' }>): boolean =>
  'when' in patch !== 'rule' in patch && whenOf(row.fields) !== whenOf(current.fields);

/** Exceptions on days that the series has: a store has nothing to hang the others on. */
function onItsDays(row: Row, patch: Fields): Fields {
  const series = seriesIn({ ...row, fields: { ...row.fields, ...patch } });
  if (series?.occurrences == null) return patch;
  const plain = { ...series, occurrences: null };
  const kept = Object.entries(series.occurrences.byStart).filter(([key]) => hasOccurrence(plain, key));
  const changes: FieldValue =
    kept.length === 0 ? null : { kind: 'occurrences', byStart: Object.fromEntries(kept) };
  return { ...patch, changes };
}

/**
 * What a store keeps of a series that we change. Where we change its time or rule, exceptions whose day remains are there as
 * before. Whoever sends the exceptions as well has said what they are; a request that met another series than it was made for (R1
 * of 9.6) finds no instance for some of them.
 */
export function keptExceptions(row: Row, { patch, current }: Extract<Write, { op: 'update' }>): Fields {
  if ('changes' in patch)
    return whenOf(row.fields) === whenOf(current.fields) ? patch : onItsDays(row, patch);
  const before = seriesIn(row);
  if (before?.occurrences == null || !('when' in patch || 'rule' in patch)) return patch;
  const after = seriesIn({ ...row, fields: { ...row.fields, ...patch } });
  const changes = after === null ? null : reanchor(before, after).occurrences;
  return { ...patch, changes };
}
