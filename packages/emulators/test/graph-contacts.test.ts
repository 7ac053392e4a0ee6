import { describe, expect, it } from 'vitest';
import { createTestWorld, stamp } from './microsoft365-fixture.ts';

const pavel = {
  givenName: 'Pavel',
  surname: 'Bansky',
  emailAddresses: [{ address: 'pavel@fabrikam.example', name: 'Pavel Bansky' }],
  businessPhones: ['+1 732 555 0102'],
};

describe('contacts', () => {
  it('creates with the shapes of the service', async () => {
    const { graph, ann, emulator } = await createTestWorld();
    const body = { ...pavel, singleValueExtendedProperties: [{ id: stamp, value: 'C-1' }] };
    const created = await graph('POST', `/users/${ann}/contacts`, { body });
    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({
      displayName: 'Pavel Bansky',
      fileAs: 'Bansky, Pavel',
      jobTitle: null,
      birthday: null,
      homePhones: [],
      categories: [],
      businessAddress: {},
      primaryEmailAddress: pavel.emailAddresses[0],
      secondaryEmailAddress: null,
      createdDateTime: '2026-11-23T09:00:00Z',
    });
    expect(created.body).not.toHaveProperty('singleValueExtendedProperties');
    expect(created.body['@odata.etag']).toBe(`W/"${created.body.changeKey}"`);
    expect(created.body.id).toMatch(/^AAMk[\w-]+=$/);
    expect(created.headers.get('content-type')).toContain('odata.metadata=minimal');
    expect(created.headers.get('odata-version')).toBe('4.0');
    expect(created.headers.get('date')).toBe('Mon, 23 Nov 2026 09:00:00 GMT');
    expect(emulator.oracle.contacts(ann)[0]?.extended).toEqual([{ id: stamp, value: 'C-1' }]);
    expect(emulator.oracle.writes(ann)).toMatchObject([{ method: 'POST', status: 201 }]);
  });

  it('echoes client-request-id and names itself in errors', async () => {
    const { graph, ann } = await createTestWorld();
    const headers = { 'client-request-id': 'c0ffee00-0000-4000-8000-000000000000' };
    const missing = await graph('GET', `/users/${ann}/contacts/garbage`, { headers });
    expect(missing.headers.get('client-request-id')).toBe(headers['client-request-id']);
    expect(missing.body.error).toMatchObject({
      code: 'ErrorInvalidIdMalformed',
      innerError: {
        date: '2026-11-23T09:00:00',
        'request-id': missing.headers.get('request-id'),
        'client-request-id': headers['client-request-id'],
      },
    });
  });

  it('merges a PATCH, replaces complex values whole, regenerates the display name', async () => {
    const { graph, ann, clock } = await createTestWorld();
    const { body } = await graph('POST', `/users/${ann}/contacts`, {
      body: { ...pavel, businessAddress: { street: '1 Way', city: 'Oslo' }, jobTitle: 'CTO' },
    });
    clock.advance(2_500);
    const path = `/users/${ann}/contacts/${body.id}`;
    const renamed = await graph('PATCH', path, {
      body: { surname: 'Bán', businessAddress: { city: 'Bergen' } },
    });
    expect(renamed.status).toBe(200);
    expect(renamed.body).toMatchObject({
      displayName: 'Pavel Bán',
      fileAs: 'Bán, Pavel',
      jobTitle: 'CTO',
      businessAddress: { city: 'Bergen' },
      lastModifiedDateTime: '2026-11-23T09:00:02Z',
    });
    expect(renamed.body.businessAddress).toEqual({ city: 'Bergen' });
    expect(renamed.body.changeKey).not.toBe(body.changeKey);
    const kept = await graph('PATCH', path, { body: { displayName: 'Boss', givenName: 'P.', fileAs: 'X' } });
    expect(kept.body).toMatchObject({ displayName: 'Boss', fileAs: 'X' });
    const again = await graph('PATCH', path, { body: { givenName: 'Paul' } });
    expect(again.body).toMatchObject({ displayName: 'Paul Bán', fileAs: 'X' });
    const cleared = await graph('PATCH', path, {
      body: {
        jobTitle: null,
        nickName: '',
        emailAddresses: [],
        businessAddress: {},
        homeAddress: { city: null },
      },
    });
    expect(cleared.body).toMatchObject({
      jobTitle: null,
      nickName: '',
      emailAddresses: [],
      businessAddress: {},
      homeAddress: {},
    });
    const same = await graph('PATCH', path, { body: {} });
    expect(same.body.changeKey).not.toBe(cleared.body.changeKey);
  });

  it('stores a birthday as an instant', async () => {
    const { graph, ann } = await createTestWorld();
    const create = async (birthday: unknown) =>
      graph('POST', `/users/${ann}/contacts`, { body: { birthday } });
    expect((await create('1974-07-22T11:59:00Z')).body.birthday).toBe('1974-07-22T11:59:00Z');
    expect((await create('1974-07-22T00:00:00+02:00')).body.birthday).toBe('1974-07-21T22:00:00Z');
    expect((await create('1974-07-22')).body.birthday).toBe('1974-07-22T00:00:00Z');
    expect((await create('22 July')).body.error.code).toBe('RequestBodyRead');
  });

  it('refuses what does not fit', async () => {
    const { graph, ann, emulator } = await createTestWorld();
    const mail = (address: string) => ({ address, name: address });
    const cases: [string, unknown][] = [
      ['ErrorPropertyValidationFailure', { emailAddresses: ['a', 'b', 'c', 'd'].map(mail) }],
      ['ErrorPropertyValidationFailure', { businessPhones: ['1', '2', '3'] }],
      ['ErrorPropertyValidationFailure', { homePhones: ['1', '2', '3'] }],
      ['ErrorPropertyValidationFailure', { imAddresses: ['1', '2', '3', '4'] }],
      ['ErrorPropertyValidationFailure', { emailAddresses: [], primaryEmailAddress: mail('a') }],
      ['RequestBodyRead', { favouriteColour: 'red' }],
      ['RequestBodyRead', { businessAddress: { country: 'NO' } }],
      ['RequestBodyRead', { givenName: 5 }],
      ['RequestBodyRead', { mobilePhone: ['1'] }],
      ['RequestBodyRead', { homePhones: null }],
      ['RequestBodyRead', 'not json'],
      ['ErrorInvalidProperty', { singleValueExtendedProperties: [{ id: 'CrmId', value: '1' }] }],
      ['ErrorInvalidProperty', { singleValueExtendedProperties: [{ id: stamp, value: null }] }],
    ];
    for (const [code, body] of cases) {
      const refused = await graph('POST', `/users/${ann}/contacts`, { body });
      expect([refused.status, refused.body.error.code, body]).toEqual([400, code, body]);
    }
    const withOption = await graph('POST', `/users/${ann}/contacts?$select=id`, { body: {} });
    expect(withOption.body.error.code).toBe('ErrorInvalidUrlQuery');
    expect(emulator.oracle.counts(ann)).toEqual({ contacts: 0, folders: 1, tombstones: 0 });
    expect(emulator.oracle.writes()).toEqual([]);
    const tooBig = await graph('POST', `/users/${ann}/contacts`, {
      body: { personalNotes: 'x'.repeat(4_200_000) },
    });
    expect(tooBig.status).toBe(413);
  });

  it('writes single e-mail slots', async () => {
    const { graph, ann } = await createTestWorld();
    const { body } = await graph('POST', `/users/${ann}/contacts`, { body: pavel });
    const second = { address: 'p@home.example', name: 'Home' };
    const patched = await graph('PATCH', `/users/${ann}/contacts/${body.id}`, {
      body: { secondaryEmailAddress: second },
    });
    expect(patched.body.emailAddresses).toEqual([pavel.emailAddresses[0], second]);
  });

  it('guards PATCH and DELETE by If-Match', async () => {
    const { graph, ann, emulator } = await createTestWorld();
    const { body } = await graph('POST', `/users/${ann}/contacts`, { body: pavel });
    const path = `/users/${ann}/contacts/${body.id}`;
    const stale = { 'if-match': body['@odata.etag'] };
    const fresh = await graph('PATCH', path, { body: { title: 'Dr' }, headers: stale });
    expect(fresh.status).toBe(200);
    for (const method of ['PATCH', 'DELETE']) {
      const conflict = await graph(method, path, {
        body: method === 'PATCH' ? {} : undefined,
        headers: stale,
      });
      expect([conflict.status, conflict.body.error.code]).toEqual([412, 'ErrorIrresolvableConflict']);
    }
    emulator.faults.inject({ fault: { kind: 'named', name: 'transient-412' } });
    expect((await graph('PATCH', path, { body: { title: 'X' } })).status).toBe(412);
    expect((await graph('GET', path)).body.title).toBe('Dr');
    expect((await graph('PATCH', path, { body: {}, headers: { 'if-match': '*' } })).status).toBe(200);
    const gone = await graph('DELETE', path);
    expect([gone.status, gone.body]).toEqual([204, '']);
    const missing = await graph('GET', path);
    expect([missing.status, missing.body.error.code]).toEqual([404, 'ErrorItemNotFound']);
    expect(emulator.oracle.tombstones(ann)).toMatchObject([{ id: body.id, by: 'app' }]);
  });

  it('has case-sensitive ids in two forms; the default one changes on a move', async () => {
    const { graph, ann, ben, emulator } = await createTestWorld();
    const immutable = { prefer: 'IdType="ImmutableId"' };
    const { body } = await graph('POST', `/users/${ann}/contacts`, { body: pavel });
    const path = `/users/${ann}/contacts`;
    const kept = (await graph('GET', `${path}/${body.id}`, { headers: immutable })).body.id;
    expect(kept).toMatch(/^AAkALg/);
    const swapped = body.id.replace(/[a-z]/gi, (c: string) =>
      c === c.toLowerCase() ? c.toUpperCase() : c.toLowerCase(),
    );
    expect((await graph('GET', `${path}/${swapped}`)).status).toBe(400);
    const shortened = `${body.id.slice(0, -12)}${body.id.slice(-8)}`;
    for (const broken of [body.id.slice(0, -6), shortened]) {
      expect((await graph('GET', `${path}/${broken}`)).body.error.code).toBe('ErrorInvalidIdMalformed');
    }
    expect((await graph('GET', `/users/${ben}/contacts/${body.id}`)).body.error.code).toBe(
      'ErrorInvalidIdMalformed',
    );
    const folder = emulator.admin.createFolder(ann, 'Friends');
    const moved = emulator.admin.moveContact(ann, body.id, folder.id);
    expect(moved.immutableId).toBe(kept);
    expect(moved.id).not.toBe(body.id);
    expect((await graph('GET', `${path}/${body.id}`)).status).toBe(404);
    expect((await graph('GET', `${path}/${kept}`)).body).toMatchObject({
      id: moved.id,
      parentFolderId: folder.id,
    });
    expect((await graph('GET', `/users/${ann}/contactFolders/contacts/contacts/${kept}`)).status).toBe(404);
    expect((await graph('GET', `/users/${ann}/contactFolders/${folder.id}/contacts/${kept}`)).status).toBe(
      200,
    );
  });

  it('churns the change key of app-made contacts without touching content', async () => {
    const { graph, ann, clock, emulator } = await createTestWorld({
      churn: { share: 1, minMs: 2_000, maxMs: 5_000 },
    });
    const { body } = await graph('POST', `/users/${ann}/contacts`, { body: pavel });
    const path = `/users/${ann}/contacts/${body.id}`;
    clock.advance(1_900);
    expect((await graph('GET', path)).body.changeKey).toBe(body.changeKey);
    clock.advance(3_200);
    const later = (await graph('GET', path)).body;
    expect(later.changeKey).not.toBe(body.changeKey);
    for (const name of ['displayName', 'emailAddresses', 'businessPhones'])
      expect(later[name]).toEqual(body[name]);
    clock.advance(60_000);
    expect((await graph('GET', path)).body.changeKey).toBe(later.changeKey);
    expect(emulator.oracle.writes(ann)).toHaveLength(1);
  });

  it('copies extended properties with a contact and keeps them on a move', async () => {
    const { graph, ann, emulator } = await createTestWorld();
    const made = emulator.admin.createContact(ann, {
      ...pavel,
      singleValueExtendedProperties: [{ id: stamp, value: 'C-1' }],
    });
    const copy = emulator.admin.copyContact(ann, made.id);
    const folder = emulator.admin.createFolder(ann, 'Friends');
    emulator.admin.moveContact(ann, made.id, folder.id);
    const stamps = emulator.oracle.contacts(ann).map((contact) => contact.extended);
    expect(stamps).toEqual([[{ id: stamp, value: 'C-1' }], [{ id: stamp, value: 'C-1' }]]);
    expect(copy.immutableId).not.toBe(made.immutableId);
    await graph('PATCH', `/users/${ann}/contacts/${copy.id}`, {
      body: { singleValueExtendedProperties: [{ id: stamp, value: '' }] },
    });
    expect(emulator.oracle.contact(ann, copy.id)?.extended).toEqual([{ id: stamp, value: '' }]);
  });

  it('shows the oracle frozen copies', async () => {
    const { ann, emulator } = await createTestWorld();
    emulator.admin.createContact(ann, pavel);
    const [contact] = emulator.oracle.contacts(ann);
    expect(Object.isFrozen(contact)).toBe(true);
    expect(Object.isFrozen(contact?.emailAddresses)).toBe(true);
    expect(Object.isFrozen(contact?.emailAddresses[0])).toBe(true);
    expect(Object.isFrozen(contact?.businessAddress)).toBe(true);
  });
});
