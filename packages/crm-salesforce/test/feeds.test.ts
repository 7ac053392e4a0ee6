import { isAdapterError, type RecordStore } from '@tidelock/core';
import { describe, expect, it } from 'vitest';
import { createTestOrg, type TestOrg } from '../src/conformance/org.ts';

const MINUTE = 60_000;

async function drain(store: RecordStore, cursor: string | null) {
  const ids: string[] = [];
  const removed: { id: string; mergedInto?: string | undefined }[] = [];
  let at = cursor;
  for (let pages = 1; ; pages += 1) {
    const page = await store.changes('contacts', at);
    for (const change of page.changes) {
      if (change.kind === 'changed') ids.push(change.id);
      else removed.push({ id: change.id, mergedInto: change.mergedInto });
    }
    at = page.cursor;
    if (!page.more) return { ids, removed, cursor: at, pages };
  }
}

/** Describe and sign-in behind it: what follows counts reads alone. */
async function openWarm(org: TestOrg): Promise<RecordStore> {
  const store = org.open();
  await store.list('contacts', null);
  org.requests.length = 0;
  return store;
}

describe('the feed', () => {
  it('enumerates 4,500 contacts in eleven requests and goes on with one a round', async () => {
    const org = createTestOrg();
    org.sf.admin.seedContacts(4500, (index) => ({ LastName: `Person ${index}` }));
    org.emulatorClock.advance(60 * MINUTE);
    const store = await openWarm(org);
    const first = await drain(store, null);
    expect([first.pages, new Set(first.ids).size, org.requests.length]).toEqual([10, 4500, 11]);
    let { cursor } = first;
    ({ cursor } = await drain(store, cursor));
    ({ cursor } = await drain(store, cursor));
    org.requests.length = 0;
    for (let round = 0; round < 5; round += 1) {
      org.emulatorClock.advance(5 * MINUTE);
      const idle = await drain(store, cursor);
      expect([idle.ids, idle.removed]).toEqual([[], []]);
      cursor = idle.cursor;
    }
    expect(org.requests).toEqual(Array.from({ length: 5 }, () => 'GET /services/data/v66.0/queryAll'));
  });

  it('tells each of many changes once, when each of them has a reading', async () => {
    const org = createTestOrg();
    const store = await openWarm(org);
    const people = org.sf.admin.seedContacts(1_500, (index) => ({ LastName: `Person ${index}` }));
    org.emulatorClock.advance(MINUTE);
    let { cursor } = await drain(store, (await drain(store, null)).cursor);
    const told: string[] = [];
    for (const [index, id] of people.slice(0, 300).entries()) {
      if (index % 20 === 0) org.emulatorClock.advance(1_000);
      org.sf.admin.updateContact(id, { Title: `Title ${index}` });
      const round = await drain(store, cursor);
      expect(round.ids, `change ${index}`).toContain(id);
      told.push(...round.ids);
      ({ cursor } = round);
    }
    expect(told).toHaveLength(300);
    const [again = ''] = people.slice(299, 300);
    org.sf.admin.updateContact(again, { Title: 'Changed twice in one second' });
    expect((await drain(store, cursor)).ids).toEqual([again]);
  });

  it('finds rows whose transaction commits after newer ones', async () => {
    const org = createTestOrg();
    const store = await openWarm(org);
    let { cursor } = await drain(store, null);
    org.sf.admin.settings.commitLagMs = 9 * MINUTE;
    const late = org.sf.admin.createContact({ LastName: 'Late' });
    org.sf.admin.settings.commitLagMs = 0;
    org.emulatorClock.advance(MINUTE);
    const prompt = org.sf.admin.createContact({ LastName: 'Prompt' });
    const early = await drain(store, cursor);
    expect(early.ids).toEqual([prompt]);
    cursor = early.cursor;
    org.emulatorClock.advance(9 * MINUTE);
    expect((await drain(store, cursor)).ids).toContain(late);
  });

  it('finds rows whose transaction was open while the enumeration ran', async () => {
    const org = createTestOrg();
    org.sf.admin.settings.commitLagMs = 9 * MINUTE;
    const late = org.sf.admin.createContact({ LastName: 'Late' });
    org.sf.admin.settings.commitLagMs = 0;
    org.emulatorClock.advance(MINUTE);
    org.sf.admin.createContact({ LastName: 'Prompt' });
    const store = await openWarm(org);
    const { ids, cursor } = await drain(store, null);
    expect(ids).not.toContain(late);
    org.emulatorClock.advance(9 * MINUTE);
    expect((await drain(store, cursor)).ids).toContain(late);
  });

  it('delivers rows that share one stamp across pages', async () => {
    const org = createTestOrg();
    const store = await openWarm(org);
    const { cursor } = await drain(store, null);
    org.sf.admin.seedContacts(2500, (index) => ({ LastName: `Person ${index}` }));
    org.emulatorClock.advance(2000);
    const { ids, pages } = await drain(store, cursor);
    expect([new Set(ids).size, pages]).toEqual([2500, 6]);
  });

  it('leaves deleted rows out of an enumeration and reports later ones, with the winner of a merge', async () => {
    const org = createTestOrg();
    const { admin } = org.sf;
    const [gone = '', winner = '', loser = ''] = admin.seedContacts(3, (index) => ({
      LastName: `Person ${index}`,
    }));
    admin.deleteContact(gone);
    org.emulatorClock.advance(60 * MINUTE);
    const store = await openWarm(org);
    const first = await drain(store, null);
    expect([first.ids.sort(), first.removed]).toEqual([[winner, loser].sort(), []]);
    admin.merge(winner, [loser]);
    const second = await drain(store, first.cursor);
    expect(second.removed).toContainEqual({ id: loser, mergedInto: winner });
    expect(second.ids).toContain(winner);
  });

  it('says that a cursor is dead when deletions may have left the recycle bin', async () => {
    const org = createTestOrg();
    const store = await openWarm(org);
    const { cursor } = await drain(store, null);
    org.emulatorClock.advance(13 * 86_400_000);
    const alive = await drain(store, cursor);
    org.emulatorClock.advance(15 * 86_400_000);
    const error = await store.changes('contacts', alive.cursor).catch((caught: unknown) => caught);
    expect(isAdapterError(error) && error.kind).toBe('cursor_expired');
  });

  it('tells two changes within one second apart', async () => {
    const org = createTestOrg();
    const id = org.sf.admin.createContact({ LastName: 'Lee', Title: 'CTO' });
    const store = org.open();
    const [before] = await store.read([id]);
    org.sf.admin.updateContact(id, { Title: 'CEO' });
    const [after] = await store.read([id]);
    if (before?.state !== 'found' || after?.state !== 'found') throw new Error('not found');
    expect(after.record.mono).toBe(before.record.mono);
    expect(after.record.version).not.toBe(before.record.version);
  });

  it('goes on by key where the service answers with shorter pages than asked for', async () => {
    const org = createTestOrg();
    org.sf.admin.seedContacts(500, (index) => ({ LastName: `Person ${index}` }));
    const store = await openWarm(org);
    org.intercept = async (request, forward) => {
      const response = await forward();
      if (!request.url.includes('/query')) return response;
      const body = (await response.json()) as { records: unknown[] };
      const short = { ...body, records: body.records.slice(0, 200), done: body.records.length <= 200 };
      return new Response(JSON.stringify(short), { headers: response.headers });
    };
    expect(new Set((await drain(store, null)).ids).size).toBe(500);
    expect(org.requests.every((each) => each.endsWith('/query') || each.endsWith('/queryAll'))).toBe(true);
  });
});

