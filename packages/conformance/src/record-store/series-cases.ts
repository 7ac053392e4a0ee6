import assert from 'node:assert/strict';
import {
  boundsOf,
  canonicalRecurrence,
  type EventTime,
  type Exception,
  expandSeries,
  type Fields,
  formatWall,
  isAllDay,
  type Occurrences,
  type Recurrence,
  type StoreRecord,
} from '@tidelock/core';
import type { RecordStoreTraits, SeriesOracle } from './fixture.ts';
import { caseOf, type RecordCase } from './record-case.ts';
import {
  CANCELLED,
  exceptions,
  MOVED,
  MOVED_TO,
  RENAMED,
  RULES,
  START,
  WEEKLY,
  WINDOW,
} from './series-samples.ts';
import { type Session, stampOf } from './session.ts';
import { propertyOf } from './time-cases.ts';

const recurrenceOf = ({ capabilities }: RecordStoreTraits): string =>
  capabilities.events?.recurrence ?? 'no events';

const hasSeries = (traits: RecordStoreTraits): string | null => {
  const kept = recurrenceOf(traits);
  return kept === 'full' || kept === 'create-only'
    ? null
    : `the store keeps no rules: events.recurrence is "${kept}"`;
};

const changesInPlace = (traits: RecordStoreTraits): string | null =>
  recurrenceOf(traits) === 'full'
    ? null
    : `occurrences cannot be changed in place: events.recurrence is "${recurrenceOf(traits)}"`;

const keepsNone = (traits: RecordStoreTraits): string | null =>
  recurrenceOf(traits) === 'none' ? null : `events.recurrence is "${recurrenceOf(traits)}"`;

function seriesOracle(session: Session): SeriesOracle {
  const { series } = session.traits.events ?? {};
  assert.ok(series !== undefined, 'a store that keeps series needs a fixture with oracle.events.series');
  return series;
}

interface Names {
  readonly time: string;
  readonly recurrence: string;
  readonly occurrences: string;
}

const namesOf = (session: Session): Names => ({
  time: propertyOf(session, 'time') ?? 'time',
  recurrence: propertyOf(session, 'recurrence') ?? 'recurrence',
  occurrences: propertyOf(session, 'occurrences') ?? 'occurrences',
});

async function createSeries(
  session: Session,
  given: { time: EventTime; rule: Recurrence; more?: Fields; seed: number },
) {
  const names = namesOf(session);
  const fields = {
    ...session.person(given.seed),
    [names.time]: given.time,
    [names.recurrence]: given.rule,
    ...(names.occurrences in session.catalogue ? { [names.occurrences]: null } : {}),
    ...given.more,
  };
  const outcome = await session.writeOne({ op: 'create', stamp: stampOf(given.seed), fields });
  assert.ok(outcome.status === 'ok', `the create of a series ended as "${outcome.status}"`);
  await session.settle();
  return outcome.id;
}

const asText = (time: EventTime): string =>
  isAllDay(time) ? time.start : `${formatWall(boundsOf(time).from)}Z`;

/** Where occurrences stand, as the record says. */
function startsOf(session: Session, record: StoreRecord): readonly string[] {
  const names = namesOf(session);
  const series = {
    time: record.fields[names.time] as EventTime,
    recurrence: record.fields[names.recurrence] as Recurrence,
    occurrences: (record.fields[names.occurrences] ?? null) as Occurrences | null,
  };
  const bounds = { from: Date.parse(`${WINDOW.from}T00:00:00Z`), to: Date.parse(`${WINDOW.to}T00:00:00Z`) };
  return expandSeries(series, bounds).map(({ time }) => asText(time));
}

/** The record, and the calendar that a person sees, say the same; the record as it was read. */
async function assertSeen(session: Session, id: string, what: string): Promise<StoreRecord> {
  const record = await session.found(id);
  assert.deepEqual(startsOf(session, record), await seriesOracle(session).starts(id, WINDOW), what);
  return record;
}

const byStart = (session: Session, record: StoreRecord): Occurrences['byStart'] =>
  (record.fields[namesOf(session).occurrences] as Occurrences | null)?.byStart ?? {};

async function updateSeries(session: Session, id: string, patch: Fields): Promise<void> {
  const current = await session.found(id);
  const outcome = await session.writeOne({ op: 'update', id, version: current.version, current, patch });
  assert.equal(outcome.status, 'ok', `the update of a series ended as "${outcome.status}"`);
  await session.settle();
}

const isMovedTo = (child: 'cancelled' | Exception | undefined): boolean =>
  typeof child === 'object' && asText(child.time as EventTime) === asText(MOVED_TO);

