import { type CrmVendor, createHubSpotCrm, createSalesforceCrm, type EmulatedCrm } from '../crm/index.ts';
import type { EmulatorClock } from '../kit/index.ts';
import { createMicrosoft365, type Microsoft365Emulator } from '../microsoft365/index.ts';

export interface SandboxMailbox {
  readonly address: string;
  /** In the directory. */
  readonly id: string;
  /** CRM user of the same address. */
  readonly crmUserId: string;
}

/** Each CRM with its emulator, which knows what only that CRM has. */
export interface SandboxCrms {
  readonly salesforce: ReturnType<typeof createSalesforceCrm>;
  readonly hubspot: ReturnType<typeof createHubSpotCrm>;
}

/** What an administrator would note down of the directory. */
export interface Connection {
  readonly tenantId: string;
  readonly clientId: string;
  readonly mailboxes: readonly SandboxMailbox[];
}

export interface Ends<V extends CrmVendor> extends Connection {
  readonly microsoft365: Microsoft365Emulator;
  readonly crm: SandboxCrms[V];
}

export interface EndsOptions<V extends CrmVendor> {
  readonly crm: V;
  readonly clock: EmulatorClock;
  readonly seed: number;
  readonly domain: string;
  /** Names of the people who have a mailbox and a CRM user, "Ann Archer". */
  readonly people: readonly string[];
}

type CrmOptions = Pick<EndsOptions<CrmVendor>, 'clock' | 'seed'>;

/** Contacts, calendars for profiles that have events, and the directory. */
const ROLES = ['Contacts.ReadWrite', 'Calendars.ReadWrite', 'User.Read.All'];

const CREATE: { readonly [V in CrmVendor]: (options: CrmOptions) => SandboxCrms[V] } = {
  salesforce: createSalesforceCrm,
  hubspot: createHubSpotCrm,
};

function addPerson(
  { microsoft365, crm }: { readonly microsoft365: Microsoft365Emulator; readonly crm: EmulatedCrm },
  of: { readonly name: string; readonly tenantId: string; readonly domain: string },
): SandboxMailbox {
  const { name } = of;
  const address = `${name.toLowerCase().replaceAll(' ', '.')}@${of.domain}`;
  const { id } = microsoft365.admin.addUser(of.tenantId, { mail: address, displayName: name });
  return { address, id, crmUserId: crm.addUser({ email: address, name }) };
}

/** Both services with a tenant, a registered app with consent, an integration, fields and people. No contacts, no events. */
export function createEnds<V extends CrmVendor>(options: EndsOptions<V>): Ends<V> {
  const { clock, seed, domain } = options;
  const microsoft365 = createMicrosoft365({ clock, seed });
  const crm = CREATE[options.crm]({ clock, seed });
  const { id: tenantId } = microsoft365.admin.createTenant({ domain, displayName: 'Contoso' });
  const { clientId } = microsoft365.admin.registerApp({ tenantId, displayName: 'Tidelock' });
  microsoft365.admin.consent(tenantId, clientId, ROLES);
  const mailboxes = options.people.map((name) =>
    addPerson({ microsoft365, crm }, { name, tenantId, domain }),
  );
  return { microsoft365, crm, tenantId, clientId, mailboxes };
}

/** Uploads the public certificates (PEM) that the platform will sign in with. */
export function trust(
  ends: Pick<Ends<CrmVendor>, 'microsoft365' | 'clientId'> & { readonly crm: EmulatedCrm },
  certificates: { readonly mailbox: string; readonly crm: string },
): void {
  ends.microsoft365.admin.addCertificate(ends.clientId, certificates.mailbox);
  ends.crm.trust(certificates.crm);
}
