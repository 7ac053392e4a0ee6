import { describe, expect, it } from 'vitest';
import { LostAnswer } from '../src/kit/index.ts';
import { createTestOrg, DATA, type Json } from './salesforce-org.ts';

const HOUR = 3_600_000;
const NEW = { body: { LastName: 'Smith' } };
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('limits', () => {
  it('show on every reply and under /limits', async () => {
    const org = await createTestOrg({ settings: { dailyApiRequests: 44 } });
    const first = await org.get('/limits');
    expect(first.headers.get('sforce-limit-info')).toBe('api-usage=1/44');
    expect(first.body.DailyApiRequests).toEqual({ Max: 44, Remaining: 43 });
    const missing = await org.get('/sobjects/Contact/003000000000001AAA');
    expect(missing.status).toBe(404);
    expect(missing.headers.get('sforce-limit-info')).toBe('api-usage=2/44');
    expect(new Date(missing.headers.get('date') ?? '').getTime()).toBe(
      Math.floor(org.clock.now() / 1000) * 1000,
    );
  });

  it('refuse what is over the budget of rolling 24 hours', async () => {
    const org = await createTestOrg({ settings: { dailyApiRequests: 2, sessionTimeoutMs: 99 * HOUR } });
    await org.get('/limits');
    org.clock.advance(HOUR);
    await org.get('/limits');
    const refused = await org.send('POST', '/sobjects/Contact', NEW);
    expect(refused).toMatchObject({
      status: 403,
      body: [{ message: 'TotalRequests Limit exceeded.', errorCode: 'REQUEST_LIMIT_EXCEEDED' }],
    });
    expect(refused.headers.get('sforce-limit-info')).toBe('api-usage=3/2');
    expect(refused.headers.get('retry-after')).toBeNull();
    expect(org.sf.oracle.contacts()).toEqual([]);
    org.clock.advance(23 * HOUR + 60_000);
    expect((await org.get('/limits')).status).toBe(200);
    expect((await org.get('/limits')).status).toBe(403);
  });

  it('refuse another call while too many long ones run', async () => {
    const org = await createTestOrg({ settings: { concurrentLongCalls: 1 } });
    org.sf.faults.inject({ fault: { kind: 'delay', ms: 60_000 } });
    const long = org.get('/limits');
    await settle();
    org.clock.advance(20_000);
    expect((await org.get('/limits')).status).toBe(200);
    org.clock.advance(1);
    const refused = await org.get('/limits');
    expect(refused).toMatchObject({ status: 403, body: [{ errorCode: 'REQUEST_LIMIT_EXCEEDED' }] });
    expect(refused.body[0].message).toContain('ConcurrentRequests');
    org.clock.advance(40_000);
    expect((await long).status).toBe(200);
    expect((await org.get('/limits')).status).toBe(200);
  });

  it('count records per object', async () => {
    const org = await createTestOrg();
    org.sf.admin.seedContacts(3, () => ({ LastName: 'S' }));
    const answer = await org.get('/limits/recordCount?sObjects=Account,Contact,Task');
    expect(answer.body).toEqual({
      sObjects: [
        { count: 0, name: 'Account' },
        { count: 3, name: 'Contact' },
      ],
    });
  });
});