/** Series, and what becomes of single occurrences. */
export const seriesCases: readonly RecordCase[] = [
  caseOf(
    'record-store-100',
    'every kind of rule comes back as it was written, and stands where a person sees it',
    async (session) => {
      for (const [index, [what, given, time]] of RULES.entries()) {
        const id = await createSeries(session, { time, rule: given, seed: 200 + index });
        const record = await assertSeen(session, id, what);
        const shown = record.fields[namesOf(session).recurrence] as Recurrence;
        assert.deepEqual(canonicalRecurrence(shown), canonicalRecurrence(given), what);
      }
    },
    hasSeries,
  ),
  caseOf(
    'record-store-101',
    'a series is written with cancelled and changed occurrences, and read with them',
    async (session) => {
      const more = { [namesOf(session).occurrences]: exceptions('Changed') };
      const id = await createSeries(session, { time: START, rule: WEEKLY, more, seed: 220 });
      const record = await assertSeen(session, id, 'after the create');
      const children = byStart(session, record);
      assert.deepEqual(Object.keys(children).sort(), [CANCELLED, MOVED, RENAMED].sort());
      assert.equal(children[CANCELLED], 'cancelled');
      assert.ok(isMovedTo(children[MOVED]), 'the moved occurrence stands elsewhere');
      assert.deepEqual(children[RENAMED], { subject: 'Changed' });
      assert.equal(record.stamp, stampOf(220));
    },
    changesInPlace,
  ),
  caseOf(
    'record-store-102',
    'what a person does to one occurrence changes the version of the series and shows in feed, read and list',
    async (session) => {
      const id = await createSeries(session, { time: START, rule: WEEKLY, seed: 221 });
      const { cursor } = await session.drain(null);
      const before = await session.found(id);
      const oracle = seriesOracle(session);
      await oracle.cancel(id, CANCELLED);
      await session.settle();
      const { changes, cursor: next } = await session.drain(cursor);
      assert.ok(
        changes.some((change) => change.id === id),
        'a cancelled occurrence is in no feed',
      );
      const cancelled = await assertSeen(session, id, 'after a cancellation');
      assert.notEqual(cancelled.version, before.version);
      assert.deepEqual(byStart(session, cancelled), { [CANCELLED]: 'cancelled' });
      await oracle.change(id, MOVED, { time: MOVED_TO });
      await session.settle();
      assert.ok((await session.drain(next)).changes.some((change) => change.id === id));
      const moved = await assertSeen(session, id, 'after a move');
      assert.ok(isMovedTo(byStart(session, moved)[MOVED]));
      const listed = (await session.listAll()).filter((record) => record.id === id);
      assert.equal(listed.length, 1, 'a series is listed once');
      assert.deepEqual(byStart(session, listed[0] ?? moved), byStart(session, moved));
    },
    changesInPlace,
  ),
  caseOf(
    'record-store-103',
    'a series that is rescheduled keeps what was done to the days it still has',
    async (session) => {
      const names = namesOf(session);
      const more = { [names.occurrences]: exceptions('Changed') };
      const id = await createSeries(session, { time: START, rule: WEEKLY, more, seed: 222 });
      const time = { ...START, start: '2027-03-02T11:00:00', end: '2027-03-02T11:30:00' };
      await updateSeries(session, id, { [names.time]: time });
      const record = await assertSeen(session, id, 'after the reschedule');
      const children = byStart(session, record);
      assert.equal(children['2027-03-09T10:00:00Z'], 'cancelled');
      assert.deepEqual(children['2027-04-06T09:00:00Z'], { subject: 'Changed' });
    },
    changesInPlace,
  ),
  caseOf(
    'record-store-104',
    'a series is cut short in place, and its exceptions before the end stay',
    async (session) => {
      const names = namesOf(session);
      const more = { [names.occurrences]: exceptions('Changed') };
      const id = await createSeries(session, { time: START, rule: WEEKLY, more, seed: 223 });
      const { count: _, ...open } = WEEKLY;
      await updateSeries(session, id, { [names.recurrence]: { ...open, until: '2027-04-01' } });
      const children = byStart(session, await assertSeen(session, id, 'after the cut'));
      assert.deepEqual(Object.keys(children).sort(), [CANCELLED, MOVED].sort());
    },
    changesInPlace,
  ),
  caseOf(
    'record-store-105',
    'an exception that is taken back is as the rule makes it',
    async (session) => {
      const names = namesOf(session);
      const more = { [names.occurrences]: exceptions('Changed') };
      const id = await createSeries(session, { time: START, rule: WEEKLY, more, seed: 224 });
      const kept: Occurrences = { kind: 'occurrences', byStart: { [CANCELLED]: 'cancelled' } };
      await updateSeries(session, id, { [names.occurrences]: kept });
      const record = await assertSeen(session, id, 'after taking back');
      assert.deepEqual(byStart(session, record), { [CANCELLED]: 'cancelled' });
    },
    changesInPlace,
  ),
  caseOf(
    'record-store-106',
    'a single event becomes a series, and a series a single event, under one id',
    async (session) => {
      const names = namesOf(session);
      const id = await session.created(225);
      await updateSeries(session, id, {
        [names.time]: START,
        [names.recurrence]: WEEKLY,
        [names.occurrences]: null,
      });
      await assertSeen(session, id, 'as a series');
      await updateSeries(session, id, { [names.recurrence]: null });
      assert.equal((await session.found(id)).fields[names.recurrence] ?? null, null);
    },
    changesInPlace,
  ),
  caseOf(
    'record-store-107',
    'a store that keeps no rules has no property for them and refuses one by name',
    async (session) => {
      assert.equal(propertyOf(session, 'recurrence'), undefined);
      assert.equal(propertyOf(session, 'occurrences'), undefined);
      const fields = { ...session.person(226), recurrence: WEEKLY };
      const outcome = await session.writeOne({ op: 'create', stamp: stampOf(226), fields });
      assert.ok(outcome.status === 'rejected', `a rule was taken: the create ended as "${outcome.status}"`);
    },
    keepsNone,
  ),
];
