import { type CrmVendor, createSandbox, createSystemClock, type Sandbox } from '@tidelock/emulators';
import { serveCalls } from './channel.ts';
import type { Direction } from './direction.ts';
import { type LoadOptions, type LoadResult, runLoad } from './load.ts';
import { COMPANIES, companyAt, toContact, toCrmFields } from './people.ts';
import { type Pages, pageOf } from './same-pages.ts';

// The emulators, in a process of their own, told what to do over IPC.

interface Seed {
  readonly mailbox: number;
  /** Index of the first person. */
  readonly from: number;
  readonly count: number;
}

interface Edit {
  readonly mailbox: number;
  readonly count: number;
  /** Makes the value another one than last time. */
  readonly round: number;
}

export interface Traffic {
  /** HTTP requests at both services, sign-in included. A step inside a batch is none. */
  readonly requests: number;
  /** Writes that arrived, batch steps counted one by one. */
  readonly writes: number;
  /** Requests by method and path with ids left out. */
  readonly kinds: Readonly<Record<string, number>>;
  /** Requests, and steps inside a request, by what they ask for. */
  readonly pages: Pages;
}

const system = createSystemClock();
let offsetMs = 0;

/** How far apart people of a stock were last touched, in milliseconds: 20,000 in half a year. */
const APART_MS = 13 * 60_000;

/**
 * Makes each of the people at an instant of its own, the last one an hour ago. An address book grows over years; one that was filled a
 * moment ago would be read twice, because a feed goes some minutes back behind an enumeration.
 */
function* inThePast({ from, count }: Seed): Generator<number> {
  const present = offsetMs;
  try {
    for (let index = 0; index < count; index += 1) {
      offsetMs = present - 3_600_000 - (count - index) * APART_MS;
      yield from + index;
    }
  } finally {
    offsetMs = present;
  }
}
const clock = { now: () => system.now() + offsetMs, sleep: system.sleep };
let sandbox: Sandbox<CrmVendor> | undefined;
let requests = 0;
const kinds = new Map<string, number>();
const pages = new Map<string, number>();
const accounts = new Map<string, string>();

function opened(): Sandbox<CrmVendor> {
  if (sandbox === undefined) throw new Error('the sandbox is not started');
  return sandbox;
}

const isOf = <V extends CrmVendor>(one: Sandbox<CrmVendor>, vendor: V): one is Sandbox<V> =>
  one.crm.vendor === vendor;

function openedWith<V extends CrmVendor>(vendor: V): Sandbox<V> {
  const one = opened();
  if (!isOf(one, vendor)) throw new Error(`the CRM is not ${vendor}`);
  return one;
}

function mailboxAt(index: number) {
  const mailbox = opened().mailboxes[index];
  if (mailbox === undefined) throw new Error(`there is no mailbox ${index}`);
  return mailbox;
}

const toKind = (method: string, path: string): string =>
  `${method} ${path.replaceAll(/[0-9a-f-]{36}|[A-Za-z0-9_=-]{40,}|00[A-Za-z0-9]{13,16}/g, '*')}`;

/** Companies, and a second app for the bare pump, which signs in by itself. */
function setUp({ crm }: Sandbox<'salesforce'>): void {
  const { admin } = crm.emulator;
  for (const Name of COMPANIES) accounts.set(Name, admin.createAccount({ Name }));
  const runAs = admin.addUser({ username: 'pump@contoso.example' });
  admin.registerApp({ consumerKey: 'pump', secret: 'pump-secret', runAs });
}

async function start(of: {
  readonly folder: string;
  readonly people: readonly string[];
  readonly crm?: CrmVendor;
}) {
  const { crm: vendor = 'salesforce', ...more } = of;
  sandbox = await createSandbox<CrmVendor>({ ...more, crm: vendor, clock });
  if (isOf(sandbox, 'salesforce')) setUp(sandbox);
  for (const { log } of [sandbox.microsoft365, sandbox.crm]) {
    log.keep = 0;
    log.on(({ inBatch, method, path, url }) => {
      const page = method === 'GET' ? pageOf(url) : null;
      if (page !== null) pages.set(page, (pages.get(page) ?? 0) + 1);
      if (inBatch !== undefined) return;
      requests += 1;
      const kind = toKind(method, path);
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    });
  }
  const { configPath, keys, origins, mailboxes } = sandbox;
  return { configPath, keys, origins, mailboxes };
}

