import type { Outcome, RecordStore, StoreRecord, Write } from '@tidelock/core';
import { describe, expect, it } from 'vitest';
import { createTestOrg, type TestOrg, type TestOrgOptions } from '../src/conformance/org.ts';

const VALUE = 'Unmistakable Value 4711';

function create(index: number, fields: Readonly<Record<string, string | null>> = {}): Write {
  return { op: 'create', stamp: `stamp-${index}`, fields: { LastName: `Person ${index}`, ...fields } };
}

function update(record: StoreRecord, patch: Readonly<Record<string, string | null>>): Write {
  return { op: 'update', id: record.id, version: record.version, current: record, patch };
}

async function openWarm(options: TestOrgOptions = {}): Promise<{ org: TestOrg; store: RecordStore }> {
  const org = createTestOrg(options);
  const store = org.open();
  await store.list('contacts', null);
  org.requests.length = 0;
  return { org, store };
}

async function found(store: RecordStore, id: string): Promise<StoreRecord> {
  const [result] = await store.read([id]);
  if (result?.state !== 'found') throw new Error('not found');
  return result.record;
}

async function writeOne(store: RecordStore, write: Write): Promise<Outcome | undefined> {
  return (await store.write([write]))[0];
}

const recordError = (errorCode: string, times = 1) => ({
  times,
  fault: {
    kind: 'named' as const,
    name: 'record-error',
    data: { errorCode, message: `${errorCode}: ${VALUE}` },
  },
});

describe('batches', () => {
  it('creates 450 contacts in three requests', async () => {
    const { org, store } = await openWarm();
    const outcomes = await store.write(Array.from({ length: 450 }, (_, index) => create(index)));
    expect(new Set(outcomes.map((outcome) => outcome.status))).toEqual(new Set(['ok']));
    expect(org.requests).toEqual(
      Array.from({ length: 3 }, () => 'POST /services/data/v66.0/composite/sobjects'),
    );
    expect(org.sf.oracle.contacts()).toHaveLength(450);
  });

  it('sends creates, updates and deletes apart and answers in the order asked', async () => {
    const { org, store } = await openWarm();
    const ids = org.sf.admin.seedContacts(4, (index) => ({ LastName: `Old ${index}` }));
    const records = await Promise.all(ids.map((id) => found(store, id)));
    org.requests.length = 0;
    const [one, two, three, four] = records as [StoreRecord, StoreRecord, StoreRecord, StoreRecord];
    const outcomes = await store.write([
      { op: 'delete', id: one.id, version: one.version },
      update(two, { Title: 'CEO' }),
      create(1),
      update(three, { Title: 'CFO' }),
      { op: 'delete', id: four.id, version: four.version },
    ]);
    expect(outcomes.map((each) => each.status)).toEqual(['ok', 'ok', 'ok', 'ok', 'ok']);
    expect(org.requests.map((each) => each.split(' ')[0])).toEqual(['POST', 'PATCH', 'DELETE']);
    expect(
      outcomes.map((each) => ('id' in each ? each.id : null)).filter((id) => ids.includes(id ?? '')),
    ).toEqual([one.id, two.id, three.id, four.id]);
  });

  it('isolates a value that makes the service refuse the whole request', async () => {
    const { org, store } = await openWarm();
    org.intercept = async (request, forward) => {
      if (!(await request.clone().text()).includes('Person 3')) return forward();
      const body = [{ errorCode: 'JSON_PARSER_ERROR', message: VALUE }];
      return new Response(JSON.stringify(body), { status: 400 });
    };
    const outcomes = await store.write(Array.from({ length: 8 }, (_, index) => create(index)));
    expect(outcomes.map((each) => each.status)).toEqual(
      Array.from({ length: 8 }, (_, index) => (index === 3 ? 'rejected' : 'ok')),
    );
    expect(JSON.stringify(outcomes)).not.toContain(VALUE);
  });

  it('sends nothing more after a call without an answer, and says which items are in doubt', async () => {
    const { org, store } = await openWarm();
    org.sf.faults.inject({ match: { method: 'POST' }, fault: { kind: 'lost', applied: true } });
    const outcomes = await store.write(Array.from({ length: 250 }, (_, index) => create(index)));
    expect(outcomes.slice(0, 200).every((each) => each.status === 'unknown')).toBe(true);
    expect(outcomes.slice(200).every((each) => each.status === 'retry')).toBe(true);
    expect(org.requests).toHaveLength(1);
    expect(org.sf.oracle.contacts()).toHaveLength(200);
  });
});

