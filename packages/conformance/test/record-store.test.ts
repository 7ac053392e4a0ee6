import {
  createReferenceFixture,
  REFERENCE_CAPABILITIES,
  REFERENCE_MODEST,
  testRecordStore,
} from '../src/index.ts';
import { api } from './vitest-api.ts';

testRecordStore(api, 'reference, everything declared', () => createReferenceFixture(REFERENCE_CAPABILITIES));
testRecordStore(api, 'reference, little declared', () => createReferenceFixture(REFERENCE_MODEST));
testRecordStore(api, 'reference, content without stamps in the feed', () =>
  createReferenceFixture({ ...REFERENCE_CAPABILITIES, stampInFeed: false, conditionalDelete: false }),
);
