export {
  type Case,
  type Disposable,
  type MakeFixture,
  type RunOptions,
  runCase,
  runCases,
  type TestApi,
} from './harness.ts';
export type {
  FaultKind,
  OracleRecord,
  RecordFaults,
  RecordOracle,
  RecordSample,
  RecordStoreFixture,
  RecordStoreTraits,
} from './record-store/fixture.ts';
export { recordStoreCases, testRecordStore } from './record-store/suite.ts';
export { REFERENCE_CAPABILITIES, REFERENCE_CATALOGUE, REFERENCE_MODEST } from './reference/catalogue.ts';
export { createReferenceFixture, type ReferenceFixture } from './reference/fixture.ts';
export { createReferenceStore, type ReferenceOptions } from './reference/store.ts';
