import { crmSuite, eventStoreSuite, recordStoreSuite } from '@tidelock/conformance';
import type { Conformance } from '@tidelock/core';
import { createEventFixture } from './event-fixture.ts';
import { createCrmFixture, createFixture } from './fixture.ts';

const STALE = {
  'record-store-046':
    'a single update carries If-Unmodified-Since, so a stale one is refused although that is too weak to be promised',
};

/** This adapter, held to its contract on the emulated service. */
export const conformance: Conformance = {
  contract: 'crm@1',
  suites: [
    recordStoreSuite('Salesforce', createFixture, STALE),
    eventStoreSuite('Salesforce events', createEventFixture, STALE),
    crmSuite('Salesforce', createCrmFixture),
  ],
};
