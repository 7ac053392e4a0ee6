import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSecrets } from '@tidelock/host';
import { type Remote, startMeasured, startRemote } from './channel.ts';
import type { EmulatorApi, Traffic } from './emulator-process.ts';
import type { RunnerApi } from './runner-process.ts';
import type { ServeApi } from './serve-process.ts';
import type { SyncApi } from './sync-process.ts';

/** A fresh pair of services with a configured, empty platform beside it. */
export interface Bed {
  readonly emulator: Remote<EmulatorApi>;
  readonly configPath: string;
  readonly origins: { readonly microsoft365: string; readonly crm: string };
  readonly mailboxes: readonly { readonly id: string; readonly crmUserId: string }[];
  readonly caFiles: readonly string[];
  /** Requests and writes that `work` caused. */
  traffic<T>(work: () => Promise<T>): Promise<{ readonly value: T; readonly traffic: Traffic }>;
  /** Starts the process that syncs. It is ended with the bed. */
  startSync(): Remote<SyncApi>;
  /** Starts a process with a runner. It is ended with the bed. */
  startRunner(): Remote<RunnerApi>;
  /** Starts a process with a server. It is ended with the bed. */
  startServer(): Remote<ServeApi>;
  /** Lets time pass on both sides. */
  advance(ms: number): Promise<void>;
  close(): Promise<void>;
}

export interface BedOptions {
  /** Flags of Node for the process that syncs. */
  readonly nodeFlags: readonly string[];
  readonly mailboxes: number;
  /** Default Salesforce. */
  readonly crm?: 'salesforce' | 'hubspot';
}

type Counts = Readonly<Record<string, number>>;

function moreThan(after: Counts, before: Counts): Counts {
  const grown = Object.entries(after).flatMap(([name, count]): [string, number][] => {
    const more = count - (before[name] ?? 0);
    return more === 0 ? [] : [[name, more]];
  });
  return Object.fromEntries(grown);
}

function subtract(after: Traffic, before: Traffic): Traffic {
  return {
    requests: after.requests - before.requests,
    writes: after.writes - before.writes,
    kinds: moreThan(after.kinds, before.kinds),
    pages: moreThan(after.pages, before.pages),
  };
}

async function makeKeys(
  emulator: Remote<EmulatorApi>,
  of: { readonly configPath: string; readonly keys: { readonly mailbox: string; readonly crm: string } },
): Promise<void> {
  await using opened = await openSecrets({ configPath: of.configPath, resolveFrom: import.meta.url });
  const make = async (name: string): Promise<string> => {
    const { der } = await opened.secrets.keys.create(name, { commonName: 'Tidelock benchmark' });
    const base64 = Buffer.from(der).toString('base64');
    return `-----BEGIN CERTIFICATE-----\n${base64.replaceAll(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`;
  };
  await emulator.call('trust', { mailbox: await make(of.keys.mailbox), crm: await make(of.keys.crm) });
}

export async function openBed(options: BedOptions): Promise<Bed> {
  const folder = await mkdtemp(join(tmpdir(), 'tidelock-bench-'));
  const emulator = startRemote<EmulatorApi>('./emulator-process.ts', ['--max-old-space-size=8192']);
  const people = Array.from({ length: options.mailboxes }, (_, index) => `Person ${index + 1}`);
  const { configPath, keys, origins, mailboxes } = await emulator.call('start', {
    ...{ folder, people },
    ...(options.crm === undefined ? {} : { crm: options.crm }),
  });
  await makeKeys(emulator, { configPath, keys });
  const children: Remote<SyncApi>[] = [];
  const others: { close(): Promise<void> }[] = [];
  return {
    emulator,
    configPath,
    origins,
    mailboxes,
    caFiles: [join(folder, 'microsoft365-ca.pem'), join(folder, 'crm-ca.pem')],
    async traffic(work) {
      const before = await emulator.call('traffic', undefined);
      const value = await work();
      const after = await emulator.call('traffic', undefined);
      return { value, traffic: subtract(after, before) };
    },
    startSync() {
      const child = startMeasured<SyncApi>('sync-process', options.nodeFlags);
      children.push(child);
      return child;
    },
    startRunner() {
      const child = startMeasured<RunnerApi>('runner-process', options.nodeFlags);
      others.push(child);
      return child;
    },
    startServer() {
      const child = startMeasured<ServeApi>('serve-process', options.nodeFlags);
      others.push(child);
      return child;
    },
    async advance(ms) {
      await emulator.call('advance', ms);
      for (const child of children) await child.call('advance', ms);
    },
    async close() {
      for (const child of [...children, ...others]) await child.close();
      await emulator.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
