import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AdapterError, type Fetch } from '@tidelock/core';
import { createPlatform } from '@tidelock/host';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Emulation, startEmulation } from '../src/emulation.ts';

let folder: string;
let emulation: Emulation;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidelock-platform-'));
  emulation = await startEmulation(
    { env: {} },
    { folder: join(folder, 'out'), contacts: 6, crm: 'salesforce' },
  );
});
afterEach(async () => {
  await emulation.close();
  await rm(folder, { recursive: true, force: true });
});

/** No socket: requests go to whichever emulator the host belongs to. */
const inProcess: Fetch = (input, init) => {
  const url = String(input);
  if (url.startsWith(emulation.urls.microsoft365)) return emulation.microsoft365.fetch(url, init);
  return emulation.crm.fetch(new Request(url, init));
};

const open = () =>
  createPlatform({
    configPath: emulation.configPath,
    resolveFrom: import.meta.url,
    overrides: { fetch: inProcess },
    env: {},
  });

test('the real adapters over the emulators in process: checks, plan, sync, and a last look', async () => {
  await using platform = await open();
  const checks = await platform.doctor();
  expect(checks.filter(({ status }) => status !== 'ok')).toEqual([]);
  const engine = await platform.engine();
  const findings = await engine.prepare();
  expect(findings.map(({ laneId }) => laneId)).toEqual((await platform.lanes()).map(({ id }) => id));
  const writes = emulation.crm.writes().length;
  const plan = await engine.plan();
  const steps = plan.flatMap((lane) => lane.plan);
  expect(steps.filter((step) => step.side !== null)).toHaveLength(24);
  expect(emulation.crm.writes().length).toBe(writes);
  expect((await engine.sync()).settled).toBe(true);
  const status = await platform.status();
  expect(status.map(({ counts }) => counts.live)).toEqual([10, 10, 10]);
});

test('a second platform on the same data folder is refused with a remedy', async () => {
  await using _first = await open();
  const error = await open().catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(AdapterError);
  expect(error).toMatchObject({
    kind: 'conflict',
    remedy: expect.stringContaining('Stop the other process'),
  });
});

test('mailboxes out of reach and people without a mailbox are findings; the others go on', async () => {
  const [ann, bob] = emulation.mailboxes;
  emulation.microsoft365.admin.setMailboxState(bob?.id ?? '', 'none');
  await using platform = await open();
  const lanes = await platform.lanes();
  expect(lanes.map(({ mailbox }) => mailbox)).toContain(ann?.address);
  expect(lanes.map(({ mailbox }) => mailbox)).not.toContain(bob?.address);
  expect(platform.findings).toMatchObject([{ severity: 'block', mailbox: bob?.address }]);
  const check = (await platform.doctor()).find(({ text }) => text.startsWith(String(bob?.address)));
  expect(check).toMatchObject({ name: 'mailbox', status: 'fail' });
});
