import assert from 'node:assert/strict';
import type { Suspect } from '@tidelock/core';
import type { StateCase } from './fixture.ts';
import {
  aLink,
  aSuspect,
  type Desk,
  desk,
  LANE,
  NOW,
  OTHER,
  observe,
  putLinks,
  suspectOf,
} from './sample.ts';

async function take(at: Desk, id: string): Promise<Suspect> {
  const found = await suspectOf(at.sync, 'b', id);
  assert.ok(found, `suspect ${id} is missing`);
  return found;
}

async function candidates(at: Desk, key: string, cap = 5): Promise<readonly string[] | undefined> {
  return (await at.sync.candidates(LANE, 'b', [key], cap)).get(key);
}

export const suspectCases: readonly StateCase[] = [
  {
    id: 'state-080',
    title: 'a suspect reads back as reported: what is absent stays absent, and null is not absent',
    async run({ state }) {
      const at = await desk(state);
      const bare = aSuspect('bare');
      const full = aSuspect('full', { side: 'a', why: 'merged', into: 'w', stamp: null, keys: ['k1', 'k2'] });
      await observe(at, { suspects: [bare, full, aSuspect('stamped', { stamp: 's' })] });
      const rows = await at.sync.suspects(LANE, { limit: 9 });
      const plain = rows.map(({ seq: _seq, laneId: _lane, ...rest }) => rest);
      assert.deepEqual(plain, [full, bare, aSuspect('stamped', { stamp: 's' })]);
      assert.deepEqual([...new Set(rows.map((row) => row.laneId))], [LANE]);
      assert.equal((await at.sync.counts(LANE, NOW)).suspects, 3);
    },
  },
  {
    id: 'state-081',
    title: 'a repeated report replaces the row under a new seq, and mono never goes back',
    async run({ state }) {
      const at = await desk(state);
      await observe(at, { suspects: [aSuspect('u', { mono: '5', keys: ['k'], stamp: 's' })] });
      const first = await take(at, 'u');
      await observe(at, { suspects: [aSuspect('u', { why: 'removed', mono: '3', at: NOW + 1 })] });
      const second = await take(at, 'u');
      assert.notEqual(second.seq, first.seq);
      assert.deepEqual(second, {
        ...aSuspect('u', { why: 'removed', mono: '5', at: NOW + 1 }),
        laneId: LANE,
        seq: second.seq,
      });
    },
  },
  {
    id: 'state-082',
    title: 'settling and refining are ignored where the record was reported again meanwhile',
    async run({ state }) {
      const at = await desk(state);
      await observe(at, { suspects: [aSuspect('u'), aSuspect('v')] });
      const [u, v] = [await take(at, 'u'), await take(at, 'v')];
      await observe(at, { suspects: [aSuspect('u'), aSuspect('v')] });
      const stale = { settled: [u], suspects: [{ ...v, why: 'review' as const }] };
      await at.sync.commitLane({ guard: at.guard, now: NOW, ...stale });
      assert.equal((await take(at, 'u')).why, 'unknown');
      assert.equal((await take(at, 'v')).why, 'unknown');
      await at.sync.commitLane({ guard: at.guard, now: NOW, settled: [await take(at, 'u')] });
      assert.equal(await suspectOf(at.sync, 'b', 'u'), undefined);
    },
  },
  {
    id: 'state-083',
    title: 'refining keeps seq, so what was refined can be settled by the same value',
    async run({ state }) {
      const at = await desk(state);
      await observe(at, { suspects: [aSuspect('u')] });
      const known = { ...(await take(at, 'u')), why: 'review' as const, stamp: null, keys: ['mail:x'] };
      await at.sync.commitLane({ guard: at.guard, now: NOW, suspects: [known] });
      assert.deepEqual(await take(at, 'u'), known);
      await at.sync.commitLane({ guard: at.guard, now: NOW, settled: [known] });
      assert.equal(await suspectOf(at.sync, 'b', 'u'), undefined);
    },
  },
  {
    id: 'state-084',
    title: 'the holder may name a suspect that no feed reported',
    async run({ state }) {
      const at = await desk(state);
      const named = { ...aSuspect('n', { why: 'missing' }), laneId: LANE, seq: 0 };
      await at.sync.commitLane({ guard: at.guard, now: NOW, suspects: [named] });
      const found = await take(at, 'n');
      await at.sync.commitLane({ guard: at.guard, now: NOW, settled: [found] });
      assert.equal(await suspectOf(at.sync, 'b', 'n'), undefined);
    },
  },
  {
    id: 'state-085',
    title: 'suspects are paged by side and id, and filtered by reason',
    async run({ state }) {
      const at = await desk(state);
      const why = ['unknown', 'removed', 'missing'] as const;
      const made = Array.from({ length: 12 }, (_, i) =>
        aSuspect(`s${String(i).padStart(2, '0')}`, {
          side: i % 2 === 0 ? 'a' : 'b',
          why: why[i % 3] ?? 'unknown',
        }),
      );
      await observe(at, { suspects: made });
      const walk = async (filter: { why?: readonly (typeof why)[number][] }): Promise<string[]> => {
        const ids: string[] = [];
        let page = await at.sync.suspects(LANE, { ...filter, limit: 5 });
        while (page.length > 0) {
          ids.push(...page.map((row) => row.side + row.id));
          const last = page.at(-1);
          assert.ok(last);
          page = await at.sync.suspects(LANE, {
            ...filter,
            after: { side: last.side, id: last.id },
            limit: 5,
          });
        }
        return ids;
      };
      const expected = (keep: (w: string) => boolean): string[] =>
        made
          .filter((row) => keep(row.why))
          .map((row) => row.side + row.id)
          .sort();
      assert.deepEqual(
        await walk({}),
        expected(() => true),
      );
      assert.deepEqual(
        await walk({ why: ['removed', 'missing'] }),
        expected((w) => w !== 'unknown'),
      );
      assert.deepEqual(await at.sync.suspects(LANE, { why: ['review'], limit: 5 }), []);
      assert.deepEqual(await at.sync.suspects(OTHER, { limit: 5 }), []);
    },
  },
  {
    id: 'state-086',
    title: 'candidates: ids that share a key, linked or not, one more than the cap at most',
    async run({ state }) {
      const at = await desk(state);
      const ids = ['u1', 'u2', 'u3', 'u4'];
      await observe(at, { suspects: ids.map((id) => aSuspect(id, { keys: ['common', `own:${id}`] })) });
      await putLinks(at, aLink('1'));
      const keys = [{ side: 'b' as const, id: 'b-1', keys: ['common', 'mail:x'] }];
      await at.sync.commitLane({ guard: at.guard, now: NOW, keys });
      const found = await at.sync.candidates(LANE, 'b', ['common', 'own:u2', 'mail:x', 'nothing'], 9);
      assert.deepEqual([...(found.get('common') ?? [])].sort(), ['b-1', ...ids]);
      assert.deepEqual(found.get('own:u2'), ['u2']);
      assert.deepEqual(found.get('mail:x'), ['b-1']);
      assert.deepEqual(found.get('nothing'), []);
      assert.equal((await candidates(at, 'common', 2))?.length, 3);
      assert.deepEqual((await at.sync.candidates(LANE, 'a', ['common'], 9)).get('common'), []);
      assert.deepEqual((await at.sync.candidates(OTHER, 'b', ['common'], 9)).get('common'), []);
    },
  },
  {
    id: 'state-087',
    title: 'keys of a record replace its older keys',
    async run({ state }) {
      const at = await desk(state);
      await observe(at, { suspects: [aSuspect('u', { keys: ['old', 'both'] })] });
      await observe(at, { suspects: [aSuspect('u', { keys: ['both', 'new'] })] });
      assert.deepEqual(await candidates(at, 'old'), []);
      assert.deepEqual(await candidates(at, 'both'), ['u']);
      await at.sync.commitLane({ guard: at.guard, now: NOW, keys: [{ side: 'b', id: 'u', keys: ['last'] }] });
      assert.deepEqual(await candidates(at, 'new'), []);
      assert.deepEqual(await candidates(at, 'last'), ['u']);
    },
  },
  {
    id: 'state-088',
    title: 'keys outlive a suspect that was linked, and go with one that was not; a tombstone has none',
    async run({ state }) {
      const at = await desk(state);
      await observe(at, { suspects: [aSuspect('b-1', { keys: ['k'] }), aSuspect('gone', { keys: ['k'] })] });
      const settled = [await take(at, 'b-1'), await take(at, 'gone')];
      await at.sync.commitLane({ guard: at.guard, now: NOW, settled, links: [{ link: aLink('1') }] });
      assert.deepEqual(await candidates(at, 'k'), ['b-1']);
      await putLinks(at, aLink('1', { status: 'tomb' }));
      assert.deepEqual(await candidates(at, 'k'), []);
    },
  },
];
