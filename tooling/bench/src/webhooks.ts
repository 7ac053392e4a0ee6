import { readFile, writeFile } from 'node:fs/promises';
import { freePort } from '@tidelock-tooling/e2e/free-port';
import { type Bed, openBed } from './bed.ts';
import type { Section } from './bounds.ts';
import { type Remote, startMeasured, startRemote } from './channel.ts';

import type { HookApi } from './hook-process.ts';
import type { LoadApi, LoadReport } from './load-process.ts';
import type { Settings } from './scene.ts';
import { until } from './until.ts';

const MAILBOXES = 100;
const CONTACTS = 3;
const PER_SECOND = 2_000;
const SECONDS = 20;
/** Edits that the syncs have to carry over meanwhile. */
const EDITS_PER_SECOND = 10;
const CONNECTIONS = 64;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function configure({ configPath }: Bed, port: number): Promise<void> {
  const config = JSON.parse(await readFile(configPath, 'utf8')) as Record<string, unknown>;
  const push = { origin: `http://localhost:${port}` };
  await writeFile(configPath, JSON.stringify({ ...config, push }));
}

/** People go on working while somebody floods the hook. */
async function edit({ emulator }: Bed, during: Promise<unknown>): Promise<number> {
  let isOver = false;
  void during.finally(() => {
    isOver = true;
  });
  let edits = 0;
  while (!isOver) {
    await emulator.call('editMailbox', { mailbox: edits % MAILBOXES, count: 1, round: edits });
    edits += 1;
    await pause(1_000 / EDITS_PER_SECOND);
  }
  return edits;
}

/** Processor time of the server while `work` runs and people go on working, in cores. */
async function cores<T>(
  bed: Bed,
  server: Remote<HookApi>,
  work: () => Promise<T>,
): Promise<{ readonly value: T; readonly cores: number; readonly edits: number }> {
  const before = (await server.call('state', undefined)).cpu;
  const started = performance.now();
  const running = work();
  const edits = await edit(bed, running);
  const value = await running;
  const ms = performance.now() - started;
  const after = (await server.call('state', undefined)).cpu;
  return { value, edits, cores: (after.user + after.system - before.user - before.system) / 1_000 / ms };
}

async function flood(bed: Bed, of: { readonly server: Remote<HookApi>; readonly load: Remote<LoadApi> }) {
  const { server, load } = of;
  const { url, items } = await bed.emulator.call('notified', undefined);
  const bodies = items.map((item) => JSON.stringify({ value: [item] }));
  const shared = { url, bodies, connections: CONNECTIONS };
  await load.call('run', { ...shared, perSecond: PER_SECOND / 4, seconds: 5 });
  const before = await server.call('state', undefined);
  const loud = await cores(bed, server, () =>
    load.call('run', { ...shared, perSecond: PER_SECOND, seconds: SECONDS }),
  );
  const after = await server.call('state', undefined);
  const report: LoadReport = loud.value;
  const perSecond = report.sent / (report.ms / 1_000);
  return {
    ...{ report, edits: loud.edits, writes: after.writes - before.writes, taken: after.taken - before.taken },
    turns: after.turns - before.turns,
    loud: loud.cores,
    micros: (loud.cores * 1_000_000) / perSecond,
  };
}

async function measured(bed: Bed, settings: Settings): Promise<Section> {
  const port = await freePort();
  await configure(bed, port);
  const server = startMeasured<HookApi>('hook-process', settings.nodeFlags);
  const load = startRemote<LoadApi>('./load-process.ts');
  try {
    settings.log(`${MAILBOXES} mailboxes are subscribed to`);
    await server.call('open', { configPath: bed.configPath, port });
    await until('subscribed', async () => (await server.call('state', undefined)).live === MAILBOXES);
    for (let mailbox = 0; mailbox < MAILBOXES; mailbox += 1)
      await bed.emulator.call('editMailbox', { mailbox, count: 1, round: -1 });
    await until(
      'one of each told',
      async () => (await bed.emulator.call('notified', undefined)).items.length === MAILBOXES,
    );
    settings.log(`${PER_SECOND} notifications a second for ${SECONDS} s, while syncs run`);
    const { report, writes, turns, micros, loud, ...more } = await flood(bed, { server, load });
    const untaken = report.sent - (report.statuses['202'] ?? 0);
    return {
      name: 'webhooks',
      title: 'Notifications',
      figures: [
        {
          name: `of ${report.sent} notifications, at ${PER_SECOND}/s, not taken`,
          value: untaken,
          unit: '',
          bound: 0,
        },
        { name: 'answered, p99', value: report.p99, unit: 'ms', bound: 50 },
        { name: 'answered, p50', value: report.p50, unit: 'ms', bound: null },
        { name: 'answered, the last one of all', value: report.worst, unit: 'ms', bound: null },
        { name: 'transactions a second for hints', value: writes / (report.ms / 1_000), unit: '', bound: 25 },
        { name: 'looks at mailboxes a second', value: turns / (report.ms / 1_000), unit: '', bound: null },
        { name: 'processor time a notification, syncs included', value: micros, unit: 'us', bound: 500 },
        { name: 'processor time of the server, syncs included', value: loud, unit: 'cores', bound: null },
      ],
      details: { report, writes, turns, loud, ...more },
    };
  } finally {
    await load.close();
    await server.close();
  }
}

/** Server, workers and SQLite in one process; one notification a request, sent at their time whatever the answers do. */
export async function benchWebhooks(settings: Settings): Promise<Section> {
  const bed = await openBed({ nodeFlags: settings.nodeFlags, mailboxes: MAILBOXES });
  try {
    for (let mailbox = 0; mailbox < MAILBOXES; mailbox += 1)
      await bed.emulator.call('seedMailbox', { mailbox, from: mailbox * CONTACTS, count: CONTACTS });
    return await measured(bed, settings);
  } finally {
    await bed.close();
  }
}
