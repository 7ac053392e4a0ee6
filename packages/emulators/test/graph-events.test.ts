import { describe, expect, it } from 'vitest';
import { lunch, mondays, noon, withEvents, zone } from './calendar-fixture.ts';
import { createTestWorld, readDelta, stamp } from './microsoft365-fixture.ts';

describe('a single event', () => {
  it('is created with the shapes and defaults of the service', async () => {
    const { graph, path, ann, emulator } = await withEvents();
    const body = { ...lunch, singleValueExtendedProperties: [{ id: stamp, value: 'C-1' }] };
    const created = await graph('POST', path, { body, headers: zone('Pacific Standard Time') });
    expect(created.status).toBe(201);
    expect(created.headers.get('preference-applied')).toBe('outlook.timezone="Pacific Standard Time"');
    expect(created.body).toMatchObject({
      type: 'singleInstance',
      seriesMasterId: null,
      recurrence: null,
      originalStartTimeZone: 'Pacific Standard Time',
      start: { dateTime: '2026-12-07T12:00:00.0000000', timeZone: 'Pacific Standard Time' },
      showAs: 'busy',
      sensitivity: 'normal',
      isReminderOn: true,
      reminderMinutesBeforeStart: 15,
      isOrganizer: true,
      responseStatus: { response: 'organizer', time: '0001-01-01T00:00:00Z' },
      organizer: { emailAddress: { name: 'Ann', address: 'ann@contoso.example' } },
      bodyPreview: 'Does noon work?',
    });
    expect(created.body.iCalUId).toMatch(/^040000008200E00074C5B7101A82E00800000000[0-9A-F]{72}$/);
    expect(created.body.createdDateTime).toMatch(/^2026-11-23T09:00:00\.\d{1,7}Z$/);
    for (const name of ['singleValueExtendedProperties', 'transactionId', 'originalStart', 'occurrenceId'])
      expect(created.body).not.toHaveProperty(name);
    expect(created.body['@odata.etag']).toBe(`W/"${created.body.changeKey}"`);
    expect(emulator.oracle.events(ann)[0]?.extended).toEqual([{ id: stamp, value: 'C-1' }]);
    expect((await graph('GET', `${path}/${created.body.id}`)).body.start).toEqual({
      dateTime: '2026-12-07T20:00:00.0000000',
      timeZone: 'UTC',
    });
  });

  it('is merged by PATCH, keeps the place written last, and answers a stale change key with 412', async () => {
    const { graph, path, post } = await withEvents();
    const { id, ...first } = await post(lunch);
    const to = `${path}/${id}`;
    const patched = await graph('PATCH', to, {
      body: {
        subject: 'Dinner',
        location: { displayName: 'Home' },
        categories: ['Red', 'Red'],
        showAs: 'OOF',
      },
      headers: { 'if-match': first['@odata.etag'] },
    });
    expect(patched.body).toMatchObject({
      subject: 'Dinner',
      showAs: 'oof',
      categories: ['Red'],
      location: { displayName: 'Home', locationType: 'default', uniqueId: 'Home' },
      locations: [{ displayName: 'Home' }],
      bodyPreview: 'Does noon work?',
      iCalUId: first.iCalUId,
    });
    const stale = { 'if-match': first['@odata.etag'] };
    for (const method of ['PATCH', 'DELETE'])
      expect((await graph(method, to, { body: {}, headers: stale })).body.error.code).toBe(
        'ErrorIrresolvableConflict',
      );
    expect((await graph('PATCH', to, { body: { locations: [] } })).body.location.displayName).toBe('');
    expect((await graph('DELETE', to)).status).toBe(204);
    expect((await graph('GET', to)).body.error.code).toBe('ErrorItemNotFound');
  });

  it('happens once per transaction of an application', async () => {
    const { graph, path, ann, emulator } = await withEvents();
    const body = { ...lunch, transactionId: '7E163156-7762-4BEB-A1C6-729EA81755A7' };
    const headers = { prefer: 'IdType="ImmutableId"' };
    const once = await graph('POST', path, { body, headers });
    expect(once.body.transactionId).toBe(body.transactionId);
    const again = await graph('POST', path, { body: { ...body, subject: 'x' }, headers });
    expect([again.status, again.body.error.code]).toEqual([409, 'ErrorDuplicateTransactionId']);
    expect(again.body.error['@event.existingEventId']).toBe(once.body.id);
    expect(emulator.oracle.events(ann)).toHaveLength(1);
    const changed = await graph('PATCH', `${path}/${once.body.id}`, { body: { transactionId: 'other' } });
    expect(changed.status).toBe(400);
    await graph('DELETE', `${path}/${once.body.id}`);
    expect((await graph('POST', path, { body })).status).toBe(201);
  });

  const refused: readonly (readonly [what: string, body: object, code: string])[] = [
    ['no start', { subject: 'x' }, 'ErrorPropertyValidationFailure'],
    ['an end before its start', { end: noon('2026-12-06') }, 'ErrorPropertyValidationFailure'],
    ['whole days that do not begin at midnight', { isAllDay: true }, 'ErrorInvalidRequest'],
    [
      'whole days that end in another zone',
      {
        isAllDay: true,
        start: { dateTime: '2026-12-07T00:00', timeZone: 'UTC' },
        end: { dateTime: '2026-12-08T00:00', timeZone: 'Asia/Tokyo' },
      },
      'ErrorInvalidRequest',
    ],
    [
      'an unknown zone',
      { start: { dateTime: '2026-12-07T12:00', timeZone: 'Mars' } },
      'TimeZoneNotSupportedException',
    ],
    ['an unknown property', { sunject: 'x' }, 'RequestBodyRead'],
    ['an unknown value', { showAs: 'asleep' }, 'RequestBodyRead'],
    [
      'somebody without an address',
      { attendees: [{ emailAddress: { name: 'Bo' } }] },
      'ErrorInvalidRecipients',
    ],
    ['a date that is no date', { start: { dateTime: 'noon' } }, 'ErrorPropertyValidationFailure'],
    [
      'occurrences longer than a week each week',
      { ...mondays, end: noon('2026-12-15') },
      'ErrorOccurrenceTimeSpanTooBig',
    ],
    [
      'a pattern without a date',
      {
        recurrence: {
          pattern: { type: 'weekly', interval: 1, daysOfWeek: ['friday'] },
          range: { type: 'endDate', startDate: '2026-12-07', endDate: '2026-12-08' },
        },
      },
      'ErrorRecurrenceHasNoOccurrence',
    ],
  ];
  it.each(refused)('with %s is refused', async (_what, body, code) => {
    const { graph, path, ann, emulator } = await withEvents();
    const answer = await graph('POST', path, { body: 'subject' in body ? body : { ...lunch, ...body } });
    expect([answer.status, answer.body.error.code]).toEqual([400, code]);
    expect(emulator.oracle.events(ann)).toEqual([]);
  });

  it('that is held online has a room for good, and leads there at the end of its body', async () => {
    const { graph, path, post } = await withEvents();
    const made = await post({ ...lunch, isOnlineMeeting: true });
    expect(made).toMatchObject({ isOnlineMeeting: true, onlineMeetingProvider: 'teamsForBusiness' });
    const { joinUrl } = made.onlineMeeting;
    expect(joinUrl).toMatch(/^https:\/\/teams\.microsoft\.com\/l\/meetup-join\/19%3ameeting_/);
    expect(made.body.content).toMatch(/Does noon work\?[\s\S]*Join the meeting now/);
    expect(made.body.content).toContain(joinUrl);
    const to = `${path}/${made.id}`;
    const again = await graph('PATCH', to, { body: { body: made.body, isOnlineMeeting: false } });
    expect(again.body).toMatchObject({ body: made.body, isOnlineMeeting: true, onlineMeeting: { joinUrl } });
    const lost = await graph('PATCH', to, {
      body: { body: { contentType: 'text', content: 'New & better' } },
    });
    expect(lost.body.body.content).not.toContain(joinUrl);
    expect(lost.body).toMatchObject({ onlineMeeting: { joinUrl }, bodyPreview: 'New & better' });
  });

  it('of whole days is midnight in every zone', async () => {
    const { graph, path, post } = await withEvents();
    const at = (day: string) => ({ dateTime: `${day}T00:00:00`, timeZone: 'W. Europe Standard Time' });
    const { id } = await post({
      subject: 'Offsite',
      isAllDay: true,
      start: at('2026-12-24'),
      end: at('2026-12-26'),
    });
    for (const name of ['UTC', 'Pacific Standard Time', 'Asia/Tokyo']) {
      const { body } = await graph('GET', `${path}/${id}?$select=start,end`, { headers: zone(name) });
      expect([body.start.dateTime, body.end.dateTime, body.start.timeZone]).toEqual([
        '2026-12-24T00:00:00.0000000',
        '2026-12-26T00:00:00.0000000',
        name,
      ]);
    }
  });
});

