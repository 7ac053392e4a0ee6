import assert from 'node:assert/strict';
import type { TicketRow, TryRule, TryVerdict } from '@tidelock/core';
import { aSession, aTicket, aUser, IDLE } from './access-sample.ts';
import type { StateCase } from './fixture.ts';
import { NOW, rejectsWith } from './sample.ts';

const plain = (row: TicketRow | null): unknown => row && { ...row, value: [...row.value] };
const WINDOW: TryRule = { windowMs: 900_000, free: 30, wait: null };
const WAITS: TryRule = { windowMs: 900_000, free: 2, wait: { firstMs: 1_000, mostMs: 3_000 } };

const granted = (verdicts: readonly TryVerdict[]): number =>
  verdicts.filter((verdict) => verdict.granted).length;

export const ticketCases: readonly StateCase[] = [
  {
    id: 'state-207',
    title: 'a ticket is handed out once, to one of all who ask at once, and only for its own purpose',
    async run({ state: { access } }) {
      await access.putTicket(aTicket('h1'));
      await rejectsWith('conflict', access.putTicket(aTicket('h1', { bound: 'browser-2' })));
      await access.putTicket(aTicket('h1', { kind: 'setup', value: new Uint8Array(0) }));
      assert.equal(await access.takeTicket('password', 'h1'), null);
      const taken = await Promise.all(Array.from({ length: 8 }, () => access.takeTicket('sign-in', 'h1')));
      assert.deepEqual(taken.filter((row) => row !== null).map(plain), [plain(aTicket('h1'))]);
      assert.equal(await access.takeTicket('sign-in', 'h1'), null);
      const other = await access.takeTicket('setup', 'h1');
      assert.deepEqual(plain(other), plain(aTicket('h1', { kind: 'setup', value: new Uint8Array(0) })));
    },
  },
  {
    id: 'state-208',
    title: 'tickets that are not over are counted by holder and kind, and dropped by holder',
    async run({ state: { access } }) {
      for (const hash of ['h1', 'h2']) await access.putTicket(aTicket(hash));
      await access.putTicket(aTicket('h3', { bound: 'browser-2' }));
      await access.putTicket(aTicket('h4', { endsAt: NOW }));
      await access.putTicket(aTicket('h5', { kind: 'setup' }));
      const count = () => access.countTickets('sign-in', { bound: 'browser-1', now: NOW });
      assert.deepEqual(await count(), { own: 2, all: 3 });
      await access.dropTickets('sign-in', 'browser-1');
      assert.deepEqual(await count(), { own: 0, all: 1 });
      assert.ok(await access.takeTicket('setup', 'h5'));
      assert.equal(await access.takeTicket('sign-in', 'h1'), null);
    },
  },
  {
    id: 'state-209',
    title: 'tries that are asked for at once share what there is, each key for itself',
    async run({ state: { access } }) {
      const take = (key: string, now = NOW, tries = 1) => access.takeTries(key, WINDOW, { now, tries });
      const verdicts = await Promise.all(Array.from({ length: 40 }, () => take('a')));
      assert.equal(granted(verdicts), 30);
      assert.equal(verdicts.filter((one) => !one.granted && one.first).length, 1);
      assert.deepEqual(await take('b'), { granted: true, left: 29 });
      const refused = await take('a', NOW + 1);
      assert.deepEqual(refused, { granted: false, retryAt: NOW + WINDOW.windowMs, first: false });
      assert.equal((await take('a', NOW + WINDOW.windowMs)).granted, true);
      assert.deepEqual(await take('c', NOW, 20), { granted: true, left: 10 });
      assert.equal((await take('c', NOW, 20)).granted, false);
      assert.deepEqual(await take('c', NOW, 10), { granted: true, left: 0 });
      await access.forgetTries('b');
      await access.forgetTries('nothing');
      assert.deepEqual(await take('b'), { granted: true, left: 29 });
    },
  },
  {
    id: 'state-210',
    title: 'waits grow to their bound, a try that was turned away prolongs none, and quiet ends them',
    async run({ state: { access } }) {
      const take = (now: number) => access.takeTries('k', WAITS, { now, tries: 1 });
      const waits: number[] = [];
      let now = NOW;
      assert.deepEqual([(await take(now)).granted, (await take(now)).granted], [true, true]);
      for (let turn = 0; turn < 5; turn++) {
        const early = await take(now);
        assert.ok(!early.granted, `turn ${turn}`);
        waits.push(early.retryAt - now);
        assert.equal((await take(early.retryAt - 1)).granted, false);
        now = early.retryAt;
        assert.equal((await take(now)).granted, true);
      }
      assert.deepEqual(waits, [1_000, 2_000, 3_000, 3_000, 3_000]);
      assert.deepEqual(await take(now + WAITS.windowMs), { granted: true, left: 1 });
    },
  },
  {
    id: 'state-211',
    title: 'what was over is pruned, and nothing else; what is kept outlives a restart',
    async run(fixture) {
      const { access } = fixture.state;
      await access.addUser(aUser('u1'));
      await access.openSession(aSession('old', { endsAt: NOW - 1 }));
      await access.openSession(aSession('new'));
      await access.putTicket(aTicket('old', { endsAt: NOW - 1 }));
      await access.putTicket(aTicket('new'));
      await access.takeTries('old', WINDOW, { now: NOW - 1, tries: 30 });
      await access.takeTries('new', WINDOW, { now: NOW, tries: 30 });
      await access.pruneAccess(NOW);
      const kept = fixture.reopen === undefined ? fixture.state : await fixture.reopen();
      const look = async (hash: string) => [
        (await kept.access.session(hash, { now: NOW - 2, idleMs: IDLE })) !== null,
        (await kept.access.takeTicket('sign-in', hash)) !== null,
        (await kept.access.takeTries(hash, WINDOW, { now: NOW, tries: 1 })).granted,
      ];
      assert.deepEqual(await look('old'), [false, false, true]);
      assert.deepEqual(await look('new'), [true, true, false]);
      assert.equal((await kept.access.users()).length, 1);
    },
  },
];
