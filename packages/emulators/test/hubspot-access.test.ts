import { describe, expect, it } from 'vitest';
import { signatureV3 } from '../src/hubspot/index.ts';
import { LostAnswer } from '../src/kit/index.ts';
import { CONTACTS, createTestAccount } from './hubspot-account.ts';

describe('hubspot: access and limits', () => {
  it('answers 401 without a good token, and 403 naming the missing scope', async () => {
    const { get, send, hubspot, app } = createTestAccount();
    const stranger = await send('GET', CONTACTS, { headers: { authorization: 'Bearer pat-eu1-no' } });
    expect([stranger.status, stranger.body.category]).toEqual([401, 'INVALID_AUTHENTICATION']);
    hubspot.admin.setScopes(app.appId, ['crm.objects.contacts.read']);
    const refused = await send('POST', CONTACTS, { body: { properties: { firstname: 'A' } } });
    expect([refused.status, refused.body.category]).toEqual([403, 'MISSING_SCOPES']);
    expect(refused.body.errors[0].context.requiredGranularScopes).toEqual(['crm.objects.contacts.write']);
    hubspot.admin.rotateToken(app.appId);
    expect((await get(CONTACTS)).status).toBe(401);
  });

  it('counts requests in rolling ten seconds and tells so in headers and body', async () => {
    const { get, clock, hubspot } = createTestAccount({ settings: { requestsPerTenSeconds: 3 } });
    const first = await get(CONTACTS);
    expect(first.headers.get('x-hubspot-ratelimit-max')).toBe('3');
    expect(first.headers.get('x-hubspot-ratelimit-remaining')).toBe('2');
    clock.advance(5_000);
    await get(CONTACTS);
    await get(CONTACTS);
    const refused = await get(CONTACTS);
    expect([refused.status, refused.body.errorType, refused.body.policyName]).toEqual([
      429,
      'RATE_LIMIT',
      'TEN_SECONDLY_ROLLING',
    ]);
    expect(refused.headers.get('retry-after')).toBeNull();
    clock.advance(5_001);
    expect((await get(CONTACTS)).status).toBe(200);
    expect(hubspot.oracle.apiCalls().refused).toBe(1);
  });

  it('counts searches apart, five a second, without headers', async () => {
    const { post, clock } = createTestAccount();
    for (let at = 0; at < 5; at += 1) {
      const { status, headers } = await post(`${CONTACTS}/search`, {});
      expect([status, headers.get('x-hubspot-ratelimit-max')]).toEqual([200, null]);
    }
    const refused = await post(`${CONTACTS}/search`, {});
    expect([refused.status, refused.body.policyName]).toEqual([429, 'SECONDLY']);
    clock.advance(1_001);
    expect((await post(`${CONTACTS}/search`, {})).status).toBe(200);
  });

  it('ends at the daily limit until midnight', async () => {
    const { get, clock } = createTestAccount({ settings: { requestsPerDay: 1 } });
    await get(CONTACTS);
    expect((await get(CONTACTS)).body.policyName).toBe('DAILY');
    clock.advance(24 * 60 * 60 * 1_000);
    expect((await get(CONTACTS)).status).toBe(200);
  });

  it('loses answers, applied or not, and repeats requests when told to', async () => {
    const { post, hubspot } = createTestAccount();
    const create = (firstname: string) => post(CONTACTS, { properties: { firstname } });
    hubspot.faults.inject({ fault: { kind: 'lost', applied: false } });
    await expect(create('Ann')).rejects.toBeInstanceOf(LostAnswer);
    expect(hubspot.oracle.contacts()).toHaveLength(0);
    hubspot.faults.inject({ fault: { kind: 'lost', applied: true } });
    await expect(create('Ann')).rejects.toBeInstanceOf(LostAnswer);
    hubspot.faults.inject({ fault: { kind: 'duplicate' } });
    await create('Ben');
    expect(hubspot.oracle.contacts()).toHaveLength(3);
  });

  it('lists owners by address; archived ones are a list of their own and have no user', async () => {
    const { get, hubspot } = createTestAccount();
    const id = hubspot.admin.addOwner({ email: 'Ann@Example.com', firstName: 'Ann' });
    expect((await get('/crm/v3/owners?email=ann%40example.com')).body.results).toMatchObject([{ id }]);
    hubspot.admin.archiveOwner(id);
    expect((await get('/crm/v3/owners')).body.results).toEqual([]);
    expect((await get('/crm/v3/owners?archived=true')).body.results).toMatchObject([{ id, userId: null }]);
    expect((await get(`/crm/v3/owners/${id}`)).body.archived).toBe(true);
  });

  it('makes properties, ten unique ones at the most', async () => {
    const { post, get } = createTestAccount();
    const define = (name: string) =>
      post('/crm/v3/properties/contacts', {
        name,
        label: name,
        type: 'string',
        fieldType: 'text',
        groupName: 'contactinformation',
        hasUniqueValue: true,
      });
    for (let at = 1; at < 10; at += 1) expect((await define(`key_${at}`)).status).toBe(201);
    expect((await define('key_10')).status).toBe(400);
    expect((await define('key_1')).status).toBe(409);
    expect((await get('/crm/v3/properties/contacts/key_1')).body).toMatchObject({
      hasUniqueValue: true,
      hubspotDefined: false,
    });
    expect((await get('/crm/v3/properties/contacts/no_such')).status).toBe(404);
  });
});

