import { beforeEach, describe, expect, it } from 'vitest';
import { lunch, mondays, noon, withEvents } from './calendar-fixture.ts';
import { BEN, meeting, OUTSIDE, someone } from './meeting-fixture.ts';
import { stamp } from './microsoft365-fixture.ts';

type World = Awaited<ReturnType<typeof withEvents>>;
let world: World;
beforeEach(async () => {
  world = await withEvents();
});

const mails = () =>
  world.emulator.oracle
    .mails()
    .map(({ kind, to, day }) => [kind, to, ...(day === null ? [] : ['one date'])].join(' '));
/** What was sent since the last look. */
let seen = 0;
const fresh = () => {
  const all = mails();
  const found = all.slice(seen);
  seen = all.length;
  return found.sort();
};
beforeEach(() => {
  seen = 0;
});
const bens = () => world.emulator.oracle.events(world.ben);
const patch = (id: string, body: object) => world.graph('PATCH', `${world.path}/${id}`, { body });
/** `what`: id and action. */
const act = (who: string, what: string, body: object = {}) =>
  world.graph('POST', `/users/${who}/events/${what}`, { body });

describe('mail', () => {
  it('goes to each attendee of a new meeting, also of one that is over, and to nobody without attendees', async () => {
    await world.post(lunch);
    expect(fresh()).toEqual([]);
    await world.post({ ...meeting, attendees: [...meeting.attendees, someone('ann@contoso.example')] });
    expect(fresh()).toEqual([`invitation ${BEN}`, `invitation ${OUTSIDE}`]);
    await world.post({ ...meeting, start: noon('2020-01-01'), end: noon('2020-01-01') });
    expect(fresh()).toHaveLength(2);
    const [first] = world.emulator.oracle.mails({ userId: world.ann, by: 'app' });
    expect(first).toMatchObject({ by: 'app', subject: 'Lunch', userId: world.ann });
  });

  it('tells of a change whoever stays, and nobody of what concerns the owner only', async () => {
    const { id } = await world.post(meeting);
    fresh();
    await patch(id, { subject: 'Dinner' });
    expect(fresh()).toEqual([`update ${BEN}`, `update ${OUTSIDE}`]);
    await patch(id, {
      categories: ['A'],
      isReminderOn: false,
      reminderMinutesBeforeStart: 5,
      singleValueExtendedProperties: [{ id: stamp, value: 'C-1' }],
    });
    expect(fresh()).toEqual([]);
  });

  it('of a change of attendees alone goes to those who come, go or change', async () => {
    const { id } = await world.post(meeting);
    fresh();
    await patch(id, { attendees: [someone(BEN), someone('new@customer.example')] });
    expect(fresh()).toEqual([`cancellation ${OUTSIDE}`, 'invitation new@customer.example']);
    await patch(id, { attendees: [someone(BEN, 'optional'), someone('new@customer.example')] });
    expect(fresh()).toEqual([`update ${BEN}`]);
    await patch(id, { attendees: [] });
    expect(fresh()).toEqual([`cancellation ${BEN}`, 'cancellation new@customer.example']);
  });

  it('of a series is one for the series and one for each of its changed dates', async () => {
    const { id } = await world.post({ ...mondays, attendees: [someone(OUTSIDE)] });
    expect(fresh()).toEqual([`invitation ${OUTSIDE}`]);
    const [first, second, third] = await world.dates(id);
    await patch(first.id, { subject: 'Changed' });
    await patch(second.id, { subject: 'Changed too' });
    expect(fresh()).toEqual([`update ${OUTSIDE} one date`, `update ${OUTSIDE} one date`]);
    await patch(id, { location: { displayName: 'Elsewhere' } });
    expect(fresh()).toEqual([
      `update ${OUTSIDE}`,
      `update ${OUTSIDE} one date`,
      `update ${OUTSIDE} one date`,
    ]);
    await world.graph('DELETE', `${world.path}/${third.id}`);
    expect(fresh()).toEqual([`cancellation ${OUTSIDE} one date`]);
    await world.graph('DELETE', `${world.path}/${id}`);
    expect(fresh()).toEqual([`cancellation ${OUTSIDE}`]);
  });

  it('follows a cancellation, an answer that is sent, and a forward', async () => {
    const { id } = await world.post(meeting);
    fresh();
    const [copy] = bens();
    expect((await act(world.ben, `${copy?.id}/accept`, { sendResponse: false })).status).toBe(202);
    expect(fresh()).toEqual([]);
    await act(world.ben, `${copy?.id}/tentativelyAccept`, { Comment: 'Perhaps', SendResponse: true });
    expect(fresh()).toEqual(['response ann@contoso.example']);
    await act(world.ann, `${id}/forward`, { ToRecipients: [{ EmailAddress: { Address: 'x@y.example' } }] });
    expect(fresh()).toEqual(['forward x@y.example']);
    expect((await act(world.ben, `${copy?.id}/cancel`)).status).toBe(400);
    expect((await act(world.ann, `${id}/cancel`, { Comment: 'All hands' })).status).toBe(202);
    expect(fresh()).toEqual([`cancellation ${BEN}`, `cancellation ${OUTSIDE}`]);
    expect((await world.graph('GET', `${world.path}/${id}`)).status).toBe(404);
  });

  it('is told apart by who caused it, and history causes none', async () => {
    const { admin, oracle } = world.emulator;
    admin.seedEvents(world.ann, [meeting, meeting]);
    expect(mails()).toEqual([]);
    expect(bens()).toHaveLength(2);
    admin.createEvent(world.ann, meeting);
    expect(oracle.mails({ by: 'user' })).toHaveLength(2);
    expect(oracle.mails({ by: 'app' })).toEqual([]);
  });
});

