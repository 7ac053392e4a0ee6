import { describe, expect, it } from 'vitest';
import { CONTACTS, createTestAccount, START } from './hubspot-account.ts';

describe('hubspot: single contacts', () => {
  it('creates, and answers with the default properties and what was written', async () => {
    const { post, hubspot } = createTestAccount();
    const { status, body } = await post(CONTACTS, {
      properties: { email: 'Ann@Example.com', firstname: 'Ann', jobtitle: 'Buyer' },
    });
    expect(status).toBe(201);
    expect(body).toMatchObject({ archived: false, createdAt: new Date(START).toISOString() });
    expect(body.properties).toEqual({
      createdate: new Date(START).toISOString(),
      email: 'ann@example.com',
      firstname: 'Ann',
      hs_object_id: body.id,
      jobtitle: 'Buyer',
      lastmodifieddate: new Date(START).toISOString(),
      lastname: null,
    });
    expect(hubspot.oracle.contact(body.id)?.properties).toMatchObject({ jobtitle: 'Buyer' });
    expect(hubspot.oracle.writes('Tidelock')).toMatchObject([{ operation: 'create', id: body.id }]);
  });

  it('needs an e-mail address or a name', async () => {
    const { post } = createTestAccount();
    const { status, body } = await post(CONTACTS, { properties: { jobtitle: 'Buyer' } });
    expect([status, body.category]).toEqual([400, 'VALIDATION_ERROR']);
  });

  it('names every refused property at once', async () => {
    const { post } = createTestAccount();
    const { status, body } = await post(CONTACTS, {
      properties: { email: 'nobody', no_such: 'x', createdate: '0', lifecyclestage: 'stranger' },
    });
    expect(status).toBe(400);
    expect(body.errors.map((error: { code: string }) => error.code)).toEqual([
      'INVALID_EMAIL',
      'PROPERTY_DOESNT_EXIST',
      'READ_ONLY_VALUE',
      'INVALID_OPTION',
    ]);
  });

  it('refuses an address that another contact has, as first or additional one, and names the holder', async () => {
    const { contact, post } = createTestAccount();
    const id = await contact({ email: 'ann@example.com', hs_additional_emails: 'a.lee@example.com' });
    for (const email of ['ANN@example.com', 'a.lee@example.com']) {
      const { status, body } = await post(CONTACTS, { properties: { email } });
      expect([status, body.category]).toEqual([409, 'CONFLICT']);
      expect(body.message).toBe(`Contact already exists. Existing ID: ${id}`);
    }
  });

  it('refuses a value that another contact holds in a unique property, until that one is archived', async () => {
    const { contact, post, send, hubspot } = createTestAccount();
    const id = await contact({ firstname: 'Ann', tidelock_key: 'K-1' });
    const again = { properties: { firstname: 'Other', tidelock_key: 'k-1' } };
    const refused = await post(CONTACTS, again);
    expect(refused.status).toBe(409);
    expect(refused.body.message).toContain(`${id} already has that value`);
    hubspot.admin.settings.uniqueRefusal = 'validation';
    expect((await post(CONTACTS, again)).body.errors[0].code).toBe('CONFLICTING_UNIQUE_VALUE');
    expect((await send('DELETE', `${CONTACTS}/${id}`)).status).toBe(204);
    expect((await post(CONTACTS, again)).status).toBe(201);
  });

  it('reads asked properties, leaves unknown ones out and shows empty ones as null', async () => {
    const { contact, get } = createTestAccount();
    const id = await contact({ firstname: 'Ann' });
    const { body } = await get(`${CONTACTS}/${id}?properties=firstname,phone,no_such`);
    expect(Object.keys(body.properties).sort()).toEqual([
      'createdate',
      'firstname',
      'hs_object_id',
      'lastmodifieddate',
      'phone',
    ]);
    expect(body.properties.phone).toBeNull();
  });

  it('updates without any precondition, clears with an empty string, and keeps the history', async () => {
    const { contact, send, get, clock } = createTestAccount();
    const id = await contact({ firstname: 'Ann', jobtitle: 'Buyer' });
    clock.advance(1_000);
    const { status, body } = await send('PATCH', `${CONTACTS}/${id}`, {
      body: { properties: { jobtitle: '', phone: '+1 202 555 0100' } },
    });
    expect([status, body.properties.jobtitle, body.properties.phone]).toEqual([200, null, '+1 202 555 0100']);
    const read = await get(`${CONTACTS}/${id}?propertiesWithHistory=jobtitle`);
    expect(read.body.propertiesWithHistory.jobtitle).toMatchObject([
      { value: '', sourceType: 'INTEGRATION', sourceId: 'Tidelock' },
      { value: 'Buyer', sourceType: 'INTEGRATION' },
    ]);
  });

  it('moves a lifecycle stage forward only', async () => {
    const { contact, send, hubspot } = createTestAccount();
    const id = await contact({ firstname: 'Ann', lifecyclestage: 'customer' });
    await send('PATCH', `${CONTACTS}/${id}`, { body: { properties: { lifecyclestage: 'lead' } } });
    expect(hubspot.oracle.contact(id)?.properties.lifecyclestage).toBe('customer');
  });

  it('archives: 404 afterwards, in the archived list, and out of the living one', async () => {
    const { contact, send, get, clock } = createTestAccount();
    const [gone, kept] = [await contact({ firstname: 'Gone' }), await contact({ firstname: 'Kept' })];
    await send('DELETE', `${CONTACTS}/${gone}`);
    expect((await get(`${CONTACTS}/${gone}`)).status).toBe(404);
    expect(
      (await send('PATCH', `${CONTACTS}/${gone}`, { body: { properties: { phone: '1' } } })).status,
    ).toBe(404);
    expect((await send('DELETE', `${CONTACTS}/${gone}`)).status).toBe(204);
    const archive = (await get(`${CONTACTS}?archived=true`)).body.results;
    expect(archive).toMatchObject([{ id: gone, archived: true }]);
    expect(archive[0].archivedAt).toBe(new Date(START).toISOString());
    expect((await get(CONTACTS)).body.results).toMatchObject([{ id: kept }]);
    clock.advance(91 * 24 * 3_600_000);
    expect((await get(`${CONTACTS}?archived=true`)).body.results).toEqual([]);
  });

  it('lists in the order of ids; `after` is the next id', async () => {
    const { contact, get } = createTestAccount();
    const ids: string[] = [];
    for (const firstname of ['A', 'B', 'C', 'D', 'E']) ids.push(await contact({ firstname }));
    const first = await get(`${CONTACTS}?limit=2`);
    expect(first.body.results.map(({ id }: { id: string }) => id)).toEqual(ids.slice(0, 2));
    expect(first.body.paging.next.after).toBe(ids[2]);
    const last = await get(`${CONTACTS}?limit=3&after=${ids[2]}`);
    expect(last.body.results.map(({ id }: { id: string }) => id)).toEqual(ids.slice(2));
    expect(last.body.paging).toBeUndefined();
    expect((await get(`${CONTACTS}?limit=101`)).status).toBe(400);
  });

  it('merges into a new id; the old ids stand for it, and writes through them change it', async () => {
    const { contact, get, send, hubspot } = createTestAccount();
    const primary = await contact({ email: 'ann@example.com', firstname: 'Ann' });
    const other = await contact({ email: 'a.lee@example.com', jobtitle: 'Buyer' });
    const merged = hubspot.admin.mergeContacts(primary, other);
    expect([primary, other]).not.toContain(merged);
    for (const id of [primary, other]) expect((await get(`${CONTACTS}/${id}`)).body.id).toBe(merged);
    expect(hubspot.oracle.contact(other)).toMatchObject({
      id: merged,
      properties: {
        email: 'ann@example.com',
        hs_additional_emails: 'a.lee@example.com',
        jobtitle: 'Buyer',
        hs_merged_object_ids: `${other};${primary}`,
      },
    });
    expect((await get(`${CONTACTS}?archived=true`)).body.results).toEqual([]);
    await send('PATCH', `${CONTACTS}/${other}`, { body: { properties: { jobtitle: 'Head' } } });
    expect(hubspot.oracle.contact(merged)?.properties.jobtitle).toBe('Head');
  });

  it('keeps the id of the primary where the account does that', () => {
    const { hubspot } = createTestAccount({ settings: { mergeId: 'primary' } });
    const [primary, other] = ['Ann', 'Anna'].map((firstname) => hubspot.admin.createContact({ firstname }));
    expect(hubspot.admin.mergeContacts(primary ?? '', other ?? '')).toBe(primary);
    expect(hubspot.oracle.contact(other ?? '')?.id).toBe(primary);
  });

  it('answers in other generations of paths alike', async () => {
    const { contact, get } = createTestAccount();
    const id = await contact({ firstname: 'Ann' });
    for (const path of ['/crm/objects/2026-09/contacts', '/crm/objects/2026-03/contacts'])
      expect((await get(`${path}/${id}`)).body.id).toBe(id);
    expect((await get('/crm/owners/2026-09')).status).toBe(200);
    expect((await get('/crm/v3/objects/no-such')).status).toBe(404);
  });
});

