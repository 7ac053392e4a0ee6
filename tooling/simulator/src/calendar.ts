import {
  type EventTime,
  type Exception,
  expandSeries,
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
import type { ModelStore, Row } from './model-store.ts';
import type { Sim } from './sim.ts';
import { partnerOf, pick, type Target } from './targets.ts';

/** Properties that records of calendars have besides those of people; both sides call them alike. */
export const EVENT_CATALOGUE: FieldCatalogue = {
  when: { type: 'time', label: 'When', writable: true },
  rule: { type: 'recurrence', label: 'Rule', writable: true },
  changes: { type: 'occurrences', label: 'Changes', writable: true },
  guests: { type: 'people', label: 'Guests', writable: true },
};

export const EVENT_FIELDS = [
  { field: 'time', mailbox: 'when', crm: 'when' },
  { field: 'recurrence', mailbox: 'rule', crm: 'rule' },
  { field: 'occurrences', mailbox: 'changes', crm: 'changes' },
  { field: 'people', mailbox: 'guests', crm: 'guests' },
] as const;

const ZONE = 'Europe/Berlin';
const DAY_MS = 86_400_000;
/** Dates of a series that people change. */
const REACH = 6;
const MOST_GUESTS = 3;

/** Weekly, from an early day of 2027 on, over the change of the clocks; `shift` days and hours later. */
function seriesOf(shift: number): Pick<Series, 'time' | 'recurrence'> {
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

const guestsOf = (count: number): People | null =>
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
  return { when: time, rule, changes: null, guests: guestsOf(sim.tape.choice(MOST_GUESTS)) };
}

const ofKind = <K extends string>(value: FieldValue | undefined, kind: K) =>
  typeof value === 'object' && value !== null && 'kind' in value && value.kind === kind ? value : null;

/** The series that a row shows; null for a single event. */
export function seriesIn(row: Row): Series | null {
  const time = ofKind(row.fields.when, 'time') as EventTime | null;
  const recurrence = ofKind(row.fields.rule, 'recurrence') as Recurrence | null;
  if (time === null || recurrence === null) return null;
  return { time, recurrence, occurrences: ofKind(row.fields.changes, 'occurrences') as Occurrences | null };
}

function change(sim: Sim, { store, row }: Target, fields: Fields): void {
  for (const property of Object.keys(fields)) sim.ledger.overwrites(store, row, property);
  store.change(row, 'other', () => Object.assign(row.fields, store.hold(fields)));
  sim.note(() => `user changes ${row.id} ${JSON.stringify(fields)}`);
}

/** Cancels, renames or sets back one of the next dates. */
function except(sim: Sim, target: Target): void {
  const series = seriesIn(target.row);
  if (series === null) return;
  const plain = { ...series, occurrences: null };
  const from = Date.parse(`${series.time.start.slice(0, 10)}T00:00:00Z`) - DAY_MS;
  const dates = expandSeries(plain, { from, to: from + 60 * DAY_MS }).slice(0, REACH);
  const key = dates[sim.tape.choice(REACH)]?.key;
  if (key === undefined) return;
  const byStart: Record<string, 'cancelled' | Exception> = { ...series.occurrences?.byStart };
  const what = sim.tape.choice(3);
  if (what === 0) byStart[key] = 'cancelled';
  else if (what === 1) byStart[key] = { subject: `S${sim.tape.choice(9)}` };
  else delete byStart[key];
  const changes: FieldValue = Object.keys(byStart).length === 0 ? null : { kind: 'occurrences', byStart };
  change(sim, target, { changes });
}

/** The whole series to another day and hour: its own store drops every exception. */
function reschedule(sim: Sim, target: Target): void {
  const { time, recurrence } = seriesOf(sim.tape.choice(20));
  if (seriesIn(target.row) === null) change(sim, target, { when: time });
  else change(sim, target, { when: time, rule: recurrence, changes: null });
}

/** "This and following": what comes after is cut off here, with the exceptions that were there. */
function cut(sim: Sim, target: Target): void {
  const series = seriesIn(target.row);
  if (series === null) return;
  const until = new Date(Date.UTC(2027, 2, 8 + 7 * sim.tape.choice(4))).toISOString().slice(0, 10);
  const rule: Recurrence = { ...series.recurrence, until };
  const left = Object.entries(series.occurrences?.byStart ?? {}).filter(([key]) =>
    hasOccurrence({ ...series, recurrence: rule, occurrences: null }, key),
  );
  const changes: FieldValue =
    left.length === 0 ? null : { kind: 'occurrences', byStart: Object.fromEntries(left) };
  change(sim, target, { rule, changes });
}

function invite(sim: Sim, target: Target): void {
  change(sim, target, { guests: guestsOf(sim.tape.choice(MOST_GUESTS)) });
}

const ACTS = [except, except, except, reschedule, cut, invite];

/** One thing that people do to events, now and then on both sides at once; false = it is not the turn of events. */
export function editsCalendar(sim: Sim): boolean {
  if (sim.settings.events !== true || sim.tape.choice(2) === 0) return false;
  const target = pick(sim, () => true);
  const act = ACTS[sim.tape.choice(ACTS.length)];
  if (target === undefined || act === undefined) return true;
  sim.count(`calendar ${act.name}`);
  const partner = sim.tape.choice(3) === 2 ? partnerOf(sim, target) : undefined;
  act(sim, target);
  if (partner !== undefined) (ACTS[sim.tape.choice(ACTS.length)] ?? act)(sim, partner);
  return true;
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

/**
 * Counts what the service really sends, by what the record shows when the write takes effect. Whoever is invited while a
 * request is on its way is reached by it, and where the store compares no versions no sender can know (rows 17 and 18, R1 of
 * 9.6); those it was read with count. `blind`: a write that nobody compared with what it was read on.
 */
export function countMail(
  sim: Sim,
  of: { store: ModelStore; before: Fields; after: Fields; blind?: Write | null },
): void {
  if (of.store === sim.b || sim.settings.events !== true) return;
  const reached = new Set([...invited(of.before), ...invited(of.after)]);
  const known = of.blind ? audienceOf(of.blind) : [...reached];
  sim.mails += known.filter((email) => reached.has(email)).length;
}
