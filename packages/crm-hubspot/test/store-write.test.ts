import type { Write } from '@tidelock/core';
import { describe, expect, it } from 'vitest';
import { createTestAccount, type TestAccount } from '../src/conformance/account.ts';
import { HubSpotOptionsSchema } from '../src/index.ts';

const stamp = (index: number): string => `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;

const create = (index: number, more: object = {}): Write => ({
  op: 'create',
  stamp: stamp(index),
  fields: { firstname: `P${index}`, email: `p${index}@example.com`, ...more },
});

async function update(account: TestAccount, id: string, patch: object): Promise<Write> {
  const [read] = await account.open().read([id]);
  if (read?.state !== 'found') throw new Error('not there');
  return { op: 'update', id, version: read.record.version, patch: { ...patch }, current: read.record };
}

describe('writes', () => {
  it('sends 100 in one request, each with a name of its own, and puts the answers in order', async () => {
    const account = createTestAccount();
    const batch = Array.from({ length: 250 }, (_, index) => create(index));
    const before = account.requests.length;
    const outcomes = await account.open().write(batch);
    expect(account.requests.slice(before).filter((one) => one.includes('/batch/create'))).toHaveLength(3);
    expect(outcomes.every(({ status }) => status === 'ok')).toBe(true);
    outcomes.forEach((outcome, index) => {
      if (outcome.status !== 'ok') return;
      expect(account.hubspot.oracle.contact(outcome.id)?.properties.tidelock_key).toBe(stamp(index));
    });
  });

  it('tells its own earlier create from a stranger with the same address', async () => {
    const account = createTestAccount();
    const [first] = await account.open().write([create(1)]);
    account.hubspot.admin.createContact({ email: 'p2@example.com' });
    for (const uniqueRefusal of ['conflict', 'validation'] as const) {
      account.hubspot.admin.settings.uniqueRefusal = uniqueRefusal;
      const again = await account
        .open()
        .write([create(1), create(2), create(3, { email: '' }), create(1, { email: null })]);
      expect(again[0]).toEqual({ status: 'duplicate', id: first?.status === 'ok' ? first.id : '' });
      expect(again[1]).toMatchObject({ status: 'rejected', code: 'duplicate-key', property: 'email' });
      expect(again[3]).toMatchObject({ status: 'duplicate' });
    }
  });

  it('finds by stamp at once, while searches still lag', async () => {
    const account = createTestAccount();
    await account.open().write([create(1)]);
    const [found] = await account.open().find('stamp', [stamp(1)]);
    expect(found?.[0]?.fields.email).toBe('p1@example.com');
    const [byMail, nobody] = await account.open().find('email', ['P1@Example.com', 'no@example.com']);
    expect([byMail?.length, nobody?.length]).toEqual([1, 0]);
  });

  it('finds a contact under an additional address', async () => {
    const account = createTestAccount();
    const id = account.hubspot.admin.createContact({
      email: 'ann@example.com',
      hs_additional_emails: 'a.lee@example.com;al@example.com',
    });
    const [found] = await account.open(['firstname']).find('email', ['AL@example.com']);
    expect(found?.map((record) => record.id)).toEqual([id]);
  });

  it('says gone of a contact that was merged away, deleted or purged', async () => {
    const account = createTestAccount();
    const { admin } = account.hubspot;
    const [ann, ben, carl] = ['Ann', 'Ben', 'Carl'].map((firstname) => admin.createContact({ firstname }));
    const writes = await Promise.all(
      [ann, ben, carl].map((id) => update(account, id ?? '', { jobtitle: 'X' })),
    );
    admin.archiveContact(ann ?? '');
    admin.purgeContact(ben ?? '');
    const dora = admin.createContact({ firstname: 'Dora' });
    const merged = admin.mergeContacts(dora, carl ?? '');
    const deletes = [ann, ben, carl].map((id): Write => ({ op: 'delete', id: id ?? '', version: '' }));
    expect(await account.open().write(deletes)).toEqual([
      { status: 'gone' },
      { status: 'gone' },
      { status: 'gone', mergedInto: merged },
    ]);
    expect(account.hubspot.oracle.contact(merged)?.archived).toBe(false);
    const outcomes = await account.open().write(writes);
    expect(outcomes).toEqual([
      { status: 'gone' },
      { status: 'gone' },
      { status: 'gone', mergedInto: merged },
    ]);
  });

  it('clears with an empty string and writes an address whole', async () => {
    const account = createTestAccount();
    const id = account.hubspot.admin.createContact({ firstname: 'Ann', phone: '1', city: 'Old', zip: '9' });
    const patch = { phone: null, postalAddress: { street: 'New street 1', city: 'Bath' } };
    const [outcome] = await account.open().write([await update(account, id, patch)]);
    expect(outcome?.status).toBe('ok');
    expect(account.hubspot.oracle.contact(id)?.properties).toMatchObject({
      address: 'New street 1',
      city: 'Bath',
    });
    expect(Object.keys(account.hubspot.oracle.contact(id)?.properties ?? {})).not.toContain('zip');
    expect(Object.keys(account.hubspot.oracle.contact(id)?.properties ?? {})).not.toContain('phone');
  });

  it('leaves a birthday alone that nobody can read', async () => {
    const account = createTestAccount();
    const ids = ['1/2/80', '1980-02-01', '--02-01'].map((date_of_birth, index) =>
      account.hubspot.admin.createContact({ firstname: `P${index}`, date_of_birth }),
    );
    const reads = await account.open(['date_of_birth']).read(ids);
    expect(reads.map((read) => (read.state === 'found' ? read.record.fields : null))).toEqual([
      {},
      { date_of_birth: '1980-02-01' },
      { date_of_birth: '--02-01' },
    ]);
  });

  it('retries nothing that may have been executed, and waits out a lock', async () => {
    const account = createTestAccount();
    const { faults, oracle } = account.hubspot;
    faults.inject({ match: { path: /batch\/create/ }, fault: { kind: 'lost', applied: true } });
    expect(await account.open().write([create(1)])).toMatchObject([{ status: 'unknown' }]);
    expect(oracle.contacts()).toHaveLength(1);
    faults.inject({ fault: { kind: 'named', name: 'locked' } });
    expect(await account.open().write([create(2)])).toMatchObject([{ status: 'retry', afterMs: 2_000 }]);
  });

  it('keeps below the rates of the account, as its headers tell them', async () => {
    const account = createTestAccount({ emulator: { requestsPerTenSeconds: 190 } });
    const store = account.open();
    const from = account.clock.now();
    for (let round = 0; round < 6; round += 1)
      await Promise.all(
        Array.from({ length: 100 }, (_, index) => store.read([String(1_000 + round * 100 + index)])),
      );
    const seconds = (account.clock.now() - from) / 1_000;
    expect(account.hubspot.oracle.apiCalls().refused).toBe(0);
    expect(600 / seconds).toBeGreaterThan(19 * 0.8);
  });
});

describe('options', () => {
  it('refuse another host, plain http and unknown keys', () => {
    const paths = (input: object) =>
      HubSpotOptionsSchema.safeParse({ token: 't', ...input }).error?.issues.map((issue) =>
        issue.path.join('.'),
      );
    expect(paths({})).toBeUndefined();
    expect(paths({ baseUrl: 'https://api.hubapi.com.evil.example' })).toEqual(['baseUrl']);
    expect(paths({ baseUrl: 'http://api.hubapi.com' })).toEqual(['baseUrl']);
    expect(paths({ baseUrl: 'https://localhost:1' })).toEqual(['baseUrl']);
    expect(paths({ baseUrl: 'https://localhost:1', endpoint: { allow: true } })).toBeUndefined();
    expect(HubSpotOptionsSchema.safeParse({ token: 't', tokn: 1 }).success).toBe(false);
  });
});
