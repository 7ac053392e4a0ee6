import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBackup, createPlatform, restoreBackup } from '@tidelock/host';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../src/cli.ts';
import { links } from '../src/inspect.ts';
import { range, sample, toOutlook, toRecord } from '../src/people.ts';
import { createWorld, type World } from '../src/world.ts';

const folder = mkdtempSync(join(tmpdir(), 'tidelock-backup-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let identity: string;
let recipient: string;
beforeAll(async () => {
  identity = await generateX25519Identity();
  recipient = await identityToRecipient(identity);
});

let numbers = 0;
const fresh = (name: string): string => {
  numbers += 1;
  return join(folder, `${numbers}-${name}`);
};
const place = (configPath: string) => ({ configPath, resolveFrom: import.meta.url, env: {} });
const backUp = (world: World, out: string) =>
  createBackup(place(world.stage.configPath), { out, lock: { recipients: [recipient] } });
const restore = (file: string, configPath: string, key = identity) =>
  restoreBackup(place(configPath), { file, unlock: { identities: [key] } });

/** Another machine, with nothing but the key of the secret store, which no backup holds. */
function newMachine(world: World): string {
  const machine = fresh('machine');
  mkdirSync(join(machine, 'data'), { recursive: true, mode: 0o700 });
  copyFileSync(join(world.stage.dataDir, 'master.key'), join(machine, 'data', 'master.key'));
  return join(machine, 'tidelock.yaml');
}

async function filled(): Promise<World> {
  const world = await createWorld({ stateFile: 'tidelock.db' });
  world.graph.admin.seedContacts(
    world.person().mailboxId,
    range(6).map((n) => toOutlook(n)),
  );
  world.crm.seed(4, (n) => toRecord(4 + n));
  await world.sync();
  return world;
}

const surnames = (world: World) => ({
  mailbox: world
    .mailbox()
    .map(({ surname }) => String(surname))
    .toSorted(),
  crm: world
    .records()
    .map(({ values }) => values.lastName ?? '')
    .toSorted(),
});

/** What a new process over a restored installation does with the same two services. */
async function syncRestored(world: World, configPath: string) {
  await world.platform().close();
  const platform = await createPlatform({
    ...place(configPath),
    overrides: { clock: world.clock.product },
  });
  try {
    const engine = await platform.engine();
    await engine.prepare();
    const first = await engine.sync();
    const again = await engine.round();
    return { settled: first.settled, idle: again.map(({ counts }) => counts) };
  } finally {
    await platform.close();
  }
}

describe('a backup', () => {
  it('taken while the platform runs, and put on another machine after a day of changes, makes no duplicate and loses nothing', async () => {
    await using world = await filled();
    const file = fresh('day.backup');
    const report = await backUp(world, file);
    expect(report.entries.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['config/tidelock.yaml', 'config/graph-ca.pem', 'secrets', 'state']),
    );
    expect(report.missing.join(' ')).toContain('key of the secret store');
    const before = (await links(world)).length;

    world.later();
    world.graph.admin.seedContacts(
      world.person().mailboxId,
      [20, 21].map((n) => toOutlook(n)),
    );
    const [gone, changed] = world.records();
    world.crm.remove(gone?.id ?? '');
    world.crm.update(changed?.id ?? '', { jobTitle: 'Changed after the backup' });
    await world.sync();
    world.later();

    const configPath = newMachine(world);
    const restored = await restore(file, configPath);
    expect(restored).toMatchObject({ kept: [], secrets: true, lanes: 1 });
    const { settled, idle } = await syncRestored(world, configPath);
    expect(settled).toBe(true);
    expect(idle.map(({ created, updated, deleted }) => created + updated + deleted)).toEqual([0]);
    const { mailbox, crm } = surnames(world);
    expect(before).toBe(8);
    expect(mailbox).toEqual(crm);
    expect(mailbox).toHaveLength(9);
    expect(mailbox).toEqual(expect.arrayContaining([20, 21].map((n) => sample(n).last)));
    expect(world.records().map(({ values }) => values.jobTitle)).toContain('Changed after the backup');
  });

  it('opens for its recipients only, holds nothing in clear, and changes nothing where it is damaged', async () => {
    await using world = await filled();
    const file = fresh('sealed.backup');
    await backUp(world, file);
    expect(readFileSync(file).includes(Buffer.from('contoso'))).toBe(false);
    const configPath = newMachine(world);
    const other = await generateX25519Identity();
    await expect(restore(file, configPath, other)).rejects.toMatchObject({ kind: 'auth', code: 'locked' });
    const cut = fresh('cut.backup');
    copyFileSync(file, cut);
    truncateSync(cut, readFileSync(file).length - 500);
    await expect(restore(cut, configPath)).rejects.toMatchObject({ code: 'damaged' });
    expect(() => readFileSync(configPath)).toThrow('ENOENT');
    await restore(file, configPath);
  });

  it('is never written over another, nor put over an installation; a configuration that is there stays', async () => {
    await using world = await filled();
    const file = fresh('once.backup');
    await backUp(world, file);
    await expect(backUp(world, file)).rejects.toThrow('exists already');
    await expect(restore(file, world.stage.configPath)).rejects.toMatchObject({ kind: 'conflict' });
    const configPath = newMachine(world);
    const own = `# of this machine\n${readFileSync(world.stage.configPath, 'utf8')}`;
    writeFileSync(configPath, own);
    expect((await restore(file, configPath)).kept).toEqual([configPath]);
    expect(readFileSync(configPath, 'utf8')).toBe(own);
  });

  it('is one command on a terminal, and one back', async () => {
    await using world = await filled();
    const passphrase = fresh('passphrase');
    writeFileSync(passphrase, 'correct horse battery staple\n', { mode: 0o600 });
    const file = fresh('cli.backup');
    const cwd = world.stage.folder;
    const made = await runCli(['backup', '--out', file, '--passphrase-file', passphrase], { cwd });
    expect(made).toMatchObject({ code: 0, err: '' });
    expect(made.out).toContain('not in it  The key of the secret store');
    const configPath = newMachine(world);
    const back = ['restore', file, '--config', configPath, '--json'];
    const wrong = await runCli(['restore', file, '--identity', passphrase, '--config', configPath], { cwd });
    expect(wrong.code).toBe(2);
    const done = await runCli([...back, '--passphrase-file', passphrase], { cwd });
    expect(done.code).toBe(0);
    expect(JSON.parse(done.out)).toMatchObject({ lanes: 1, secrets: true, exitCode: 0 });
    const repeated = await runCli([...back, '--passphrase-file', passphrase], { cwd });
    expect(JSON.parse(repeated.out)).toMatchObject({ error: { kind: 'conflict' } });
  });
});
