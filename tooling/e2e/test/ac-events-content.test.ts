import { describe, expect, it } from 'vitest';
import {
  ann,
  at,
  CUSTOMERS,
  calendarLane,
  calendarOf,
  calendarSubjects,
  eventReviews,
  invited,
  isCalm,
  mails,
  meet,
  openScene,
  settle,
  VENDORS,
  why,
} from '../src/calendar-scene.ts';
import { describeAnew, guestsOf, makeAtCrm, shown, shownAs, subjects } from '../src/crm-events.ts';

describe.each(VENDORS)('what is told of an event, and to whom: %s', (vendor) => {
  it('AC-36 colleagues on an invitation become neither contacts nor companies, and neither does anybody unknown', async () => {
    await using scene = await openScene(vendor, { mailboxes: ['ann', 'ben'] });
    const people = [scene.world.person('ben').address, 'temp@contoso.example', 'stranger@customer.example'];
    meet(scene, { subject: 'Internal', day: '2027-01-12', more: { attendees: invited(...people) } });
    await settle(scene, 3);
    expect(subjects(scene)).toEqual(['Internal']);
    expect(scene.world.records()).toEqual([]);
    expect(scene.world.crm.writes()).toEqual([]);
    // Who could not be placed is asked about, once.
    const asked = (await eventReviews(scene)).filter(({ kind }) => kind === 'unresolved');
    expect(asked).toHaveLength(1);
    expect(await isCalm(scene)).toBe(true);
  });

  const OPTED_IN = { people: { create: true, ownDomains: ['partner.example'] } };
  const named = (name: string, address: string, type = 'required') => ({
    type,
    emailAddress: { address, name },
  });
  const GUESTS = [
    named('Doe, Jane', 'Jane@customer.example'),
    named('Known Already', 'known@customer.example'),
    named('Temp', 'temp@contoso.example'),
    named('Boss', 'boss@emea.contoso.example'),
    named('Partner', 'paul@partner.example'),
    named('Room 5', 'room5@places.example', 'resource'),
  ];

  it('AC-36 where a profile asks for it unknown people become contacts, colleagues and rooms never; plan and why say so', async () => {
    await using scene = await openScene(vendor, { mailboxes: ['ann', 'ben'], events: OPTED_IN });
    scene.world.crm.create({ lastName: 'Already', email: 'known@customer.example' });
    const colleague = named('Ben', scene.world.person('ben').address);
    meet(scene, { subject: 'Kick-off', day: '2027-01-12', more: { attendees: [...GUESTS, colleague] } });
    const nameless = [named('max@customer.example', 'max@customer.example'), GUESTS[0]];
    meet(scene, { subject: 'Review', day: '2027-01-13', more: { attendees: nameless } });
    const rows = (await scene.world.plan()).flatMap(({ plan }) => plan);
    const planned = new Map(rows.filter(({ people }) => people).map(({ title, people }) => [title, people]));
    expect(planned.get('Kick-off')).toEqual(['jane@customer.example']);
    expect(planned.get('Review')?.toSorted()).toEqual(['jane@customer.example', 'max@customer.example']);
    expect(scene.world.records()).toHaveLength(1);
    await settle(scene, 3);
    const people = scene.world
      .records()
      .map(({ values }) => [values.firstName ?? '', values.lastName, values.email]);
    expect(
      people.map(([first, last, email]) => `${first} ${last} ${email?.toLowerCase()}`).toSorted(),
    ).toEqual([
      ' Already known@customer.example',
      ' max max@customer.example',
      'Jane Doe jane@customer.example',
    ]);
    const guests = (subject: string) =>
      guestsOf(scene, shownAs(scene, subject).id).map((email) => email.toLowerCase());
    expect(guests('Kick-off')).toEqual(['jane@customer.example', 'known@customer.example']);
    expect(guests('Review').toSorted()).toEqual(['jane@customer.example', 'max@customer.example']);
    // The others are asked about as before, and nobody is told of anything.
    const asked = (await eventReviews(scene)).filter(({ kind }) => kind === 'unresolved');
    expect(asked).toHaveLength(1);
    expect(mails(scene)).toEqual([]);
    expect(await why(scene, 'Kick-off')).toContain('is nobody in the CRM is made there as a contact');
    const { id } = await calendarLane(scene);
    const history = await scene.world.platform().state.sync.history(id, { limit: 1_000 });
    const made = history.filter(({ rule }) => rule === 'people: made for it').flatMap((row) => row.new);
    expect(made.toSorted()).toEqual(['jane@customer.example', 'max@customer.example']);
    expect(await isCalm(scene)).toBe(true);
  });

  it('AC-36 nobody is made twice when an answer is lost, and an event waits for those who are on it', async () => {
    await using scene = await openScene(vendor, { events: OPTED_IN, contacts: { sync: false } });
    meet(scene, { subject: 'Kick-off', day: '2027-01-12', more: { attendees: [GUESTS[0]] } });
    const path = vendor === 'salesforce' ? /composite\/sobjects/ : /contacts\/batch\/create/;
    const { faults } = vendor === 'salesforce' ? scene.world.salesforce : scene.world.stage.hubspot;
    const lost = faults.inject({ match: { method: 'POST', path }, fault: { kind: 'lost', applied: true } });
    await settle(scene, 4);
    expect(lost.remaining()).toBe(0);
    expect(scene.world.records()).toHaveLength(1);
    expect(guestsOf(scene, shownAs(scene, 'Kick-off').id).map((email) => email.toLowerCase())).toEqual([
      'jane@customer.example',
    ]);
    expect(await isCalm(scene)).toBe(true);
  });

  it("AC-37 events of the CRM are pushed into a calendar: the owner's own events are neither touched nor told", async () => {
    await using scene = await openScene(vendor, { events: { direction: 'crm>mailbox' } });
    const own = meet(scene, { subject: 'Dentist', day: '2027-01-12' });
    meet(scene, { subject: 'Review', day: '2027-01-12', more: { attendees: invited(...CUSTOMERS) } });
    const before = calendarOf(scene, 'ann').map((event) => JSON.stringify(event));
    for (const day of ['12', '13'])
      makeAtCrm(scene, {
        subject: day === '12' ? 'Review' : 'Campaign',
        start: `2027-01-${day}T08:00:00Z`,
        end: `2027-01-${day}T09:00:00Z`,
      });
    await settle(scene, 3);
    expect(subjects(scene)).toEqual(['Campaign', 'Review']);
    const after = calendarOf(scene, 'ann').map((event) => JSON.stringify(event));
    expect(after).toEqual(expect.arrayContaining(before));
    expect(calendarSubjects(scene)).toContain('Campaign');
    expect(mails(scene)).toEqual([]);
    // Nothing of them was read into pairs either: they can be deleted without a trace.
    scene.world.graph.admin.deleteEvent(ann(scene), own.immutableId);
    await settle(scene);
    expect(subjects(scene)).toEqual(['Campaign', 'Review']);
    expect(await isCalm(scene)).toBe(true);
  });

  it('AC-38 a formatted agenda is not flattened: unchanged it writes nothing, changed text is merged into it', async () => {
    await using scene = await openScene(vendor);
    const agenda =
      '<p>Agenda</p><ul><li><b>Budget</b></li><li><a href="https://example.com/plan">Plan</a></li></ul><p>Bring coffee</p>';
    const { immutableId } = meet(scene, {
      subject: 'Planning',
      day: '2027-01-12',
      more: { body: { contentType: 'html', content: agenda } },
    });
    await scene.world.sync();
    const body = () => scene.world.graph.oracle.event(ann(scene), immutableId)?.body ?? '';
    const text = shownAs(scene, 'Planning').text;
    for (const word of ['Agenda', 'Budget', 'Plan', 'Bring coffee']) expect(text).toContain(word);
    const before = body();
    expect(await isCalm(scene)).toBe(true);
    expect(body()).toBe(before);
    // One line is changed in the CRM.
    const { id } = shownAs(scene, 'Planning');
    if (vendor === 'salesforce')
      scene.world.salesforce.admin.updateEvent(id, {
        Description: text.replace('Bring coffee', 'Bring tea'),
      });
    else
      scene.world.stage.hubspot.admin.updateMeeting(id, {
        hs_meeting_body: text.replace('Bring coffee', 'Bring tea'),
      });
    await settle(scene);
    expect(body()).toContain('Bring tea');
    expect(body()).not.toContain('coffee');
    expect(body()).toMatch(/<li>\s*<b>Budget<\/b>/);
    expect(body()).toContain('<a href="https://example.com/plan">Plan</a>');
    expect(await isCalm(scene)).toBe(true);
  });
});

