import { describe, expect, it } from 'vitest';
import { createTestOrg, type Json, type TestOrg } from './salesforce-org.ts';

const TIMED = {
  Subject: 'Review',
  StartDateTime: '2026-09-01T14:00:00.000Z',
  EndDateTime: '2026-09-01T15:00:00.000Z',
};

async function create(org: TestOrg, fields: Json = {}): Promise<string> {
  const answer = await org.send('POST', '/sobjects/Event', { body: { ...TIMED, ...fields } });
  expect(answer.body).toMatchObject({ success: true });
  return answer.body.id;
}

async function refused(org: TestOrg, fields: Json): Promise<Json> {
  const answer = await org.send('POST', '/sobjects/Event', { body: fields });
  expect(answer.status).toBe(400);
  return answer.body[0];
}

const event = (org: TestOrg, id: string): Json => org.sf.oracle.event(id);

describe('salesforce: times of events', () => {
  it('says them in all fields, from an end or from a duration', async () => {
    const org = await createTestOrg();
    const expected = {
      StartDateTime: '2026-09-01T14:00:00.000+0000',
      EndDateTime: '2026-09-01T15:00:00.000+0000',
      ActivityDateTime: '2026-09-01T14:00:00.000+0000',
      ActivityDate: '2026-09-01',
      EndDate: '2026-09-01',
      DurationInMinutes: 60,
      IsAllDayEvent: false,
      ShowAs: 'Busy',
      GroupEventType: '0',
    };
    expect(event(org, await create(org))).toMatchObject(expected);
    const short = { ActivityDateTime: '2026-09-01T16:00:00+02:00', DurationInMinutes: '60' };
    const { body } = await org.send('POST', '/sobjects/Event', { body: short });
    expect(event(org, body.id)).toMatchObject(expected);
  });

  it('moves the end with the start, and keeps what is not named', async () => {
    const org = await createTestOrg();
    const id = await create(org);
    await org.send('PATCH', `/sobjects/Event/${id}`, { body: { StartDateTime: '2026-09-02T08:00:00Z' } });
    expect(event(org, id)).toMatchObject({
      EndDateTime: '2026-09-02T09:00:00.000+0000',
      ActivityDate: '2026-09-02',
      Subject: 'Review',
    });
    await org.send('PATCH', `/sobjects/Event/${id}`, { body: { Subject: 'Other' } });
    expect(event(org, id)).toMatchObject({ Subject: 'Other', DurationInMinutes: 60 });
  });

  it.each([
    ['no time at all', { Subject: 'x' }, 'REQUIRED_FIELD_MISSING'],
    ['no end and no duration', { StartDateTime: TIMED.StartDateTime }, 'REQUIRED_FIELD_MISSING'],
    [
      'an end before its start',
      { ...TIMED, EndDateTime: '2026-09-01T13:00:00Z' },
      'FIELD_INTEGRITY_EXCEPTION',
    ],
    ['two ends', { ...TIMED, DurationInMinutes: 30 }, 'FIELD_INTEGRITY_EXCEPTION'],
    ['two starts', { ...TIMED, ActivityDateTime: '2026-09-01T13:00:00Z' }, 'FIELD_INTEGRITY_EXCEPTION'],
    ['more than 14 days', { ...TIMED, EndDateTime: '2026-09-15T14:01:00Z' }, 'FIELD_INTEGRITY_EXCEPTION'],
    [
      'half days of an all-day event',
      { ...TIMED, EndDateTime: undefined, IsAllDayEvent: true, DurationInMinutes: 720 },
      'FIELD_INTEGRITY_EXCEPTION',
    ],
    ['a classic series', { ...TIMED, IsRecurrence: true }, 'FIELD_INTEGRITY_EXCEPTION'],
    [
      'a way of showing it that is none',
      { ...TIMED, ShowAs: 'Tentative' },
      'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST',
    ],
    ['a location beyond its length', { ...TIMED, Location: 'x'.repeat(256) }, 'STRING_TOO_LONG'],
  ])('refuses %s', async (_, fields, errorCode) => {
    const org = await createTestOrg();
    expect((await refused(org, fields)).errorCode).toBe(errorCode);
    expect(org.sf.oracle.events()).toEqual([]);
  });

  it('takes 14 days, and one where the org does not allow more', async () => {
    const org = await createTestOrg();
    await create(org, { EndDateTime: '2026-09-15T14:00:00Z' });
    org.sf.admin.settings.multiDayEvents = false;
    expect((await refused(org, { ...TIMED, EndDateTime: '2026-09-02T14:01:00Z' })).message).toContain(
      '1 day',
    );
  });

  it('keeps all-day events as dates: the end is the last day, midnight in UTC, whatever the zone', async () => {
    const org = await createTestOrg();
    const id = await create(org, {
      IsAllDayEvent: true,
      StartDateTime: '2026-12-24T09:30:00Z',
      EndDateTime: '2026-12-26T00:00:00Z',
    });
    expect(event(org, id)).toMatchObject({
      IsAllDayEvent: true,
      StartDateTime: '2026-12-24T00:00:00.000+0000',
      EndDateTime: '2026-12-26T00:00:00.000+0000',
      ActivityDate: '2026-12-24',
      EndDate: '2026-12-26',
      DurationInMinutes: 3 * 1440,
    });
    const one = await create(org, {
      IsAllDayEvent: true,
      EndDateTime: undefined,
      StartDateTime: undefined,
      ActivityDate: '2026-12-24',
    });
    expect(event(org, one)).toMatchObject({ DurationInMinutes: 1440, EndDate: '2026-12-24' });
    await org.send('PATCH', `/sobjects/Event/${one}`, {
      body: { IsAllDayEvent: false, StartDateTime: '2026-12-24T09:00:00Z', DurationInMinutes: 15 },
    });
    expect(event(org, one)).toMatchObject({
      IsAllDayEvent: false,
      EndDateTime: '2026-12-24T09:15:00.000+0000',
    });
  });
});

