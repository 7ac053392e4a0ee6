import { readFile, writeFile } from 'node:fs/promises';
import { freePort } from '@tidelock-tooling/e2e/free-port';
import { type Bed, openBed } from './bed.ts';
import type { Figure, Section } from './bounds.ts';
import type { Remote } from './channel.ts';
import { median } from './cost.ts';

import type { LoadOptions } from './load.ts';
import type { Settings } from './scene.ts';
import type { ServeApi } from './serve-process.ts';
import { until } from './until.ts';

const CONTACTS = 5;
const PATIENCE_MS = 30_000;
const REST_MS = 15_000;

const percentile = (values: readonly number[], share: number): number => {
  const sorted = values.toSorted((x, y) => x - y);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
};

/** How far HubSpot's searches are behind what it pushes, as its emulator has it. */
const LAG_MS = 3_000;

interface Way {
  readonly name: string;
  readonly direction: LoadOptions['direction'];
  readonly bounded: boolean;
  /** Of HubSpot's searches. */
  readonly lagMs?: number;
}

const FROM_MAILBOX: readonly Way[] = [{ name: 'Exchange -> Salesforce', direction: 'out', bounded: true }];
/** What a search does not show yet nobody can carry over, however early it was pushed. */
const FROM_CRM: readonly Way[] = [
  { name: 'HubSpot -> Exchange, searches show it at once', direction: 'in', bounded: true, lagMs: 0 },
  { name: 'HubSpot -> Exchange, searches 3 s behind', direction: 'in', bounded: false, lagMs: LAG_MS },
];

/** The configuration is JSON, which is YAML. Answers how HubSpot's app is called that signs what it pushes. */
async function configure(bed: Bed, port: number, crm: 'salesforce' | 'hubspot'): Promise<number | null> {
  const config = JSON.parse(await readFile(bed.configPath, 'utf8')) as { readonly crm: { options: object } };
  const push = { origin: `http://localhost:${port}` };
  const app = crm === 'hubspot' ? await bed.emulator.call('hooksApp', undefined) : null;
  const options = { ...config.crm.options, ...(app !== null && { webhookSecret: app.secret }) };
  // Nobody is there to approve two hundred first plans.
  const server = { firstSync: 'at-once' };
  await writeFile(
    bed.configPath,
    JSON.stringify({ ...config, push, server, crm: { ...config.crm, options } }),
  );
  return app?.appId ?? null;
}

/** A server whose services push, and which has brought both sides in step. */
async function openServer(
  bed: Bed,
  of: { readonly mailboxes: number; readonly crm: 'salesforce' | 'hubspot' },
): Promise<Remote<ServeApi>> {
  const port = await freePort();
  const appId = await configure(bed, port, of.crm);
  const server = bed.startServer();
  await server.call('start', { configPath: bed.configPath, port });
  await until('subscribed', async () => (await server.call('pushed', undefined)).live === of.mailboxes);
  await until(
    'in step',
    async () => (await bed.emulator.call('holdings', undefined)).crm === of.mailboxes * CONTACTS,
  );
  await server.call('quiet', undefined);
  if (appId !== null) {
    const targetUrl = (await server.call('pushed', undefined)).crm.crm ?? '';
    await bed.emulator.call('pushTitles', { appId, targetUrl });
  }
  return server;
}

async function measure(
  {
    bed,
    server,
    settings,
  }: { readonly bed: Bed; readonly server: Remote<ServeApi>; readonly settings: Settings },
  way: Way,
): Promise<{ readonly figures: readonly Figure[]; readonly details: unknown }> {
  const { rate, seconds } = settings.load;
  const { name, direction, bounded, lagMs } = way;
  settings.log(`${rate} changes a second, ${name}, for ${seconds} s`);
  if (lagMs !== undefined) await bed.emulator.call('searchLag', lagMs);
  // What the first sync or another way left to look at again is looked at before.
  await new Promise((resolve) => setTimeout(resolve, REST_MS));
  const cpu = await server.call('cpu', undefined);
  const load = { direction, rate, seconds, patienceMs: PATIENCE_MS };
  const { value, traffic } = await bed.traffic(() => bed.emulator.call('load', load));
  const { latencies, missing } = value;
  const spent = ((await server.call('cpu', undefined)) - cpu) / 1_000 / Math.max(1, latencies.length);
  await server.call('quiet', undefined);
  const bound = (ms: number): number | null => (bounded ? ms : null);
  const figures: Figure[] = [
    { name: `${name}: half of the changes`, value: median(latencies), unit: 'ms', bound: bound(300) },
    { name: `${name}: 99 of 100`, value: percentile(latencies, 0.99), unit: 'ms', bound: bound(1_000) },
    { name: `${name}: the longest`, value: Math.max(...latencies), unit: 'ms', bound: null },
    { name: `${name}: processor a change`, value: spent, unit: 'ms', bound: null },
    { name: `${name}: not arrived`, value: missing, unit: 'changes', bound: 0 },
  ];
  const health = await server.call('health', undefined);
  return { figures, details: { count: latencies.length, traffic, health } };
}

/** How long a change is on its way, under an even load: services push to the routes of a server, and nobody else tells it. */
export async function benchLatency(settings: Settings): Promise<Section> {
  const { mailboxes, rate } = settings.load;
  const figures: Figure[] = [];
  const details: Record<string, unknown> = {};
  for (const [crm, ways] of [
    ['salesforce', FROM_MAILBOX],
    ['hubspot', FROM_CRM],
  ] as const) {
    const bed = await openBed({ nodeFlags: settings.nodeFlags, mailboxes, crm });
    try {
      for (let mailbox = 0; mailbox < mailboxes; mailbox += 1)
        await bed.emulator.call('seedMailbox', { mailbox, from: mailbox * CONTACTS, count: CONTACTS });
      settings.log(`first sync of ${mailboxes} mailboxes with ${crm}`);
      const server = await openServer(bed, { mailboxes, crm });
      for (const way of ways) {
        const measured = await measure({ bed, server, settings }, way);
        figures.push(...measured.figures);
        details[way.name] = measured.details;
      }
    } finally {
      await bed.close();
    }
  }
  const title = `From a committed change to the write, pushed by the services, ${rate} changes/s over ${mailboxes} mailboxes`;
  return { name: 'latency', title, figures, details };
}
