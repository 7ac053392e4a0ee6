export {
  CannotProvoke,
  type Case,
  type Disposable,
  type MakeFixture,
  type RunOptions,
  runCase,
  runCases,
  type TestApi,
} from './harness.ts';
export { crmFaults } from './ports/crm-faults.ts';
export type { CrmFixture } from './ports/crm-fixture.ts';
export { crmCases, crmSuite, testCrm } from './ports/crm-suite.ts';
export { type MailboxFixture, mailboxCases, mailboxSuite, testMailbox } from './ports/mailbox-suite.ts';
export type { PushOracle } from './ports/push-cases.ts';
export type { SecretsFixture, SecretsTraits } from './ports/secrets-fixture.ts';
export { secretsCases, secretsSuite, testSecrets } from './ports/secrets-suite.ts';
export {
  type TokenFault,
  type TokensFixture,
  testTokens,
  tokenCases,
  tokenSuite,
} from './ports/token-suite.ts';
export type {
  EventOracle,
  FaultKind,
  OracleRecord,
  RecordFaults,
  RecordOracle,
  RecordSample,
  RecordStoreFixture,
  RecordStoreTraits,
  SeriesOracle,
} from './record-store/fixture.ts';
export {
  eventStoreCases,
  eventStoreFaults,
  eventStoreSuite,
  recordStoreCases,
  recordStoreFaults,
  recordStoreSuite,
  testRecordStore,
} from './record-store/suite.ts';
export {
  REFERENCE_CAPABILITIES,
  REFERENCE_CATALOGUE,
  REFERENCE_EVENTS,
  REFERENCE_MODEST,
  REFERENCE_SINGLE_EVENTS,
} from './reference/catalogue.ts';
export { createReferenceFixture, type ReferenceFixture } from './reference/fixture.ts';
export { createReferenceStore, type ReferenceOptions } from './reference/store.ts';
export type { OpenState, StateFixture, StateSource, StateTraits } from './state/fixture.ts';
export { stateCases, testState } from './state/suite.ts';
export { createSuite, type SuiteSource, testSuite } from './suite.ts';
