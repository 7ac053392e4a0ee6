import { describe, expect, it } from 'vitest';
import { signIn } from '../src/conformance/sign-in.ts';
import { counted, createWorld, failure, found, json, ORIGIN, stampOf } from '../src/conformance/world.ts';

const make = (given: Partial<Parameters<typeof createWorld>[0]> = {}) => createWorld({ signIn, ...given });
const people = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    surname: `S${index}`,
    emailAddresses: [{ address: `p${index}@example.com` }],
  }));
const contact = (id: string) => ({
  id,
  '@odata.etag': 'W/"1"',
  lastModifiedDateTime: '2026-01-01T00:00:00Z',
  surname: id,
});

describe('reads', () => {
  it('give what a write starts from; feeds and listings, which no write starts from, leave it out', async () => {
    const { store, admin, ann } = await make();
    const [made] = admin.seedContacts(ann, people(1));
    const id = made?.immutableId ?? '';
    const { changes } = await store.changes('contacts', null);
    const { records } = await store.list('contacts', null);
    const [change] = changes;
    const told = [change?.kind === 'changed' ? change.record : undefined, records[0]];
    const { extra, ...shown } = await found(store, id);
    expect(extra).toBeDefined();
    for (const record of told) {
      expect(record).not.toHaveProperty('extra');
      expect(record).toMatchObject({ id, fields: shown.fields, container: shown.container });
    }
  });

  it('costs one request for twenty ids, and counts each answer', async () => {
    const { store, admin, ann, seen } = await make();
    const ids = admin.seedContacts(ann, people(45)).map((each) => each.immutableId);
    const results = await store.read(ids);
    expect(results.map((each) => each.state)).toEqual(ids.map(() => 'found'));
    const batches = seen.filter((each) => each.url.pathname.endsWith('/$batch'));
    expect(batches.map((each) => (each.body as { requests: unknown[] }).requests.length)).toEqual([
      20, 20, 5,
    ]);
  });

  it('a step that the answer leaves out failed, and only it', async () => {
    const { store, admin, ann, emulator } = await make();
    const ids = admin.seedContacts(ann, people(5)).map((each) => each.immutableId);
    emulator.faults.inject({ fault: { kind: 'named', name: 'partial-batch' } });
    const results = await store.read(ids);
    expect(results.filter((each) => each.state === 'found')).toHaveLength(4);
    expect(results.find((each) => each.state === 'failed')).toMatchObject({
      kind: 'unavailable',
      code: 'missing-answer',
    });
  });

  it('sends throttled steps again after the longest wait, alone, and keeps the others (AC-28)', async () => {
    const { store, admin, ann, emulator, seen, clock } = await make();
    const ids = admin.seedContacts(ann, people(6)).map((each) => each.immutableId);
    for (const wait of ['4', '120']) {
      emulator.faults.inject({
        match: { method: 'GET', path: /contacts\// },
        fault: { kind: 'status', status: 429, headers: { 'Retry-After': wait } },
      });
    }
    expect((await store.read(ids)).map((each) => each.state)).toEqual(ids.map(() => 'found'));
    const batches = seen.filter((each) => each.url.pathname.endsWith('/$batch'));
    expect(batches.map((each) => (each.body as { requests: unknown[] }).requests.length)).toEqual([6, 2]);
    expect(clock.mono()).toBeGreaterThanOrEqual(120_000);
  });

  it('gives up on steps that stay throttled, and says so of them only', async () => {
    const { store, admin, ann, emulator } = await make();
    const [one = '', two = ''] = admin.seedContacts(ann, people(2)).map((each) => each.immutableId);
    const path = new RegExp(one.replaceAll(/[.*+?^$()|[\]\\]/g, String.raw`\$&`));
    emulator.faults.inject({
      match: { path },
      times: 99,
      fault: { kind: 'status', status: 429, headers: { 'Retry-After': '2' } },
    });
    expect(await store.read([one, two])).toMatchObject([
      { state: 'failed', kind: 'rate_limited' },
      { state: 'found' },
    ]);
  });

  it.each([
    ['404 ErrorItemNotFound', 404, 'ErrorItemNotFound', { state: 'gone' }],
    ['404 of nobody knows what', 404, '', { state: 'failed', kind: 'protocol' }],
    [
      '400 malformed',
      400,
      'ErrorInvalidIdMalformed',
      { state: 'failed', kind: 'invalid', code: 'ErrorInvalidIdMalformed' },
    ],
    ['500', 500, 'ErrorInternalServerError', { state: 'failed', kind: 'unavailable' }],
    ['503', 503, 'ErrorServerBusy', { state: 'failed', kind: 'unavailable' }],
  ] as const)('%s for one contact is %o', async (...row) => {
    const [, status, code, expected] = row;
    const { store, admin, ann, emulator } = await make();
    const [one = '', two = ''] = admin.seedContacts(ann, people(2)).map((each) => each.immutableId);
    emulator.faults.inject({
      match: { method: 'GET', path: /contacts\// },
      times: 1,
      fault: { kind: 'status', status, body: { error: { code } } },
    });
    const results = await store.read([one, two]);
    expect(results.filter((each) => each.state === 'found')).toHaveLength(1);
    expect(results.find((each) => each.state !== 'found')).toMatchObject(expected);
  });

  it.each([
    [403, 'ErrorAccessDenied', 'forbidden'],
    [401, 'InvalidAuthenticationToken', 'auth'],
    [404, 'MailboxNotEnabledForRESTAPI', 'not_found'],
    [404, 'ErrorInvalidUser', 'not_found'],
  ])('%i %s is thrown: it says nothing about any contact', async (status, code, kind) => {
    const { store, admin, ann, emulator } = await make();
    const ids = admin.seedContacts(ann, people(2)).map((each) => each.immutableId);
    emulator.faults.inject({
      match: { method: 'GET', path: /contacts\// },
      times: 99,
      fault: { kind: 'status', status, body: { error: { code } } },
    });
    expect(await failure(store.read(ids))).toMatchObject({ kind, code });
  });

  it('an unlicensed mailbox or one out of scope never says "gone"', async () => {
    const { store, admin, ann, tenantId, clientId, ben } = await make();
    const ids = admin.seedContacts(ann, people(2)).map((each) => each.immutableId);
    admin.setMailboxState(ann, 'none');
    expect(await failure(store.read(ids))).toMatchObject({
      kind: 'not_found',
      code: 'MailboxNotEnabledForRESTAPI',
    });
    admin.setMailboxState(ann, 'normal');
    admin.setScope(tenantId, clientId, [ben]);
    expect(await failure(store.read(ids))).toMatchObject({ kind: 'forbidden' });
  });

  it('a listing has pages of which some fit into the memory', async () => {
    const { store, admin, ann } = await make();
    admin.seedContacts(ann, people(260));
    const first = await store.list('contacts', null);
    expect(first.records).toHaveLength(250);
    expect((await store.list('contacts', first.next)).records).toHaveLength(10);
  });

  it('many ids are read by pages, and only those not met one by one', async () => {
    const { store, admin, ann, seen } = await make();
    const ids = admin.seedContacts(ann, people(130)).map((each) => each.immutableId);
    admin.deleteContact(ann, ids[7] ?? '');
    const results = await store.read(ids);
    expect(results.filter((each) => each.state === 'found')).toHaveLength(129);
    expect(results[7]).toEqual({ state: 'gone', id: ids[7] });
    expect(counted(seen)).toHaveLength(2);
    const small = await make();
    const few = small.admin.seedContacts(small.ann, people(60)).map((each) => each.immutableId);
    await small.store.read(few);
    expect(counted(small.seen).filter((each) => each.url.includes('$top=1000')).length).toBe(0);
  });

  it('a folder with more pages than that saves is left after the first', async () => {
    const { store, control, seen, emulator } = await make();
    control.intercept = (each, init) => {
      if (each.url.pathname.endsWith('/$batch')) return emulator.fetch(each.url, init);
      return json(200, {
        value: [contact('A')],
        '@odata.count': 90_000,
        '@odata.nextLink': `${ORIGIN}/v1.0/users/u/contacts?$skip=1`,
      });
    };
    const results = await store.read(
      Array.from({ length: 61 }, (_, index) => (index === 0 ? 'A' : `B${index}`)),
    );
    expect(results[0]?.state).toBe('found');
    expect(seen.filter((each) => each.url.pathname.endsWith('/contacts'))).toHaveLength(1);
  });
});

describe('own properties', () => {
  it('are read, written and blanked; answers to writes show what was sent', async () => {
    const { store, options, admin, ann, emulator } = await make({ options: { custom: ['Region', 'Tier'] } });
    const id = `String {${options.namespace}} Name Region`;
    const { immutableId } = admin.createContact(ann, {
      surname: 'Lee',
      singleValueExtendedProperties: [{ id, value: 'North' }],
    });
    const record = await found(store, immutableId);
    expect(record.fields).toMatchObject({ 'x:Region': 'North', 'x:Tier': null });
    const write = {
      op: 'update',
      id: record.id,
      version: record.version,
      current: record,
      patch: { 'x:Region': null, 'x:Tier': 'A' },
    } as const;
    const [outcome] = await store.write([write]);
    expect(outcome).toMatchObject({
      status: 'ok',
      record: { stamp: null, fields: { 'x:Region': null, 'x:Tier': 'A', surname: 'Lee' } },
    });
    expect((await found(store, immutableId)).fields).toMatchObject({ 'x:Region': null, 'x:Tier': 'A' });
    const [created] = await store.write([
      { op: 'create', stamp: stampOf(1), fields: { surname: 'Ray', 'x:Tier': 'B' } },
    ]);
    expect(created).toMatchObject({
      status: 'ok',
      record: { stamp: stampOf(1), fields: { 'x:Region': null, 'x:Tier': 'B' } },
    });
    expect(emulator.oracle.contacts(ann)).toHaveLength(2);
  });
});