describe('a copy', () => {
  it('has an id of its own, the identity of the meeting, and waits for an answer', async () => {
    const made = await world.post(meeting);
    const [copy] = bens();
    const { body } = await world.graph('GET', `/users/${world.ben}/events/${copy?.id}`);
    expect(body).toMatchObject({
      iCalUId: made.iCalUId,
      isOrganizer: false,
      organizer: { emailAddress: { address: 'ann@contoso.example' } },
      responseStatus: { response: 'notResponded', time: '0001-01-01T00:00:00Z' },
      showAs: 'tentative',
      subject: 'Lunch',
    });
    expect(body.id).not.toBe(made.id);
    const foreign = await world.graph('GET', `/users/${world.ben}/events/${made.id}`);
    expect(foreign.body.error.code).toBe('ErrorInvalidIdMalformed');
  });

  it('takes only what is its owner’s own', async () => {
    await world.post(meeting);
    const [copy] = bens();
    const to = `/users/${world.ben}/events/${copy?.id}`;
    const own = { categories: ['Mine'], showAs: 'busy', reminderMinutesBeforeStart: 0 };
    expect((await world.graph('PATCH', to, { body: own })).body).toMatchObject(own);
    for (const body of [
      { subject: 'x' },
      { start: noon('2026-12-08'), end: noon('2026-12-08') },
      { attendees: [] },
    ]) {
      const refused = await world.graph('PATCH', to, { body });
      expect([refused.status, refused.body.error.code]).toEqual([400, 'ErrorInvalidRequest']);
    }
  });

  it('follows the organizer, keeps its owner’s own, and asks again when the time changes', async () => {
    const { id } = await world.post(meeting);
    const [copy] = bens();
    const to = copy?.id ?? '';
    await act(world.ben, `${to}/accept`);
    await world.graph('PATCH', `/users/${world.ben}/events/${to}`, { body: { categories: ['Mine'] } });
    await patch(id, { subject: 'Dinner' });
    expect(bens()).toMatchObject([
      { id: to, subject: 'Dinner', categories: ['Mine'], showAs: 'busy', response: { response: 'accepted' } },
    ]);
    await patch(id, { start: noon('2026-12-08'), end: noon('2026-12-08') });
    expect(bens()).toMatchObject([
      { categories: ['Mine'], showAs: 'tentative', response: { response: 'notResponded' } },
    ]);
  });

  it('is marked, not removed, when the meeting is cancelled or its owner is uninvited', async () => {
    const { id } = await world.post(meeting);
    await patch(id, { attendees: [someone(OUTSIDE)] });
    expect(bens()).toMatchObject([{ isCancelled: true, subject: 'Canceled: Lunch', showAs: 'free' }]);
    const other = await world.post(meeting);
    await world.graph('DELETE', `${world.path}/${other.id}`);
    expect(bens().map(({ isCancelled }) => isCancelled)).toEqual([true, true]);
    const [copy] = bens();
    expect((await act(world.ben, `${copy?.id}/accept`)).status).toBe(400);
    await world.graph('DELETE', `/users/${world.ben}/events/${copy?.id}`);
    expect(bens()).toHaveLength(1);
  });

  it('of a series carries its changed dates, and shows a cancelled one as cancelled', async () => {
    const { id } = await world.post({ ...mondays, attendees: [someone(BEN)] });
    const [first, second] = await world.dates(id);
    await patch(first.id, { subject: 'Changed' });
    await world.graph('DELETE', `${world.path}/${second.id}`);
    const window = { start: Date.parse('2026-12-01'), end: Date.parse('2026-12-22') };
    expect(world.emulator.oracle.instances(world.ben, window)).toMatchObject([
      { subject: 'Changed', isException: true, isCancelled: false },
      { subject: 'Canceled: Lunch', isException: true, isCancelled: true, day: '2026-12-14' },
      { subject: 'Lunch', isException: false },
    ]);
  });

  it('that its owner deleted comes back with the next update', async () => {
    const { id } = await world.post(meeting);
    const [copy] = bens();
    await world.graph('DELETE', `/users/${world.ben}/events/${copy?.id}`);
    expect(fresh()).toHaveLength(2);
    await patch(id, { subject: 'Again' });
    expect(bens()).toMatchObject([{ subject: 'Again', response: { response: 'notResponded' } }]);
  });

  it('is made in no mailbox that is not up', async () => {
    world.emulator.admin.setMailboxState(world.ben, 'none');
    await world.post(meeting);
    expect(world.emulator.oracle.events(world.ben)).toEqual([]);
    expect(fresh()).toEqual([`invitation ${BEN}`, `invitation ${OUTSIDE}`]);
  });
});

