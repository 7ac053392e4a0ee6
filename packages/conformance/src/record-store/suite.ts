import { type MakeFixture, runCases, type TestApi } from '../harness.ts';
import { conductCases } from './conduct-cases.ts';
import { feedCases } from './feed-cases.ts';
import { type RecordStoreFixture, readTraits } from './fixture.ts';
import { outcomeCases } from './outcome-cases.ts';
import { readCases } from './read-cases.ts';
import type { RecordCase } from './record-case.ts';
import { valueCases } from './value-cases.ts';
import { writeCases } from './write-cases.ts';

/** Every clause of `RecordStore`, in the order of their ids. */
export const recordStoreCases: readonly RecordCase[] = [
  ...feedCases,
  ...readCases,
  ...writeCases,
  ...outcomeCases,
  ...conductCases,
  ...valueCases,
];

/** The base of contracts `mailbox@1` and `crm@1`. `waivers`: case id -> the reason that the README gives. */
// biome-ignore lint/complexity/useMaxParams: framework, name, fixture, waivers is the order of every suite function
export function testRecordStore(
  api: TestApi,
  name: string,
  makeFixture: MakeFixture<RecordStoreFixture>,
  waivers: Readonly<Record<string, string>> = {},
): void {
  runCases(api, `record store: ${name}`, recordStoreCases, makeFixture, { probe: readTraits, waivers });
}
