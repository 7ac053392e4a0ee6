import { type TestApi, testCrm, testRecordStore } from '@tidelock/conformance';
import { describe, it } from 'vitest';
import { createCrmFixture, createFixture } from './conformance-fixture.ts';

const api: TestApi = {
  describe,
  it: (name, run) => it(name, (context) => run(context)),
  skip: (name, reason) => it.skip(`${name} [skipped: ${reason}]`, () => {}),
};

testRecordStore(api, 'HubSpot', createFixture);
testCrm(api, 'HubSpot', createCrmFixture);
