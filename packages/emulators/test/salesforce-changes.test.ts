import { describe, expect, it } from 'vitest';
import { createTestOrg, type Json, type TestOrg } from './salesforce-org.ts';

const DAY = 86_400_000;
const CHANGES =
  'SELECT Id, LastName, IsDeleted, MasterRecordId, SystemModstamp, LastModifiedDate, LastModifiedById FROM Contact';

const rows = async (org: TestOrg, where = ''): Promise<Json[]> =>
  (await org.queryAll(`${CHANGES} ${where} ORDER BY SystemModstamp, Id`)).body.records;

describe('stamps', () => {
  it('are whole seconds of the statement, and say who wrote', async () => {
    const org = await createTestOrg();
    const id = org.sf.admin.createContact({ LastName: 'Smith' });
    org.clock.advance(900);
    await org.send('PATCH', `/sobjects/Contact/${id}`, { body: { LastName: 'Smith' } });
    expect(await rows(org)).toMatchObject([
      {
        SystemModstamp: '2026-08-01T06:00:01.000+0000',
        LastModifiedDate: '2026-08-01T06:00:01.000+0000',
        LastModifiedById: org.userId,
      },
    ]);
    org.clock.advance(5000);
    org.sf.admin.systemTouch([id]);
    expect(await rows(org)).toMatchObject([
      { SystemModstamp: '2026-08-01T06:00:06.000+0000', LastModifiedDate: '2026-08-01T06:00:01.000+0000' },
    ]);
  });

  it('surface late and older when a transaction stays open', async () => {
    const org = await createTestOrg();
    const { admin } = org.sf;
    const first = admin.createContact({ LastName: 'first' });
    admin.settings.commitLagMs = 10_000;
    const late = admin.createContact({ LastName: 'late' });
    admin.updateContact(first, { LastName: 'changed late' });
    admin.settings.commitLagMs = 0;
    org.clock.advance(5000);
    admin.createContact({ LastName: 'early' });
    expect((await rows(org)).map((row) => row.LastName)).toEqual(['first', 'early']);
    expect((await org.get(`/sobjects/Contact/${late}`)).status).toBe(404);
    const locked = await org.send('PATCH', `/sobjects/Contact/${first}`, { body: { Title: 'x' } });
    expect(locked.body[0].errorCode).toBe('UNABLE_TO_LOCK_ROW');
    expect(org.sf.oracle.contacts().map((row) => row.LastName)).toEqual(['changed late', 'late', 'early']);

    org.clock.advance(5000);
    const seen = await rows(org, 'WHERE SystemModstamp < 2026-08-01T06:00:05Z');
    expect(seen.map((row) => row.LastName)).toEqual(['changed late', 'late']);
    expect(seen[0].SystemModstamp).toBe('2026-08-01T06:00:00.000+0000');
    expect((await rows(org)).map((row) => row.LastName)).toEqual(['changed late', 'late', 'early']);
  });

  it('of API writes show at the commit, and the reply waits for it', async () => {
    const org = await createTestOrg({ settings: { apiCommitLagMs: 3000 } });
    let answered = false;
    const reply = org.send('POST', '/sobjects/Contact', { body: { LastName: 'slow' } }).then((answer) => {
      answered = true;
      return answer;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(await rows(org)).toEqual([]);
    expect(answered).toBe(false);
    org.clock.advance(3000);
    expect((await reply).status).toBe(201);
    expect(await rows(org)).toMatchObject([{ SystemModstamp: '2026-08-01T06:00:00.000+0000' }]);
  });
});

describe('deleted rows', () => {
  it('show in queryAll for 15 days and in query never', async () => {
    const org = await createTestOrg({ settings: { sessionTimeoutMs: 99 * DAY } });
    const id = org.sf.admin.createContact({ LastName: 'Smith' });
    org.clock.advance(10_000);
    org.sf.admin.deleteContact(id);
    expect(await rows(org)).toMatchObject([
      { Id: id, IsDeleted: true, MasterRecordId: null, SystemModstamp: '2026-08-01T06:00:10.000+0000' },
    ]);
    expect((await org.query('SELECT Id FROM Contact')).body.totalSize).toBe(0);
    expect((await org.query('SELECT Id FROM Contact WHERE IsDeleted = true')).body.totalSize).toBe(0);
    org.clock.advance(15 * DAY - 1000);
    expect(await rows(org)).toHaveLength(1);
    org.clock.advance(1000);
    expect(await rows(org)).toEqual([]);
    expect(org.sf.oracle.contacts()).toEqual([]);
  });

  it('come back by undelete, and go at once by hard delete and purge', async () => {
    const org = await createTestOrg();
    const { admin } = org.sf;
    const ids = ['a', 'b', 'c'].map((name) => admin.createContact({ LastName: name, TidelockKey__c: name }));
    for (const id of ids) admin.deleteContact(id);
    org.clock.advance(2000);
    admin.undelete(ids[0] ?? '');
    expect(await rows(org, 'WHERE IsDeleted = false')).toMatchObject([
      { LastName: 'a', SystemModstamp: '2026-08-01T06:00:02.000+0000' },
    ]);
    expect((await org.get('/sobjects/Contact/TidelockKey__c/a')).status).toBe(200);
    admin.hardDelete(ids[1] ?? '');
    expect(await rows(org, 'WHERE IsDeleted = true')).toMatchObject([{ LastName: 'c' }]);
    admin.emptyRecycleBin();
    expect(await rows(org)).toMatchObject([{ LastName: 'a' }]);
    expect((await org.get(`/sobjects/Contact/${ids[2]}`)).body[0].errorCode).toBe('NOT_FOUND');
  });

  it('by a merge name the survivor', async () => {
    const org = await createTestOrg();
    const { admin } = org.sf;
    const master = admin.createContact({ LastName: 'Smith' });
    const loser = admin.createContact({ LastName: 'Smyth', Title: 'CTO' });
    org.clock.advance(1000);
    admin.merge(master, [loser], { Title: 'CTO' });
    expect(await rows(org)).toMatchObject([
      { Id: master, IsDeleted: false, SystemModstamp: '2026-08-01T06:00:01.000+0000' },
      { Id: loser, IsDeleted: true, MasterRecordId: master },
    ]);
    expect(org.sf.oracle.contact(master)?.Title).toBe('CTO');
    expect(() => admin.merge(master, [master])).toThrow();
  });

  it('go with their account', async () => {
    const org = await createTestOrg();
    const account = org.sf.admin.createAccount({ Name: 'Acme' });
    org.sf.admin.createContact({ LastName: 'Smith', AccountId: account });
    org.sf.admin.deleteAccount(account);
    expect(await rows(org)).toMatchObject([{ IsDeleted: true }]);
  });
});

describe('sharing', () => {
  it('hides a contact from the API without any sign', async () => {
    const org = await createTestOrg();
    const id = org.sf.admin.createContact({ LastName: 'Smith', TidelockKey__c: 'k' });
    org.sf.admin.setShared(id, false);
    expect(await rows(org)).toEqual([]);
    expect((await org.get(`/sobjects/Contact/${id}`)).body[0].errorCode).toBe('NOT_FOUND');
    expect((await org.send('PATCH', `/sobjects/Contact/${id}`, { body: { Title: 'x' } })).status).toBe(404);
    expect((await org.get('/limits/recordCount?sObjects=Contact')).body.sObjects).toEqual([
      { count: 0, name: 'Contact' },
    ]);
    expect(org.sf.oracle.contacts()).toHaveLength(1);
    org.sf.admin.updateContact(id, { Title: 'people may' });
    org.sf.admin.setShared(id, true);
    expect(await rows(org)).toHaveLength(1);
  });
});

describe('getUpdated and getDeleted', () => {
  const range = (start: string, end: string) =>
    `?start=${encodeURIComponent(start)}&end=${encodeURIComponent(end)}`;

  it('list ids of the range, whole minutes, and how far they cover', async () => {
    const org = await createTestOrg();
    const { admin } = org.sf;
    const kept = admin.createContact({ LastName: 'kept' });
    const gone = admin.createContact({ LastName: 'gone' });
    org.clock.advance(60_000);
    admin.deleteContact(gone);
    org.clock.advance(120_000);
    const whole = range('2026-08-01T06:00:59Z', '2026-08-01T06:03:00+00:00');
    expect((await org.get(`/sobjects/Contact/updated/${whole}`)).body).toEqual({
      ids: [kept],
      latestDateCovered: '2026-08-01T06:03:00.000+0000',
    });
    expect((await org.get(`/sobjects/Contact/deleted/${whole}`)).body).toEqual({
      deletedRecords: [{ id: gone, deletedDate: '2026-08-01T06:01:00.000+0000' }],
      earliestDateAvailable: '2026-07-17T06:03:00.250+0000',
      latestDateCovered: '2026-08-01T06:03:00.000+0000',
    });
    const later = range('2026-08-01T06:01:00Z', '2026-08-01T06:03:00Z');
    expect((await org.get(`/sobjects/Contact/updated${later}`)).body.ids).toEqual([]);
    admin.settings.commitLagMs = 600_000;
    admin.createContact({ LastName: 'open' });
    org.clock.advance(300_000);
    const open = range('2026-08-01T06:00:00Z', '2026-08-01T06:08:00Z');
    expect((await org.get(`/sobjects/Contact/updated${open}`)).body.latestDateCovered).toBe(
      '2026-08-01T06:03:00.000+0000',
    );
  });

  it('refuse ranges that are too old, empty or malformed', async () => {
    const org = await createTestOrg();
    const cases: [string, string][] = [
      ['updated', range('2026-06-30T00:00:00Z', '2026-08-01T00:00:00Z')],
      ['deleted', range('2026-07-10T00:00:00Z', '2026-08-01T00:00:00Z')],
      ['updated', range('2026-08-01T00:00:00Z', '2026-08-01T00:00:30Z')],
      ['updated', '?start=yesterday&end=today'],
    ];
    for (const [kind, query] of cases) {
      const answer = await org.get(`/sobjects/Contact/${kind}${query}`);
      expect(answer).toMatchObject({ status: 400, body: [{ errorCode: 'INVALID_REPLICATION_DATE' }] });
    }
  });
});

describe('oracle', () => {
  it('hands out frozen copies, writes by app, and a version that moves', async () => {
    const org = await createTestOrg();
    const { oracle, admin } = org.sf;
    const before = oracle.version();
    const id = admin.createContact({ LastName: 'Smith' });
    expect(oracle.version()).toBeGreaterThan(before);
    await org.send('PATCH', `/sobjects/Contact/${id}`, { body: { Title: 'CTO' } });
    const copy = oracle.contacts()[0] ?? {};
    expect(Object.isFrozen(copy)).toBe(true);
    expect(oracle.writes('3MVG9consumer')).toMatchObject([{ operation: 'update', id, userId: org.userId }]);
    expect(oracle.writes(null)).toMatchObject([
      { operation: 'create', app: undefined, userId: admin.defaultUserId },
    ]);
    expect(oracle.writes()).toHaveLength(2);
    expect(oracle.apiCalls()).toEqual({ used: 1, max: 15_000, byApp: { '3MVG9consumer': 1 } });
  });
});
