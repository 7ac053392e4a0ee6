import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from '@tidelock/core';

/** What the fake adapters tell about themselves, across module boundaries. */
export interface Trace {
  readonly events: string[];
  readonly options: Record<string, unknown>;
}

export const quiet: Logger = { debug() {}, info() {}, warn() {}, error() {} };

export function trace(): Trace {
  const shared = globalThis as { tidelockTrace?: Trace };
  shared.tidelockTrace ??= { events: [], options: {} };
  return shared.tidelockTrace;
}

export function resetTrace(): void {
  const { events, options } = trace();
  events.length = 0;
  for (const key of Object.keys(options)) delete options[key];
}

const PORTS: Record<string, string> = {
  secrets: `{
    abilities: { store: true, keys: true, wrapper: false, compareAndSet: true, versions: false },
    store: {
      get: async (name) => name === 'tenant-id' ? { name, value: new TextEncoder().encode('tenant-secret-value'), version: '1' } : null,
      list: async () => ['tenant-id'],
    },
    keys: { list: async () => globalThis.tidelockCertificates ?? [] },
    wrapper: {},
  }`,
  state: `{ tenants: {
    dataKeys: async () => [],
    assignments: async () => globalThis.tidelockAssigned ?? [],
    putAssignments: async (rows) => { globalThis.tidelockAssigned = rows; },
    profiles: async () => [], putProfile: async () => {}, removeProfile: async () => {},
    appendAudit: async (rows) => { (globalThis.tidelockAudit ??= []).push(...rows); },
  }, sync: {
    lanes: async () => (globalThis.tidelockLanes ?? []).map((lane) => ({ leaseOwner: null, leaseUntil: 0, dirtySeq: 2, doneSeq: 1, dueAt: 5000, held: null, lastOkAt: 1000, errorKind: null, errorCount: 0, paused: null, ...lane })),
    counts: async () => ({ live: 3, half: 0, out: 0, tomb: 0, merged: 0, detached: 0, dirty: 0, parked: 1, suspects: 0, reviews: 2, openIntents: 0 }),
  } }`,
  token: '{}',
  mailbox: `{
    check: async () => [],
    mailboxes: async (addresses) => addresses.map((address) => ({
      id: 'id-of-' + address.replace('alias.', ''), address, displayName: address,
      state: address.startsWith('out') ? 'out-of-scope' : 'ready',
    })),
    open: (scope) => ({ scope, probe: async () => ({ capabilities: {}, findings: [], catalogue: { email1: { type: 'email', label: 'E-mail', writable: true } } }) }),
  }`,
  crm: `{
    check: async () => { throw Object.assign(new Error('the CRM refused'), { name: 'AdapterError', kind: 'auth', operation: 'sign-in', remedy: 'Sign in again.' }); },
    setup: async () => [{ code: 'stamp', text: 'the stamp field', manual: ['Setup', 'New'], done: false }],
    users: async (emails) => emails.map((email) => email.startsWith('nobody') ? null : { id: 'user-' + email, email, name: email, active: true }),
    open: (scope) => ({ scope, probe: async () => ({ capabilities: {}, findings: [], catalogue: { Email: { type: 'email', label: 'E-mail', writable: true } } }) }),
  }`,
};

function source(slot: string, contract: string, extra: string): string {
  return `
const trace = globalThis.tidelockTrace;
export const adapter = {
  contract: '${contract}', name: '@fake/${slot}', title: 'fake ${slot}',
  options: { '~standard': { version: 1, vendor: 'fake', validate(value) {
    const keys = Object.keys(value).filter((key) => !['tenant', 'region', 'list'].includes(key));
    return keys.length === 0 ? { value } : { issues: keys.map((key) => ({ message: 'unknown option ' + key, path: [key] })) };
  } } },
  ${
    slot === 'crm'
      ? `mapping: { version: 1, kind: 'contact', fields: [
    { field: 'email', mailbox: 'email1', crm: 'Email', direction: 'both', conflict: 'newer', merge: 'value', blank: 'propagate', optional: false, fallback: [] },
    { field: 'phone', mailbox: 'phone1', crm: 'Phone', direction: 'both', conflict: 'newer', merge: 'value', blank: 'propagate', optional: false, fallback: [] },
  ] },`
      : ''
  }
  async create(options, context) {
    ${extra}
    trace.events.push('open ${slot}');
    trace.options['${slot}'] = options;
    trace.options['${slot} context'] = Object.keys(context).sort().join(' ');
    return { ...${PORTS[slot] ?? '{}'}, close: async () => { trace.events.push('close ${slot}'); } };
  },
};
`;
}

export interface FakePackage {
  readonly contract?: string;
  /** Statement at the start of `create`. */
  readonly extra?: string;
  /** Whole module text instead of a working one. */
  readonly text?: string;
}

const MANIFEST = (name: string) => ({
  name,
  version: '1.2.3',
  type: 'module',
  exports: { '.': './index.js', './package.json': './package.json' },
});

export interface FakeFolder {
  readonly path: string;
  /** Writes the configuration and returns its path. */
  config(text: string): Promise<string>;
  addPackage(slot: string, fake: FakePackage, as?: string): Promise<void>;
  remove(): Promise<void>;
}

/** A folder with a configuration and working fake adapters of every contract in its `node_modules`. */
export async function createFakeFolder(): Promise<FakeFolder> {
  trace();
  const path = await realpath(await mkdtemp(join(tmpdir(), 'tidelock-host-')));
  const folder: FakeFolder = {
    path,
    async config(text) {
      const file = join(path, 'tidelock.yaml');
      await writeFile(file, text);
      return file;
    },
    async addPackage(slot, fake, as = `@fake/${slot}`) {
      const place = join(path, 'node_modules', as);
      await mkdir(place, { recursive: true });
      await writeFile(join(place, 'package.json'), JSON.stringify(MANIFEST(as)));
      const text = fake.text ?? source(slot, fake.contract ?? `${slot}@1`, fake.extra ?? '');
      await writeFile(join(place, 'index.js'), text);
    },
    remove: () => rm(path, { recursive: true, force: true }),
  };
  for (const slot of Object.keys(PORTS)) await folder.addPackage(slot, {});
  return folder;
}

export const GOOD = `version: 1
secrets: { adapter: '@fake/secrets' }
state: { adapter: '@fake/state' }
token: { adapter: '@fake/token' }
mailbox:
  adapter: '@fake/mailbox'
  options: { tenant: { secret: tenant-id } }
crm: { adapter: '@fake/crm' }
mailboxes:
  - address: ann@contoso.example
`;
