import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSqliteState } from '../src/index.ts';
import { LANE, SIZE } from './batch.ts';
import { firstLine, startChild } from './child.ts';
import { quiet } from './quiet.ts';

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'state-crash-'));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

/** Kills the committer right after it acknowledged `acks` commits, so the next one is under way. */
async function commitAndKill(from: number, acks: number): Promise<number> {
  const child = startChild('committer', [dataDir, String(from)]);
  let last = -1;
  let seen = 0;
  child.lines.on('line', (line) => {
    last = Number(line);
    seen += 1;
    if (seen === acks) child.process.kill('SIGKILL');
  });
  await child.exit;
  return last;
}

async function batchSizes(): Promise<Map<number, { links: number; history: number }>> {
  const state = await createSqliteState({}, { dataDir, log: quiet });
  const sizes = new Map<number, { links: number; history: number }>();
  const of = (batch: number) => {
    const entry = sizes.get(batch) ?? { links: 0, history: 0 };
    sizes.set(batch, entry);
    return entry;
  };
  let after = '';
  for (;;) {
    const page = await state.sync.links(LANE, { by: 'page', after, limit: 500 });
    for (const link of page) of(Number(link.id.split('-')[0])).links += 1;
    const last = page.at(-1);
    if (last === undefined) break;
    after = last.id;
  }
  for (const row of await state.sync.history(LANE, { limit: 1_000_000 }))
    of(Number(row.runId.slice(4))).history += 1;
  const counts = await state.sync.counts(LANE, 1);
  expect(counts.live).toBe([...sizes.values()].reduce((sum, size) => sum + size.links, 0));
  await state.close();
  return sizes;
}

describe('kill -9', () => {
  it('never loses an acknowledged commit and never half-applies one', async () => {
    let next = 0;
    for (const acks of [1, 4, 13, 29]) {
      const last = await commitAndKill(next, acks);
      expect(last).toBeGreaterThanOrEqual(next + acks - 1);
      const sizes = await batchSizes();
      for (let batch = 0; batch <= last; batch++) {
        expect(sizes.get(batch), `acknowledged commit ${batch}`).toEqual({ links: SIZE, history: SIZE });
      }
      for (const [batch, size] of sizes)
        expect(size, `commit ${batch}`).toEqual({ links: SIZE, history: SIZE });
      next = Math.max(...sizes.keys()) + 1;
    }
  });
});

describe('the data folder', () => {
  it('is refused to a second process, by name and with a remedy, until the first one dies', async () => {
    const holder = startChild('holder', [dataDir]);
    expect(JSON.parse(await firstLine(holder))).toEqual({ opened: true });
    const attempt = createSqliteState({}, { dataDir, log: quiet });
    await expect(attempt).rejects.toMatchObject({
      kind: 'conflict',
      message: expect.stringContaining(dataDir),
      remedy: expect.stringMatching(/^Stop the other process/),
    });
    await expect(createSqliteState({ file: 'second.db' }, { dataDir, log: quiet })).rejects.toThrow(dataDir);
    holder.process.kill('SIGKILL');
    await holder.exit;
    const state = await createSqliteState({}, { dataDir, log: quiet });
    const late = startChild('holder', [dataDir]);
    expect(JSON.parse(await firstLine(late))).toMatchObject({ kind: 'conflict' });
    await late.exit;
    await state.sync.lanes();
    await state.close();
  });

  it('is refused to a second opening in the same process, and free after close', async () => {
    const first = await createSqliteState({}, { dataDir, log: quiet });
    await expect(createSqliteState({}, { dataDir, log: quiet })).rejects.toMatchObject({ kind: 'conflict' });
    const other = startChild('holder', [dataDir]);
    expect(JSON.parse(await firstLine(other))).toMatchObject({ kind: 'conflict' });
    await other.exit;
    await first.close();
    const second = await createSqliteState({}, { dataDir, log: quiet });
    await second.close();
  });
});