describe('faults', () => {
  it('answer with a status instead of doing', async () => {
    const org = await createTestOrg();
    const body = [{ errorCode: 'SERVER_UNAVAILABLE', message: 'try later' }];
    org.sf.faults.inject({
      match: { method: 'POST', path: /Contact/ },
      fault: { kind: 'status', status: 503, body },
    });
    expect(await org.send('POST', '/sobjects/Contact', NEW)).toMatchObject({ status: 503, body });
    expect(org.sf.oracle.contacts()).toEqual([]);
    expect((await org.send('POST', '/sobjects/Contact', NEW)).status).toBe(201);
  });

  it('lose the answer of a write that was applied, or was not', async () => {
    const org = await createTestOrg();
    org.sf.faults.inject({ fault: { kind: 'lost', applied: false } });
    await expect(org.send('POST', '/sobjects/Contact', NEW)).rejects.toThrow(LostAnswer);
    expect(org.sf.oracle.contacts()).toHaveLength(0);
    org.sf.faults.inject({ fault: { kind: 'lost', applied: true } });
    await expect(org.send('POST', '/sobjects/Contact', NEW)).rejects.toThrow(LostAnswer);
    expect(org.sf.oracle.contacts()).toHaveLength(1);
    expect(org.sf.log.entries.map((entry) => entry.status)).toEqual([200, 'lost', 'lost']);
  });

  it('let a request land when whoever sent it is gone', async () => {
    const org = await createTestOrg();
    let land = (): void => {};
    const until = new Promise<void>((resolve) => {
      land = resolve;
    });
    org.sf.faults.inject({ match: { method: 'POST', path: /sobjects/ }, fault: { kind: 'held', until } });
    const answer = org.send('POST', '/sobjects/Contact', NEW);
    expect((await org.send('GET', '/limits')).status).toBe(200);
    expect(org.sf.oracle.contacts()).toHaveLength(0);
    land();
    expect((await answer).status).toBe(201);
    expect(org.sf.oracle.contacts()).toHaveLength(1);
  });

  it('execute twice', async () => {
    const org = await createTestOrg();
    org.sf.faults.inject({ times: 2, fault: { kind: 'duplicate' } });
    expect((await org.send('POST', '/sobjects/Contact', NEW)).status).toBe(201);
    expect(org.sf.oracle.contacts()).toHaveLength(2);
    const keyed = await org.send('PATCH', '/sobjects/Contact/TidelockKey__c/k', NEW);
    expect(keyed).toMatchObject({ status: 200, body: { created: false } });
    expect(org.sf.oracle.contacts()).toHaveLength(3);
  });

  it('hit single sub-requests of a composite', async () => {
    const org = await createTestOrg();
    org.sf.faults.inject({
      match: { path: /TidelockKey__c\/b/ },
      fault: { kind: 'status', status: 500, body: [] },
    });
    const part = (key: string) => ({
      method: 'PATCH',
      url: `${DATA}/sobjects/Contact/TidelockKey__c/${key}`,
      referenceId: key,
      body: { LastName: key },
    });
    const compositeRequest = ['a', 'b', 'c'].map(part);
    const answer = await org.send('POST', '/composite', { body: { compositeRequest } });
    expect(answer.body.compositeResponse.map((each: Json) => each.httpStatusCode)).toEqual([201, 500, 201]);
    org.sf.faults.inject({ match: { path: /TidelockKey__c\/b/ }, fault: { kind: 'lost', applied: true } });
    await expect(org.send('POST', '/composite', { body: { compositeRequest } })).rejects.toThrow(LostAnswer);
    expect(org.sf.oracle.contacts().map((row) => row.LastName)).toEqual(['a', 'c', 'b']);
  });

  it('lock single rows, fail single records and end sessions by name', async () => {
    const org = await createTestOrg();
    const [id = ''] = org.sf.admin.seedContacts(1, () => ({ LastName: 'S' }));
    org.sf.faults.inject({ fault: { kind: 'named', name: 'unable-to-lock-row' } });
    const locked = await org.send('PATCH', `/sobjects/Contact/${id}`, NEW);
    expect(locked.body).toEqual([
      {
        message: `unable to obtain exclusive access to this record or 1 records: ${id}`,
        errorCode: 'UNABLE_TO_LOCK_ROW',
        fields: [],
      },
    ]);
    org.sf.faults.inject({
      skip: 1,
      fault: {
        kind: 'named',
        name: 'record-error',
        data: { errorCode: 'UNKNOWN_EXCEPTION', message: 'boom' },
      },
    });
    const records = ['a', 'b', 'c'].map((LastName) => ({ attributes: { type: 'Contact' }, LastName }));
    const partial = await org.send('POST', '/composite/sobjects', { body: { records } });
    expect(partial.body.map((result: Json) => result.errors[0]?.statusCode ?? true)).toEqual([
      true,
      'UNKNOWN_EXCEPTION',
      true,
    ]);
    const message = 'This session is not valid for use with the REST API';
    org.sf.faults.inject({ fault: { kind: 'named', name: 'expired-session', data: message } });
    expect(await org.get('/limits')).toMatchObject({
      status: 401,
      body: [{ message, errorCode: 'INVALID_SESSION_ID' }],
    });
    expect((await org.get('/limits')).status).toBe(401);
  });
});
