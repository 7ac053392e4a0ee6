import { crmSuite, recordStoreSuite } from '@tidelock/conformance';
import type { Conformance } from '@tidelock/core';
import { createCrmFixture, createFixture } from './fixture.ts';

/** This adapter, held to its contract: `npm test`, and `tidelock adapters verify @scope/crm-acme` for everybody else. */
export const conformance: Conformance = {
  contract: 'crm@1',
  suites: [recordStoreSuite('Acme', createFixture), crmSuite('Acme', createCrmFixture)],
};
