import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CrmVendor } from '@tidelock/emulators';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Emulation, startEmulation } from '../src/emulation.ts';
import { EXIT } from './fake-sides.ts';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const CONTACTS = 9;

let folder: string;
let emulation: Emulation;
const start = (crm: CrmVendor): Promise<Emulation> =>
  startEmulation({ env: {} }, { folder: join(folder, crm), contacts: CONTACTS, crm });

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidelock-emulated-'));
  emulation = await start('salesforce');
});
afterEach(async () => {
  await emulation.close();
  await rm(folder, { recursive: true, force: true });
});

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

/** The real program in a process of its own. */
async function tidelock(
  words: string,
  env: Record<string, string> = {},
  started: (child: ChildProcess) => void = () => {},
): Promise<Ended> {
  const argv = ['--conditions=@tidelock/source', MAIN, '--config', emulation.configPath, ...words.split(' ')];
  const child = spawn(process.execPath, argv, { env: { ...process.env, ...env }, stdio: 'pipe' });
  started(child);
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return { code, signal, out, err };
}

const inCrm = (): number => emulation.crm.records().length;
const inMailboxes = (): number =>
  emulation.mailboxes.reduce((sum, { id }) => sum + emulation.microsoft365.oracle.contacts(id).length, 0);

test('the whole way over TLS: doctor, plan, sync, status', async () => {
  const doctor = await tidelock('doctor');
  expect(doctor.code, doctor.out + doctor.err).toBe(EXIT.ok);
  const before = [inCrm(), inMailboxes()];
  const plan = await tidelock('plan --json');
  expect(plan.code).toBe(EXIT.ok);
  expect(JSON.parse(plan.out).lanes).toHaveLength(3);
  expect([inCrm(), inMailboxes()]).toEqual(before);
  const sync = await tidelock('sync');
  expect(sync.code, sync.err).toBe(EXIT.ok);
  expect([inCrm(), inMailboxes()]).toEqual([45, 45]);
  expect(sync.out).toContain('a last look found nothing to do');
  expect((await tidelock('status')).out).toMatch(/ann@contoso\.example +default +15/);
  const email = emulation.crm.records().find(({ values }) => values.email)?.values.email ?? '';
  const why = await tidelock(`why ${email}`);
  expect(why.code, why.err).toBe(EXIT.ok);
  expect(why.out).toContain('In step since');
  expect((await tidelock('history --limit 3')).out).toMatch(/^When +Run +.*Why\n/);
});

test('with HubSpot, whose token stands in the secret store and nowhere else', async () => {
  await emulation.close();
  emulation = await start('hubspot');
  const config = await readFile(emulation.configPath, 'utf8');
  expect(config).toContain('@tidelock/crm-hubspot');
  expect(config).not.toContain(emulation.credentials.token);
  const sync = await tidelock('sync');
  expect(sync.code, sync.out + sync.err).toBe(EXIT.ok);
  expect([inCrm(), inMailboxes()]).toEqual([45, 45]);
});

test('killed at an effect, the next sync finishes without a duplicate', async () => {
  const counted = join(folder, 'effects');
  for (const at of ['40:after', '90', '60:after']) {
    const killed = await tidelock('sync', { TIDELOCK_CRASH_AT: at });
    expect(killed.signal).toBe('SIGKILL');
  }
  const end = await tidelock('sync', { TIDELOCK_COUNT_EFFECTS: counted });
  expect(Number(await readFile(counted, 'utf8'))).toBeGreaterThan(0);
  expect([EXIT.ok, EXIT.partial]).toContain(end.code);
  const emails = emulation.crm.records().map(({ values }) => values.email);
  expect(new Set(emails).size).toBe(emails.length);
});

test('Ctrl-C in the middle of a sync: exit code 130, and the next one goes on from there', async () => {
  const before = inMailboxes();
  emulation.microsoft365.admin.configure({ latencyMs: 150 });
  const stopped = await tidelock('sync', {}, (child) => {
    const poll = setInterval(() => {
      if (inMailboxes() === before && child.exitCode === null) return;
      clearInterval(poll);
      child.kill('SIGINT');
    }, 10);
  });
  expect(stopped.code, stopped.err).toBe(EXIT.interrupted);
  expect(stopped.out + stopped.err).toMatch(/othing is lost/);
  expect(inMailboxes() + inCrm()).toBeLessThan(90);
  emulation.microsoft365.admin.configure({ latencyMs: 0 });
  const end = await tidelock('sync');
  expect(end.code, end.out + end.err).toBe(EXIT.ok);
  expect([inCrm(), inMailboxes()]).toEqual([45, 45]);
});