describe('creates', () => {
  it('are duplicates by stamp, with the id in its long form', async () => {
    const { org, store } = await openWarm();
    const first = await writeOne(store, create(1, { Title: 'First' }));
    const second = await writeOne(store, create(1, { Title: 'Second' }));
    expect(first?.status).toBe('ok');
    expect(second).toEqual({ status: 'duplicate', id: first?.status === 'ok' ? first.id : '' });
    org.intercept = async (_request, forward) => {
      const text = await (await forward()).text();
      return new Response(text.replace(/(003\w{12})\w{3}/g, '$1'));
    };
    expect(await writeOne(store, create(1))).toEqual(second);
  });

  it('never carry one stamp twice in one request', async () => {
    const { org, store } = await openWarm();
    const outcomes = await store.write([create(1), create(1), create(2)]);
    expect(outcomes.map((each) => each.status)).toEqual(['ok', 'duplicate', 'ok']);
    expect(org.requests).toHaveLength(2);
  });

  it('keep stamp and owner; an inactive owner is refused', async () => {
    const { org, store } = await openWarm();
    const owner = org.sf.admin.addUser({ username: 'o@example.com' });
    const created = await writeOne(store, {
      op: 'create',
      stamp: 'stamp-1',
      fields: { LastName: 'Lee' },
      owner,
    });
    expect(org.sf.oracle.contacts()[0]).toMatchObject({ TidelockKey__c: 'stamp-1', OwnerId: owner });
    expect(created?.status).toBe('ok');
    org.sf.admin.setUserActive(owner, false);
    const refused = await writeOne(store, {
      op: 'create',
      stamp: 'stamp-2',
      fields: { LastName: 'Lee' },
      owner,
    });
    expect(refused).toMatchObject({ status: 'rejected', code: 'owner' });
  });

  it('are refused without the stamp field', async () => {
    const { org, store } = await openWarm({ stampField: false });
    expect(await writeOne(store, create(1))).toMatchObject({
      status: 'rejected',
      property: 'TidelockKey__c',
    });
    expect(org.requests).toEqual([]);
  });
});

describe('updates', () => {
  it('of one record carry If-Unmodified-Since and answer conflict', async () => {
    const { org, store } = await openWarm();
    const record = await found(store, org.sf.admin.createContact({ LastName: 'Lee', Title: 'CTO' }));
    org.emulatorClock.advance(5000);
    org.sf.admin.updateContact(record.id, { Title: 'By a person' });
    expect(await writeOne(store, update(record, { Title: 'By us' }))).toEqual({ status: 'conflict' });
    expect(org.sf.oracle.contact(record.id)?.Title).toBe('By a person');
    expect(await writeOne(store, update(await found(store, record.id), { Title: 'By us' }))).toMatchObject({
      status: 'ok',
    });
    expect(org.sf.oracle.contact(record.id)?.Title).toBe('By us');
  });

  it('of deleted, merged and purged records are gone, in a batch and alone', async () => {
    const { org, store } = await openWarm();
    const { admin } = org.sf;
    const ids = admin.seedContacts(5, (index) => ({ LastName: `Person ${index}` }));
    const records = await Promise.all(ids.map((id) => found(store, id)));
    const [deleted, winner, loser, purged] = records as [StoreRecord, StoreRecord, StoreRecord, StoreRecord];
    admin.deleteContact(deleted.id);
    admin.merge(winner.id, [loser.id]);
    admin.hardDelete(purged.id);
    const expected = [{ status: 'gone' }, { status: 'gone', mergedInto: winner.id }, { status: 'gone' }];
    const writes = [deleted, loser, purged].map((record) => update(record, { Title: 'x' }));
    org.requests.length = 0;
    expect(await store.write(writes)).toEqual(expected);
    expect(org.requests).toHaveLength(2);
    for (const [index, write] of writes.entries())
      expect(await writeOne(store, write)).toEqual(expected[index]);
    const deletes = [deleted, loser].map(({ id, version }): Write => ({ op: 'delete', id, version }));
    expect(await store.write(deletes)).toEqual(expected.slice(0, 2));
  });
});

