export type {
  CrmEvent,
  CrmEventInput,
  CrmEventWrite,
  CrmInput,
  CrmRecord,
  CrmTraits,
  CrmVendor,
  CrmWrite,
  EmulatedCrm,
} from './crm/index.ts';
export { CRM_VENDORS, createEmulatedCrm, createHubSpotCrm, createSalesforceCrm } from './crm/index.ts';
export type { HubSpot, HubSpotOptions } from './hubspot/index.ts';
export { createHubSpot } from './hubspot/index.ts';
export type { KeyVault, KeyVaultOptions, KeyVaultSettings } from './keyvault/index.ts';
export { createKeyVault } from './keyvault/index.ts';
export type {
  Browser,
  EmulatorClock,
  Exchange,
  ExchangeLog,
  Fault,
  FaultRule,
  Faults,
  ManualClock,
  Random,
  Served,
} from './kit/index.ts';
export { createBrowser, createManualClock, createSystemClock, LostAnswer } from './kit/index.ts';
export type {
  DirectoryRole,
  Forgery,
  Microsoft365Emulator,
  Microsoft365Options,
} from './microsoft365/index.ts';
export { createMicrosoft365, DIRECTORY_ROLES } from './microsoft365/index.ts';
export type { Salesforce, SalesforceOptions } from './salesforce/index.ts';
export { createSalesforce } from './salesforce/index.ts';
export type { Sandbox, SandboxMailbox, SandboxOptions } from './sandbox/index.ts';
export { createSandbox } from './sandbox/index.ts';
