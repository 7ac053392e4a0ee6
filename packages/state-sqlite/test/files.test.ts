import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { isAdapterError } from '@tidelock/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../src/database.ts';
import { adapter, createSqliteState } from '../src/index.ts';
import { createSyncState } from '../src/sync/sync-state.ts';
import { aBatch, LANE, laneSpec, SIZE } from './batch.ts';
import { firstLine, startChild } from './child.ts';
import { quiet } from './quiet.ts';

let dataDir: string;
let file: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'state-files-'));
  file = join(dataDir, 'tidelock.db');
});
afterEach(() => {
  chmodSync(dataDir, 0o700);
  rmSync(dataDir, { recursive: true, force: true });
});

const open = () => createSqliteState({}, { dataDir, log: quiet });
const modeOf = (path: string): number => statSync(path).mode & 0o777;

async function fill(batches: number): Promise<void> {
  const state = await open();
  await state.sync.saveLanes([laneSpec], 1);
  const lease = await state.sync.acquireLane({ laneId: LANE, owner: 'x', now: 1, ttlMs: 1 });
  const guard = { laneId: LANE, fence: lease?.fence ?? 0 };
  for (let i = 0; i < batches; i++) await state.sync.commitLane({ guard, now: 1, ...aBatch(i) });
  await state.close();
}

describe('files', () => {
  it('are readable by their owner only, the write-ahead log included', async () => {
    const state = await open();
    await state.sync.saveLanes([laneSpec], 1);
    const names = ['tidelock.db', 'tidelock.db-wal', 'tidelock.db-shm', 'tidelock.lock'];
    expect(names.map((name) => modeOf(join(dataDir, name)))).toEqual([0o600, 0o600, 0o600, 0o600]);
    await state.close();
    chmodSync(file, 0o644);
    await (await open()).close();
    expect(modeOf(file)).toBe(0o600);
  });

  it('are kept with full synchronisation in WAL mode, with foreign keys', () => {
    const db = openDatabase(file);
    expect({ ...db.statement('pragma journal_mode').get() }).toEqual({ journal_mode: 'wal' });
    expect({ ...db.statement('pragma synchronous').get() }).toEqual({ synchronous: 2 });
    expect({ ...db.statement('pragma foreign_keys').get() }).toEqual({ foreign_keys: 1 });
    db.close();
  });

  it('are not written where lanes and feeds are saved as they are, which every start does', async () => {
    const state = await open();
    const feed = { id: 'a/contacts', store: 'a', side: 'a', key: 'contacts' } as const;
    const save = async (label: string, key: string): Promise<number> => {
      await state.sync.saveLanes([{ ...laneSpec, label }], 1);
      await state.sync.saveFeeds([{ ...feed, key }]);
      return statSync(`${file}-wal`).size;
    };
    const first = await save('ann', 'contacts');
    expect(await save('ann', 'contacts')).toBe(first);
    const renamed = await save('ben', 'contacts');
    expect(renamed).toBeGreaterThan(first);
    expect(await save('ben', 'people')).toBeGreaterThan(renamed);
    const [lane] = await state.sync.lanes();
    const [saved] = await state.sync.feeds('a');
    expect([lane?.label, saved?.key]).toEqual(['ben', 'people']);
    await state.close();
  });

  it('have the log of a large sync folded into them when it is pruned, and a small log left alone', async () => {
    const state = await open();
    await state.sync.saveLanes([laneSpec], 1);
    const lease = await state.sync.acquireLane({ laneId: LANE, owner: 'x', now: 1, ttlMs: 1 });
    const guard = { laneId: LANE, fence: lease?.fence ?? 0 };
    const keep = { intents: 0, claims: 0, tombstones: 0, values: 0, history: 0 };
    const before = statSync(file).size;
    await state.sync.commitLane({ guard, now: 1, ...aBatch(0) });
    await state.sync.prune(keep);
    expect(statSync(file).size).toBe(before);
    for (let n = 1; n < 40; n++) await state.sync.commitLane({ guard, now: 1, ...aBatch(n) });
    expect(statSync(`${file}-wal`).size).toBeGreaterThan(2 ** 22);
    expect(statSync(file).size).toBe(before);
    await state.sync.prune(keep);
    expect(statSync(file).size).toBeGreaterThan(before + 1_000_000);
    await state.close();
  });

  it('opens under the manifest, with options that are strict', async () => {
    const standard = adapter.options['~standard'];
    expect(await standard.validate({})).toEqual({ value: { file: 'tidelock.db' } });
    expect(await standard.validate({ flie: 'x' })).toHaveProperty('issues');
    const wrong = createSqliteState({ file: '' }, { dataDir, log: quiet });
    await expect(wrong).rejects.toMatchObject({ kind: 'invalid', remedy: expect.stringContaining('file') });
  });
});