describe('refusals', () => {
  it.each([
    ['REQUIRED_FIELD_MISSING', 'required'],
    ['STRING_TOO_LONG', 'too-long'],
    ['FIELD_CUSTOM_VALIDATION_EXCEPTION', 'validation-rule'],
    ['DUPLICATES_DETECTED', 'duplicate-key'],
    ['INVALID_EMAIL_ADDRESS', 'invalid'],
    ['INSUFFICIENT_ACCESS_OR_READONLY', 'permission'],
    ['INACTIVE_OWNER_OR_USER', 'owner'],
    ['INVALID_FIELD_FOR_INSERT_UPDATE', 'read-only'],
    ['SOME_NEW_CODE', 'unknown'],
  ])('%s is %s and costs one item', async (errorCode, code) => {
    const { org, store } = await openWarm();
    org.sf.faults.inject(recordError(errorCode));
    const outcomes = await store.write([create(1), create(2)]);
    expect(outcomes[0]).toMatchObject({
      status: 'rejected',
      code,
      message: expect.stringContaining(errorCode),
    });
    expect(outcomes[1]?.status).toBe('ok');
    expect(JSON.stringify([outcomes, org.logged])).not.toContain(VALUE);
  });

  it('name the property, never the value', async () => {
    const { store } = await openWarm();
    const outcomes = await store.write([
      create(1, { LastName: VALUE.repeat(10) }),
      create(2, { Email: `${VALUE} at example` }),
      create(3, { LastName: null }),
      create(4, { Birthdate: '--02-28' }),
      create(5, { Name: VALUE }),
    ]);
    expect(outcomes).toEqual([
      { status: 'rejected', code: 'too-long', property: 'LastName', message: 'STRING_TOO_LONG on LastName' },
      { status: 'rejected', code: 'invalid', property: 'Email', message: 'INVALID_EMAIL_ADDRESS on Email' },
      {
        status: 'rejected',
        code: 'required',
        property: 'LastName',
        message: 'REQUIRED_FIELD_MISSING on LastName',
      },
      { status: 'rejected', code: 'invalid', property: 'Birthdate', message: expect.any(String) },
      { status: 'rejected', code: 'unsupported', property: 'Name', message: expect.any(String) },
    ]);
    expect(JSON.stringify(outcomes)).not.toContain(VALUE);
  });

  it('of one part of an address name the address', async () => {
    const { store } = await openWarm();
    const fields = { LastName: 'Lee', MailingAddress: { city: VALUE.repeat(5), country: 'CH' } };
    expect(await writeOne(store, { op: 'create', stamp: 'stamp-1', fields })).toEqual({
      status: 'rejected',
      code: 'too-long',
      property: 'MailingAddress',
      message: 'STRING_TOO_LONG on MailingCity',
    });
  });

  it('a full org is no fault of the row', async () => {
    const { org, store } = await openWarm();
    org.sf.faults.inject(recordError('STORAGE_LIMIT_EXCEEDED'));
    expect(await writeOne(store, create(1))).toMatchObject({ status: 'retry', kind: 'forbidden' });
  });

  it('a locked row waits for its own turn, the others go on', async () => {
    const { org, store } = await openWarm();
    org.sf.faults.inject({ fault: { kind: 'named', name: 'unable-to-lock-row' } });
    const outcomes = await store.write([create(1), create(2)]);
    expect(outcomes[0]).toEqual({ status: 'retry', kind: 'conflict', afterMs: 2000 });
    expect(outcomes[1]?.status).toBe('ok');
  });

  it('the org’s request limit is a wait, and nothing was written', async () => {
    const { org, store } = await openWarm();
    org.sf.admin.settings.dailyApiRequests = 1;
    const outcome = await writeOne(store, create(1));
    expect(outcome).toMatchObject({ status: 'retry', kind: 'rate_limited', afterMs: expect.any(Number) });
    expect(org.sf.oracle.contacts()).toEqual([]);
  });
});
