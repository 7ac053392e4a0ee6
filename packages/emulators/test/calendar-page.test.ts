import { describe, expect, it } from 'vitest';
import { calendarPageScript } from '../src/microsoft365/calendar/calendar-page-script.ts';
import { pageScript } from '../src/microsoft365/page-script.ts';
import { lunch, mondays, noon, withEvents } from './calendar-fixture.ts';
import { readAnswer } from './microsoft365-fixture.ts';

const someone = (address: string) => ({ emailAddress: { address, name: address } });

const withPage = async () => {
  const world = await withEvents();
  const { emulator, ann, ben } = world;
  const read = async (user: string, query = '') => {
    const url = `https://localhost/_emulator/calendar?user=${user}&from=2026-12-01${query}`;
    return (await readAnswer(await emulator.fetch(url))).body;
  };
  const edit = async (method: string, body: object, type = 'application/json') => {
    const headers = { 'content-type': type };
    const answer = await emulator.fetch('https://localhost/_emulator/calendar', {
      method,
      headers,
      body: JSON.stringify(body),
    });
    return readAnswer(answer);
  };
  return { ...world, read, edit, ann, ben };
};

describe('the calendar page', () => {
  it('is served with its views, and its script can be read', async () => {
    const { emulator } = await withPage();
    const html = await (await emulator.fetch('https://localhost/')).text();
    for (const part of ['data-view="calendar"', 'id="meetings"', 'id="mail-count"', 'id="people"'])
      expect(html).toContain(part);
    const AsyncFunction: FunctionConstructor = Object.getPrototypeOf(async () => undefined).constructor;
    expect(() => new AsyncFunction(pageScript + calendarPageScript)).not.toThrow();
  });

  it('shows what is on, in the zone of the mailbox, and the e-mails that left', async () => {
    const { read, post, ann, ben, emulator } = await withPage();
    await post({ ...lunch, attendees: [someone('ben@contoso.example')] });
    emulator.admin.createEvent(ann, mondays);
    const page = await read(ann);
    expect(page).toMatchObject({
      timeZone: 'UTC',
      today: '2026-11-23',
      found: 5,
      total: 2,
      mails: { total: 1 },
    });
    expect(page.rows[0]).toMatchObject({
      subject: 'Lunch',
      start: '2026-12-07T20:00',
      location: "Harry's Bar",
      attendees: [{ address: 'ben@contoso.example', response: 'none' }],
      isOrganizer: true,
    });
    expect(page.mails.latest[0]).toMatchObject({ kind: 'invitation', to: 'ben@contoso.example', by: 'app' });
    expect((await read(ben)).rows).toMatchObject([{ isOrganizer: false, response: 'notResponded' }]);
    expect(await read(ann, `&since=${encodeURIComponent(page.version)}`)).toEqual({ version: page.version });
  });

  it('lets a person create, move, answer and cancel a meeting', async () => {
    const { read, edit, ann, ben, emulator } = await withPage();
    const event = { ...lunch, attendees: [someone('ben@contoso.example')] };
    expect((await edit('POST', { user: ann, event })).status).toBe(200);
    const [mine] = (await read(ann)).rows;
    const times = { start: noon('2026-12-09'), end: noon('2026-12-09') };
    await edit('PATCH', { user: ann, id: mine.id, event: times });
    const [theirs] = (await read(ben)).rows;
    expect(theirs.start).toBe('2026-12-09T20:00');
    await edit('POST', { user: ben, id: theirs.id, response: 'accepted' });
    expect((await read(ann)).rows[0].attendees[0].response).toBe('accepted');
    await edit('DELETE', { user: ann, id: mine.id });
    expect((await read(ann)).rows).toEqual([]);
    expect((await read(ben)).rows).toMatchObject([{ isCancelled: true }]);
    expect(emulator.oracle.mails({ by: 'user' }).map(({ kind }) => kind)).toEqual([
      'invitation',
      'update',
      'response',
      'cancellation',
    ]);
  });

  it('says what is wrong, and takes JSON only', async () => {
    const { edit, ann } = await withPage();
    const event = { ...lunch, start: noon('2026-12-09') };
    expect(await edit('POST', { user: ann, event })).toMatchObject({
      status: 400,
      body: { error: expect.stringContaining('lies before') },
    });
    expect((await edit('POST', { user: ann, event: lunch }, 'text/plain')).status).toBe(415);
  });
});