describe('a file that cannot be used names itself and the remedy', () => {
  const expectRefusal = async (kind: string, remedy: RegExp): Promise<void> => {
    const before = readFileSync(file);
    await expect(open()).rejects.toMatchObject({
      kind,
      message: expect.stringContaining(file),
      remedy: expect.stringMatching(remedy),
    });
    expect(readFileSync(file).equals(before), 'the file was changed').toBe(true);
    await expect(open(), 'the folder stayed locked').rejects.toMatchObject({ kind });
  };

  it('no database', async () => {
    writeFileSync(
      file,
      'not a database at all, just some text that is long enough to be looked at. '.repeat(60),
    );
    await expectRefusal('invalid', /restore/);
  });

  it('a database of another program', async () => {
    const raw = new DatabaseSync(file);
    raw.exec('create table theirs (x)');
    raw.close();
    await expectRefusal('invalid', /another name/);
  });

  it('a database of a newer version', async () => {
    await (await open()).close();
    const raw = new DatabaseSync(file);
    raw.exec('pragma user_version = 999');
    raw.close();
    await expectRefusal('invalid', /newer program/);
  });

  it('a damaged database', async () => {
    await fill(5);
    const bytes = readFileSync(file);
    bytes.fill(0xab, 4096);
    writeFileSync(file, bytes);
    const broken = (async () => {
      const state = await open();
      try {
        await state.sync.links(LANE, { by: 'page', after: '', limit: 100 });
      } finally {
        await state.close();
      }
    })();
    await expect(broken).rejects.toMatchObject({
      kind: 'invalid',
      message: expect.stringContaining(file),
      remedy: expect.stringContaining('restore'),
    });
  });
});

describe('no room and no right', () => {
  it('a full disk refuses the commit as a whole, and work goes on when there is room again', async () => {
    const db = openDatabase(file);
    const sync = createSyncState(db);
    await sync.saveLanes([laneSpec], 1);
    const lease = await sync.acquireLane({ laneId: LANE, owner: 'x', now: 1, ttlMs: 1 });
    const guard = { laneId: LANE, fence: lease?.fence ?? 0 };
    await sync.commitLane({ guard, now: 1, ...aBatch(0) });
    const pages = Number(db.statement('pragma page_count').get()?.page_count);
    db.exec(`pragma max_page_count = ${pages}`);
    await expect(sync.commitLane({ guard, now: 1, ...aBatch(1) })).rejects.toMatchObject({
      kind: 'unavailable',
      message: expect.stringContaining(file),
      remedy: expect.stringMatching(/^Free space/),
    });
    expect((await sync.counts(LANE, 1)).live).toBe(SIZE);
    db.exec('pragma max_page_count = 1000000');
    await sync.commitLane({ guard, now: 1, ...aBatch(1) });
    expect((await sync.counts(LANE, 1)).live).toBe(2 * SIZE);
    db.close();
  });

  const asRoot = process.getuid?.() === 0;
  it('a folder without the right to write is refused', async () => {
    chmodSync(dataDir, 0o555);
    const refusal = {
      kind: 'forbidden',
      message: expect.stringContaining(dataDir),
      remedy: expect.stringMatching(/permission/),
    };
    if (!asRoot) return expect(open()).rejects.toMatchObject(refusal);
    // Permissions do not bind root: another account tries.
    const child = startChild('holder', [dataDir], 65_534);
    expect(JSON.parse(await firstLine(child))).toMatchObject(refusal);
    await child.exit;
  });

  it('a database without the right to write is refused', async () => {
    await (await open()).close();
    chmodSync(dataDir, 0o777);
    chmodSync(file, 0o444);
    const attempt = async () => {
      if (!asRoot) return open().then(() => ({}));
      const child = startChild('holder', [dataDir], 65_534);
      const said: unknown = JSON.parse(await firstLine(child));
      await child.exit;
      return said;
    };
    const outcome = await attempt().catch((error: unknown) => error);
    expect(isAdapterError(outcome) || typeof outcome === 'object').toBe(true);
    expect(outcome).toMatchObject({ kind: 'forbidden', message: expect.stringContaining(dataDir) });
  });
});
