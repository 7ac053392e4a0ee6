import {
  createMicrosoft365,
  createSalesforce,
  createSystemClock,
  type Microsoft365Emulator,
  type Salesforce,
} from '@tidelock/emulators';
import { toOutlook, toSalesforce } from './entry.ts';
import { DEMO_ACCOUNTS, DEMO_DOMAIN, DEMO_USERS, type Population } from './population.ts';
import type { OutlookContact } from './vcard.ts';

/** One running service: where adapters reach it over TLS, and where a person sees it. */
export interface Reach {
  readonly origin: string;
  readonly caPem: string;
  readonly page: string;
}

/** Both emulated services, filled, on loopback ports of their own. */
export interface Services {
  readonly microsoft365: Microsoft365Emulator;
  readonly salesforce: Salesforce;
  readonly reach: Readonly<Record<'microsoft365' | 'salesforce', Reach>>;
  readonly tenantId: string;
  readonly clientId: string;
  /** Directory ids and CRM user ids, in the order of {@link DEMO_USERS}. */
  readonly mailboxIds: readonly string[];
  readonly ownerIds: readonly string[];
  close(): Promise<void>;
}

export const STAMP_FIELD = 'TidelockKey__c';
const DAILY_REQUESTS = 10_000_000;

function buildDirectory(microsoft365: Microsoft365Emulator) {
  const { admin } = microsoft365;
  const tenant = admin.createTenant({ domain: DEMO_DOMAIN, displayName: 'Tidelock Demo' });
  const app = admin.registerApp({ tenantId: tenant.id, displayName: 'Tidelock' });
  const mailboxIds = DEMO_USERS.map(
    (user) =>
      admin.addUser(tenant.id, {
        mail: user.address,
        displayName: user.name,
        jobTitle: user.jobTitle,
        timeZone: 'Eastern Standard Time',
      }).id,
  );
  return { tenantId: tenant.id, clientId: app.clientId, mailboxIds };
}

/** Fields that an administrator adds once, accounts, and the people who own records. */
function buildOrg({ admin }: Salesforce): { ownerIds: string[]; accountIds: Map<string, string> } {
  admin.addField('Contact', {
    name: STAMP_FIELD,
    type: 'string',
    length: 64,
    unique: true,
    externalId: true,
  });
  admin.addField('Contact', { name: 'Email2__c', type: 'email', label: 'Second email', length: 80 });
  admin.addField('Contact', { name: 'Email3__c', type: 'email', label: 'Third email', length: 80 });
  admin.addField('Contact', { name: 'WebPage__c', type: 'url', label: 'Web page', length: 255 });
  admin.addField('Contact', { name: 'Manager__c', type: 'string', label: 'Manager', length: 128 });
  const accountIds = new Map(DEMO_ACCOUNTS.map((Name) => [Name as string, admin.createAccount({ Name })]));
  const ownerIds = DEMO_USERS.map((user) => {
    const [firstName = '', lastName = ''] = user.name.split(' ');
    return admin.addUser({ username: user.address, email: user.address, firstName, lastName });
  });
  return { ownerIds, accountIds };
}

async function serve(
  emulator: Microsoft365Emulator | Salesforce,
  stack: AsyncDisposableStack,
): Promise<Reach> {
  const api = await emulator.listen();
  stack.defer(() => api.close());
  // A browser does not know the throw-away authority: the page is on plain HTTP as well.
  const page = await emulator.listen({ tls: false });
  stack.defer(() => page.close());
  if (api.caPem === undefined) throw new TypeError('the emulator served without TLS');
  return { origin: api.origin, caPem: api.caPem, page: `${page.origin}/` };
}

/** Starts and fills both services. `imported` are contacts that go into the first mailbox besides. */
export async function startServices(
  population: Population,
  options: { readonly seed: number; readonly imported: readonly OutlookContact[] },
): Promise<Services> {
  const microsoft365 = createMicrosoft365({ seed: options.seed });
  const salesforce = createSalesforce({
    clock: createSystemClock(),
    seed: options.seed,
    orgName: 'Tidelock Demo',
    settings: { dailyApiRequests: DAILY_REQUESTS },
  });
  const directory = buildDirectory(microsoft365);
  const { ownerIds, accountIds } = buildOrg(salesforce);
  population.mailboxes.forEach((entries, index) => {
    const mailbox = directory.mailboxIds[index] ?? '';
    microsoft365.admin.seedContacts(mailbox, entries.map(toOutlook));
    if (index === 0) microsoft365.admin.seedContacts(mailbox, options.imported);
  });
  salesforce.admin.seedContacts(population.crm.length, (index) => {
    const row = population.crm[index];
    if (row === undefined) throw new TypeError('a row of the CRM is missing');
    const account = accountIds.get(row.entry.company ?? '');
    return {
      ...toSalesforce(row.entry),
      OwnerId: ownerIds[row.owner],
      ...(account === undefined ? {} : { AccountId: account }),
    };
  });
  const stack = new AsyncDisposableStack();
  try {
    const reach = {
      microsoft365: await serve(microsoft365, stack),
      salesforce: await serve(salesforce, stack),
    };
    return { microsoft365, salesforce, reach, ...directory, ownerIds, close: () => stack.disposeAsync() };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}
