import { describe, expect, it } from 'vitest';
import { createTestOrg, DATA, type Json, type TestOrg } from './salesforce-org.ts';

const stamp = '2026-08-01T06:00:00.000+0000';
const httpDate = 'Sat, 01 Aug 2026 06:00:00 GMT';

async function createContact(org: TestOrg, fields: Record<string, unknown> = {}): Promise<string> {
  const answer = await org.send('POST', '/sobjects/Contact', { body: { LastName: 'Smith', ...fields } });
  expect(answer.status).toBe(201);
  return answer.body.id;
}

describe('single contacts', () => {
  it('are created, read, changed and deleted by id', async () => {
    const org = await createTestOrg();
    const created = await org.send('POST', '/sobjects/Contact', {
      body: { LastName: 'Smith', FirstName: 'Jane' },
    });
    expect(created.status).toBe(201);
    expect(created.body).toEqual({ id: expect.stringMatching(/^003.{15}$/), success: true, errors: [] });
    const path = `/sobjects/Contact/${created.body.id}`;
    expect(created.headers.get('location')).toBe(DATA + path);

    const row = await org.get(path);
    expect(row.body).toMatchObject({
      attributes: { type: 'Contact', url: DATA + path },
      Id: created.body.id,
      Name: 'Jane Smith',
      SystemModstamp: stamp,
      LastModifiedDate: stamp,
      CreatedDate: stamp,
      LastModifiedById: org.userId,
      OwnerId: org.userId,
      IsDeleted: false,
      Email: null,
      MailingAddress: null,
    });
    org.clock.advance(5000);
    expect(
      (await org.send('PATCH', path, { body: { firstname: 'Joan', MailingCity: 'Leeds' } })).status,
    ).toBe(204);
    const changed = (await org.get(`${path.slice(0, -3)}?fields=Name,LastModifiedDate,MailingAddress`)).body;
    expect(changed).toMatchObject({ Name: 'Joan Smith', LastModifiedDate: '2026-08-01T06:00:05.000+0000' });
    expect(changed.MailingAddress).toMatchObject({ city: 'Leeds', street: null });

    expect(await org.send('DELETE', path)).toMatchObject({ status: 204, body: undefined });
    for (const method of ['GET', 'DELETE']) {
      const gone = await org.send(method, path);
      expect(gone).toMatchObject({
        status: 404,
        body: [{ errorCode: 'ENTITY_IS_DELETED', message: 'entity is deleted' }],
      });
    }
    expect((await org.send('PATCH', path, { body: { Title: 'x' } })).body[0].errorCode).toBe(
      'ENTITY_IS_DELETED',
    );
  });

  it('answer ids never seen with NOT_FOUND and wrong ids with MALFORMED_ID', async () => {
    const org = await createTestOrg();
    const id = await createContact(org);
    await org.send('DELETE', `/sobjects/Contact/${id}`);
    org.sf.admin.hardDelete(id);
    expect((await org.get(`/sobjects/Contact/${id}`)).body[0].errorCode).toBe('NOT_FOUND');
    const wrong = await org.get('/sobjects/Account/001900K0001pPuOAAU');
    expect(wrong.status).toBe(400);
    expect(wrong.body).toEqual([
      {
        fields: ['Id'],
        message: 'Account ID: id value of incorrect type: 001900K0001pPuOAAU',
        errorCode: 'MALFORMED_ID',
      },
    ]);
  });

  it('take POST with _HttpMethod=PATCH, and refuse other methods, types and bodies', async () => {
    const org = await createTestOrg();
    const id = await createContact(org);
    const patched = await org.send('POST', `/sobjects/Contact/${id}?_HttpMethod=PATCH`, {
      body: { Title: 'CTO' },
    });
    expect(patched.status).toBe(204);
    expect(org.sf.oracle.contact(id)?.Title).toBe('CTO');
    expect((await org.send('PUT', `/sobjects/Contact/${id}`, { body: {} })).status).toBe(405);
    const xml = { 'content-type': 'text/xml' };
    expect((await org.send('POST', '/sobjects/Contact', { body: {}, headers: xml })).status).toBe(415);
    expect((await org.send('POST', '/sobjects/Contact', { body: 'LastName' })).body[0].errorCode).toBe(
      'JSON_PARSER_ERROR',
    );
    expect((await org.get('/sobjects/Task/00T000000000001AAA')).status).toBe(404);
  });
});