const api = {
  start,
  trust: (pems: { readonly mailbox: string; readonly crm: string }): void => opened().trust(pems),
  seedMailbox(seed: Seed): void {
    opened().microsoft365.admin.seedContacts(mailboxAt(seed.mailbox).id, inThePast(seed).map(toContact));
  },
  seedCrm(seed: Seed): void {
    const OwnerId = mailboxAt(seed.mailbox).crmUserId;
    const { admin } = openedWith('salesforce').crm.emulator;
    for (const person of inThePast(seed))
      admin.createContact({ ...toCrmFields(person), AccountId: accounts.get(companyAt(person)), OwnerId });
  },
  /** People in Outlook change a title, of the first contacts. */
  editMailbox({ mailbox, count, round }: Edit): void {
    const { id } = mailboxAt(mailbox);
    const { admin, oracle } = opened().microsoft365;
    for (const contact of oracle.contacts(id).slice(0, count)) {
      admin.updateContact(id, contact.id, { jobTitle: `Title of round ${round}` });
    }
  },
  /** People in the CRM change a title, of the last contacts. */
  editCrm({ count, round }: Edit): void {
    const { admin, oracle } = openedWith('salesforce').crm.emulator;
    for (const contact of oracle.contacts().slice(-count)) {
      admin.updateContact(String(contact.Id), { Title: `Title in round ${round}` });
    }
  },
  /** From now on each request for contacts is answered so many milliseconds later; a step inside another request is not. */
  answerLate({ direction, ms }: { readonly direction: Direction; readonly ms: number }): void {
    const { microsoft365, crm } = openedWith('salesforce');
    const queries = direction === 'out' ? 'queryAll\\?|composite(/sobjects)?$' : 'query(All)?\\?';
    const rule = { times: Number.POSITIVE_INFINITY, fault: { kind: 'delay', ms } } as const;
    microsoft365.faults.inject({ ...rule, match: { path: /\/\$batch$|\/contacts(\/delta)?\?/ } });
    crm.emulator.faults.inject({ ...rule, match: { path: new RegExp(`/data/[^/]+/(${queries})`) } });
  },
  /** Changes at an even rate. Both services tell of them by themselves, a CRM without delay. */
  load(of: LoadOptions): Promise<LoadResult> {
    const one = opened();
    const webhooks = isOf(one, 'hubspot') ? one.crm.emulator.webhooks : null;
    return runLoad(one, of, () => void webhooks?.deliver());
  },
  /** The app of HubSpot whose secret signs what it pushes. */
  hooksApp(): { readonly appId: number; readonly secret: string } {
    const app = openedWith('hubspot').crm.emulator.admin.createPrivateApp({ name: 'Hooks' });
    return { appId: app.appId, secret: app.clientSecret };
  },
  /** From now on HubSpot pushes changed job titles there. */
  pushTitles(of: { readonly appId: number; readonly targetUrl: string }): void {
    const eventType = 'contact.propertyChange';
    openedWith('hubspot').crm.emulator.admin.subscribe({ ...of, eventType, propertyName: 'jobtitle' });
  },
  /** How far searches of HubSpot are behind what was written. */
  searchLag(ms: number): void {
    openedWith('hubspot').crm.emulator.admin.settings.searchLagMs = ms;
  },
  /** Where notifications went, and the last one of each subscription, as an app knows them. */
  notified() {
    const told = new Map<unknown, Readonly<Record<string, unknown>>>();
    let url = '';
    for (const delivery of opened().microsoft365.oracle.deliveries()) {
      if (delivery.kind !== 'changes') continue;
      url = delivery.url;
      for (const item of delivery.items) told.set(item.subscriptionId, item);
    }
    return { url, items: [...told.values()] };
  },
  advance(ms: number): void {
    offsetMs += ms;
  },
  traffic(): Traffic {
    const one = opened();
    const { microsoft365, crm } = one;
    const inCrm = isOf(one, 'salesforce') ? one.crm.emulator.oracle.writes() : crm.writes();
    const writes = microsoft365.oracle.writes().length + inCrm.length;
    return { requests, writes, kinds: Object.fromEntries(kinds), pages: Object.fromEntries(pages) };
  },
  /** The truth behind the wire. */
  holdings(): { readonly mailboxes: readonly number[]; readonly crm: number } {
    const { microsoft365, crm, mailboxes } = opened();
    return {
      mailboxes: mailboxes.map(({ id }) => microsoft365.oracle.counts(id).contacts),
      crm: crm.records().length,
    };
  },
};
export type EmulatorApi = typeof api;

serveCalls(api, async () => {
  await sandbox?.close();
  process.exit(0);
});
