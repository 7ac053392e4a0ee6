export type { Admin as HubSpotAdmin, NewOwner, NewProperty } from './admin.ts';
export { ApiError as HubSpotError } from './api-error.ts';
export type {
  HubSpot,
  HubSpotOptions,
} from './hubspot.ts';
export { createHubSpot } from './hubspot.ts';
export type { Oracle as HubSpotOracle, OracleRecord as HubSpotRecord } from './oracle.ts';
export type { PortalSettings as HubSpotSettings, WriteEntry as HubSpotWrite } from './portal.ts';
export type { PrivateApp as HubSpotApp } from './private-apps.ts';
export type { DeliveryReport, Subscription, Webhooks } from './webhooks.ts';
export { signatureV3 } from './webhooks.ts';