describe('contacts by external id', () => {
  const path = '/sobjects/Contact/TidelockKey__c/a%2Fb%3D';

  it('are inserted, updated and read', async () => {
    const org = await createTestOrg();
    expect((await org.get(path)).status).toBe(404);
    const only = await org.send('PATCH', `${path}?updateOnly=true`, { body: { LastName: 'S' } });
    expect(only).toMatchObject({ status: 404, body: [{ errorCode: 'NOT_FOUND' }] });
    const created = await org.send('PATCH', path, { body: { LastName: 'Smith' } });
    expect(created).toMatchObject({ status: 201, body: { success: true, errors: [], created: true } });
    const updated = await org.send('PATCH', path, { body: { Title: 'CTO' } });
    expect(updated).toMatchObject({ status: 200, body: { id: created.body.id, created: false } });
    expect((await org.get(path)).body).toMatchObject({ Title: 'CTO', TidelockKey__c: 'a/b=' });
    const inBody = await org.send('PATCH', path, { body: { TidelockKey__c: 'a/b=' } });
    expect(inBody.body[0].errorCode).toBe('INVALID_FIELD');
    expect((await org.send('PATCH', '/sobjects/Contact/Title/x', { body: {} })).status).toBe(404);
  });

  it('answer 300 with record URLs when the key is not unique, and write nothing', async () => {
    const org = await createTestOrg();
    const ids = [
      await createContact(org, { Email: 'j@example.com' }),
      await createContact(org, { Email: 'J@example.com' }),
    ];
    const writes = org.sf.oracle.writes().length;
    for (const method of ['GET', 'PATCH']) {
      const answer = await org.send(
        method,
        '/sobjects/Contact/Email/j%40example.com',
        method === 'GET' ? {} : { body: { Title: 'x' } },
      );
      expect(answer).toMatchObject({ status: 300, body: ids.map((id) => `${DATA}/sobjects/Contact/${id}`) });
    }
    expect(org.sf.oracle.writes()).toHaveLength(writes);
  });

  it('do not find rows in the recycle bin', async () => {
    const org = await createTestOrg();
    const first = await org.send('PATCH', path, { body: { LastName: 'Smith' } });
    await org.send('DELETE', `/sobjects/Contact/${first.body.id}`);
    const second = await org.send('PATCH', path, { body: { LastName: 'Smith' } });
    expect(second.status).toBe(201);
    expect(second.body.id).not.toBe(first.body.id);
  });

  it('name a parent by its external id', async () => {
    const org = await createTestOrg();
    org.sf.admin.addField('Account', { name: 'Number__c', type: 'string', externalId: true });
    const accountId = org.sf.admin.createAccount({ Name: 'Acme', Number__c: 'A1' });
    const id = await createContact(org, { Account: { Number__c: 'A1' } });
    expect(org.sf.oracle.contact(id)?.AccountId).toBe(accountId);
    const missing = await org.send('POST', '/sobjects/Contact', {
      body: { LastName: 'S', Account: { Number__c: 'A2' } },
    });
    expect(missing.body[0].message).toContain('Foreign key external ID: A2 not found for field Number__c');
  });
});

describe('conditional requests', () => {
  it('guard a write by the last change, in whole seconds', async () => {
    const org = await createTestOrg();
    const id = await createContact(org, { TidelockKey__c: 'k' });
    const paths = [`/sobjects/Contact/${id}`, '/sobjects/Contact/TidelockKey__c/k'];
    const headers = { 'If-Unmodified-Since': httpDate };
    for (const path of paths) {
      expect((await org.send('PATCH', path, { body: { Title: 'a' }, headers })).status).toBeLessThan(300);
    }
    org.clock.advance(1000);
    org.sf.admin.updateContact(id, { Title: 'by a person' });
    for (const path of paths) {
      const refused = await org.send('PATCH', path, { body: { Title: 'b' }, headers });
      expect(refused).toMatchObject({ status: 412, body: undefined });
    }
    expect(org.sf.oracle.contact(id)?.Title).toBe('by a person');
    const bad = { 'If-Unmodified-Since': '2026-08-01' };
    expect((await org.send('PATCH', paths[0] ?? '', { body: { Title: 'b' }, headers: bad })).status).toBe(
      400,
    );
    expect((await org.send('DELETE', paths[0] ?? '', { headers })).status).toBe(204);
  });

  it('answer 304 for rows and schema that did not change', async () => {
    const org = await createTestOrg();
    const id = await createContact(org);
    const headers = { 'If-Modified-Since': httpDate };
    for (const path of [`/sobjects/Contact/${id}`, '/sobjects', '/sobjects/Contact/describe']) {
      const answer = await org.get(path, headers);
      expect(answer).toMatchObject({ status: 304, body: undefined });
      expect(answer.headers.get('last-modified')).toBe(httpDate);
    }
    org.clock.advance(1000);
    org.sf.admin.updateContact(id, { Title: 'x' });
    expect((await org.get(`/sobjects/Contact/${id}`, headers)).status).toBe(200);
  });
});

describe('describe', () => {
  it('tells types, lengths and rights, custom fields included', async () => {
    const org = await createTestOrg();
    const { fields } = (await org.get('/sobjects/Contact/describe')).body;
    const field = (name: string) => fields.find((entry: Json) => entry.name === name);
    expect(field('LastName')).toMatchObject({
      type: 'string',
      length: 80,
      nillable: false,
      createable: true,
    });
    expect(field('Name')).toMatchObject({ length: 121, createable: false, updateable: false });
    expect(field('Email')).toMatchObject({ type: 'email', idLookup: true, unique: false });
    expect(field('Description')).toMatchObject({ length: 32_000, filterable: false });
    expect(field('AccountId')).toMatchObject({
      type: 'reference',
      referenceTo: ['Account'],
      relationshipName: 'Account',
    });
    expect(field('TidelockKey__c')).toMatchObject({
      custom: true,
      unique: true,
      externalId: true,
      idLookup: true,
      length: 64,
    });
    const { sobjects } = (await org.get('/sobjects')).body;
    expect(sobjects.map((entry: Json) => entry.name)).toEqual([
      'Contact',
      'Account',
      'User',
      'Organization',
      'Lead',
      'Event',
      'EventRelation',
    ]);
    const organization = await org.get(`/sobjects/Organization/${org.sf.admin.orgId}`);
    expect(organization.body).toMatchObject({ TimeZoneSidKey: 'Europe/London', IsSandbox: false });
    expect((await org.get('')).body).toMatchObject({
      query: `${DATA}/query`,
      composite: `${DATA}/composite`,
    });
  });
});