describe('listings', () => {
  it('page, select, sort and filter', async () => {
    const { graph, path, post } = await withEvents();
    const at = (day: number) => noon(`2026-12-${String(day).padStart(2, '0')}`);
    for (const day of [3, 1, 2])
      await post({ subject: `E${day}`, start: at(day), end: at(day), categories: day === 1 ? ['A'] : [] });
    const marked = await post({ ...lunch, singleValueExtendedProperties: [{ id: stamp, value: 'C-7' }] });
    const subjects = async (query: string) =>
      (await graph('GET', `${path}?${query}`)).body.value.map((each: { subject: string }) => each.subject);
    const filter = (text: string) => `$filter=${encodeURIComponent(text)}`;
    expect(await subjects('$orderby=start/dateTime&$top=2&$skip=1')).toEqual(['E2', 'E3']);
    expect(await subjects(filter("start/dateTime ge '2026-12-03T00:00:00Z'"))).toEqual(['E3', 'Lunch']);
    expect(await subjects(filter(`iCalUId eq '${marked.iCalUId}'`))).toEqual(['Lunch']);
    expect(await subjects(filter("startswith(subject,'e') and categories/any(c:c eq 'a')"))).toEqual(['E1']);
    const stamped = `singleValueExtendedProperties/Any(ep: ep/id eq '${stamp}' and ep/value eq 'c-7')`;
    expect(await subjects(filter(stamped))).toEqual(['Lunch']);
    const expand = encodeURIComponent(`singleValueExtendedProperties($filter=id eq '${stamp}')`);
    const shown = await graph('GET', `${path}?$select=subject&$count=true&$expand=${expand}&$top=4`);
    expect(shown.body['@odata.count']).toBe(4);
    expect(shown.body.value[3]).toEqual({
      '@odata.etag': marked['@odata.etag'],
      id: marked.id,
      subject: 'Lunch',
      singleValueExtendedProperties: [{ id: stamp, value: 'C-7' }],
    });
    expect((await graph('GET', `${path}?$filter=${encodeURIComponent("body/content eq 'x'")}`)).status).toBe(
      400,
    );
    const first = await graph('GET', `${path}?$top=3`);
    const next = await graph('GET', first.body['@odata.nextLink']);
    expect(next.body.value).toHaveLength(1);
    expect(next.body).not.toHaveProperty('@odata.nextLink');
  });

  it('are of one calendar; ids of every calendar are known under events', async () => {
    const { graph, ann, ben, path, post } = await withEvents();
    await post(lunch);
    const calendars = `/users/${ann}/calendars`;
    const made = await graph('POST', calendars, { body: { name: 'Volunteer' } });
    expect(made.body).toMatchObject({
      name: 'Volunteer',
      isDefaultCalendar: false,
      canEdit: true,
      color: 'auto',
    });
    expect((await graph('POST', calendars, { body: { name: 'volunteer' } })).status).toBe(409);
    const there = `${calendars}/${made.body.id}`;
    const event = (await graph('POST', `${there}/events`, { body: { ...lunch, subject: 'Help' } })).body;
    expect((await graph('GET', path)).body.value).toHaveLength(1);
    expect((await graph('GET', `${there}/events`)).body.value).toHaveLength(1);
    expect((await graph('GET', `${path}/${event.id}`)).status).toBe(200);
    expect((await graph('GET', `/users/${ann}/calendar/events/${event.id}`)).status).toBe(404);
    const foreign = await graph('GET', `/users/${ben}/events/${event.id}`);
    expect([foreign.status, foreign.body.error.code]).toEqual([400, 'ErrorInvalidIdMalformed']);
    expect((await graph('PATCH', there, { body: { name: 'Choir', color: 'lightRed' } })).body.name).toBe(
      'Choir',
    );
    expect((await graph('DELETE', `/users/${ann}/calendar`)).status).toBe(400);
    expect((await graph('DELETE', there)).status).toBe(204);
    expect((await graph('GET', `${path}/${event.id}`)).status).toBe(404);
    expect((await graph('GET', calendars)).body.value).toMatchObject([
      { name: 'Calendar', isDefaultCalendar: true },
    ]);
  });
});

