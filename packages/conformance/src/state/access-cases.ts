import assert from 'node:assert/strict';
import type { SessionRow, UserRow } from '@tidelock/core';
import { aSession, aToken, aUser, IDLE } from './access-sample.ts';
import type { StateCase } from './fixture.ts';
import { NOW, rejectsWith } from './sample.ts';

const at = (now: number) => ({ now, idleMs: IDLE });

export const accessCases: readonly StateCase[] = [
  {
    id: 'state-200',
    title: 'users read back by id and identity, in the order of ids, with every field',
    async run({ state: { access } }) {
      const full: Partial<UserRow> = { disabledAt: NOW, signedInAt: NOW + 1, passwordHash: '$argon2id$x' };
      await access.addUser(aUser('u2', { role: null, roleBy: 'rule', name: 'Zoë\r\n"x"' }));
      await access.addUser(aUser('u1', full));
      assert.deepEqual(await access.user('u1'), aUser('u1', full));
      assert.deepEqual(
        await access.userByIdentity('identity-u2'),
        aUser('u2', { role: null, roleBy: 'rule', name: 'Zoë\r\n"x"' }),
      );
      assert.deepEqual([await access.user('u3'), await access.userByIdentity('u1')], [null, null]);
      const ids = (await access.users()).map(({ id }) => id);
      assert.deepEqual(ids, ['u1', 'u2']);
    },
  },
  {
    id: 'state-201',
    title: 'one identity is one user, and a name is nobody’s',
    async run({ state: { access } }) {
      await access.addUser(aUser('u1', { name: 'Ann' }));
      await rejectsWith('conflict', access.addUser(aUser('u2', { identity: 'identity-u1' })));
      await rejectsWith('conflict', access.addUser(aUser('u1', { identity: 'another' })));
      await access.addUser(aUser('u2', { name: 'Ann' }));
      assert.equal((await access.users()).length, 2);
    },
  },
  {
    id: 'state-202',
    title: 'a change of a user changes what it names and nothing else',
    async run({ state: { access } }) {
      await access.addUser(aUser('u1'));
      await access.addUser(aUser('u2'));
      assert.equal(
        await access.changeUser('u1', { role: 'viewer', disabledAt: 5 }, { endSessions: false }),
        true,
      );
      assert.deepEqual(await access.user('u1'), aUser('u1', { role: 'viewer', disabledAt: 5 }));
      assert.equal(
        await access.changeUser('u1', { role: null, disabledAt: null }, { endSessions: false }),
        true,
      );
      assert.deepEqual(await access.user('u1'), aUser('u1', { role: null }));
      assert.equal(await access.changeUser('u1', {}, { endSessions: false }), true);
      assert.equal(await access.changeUser('u9', { role: 'setup' }, { endSessions: true }), false);
      assert.deepEqual(await access.user('u2'), aUser('u2'));
    },
  },
  {
    id: 'state-203',
    title: 'a session is found with its user until it ends, is idle, or the user is disabled',
    async run({ state: { access } }) {
      await access.addUser(aUser('u1'));
      const row = aSession('s1');
      assert.equal(await access.openSession(row), true);
      await rejectsWith('conflict', access.openSession(row));
      assert.deepEqual(await access.session('s1', at(NOW)), { session: row, user: aUser('u1') });
      assert.equal(await access.session('s2', at(NOW)), null);
      assert.ok(await access.session('s1', at(NOW + IDLE - 1)));
      assert.equal(await access.session('s1', at(NOW + IDLE)), null);
      await access.seeSession('s1', NOW + IDLE);
      await access.seeSession('s1', NOW);
      await access.seeSession('nothing', NOW);
      assert.equal((await access.session('s1', at(NOW + IDLE)))?.session.seenAt, NOW + IDLE);
      await access.seeSession('s1', row.endsAt);
      assert.ok(await access.session('s1', at(row.endsAt - 1)));
      assert.equal(await access.session('s1', at(row.endsAt)), null);
      await access.changeUser('u1', { disabledAt: NOW }, { endSessions: false });
      assert.equal(await access.session('s1', at(NOW)), null);
    },
  },
  {
    id: 'state-204',
    title: 'sessions end one by one, all of a user, or with a change of the user; nobody else’s do',
    async run({ state: { access } }) {
      for (const id of ['u1', 'u2']) await access.addUser(aUser(id));
      const open = (hash: string, more: Partial<SessionRow> = {}) => access.openSession(aSession(hash, more));
      const alive = async (...hashes: string[]) => {
        const found = await Promise.all(hashes.map((hash) => access.session(hash, at(NOW))));
        return found.map((one) => one !== null);
      };
      for (const hash of ['a', 'b', 'c']) await open(hash);
      await open('other', { userId: 'u2' });
      assert.equal(await access.endSession('a'), true);
      assert.equal(await access.endSession('a'), false);
      assert.deepEqual(await alive('a', 'b', 'c', 'other'), [false, true, true, true]);
      assert.equal(await access.endSessions('u1'), 2);
      assert.deepEqual(await alive('b', 'c', 'other'), [false, false, true]);
      await open('d');
      await access.changeUser('u1', { role: 'operator' }, { endSessions: true });
      assert.deepEqual(await alive('d', 'other'), [false, true]);
    },
  },
  {
    id: 'state-205',
    title: 'nobody who is disabled or gone gets a session, also when both happen at once',
    async run({ state: { access } }) {
      await access.addUser(aUser('u1'));
      assert.equal(await access.openSession(aSession('s', { userId: 'nobody' })), false);
      for (let round = 0; round < 5; round++) {
        await access.changeUser('u1', { disabledAt: null }, { endSessions: false });
        await Promise.all([
          access.openSession(aSession(`s${round}`)),
          access.changeUser('u1', { disabledAt: NOW }, { endSessions: true }),
        ]);
        await access.changeUser('u1', { disabledAt: null }, { endSessions: false });
        const found = await access.session(`s${round}`, at(NOW));
        assert.equal(found, null, `round ${round}: the session outlived the disabling`);
        await access.changeUser('u1', { disabledAt: NOW }, { endSessions: false });
        assert.equal(await access.openSession(aSession(`late${round}`)), false);
      }
    },
  },
  {
    id: 'state-206',
    title: 'API tokens read back with their owner, newest first, and are used and revoked',
    async run({ state: { access } }) {
      await access.addUser(aUser('u1'));
      await access.addApiToken(aToken('t1'));
      await access.addApiToken(aToken('t2', { createdAt: NOW + 1, role: 'setup', name: 'nightly "x"' }));
      await rejectsWith('conflict', access.addApiToken(aToken('t1')));
      await rejectsWith('not_found', access.addApiToken(aToken('t3', { ownerId: 'nobody' })));
      assert.deepEqual(await access.apiToken('t1'), { token: aToken('t1'), owner: aUser('u1') });
      assert.equal(await access.apiToken('t9'), null);
      await access.useApiToken('t1', NOW + 9);
      await access.useApiToken('t1', NOW + 5);
      assert.equal((await access.apiToken('t1'))?.token.usedAt, NOW + 9);
      assert.equal(await access.revokeApiToken('t1', NOW + 10), true);
      assert.equal(await access.revokeApiToken('t1', NOW + 11), false);
      assert.equal(await access.revokeApiToken('t9', NOW), false);
      assert.equal(await access.revokeApiToken('t2', aToken('t2').endsAt), false);
      const [newest, revoked] = await access.apiTokens();
      assert.deepEqual([newest?.id, revoked?.revokedAt], ['t2', NOW + 10]);
      await access.changeUser('u1', { disabledAt: NOW }, { endSessions: true });
      assert.equal((await access.apiToken('t2'))?.owner.disabledAt, NOW);
    },
  },
];
