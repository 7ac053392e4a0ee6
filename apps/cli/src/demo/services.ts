import {
  type CrmVendor,
  createEmulatedCrm,
  createMicrosoft365,
  createSystemClock,
  type EmulatedCrm,
  type Microsoft365Emulator,
} from '@tidelock/emulators';
import { createAgenda, fillCalendars } from './agenda.ts';
import { toCrm, toOutlook } from './entry.ts';
import { DEMO_ACCOUNTS, DEMO_DOMAIN, DEMO_USERS, type Population } from './population.ts';
import type { OutlookContact } from './vcard.ts';

/** What the app asks for. */
export const GRANTED = ['Contacts.ReadWrite', 'Calendars.ReadWrite', 'User.Read.All'] as const;

/** One running service: where adapters reach it over TLS, and where a person sees it. */
export interface Reach {
  readonly origin: string;
  readonly caPem: string;
  readonly page: string;
}

/** Both emulated services, filled, on loopback ports of their own. */
export interface Services {
  readonly microsoft365: Microsoft365Emulator;
  readonly crm: EmulatedCrm;
  readonly reach: Readonly<Record<'microsoft365' | 'crm', Reach>>;
  readonly tenantId: string;
  readonly clientId: string;
  /** Directory ids and CRM user ids, in the order of {@link DEMO_USERS}. */
  readonly mailboxIds: readonly string[];
  readonly ownerIds: readonly string[];
  close(): Promise<void>;
}

function buildDirectory(microsoft365: Microsoft365Emulator) {
  const { admin } = microsoft365;
  const tenant = admin.createTenant({ domain: DEMO_DOMAIN, displayName: 'Tidelock Demo' });
  const app = admin.registerApp({
    ...{ tenantId: tenant.id, displayName: 'Tidelock', requiredRoles: GRANTED },
    redirectUris: ['http://localhost/connect/return'],
  });
  const mailboxIds = DEMO_USERS.map(
    (user, index) =>
      admin.addUser(tenant.id, {
        // Somebody has to approve.
        roles: index === 0 ? ['global-administrator'] : [],
        mail: user.address,
        displayName: user.name,
        jobTitle: user.jobTitle,
        timeZone: 'Eastern Standard Time',
      }).id,
  );
  return { tenantId: tenant.id, clientId: app.clientId, mailboxIds };
}

/** Companies and the people who own records. */
function buildCrm(crm: EmulatedCrm): string[] {
  for (const name of DEMO_ACCOUNTS) crm.addCompany(name);
  return DEMO_USERS.map(({ address, name }) => crm.addUser({ email: address, name }));
}

async function serve(
  emulator: Microsoft365Emulator | EmulatedCrm,
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
  options: {
    readonly crm: CrmVendor;
    readonly seed: number;
    readonly imported: readonly OutlookContact[];
  },
): Promise<Services> {
  const clock = createSystemClock();
  const microsoft365 = createMicrosoft365({ clock, seed: options.seed });
  const crm = createEmulatedCrm(options.crm, {
    clock,
    seed: options.seed,
    title: 'Tidelock Demo',
  });
  const directory = buildDirectory(microsoft365);
  const ownerIds = buildCrm(crm);
  population.mailboxes.forEach((entries, index) => {
    const mailbox = directory.mailboxIds[index] ?? '';
    microsoft365.admin.seedContacts(mailbox, entries.map(toOutlook));
    if (index === 0) microsoft365.admin.seedContacts(mailbox, options.imported);
  });
  fillCalendars(microsoft365, directory.mailboxIds, createAgenda(population, clock.now()));
  crm.seed(population.crm.length, (index) => {
    const row = population.crm[index];
    if (row === undefined) throw new TypeError('a row of the CRM is missing');
    return { ...toCrm(row.entry), owner: ownerIds[row.owner] };
  });
  const stack = new AsyncDisposableStack();
  try {
    const reach = {
      microsoft365: await serve(microsoft365, stack),
      crm: await serve(crm, stack),
    };
    return { microsoft365, crm, reach, ...directory, ownerIds, close: () => stack.disposeAsync() };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}
