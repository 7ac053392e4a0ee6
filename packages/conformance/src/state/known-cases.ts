import assert from 'node:assert/strict';
import type { Guard, Link, SideRef, SyncState } from '@tidelock/core';
import type { StateCase } from './fixture.ts';
import { aLink, aSuspect, desk, HUB, hold, LANE, laneSpec, NOW, OTHER, observe, sideRef } from './sample.ts';

const pair = (laneId: string, id: string, more: Partial<Link> & { readonly b: SideRef }): Link =>
  aLink(id, { laneId, a: sideRef(`a-${laneId}-${id}`), ...more });

async function put(sync: SyncState, guard: Guard, links: readonly Link[]): Promise<void> {
  await sync.commitLane({ guard, now: NOW, links: links.map((link) => ({ link })) });
}

/** What lanes that share a store know of its records. */
export const knownCases: readonly StateCase[] = [
  {
    id: 'state-190',
    title: 'records of a shared store are known by lane, of those lanes that know one, each once',
    async run({ state }) {
      const at = await desk(state);
      const { sync } = at;
      const other = await hold(sync, OTHER);
      await put(sync, at.guard, [
        pair(LANE, 'one', { b: sideRef('b-1') }),
        pair(LANE, 'two', { b: sideRef('b-2') }),
      ]);
      await put(sync, other, [pair(OTHER, 'one', { b: sideRef('b-1') })]);
      await observe(at, { laneId: OTHER, suspects: [aSuspect('b-9', { why: 'review', keys: ['k'] })] });
      await sync.saveLanes([laneSpec('lane-0')], NOW);
      await observe(at, { laneId: 'lane-0', suspects: [aSuspect('b-9')] });
      const known = await sync.knownRecords(HUB, ['b-9', 'b-1', 'b-1', 'nobody']);
      assert.deepEqual(
        known.map(({ laneId, links, suspects }) => [
          laneId,
          links.map(({ id }) => id),
          suspects.map(({ id }) => id),
        ]),
        [
          ['lane-0', [], ['b-9']],
          [LANE, ['one'], []],
          [OTHER, ['one'], ['b-9']],
        ],
      );
      assert.deepEqual(known[1]?.links, await sync.links(LANE, { by: 'native', side: 'b', ids: ['b-1'] }));
      assert.deepEqual(known[2]?.suspects, await sync.suspects(OTHER, { limit: 9 }));
      assert.deepEqual(await sync.knownRecords(HUB, []), []);
      assert.deepEqual(await sync.knownRecords('another-hub', ['b-1', 'b-9']), []);
    },
  },
  {
    id: 'state-191',
    title:
      'known records: side A and other stores do not count, and the active pair answers before ended ones',
    async run({ state }) {
      const at = await desk(state);
      const { sync } = at;
      await sync.saveLanes([{ ...laneSpec('elsewhere'), storeB: 'another-hub' }], NOW);
      const elsewhere = await hold(sync, 'elsewhere');
      await put(sync, elsewhere, [pair('elsewhere', 'far', { b: sideRef('b-1') })]);
      await put(sync, at.guard, [
        pair(LANE, 'ended', { b: sideRef('b-1'), status: 'tomb' }),
        pair(LANE, 'active', { b: sideRef('b-1') }),
        pair(LANE, 'half', { b: sideRef('b-2'), status: 'half', a: null }),
        pair(LANE, 'gone', { b: sideRef('b-3'), status: 'tomb' }),
        pair(LANE, 'mine', { a: sideRef('b-5'), b: sideRef('b-4') }),
      ]);
      await observe(at, { suspects: [aSuspect('b-6', { side: 'a' }), aSuspect('b-7')] });
      const known = await sync.knownRecords(HUB, ['b-1', 'b-2', 'b-3', 'b-5', 'b-6', 'b-7']);
      assert.deepEqual(
        known.map(({ laneId, links, suspects }) => [
          laneId,
          links.map(({ id }) => id),
          suspects.map(({ side, id }) => side + id),
        ]),
        [[LANE, ['active', 'gone', 'half'], ['bb-7']]],
      );
    },
  },
];
