import { join } from 'node:path';
import { createMicrosoft365, createSalesforce, createSystemClock } from '@tidelock/emulators';
import type { Cli } from './cli.ts';
import { writeNewFile } from './new-file.ts';
import { toConfigText } from './setup-config.ts';
import { createSetupKeys } from './setup-keys.ts';

const DOMAIN = 'contoso.example';
const CONSUMER_KEY = 'tidelock-emulated-consumer';
const INTEGRATION_USER = `integration@${DOMAIN}`;
const PEOPLE = ['Ann Archer', 'Bob Baker', 'Cem Cakir'] as const;

const first = (name: string): string => name.split(' ')[0] ?? name;
const addressOf = (name: string): string => `${first(name).toLowerCase()}@${DOMAIN}`;

export interface EmulationOptions {
  /** Folder that gets the configuration and the certificates; must hold none yet. */
  readonly folder: string;
  /** Contacts in each mailbox, and as many owned by each CRM user; a third exists on both sides. */
  readonly contacts: number;
  readonly ports?: { readonly microsoft365?: number; readonly salesforce?: number };
}

export interface Emulation {
  readonly microsoft365: ReturnType<typeof createMicrosoft365>;
  readonly salesforce: ReturnType<typeof createSalesforce>;
  readonly urls: { readonly microsoft365: string; readonly salesforce: string };
  readonly configPath: string;
  readonly caFiles: readonly string[];
  readonly tenantId: string;
  readonly clientId: string;
  readonly consumerKey: string;
  readonly username: string;
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
function seed(
  emulation: Omit<Emulation, 'close' | 'urls' | 'configPath' | 'caFiles'>,
  contacts: number,
): void {
  const { microsoft365, salesforce } = emulation;
  const shift = Math.ceil((contacts * 2) / 3);
  PEOPLE.forEach((name, at) => {
    const mailbox = emulation.mailboxes[at];
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
    salesforce.admin.seedContacts(inCrm.length, (index) => ({
      FirstName: inCrm[index]?.givenName,
      LastName: inCrm[index]?.surname,
      Email: inCrm[index]?.email,
      OwnerId: mailbox.crmUserId,
    }));
  });
}

function createEnds() {
  const microsoft365 = createMicrosoft365();
  const salesforce = createSalesforce({ clock: createSystemClock(), seed: 1 });
  const { id: tenantId } = microsoft365.admin.createTenant({ domain: DOMAIN, displayName: 'Contoso' });
  const { clientId } = microsoft365.admin.registerApp({ tenantId, displayName: 'Tidelock' });
  microsoft365.admin.consent(tenantId, clientId, ['Contacts.ReadWrite', 'User.Read.All']);
  salesforce.admin.addField('Contact', {
    name: 'TidelockKey__c',
    label: 'TidelockKey',
    type: 'string',
    length: 64,
    unique: true,
    externalId: true,
  });
  const mailboxes = PEOPLE.map((name) => {
    const address = addressOf(name);
    const { id } = microsoft365.admin.addUser(tenantId, { mail: address, displayName: name });
    const [firstName, lastName] = name.split(' ') as [string, string];
    const crmUserId = salesforce.admin.addUser({ username: address, email: address, firstName, lastName });
    return { address, id, crmUserId };
  });
  return { microsoft365, salesforce, tenantId, clientId, mailboxes };
}

/** Both emulators on loopback TLS with keys, users, contacts and a configuration that fits them. */
export async function startEmulation(cli: Pick<Cli, 'env'>, options: EmulationOptions): Promise<Emulation> {
  const ends = createEnds();
  const { microsoft365, salesforce, tenantId, clientId, mailboxes } = ends;
  const listen = (port: number | undefined) => (port === undefined ? {} : { port });
  const m365 = await microsoft365.listen(listen(options.ports?.microsoft365));
  const sf = await salesforce.listen(listen(options.ports?.salesforce));
  const close = async () => {
    await Promise.all([m365.close(), sf.close()]);
  };
  try {
    const configPath = join(options.folder, 'tidelock.yaml');
    const caFiles = [join(options.folder, 'microsoft365-ca.pem'), join(options.folder, 'salesforce-ca.pem')];
    const answers = {
      clientId,
      crm: {
        crm: 'salesforce' as const,
        loginUrl: sf.origin,
        consumerKey: CONSUMER_KEY,
        username: INTEGRATION_USER,
      },
      mailboxes: mailboxes.map(({ address }) => ({ address })),
    };
    const emulated = { directoryOrigin: m365.origin, caFiles };
    await writeNewFile(configPath, toConfigText(answers, emulated));
    await writeNewFile(caFiles[0] ?? '', m365.caPem ?? '');
    await writeNewFile(caFiles[1] ?? '', sf.caPem ?? '');
    const keys = await createSetupKeys(cli, { configPath, tenant: tenantId });
    microsoft365.admin.addCertificate(clientId, keys.mailboxPem);
    salesforce.admin.registerApp({ consumerKey: CONSUMER_KEY, certPem: keys.crmPem ?? '', name: 'Tidelock' });
    salesforce.admin.approve(salesforce.admin.addUser({ username: INTEGRATION_USER }), CONSUMER_KEY);
    const emulation = { ...ends, consumerKey: CONSUMER_KEY, username: INTEGRATION_USER };
    seed(emulation, options.contacts);
    return {
      ...emulation,
      urls: { microsoft365: m365.origin, salesforce: sf.origin },
      configPath,
      caFiles,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
