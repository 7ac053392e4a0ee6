import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../src/database.ts';
import { createSqliteState } from '../src/index.ts';
import { LANE, laneSpec } from './batch.ts';
import { quiet } from './quiet.ts';

let dataDir: string;
let file: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'state-group-'));
  file = join(dataDir, 'group.db');
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

/** A database with a table whose rows may only name others of it, and what somebody else sees of it. */
function openWithNumbers() {
  const db = openDatabase(file);
  db.exec(
    'create table number (n integer primary key, above integer references number deferrable initially deferred)',
  );
  const other = new DatabaseSync(file, { readOnly: true });
  const put = (n: number, above: number | null = null): void =>
    db.transaction(
      'test.put',
      () => void db.statement('insert into number (n, above) values (?, ?)').run(n, above),
    );
  const seen = (): unknown[] =>
    other
      .prepare('select n from number order by n')
      .all()
      .map(({ n }) => n);
  const close = (): void => {
    other.close();
    db.close();
  };
  return { db, put, seen, close };
}

describe('transactions of a group', () => {
  it('are seen by others together, at its end', () => {
    const { db, put, seen, close } = openWithNumbers();
    const during = db.group('test.group', () => {
      put(1);
      put(2);
      return seen();
    });
    expect([during, seen()]).toEqual([[], [1, 2]]);
    put(3);
    expect(seen()).toEqual([1, 2, 3]);
    close();
  });

  it('are all or nothing each by itself', () => {
    const { db, put, seen, close } = openWithNumbers();
    db.group('test.group', () => {
      put(1);
      const half = (): void =>
        db.transaction('test.half', () => {
          db.statement('insert into number (n) values (2)').run();
          throw new Error('half way');
        });
      expect(half).toThrow(expect.objectContaining({ operation: 'test.half' }));
      put(3);
    });
    expect(seen()).toEqual([1, 3]);
    close();
  });

  it('are none of them kept where their commit fails, and the next group is a new one', () => {
    const { db, put, seen, close } = openWithNumbers();
    const broken = (): void =>
      db.group('test.group', () => {
        put(1);
        put(2, 99);
      });
    expect(broken).toThrow(expect.objectContaining({ operation: 'test.group' }));
    expect(seen()).toEqual([]);
    db.group('test.group', () => put(4));
    expect(seen()).toEqual([4]);
    close();
  });

  it('are committed before the log is folded', () => {
    const { db, put, seen, close } = openWithNumbers();
    db.exec('create table large (content blob)');
    db.group('test.group', () => {
      db.transaction('test.large', () => db.exec('insert into large values (zeroblob(5000000))'));
      db.fold('test.fold');
      put(1);
    });
    expect(seen()).toEqual([1]);
    close();
  });
});

/** Of the page size of the database, and what stands before each page. */
const FRAME = 4_096 + 24;

it('calls that wait behind a commit share the next one', async () => {
  const state = await createSqliteState({ file: 'group.db' }, { dataDir, log: quiet });
  await state.sync.saveLanes([laneSpec], 1);
  const before = statSync(`${file}-wal`).size;
  const calls = Array.from({ length: 60 }, (_, n) => state.sync.hintLane(n === 30 ? 'nobody' : LANE, 1));
  const results = await Promise.allSettled(calls);
  expect(results.flatMap(({ status }, n) => (status === 'rejected' ? [n] : []))).toEqual([30]);
  const [row] = await state.sync.lanes([LANE]);
  expect(row?.dirtySeq).toBe(59);
  expect((statSync(`${file}-wal`).size - before) / FRAME).toBeLessThan(30);
  await state.close();
});
