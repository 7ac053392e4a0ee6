import { CRM_VENDORS, type CrmVendor } from '@tidelock/emulators';
import { UsageError } from './failure.ts';

/** The emulated CRM that `--crm` names. Throws `UsageError` for another name. */
export function toCrmVendor(name: string): CrmVendor {
  const crm = CRM_VENDORS.find((vendor) => vendor === name);
  if (crm !== undefined) return crm;
  const reason = `there is no emulated CRM "${name}"`;
  throw new UsageError([{ path: '--crm', reason, remedy: `One of: ${CRM_VENDORS.join(', ')}.` }]);
}
