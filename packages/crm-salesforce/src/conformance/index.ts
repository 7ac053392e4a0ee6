import { crmSuite, recordStoreSuite } from '@tidelock/conformance';
import type { Conformance } from '@tidelock/core';
import { createCrmFixture, createFixture } from './fixture.ts';

/** This adapter, held to its contract on the emulated service. */
export const conformance: Conformance = {
  contract: 'crm@1',
  suites: [
    recordStoreSuite('Salesforce', createFixture, {
      'record-store-046':
        'a single update carries If-Unmodified-Since, so a stale one is refused although that is too weak to be promised',
    }),
    crmSuite('Salesforce', createCrmFixture),
  ],
};