describe.each(VENDORS)('events that only remind their owner: %s', (vendor) => {
  it('AC-35 a personal reminder with a customer in its text invites nobody, and a private meeting tells only when it is', async () => {
    await using scene = await openScene(vendor, { events: { private: 'busy' } });
    scene.world.crm.create({ lastName: 'Customer', email: CUSTOMERS[0] });
    meet(scene, { subject: 'Call Customer', day: '2027-01-12' });
    meet(scene, {
      subject: 'Doctor',
      day: '2027-01-13',
      more: { sensitivity: 'private', body: { contentType: 'text', content: 'Knee' } },
    });
    await settle(scene);
    expect(subjects(scene)).toEqual(['Busy', 'Call Customer']);
    expect(shownAs(scene, 'Busy').text).not.toContain('Knee');
    expect(shown(scene).flatMap(({ id }) => guestsOf(scene, id))).toEqual([]);
    describeAnew(scene, shownAs(scene, 'Call Customer').id, 'Their number is in the file');
    await settle(scene);
    expect(calendarOf(scene, 'ann').flatMap(({ attendees }) => attendees)).toEqual([]);
    expect(mails(scene)).toEqual([]);
    expect(calendarOf(scene, 'ann').find(({ subject }) => subject === 'Doctor')?.start).toEqual({
      dateTime: at('2027-01-13T09:00:00.0000000').dateTime,
      timeZone: 'W. Europe Standard Time',
    });
    expect(await isCalm(scene)).toBe(true);
  });
});
