import { type AdapterManifest, defineAdapter } from '@tidelock/core';
import { type SalesforceOptions, SalesforceOptionsSchema } from './config.ts';
import { defaultEventMapping } from './event-mapping.ts';
import { defaultMapping } from './mapping.ts';
import { createSalesforce } from './target.ts';

/** The manifest: what `tidelock.yaml` names. */
export const adapter: AdapterManifest<'crm', SalesforceOptions> = defineAdapter<'crm', SalesforceOptions>({
  contract: 'crm@1',
  name: '@tidelock/crm-salesforce',
  title: 'Salesforce contacts and events',
  options: SalesforceOptionsSchema,
  create: createSalesforce,
  mapping: defaultMapping,
  eventMapping: defaultEventMapping,
});

export { type SalesforceOptions, type SalesforceOptionsInput, SalesforceOptionsSchema } from './config.ts';
export { defaultEventMapping } from './event-mapping.ts';
export { toShape } from './fields.ts';
export { toBody, toRecord, type View } from './map.ts';
export { defaultMapping } from './mapping.ts';
export { createSalesforce } from './target.ts';
