import { describe, expect, it } from 'vitest';
import { createTestOrg, DATA, type Json, type TestOrg } from './salesforce-org.ts';

const contact = (fields: Record<string, unknown>): Json => ({ attributes: { type: 'Contact' }, ...fields });
const PATH = '/composite/sobjects';
const UPSERT = `${PATH}/Contact/TidelockKey__c`;

const post = (org: TestOrg, records: Json[], more = {}) =>
  org.send('POST', PATH, { body: { records, ...more } });
const patch = (org: TestOrg, records: Json[], more = {}) =>
  org.send('PATCH', PATH, { body: { records, ...more } });
const upsert = (org: TestOrg, records: Json[], more = {}) =>
  org.send('PATCH', UPSERT, { body: { records, ...more } });

describe('collections', () => {
  it('create in order, one call charged, one result per record', async () => {
    const org = await createTestOrg();
    const account = { attributes: { type: 'Account' }, Name: 'Acme', NumberOfEmployees: '12' };
    const answer = await post(org, [account, contact({ FirstName: 'J' }), contact({ LastName: 'Smith' })]);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual([
      { id: expect.stringMatching(/^001/), success: true, errors: [] },
      {
        success: false,
        errors: [
          {
            statusCode: 'REQUIRED_FIELD_MISSING',
            message: 'Required fields are missing: [LastName]',
            fields: ['LastName'],
          },
        ],
      },
      { id: expect.stringMatching(/^003/), success: true, errors: [] },
    ]);
    expect(org.sf.oracle.accounts()).toMatchObject([{ NumberOfEmployees: 12 }]);
    expect(org.sf.oracle.apiCalls().used).toBe(1);
  });

  it('update by id, with a result for ids that are unknown, deleted, malformed or missing', async () => {
    const org = await createTestOrg();
    const [id = '', gone = '', purged = ''] = org.sf.admin.seedContacts(3, (index) => ({
      LastName: `L${index}`,
    }));
    org.sf.admin.deleteContact(gone);
    org.sf.admin.hardDelete(purged);
    const ids = [id.slice(0, 15), gone, purged, '001x', undefined];
    const answer = await patch(
      org,
      ids.map((each) => contact({ Id: each, Title: 'CTO' })),
    );
    expect(answer.body.map((result: Json) => result.errors[0]?.statusCode ?? result.id)).toEqual([
      id,
      'ENTITY_IS_DELETED',
      'INVALID_CROSS_REFERENCE_KEY',
      'MALFORMED_ID',
      'MISSING_ARGUMENT',
    ]);
  });

  it('upsert by external id', async () => {
    const org = await createTestOrg();
    const first = await upsert(org, [contact({ TidelockKey__c: 'a', LastName: 'A' })]);
    expect(first.body).toEqual([{ id: expect.any(String), success: true, errors: [], created: true }]);
    const answer = await upsert(org, [
      { LastName: 'B', TidelockKey__c: 'b', attributes: { type: 'Contact' } },
      contact({ tidelockkey__c: 'A', Title: 'CTO' }),
      contact({ TidelockKey__c: 'b', LastName: 'again' }),
      contact({ LastName: 'no key' }),
      contact({ TidelockKey__c: 'c' }),
      contact({ TidelockKey__c: 'd', Id: first.body[0].id }),
    ]);
    const shown = answer.body.map((result: Json) => result.errors[0]?.statusCode ?? result.created);
    expect(shown).toEqual([
      true,
      false,
      'DUPLICATE_VALUE',
      'MISSING_ARGUMENT',
      'REQUIRED_FIELD_MISSING',
      'INVALID_FIELD',
    ]);
    expect(answer.body[1].id).toBe(first.body[0].id);
    expect(org.sf.oracle.contacts().map((row) => row.TidelockKey__c)).toEqual(['A', 'b']);
  });

  it('upsert by Id inserts where it is null, and by Email fails where it is not unique', async () => {
    const org = await createTestOrg();
    const [id] = org.sf.admin.seedContacts(2, () => ({ LastName: 'L', Email: 'l@example.com' }));
    const records = [contact({ Id: id, Title: 'CTO' }), contact({ Id: null, LastName: 'new' })];
    const byId = await org.send('PATCH', `${PATH}/Contact/Id`, { body: { records } });
    expect(byId.body).toMatchObject([{ id, created: false }, { created: true }]);
    const twin = { records: [contact({ Email: 'l@example.com', Title: 'x' })] };
    const byEmail = await org.send('PATCH', `${PATH}/Contact/Email`, { body: twin });
    expect(byEmail.body[0].errors[0].statusCode).toBe('DUPLICATE_EXTERNAL_ID');
  });

  it('all or none: rolled back rows say so, HTTP stays 200, created means nothing', async () => {
    const org = await createTestOrg();
    const [id = ''] = org.sf.admin.seedContacts(1, () => ({ LastName: 'before', TidelockKey__c: 'a' }));
    const before = org.sf.oracle.contacts();
    org.clock.advance(5000);
    const records = [
      contact({ TidelockKey__c: 'a', LastName: 'after' }),
      contact({ TidelockKey__c: 'b', LastName: 'B' }),
      contact({ TidelockKey__c: 'c', LastName: 'C', OwnerId: 'INVALID_OWNER' }),
    ];
    const answer = await upsert(org, records, { allOrNone: true });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject([
      {
        success: false,
        created: true,
        errors: [{ statusCode: 'ALL_OR_NONE_OPERATION_ROLLED_BACK', fields: [] }],
      },
      { success: false, created: true, errors: [{ statusCode: 'ALL_OR_NONE_OPERATION_ROLLED_BACK' }] },
      { success: false, errors: [{ statusCode: 'MALFORMED_ID', fields: ['OwnerId'] }] },
    ]);
    expect(org.sf.oracle.contacts()).toEqual(before);
    expect(org.sf.oracle.writes('3MVG9consumer')).toEqual([]);
    const all = await org.queryAll('SELECT Id FROM Contact ORDER BY SystemModstamp, Id');
    expect(all.body.records.map((row: Json) => row.Id)).toEqual([id]);
    expect((await org.get('/sobjects/Contact/TidelockKey__c/b')).status).toBe(404);

    const deleted = await org.send('DELETE', `${PATH}?ids=${id},003000000000001AAA&allOrNone=true`);
    expect(deleted.body.map((result: Json) => result.errors[0].statusCode)).toEqual([
      'ALL_OR_NONE_OPERATION_ROLLED_BACK',
      'INVALID_CROSS_REFERENCE_KEY',
    ]);
    expect(org.sf.oracle.contact(id)?.IsDeleted).toBe(false);
  });

  it('read with null for what is missing or deleted', async () => {
    const org = await createTestOrg();
    const [id = '', gone = ''] = org.sf.admin.seedContacts(2, (index) => ({ LastName: `L${index}` }));
    await org.send('DELETE', `${PATH}?ids=${gone}`);
    const ids = [gone, id, '003000000000001AAA'];
    const expected = [
      null,
      { attributes: { type: 'Contact', url: `${DATA}/sobjects/Contact/${id}` }, LastName: 'L0', Id: id },
      null,
    ];
    expect((await org.get(`${PATH}/Contact?ids=${ids.join(',')}&fields=LastName`)).body).toEqual(expected);
    expect((await org.send('POST', `${PATH}/Contact`, { body: { ids, fields: ['LastName'] } })).body).toEqual(
      expected,
    );
    const unknown = await org.get(`${PATH}/Contact?ids=${id}&fields=Nick`);
    expect(unknown).toMatchObject({ status: 400, body: [{ errorCode: 'INVALID_FIELD' }] });
  });

  it('refuse more than 200 records and envelopes that are none', async () => {
    const org = await createTestOrg();
    const many = Array.from({ length: 201 }, (_, index) => contact({ LastName: `L${index}` }));
    expect((await post(org, many)).body[0].errorCode).toBe('EXCEEDED_ID_LIMIT');
    expect((await post(org, many.slice(1))).body).toHaveLength(200);
    for (const body of [{}, { records: [] }, { records: ['x'] }, { records: [{ LastName: 'no type' }] }]) {
      expect((await org.send('POST', PATH, { body })).status).toBe(400);
    }
    expect(org.sf.oracle.contacts()).toHaveLength(200);
  });
});

