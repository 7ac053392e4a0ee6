import type { StoreRecord } from '@tidelock/core';
import { guestsOf, MOST_GUESTS } from './calendar.ts';
import type { ModelStore, Row } from './model-store.ts';
import { createRow, nextPerson } from './people.ts';
import type { Sim } from './sim.ts';

/** Somebody meets a colleague whose mailbox is in step with the same CRM. What all copies have in common is the uid. */
export function meet(sim: Sim): void {
  const organizer = sim.a[sim.tape.choice(sim.a.length)];
  if (organizer === undefined || sim.a.length < 2) return;
  const person = nextPerson(sim);
  // No address: the uid is all that tells which CRM event it is.
  const more = { mail: null, guests: guestsOf(sim.tape.choice(MOST_GUESTS)), uid: `meeting-${person}` };
  const event = createRow(sim, organizer, { person, more });
  const copies = sim.a
    .filter((store) => store !== organizer)
    .map((store) => ({
      store,
      row: store.create({ ...event.fields }, { stamp: null, by: 'other', foreign: true }),
    }));
  sim.meetings.set(event, copies);
  sim.count('meeting made');
  sim.note(() => `${event.id} is a meeting, with copies ${copies.map(({ row }) => row.id)}`);
}

/** What the service does when the organizer's event has changed, whoever changed it: the copies become the same. */
export function followMeeting({ meetings, count }: Sim, event: Row): void {
  for (const { store, row } of meetings.get(event) ?? []) {
    if (row.state === 'gone') continue;
    count('meeting followed');
    store.change(row, 'other', () => {
      if (event.state === 'live') Object.assign(row.fields, event.fields);
      else row.state = 'gone';
    });
  }
}

/** Copies of meetings wherever they are in time, also those that no feed tells of. */
export function copiesIn(sim: Sim, store: ModelStore, keys: readonly string[]): StoreRecord[][] {
  const live = [...store.rows.values()].filter((row) => row.state === 'live' && !row.out);
  sim.count('copies asked for');
  const found = keys.map((key) => live.filter((row) => row.fields.uid === key).map(store.record));
  if (found.flat().length > 0) sim.count('copy found');
  return found;
}

/** At rest: CRM events that the lanes of several mailboxes hold together. */
export function countShared(sim: Sim): void {
  if (sim.a.length < 2) return;
  const lanes = [...sim.state.tables.lanes.values()].map(
    ({ links }) =>
      new Set(
        [...links.values()].flatMap(({ link: { b, status } }) => (status === 'live' ? (b?.id ?? []) : [])),
      ),
  );
  for (const [id, { fields, state }] of sim.b.rows) {
    if (state !== 'live' || (fields.uid ?? null) === null) continue;
    if (lanes.every((ids) => ids.has(id))) sim.count('meeting of several lanes');
  }
}
