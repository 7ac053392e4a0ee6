import type {
  ContextOf,
  LogData,
  Logger,
  MailboxPort,
  RecordStore,
  StoreRecord,
  TokenProvider,
  Write,
} from '@tidelock/core';
import { createMicrosoft365, type Microsoft365Options } from '@tidelock/emulators';
import { createExchangeMailboxes, type ExchangeOptionsInput, ExchangeOptionsSchema } from '../index.ts';
import { createVirtualClock } from './virtual-clock.ts';

export const START = Date.UTC(2026, 10, 23, 9);
export const ORIGIN = 'https://graph.microsoft.com';
export const ROLES = ['Contacts.ReadWrite', 'Calendars.ReadWrite', 'User.Read.All', 'GroupMember.Read.All'];
export const stampOf = (seed: number): string =>
  `0b6d2b6e-53a4-5c1e-8d7e-${seed.toString(16).padStart(12, '0')}`;

/** What the emulator's Entra would issue, without the certificate: an access token of the emulated tenant. */
export type Emulator = ReturnType<typeof createMicrosoft365>;

export interface Seen {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  readonly body: unknown;
}

type Intercept = (seen: Seen, init: RequestInit) => Promise<Response> | undefined;

export const json = (
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Response> =>
  Promise.resolve(
    new Response(JSON.stringify(body), {
      status,
      headers: { 'content-type': 'application/json', ...headers },
    }),
  );

export const never = (init: RequestInit): Promise<Response> =>
  new Promise((_, reject) => init.signal?.addEventListener('abort', () => reject(init.signal?.reason)));

export interface WorldOptions {
  readonly options?: Partial<ExchangeOptionsInput>;
  readonly emulator?: Microsoft365Options;
  readonly roles?: readonly string[];
}

interface Tokens extends TokenProvider {
  readonly renewals: (string | undefined)[];
  readonly issued: string[];
}

/** Signs in at the emulated Entra with a registered certificate. */
export type SignIn = (emulator: Emulator, given: { tenantId: string; clientId: string }) => Promise<string>;

function createTokens(issue: () => Promise<string>): Tokens {
  let present: string | undefined;
  const renewals: (string | undefined)[] = [];
  const issued: string[] = [];
  const renew = async () => {
    present = await issue();
    issued.push(present);
    return { token: present, expiresAt: START + 3_600_000 };
  };
  return {
    renewals,
    issued,
    getToken: async ({ signal }) => {
      signal?.throwIfAborted();
      return present === undefined ? renew() : { token: present, expiresAt: START + 3_600_000 };
    },
    renewToken: async ({ claims }) => {
      renewals.push(claims);
      return renew();
    },
    forget: () => {
      present = undefined;
    },
    close: async () => {},
  };
}

function createLog(lines: string[]): Logger {
  const write = (event: string, data?: LogData): void => void lines.push(JSON.stringify({ event, ...data }));
  return { debug: write, info: write, warn: write, error: write };
}

/** The adapter on the emulated Microsoft 365, on one clock, with everything that was sent. */
export async function createWorld(given: WorldOptions & { signIn: SignIn }) {
  const clock = createVirtualClock(START);
  const emulator = createMicrosoft365({ clock, seed: 7, churn: { share: 0 }, ...given.emulator });
  const { admin } = emulator;
  const tenantId = admin.createTenant({ domain: 'contoso.example', displayName: 'Contoso' }).id;
  const clientId = admin.registerApp({ tenantId, displayName: 'Tidelock' }).clientId;
  admin.consent(tenantId, clientId, given.roles ?? ROLES);
  const addUser = (name: string) =>
    admin.addUser(tenantId, { mail: `${name}@contoso.example`, displayName: name }).id;
  const ann = addUser('ann');
  const ben = addUser('ben');

  const seen: Seen[] = [];
  const lines: string[] = [];
  const control: { intercept: Intercept | undefined } = { intercept: undefined };
  const fetch = async (input: string | URL, init: RequestInit = {}): Promise<Response> => {
    const body: unknown = typeof init.body === 'string' ? JSON.parse(init.body) : undefined;
    const entry = {
      method: init.method ?? 'GET',
      url: new URL(input),
      headers: new Headers(init.headers),
      body,
    };
    seen.push(entry);
    const other = control.intercept?.(entry, init);
    return other ?? clock.hold(() => emulator.fetch(input, init));
  };
  let random = 0;
  const tokens = createTokens(() => given.signIn(emulator, { tenantId, clientId }));
  const context: ContextOf['mailbox'] = {
    clock,
    fetch,
    random: {
      next: () => 0.5,
      uuid: () => `00000000-0000-4000-8000-${String(++random).padStart(12, '0')}`,
    },
    log: createLog(lines),
    dataDir: '/nowhere',
    secrets: {} as ContextOf['mailbox']['secrets'],
    token: tokens,
  };
  const options = ExchangeOptionsSchema.parse({ tenant: tenantId, ...given.options });
  const port: MailboxPort = createExchangeMailboxes(options, context);
  const store: RecordStore = port.open({ mailbox: ann, kind: 'contact' });
  return {
    clock,
    emulator,
    admin,
    tenantId,
    clientId,
    ann,
    ben,
    seen,
    lines,
    control,
    tokens,
    context,
    options,
    port,
    store,
  };
}

export type World = Awaited<ReturnType<typeof createWorld>>;

/** Requests the service counts: the steps of batches, and everything else. */
export function counted(seen: readonly Seen[]): readonly { method: string; url: string }[] {
  return seen.flatMap(({ method, url, body }) =>
    url.pathname.endsWith('/$batch')
      ? (body as { requests: { method: string; url: string }[] }).requests
      : [{ method, url: `${url.pathname}${url.search}` }],
  );
}

export async function found(store: RecordStore, id: string): Promise<StoreRecord> {
  const [result] = await store.read([id]);
  if (result?.state !== 'found') throw new Error(`read says ${result?.state}`);
  return result.record;
}

export const update = (record: StoreRecord, patch: Extract<Write, { op: 'update' }>['patch']): Write => ({
  op: 'update',
  id: record.id,
  version: record.version,
  current: record,
  patch,
});

export async function drain(store: RecordStore, cursor: string | null = null) {
  const [feed] = await store.feeds();
  const changes = [];
  let at = cursor;
  for (let pages = 1; ; pages += 1) {
    const page = await store.changes(feed?.key ?? '', at);
    changes.push(...page.changes);
    at = page.cursor;
    if (!page.more) return { changes, cursor: at, pages };
  }
}

/** What a promise was rejected with. */
export const failure = (work: Promise<unknown>): Promise<Record<string, unknown>> =>
  work.then(
    () => {
      throw new Error('expected a failure');
    },
    (error: unknown) => error as Record<string, unknown>,
  );

export const create = (seed: number, fields = {}): Write => ({
  op: 'create',
  stamp: stampOf(seed),
  fields: { surname: `S${seed}`, ...fields },
});