describe('an answer', () => {
  it('is counted by the organizer, with the time it came and the time that was proposed', async () => {
    const { id } = await world.post(meeting);
    const [copy] = bens();
    world.clock.advance(60_000);
    const proposedNewTime = { start: noon('2026-12-09'), end: noon('2026-12-09') };
    await act(world.ben, `${copy?.id}/tentativelyAccept`, { proposedNewTime });
    const { body } = await world.graph('GET', `${world.path}/${id}?$select=attendees`);
    expect(body.attendees).toMatchObject([
      {
        status: { response: 'tentativelyAccepted', time: '2026-11-23T09:01:00Z' },
        proposedNewTime: { start: { dateTime: '2026-12-09T20:00:00.0000000' } },
        emailAddress: { address: BEN },
      },
      { status: { response: 'none' } },
    ]);
    expect(body['@odata.etag']).not.toBe('');
    await patch(id, { attendees: [...meeting.attendees, someone('third@customer.example')] });
    const kept = await world.graph('GET', `${world.path}/${id}?$select=attendees`);
    expect(kept.body.attendees[0].status.response).toBe('tentativelyAccepted');
  });

  it('is the organizer’s to know: the copies of others do not tell it', async () => {
    const { id } = await world.post({ ...meeting, attendees: [someone(BEN), someone(OUTSIDE)] });
    const [copy] = bens();
    await act(world.ben, `${copy?.id}/accept`);
    await patch(id, { subject: 'Again' });
    const shown = (events: ReturnType<typeof bens>) =>
      events[0]?.attendees.map(({ status }) => status.response);
    expect(shown(world.emulator.oracle.events(world.ann))).toEqual(['accepted', 'none']);
    expect(shown(bens())).toEqual(['none', 'none']);
  });

  it('to one date stands with that date; a refusal takes it out of the calendar', async () => {
    const { id } = await world.post({ ...mondays, attendees: [someone(BEN)] });
    const [copy] = bens();
    const query = 'startDateTime=2026-12-01&endDateTime=2026-12-22';
    const dates = async (who: string, of: string) =>
      (await world.graph('GET', `/users/${who}/events/${of}/instances?${query}`)).body.value;
    const [first, second] = await dates(world.ben, copy?.id ?? '');
    world.emulator.admin.respond(world.ben, first.id, { response: 'accepted' });
    world.emulator.admin.respond(world.ben, second.id, { response: 'declined' });
    expect(await dates(world.ben, copy?.id ?? '')).toMatchObject([
      { responseStatus: { response: 'accepted' }, showAs: 'busy' },
      { responseStatus: { response: 'notResponded' } },
    ]);
    const responses = (await dates(world.ann, id)).map(
      (each: { attendees: { status: { response: string } }[] }) => each.attendees[0]?.status.response,
    );
    expect(responses).toEqual(['accepted', 'declined', 'none']);
    world.emulator.admin.respond(world.ben, copy?.id ?? '', { response: 'declined' });
    expect(bens()).toEqual([]);
  });

  it('is not the organizer’s to give, and not to be sent where none was requested', async () => {
    const { id } = await world.post({ ...meeting, responseRequested: false });
    expect((await act(world.ann, `${id}/accept`)).status).toBe(400);
    const [copy] = bens();
    expect((await act(world.ben, `${copy?.id}/accept`, { sendResponse: true })).status).toBe(400);
    expect((await act(world.ben, `${copy?.id}/accept`, { sendResponse: false })).status).toBe(202);
    expect((await world.graph('GET', `${world.path}/${id}/accept`)).status).toBe(405);
    expect((await act(world.ann, `${id}/invent`)).status).toBe(404);
  });
});