describe('hubspot: webhooks', () => {
  it('sends signed events, in no order, until they are accepted', async () => {
    const received: { url: string; body: string; headers: Headers }[] = [];
    let status = 500;
    const { hubspot, app, clock } = createTestAccount({
      send: async (request) => {
        received.push({ url: request.url, body: await request.text(), headers: request.headers });
        return new Response(null, { status });
      },
    });
    const targetUrl = 'https://sync.example.com/hooks/crm?tenant=1';
    for (const eventType of ['contact.creation', 'contact.deletion', 'contact.merge'])
      hubspot.admin.subscribe({ appId: app.appId, targetUrl, eventType });
    const [ann, ben, carl] = ['Ann', 'Ben', 'Carl'].map((firstname) =>
      hubspot.admin.createContact({ firstname }),
    );
    hubspot.admin.archiveContact(carl ?? '');
    const merged = hubspot.admin.mergeContacts(ann ?? '', ben ?? '');
    expect(await hubspot.webhooks.deliver()).toMatchObject({ requests: 1, events: 5, waiting: 5 });
    status = 200;
    clock.advance(60_000);
    expect(await hubspot.webhooks.deliver()).toMatchObject({ events: 5, waiting: 0 });
    const [, last] = received;
    const events = JSON.parse(last?.body ?? '[]');
    expect(new Set(events.map((event: { subscriptionType: string }) => event.subscriptionType))).toEqual(
      new Set(['contact.creation', 'contact.deletion', 'contact.merge']),
    );
    expect(events.find((event: { newObjectId?: number }) => event.newObjectId)).toMatchObject({
      primaryObjectId: Number(ann),
      mergedObjectIds: [Number(ben)],
      newObjectId: Number(merged),
      attemptNumber: 1,
    });
    const timestamp = last?.headers.get('x-hubspot-request-timestamp') ?? '';
    expect(last?.headers.get('x-hubspot-signature-v3')).toBe(
      signatureV3(app.clientSecret, { method: 'POST', url: targetUrl, body: last?.body ?? '', timestamp }),
    );
  });

  it('gives up after ten attempts', async () => {
    const { hubspot, app, clock } = createTestAccount({ send: () => Promise.reject(new Error('down')) });
    hubspot.admin.subscribe({
      appId: app.appId,
      targetUrl: 'https://sync.example.com/',
      eventType: 'contact.creation',
    });
    hubspot.admin.createContact({ firstname: 'Ann' });
    let requests = 0;
    for (let at = 0; at < 20; at += 1) {
      requests += (await hubspot.webhooks.deliver()).requests;
      clock.advance(24 * 60 * 60 * 1_000);
    }
    expect(requests).toBe(10);
  });
});

describe('hubspot: over a socket', () => {
  it('serves the page and the API over TLS, and takes edits of people', async () => {
    const { hubspot } = createTestAccount();
    const id = hubspot.admin.createContact({ firstname: 'Ann', lastname: 'Lee' });
    const served = await hubspot.listen({ tls: false });
    try {
      expect(await (await fetch(served.origin)).text()).toContain('emulated HubSpot account');
      const listed = await (await fetch(`${served.origin}/_emulator/contacts`)).json();
      expect(listed).toMatchObject({ total: 1, contacts: [{ id, firstname: 'Ann', changedBy: 'a person' }] });
      const init = { method: 'PATCH', headers: { 'content-type': 'application/json' } };
      const body = JSON.stringify({ jobtitle: 'Buyer' });
      await fetch(`${served.origin}/_emulator/contacts/${id}`, { ...init, body });
      expect(hubspot.oracle.contact(id)?.properties.jobtitle).toBe('Buyer');
      const plain = await fetch(`${served.origin}/_emulator/contacts/${id}`, { method: 'PATCH', body });
      expect(plain.status).toBe(415);
      expect((await fetch(`${served.origin}${CONTACTS}`)).status).toBe(401);
    } finally {
      await served.close();
    }
  });
});
