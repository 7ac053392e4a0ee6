import { describe, expect, it } from 'vitest';
import { createTestAccount, type Json, type TestAccount } from './hubspot-account.ts';

const MEETINGS = '/crm/v3/objects/meetings';
const START = '2026-09-01T14:00:00Z';
const END = '2026-09-01T15:00:00Z';

const person = (account: TestAccount, email: string): string =>
  account.hubspot.admin.createContact({ email });
const times = (start = START, end = END): Json => ({
  hs_meeting_start_time: start,
  hs_meeting_end_time: end,
});
const typed = (id: string): Json => ({
  to: { id },
  types: [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 200 }],
});

describe('hubspot: meetings', () => {
  it('stand on the timeline where they start, and refuse two places', async () => {
    const account = createTestAccount();
    const { oracle } = account.hubspot;
    const { body } = await account.post(MEETINGS, { properties: times() });
    expect(oracle.meeting(body.id)?.properties).toMatchObject({
      hs_timestamp: START,
      hs_meeting_end_time: END,
    });
    const later = '2026-09-02T08:00:00Z';
    await account.send('PATCH', `${MEETINGS}/${body.id}`, {
      body: { properties: { hs_meeting_start_time: later } },
    });
    expect(oracle.meeting(body.id)?.properties.hs_timestamp).toBe(later);
    await account.send('PATCH', `${MEETINGS}/${body.id}`, { body: { properties: { hs_timestamp: START } } });
    expect(oracle.meeting(body.id)?.properties.hs_meeting_start_time).toBe(START);
    const two = await account.post(MEETINGS, { properties: { ...times(), hs_timestamp: END } });
    expect(two).toMatchObject({ status: 400, body: { category: 'VALIDATION_ERROR' } });
    expect((await account.post(MEETINGS, { properties: { hs_meeting_title: 'x' } })).status).toBe(400);
  });

  it('keep descriptions in HTML that does nothing', async () => {
    const account = createTestAccount();
    const hs_meeting_body = '<p onclick="steal()">Agenda</p><script>steal()</script><ul><li>one</li></ul>';
    const { body } = await account.post(MEETINGS, { properties: { ...times(), hs_meeting_body } });
    expect(account.hubspot.oracle.meeting(body.id)?.properties.hs_meeting_body).toBe(
      '<p>Agenda</p><ul><li>one</li></ul>',
    );
  });

  it('are found by what changed, archived, restored and forgotten by people', async () => {
    const account = createTestAccount();
    const { admin, oracle } = account.hubspot;
    const id = admin.createMeeting(times());
    account.indexed();
    const since = { propertyName: 'hs_lastmodifieddate', operator: 'GTE', value: '0' };
    const search = async () =>
      (await account.post(`${MEETINGS}/search`, { filterGroups: [{ filters: [since] }] })).body.results;
    expect(await search()).toMatchObject([{ id }]);
    admin.archiveMeeting(id);
    account.indexed();
    expect(await search()).toEqual([]);
    expect((await account.get(`${MEETINGS}?archived=true`)).body.results).toMatchObject([
      { id, archived: true },
    ]);
    expect(oracle.archivedMeetings()).toMatchObject([{ id }]);
    admin.restoreMeeting(id);
    expect(oracle.meetings()).toMatchObject([{ id }]);
    admin.purgeMeeting(id);
    expect(oracle.meeting(id)).toBeUndefined();
  });
});

describe('hubspot: people of meetings', () => {
  it('come with the meeting or later, show in reads, and are writes that count', async () => {
    const account = createTestAccount();
    const { oracle } = account.hubspot;
    const [ann, ben] = [person(account, 'ann@example.com'), person(account, 'ben@example.com')];
    const { body } = await account.post(MEETINGS, { properties: times(), associations: [typed(ann)] });
    await account.send('PUT', `/crm/v3/objects/meetings/${body.id}/associations/contact/${ben}/200`);
    expect(oracle.meeting(body.id)?.contacts).toEqual([ann, ben]);
    const read = await account.get(`${MEETINGS}/${body.id}?associations=contacts`);
    expect(read.body.associations.contacts.results).toEqual([
      { id: ann, type: 'meeting_to_contact' },
      { id: ben, type: 'meeting_to_contact' },
    ]);
    const batch = { inputs: [{ from: { id: body.id }, to: [{ id: ann }] }] };
    await account.post('/crm/v4/associations/meetings/contacts/batch/archive', batch);
    await account.post('/crm/v4/associations/meetings/contacts/batch/archive', batch);
    expect(
      oracle.writes('Tidelock').map(({ operation, objectType }) => `${operation} ${objectType}`),
    ).toEqual(['create meetings', 'associate meetings', 'associate meetings', 'dissociate meetings']);
  });

  it('follow a merge, and are not shown once archived', async () => {
    const account = createTestAccount();
    const { admin, oracle } = account.hubspot;
    const [ann, twin, ben] = ['ann', 'ann.two', 'ben'].map((name) =>
      person(account, `${name}@example.com`),
    ) as [string, string, string];
    const id = admin.createMeeting(times(), [twin, ben]);
    const merged = admin.mergeContacts(ann, twin);
    expect(oracle.meeting(id)?.contacts).toEqual([ben, merged].sort((a, b) => Number(a) - Number(b)));
    admin.archiveContact(ben);
    expect(oracle.meeting(id)?.contacts).toEqual([merged]);
    const list = await account.get(`/crm/v4/objects/contacts/${merged}/associations/meetings`);
    expect(list.body.results).toMatchObject([
      { toObjectId: Number(id), associationTypes: [{ typeId: 199 }] },
    ]);
  });

  it('leave nothing behind where a batch is taken back as a whole', async () => {
    const account = createTestAccount();
    const ann = person(account, 'ann@example.com');
    const inputs = [
      { properties: times(), associations: [typed(ann)] },
      { properties: times(), associations: [typed('1')] },
    ];
    expect((await account.post(`${MEETINGS}/batch/create`, { inputs })).status).toBe(400);
    expect(account.hubspot.oracle.meetings()).toEqual([]);
    expect(account.hubspot.oracle.writes('Tidelock')).toEqual([]);
    expect((await account.get(`/crm/v4/objects/contacts/${ann}/associations/meetings`)).body.results).toEqual(
      [],
    );
  });

  it('are types of the service: others are refused', async () => {
    const account = createTestAccount();
    const ann = person(account, 'ann@example.com');
    const id = account.hubspot.admin.createMeeting(times());
    const wrong = await account.send('PUT', `/crm/v3/objects/meetings/${id}/associations/contact/${ann}/188`);
    expect(wrong.status).toBe(400);
    expect(account.hubspot.oracle.meeting(id)?.contacts).toEqual([]);
  });
});

describe('hubspot: page', () => {
  it('lists meetings with their people', async () => {
    const account = createTestAccount();
    const { admin } = account.hubspot;
    const ann = admin.createContact({ firstname: 'Ann', lastname: 'Archer', email: 'ann@example.com' });
    admin.createMeeting({ ...times(), hs_meeting_title: 'Review', hs_meeting_outcome: 'SCHEDULED' }, [ann]);
    const reply = await account.hubspot.fetch(new Request('https://local/_emulator/events?since='));
    expect(await reply.json()).toMatchObject({
      total: 1,
      events: [{ subject: 'Review', start: START, end: END, people: ['Ann Archer'], marks: ['SCHEDULED'] }],
    });
  });
});
