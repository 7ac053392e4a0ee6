import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createReferenceFixture, REFERENCE_CAPABILITIES, type ReferenceFixture } from '@tidelock/conformance';
import { EXIT, run } from '../src/index.ts';

/** What the fake adapters of this process reach through `globalThis`. */
interface Sides {
  readonly a: ReferenceFixture;
  readonly b: ReferenceFixture;
  mailboxState: string;
  signIn: 'ok' | 'refused';
}

const SCHEMA = "options: { '~standard': { version: 1, vendor: 'fake', validate: (value) => ({ value }) } }";
const FAKES: Readonly<Record<string, string>> = {
  token: `create: () => ({ close: async () => {} })`,
  mailbox: `create: () => ({
    check: async () => [], close: async () => {}, open: () => sides.a.store,
    mailboxes: async (addresses) => addresses.map((address) => ({ id: address, address, displayName: address, state: sides.mailboxState })),
  })`,
  crm: `create: () => ({
    check: async () => { if (sides.signIn === 'refused') throw Object.assign(new Error('the CRM refused the sign-in'), { name: 'AdapterError', kind: 'auth', operation: 'sign-in', remedy: 'Upload the certificate.' }); return []; },
    setup: async () => [], close: async () => {}, open: () => sides.b.store,
    users: async (emails) => emails.map((email) => email.startsWith('nobody') ? null : ({ id: email, email, name: email, active: true })),
    findUsers: async (by, values) => values.map((value) => value.startsWith('nobody') ? [] : [{ id: value, email: value, name: value, active: true }]),
  }),
  mapping: { version: 1, kind: 'contact', fields: ['familyName', 'email', 'phone', 'city'].map((field) => ({
    field, mailbox: field, crm: field, direction: 'both', conflict: 'newer', merge: 'value', blank: 'propagate', optional: false, fallback: [],
  })) }`,
};

const CONFIG = `version: 1
secrets: { adapter: '@tidelock/secrets-file', options: { keys: [{ keyFile: master.key, create: true }] } }
state: { adapter: '@tidelock/state-sqlite' }
token: { adapter: '@fake/token' }
mailbox: { adapter: '@fake/mailbox' }
crm: { adapter: '@fake/crm' }
mailboxes: [{ address: ann@contoso.example, records: all }]
sync: { brake: { least: 2, share: 0 } }
`;

export interface Result {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** The one document on standard output. */
  json(): Record<string, unknown>;
}

export interface Bench {
  readonly path: string;
  readonly sides: Sides;
  tidelock(words: string, more?: RunMore): Promise<Result>;
  dispose(): Promise<void>;
}

export interface RunMore {
  readonly input?: string;
  readonly answers?: readonly string[];
  readonly signal?: AbortSignal;
  readonly env?: Readonly<Record<string, string>>;
  readonly tty?: boolean;
  readonly columns?: number;
}

/** One command line in this process, in `cwd`. */
export async function runIn(cwd: string, words: string, more: RunMore = {}): Promise<Result> {
  let out = '';
  let err = '';
  const answers = [...(more.answers ?? [])];
  const code = await run(words.split(' ').filter(Boolean), {
    cwd,
    env: more.env ?? {},
    signal: more.signal ?? new AbortController().signal,
    terminal: {
      out: (text) => {
        out += text;
      },
      err: (text) => {
        err += text;
      },
      outIsTty: more.tty ?? false,
      errIsTty: more.tty ?? false,
      columns: more.columns ?? 80,
      readInput: async () => more.input ?? '',
      ask: more.answers === undefined ? null : async () => answers.shift() ?? '',
    },
  });
  if (words.includes('--json')) requireDocument(out, code);
  return { code, out, err, json: () => JSON.parse(out) };
}

/** Of every command, whatever becomes of it: one document, and in it the exit code. */
function requireDocument(out: string, code: number): void {
  const { exitCode } = JSON.parse(out) as { readonly exitCode?: unknown };
  if (exitCode !== code) throw new Error(`the document says exit code ${exitCode}, the process ${code}`);
}

/** A configured folder: real secret and state adapters, reference stores as mailbox and CRM. */
export async function createBench(): Promise<Bench> {
  const path = await realpath(await mkdtemp(join(tmpdir(), 'tidelock-cli-')));
  const quick = { ...REFERENCE_CAPABILITIES, batch: { read: 50, write: 50 } };
  const sides: Sides = {
    a: createReferenceFixture(quick),
    b: createReferenceFixture(quick),
    mailboxState: 'ready',
    signIn: 'ok',
  };
  Object.assign(globalThis, { tidelockSides: sides });
  for (const [slot, text] of Object.entries(FAKES)) {
    const place = join(path, 'node_modules/@fake', slot);
    await mkdir(place, { recursive: true });
    const name = `@fake/${slot}`;
    await writeFile(
      join(place, 'package.json'),
      JSON.stringify({ name, type: 'module', exports: './index.js' }),
    );
    const head = `const sides = globalThis.tidelockSides;\nexport const adapter = { contract: '${slot}@1', name: '${name}', title: 'fake',`;
    await writeFile(join(place, 'index.js'), `${head} ${SCHEMA}, ${text} };`);
  }
  await writeFile(join(path, 'tidelock.yaml'), CONFIG);
  return {
    path,
    sides,
    tidelock: (words, more) => runIn(path, words, more),
    dispose: () => rm(path, { recursive: true, force: true }),
  };
}

export { EXIT };
