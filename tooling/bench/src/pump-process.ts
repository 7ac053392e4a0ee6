import { readFile } from 'node:fs/promises';
import { getCACertificates } from 'node:tls';
import { Client } from '@microsoft/microsoft-graph-client';
import { createPlatform, createSystemClock, type Platform } from '@tidelock/host';
import { createHttp, type Http } from '@tidelock/kit';
import { Agent, fetch as undiciFetch } from 'undici';
import { serveCalls } from './channel.ts';
import { type Cost, measure } from './cost.ts';
import type { Direction } from './direction.ts';
import { type Row, type Target, toContact, toCrm } from './pump-rows.ts';

// The bare pump: reads every page of one side and writes it to the other in batches as large as the services take,
// with Microsoft's Graph client and the HTTP client of the CRM adapter. It sends the requests that a first sync of this
// direction cannot do without (stamps, look-ups, a last reading of both feeds), throws their answers away, and has no
// engine and no state.

interface Ends {
  readonly configPath: string;
  readonly origins: { readonly microsoft365: string; readonly crm: string };
  readonly caFiles: readonly string[];
}

interface Mailbox {
  readonly id: string;
  readonly crmUserId: string;
}

// What the adapters ask for, field by field: a page with fewer fields takes a service less time, and `same-pages.ts` would refuse it.
const SELECT = [
  'changeKey,createdDateTime,lastModifiedDateTime,parentFolderId,displayName,title,givenName,middleName,surname',
  'generation,nickName,companyName,department,jobTitle,officeLocation,profession,manager,assistantName,spouseName',
  'businessHomePage,personalNotes,birthday,mobilePhone,emailAddresses,businessPhones,homePhones,businessAddress',
  'homeAddress,otherAddress,categories',
].join(',');
const STAMPS = 'Id,OwnerId,CreatedDate,LastModifiedDate,LastModifiedById,SystemModstamp';
const PERSON = [
  'TidelockKey__c,Salutation,FirstName,MiddleName,LastName,Suffix,Account.Name,Title,Department,Email,Email2__c',
  'Email3__c,Phone,OtherPhone,HomePhone,MobilePhone,MailingStreet,MailingCity,MailingState,MailingPostalCode',
  'MailingCountry,OtherStreet,OtherCity,OtherState,OtherPostalCode,OtherCountry,Birthdate,AssistantName,Manager__c',
  'Description,WebPage__c',
].join(',');
const FIELDS = `${STAMPS},${PERSON}`;
/** Of a feed, which tells of what is gone as well. */
const FEED_FIELDS = `${STAMPS},IsDeleted,MasterRecordId,${PERSON}`;

/** Addresses in a question of a look-up: as many as the adapter puts into one. */
const LOOK_UP = 63;
/** Contacts in a page of the CRM's feed: as many as the adapter asks for. */
const CRM_PAGE = 500;

let platform: Platform | undefined;
let graph: Client | undefined;

function graphClient(): Client {
  if (graph === undefined) throw new Error('the pump is not open');
  return graph;
}

let send: ((method: 'GET' | 'POST', path: string, body?: unknown) => Promise<unknown>) | undefined;
let signIn: (() => Promise<void>) | undefined;

async function createCa(files: readonly string[]): Promise<string[]> {
  return [
    ...getCACertificates('default'),
    ...(await Promise.all(files.map((file) => readFile(file, 'utf8')))),
  ];
}

