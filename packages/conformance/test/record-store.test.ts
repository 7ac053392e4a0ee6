import { describe, it } from 'vitest';
import {
  createReferenceFixture,
  REFERENCE_CAPABILITIES,
  REFERENCE_MODEST,
  type TestApi,
  testRecordStore,
} from '../src/index.ts';

const api: TestApi = {
  describe,
  it: (name, fn) => it(name, (context) => fn(context)),
  skip: (name, reason) => it.skip(`${name} [skipped: ${reason}]`, () => {}),
};

testRecordStore(api, 'reference, everything declared', () => createReferenceFixture(REFERENCE_CAPABILITIES));
testRecordStore(api, 'reference, little declared', () => createReferenceFixture(REFERENCE_MODEST));
testRecordStore(api, 'reference, content without stamps in the feed', () =>
  createReferenceFixture({ ...REFERENCE_CAPABILITIES, stampInFeed: false, conditionalDelete: false }),
);
