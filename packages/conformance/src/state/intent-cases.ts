import assert from 'node:assert/strict';
import type { ConflictRow, Intent, OpenIntents } from '@tidelock/core';
import type { StateCase } from './fixture.ts';
import {
  aLink,
  anIntent,
  type Desk,
  desk,
  hold,
  LANE,
  linkOf,
  NOW,
  OTHER,
  observe,
  putLinks,
  rejectsWith,
} from './sample.ts';

type Claims = OpenIntents['claims'];

const open = (at: Desk, intents: readonly Intent[], claims: Claims = []) =>
  at.sync.openIntents({ guard: at.guard, now: NOW, intents, claims });

async function otherDesk(at: Desk): Promise<Desk> {
  return { ...at, guard: await hold(at.sync, OTHER) };
}

const close = (at: Desk, id: string, conflicts: readonly ConflictRow[] = []) =>
  at.sync.commitLane({ guard: at.guard, now: NOW + 9, closed: [{ id, state: 'confirmed', conflicts }] });

export const intentCases: readonly StateCase[] = [
  {
    id: 'state-100',
    title: 'an opened intent reads back whole, in the order of sending',
    async run({ state }) {
      const at = await desk(state);
      const conflict: ConflictRow = {
        field: 'name',
        winner: 'a',
        kept: ['x'],
        lost: null,
        rule: 'newer',
        certainty: 'certain',
      };
      const full = anIntent('2', {
        ...{
          op: 'create',
          side: 'a',
          store: 'mailbox',
          targetId: 'stamp:1',
          stamp: '1',
          version: null,
          incarnation: 2,
        },
        ...{
          conflicts: [conflict],
          owner: 'someone',
          patch: { Address: { city: 'Turin' }, Tags: ['x'], Gone: null },
        },
      });
      const later = anIntent('1', { sentAt: NOW + 1 });
      const { opened, refused } = await open(at, [later, full]);
      assert.deepEqual({ opened, refused }, { opened: ['1', '2'], refused: [] });
      assert.deepEqual(await at.sync.openIntentsOf(LANE), [full, later]);
      assert.deepEqual(await at.sync.openIntentsOf(OTHER), []);
      assert.equal((await at.sync.counts(LANE, NOW)).openIntents, 2);
    },
  },
  {
    id: 'state-101',
    title: 'one open intent a link; the rest of the batch is opened',
    async run({ state }) {
      const at = await desk(state);
      const link = { linkId: 'same' };
      const { opened, refused } = await open(at, [anIntent('1', link), anIntent('2', link), anIntent('3')]);
      assert.deepEqual(
        { opened, refused },
        { opened: ['1', '3'], refused: [{ intentId: '2', why: 'link' }] },
      );
      await close(at, '1');
      assert.deepEqual((await open(at, [anIntent('4', link)])).opened, ['4']);
    },
  },
  {
    id: 'state-102',
    title: 'one open intent a remote record, across lanes',
    async run({ state }) {
      const at = await desk(state);
      const other = await otherDesk(at);
      await open(at, [anIntent('1', { targetId: 'shared' })]);
      const mine = { laneId: OTHER, targetId: 'shared' };
      assert.deepEqual((await open(other, [anIntent('2', mine)])).refused, [
        { intentId: '2', why: 'target' },
      ]);
      assert.deepEqual((await open(other, [anIntent('3', { ...mine, store: 'another' })])).opened, ['3']);
      await close(at, '1');
      assert.deepEqual((await open(other, [anIntent('4', mine)])).opened, ['4']);
    },
  },
  {
    id: 'state-103',
    title: 'a key claimed by another lane refuses the intent, and a refused intent claims nothing',
    async run({ state }) {
      const at = await desk(state);
      const other = await otherDesk(at);
      const claim = (intentId: string, key: string, store = 's') => ({ intentId, store, key });
      await open(at, [anIntent('1')], [claim('1', 'ada@x')]);
      const refused = await open(
        other,
        [anIntent('2', { laneId: OTHER })],
        [claim('2', 'bob@x'), claim('2', 'ada@x')],
      );
      assert.deepEqual([refused.opened, refused.refused], [[], [{ intentId: '2', why: 'claim' }]]);
      assert.deepEqual((await open(at, [anIntent('3')], [claim('3', 'bob@x'), claim('3', 'ada@x')])).opened, [
        '3',
      ]);
      const elsewhere = await open(
        other,
        [anIntent('4', { laneId: OTHER })],
        [claim('4', 'ada@x', 'other-store')],
      );
      assert.deepEqual(elsewhere.opened, ['4']);
    },
  },
  {
    id: 'state-104',
    title: 'a claim outlives its intent until its own lane releases it',
    async run({ state }) {
      const at = await desk(state);
      const other = await otherDesk(at);
      const claim = (intentId: string): Claims => [{ intentId, store: 's', key: 'k' }];
      await open(at, [anIntent('1')], claim('1'));
      await close(at, '1');
      const retry = (id: string) => open(other, [anIntent(id, { laneId: OTHER })], claim(id));
      assert.equal((await retry('2')).opened.length, 0);
      await other.sync.commitLane({ guard: other.guard, now: NOW, released: ['k'] });
      assert.equal((await retry('3')).opened.length, 0);
      await at.sync.commitLane({ guard: at.guard, now: NOW, released: ['k'] });
      assert.deepEqual((await retry('4')).opened, ['4']);
    },
  },
  {
    id: 'state-105',
    title: 'closing keeps the row with its outcome; closing again changes nothing',
    async run({ state }) {
      const at = await desk(state);
      const conflict: ConflictRow = {
        field: 'f',
        winner: 'b',
        kept: 'k',
        lost: 'l',
        rule: 'r',
        certainty: 'possible',
      };
      await open(at, [anIntent('1')]);
      await close(at, '1', [conflict]);
      const again = { guard: at.guard, now: NOW + 99 };
      await at.sync.commitLane({ ...again, closed: [{ id: '1', state: 'void', conflicts: [] }] });
      await at.sync.commitLane({ ...again, closed: [{ id: 'never-opened', state: 'void', conflicts: [] }] });
      assert.deepEqual(await at.sync.openIntentsOf(LANE), []);
      const done = anIntent('1', { state: 'confirmed', closedAt: NOW + 9, conflicts: [conflict] });
      assert.deepEqual(await at.sync.intentsOf(LANE, 'link-of-1'), [done]);
    },
  },
  {
    id: 'state-106',
    title: 'intents of a link: newest first, open and closed, of this lane only',
    async run({ state }) {
      const at = await desk(state);
      const link = { linkId: 'same' };
      await open(at, [anIntent('1', link)]);
      await close(at, '1');
      await open(at, [anIntent('2', { ...link, sentAt: NOW + 5 })]);
      const other = await otherDesk(at);
      await open(other, [anIntent('3', { ...link, laneId: OTHER })]);
      assert.deepEqual(
        (await at.sync.intentsOf(LANE, 'same')).map((intent) => intent.id),
        ['2', '1'],
      );
      assert.deepEqual(
        (await at.sync.intentsOf(OTHER, 'same')).map((intent) => intent.id),
        ['3'],
      );
      assert.deepEqual(await at.sync.intentsOf(LANE, 'none'), []);
    },
  },
  {
    id: 'state-107',
    title: 'an intent can be closed by its own lane only',
    async run({ state }) {
      const at = await desk(state);
      await open(at, [anIntent('1')]);
      await close(await otherDesk(at), '1');
      assert.equal((await at.sync.openIntentsOf(LANE)).length, 1);
    },
  },
  {
    id: 'state-108',
    title: 'an open intent may be opened again under its id (a second attempt); a closed one may not',
    async run({ state }) {
      const at = await desk(state);
      await open(at, [anIntent('1')]);
      const again = anIntent('1', { sentAt: NOW + 60, fence: 7 });
      const { opened, refused } = await open(at, [again]);
      assert.deepEqual({ opened, refused }, { opened: ['1'], refused: [] });
      assert.deepEqual(await at.sync.openIntentsOf(LANE), [again]);
      await close(at, '1');
      await rejectsWith('conflict', open(at, [anIntent('2'), anIntent('1')]));
      assert.deepEqual(await at.sync.openIntentsOf(LANE), []);
    },
  },
  {
    id: 'state-110',
    title: 'a create whose stamp was journaled before is named, by whoever can tell',
    async run({ state }) {
      const at = await desk(state);
      const create = {
        op: 'create',
        version: null,
        linkId: 'k',
        stamp: 's-1',
        targetId: 'stamp:s-1',
      } as const;
      const first = await open(at, [anIntent('1', create)]);
      await close(at, '1');
      const second = await open(at, [
        anIntent('2', create),
        anIntent('3', { ...create, linkId: 'other', stamp: 's-2', targetId: 'stamp:s-2' }),
      ]);
      if (first.repeated === undefined) return;
      assert.deepEqual([first.repeated, second.repeated], [[], ['2']]);
    },
  },
  {
    id: 'state-111',
    title:
      'a write whose target a feed has shown newer than it was read is refused; of others, and unasked, it is opened',
    async run({ state }) {
      const at = await desk(state);
      await putLinks(at, aLink('1'), aLink('2'));
      const marks = ['1', '2'].map((linkId) => ({ side: 'b', linkId, kind: 'dirty', mono: 'm2' }) as const);
      await observe(at, { marks });
      const ask = (id: string, mono: string | null, more: Partial<Intent> = {}) => {
        const intents = [anIntent(id, { linkId: '1', ...more }), anIntent(`${id}x`, { linkId: '2' })];
        const reads = mono === null ? [] : [{ intentId: id, mono }];
        return at.sync.openIntents({ guard: at.guard, now: NOW, intents, claims: [], reads });
      };
      const older = await ask('1', 'm1');
      assert.deepEqual([older.opened, older.refused], [['1x'], [{ intentId: '1', why: 'newer' }]]);
      await close(at, '1x');
      for (const [id, mono, side] of [
        ['2', 'm2', 'b'],
        ['3', 'm3', 'b'],
        ['4', 'm1', 'a'],
        ['5', null, 'b'],
      ] as const) {
        assert.deepEqual((await ask(id, mono, { side })).opened, [id, `${id}x`]);
        if (id === '5') break;
        await close(at, id);
        await close(at, `${id}x`);
      }
      assert.deepEqual((await ask('6', 'm1')).refused.at(0), { intentId: '6', why: 'link' });
    },
  },
  {
    id: 'state-117',
    title: 'links are found by a stamp that a create for them has sent, confirmed or not',
    async run({ state }) {
      const at = await desk(state);
      await putLinks(at, aLink('k'), aLink('other'));
      const find = async (stamp: string) =>
        (await at.sync.links(LANE, { by: 'stamp', stamps: [stamp] })).map((link) => link.id);
      const create = { op: 'create', version: null, linkId: 'k' } as const;
      await open(at, [anIntent('1', { ...create, stamp: 's-1', targetId: 'stamp:s-1' })]);
      assert.deepEqual(await find('s-1'), ['k']);
      await close(at, '1');
      assert.deepEqual(await find('s-1'), ['k']);
      assert.deepEqual(await find('s-2'), []);
    },
  },
  {
    id: 'state-109',
    title: 'confirming is one transaction: link, intent and history together or not at all',
    async run({ state }) {
      const at = await desk(state);
      await putLinks(at, aLink('1'), aLink('2'));
      await open(at, [anIntent('1', { linkId: '1' })]);
      const clash = aLink('1', { b: aLink('2').b, updatedAt: NOW + 1 });
      const closed = [{ id: '1', state: 'confirmed' as const, conflicts: [] }];
      await rejectsWith(
        'conflict',
        at.sync.commitLane({ guard: at.guard, now: NOW, links: [{ link: clash }], closed }),
      );
      assert.deepEqual(await linkOf(at.sync, '1'), aLink('1'));
      assert.equal((await at.sync.openIntentsOf(LANE)).length, 1);
    },
  },
];
