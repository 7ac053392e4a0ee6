import {
  createReferenceFixture,
  eventStoreSuite,
  REFERENCE_CAPABILITIES,
  REFERENCE_EVENTS,
  REFERENCE_MODEST,
  REFERENCE_SINGLE_EVENTS,
  testRecordStore,
  testSuite,
} from '../src/index.ts';
import { api } from './vitest-api.ts';

testRecordStore(api, 'reference, everything declared', () => createReferenceFixture(REFERENCE_CAPABILITIES));
testRecordStore(api, 'reference, little declared', () => createReferenceFixture(REFERENCE_MODEST));
testRecordStore(api, 'reference, content without stamps in the feed', () =>
  createReferenceFixture({ ...REFERENCE_CAPABILITIES, stampInFeed: false, conditionalDelete: false }),
);
testSuite(
  api,
  eventStoreSuite('reference, events that notify', () => createReferenceFixture(REFERENCE_EVENTS)),
);
testSuite(
  api,
  eventStoreSuite('reference, events without mail', () => createReferenceFixture(REFERENCE_SINGLE_EVENTS)),
);
