import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createPlatform } from '@tidelock/host';
import { describe, expect, it, vi } from 'vitest';
import { createBadScene } from '../src/bad-input.ts';
import { range, toOutlook } from '../src/people.ts';

// Each test starts the real program several times.
vi.setConfig({ testTimeout: 180_000 });

const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;

describe('a data folder that cannot be used', () => {
  it('a state file of a newer version is refused and left as it is', async () => {
    await using scene = await createBadScene();
    const file = join(scene.stage.dataDir, 'tidelock.db');
    const setVersion = (version: number): void => {
      const database = new DatabaseSync(file);
      database.exec(`pragma user_version = ${version}`);
      database.close();
    };
    const known = Number(new DatabaseSync(file).prepare('pragma user_version').get()?.user_version);
    setVersion(99);
    const { code, err } = await scene.run();
    expect(code).toBe(2);
    expect(err).toMatch(
      /The database .*tidelock\.db has version 99; this program knows versions up to \d+\.\n.*newer-version\n\s+→ Start the newer program/,
    );
    setVersion(known);
    expect((await scene.run()).code).toBe(0);
    expect(scene.picture().crm).toHaveLength(11);
  });

  it('a second process on the same data folder is turned away, and the first goes on', async () => {
    await using scene = await createBadScene();
    {
      const { configPath, dataDir } = scene.stage;
      await using first = await createPlatform({ configPath, resolveFrom: import.meta.url, env: {} });
      const { code, err } = await scene.run();
      expect(code).toBe(6);
      expect(err).toMatch(
        new RegExp(
          `The data folder ${dataDir} is in use by another Tidelock process\\.(.|\\n)*→ Stop the other process`,
        ),
      );
      const engine = await first.engine();
      await engine.prepare();
      expect((await engine.sync()).settled).toBe(true);
    }
    expect(scene.picture().crm).toHaveLength(11);
    expect((await scene.run()).code).toBe(0);
  });

  it('a folder without the right to write is named, and nothing is half done', async (context) => {
    await using scene = await createBadScene();
    const { stage } = scene;
    const files = readdirSync(stage.dataDir).map((name) => join(stage.dataDir, name));
    if (isRoot) {
      // Root may write anywhere, so the program runs as nobody; that one must be able to read this checkout.
      const probe = spawnSync(
        process.execPath,
        ['-e', "require('node:fs').accessSync(process.argv[1])", import.meta.filename],
        { uid: NOBODY },
      );
      if (probe.status !== 0) context.skip('the checkout is readable for root only');
      chmodSync(stage.folder, 0o755);
      for (const path of [stage.dataDir, ...files]) chownSync(path, NOBODY, NOBODY);
    }
    chmodSync(stage.dataDir, 0o500);
    for (const path of files.filter((name) => /tidelock\.(db|lock)/.test(name))) chmodSync(path, 0o400);
    const options = isRoot ? { uid: NOBODY } : {};
    const before = scene.picture();
    const { code, err } = await scene.run(['sync'], options);
    expect(code).toBe(2);
    expect(err).toContain(stage.dataDir);
    expect(err).toMatch(
      /cannot be opened for writing(.|\n)*→ Give the account that runs the platform write permission/,
    );
    expect(scene.picture()).toEqual(before);
    chmodSync(stage.dataDir, 0o700);
    for (const path of files) chmodSync(path, 0o600);
    expect((await scene.run(['sync'], options)).code).toBe(0);
    expect(scene.picture().crm).toHaveLength(11);
  });

  // Little room: it is full while the feeds are read. More: while the outcomes of writes are noted.
  it.for([900, 2900])(
    'a full disk (%i KiB): says so, keeps what was committed, and goes on when there is room',
    async (size, context) => {
      await using scene = await createBadScene();
      const { stage } = scene;
      const place = `${stage.dataDir}-full`;
      spawnSync('cp', ['-a', stage.dataDir, place]);
      const mount = (options: string) =>
        spawnSync('/bin/mount', ['-t', 'tmpfs', '-o', `${options},mode=700`, 'tmpfs', stage.dataDir]);
      if (!isRoot || mount(`size=${size}k`).status !== 0) {
        return context.skip('no small file system can be mounted here');
      }
      try {
        spawnSync('cp', ['-a', `${place}/.`, stage.dataDir]);
        const { mailboxId } = stage.people.ann ?? { mailboxId: '' };
        const notes = { personalNotes: 'x'.repeat(400) };
        stage.graph.admin.seedContacts(
          mailboxId,
          range(300, 100).map((n) => toOutlook(n, notes)),
        );
        const full = await scene.run();
        expect(full.code).toBe(8);
        expect(full.out).toMatch(
          /failed {2}.*The database .*tidelock\.db cannot grow: the disk is full\. .*\n\s+→ Free space on the disk/,
        );
        mount('remount,size=64m');
        expect((await scene.run()).code).toBe(0);
        const { crm, mailbox } = scene.picture();
        expect(new Set(crm).size).toBe(crm.length);
        expect([crm.length, mailbox.length]).toEqual([311, 311]);
      } finally {
        spawnSync('/bin/umount', ['-l', stage.dataDir]);
      }
    },
  );
});
