import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openDatabase } from '../src/database.ts';
import { findCandidates, putKeys, toKeyText } from '../src/sync/blocking-keys.ts';

const SIDES = ['a', 'b'] as const;

function openLane() {
  const db = openDatabase(':memory:');
  const lane = db.statement(
    "insert into lane (id, tenant_id, store_a, store_b, label, due_at) values ('l', 't', 'a', 'b', 'x', 0)",
  );
  const n = Number(lane.run().lastInsertRowid);
  const count = (sql: string): number => Number(db.statement(sql).get()?.n);
  return {
    db,
    put: (...records: readonly { side: 'a' | 'b'; id: string; keys: readonly string[] }[]) =>
      db.transaction('test', () => {
        const rows = records.map(({ side, id, keys }) => [side, id, toKeyText(keys)] as const);
        putKeys(db, n, rows);
      }),
    find: (side: 'a' | 'b', keys: readonly string[], cap = 20) => findCandidates(db, n, { side, keys, cap }),
    filed: () => count('select count(*) as n from blocking'),
    unfiled: () => count('select count(*) as n from keyed where filed = 0'),
  };
}

describe('blocking keys', () => {
  it('are filed when somebody looks for candidates on their side, and not before', () => {
    const lane = openLane();
    for (let i = 0; i < 12_000; i++)
      lane.put({ side: 'a', id: `a${i}`, keys: [`k${i % 6_000}`, `only${i}`] });
    lane.put({ side: 'b', id: 'b1', keys: ['k1'] });
    expect([lane.filed(), lane.unfiled()]).toEqual([0, 12_001]);
    expect(lane.find('a', ['k1', 'only7', 'none'])).toEqual(
      new Map([
        ['k1', ['a1', 'a6001']],
        ['only7', ['a7']],
        ['none', []],
      ]),
    );
    expect([lane.filed(), lane.unfiled()]).toEqual([24_000, 1]);
    lane.db.close();
  });

  it('answer as if they were filed at once, whatever is put and asked in whatever order', () => {
    const side = fc.constantFrom(...SIDES);
    const key = fc.constantFrom('k1', 'k2', 'k3', 'k4');
    const record = fc.record({ side, id: fc.constantFrom('1', '2', '3'), keys: fc.array(key) });
    const step = fc.oneof(
      // Of a record that is named twice, the last keys count.
      fc.record({ do: fc.constant('put' as const), records: fc.array(record, { maxLength: 4 }) }),
      fc.record({ do: fc.constant('find' as const), side, keys: fc.uniqueArray(key) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        const lane = openLane();
        const model = new Map<string, readonly string[]>();
        for (const of of steps) {
          if (of.do === 'put') {
            lane.put(...of.records);
            for (const { side, id, keys } of of.records) model.set(side + id, keys);
            continue;
          }
          const having = (wanted: string): string[] =>
            ['1', '2', '3'].filter((id) => model.get(of.side + id)?.includes(wanted));
          expect(lane.find(of.side, of.keys)).toEqual(
            new Map(of.keys.map((wanted) => [wanted, having(wanted)])),
          );
        }
        lane.db.close();
      }),
    );
  });
});
