import { join } from 'node:path';
import {
  type CrmVendor,
  createEmulatedCrm,
  createMicrosoft365,
  createSystemClock,
  type DirectoryRole,
  type EmulatedCrm,
} from '@tidelock/emulators';
import type { Cli } from './cli.ts';
import { writeNewFile } from './new-file.ts';
import { type CrmAnswers, NAMES, toConfigText } from './setup-config.ts';
import { createSetupKeys } from './setup-keys.ts';

const DOMAIN = 'contoso.example';
const PEOPLE = ['Ann Archer', 'Bob Baker', 'Cem Cakir'] as const;

/** Calendars are for profiles that have events. */
const ROLES = ['Contacts.ReadWrite', 'Calendars.ReadWrite', 'User.Read.All'];

const first = (name: string): string => name.split(' ')[0] ?? name;
const addressOf = (name: string): string => `${first(name).toLowerCase()}@${DOMAIN}`;

export interface EmulationOptions {
  /** Folder that gets the configuration and the certificates; must hold none yet. */
  readonly folder: string;
  /** Contacts in each mailbox, and as many owned by each CRM user; a third exists on both sides. */
  readonly contacts: number;
  readonly crm: CrmVendor;
  readonly ports?: { readonly microsoft365?: number; readonly crm?: number };
}

export interface Emulation {
  readonly microsoft365: ReturnType<typeof createMicrosoft365>;
  readonly crm: EmulatedCrm;
  readonly urls: { readonly microsoft365: string; readonly crm: string };
  readonly configPath: string;
  readonly caFiles: readonly string[];
  readonly tenantId: string;
  readonly clientId: string;
  /** What the CRM is signed in to with, for whoever wants to try it by hand. */
  readonly credentials: Readonly<Record<string, string>>;
  readonly mailboxes: readonly {
    readonly address: string;
    readonly id: string;
    readonly crmUserId: string;
  }[];
  close(): Promise<void>;
}

const GIVEN = ['Ada', 'Ben', 'Clara', 'David', 'Eva', 'Finn', 'Grace', 'Hugo', 'Ida', 'Jon'];
const FAMILY = [
  'Adams',
  'Brown',
  'Clark',
  'Davis',
  'Evans',
  'Frank',
  'Green',
  'Hill',
  'Irwin',
  'Jones',
  'King',
];

function personAt(index: number, of: string) {
  const givenName = GIVEN[index % GIVEN.length] ?? '';
  const surname = FAMILY[Math.floor(index / GIVEN.length) % FAMILY.length] ?? '';
  const email = `${givenName}.${surname}.${index}@${first(of).toLowerCase()}-customers.example`.toLowerCase();
  return { givenName, surname, email };
}

/** Mailbox contacts 0..n-1, CRM contacts from two thirds of n on: the last third of the mailbox exists twice. */
function seed(ends: ReturnType<typeof createEnds>, contacts: number): void {
  const { microsoft365, crm } = ends;
  const shift = Math.ceil((contacts * 2) / 3);
  PEOPLE.forEach((name, at) => {
    const mailbox = ends.mailboxes[at];
    if (mailbox === undefined) return;
    const people = Array.from({ length: contacts + shift }, (_, index) => personAt(index, name));
    microsoft365.admin.seedContacts(
      mailbox.id,
      people.slice(0, contacts).map(({ givenName, surname, email }) => ({
        givenName,
        surname,
        displayName: `${givenName} ${surname}`,
        emailAddresses: [{ address: email, name: `${givenName} ${surname}` }],
      })),
    );
    const inCrm = people.slice(shift);
    crm.seed(inCrm.length, (index) => ({
      firstName: inCrm[index]?.givenName,
      lastName: inCrm[index]?.surname,
      email: inCrm[index]?.email,
      owner: mailbox.crmUserId,
    }));
  });
}

function createEnds(vendor: CrmVendor) {
  const microsoft365 = createMicrosoft365();
  const crm = createEmulatedCrm(vendor, { clock: createSystemClock(), seed: 1, title: 'Contoso' });
  const { id: tenantId } = microsoft365.admin.createTenant({ domain: DOMAIN, displayName: 'Contoso' });
  const { clientId } = microsoft365.admin.registerApp({
    ...{ tenantId, displayName: 'Tidelock' },
    redirectUris: ['http://localhost/connect/return'],
  });
  microsoft365.admin.consent(tenantId, clientId, ROLES);
  const mailboxes = PEOPLE.map((name, index) => {
    const address = addressOf(name);
    // The first one may consent, so that `tidelock connect` can be tried.
    const roles: DirectoryRole[] = index === 0 ? ['global-administrator'] : [];
    const { id } = microsoft365.admin.addUser(tenantId, { mail: address, displayName: name, roles });
    return { address, id, crmUserId: crm.addUser({ email: address, name }) };
  });
  return { microsoft365, crm, tenantId, clientId, mailboxes };
}

interface SignIn {
  readonly answers: CrmAnswers;
  readonly credentials: Readonly<Record<string, string>>;
  readonly token?: string;
}

/** What a person would answer `init` about this CRM. */
function signInOf(crm: EmulatedCrm, origin: string): SignIn {
  const options = crm.options({ origin, key: NAMES.crmKey });
  if (crm.vendor === 'hubspot') {
    const token = String(options.token);
    return { answers: { crm: 'hubspot', url: origin }, credentials: { token }, token };
  }
  const { consumerKey, username } = options.auth as { consumerKey: string; username: string };
  const credentials = { consumerKey, username };
  return { answers: { crm: 'salesforce', loginUrl: origin, ...credentials }, credentials };
}

/** Both emulators on loopback TLS with keys, users, contacts and a configuration that fits them. */
export async function startEmulation(cli: Pick<Cli, 'env'>, options: EmulationOptions): Promise<Emulation> {
  const { folder, ports = {} } = options;
  const ends = createEnds(options.crm);
  const { microsoft365, crm, tenantId, clientId, mailboxes } = ends;
  const listen = (port: number | undefined) => (port === undefined ? {} : { port });
  const stack = new AsyncDisposableStack();
  try {
    const m365 = await microsoft365.listen(listen(ports.microsoft365));
    stack.defer(() => m365.close());
    const served = await crm.listen(listen(ports.crm));
    stack.defer(() => served.close());
    const configPath = join(folder, 'tidelock.yaml');
    const caFiles = ['microsoft365', crm.vendor].map((name) => join(folder, `${name}-ca.pem`));
    const { answers, credentials, token } = signInOf(crm, served.origin);
    const setup = { clientId, crm: answers, mailboxes: mailboxes.map(({ address }) => ({ address })) };
    await writeNewFile(configPath, toConfigText(setup, { directoryOrigin: m365.origin, caFiles }));
    await writeNewFile(caFiles[0] ?? '', m365.caPem ?? '');
    await writeNewFile(caFiles[1] ?? '', served.caPem ?? '');
    const keys = await createSetupKeys(cli, { configPath, tenant: tenantId, crmToken: token });
    microsoft365.admin.addCertificate(clientId, keys.mailboxPem);
    crm.trust(keys.crmPem ?? '');
    seed(ends, options.contacts);
    const urls = { microsoft365: m365.origin, crm: served.origin };
    return { ...ends, credentials, urls, configPath, caFiles, close: () => stack.disposeAsync() };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}