describe('salesforce: people of events', () => {
  async function withPeople() {
    const org = await createTestOrg();
    const { admin } = org.sf;
    admin.enableSharedActivities();
    const ann = admin.createContact({ LastName: 'Archer' });
    const ben = admin.createContact({ LastName: 'Bell' });
    const lead = admin.createLead({ LastName: 'Lane', Company: 'Lane Ltd' });
    return { org, admin, ann, ben, lead };
  }
  const relate = (org: TestOrg, body: Json) => org.send('POST', '/sobjects/EventRelation', { body });
  const relations = (org: TestOrg): Json[] =>
    org.sf.oracle.eventRelations().filter((row) => row.IsDeleted !== true);

  it('are relations with an answer, once each; the first of the Who list is WhoId', async () => {
    const { org, ann, ben } = await withPeople();
    const id = await create(org);
    const first = await relate(org, { EventId: id, RelationId: ann, IsInvitee: true, IsParent: true });
    expect(first.status).toBe(201);
    await relate(org, { EventId: id, RelationId: ben, IsInvitee: true, IsParent: true, Status: 'Accepted' });
    expect(event(org, id)).toMatchObject({ WhoId: ann, IsGroupEvent: true, GroupEventType: '1' });
    expect(relations(org).map((row) => [row.RelationId, row.Status])).toEqual([
      [ann, 'New'],
      [ben, 'Accepted'],
    ]);
    expect((await relate(org, { EventId: id, RelationId: ann })).body[0].errorCode).toBe('DUPLICATE_VALUE');
    const path = `/sobjects/EventRelation/${first.body.id}`;
    expect((await org.send('PATCH', path, { body: { Status: 'Declined', Response: 'no' } })).status).toBe(
      204,
    );
    expect((await org.send('PATCH', path, { body: { RelationId: ben } })).body[0].errorCode).toBe(
      'INVALID_FIELD_FOR_INSERT_UPDATE',
    );
    await org.send('DELETE', path);
    expect(event(org, id)).toMatchObject({ WhoId: ben });
    const found = await org.query(`SELECT EventId, Status FROM EventRelation WHERE EventId IN ('${id}')`);
    expect(found.body.records).toMatchObject([{ EventId: id, Status: 'Accepted' }]);
  });

  it('are up to 50 contacts, or one lead', async () => {
    const { org, admin, ann, lead } = await withPeople();
    const id = await create(org);
    for (let index = 0; index < 50; index += 1)
      admin.relate(id, admin.createContact({ LastName: `C${index}` }));
    expect((await relate(org, { EventId: id, RelationId: ann })).body[0].errorCode).toBe(
      'FIELD_INTEGRITY_EXCEPTION',
    );
    expect((await relate(org, { EventId: id, RelationId: lead })).status).toBe(400);
    const other = await create(org, { WhoId: lead });
    expect(relations(org).filter((row) => row.EventId === other)).toMatchObject([
      { RelationId: lead, IsParent: true, IsInvitee: false },
    ]);
    expect((await relate(org, { EventId: other, RelationId: ann })).status).toBe(400);
  });

  it('gives an invited user an event of their own, which follows and of which only the reminder is theirs', async () => {
    const { org, admin } = await withPeople();
    const user = admin.addUser({ username: 'una@example.com' });
    const id = await create(org);
    const { body } = await relate(org, { EventId: id, RelationId: user, IsInvitee: true });
    const child = () => org.sf.oracle.events().find((row) => row.IsChild === true) as Json;
    expect(child()).toMatchObject({ OwnerId: user, Subject: 'Review', IsDeleted: false });
    await org.send('PATCH', `/sobjects/Event/${id}`, {
      body: { Subject: 'Later', StartDateTime: '2026-09-03T08:00:00Z' },
    });
    expect(child()).toMatchObject({ OwnerId: user, Subject: 'Later', ActivityDate: '2026-09-03' });
    const path = `/sobjects/Event/${child().Id}`;
    expect((await org.send('PATCH', path, { body: { Subject: 'mine' } })).status).toBe(400);
    expect((await org.send('PATCH', path, { body: { IsReminderSet: true } })).status).toBe(204);
    await org.send('DELETE', `/sobjects/EventRelation/${body.id}`);
    expect(child()).toMatchObject({ IsDeleted: true });
    expect(event(org, id)).toMatchObject({ IsGroupEvent: false });
  });

  it('are not there where an event is private, and go with the event and with themselves', async () => {
    const { org, admin, ann, ben } = await withPeople();
    expect((await refused(org, { ...TIMED, IsPrivate: true, WhoId: ann })).errorCode).toBe(
      'FIELD_INTEGRITY_EXCEPTION',
    );
    const secret = await create(org, { IsPrivate: true });
    expect((await relate(org, { EventId: secret, RelationId: ann })).status).toBe(400);
    const id = await create(org, { WhoId: ann });
    expect((await org.send('PATCH', `/sobjects/Event/${id}`, { body: { IsPrivate: true } })).status).toBe(
      400,
    );
    admin.relate(id, ben);
    admin.deleteContact(ann);
    expect(event(org, id)).toMatchObject({ WhoId: null });
    expect(relations(org).map((row) => row.RelationId)).toEqual([ben]);
    await org.send('DELETE', `/sobjects/Event/${id}`);
    expect(relations(org)).toEqual([]);
    const deleted = await org.queryAll('SELECT Id, IsDeleted FROM EventRelation WHERE IsDeleted = true');
    expect(deleted.body.totalSize).toBe(2);
  });

  it('have no flags where activities are not shared', async () => {
    const org = await createTestOrg();
    const id = await create(org);
    const ann = org.sf.admin.createContact({ LastName: 'Archer' });
    expect((await relate(org, { EventId: id, RelationId: ann, IsInvitee: true })).body[0].errorCode).toBe(
      'INVALID_FIELD',
    );
    expect((await relate(org, { EventId: id, RelationId: ann })).status).toBe(201);
  });
});

