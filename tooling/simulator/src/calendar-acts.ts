import {
  type Exception,
  expandSeries,
  type Fields,
  type FieldValue,
  hasOccurrence,
  type Recurrence,
} from '@tidelock/core';
import { DAY_MS, guestsOf, MOST_GUESTS, seriesIn, seriesOf } from './calendar.ts';
import { meet } from './meetings.ts';
import { createRow, nextPerson } from './people.ts';
import type { Sim } from './sim.ts';
import { partnerOf, pick, type Target } from './targets.ts';
import { showsAgain, slide } from './windows.ts';

/** Dates of a series that people change. */
const REACH = 6;

function change(sim: Sim, { store, row }: Target, fields: Fields): void {
  if (row.foreign) return;
  for (const property of Object.keys(fields)) sim.ledger.overwrites(store, row, property);
  store.change(row, 'other', () => Object.assign(row.fields, store.hold(fields)));
  showsAgain(sim, { store, row });
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

/** "This and following": the series ends here, and what comes after goes on as one of its own, with its exceptions. */
function split(sim: Sim, target: Target, person = nextPerson(sim)): void {
  const series = seriesIn(target.row);
  if (series === null || target.row.foreign) return;
  const plain = { ...series, occurrences: null };
  const from = Date.parse(`${series.time.start.slice(0, 10)}T00:00:00Z`) - DAY_MS;
  const dates = expandSeries(plain, { from, to: from + 60 * DAY_MS }).slice(0, REACH);
  const first = dates[1 + sim.tape.choice(REACH - 1)];
  if (first === undefined) return;
  const day = first.time.start.slice(0, 10);
  const eve = new Date(Date.parse(`${day}T00:00:00Z`) - DAY_MS).toISOString().slice(0, 10);
  const changes = Object.entries(series.occurrences?.byStart ?? {});
  const packed = (of: typeof changes): FieldValue =>
    of.length === 0 ? null : { kind: 'occurrences', byStart: Object.fromEntries(of) };
  const rest = {
    ...{ when: first.time, rule: series.recurrence, guests: target.row.fields.guests ?? null, uid: null },
    changes: packed(changes.filter(([key]) => key >= first.key)),
  };
  change(sim, target, {
    rule: { ...series.recurrence, until: eve },
    changes: packed(changes.filter(([key]) => key < first.key)),
  });
  createRow(sim, target.store, { person, more: rest });
}

/** Both sides may split the same series, each in its own way: what goes on is one event on both. */
function splitBoth(sim: Sim, target: Target, partner: Target | undefined): void {
  const person = nextPerson(sim);
  split(sim, target, person);
  if (partner !== undefined) split(sim, partner, person);
}

const ACTS = [except, except, except, reschedule, cut, invite, split, meet, slide];

/** One thing that people do to events, now and then on both sides at once; false = it is not the turn of events. */
export function editsCalendar(sim: Sim): boolean {
  if (sim.settings.events !== true || sim.tape.choice(2) === 0) return false;
  const act = ACTS[sim.tape.choice(ACTS.length)];
  const target = pick(sim, (row) => !row.foreign);
  if (target === undefined || act === undefined) return true;
  sim.count(`calendar ${act.name}`);
  const partner = sim.tape.choice(3) === 2 ? partnerOf(sim, target) : undefined;
  if (partner !== undefined) sim.count(`calendar ${act === split ? 'split on both sides' : 'on both sides'}`);
  if (act === split) splitBoth(sim, target, partner);
  else act(sim, target);
  if (partner !== undefined && act !== split) (ACTS[sim.tape.choice(ACTS.length)] ?? act)(sim, partner);
  return true;
}
