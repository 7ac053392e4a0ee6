import type { CrmVendor, EmulatedCrm, EmulatedCrmOptions } from './emulated-crm.ts';
import { createHubSpotCrm } from './hubspot-crm.ts';
import { createSalesforceCrm } from './salesforce-crm.ts';

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
  EmulatedCrmOptions,
} from './emulated-crm.ts';
export { createHubSpotCrm } from './hubspot-crm.ts';
export { createSalesforceCrm } from './salesforce-crm.ts';

const CREATE: Readonly<Record<CrmVendor, (options: EmulatedCrmOptions) => EmulatedCrm>> = {
  salesforce: ({ title, ...options }) =>
    createSalesforceCrm({ ...options, ...(title === undefined ? {} : { orgName: title }) }),
  hubspot: ({ title, ...options }) =>
    createHubSpotCrm({ ...options, ...(title === undefined ? {} : { accountName: title }) }),
};

export const CRM_VENDORS = Object.keys(CREATE) as readonly CrmVendor[];

/** One of the emulated CRMs by name. */
export const createEmulatedCrm = (vendor: CrmVendor, options: EmulatedCrmOptions): EmulatedCrm =>
  CREATE[vendor](options);
