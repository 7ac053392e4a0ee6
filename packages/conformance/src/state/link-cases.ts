import assert from 'node:assert/strict';
import type { Quarantine } from '@tidelock/core';
import type { StateCase } from './fixture.ts';
import {
  aHistory,
  aLink,
  desk,
  hold,
  idsOf,
  LANE,
  linkOf,
  NOW,
  OTHER,
  putLinks,
  rejectsWith,
  sideRef,
  workIds,
} from './sample.ts';

const quarantine = (nextAt: number | null): Quarantine => ({
  ...{ class: 'item', code: 'too-long', message: 'Refused.', inputHash: 'h', attempts: 1 },
  nextAt,
});

export const linkCases: readonly StateCase[] = [
  {
    id: 'state-040',
    title: 'an inserted link reads back as it was put, dirty counters and seen included',
    async run({ state }) {
      const at = await desk(state);
      const rich = aLink('rich', {
        a: sideRef('AAMk=/+', {
          inc: 3,
          version: 'W/"x"',
          mono: '',
          stamp: 'stamp-1',
          gen: 4,
          container: 'f1',
          closed: true,
        }),
        quarantine: quarantine(null),
        ...{
          holds: ['name', 'phones'],
          goneA: true,
          dirtyA: 7,
          cleanA: 7,
          dirtyB: 5,
          cleanB: 2,
          seenA: 'm1',
        },
      });
      const half = aLink('half', { status: 'half', a: null, shownA: null, shownB: null });
      await putLinks(at, rich, half);
      assert.deepEqual(await linkOf(at.sync, 'rich'), rich);
      assert.deepEqual(await linkOf(at.sync, 'half'), half);
    },
  },
  {
    id: 'state-041',
    title: 'a replaced link takes everything but dirty and seen, and clean never goes down',
    async run({ state }) {
      const at = await desk(state);
      const first = aLink('1', { dirtyA: 5, cleanA: 5, dirtyB: 4, cleanB: 1, seenA: 'm5', seenB: 'm4' });
      await putLinks(at, first);
      const next = aLink('1', {
        ...{ status: 'out', a: null, shownA: null, holds: ['x'], goneB: true, updatedAt: NOW + 1 },
        ...{ dirtyA: 0, dirtyB: 99, cleanA: 2, cleanB: 4, seenA: 'm0', seenB: 'm9' },
      });
      await putLinks(at, next);
      const kept = { dirtyA: 5, dirtyB: 4, cleanA: 5, cleanB: 4, seenA: 'm5', seenB: 'm4' };
      assert.deepEqual(await linkOf(at.sync, '1'), { ...next, ...kept });
    },
  },
  {
    id: 'state-042',
    title: 'a put may mark sides dirty again',
    async run({ state }) {
      const at = await desk(state);
      const link = aLink('1', { dirtyA: 30, cleanA: 30, dirtyB: 2, cleanB: 40 });
      await at.sync.commitLane({ guard: at.guard, now: NOW, links: [{ link, mark: ['a', 'b'] }] });
      const marked = await linkOf(at.sync, '1');
      assert.ok(marked.dirtyA > marked.cleanA);
      assert.ok(marked.dirtyB > marked.cleanB);
      assert.deepEqual([marked.cleanA, marked.cleanB], [30, 40]);
      assert.deepEqual(await workIds(at.sync), ['1']);
    },
  },
  {
    id: 'state-043',
    title: 'native ids are unique per lane among active links; a commit that breaks it leaves nothing',
    async run({ state }) {
      const at = await desk(state);
      await putLinks(at, aLink('1'));
      const clash = aLink('2', { a: sideRef('a-1') });
      const links = [{ link: aLink('3') }, { link: clash }];
      const history = [aHistory(1)];
      await rejectsWith('conflict', at.sync.commitLane({ guard: at.guard, now: NOW, links, history }));
      assert.deepEqual(await idsOf(at.sync, { by: 'page', after: '', limit: 9 }), ['1']);
      assert.deepEqual(await at.sync.history(LANE, { limit: 9 }), []);
      const counts = await at.sync.counts(LANE, NOW);
      assert.equal(counts.live, 1);
    },
  },
  {
    id: 'state-044',
    title: 'tombstones and merged links do not hold a native id, and other lanes are free',
    async run({ state }) {
      const at = await desk(state);
      await putLinks(
        at,
        aLink('1', { status: 'tomb' }),
        aLink('2', { status: 'merged', a: sideRef('a-1'), b: sideRef('b-1') }),
      );
      await putLinks(at, aLink('3', { a: sideRef('a-1'), b: sideRef('b-1') }));
      const guard = await hold(at.sync, OTHER);
      await at.sync.commitLane({ guard, now: NOW, links: [{ link: aLink('1', { laneId: OTHER }) }] });
      for (const status of ['half', 'live', 'out', 'detached'] as const) {
        await rejectsWith('conflict', putLinks(at, aLink('4', { status, a: null, b: sideRef('b-1') })));
      }
      await rejectsWith('conflict', putLinks(at, aLink('1')));
      assert.equal((await linkOf(at.sync, '1')).status, 'tomb');
    },
  },
  {
    id: 'state-045',
    title:
      'only the state after a commit has to be unique: two links may swap or hand over an id in any order',
    async run({ state }) {
      const at = await desk(state);
      await putLinks(at, aLink('1'), aLink('2'));
      await putLinks(at, aLink('1', { b: sideRef('b-2') }), aLink('2', { b: sideRef('b-1') }));
      assert.deepEqual((await linkOf(at.sync, '1')).b?.id, 'b-2');
      await putLinks(
        at,
        aLink('1', { b: sideRef('b-1') }),
        aLink('2', { status: 'merged', b: sideRef('b-1') }),
      );
      assert.deepEqual(await idsOf(at.sync, { by: 'native', side: 'b', ids: ['b-1'] }), ['1']);
      assert.deepEqual(await idsOf(at.sync, { by: 'native', side: 'b', ids: ['b-2'] }), []);
      const counts = await at.sync.counts(LANE, NOW);
      assert.deepEqual([counts.live, counts.merged, counts.tomb], [1, 1, 0]);
    },
  },
  {
    id: 'state-046',
    title: 'by id, in this lane only',
    async run({ state }) {
      const at = await desk(state);
      await putLinks(at, aLink('1'), aLink('2'));
      assert.deepEqual((await idsOf(at.sync, { by: 'id', ids: ['2', 'none', '1'] })).sort(), ['1', '2']);
      assert.deepEqual(await idsOf(at.sync, { by: 'id', ids: [] }), []);
      assert.deepEqual(await idsOf(at.sync, { by: 'id', ids: ['1'] }, OTHER), []);
    },
  },
  {
    id: 'state-047',
    title: 'by native id: the active link, else the merged one, else the tombstone; on request all of them',
    async run({ state }) {
      const at = await desk(state);
      const same = { a: null, b: sideRef('b-x') };
      const query = { by: 'native', side: 'b', ids: ['b-x', 'b-?', 'B-X'] } as const;
      await putLinks(at, aLink('t', { ...same, status: 'tomb' }));
      assert.deepEqual(await idsOf(at.sync, query), ['t']);
      await putLinks(at, aLink('m', { ...same, status: 'merged' }));
      assert.deepEqual(await idsOf(at.sync, query), ['m']);
      await putLinks(at, aLink('d', { ...same, status: 'detached' }));
      assert.deepEqual(await idsOf(at.sync, query), ['d']);
      assert.deepEqual(await idsOf(at.sync, { ...query, ended: true }), ['d', 'm', 't']);
      assert.deepEqual(await idsOf(at.sync, { ...query, side: 'a', ended: true }), []);
    },
  },
  {
    id: 'state-048',
    title: 'by stamp: either side, any status',
    async run({ state }) {
      const at = await desk(state);
      await putLinks(
        at,
        aLink('1', { a: sideRef('a-1', { stamp: 's1' }) }),
        aLink('2', { b: sideRef('b-2', { stamp: 's2' }), status: 'tomb' }),
        aLink('3', { a: sideRef('a-3', { stamp: 's3' }), b: sideRef('b-3', { stamp: 's3' }) }),
        aLink('4'),
      );
      const found = await idsOf(at.sync, { by: 'stamp', stamps: ['s1', 's2', 's3', 's4'] });
      assert.deepEqual(found.sort(), ['1', '2', '3']);
    },
  },
  {
    id: 'state-049',
    title: 'work is what is dirty, gone or half, oldest id first, within the limit',
    async run({ state }) {
      const at = await desk(state);
      await putLinks(
        at,
        aLink('5', { dirtyA: 2, cleanA: 1 }),
        aLink('4', { dirtyB: 2, cleanB: 1, status: 'tomb' }),
        aLink('3', { status: 'half', a: null }),
        aLink('2', { goneB: true }),
        aLink('1', { goneA: true, status: 'out' }),
        aLink('idle'),
        aLink('dead', { status: 'tomb', goneA: true, goneB: true }),
      );
      assert.deepEqual(await workIds(at.sync), ['1', '2', '3', '4', '5']);
      assert.deepEqual(await idsOf(at.sync, { by: 'work', now: NOW, limit: 2 }), ['1', '2']);
      assert.deepEqual(await idsOf(at.sync, { by: 'work', now: NOW, after: '2', limit: 2 }), ['3', '4']);
      assert.equal((await at.sync.counts(LANE, NOW)).dirty, 2);
    },
  },
  {
    id: 'state-050',
    title: 'parked links are no work until their time; those without a time wait for good',
    async run({ state }) {
      const at = await desk(state);
      await putLinks(
        at,
        aLink('due', { status: 'half', a: null, quarantine: quarantine(NOW) }),
        aLink('later', { dirtyA: 2, quarantine: quarantine(NOW + 1) }),
        aLink('never', { goneA: true, quarantine: quarantine(null) }),
      );
      assert.deepEqual(await workIds(at.sync), ['due']);
      assert.deepEqual(await idsOf(at.sync, { by: 'work', now: NOW + 1, limit: 9 }), ['due', 'later']);
      assert.equal((await at.sync.counts(LANE, NOW)).parked, 2);
      await putLinks(at, aLink('never', { goneA: true }));
      assert.deepEqual(await workIds(at.sync), ['due', 'never']);
    },
  },
  {
    id: 'state-051',
    title:
      'unseen is what is live, half or frozen, has that side, and was last met in an older enumeration: longest unseen first',
    async run({ state }) {
      const at = await desk(state);
      const seen = (gen: number) => ({ b: sideRef(`b-${gen}`, { gen }) });
      await putLinks(
        at,
        aLink('old', seen(2)),
        aLink('half', { status: 'half', a: null, ...seen(1) }),
        aLink('out', { status: 'out', ...seen(0) }),
        aLink('met', seen(3)),
        aLink('tomb', { status: 'tomb' }),
        aLink('merged', { status: 'merged' }),
        aLink('detached', { status: 'detached' }),
        aLink('other-side', { b: null }),
      );
      const unseen = (limit: number): Promise<string[]> =>
        idsOf(at.sync, { by: 'unseen', side: 'b', gen: 3, limit });
      assert.deepEqual(await unseen(9), ['out', 'half', 'old']);
      assert.deepEqual(await unseen(2), ['out', 'half']);
    },
  },
  {
    id: 'state-052',
    title: 'pages walk all links by id, once each',
    async run({ state }) {
      const at = await desk(state);
      const ids = Array.from({ length: 23 }, (_, i) => `link-${String(i).padStart(2, '0')}`);
      await putLinks(at, ...ids.toReversed().map((id) => aLink(id)));
      const walked: string[] = [];
      for (let page = await idsOf(at.sync, { by: 'page', after: '', limit: 10 }); page.length > 0; ) {
        assert.ok(page.length <= 10);
        walked.push(...page);
        page = await idsOf(at.sync, { by: 'page', after: page.at(-1) ?? '', limit: 10 });
      }
      assert.deepEqual(walked, ids);
    },
  },
  {
    id: 'state-053',
    title: 'counts by status',
    async run({ state }) {
      const at = await desk(state);
      const statuses = ['half', 'live', 'tomb', 'out', 'merged', 'detached'] as const;
      for (const [i, status] of statuses.entries()) {
        await putLinks(at, ...Array.from({ length: i + 1 }, (_, k) => aLink(`${status}-${k}`, { status })));
      }
      await putLinks(at, aLink('half-0', { status: 'live' }), aLink('live-0', { status: 'tomb' }));
      const counts = await at.sync.counts(LANE, NOW);
      assert.deepEqual(
        statuses.map((status) => counts[status]),
        [0, 2, 4, 4, 5, 6],
      );
      assert.equal((await at.sync.counts(OTHER, NOW)).live, 0);
    },
  },
  {
    id: 'state-054',
    title: 'rows of another lane are refused, with all that came along',
    async run({ state }) {
      const at = await desk(state);
      const foreign = at.sync.commitLane({
        ...{ guard: at.guard, now: NOW },
        links: [{ link: aLink('1') }, { link: aLink('2', { laneId: OTHER }) }],
      });
      await rejectsWith('invalid', foreign);
      assert.deepEqual(await idsOf(at.sync, { by: 'page', after: '', limit: 9 }), []);
    },
  },
];
