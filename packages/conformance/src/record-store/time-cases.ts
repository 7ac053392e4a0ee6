import assert from 'node:assert/strict';
import { type EventTime, type Fields, isAllDay, occurrenceKey } from '@tidelock/core';
import type { RecordStoreTraits } from './fixture.ts';
import { caseOf, type RecordCase } from './record-case.ts';
import { type Session, stampOf } from './session.ts';

/** The property of a type, where the store has one that can be written. */
export function propertyOf(session: Session, type: string): string | undefined {
  return Object.entries(session.catalogue).find(([, spec]) => spec.type === type && spec.writable)?.[0];
}

const events = ({ capabilities }: RecordStoreTraits): string | null =>
  capabilities.events === undefined ? 'the store holds no events: events is not declared' : null;

const at = (start: string, end: string, zone: string | null = 'Europe/Berlin'): EventTime => ({
  kind: 'time',
  start,
  end,
  zone,
});

const TIMES: readonly (readonly [what: string, time: EventTime])[] = [
  ['summer', at('2027-07-01T09:00:00', '2027-07-01T10:00:00')],
  ['winter', at('2027-01-12T09:00:00', '2027-01-12T09:45:00')],
  ['over the night of the clock change', at('2027-03-28T01:30:00', '2027-03-28T04:00:00')],
  ['behind UTC', at('2027-05-03T18:00:00', '2027-05-03T23:30:00', 'America/Los_Angeles')],
  ['beyond the date line', at('2027-05-04T08:00:00', '2027-05-04T09:00:00', 'Pacific/Auckland')],
  ['a half hour off', at('2027-05-05T10:30:00', '2027-05-05T11:00:00', 'Asia/Kolkata')],
  ['no name of a zone', at('2027-05-06T10:30:00', '2027-05-06T11:00:00', null)],
];

const DAYS: readonly (readonly [what: string, time: EventTime])[] = [
  ['one day', at('2027-03-01', '2027-03-02', null)],
  ['a day of a clock change', at('2027-03-28', '2027-03-29', null)],
  ['three days', at('2026-12-24', '2026-12-27', null)],
];

function timed(session: Session, time: EventTime, seed: number): Fields {
  return { ...session.person(seed), [propertyOf(session, 'time') ?? 'time']: time };
}

const instants = (value: unknown): readonly string[] => {
  const time = value as EventTime;
  return [occurrenceKey(time.start, time.zone), occurrenceKey(time.end, time.zone)];
};

async function written(session: Session, time: EventTime, seed: number): Promise<EventTime> {
  const fields = timed(session, time, seed);
  const outcome = await session.writeOne({ op: 'create', stamp: stampOf(seed), fields });
  assert.ok(outcome.status === 'ok', `the create ended as "${outcome.status}"`);
  await session.settle();
  const property = propertyOf(session, 'time') ?? 'time';
  const truth = (await session.truth(outcome.id))?.fields[property];
  const shown = (await session.found(outcome.id)).fields[property] as EventTime;
  assert.deepEqual(instants(truth), instants(time), 'the remote holds another time');
  return shown;
}

/** When events are. */
export const timeCases: readonly RecordCase[] = [
  caseOf(
    'record-store-094',
    'a time of day stands at its instant, in the zone it was written with where the store has zones',
    async (session) => {
      const property = propertyOf(session, 'time') ?? 'time';
      for (const [index, [what, time]] of TIMES.entries()) {
        const shown = await written(session, time, 100 + index);
        assert.deepEqual(instants(shown), instants(time), what);
        const keepsZones = session.catalogue[property]?.instantsOnly !== true && time.zone !== null;
        if (keepsZones) assert.equal(shown.start, time.start, `${what}: another wall time`);
      }
    },
    events,
  ),
  caseOf(
    'record-store-095',
    'an all-day event is its dates, one of them as well as many',
    async (session) => {
      for (const [index, [what, time]] of DAYS.entries()) {
        const shown = await written(session, time, 110 + index);
        assert.deepEqual([shown.start, shown.end, isAllDay(shown)], [time.start, time.end, true], what);
      }
    },
    events,
  ),
  caseOf(
    'record-store-096',
    'an event moves from a time of day to dates and back',
    async (session) => {
      const property = propertyOf(session, 'time') ?? 'time';
      const id = await session.created(120);
      for (const time of [DAYS[0]?.[1], TIMES[0]?.[1]]) {
        assert.ok(time !== undefined);
        const current = await session.found(id);
        const patch = { [property]: time };
        const outcome = await session.writeOne({
          op: 'update',
          id,
          version: current.version,
          current,
          patch,
        });
        assert.equal(outcome.status, 'ok');
        await session.settle();
        assert.deepEqual(instants((await session.found(id)).fields[property]), instants(time));
      }
    },
    events,
  ),
];