describe('salesforce: page', () => {
  it('lists events with their people, series and marks', async () => {
    const org = await createTestOrg();
    const ann = org.sf.admin.createContact({ FirstName: 'Ann', LastName: 'Archer' });
    const id = org.sf.admin.createEvent(TIMED);
    org.sf.admin.relate(id, ann);
    org.sf.admin.createEvent({ IsAllDayEvent: true, ActivityDate: '2026-12-24', IsPrivate: true });
    const page = async (path: string) => await org.sf.fetch(new Request(`https://local${path}`));
    expect(await (await page('/')).text()).toContain('id="events"');
    const shown: Json = await (await page('/_emulator/events?since=')).json();
    expect(shown).toMatchObject({
      total: 2,
      events: [
        { start: '2026-12-24', end: '2026-12-24', marks: ['all day', 'private'], people: [] },
        { subject: 'Review', start: TIMED.StartDateTime, people: ['Ann Archer'], owner: 'Rhea Person' },
      ],
    });
    expect(await (await page(`/_emulator/events?since=${shown.version}`)).json()).toMatchObject({
      unchanged: true,
    });
  });
});

describe('salesforce: queries over people of events', () => {
  it('show what a contact, a lead or a user is called, whichever a relation leads to', async () => {
    const org = await createTestOrg();
    const { admin } = org.sf;
    const ann = admin.createContact({ LastName: 'Archer', Email: 'ann@example.com' });
    const lane = admin.createLead({ LastName: 'Lane', Company: 'Lane Ltd', Email: 'lane@example.com' });
    const una = admin.addUser({ username: 'una@example.com' });
    const id = admin.createEvent(TIMED);
    for (const person of [ann, lane, una]) admin.relate(id, person);
    const found = await org.query(
      `SELECT RelationId, Relation.Type, Relation.Email, Status FROM EventRelation WHERE EventId = '${id}' ORDER BY Id`,
    );
    expect(found.body.records).toMatchObject([
      {
        RelationId: ann,
        Relation: { attributes: { type: 'Name' }, Type: 'Contact', Email: 'ann@example.com' },
      },
      { RelationId: lane, Relation: { Type: 'Lead', Email: 'lane@example.com' } },
      { RelationId: una, Relation: { Type: 'User', Email: 'una@example.com' } },
    ]);
    const none = await org.query('SELECT Relation.Company FROM EventRelation');
    expect(none.body[0].errorCode).toBe('INVALID_FIELD');
  });
});