function salesforceOf(http: Http, origin: string) {
  let token = '';
  const call = async (method: 'GET' | 'POST', path: string, body?: unknown): Promise<unknown> => {
    const response = await http.send({
      operation: 'pump',
      method,
      url: `${origin}${path}`,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    if (response.status >= 300) throw new Error(`Salesforce answered ${response.status}`);
    return JSON.parse(response.text);
  };
  const signIn = async (): Promise<void> => {
    const response = await http.send({
      operation: 'pump.sign-in',
      method: 'POST',
      url: `${origin}/services/oauth2/token`,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'grant_type=client_credentials&client_id=pump&client_secret=pump-secret',
    });
    token = (JSON.parse(response.text) as { access_token: string }).access_token;
  };
  return { call, signIn };
}

async function open({ configPath, origins, caFiles }: Ends): Promise<void> {
  const dispatcher = new Agent({ connect: { ca: await createCa(caFiles) } });
  const fetch = (input: unknown, init: unknown) =>
    undiciFetch(input as string, { ...(init as object), dispatcher } as Parameters<typeof undiciFetch>[1]);
  const clock = createSystemClock();
  const http = createHttp({ fetch: fetch as never, clock });
  const salesforce = salesforceOf(http, origins.crm);
  send = salesforce.call;
  const opened = await createPlatform({ configPath, resolveFrom: import.meta.url });
  platform = opened;
  const { tenant } = opened.config.adapters.mailbox.options as { tenant: string };
  let token = '';
  signIn = async () => {
    await salesforce.signIn();
    ({ token } = await opened.token.getToken({ tenant, scope: 'https://graph.microsoft.com/.default' }));
  };
  graph = Client.initWithMiddleware({
    baseUrl: `${origins.microsoft365}/`,
    defaultVersion: 'v1.0',
    middleware: {
      execute: async (context) => {
        const headers = new Headers(context.options?.headers);
        headers.set('Authorization', `Bearer ${token}`);
        context.response = (await fetch(String(context.request), {
          ...context.options,
          headers: Object.fromEntries(headers),
        })) as unknown as Response;
      },
    },
  });
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) =>
    items.slice(at * size, (at + 1) * size),
  );
}

async function writeCrm(rows: readonly Row[], target: Target): Promise<void> {
  for (const records of chunks(rows, 200)) {
    const body = { allOrNone: false, records: records.map((row) => toCrm(row, target)) };
    const results = (await send?.('POST', '/services/data/v66.0/composite/sobjects', body)) as {
      success: boolean;
    }[];
    if (results.some((result) => !result.success)) throw new Error('Salesforce refused a record');
  }
}

const EXPAND =
  "singleValueExtendedProperties($filter=id eq 'String {6f1a5c0e-2f7b-4b0a-9c57-41d6c8e3b2a9} Name TidelockStamp')";

/** Delta pages carry no stamps; the listing does. */
async function readStamps(mailbox: string): Promise<void> {
  let url: string | undefined =
    `/users/${mailbox}/contacts?$top=250&$count=true&$select=${SELECT}&$expand=${EXPAND}`;
  while (url !== undefined) {
    const page: Row = await graphClient().api(url).header('Prefer', 'IdType="ImmutableId"').get();
    url = page['@odata.nextLink'] as string | undefined;
  }
}

/** Is anybody of these in the CRM already? 200 addresses in one request. */
async function lookUp(rows: readonly Row[]): Promise<void> {
  const emails = rows.map((row) => `'${(row.emailAddresses as { address: string }[])[0]?.address}'`);
  const compositeRequest = chunks(emails, LOOK_UP).map((group, index) => {
    const list = group.join(',');
    const where = `Email IN (${list}) OR Email2__c IN (${list}) OR Email3__c IN (${list})`;
    const q = `SELECT ${FIELDS} FROM Contact WHERE (${where}) ORDER BY Id LIMIT 2000`;
    const url = `/services/data/v66.0/query?${new URLSearchParams({ q })}`;
    return { method: 'GET', url, referenceId: `q${index}` };
  });
  await send?.('POST', '/services/data/v66.0/composite', { allOrNone: false, compositeRequest });
}

/** Behind this row, in the order of the feed. */
function behind({ SystemModstamp, Id }: Row): string {
  const stamp = new Date(String(SystemModstamp)).toISOString();
  const later = `SystemModstamp > ${stamp} OR (SystemModstamp = ${stamp} AND Id > '${Id}')`;
  return ` WHERE (${later}) AND SystemModstamp >= ${stamp}`;
}