describe('reads', () => {
  it('settles living, deleted, merged and malformed ids with one request', async () => {
    const org = createTestOrg();
    const { admin } = org.sf;
    const [alive = '', gone = '', loser = ''] = admin.seedContacts(3, (index) => ({
      LastName: `Person ${index}`,
    }));
    admin.deleteContact(gone);
    admin.merge(alive, [loser]);
    const store = await openWarm(org);
    const results = await store.read([gone, alive, loser, 'nonsense', alive.slice(0, 15)]);
    expect(results.map((result) => result.state)).toEqual(['gone', 'found', 'merged', 'failed', 'found']);
    expect(org.requests).toHaveLength(1);
  });

  it('takes for gone what the log of deletions names, and for out of reach what it does not', async () => {
    const org = createTestOrg();
    const { admin } = org.sf;
    const [purged = '', hidden = '', alive = ''] = admin.seedContacts(3, (index) => ({
      LastName: `Person ${index}`,
    }));
    admin.hardDelete(purged);
    admin.setShared(hidden, false);
    const store = await openWarm(org);
    const results = await store.read([purged, hidden, alive]);
    expect(results.map((result) => result.state)).toEqual(['gone', 'out', 'found']);
    expect(org.requests).toHaveLength(2);
  });

  it('reads 1,000 records in four requests', async () => {
    const org = createTestOrg();
    const ids = org.sf.admin.seedContacts(1000, (index) => ({ LastName: `Person ${index}` }));
    const store = await openWarm(org);
    const results = await store.read(ids);
    expect(results.map((result) => result.id)).toEqual(ids);
    expect(results.every((result) => result.state === 'found')).toBe(true);
    expect(org.requests).toHaveLength(4);
  });

  it('finds every holder of an address in custom e-mail fields too, and keeps long lists below the URI limit', async () => {
    const org = createTestOrg();
    org.sf.admin.addField('Contact', { name: 'Email2__c', type: 'email', length: 80 });
    const one = org.sf.admin.createContact({ LastName: 'One', Email: 'Lee@Example.com' });
    const two = org.sf.admin.createContact({ LastName: 'Two', Email2__c: 'lee@example.com' });
    const store = await openWarm(org);
    const noise = Array.from(
      { length: 300 },
      (_, index) => `some.quite.long.name.${index}@subsidiary.example.com`,
    );
    const answers = await store.find('email', ['lee@example.com', ...noise]);
    expect(answers[0]?.map((record) => record.id).sort()).toEqual([one, two].sort());
    expect(answers.slice(1).every((records) => records.length === 0)).toBe(true);
    expect(org.requests.length).toBeLessThan(8);
  });

  it('repeats a read after a reset, and stops at our share of the day', async () => {
    const org = createTestOrg({ emulator: { dailyApiRequests: 100 } });
    const store = await openWarm(org);
    org.sf.faults.inject({ match: { path: /\/query/ }, fault: { kind: 'lost', applied: false } });
    expect((await store.list('contacts', null)).records).toEqual([]);
    expect(org.requests).toHaveLength(2);
    let error: unknown;
    for (let count = 0; count < 30 && error === undefined; count += 1) {
      await store.list('contacts', null).catch((caught: unknown) => {
        error = caught;
      });
    }
    expect(isAdapterError(error) && [error.kind, error.code]).toEqual(['rate_limited', 'daily-share']);
    expect(org.sf.oracle.apiCalls().used).toBeLessThanOrEqual(20);
    org.emulatorClock.advance(25 * 3_600_000);
    expect((await store.list('contacts', null)).records).toEqual([]);
  });
});
