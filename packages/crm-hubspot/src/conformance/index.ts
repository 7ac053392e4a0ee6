import { crmSuite, eventStoreSuite, recordStoreSuite } from '@tidelock/conformance';
import type { Conformance } from '@tidelock/core';
import { createEventFixture } from './event-fixture.ts';
import { createCrmFixture, createFixture } from './fixture.ts';
import { createLiveFixtures } from './live.ts';

/** This adapter, held to its contract: on the emulated service, or on a real account made for tests. */
export const conformance: Conformance = {
  contract: 'crm@1',
  suites: [
    recordStoreSuite('HubSpot', createFixture),
    eventStoreSuite('HubSpot meetings', createEventFixture),
    crmSuite('HubSpot', createCrmFixture),
  ],
  account(account) {
    // Whether the suite notices mistakes is shown on the emulated service, where it takes no hours.
    const { faults: _, ...suite } = recordStoreSuite('HubSpot, a real account', createLiveFixtures(account));
    return [suite];
  },
};
