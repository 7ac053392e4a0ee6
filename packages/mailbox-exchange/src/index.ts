import { defineAdapter } from '@tidelock/core';
import { ExchangeOptionsSchema } from './config.ts';
import { createExchangeMailboxes } from './source.ts';

export { type ExchangeOptions, type ExchangeOptionsInput, ExchangeOptionsSchema } from './config.ts';
export { fromGraph, type Layout, toGraph, toRecord } from './map.ts';
export { createExchangeMailboxes } from './source.ts';
export { WireContact } from './wire.ts';

export const adapter = defineAdapter({
  contract: 'mailbox@1',
  name: '@tidelock/mailbox-exchange',
  title: 'Exchange Online contacts and calendars over Microsoft Graph',
  options: ExchangeOptionsSchema,
  create: (options, context) => createExchangeMailboxes(options, context),
});