describe('composite', () => {
  const run = (org: TestOrg, compositeRequest: Json[], more = {}) =>
    org.send('POST', '/composite', { body: { compositeRequest, ...more } });

  it('passes values on, answers each in order, and counts one call', async () => {
    const org = await createTestOrg();
    const answer = await run(org, [
      { method: 'POST', url: `${DATA}/sobjects/Account`, referenceId: 'acc', body: { Name: 'Acme' } },
      {
        method: 'POST',
        url: `${DATA}/sobjects/Contact`,
        referenceId: 'con',
        body: { LastName: 'S', AccountId: '@{acc.id}' },
      },
      { method: 'GET', url: `${DATA}/sobjects/Contact/@{con.id}?fields=AccountId`, referenceId: 'row' },
      { method: 'GET', url: `${DATA}/query?q=SELECT Id FROM Account LIMIT 1`, referenceId: 'all' },
      { method: 'GET', url: `${DATA}/sobjects/Account/@{all.records[0].Id}`, referenceId: 'again' },
      { method: 'DELETE', url: `${DATA}/sobjects/Contact/@{con.id}`, referenceId: 'gone' },
    ]);
    const [acc, con, row, all, again, gone] = answer.body.compositeResponse;
    expect(acc).toMatchObject({
      httpStatusCode: 201,
      httpHeaders: { Location: `${DATA}/sobjects/Account/${acc.body.id}` },
      referenceId: 'acc',
    });
    expect(con.httpStatusCode).toBe(201);
    expect(row.body.AccountId).toBe(acc.body.id);
    expect(all).toMatchObject({ httpHeaders: {}, body: { totalSize: 1 } });
    expect(again.body.Name).toBe('Acme');
    expect(gone).toMatchObject({ httpStatusCode: 204, body: null });
    expect(org.sf.oracle.apiCalls().used).toBe(1);
    const logged = org.sf.log.entries.filter((entry) => entry.inBatch !== undefined);
    expect(logged.map((entry) => entry.status)).toEqual([201, 201, 200, 200, 200, 204]);
  });

  it('keeps errors inside, as arrays, and halts only what refers to them', async () => {
    const org = await createTestOrg();
    const answer = await run(org, [
      { method: 'POST', url: `${DATA}/sobjects/Contact`, referenceId: 'bad', body: { FirstName: 'J' } },
      {
        method: 'PATCH',
        url: `${DATA}/sobjects/Contact/@{bad.id}`,
        referenceId: 'after',
        body: { Title: 'x' },
      },
      { method: 'POST', url: `${DATA}/sobjects/Contact`, referenceId: 'good', body: { LastName: 'S' } },
    ]);
    expect(answer.status).toBe(200);
    const parts = answer.body.compositeResponse;
    expect(parts.map((part: Json) => part.httpStatusCode)).toEqual([400, 400, 201]);
    expect(parts[0].body[0]).toMatchObject({ errorCode: 'REQUIRED_FIELD_MISSING', fields: ['LastName'] });
    expect(parts[1].body[0].errorCode).toBe('PROCESSING_HALTED');
  });

  it('guards each sub-request by its own conditional header', async () => {
    const org = await createTestOrg();
    const [first = '', second = ''] = org.sf.admin.seedContacts(2, (index) => ({ LastName: `L${index}` }));
    org.clock.advance(1000);
    org.sf.admin.updateContact(second, { Title: 'by a person' });
    const httpHeaders = { 'If-Unmodified-Since': 'Sat, 01 Aug 2026 06:00:00 GMT' };
    const guarded = (id: string, referenceId: string) => ({
      method: 'PATCH',
      url: `${DATA}/sobjects/Contact/${id}`,
      referenceId,
      httpHeaders,
      body: { Title: 'by the app' },
    });
    const answer = await run(org, [guarded(first, 'a'), guarded(second, 'b')]);
    expect(answer.body.compositeResponse).toMatchObject([
      { httpStatusCode: 204, body: null },
      { httpStatusCode: 412, body: null },
    ]);
    expect(org.sf.oracle.contact(second)?.Title).toBe('by a person');
  });

  it('rolls everything back with allOrNone', async () => {
    const org = await createTestOrg();
    const requests = [
      { method: 'POST', url: `${DATA}/sobjects/Contact`, referenceId: 'a', body: { LastName: 'A' } },
      {
        method: 'PATCH',
        url: `${DATA}/composite/sobjects/Contact/TidelockKey__c`,
        referenceId: 'b',
        body: { records: [contact({ TidelockKey__c: 'b', LastName: 'B' })] },
      },
      { method: 'POST', url: `${DATA}/sobjects/Contact`, referenceId: 'c', body: {} },
    ];
    const answer = await run(org, requests, { allOrNone: true });
    const codes = answer.body.compositeResponse.map((part: Json) => part.body[0].errorCode);
    expect(codes).toEqual(['PROCESSING_HALTED', 'PROCESSING_HALTED', 'REQUIRED_FIELD_MISSING']);
    expect(org.sf.oracle.contacts()).toEqual([]);
  });

  it('takes at most 25 sub-requests with unique references', async () => {
    const org = await createTestOrg();
    const requests = Array.from({ length: 26 }, (_, index) => ({
      method: 'GET',
      url: `${DATA}/limits`,
      referenceId: `r${index}`,
    }));
    expect((await run(org, requests)).status).toBe(400);
    expect((await run(org, requests.slice(1))).body.compositeResponse).toHaveLength(25);
    expect((await run(org, [requests[0], requests[0]])).status).toBe(400);
  });
});

describe('batch', () => {
  it('runs independent requests, each charged', async () => {
    const org = await createTestOrg();
    const batchRequests = [
      { method: 'POST', url: 'v66.0/sobjects/Contact', richInput: { LastName: 'S' } },
      { method: 'GET', url: 'v66.0/sobjects/Contact/003000000000001AAA' },
      { method: 'GET', url: 'v66.0/query?q=SELECT+Id+FROM+Contact' },
    ];
    const answer = await org.send('POST', '/composite/batch', { body: { batchRequests } });
    expect(answer.body.hasErrors).toBe(true);
    expect(answer.body.results).toMatchObject([
      { statusCode: 201, result: { success: true } },
      { statusCode: 404, result: [{ errorCode: 'NOT_FOUND' }] },
      { statusCode: 200, result: { totalSize: 1 } },
    ]);
    expect(org.sf.oracle.apiCalls().used).toBe(3);
    const halted = await org.send('POST', '/composite/batch', {
      body: { haltOnError: true, batchRequests: batchRequests.slice(1) },
    });
    expect(halted.body.results.map((result: Json) => result.statusCode)).toEqual([404, 412]);
  });
});
