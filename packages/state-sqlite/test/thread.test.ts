import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSqliteState, createSqliteStateHere } from '../src/index.ts';
import { aBatch, LANE, laneSpec, SIZE } from './batch.ts';
import { firstLine, startChild } from './child.ts';
import { quiet } from './quiet.ts';

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'state-thread-'));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

const open = () => createSqliteState({}, { dataDir, log: quiet });

describe('a database in a thread of its own', () => {
  it('carries out calls in the order in which they were made, whoever waits for them', async () => {
    const { sync, close } = await open();
    const saved = sync.saveLanes([laneSpec], 1);
    const leased = sync.acquireLane({ laneId: LANE, owner: 'x', now: 1, ttlMs: 60_000 });
    const refused = sync.acquireLane({ laneId: LANE, owner: 'y', now: 1, ttlMs: 60_000 });
    expect(await Promise.all([saved, leased, refused])).toEqual([
      undefined,
      { fence: 1, until: 60_001 },
      null,
    ]);
    const guard = { laneId: LANE, fence: 1 };
    const batches = Array.from({ length: 5 }, (_, n) => sync.commitLane({ guard, now: 1, ...aBatch(n) }));
    const counted = sync.counts(LANE, 1);
    await Promise.all(batches);
    expect((await counted).live).toBe(5 * SIZE);
    await close();
  });

  it('lets the caller go on while it works', async () => {
    const { sync, close } = await open();
    await sync.saveLanes([laneSpec], 1);
    const lease = await sync.acquireLane({ laneId: LANE, owner: 'x', now: 1, ttlMs: 1 });
    const guard = { laneId: LANE, fence: lease?.fence ?? 0 };
    let done = false;
    const commit = sync.commitLane({ guard, now: 1, ...aBatch(0) }).then(() => {
      done = true;
    });
    await Promise.resolve();
    expect(done, 'the commit was carried out by the caller itself').toBe(false);
    await commit;
    await close();
  });

  it('throws what it would throw in place, with all that an error says', async () => {
    const asked = { guard: { laneId: LANE, fence: 7 }, now: 1 };
    const inThread = await open();
    const there = await inThread.sync.commitLane(asked).catch((error: unknown) => error);
    await inThread.close();
    const inPlace = await createSqliteStateHere({}, { dataDir, log: quiet });
    const here = await inPlace.sync.commitLane(asked).catch((error: unknown) => error);
    await inPlace.close();
    const said = (error: unknown) => ({ ...(error as object), message: (error as Error).message });
    expect(said(there)).toEqual(said(here));
    expect(there).toMatchObject({ kind: 'conflict', code: 'old-fence', operation: 'state.commitLane' });
  });

  it('says that it is closed, and can be closed twice', async () => {
    const state = await open();
    await state.close();
    await state.close();
    await expect(state.sync.lanes()).rejects.toMatchObject({ kind: 'unavailable' });
  });

  it('starts no thread for a database that is opened after another one was closed', async () => {
    const threads = async (): Promise<number> => {
      const probe = new Worker('', { eval: true });
      const { threadId } = probe;
      await probe.terminate();
      return threadId;
    };
    const inFolder = (name: string) =>
      createSqliteState({ file: `${name}.db` }, { dataDir: join(dataDir, name), log: quiet });
    for (const name of ['a', 'b', 'c']) mkdirSync(join(dataDir, name));
    const [one, other] = [await inFolder('a'), await inFolder('b')];
    await one.sync.saveLanes([laneSpec], 1);
    expect(await other.sync.lanes(), 'two that are open share a thread').toEqual([]);
    await Promise.all([one.close(), other.close()]);
    const before = await threads();
    for (const name of ['c', 'a', 'b', 'a']) {
      const state = await inFolder(name);
      expect((await state.sync.lanes()).length, name).toBe(name === 'a' ? 1 : 0);
      await state.close();
      await expect(one.sync.lanes(), 'a closed one answers for another').rejects.toMatchObject({
        kind: 'unavailable',
      });
    }
    expect(await threads()).toBe(before + 1);
  });

  it('does not keep a process alive that has nothing more to ask', async () => {
    const child = startChild('forgetful', [dataDir]);
    expect(await firstLine(child)).toBe('committed');
    await child.exit;
    const state = await open();
    expect((await state.sync.counts(LANE, 1)).live).toBe(SIZE);
    await state.close();
  });
});