describe('access and limits', () => {
  it('need the role for calendars, and are those of the mailbox', async () => {
    const { emulator, tenantId, clientId, getToken, graph, path, ann, ben } = await withEvents();
    emulator.admin.consent(tenantId, clientId, ['Contacts.ReadWrite', 'Calendars.Read']);
    const token = (await getToken()).body.access_token;
    expect((await graph('GET', path, { token })).status).toBe(200);
    const denied = await graph('POST', path, { token, body: lunch });
    expect([denied.status, denied.body.error.code]).toEqual([403, 'ErrorAccessDenied']);
    const paths = [path, `/users/${ann}/contacts`, path, `/users/${ann}/contacts`, path];
    const five = await Promise.all(paths.map((each) => graph('GET', each)));
    expect(five.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 429]);
    emulator.admin.setScope(tenantId, clientId, [ben]);
    expect((await graph('GET', path)).status).toBe(403);
    emulator.admin.setMailboxState(ben, 'none');
    expect((await graph('GET', `/users/${ben}/events`)).body.error.code).toBe('MailboxNotEnabledForRESTAPI');
  });

  it('hold inside batches as well', async () => {
    const { batch, ann, path } = await withEvents();
    const headers = { 'Content-Type': 'application/json', Prefer: 'outlook.timezone="Asia/Tokyo"' };
    const { body } = await batch([
      { id: '1', method: 'POST', url: path, headers, body: lunch },
      { id: '2', method: 'GET', url: `/users/${ann}/calendar`, headers: {} },
    ]);
    const answers = new Map(body.responses.map((each: { id: string }) => [each.id, each]));
    expect(answers.get('1')).toMatchObject({ status: 201, body: { start: { timeZone: 'Asia/Tokyo' } } });
    expect(answers.get('2')).toMatchObject({ status: 200, body: { name: 'Calendar' } });
  });

  it('touch a share of new events once more, as they do contacts', async () => {
    const world = await createTestWorld({ churn: { share: 1, minMs: 2000, maxMs: 2000 } });
    const { graph, ann, clock } = world;
    const query = 'startDateTime=2026-12-01T00:00:00Z&endDateTime=2026-12-31T00:00:00Z';
    const { deltaLink } = await readDelta(world, `/users/${ann}/calendarView/delta?${query}`);
    const { body } = await graph('POST', `/users/${ann}/events`, { body: lunch });
    const own = await readDelta(world, deltaLink);
    expect(own.entries[0]['@odata.etag']).toBe(body['@odata.etag']);
    clock.advance(2000);
    const [touched] = (await readDelta(world, own.deltaLink)).entries;
    expect(touched).toMatchObject({ id: body.id, subject: 'Lunch' });
    expect(touched['@odata.etag']).not.toBe(body['@odata.etag']);
  });
});
