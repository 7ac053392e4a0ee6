import { eventStoreSuite, mailboxSuite, recordStoreSuite } from '@tidelock/conformance';
import type { Conformance } from '@tidelock/core';
import { createEventFixture } from './event-fixture.ts';
import { createFixture } from './fixture.ts';
import { createMailboxFixture } from './mailbox-fixture.ts';

const NAME = '@tidelock/mailbox-exchange';

/** This adapter, held to its contract on the emulated service. */
export const conformance: Conformance = {
  contract: 'mailbox@1',
  suites: [
    recordStoreSuite(NAME, () => createFixture()),
    recordStoreSuite(`${NAME} with own properties`, () =>
      createFixture({ options: { custom: ['Region', 'CrmOwner'] } }),
    ),
    eventStoreSuite(`${NAME} with calendars`, () => createEventFixture()),
    mailboxSuite(NAME, createMailboxFixture),
  ],
};
