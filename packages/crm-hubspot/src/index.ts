import { type AdapterManifest, defineAdapter } from '@tidelock/core';
import { type HubSpotOptions, HubSpotOptionsSchema } from './config.ts';
import { defaultEventMapping } from './event-mapping.ts';
import { defaultMapping } from './mapping.ts';
import { createHubSpot } from './target.ts';

/** The manifest: what `tidelock.yaml` names. */
export const adapter: AdapterManifest<'crm', HubSpotOptions> = defineAdapter<'crm', HubSpotOptions>({
  contract: 'crm@1',
  name: '@tidelock/crm-hubspot',
  title: 'HubSpot contacts and meetings',
  options: HubSpotOptionsSchema,
  create: createHubSpot,
  mapping: defaultMapping,
  eventMapping: defaultEventMapping,
});

export { type HubSpotOptions, type HubSpotOptionsInput, HubSpotOptionsSchema } from './config.ts';
export { defaultEventMapping } from './event-mapping.ts';
export { defaultMapping } from './mapping.ts';
export { createHubSpot } from './target.ts';
