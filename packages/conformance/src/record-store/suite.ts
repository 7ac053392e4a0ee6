import type { ConformanceSuite } from '@tidelock/core';
import { createFaults } from '../fault.ts';
import type { MakeFixture, TestApi } from '../harness.ts';
import { createSuite, testSuite } from '../suite.ts';
import { conductCases } from './conduct-cases.ts';
import { methodsOf } from './fault.ts';
import { feedCases } from './feed-cases.ts';
import { type RecordStoreFixture, readTraits } from './fixture.ts';
import { outcomeCases } from './outcome-cases.ts';
import { readCases } from './read-cases.ts';
import { readingFaults } from './reading-faults.ts';
import type { RecordCase } from './record-case.ts';
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

/**
 * The base of contracts `mailbox@1` and `crm@1`, with the mistakes that it has to notice in this adapter. `waivers`:
 * case id -> the reason that the adapter's README gives.
 */
export function recordStoreSuite(
  name: string,
  makeFixture: MakeFixture<RecordStoreFixture>,
  waivers: Readonly<Record<string, string>> = {},
): ConformanceSuite {
  return createSuite({
    name: `record store: ${name}`,
    cases: recordStoreCases,
    makeFixture,
    probe: readTraits,
    waivers,
    faults: createFaults({
      faults: recordStoreFaults,
      cases: recordStoreCases,
      makeFixture,
      probe: readTraits,
      key: 'store',
      methodsOf,
    }),
  });
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
