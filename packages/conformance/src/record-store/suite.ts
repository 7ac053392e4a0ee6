import type { ConformanceSuite } from '@tidelock/core';
import { createFaults } from '../fault.ts';
import type { MakeFixture, TestApi } from '../harness.ts';
import { createSuite, testSuite } from '../suite.ts';
import { calendarFaults } from './calendar-faults.ts';
import { conductCases } from './conduct-cases.ts';
import { eventCases } from './event-cases.ts';
import { eventFaults } from './event-faults.ts';
import { methodsOf } from './fault.ts';
import { feedCases } from './feed-cases.ts';
import { type RecordStoreFixture, readTraits } from './fixture.ts';
import { outcomeCases } from './outcome-cases.ts';
import { readCases } from './read-cases.ts';
import { readingFaults } from './reading-faults.ts';
import type { RecordCase } from './record-case.ts';
import { seriesCases } from './series-cases.ts';
import { timeCases } from './time-cases.ts';
import { valueCases } from './value-cases.ts';
import { writeCases } from './write-cases.ts';
import { writingFaults } from './writing-faults.ts';

/** Every clause of `RecordStore`, in the order of their ids. */
export const recordStoreCases: readonly RecordCase[] = [
  ...feedCases,
  ...readCases,
  ...writeCases,
  ...outcomeCases,
  ...conductCases,
  ...valueCases,
];

/** The mistakes on which the suite of every record store has to fail. */
export const recordStoreFaults = [...readingFaults, ...writingFaults];

/** The same for stores of events, with what only they promise. */
export const eventStoreCases: readonly RecordCase[] = [
  ...recordStoreCases,
  ...eventCases,
  ...timeCases,
  ...seriesCases,
];
export const eventStoreFaults = [...recordStoreFaults, ...eventFaults, ...calendarFaults];

interface Clauses {
  readonly title: string;
  readonly cases: readonly RecordCase[];
  readonly faults: typeof recordStoreFaults;
}

function suiteOf(
  { title, cases, faults }: Clauses,
  makeFixture: MakeFixture<RecordStoreFixture>,
  waivers: Readonly<Record<string, string>>,
): ConformanceSuite {
  const source = { cases, makeFixture, probe: readTraits };
  return createSuite({
    ...source,
    name: title,
    waivers,
    faults: createFaults({ ...source, faults, key: 'store', methodsOf }),
  });
}

/**
 * The base of contracts `mailbox@1` and `crm@1`, with the mistakes that it has to notice in this adapter. `waivers`:
 * case id -> the reason that the adapter's README gives.
 */
export function recordStoreSuite(
  name: string,
  makeFixture: MakeFixture<RecordStoreFixture>,
  waivers: Readonly<Record<string, string>> = {},
): ConformanceSuite {
  const title = `record store: ${name}`;
  return suiteOf({ title, cases: recordStoreCases, faults: recordStoreFaults }, makeFixture, waivers);
}

/** The same for a store that was opened on events. */
export function eventStoreSuite(
  name: string,
  makeFixture: MakeFixture<RecordStoreFixture>,
  waivers: Readonly<Record<string, string>> = {},
): ConformanceSuite {
  const title = `event store: ${name}`;
  return suiteOf({ title, cases: eventStoreCases, faults: eventStoreFaults }, makeFixture, waivers);
}

/** Registers `recordStoreSuite` with a test framework. */
// biome-ignore lint/complexity/useMaxParams: framework, name, fixture, waivers is the order of every suite function
export function testRecordStore(
  api: TestApi,
  name: string,
  makeFixture: MakeFixture<RecordStoreFixture>,
  waivers: Readonly<Record<string, string>> = {},
): void {
  testSuite(api, recordStoreSuite(name, makeFixture, waivers));
}
