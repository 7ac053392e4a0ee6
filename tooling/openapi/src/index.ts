export type { Exchange, ExchangeCheck } from './description.ts';
export { createExchangeCheck, createNotificationCheck, hasSlice } from './graph.ts';
export { createHubSpotCheck, hasHubSpotSlices } from './hubspot.ts';
export { SHARED } from './reference-folder.ts';