describe('hubspot: meetings and associations', () => {
  it('ignores unknown properties of meetings, relates them to contacts and forgets the relation again', async () => {
    const { contact, post, get, send } = createTestAccount();
    const ann = await contact({ firstname: 'Ann' });
    const ben = await contact({ firstname: 'Ben' });
    const types = [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 200 }];
    const { status, body } = await post('/crm/v3/objects/meetings', {
      properties: { hs_timestamp: '2026-09-01T14:00:00.000Z', hs_meeting_title: 'Review', no_such: 'x' },
      associations: [{ to: { id: ann }, types }],
    });
    expect([status, body.properties.no_such, body.properties.hs_timestamp]).toEqual([
      201,
      undefined,
      '2026-09-01T14:00:00Z',
    ]);
    const path = `/crm/v4/objects/meeting/${body.id}/associations`;
    expect((await send('PUT', `${path}/default/contact/${ben}`)).status).toBe(200);
    const listed = (await get(`${path}/contacts`)).body.results;
    expect(listed).toMatchObject([
      { toObjectId: Number(ann), associationTypes: [{ typeId: 200 }] },
      { toObjectId: Number(ben) },
    ]);
    const batch = { inputs: [{ from: { id: body.id }, to: [{ id: ann }] }] };
    expect((await post('/crm/v4/associations/meetings/contacts/batch/archive', batch)).status).toBe(204);
    const back = await get(`/crm/v4/objects/contacts/${ben}/associations/meetings`);
    expect(back.body.results).toMatchObject([
      { toObjectId: Number(body.id), associationTypes: [{ typeId: 199 }] },
    ]);
    expect((await get(`${path}/contacts`)).body.results).toHaveLength(1);
  });
});
