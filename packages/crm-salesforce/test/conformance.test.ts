import { type TestApi, testRecordStore } from '@tidelock/conformance';
import { describe, it } from 'vitest';
import { createFixture } from './conformance-fixture.ts';

const api: TestApi = {
  describe,
  it: (name, run) => it(name, (context) => run(context)),
  skip: (name, reason) => it.skip(`${name} [skipped: ${reason}]`, () => {}),
};

testRecordStore(api, 'Salesforce', createFixture, {
  'record-store-046':
    'a single update carries If-Unmodified-Since, so a stale one is refused although that is too weak to be promised',
});
