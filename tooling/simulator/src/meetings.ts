import { guestsOf, MOST_GUESTS } from './calendar.ts';
import type { Row } from './model-store.ts';
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
  sim.note(() => `${event.id} is a meeting, with copies ${copies.map(({ row }) => row.id)}`);
}

/** What the service does when the organizer's event has changed, whoever changed it: the copies become the same. */
export function followMeeting({ meetings }: Sim, event: Row): void {
  for (const { store, row } of meetings.get(event) ?? []) {
    if (row.state === 'gone') continue;
    store.change(row, 'other', () => {
      if (event.state === 'live') Object.assign(row.fields, event.fields);
      else row.state = 'gone';
    });
  }
}
