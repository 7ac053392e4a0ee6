import type { Outcome, RecordStore, StoreRecord, Write } from '@tidelock/core';
import { describe, expect, it } from 'vitest';
import { createTestOrg, type TestOrg, type TestOrgOptions } from '../src/conformance/org.ts';

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

describe('companies', () => {
  const named = (index: number, company: string | null) => create(index, { 'Account.Name': company });
  const accountOf = (org: TestOrg, stamp: string) =>
    org.sf.oracle.contacts().find((row) => row.TidelockKey__c === stamp)?.AccountId ?? null;

  it('match exactly one account, with one query for the batch and none for the next', async () => {
    const { org, store } = await openWarm();
    const acme = org.sf.admin.createAccount({ Name: 'Acme & Söhne' });
    org.sf.admin.createAccount({ Name: 'Twin' });
    org.sf.admin.createAccount({ Name: 'twin' });
    const batch = [named(1, ' acme  & söhne '), named(2, 'Nobody Ltd'), named(3, 'Twin'), named(4, null)];
    const outcomes = await store.write(batch);
    expect(outcomes.map((each) => (each.status === 'ok' ? (each.notes ?? []) : each))).toEqual([
      [],
      [{ property: 'Account.Name', code: 'unresolved' }],
      [{ property: 'Account.Name', code: 'ambiguous' }],
      [],
    ]);
    expect([1, 2, 3, 4].map((index) => accountOf(org, `stamp-${index}`))).toEqual([acme, null, null, null]);
    expect(org.requests.filter((each) => each.startsWith('GET'))).toHaveLength(1);
    org.requests.length = 0;
    await store.write([named(5, 'ACME & SÖHNE'), named(6, 'Nobody Ltd')]);
    expect(org.requests.filter((each) => each.startsWith('GET'))).toHaveLength(0);
    expect(accountOf(org, 'stamp-5')).toBe(acme);
  });

  it('are kept when the name fits the present account, and cleared only when blanked', async () => {
    const { org, store } = await openWarm();
    const twin = org.sf.admin.createAccount({ Name: 'Twin' });
    org.sf.admin.createAccount({ Name: 'Twin' });
    const id = org.sf.admin.createContact({ LastName: 'Lee', AccountId: twin });
    const record = await found(store, id);
    expect(record.fields['Account.Name']).toBe('Twin');
    expect(await writeOne(store, update(record, { 'Account.Name': 'TWIN' }))).toEqual({ status: 'ok', id });
    expect(await writeOne(store, update(record, { 'Account.Name': 'Nobody' }))).toMatchObject({
      notes: [{ code: 'unresolved' }],
    });
    expect(org.sf.oracle.contact(id)?.AccountId).toBe(twin);
    expect(await writeOne(store, update(record, { 'Account.Name': null }))).toEqual({ status: 'ok', id });
    expect(org.sf.oracle.contact(id)?.AccountId).toBeNull();
    org.requests.length = 0;
    const blank = await found(store, id);
    await writeOne(store, update(blank, { 'Account.Name': null }));
    expect(org.requests.filter((each) => !each.startsWith('GET'))).toEqual([]);
  });

  it('are plain text where the options name a field', async () => {
    const org = createTestOrg({ adapter: { account: 'text:Company__c' } });
    org.sf.admin.addField('Contact', { name: 'Company__c', type: 'string', length: 255 });
    const store = org.open();
    const outcome = await writeOne(store, named(1, 'Any Company'));
    const record = await found(store, outcome?.status === 'ok' ? outcome.id : '');
    expect(record.fields['Account.Name']).toBe('Any Company');
    expect(org.sf.oracle.contact(record.id)?.Company__c).toBe('Any Company');
    const { catalogue } = await store.probe();
    expect(catalogue['Account.Name']).toMatchObject({ writable: true, maxLength: 255 });
    expect(catalogue['Account.Name']?.resolved).toBeUndefined();
    expect(catalogue.Company__c).toBeUndefined();
  });
});
