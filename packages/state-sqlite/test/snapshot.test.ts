import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { adapter } from '../src/index.ts';
import { quiet } from './quiet.ts';

const folders: string[] = [];
const folder = (): string => {
  const made = mkdtempSync(join(tmpdir(), 'sqlite-snapshot-'));
  folders.push(made);
  return made;
};
afterEach(() => {
  for (const one of folders.splice(0)) rmSync(one, { recursive: true, force: true });
});

const options = { file: 'tidelock.db' };
const at = (dataDir: string) => ({ dataDir, log: quiet }) as never;
const lane = (id: string) => ({ id, tenantId: 't', storeA: `a:${id}`, storeB: 'b', label: id });

async function lanesIn(dataDir: string): Promise<string[]> {
  const state = await adapter.create(options, at(dataDir));
  try {
    return (await state.sync.lanes()).map(({ id }) => id).sort();
  } finally {
    await state.close();
  }
}

describe('snapshot', () => {
  it('copies what is committed while the database is open and written to, for its owner only', async () => {
    const dataDir = folder();
    const copy = join(folder(), 'copy.db');
    const state = await adapter.create(options, at(dataDir));
    await state.sync.saveLanes([lane('one'), lane('two')], 1);
    const writing = Array.from({ length: 20 }, (_, i) => state.sync.saveLanes([lane(`later-${i}`)], 2));
    await adapter.snapshot?.(options, at(dataDir), copy);
    await Promise.all(writing);
    await state.close();

    expect((statSync(copy).mode & 0o777).toString(8)).toBe('600');
    const there = folder();
    await adapter.restore?.(options, at(there), copy);
    expect(await lanesIn(there)).toEqual(expect.arrayContaining(['one', 'two']));
  });

  it('is never put over a database, nor beside a process that holds the folder', async () => {
    const dataDir = folder();
    const copy = join(folder(), 'copy.db');
    const state = await adapter.create(options, at(dataDir));
    await adapter.snapshot?.(options, at(dataDir), copy);
    await expect(adapter.restore?.(options, at(dataDir), copy)).rejects.toMatchObject({ kind: 'conflict' });
    await state.close();
    await expect(adapter.restore?.(options, at(dataDir), copy)).rejects.toMatchObject({ code: 'not-empty' });
  });

  it('of something else is refused, and leaves nothing behind', async () => {
    const foreign = join(folder(), 'notes.db');
    writeFileSync(foreign, 'not a database at all, but long enough to be looked at');
    const there = folder();
    await expect(adapter.restore?.(options, at(there), foreign)).rejects.toMatchObject({ kind: 'invalid' });
    expect(existsSync(join(there, 'tidelock.db'))).toBe(false);
    expect(existsSync(join(there, 'tidelock.db.restoring'))).toBe(false);
  });
});