/** What was written comes back in the feed once. */
async function readBack(): Promise<void> {
  for (let where = ''; ; ) {
    const q = `SELECT ${FEED_FIELDS} FROM Contact${where} ORDER BY SystemModstamp, Id LIMIT ${CRM_PAGE}`;
    const page = (await send?.('GET', `/services/data/v66.0/queryAll?${new URLSearchParams({ q })}`)) as {
      readonly records: readonly Row[];
    };
    const last = page.records.at(-1);
    if (page.records.length < CRM_PAGE || last === undefined) return;
    where = behind(last);
  }
}

async function readDelta(mailbox: string): Promise<void> {
  let url: string | undefined = `/users/${mailbox}/contacts/delta?$select=${SELECT}`;
  while (url !== undefined) {
    const page: Row = await graphClient()
      .api(url)
      .header('Prefer', 'IdType="ImmutableId", odata.maxpagesize=200')
      .get();
    url = page['@odata.nextLink'] as string | undefined;
  }
}

/** Companies by name. */
async function readAccounts(): Promise<ReadonlyMap<unknown, unknown>> {
  const q = 'SELECT Id, Name FROM Account ORDER BY Id LIMIT 2000';
  const page = (await send?.('GET', `/services/data/v66.0/query?${new URLSearchParams({ q })}`)) as {
    readonly records: readonly Row[];
  };
  return new Map(page.records.map(({ Id, Name }) => [Name, Id]));
}

async function pumpOut({ id, crmUserId }: Mailbox): Promise<void> {
  const target: Target = { owner: crmUserId, accounts: await readAccounts() };
  await readStamps(id);
  let url: string | undefined = `/users/${id}/contacts/delta?$select=${SELECT}`;
  while (url !== undefined) {
    const page: Row = await graphClient()
      .api(url)
      .header('Prefer', 'IdType="ImmutableId", odata.maxpagesize=200')
      .get();
    await lookUp(page.value as Row[]);
    await writeCrm(page.value as Row[], target);
    url = page['@odata.nextLink'] as string | undefined;
  }
  await readBack();
}

async function writeMailbox(mailbox: string, rows: readonly Row[]): Promise<void> {
  for (const group of chunks(rows, 20)) {
    const requests = group.map((row, index) => ({
      id: String(index),
      method: 'POST',
      url: `/users/${mailbox}/contacts`,
      headers: { 'Content-Type': 'application/json', Prefer: 'IdType="ImmutableId"' },
      body: toContact(row),
    }));
    const { responses } = (await graphClient().api('/$batch').post({ requests })) as {
      readonly responses: readonly { readonly status: number }[];
    };
    if (responses.some(({ status }) => status !== 201)) throw new Error('Graph refused');
  }
}

async function pumpIn(mailboxes: readonly Mailbox[]): Promise<void> {
  const idOf = new Map(mailboxes.map(({ id, crmUserId }) => [crmUserId, id]));
  for (let after = ''; ; ) {
    const where = after === '' ? '' : ` WHERE Id > '${after}'`;
    const q = `SELECT ${FIELDS} FROM Contact${where} ORDER BY Id LIMIT ${CRM_PAGE}`;
    const page = (await send?.('GET', `/services/data/v66.0/query?${new URLSearchParams({ q })}`)) as {
      readonly records: readonly Row[];
    };
    for (const [owner, rows] of Map.groupBy(page.records, (row) => String(row.OwnerId)))
      await writeMailbox(idOf.get(owner) ?? '', rows);
    if (page.records.length < CRM_PAGE) break;
    after = String(page.records.at(-1)?.Id);
  }
  for (const { id } of mailboxes) await readDelta(id);
}

const api = {
  open,
  pump(of: { readonly direction: Direction; readonly mailboxes: readonly Mailbox[] }): Promise<Cost> {
    // With signing in, as a first sync is measured.
    return measure(async () => {
      await signIn?.();
      if (of.direction === 'in') return pumpIn(of.mailboxes);
      for (const mailbox of of.mailboxes) await pumpOut(mailbox);
    });
  },
};
export type PumpApi = typeof api;

serveCalls(api, async () => {
  await platform?.close();
  process.exit(0);
});
