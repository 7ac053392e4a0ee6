import { crmSuite, recordStoreSuite } from '@tidelock/conformance';
import type { Conformance } from '@tidelock/core';
import { createCrmFixture, createFixture } from './fixture.ts';

/** This adapter, held to its contract on the emulated service. */
export const conformance: Conformance = {
  contract: 'crm@1',
  suites: [recordStoreSuite('HubSpot', createFixture), crmSuite('HubSpot', createCrmFixture)],
};
