import type { EmulatorClock } from '../kit/index.ts';
import { createMicrosoft365, type Microsoft365Emulator } from '../microsoft365/index.ts';
import { createSalesforce, type Salesforce } from '../salesforce/index.ts';

export interface SandboxMailbox {
  readonly address: string;
  /** In the directory. */
  readonly id: string;
  /** CRM user of the same address. */
  readonly crmUserId: string;
}

/** What an administrator would note down on both sides. */
export interface Connection {
  readonly tenantId: string;
  readonly clientId: string;
  readonly consumerKey: string;
  /** Integration user of the CRM. */
  readonly username: string;
  readonly mailboxes: readonly SandboxMailbox[];
}

export interface Ends extends Connection {
  readonly microsoft365: Microsoft365Emulator;
  readonly salesforce: Salesforce;
}

export interface EndsOptions {
  readonly clock: EmulatorClock;
  readonly seed: number;
  readonly domain: string;
  /** Names of the people who have a mailbox and a CRM user, "Ann Archer". */
  readonly people: readonly string[];
}

const CONSUMER_KEY = 'tidelock-emulated-consumer';
const DAILY_REQUESTS = 10_000_000;

/** Default mapping's optional fields of Contact, which an administrator adds once, and the stamp. */
function addFields({ admin }: Salesforce): void {
  admin.addField('Contact', {
    name: 'TidelockKey__c',
    label: 'TidelockKey',
    type: 'string',
    length: 64,
    unique: true,
    externalId: true,
  });
  admin.addField('Contact', { name: 'Email2__c', type: 'email', label: 'Second email', length: 80 });
  admin.addField('Contact', { name: 'Email3__c', type: 'email', label: 'Third email', length: 80 });
  admin.addField('Contact', { name: 'WebPage__c', type: 'url', label: 'Web page', length: 255 });
  admin.addField('Contact', { name: 'Manager__c', type: 'string', label: 'Manager', length: 128 });
}

function addPerson(
  { microsoft365, salesforce }: Pick<Ends, 'microsoft365' | 'salesforce'>,
  of: { readonly name: string; readonly tenantId: string; readonly domain: string },
): SandboxMailbox {
  const [firstName = '', ...rest] = of.name.split(' ');
  const address = `${of.name.toLowerCase().replaceAll(' ', '.')}@${of.domain}`;
  const { id } = microsoft365.admin.addUser(of.tenantId, { mail: address, displayName: of.name });
  const crmUserId = salesforce.admin.addUser({
    username: address,
    email: address,
    firstName,
    lastName: rest.join(' ') || firstName,
  });
  return { address, id, crmUserId };
}

/** Both services with a tenant, a registered app with consent, an integration user, fields and people. No contacts. */
export function createEnds(options: EndsOptions): Ends {
  const { clock, seed, domain } = options;
  const microsoft365 = createMicrosoft365({ clock, seed });
  const salesforce = createSalesforce({ clock, seed, settings: { dailyApiRequests: DAILY_REQUESTS } });
  const { id: tenantId } = microsoft365.admin.createTenant({ domain, displayName: 'Contoso' });
  const { clientId } = microsoft365.admin.registerApp({ tenantId, displayName: 'Tidelock' });
  microsoft365.admin.consent(tenantId, clientId, ['Contacts.ReadWrite', 'User.Read.All']);
  addFields(salesforce);
  const username = `integration@${domain}`;
  salesforce.admin.approve(salesforce.admin.addUser({ username }), CONSUMER_KEY);
  const mailboxes = options.people.map((name) =>
    addPerson({ microsoft365, salesforce }, { name, tenantId, domain }),
  );
  return { microsoft365, salesforce, tenantId, clientId, consumerKey: CONSUMER_KEY, username, mailboxes };
}

/** Uploads the public certificates (PEM) that the platform will sign in with. */
export function trust(ends: Ends, certificates: { readonly mailbox: string; readonly crm: string }): void {
  ends.microsoft365.admin.addCertificate(ends.clientId, certificates.mailbox);
  ends.salesforce.admin.registerApp({
    consumerKey: ends.consumerKey,
    certPem: certificates.crm,
    name: 'Tidelock',
    policy: 'admin-approved',
  });
}
