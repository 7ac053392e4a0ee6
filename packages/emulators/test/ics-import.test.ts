import { readdirSync, readFileSync } from 'node:fs';
import { hasSlice, SHARED } from '@tidelock-tooling/openapi';
import { describe, expect, it } from 'vitest';
import { createManualClock } from '../src/kit/index.ts';
import { createMicrosoft365 } from '../src/microsoft365/index.ts';
import { startMs } from './microsoft365-fixture.ts';

function createMailbox(timeZone = 'W. Europe Standard Time') {
  const { admin, oracle } = createMicrosoft365({ clock: createManualClock(startMs), seed: 5 });
  const tenant = admin.createTenant({ domain: 'contoso.example', displayName: 'Contoso' });
  const { id } = admin.addUser(tenant.id, { mail: 'ann@contoso.example', displayName: 'Ann', timeZone });
  return {
    take: (text: string) => admin.importIcs(id, text),
    events: () => oracle.events(id),
    mails: () => oracle.mails(),
    days: (from: string, to: string) =>
      oracle
        .instances(id, { start: Date.parse(from), end: Date.parse(to) })
        .map(({ start, subject }) => `${new Date(start).toISOString().slice(0, 16)} ${subject}`),
  };
}

const file = (lines: string) =>
  [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    ...lines
      .trim()
      .split('\n')
      .map((line) => line.trim()),
    'END:VCALENDAR',
  ].join('\r\n');
const event = (lines: string) => file(`BEGIN:VEVENT\nUID:u1\nSUMMARY:Talk\n${lines.trim()}\nEND:VEVENT`);

describe('the shared calendars', () => {
  const FOLDER = `${SHARED}data/calendars`;

  it.skipIf(!hasSlice)(
    'are each taken over, or refused by the line that is in the way [skipped: ../shared is absent]',
    () => {
      const names = readdirSync(FOLDER).filter((name) => name.endsWith('.ics'));
      const whole: string[] = [];
      const refused: string[] = [];
      for (const name of names) {
        const text = readFileSync(`${FOLDER}/${name}`, 'utf8');
        const { take, events, mails } = createMailbox();
        const report = take(text);
        expect([name, events().length]).toEqual([name, report.imported.length]);
        expect([name, report.imported.length + report.refused.length]).not.toEqual([name, 0]);
        const lines = text.split(/\r\n|\r|\n/).length;
        for (const { line, reason } of report.refused) {
          expect([name, line >= 1 && line <= lines]).toEqual([name, true]);
          expect([name, reason.length > 10]).toEqual([name, true]);
        }
        expect(mails()).toEqual([]);
        (report.refused.length === 0 ? whole : refused).push(name);
      }
      expect(names.length).toBeGreaterThan(70);
      expect(whole.length).toBeGreaterThanOrEqual(26);
      const line = (name: string) =>
        createMailbox().take(readFileSync(`${FOLDER}/${name}`, 'utf8')).refused[0]?.line;
      expect(line('issue_104_broken_calendar.ics')).toBe(13);
      expect(line('broken_ical.ics')).toBe(4);
      expect(line('parsing_error.ics')).toBe(19);
    },
    30_000,
  );

  it.skipIf(!hasSlice)(
    'keep the time of zones that only the file knows [skipped: ../shared is absent]',
    () => {
      const { take, days } = createMailbox();
      take(readFileSync(`${FOLDER}/issue_722_timezone_transition_ambiguity.ics`, 'utf8'));
      expect(days('2024-01-01', '2025-01-01').map((each) => each.slice(0, 16))).toEqual([
        '2024-03-02T20:00',
        '2024-05-04T19:00',
        '2024-05-04T22:00',
        '2024-08-02T22:00',
      ]);
    },
  );
});

describe('an iCalendar file', () => {
  it('brings events with what Outlook keeps of them, and tells nobody', () => {
    const { take, events, mails } = createMailbox();
    const report = take(
      event(`DTSTART;TZID=Europe/Berlin:20261207T090000
        DURATION:PT1H30M
        DESCRIPTION:First\\, second\\nthird
        LOCATION:Room 1
        GEO:52.5;13.4
        CATEGORIES:Red,Blue
        CATEGORIES:Red
        CLASS:CONFIDENTIAL
        PRIORITY:1
        TRANSP:TRANSPARENT
        ORGANIZER;CN=Boss:mailto:boss@customer.example
        ATTENDEE;CN="Lee, Ann";ROLE=OPT-PARTICIPANT;PARTSTAT=ACCEPTED:mailto:ann@contoso.example
        ATTENDEE;CUTYPE=ROOM:mailto:room@contoso.example
        ATTENDEE;CN=Nobody:invalid:nomail
        BEGIN:VALARM
        ACTION:DISPLAY
        TRIGGER:-PT45M
        END:VALARM`),
    );
    expect(report).toMatchObject({ refused: [], imported: [{ id: expect.stringContaining('AAMk') }] });
    expect(events()).toMatchObject([
      {
        uid: 'u1',
        subject: 'Talk',
        text: 'First, second\r\nthird',
        start: { dateTime: '2026-12-07T09:00:00.0000000', timeZone: 'Europe/Berlin' },
        end: { dateTime: '2026-12-07T10:30:00.0000000' },
        locations: [{ displayName: 'Room 1', coordinates: { latitude: 52.5, longitude: 13.4 } }],
        categories: ['Red', 'Blue'],
        sensitivity: 'confidential',
        importance: 'high',
        showAs: 'free',
        isReminderOn: true,
        reminderMinutesBeforeStart: 45,
        organizer: 'boss@customer.example',
        isOrganizer: false,
        attendees: [
          { type: 'optional', emailAddress: { name: 'Lee, Ann' }, status: { response: 'accepted' } },
          { type: 'resource' },
          { emailAddress: { name: 'Nobody', address: undefined } },
        ],
      },
    ]);
    expect(mails()).toEqual([]);
  });

  it('brings whole days as dates, and times without a zone in the zone of the mailbox', () => {
    const { take, events, days } = createMailbox('America/New_York');
    take(event('DTSTART;VALUE=DATE:20261224\nDTEND;VALUE=DATE:20261226'));
    take(event('DTSTART:20261207T090000'));
    expect(events()[0]).toMatchObject({ isAllDay: true, end: { dateTime: '2026-12-26T00:00:00.0000000' } });
    expect(days('2026-12-01', '2026-12-31')).toEqual(['2026-12-07T14:00 Talk', '2026-12-24T00:00 Talk']);
  });

  it('brings a series with what it leaves out and what it changes', () => {
    const { take, events, days } = createMailbox();
    const report = take(
      file(`BEGIN:VEVENT
        UID:s
        SUMMARY:Moved
        RECURRENCE-ID:20261214T080000Z
        DTSTART;TZID=Europe/Berlin:20261215T100000
        DTEND;TZID=Europe/Berlin:20261215T110000
        END:VEVENT
        BEGIN:VEVENT
        UID:s
        SUMMARY:Weekly
        DTSTART;TZID=Europe/Berlin:20261207T090000
        DTEND;TZID=Europe/Berlin:20261207T100000
        RRULE:FREQ=WEEKLY;BYDAY=MO;UNTIL=20270104T075959Z
        EXDATE;TZID=Europe/Berlin:20261221T090000
        END:VEVENT`),
    );
    expect(report.imported).toHaveLength(1);
    expect(days('2026-12-01', '2027-02-01')).toEqual([
      '2026-12-07T08:00 Weekly',
      '2026-12-15T09:00 Moved',
      '2026-12-28T08:00 Weekly',
    ]);
    expect(events()[0]?.exceptions['2026-12-14']).not.toHaveProperty('showAs');
  });

  const rules: readonly (readonly [rule: string, pattern: object])[] = [
    ['FREQ=DAILY;INTERVAL=3;COUNT=4', { type: 'daily', interval: 3 }],
    ['FREQ=DAILY;BYDAY=MO,TU', { type: 'weekly', interval: 1, daysOfWeek: ['monday', 'tuesday'] }],
    [
      'FREQ=WEEKLY;INTERVAL=2;WKST=SU',
      { type: 'weekly', interval: 2, daysOfWeek: ['tuesday'], firstDayOfWeek: 'sunday' },
    ],
    ['FREQ=MONTHLY;BYMONTHDAY=15', { type: 'absoluteMonthly', dayOfMonth: 15 }],
    ['FREQ=MONTHLY;BYMONTHDAY=-1', { type: 'absoluteMonthly', dayOfMonth: 31 }],
    ['FREQ=MONTHLY;BYDAY=2TU', { type: 'relativeMonthly', daysOfWeek: ['tuesday'], index: 'second' }],
    ['FREQ=YEARLY', { type: 'absoluteYearly', month: 12, dayOfMonth: 1 }],
    [
      'FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU',
      { type: 'relativeYearly', month: 3, daysOfWeek: ['sunday'], index: 'last' },
    ],
  ];
  it.each(rules)('repeats %s', (rule, pattern) => {
    const { take, events } = createMailbox();
    expect(take(event(`DTSTART:20261201T090000Z\nRRULE:${rule}`)).refused).toEqual([]);
    expect(events()[0]?.recurrence?.pattern).toMatchObject(pattern);
  });

  it('repeats on the last working day of each month', () => {
    const { take, days } = createMailbox();
    take(event('DTSTART:20261231T090000Z\nRRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=3'));
    expect(days('2026-12-01', '2027-12-01').map((each) => each.slice(0, 10))).toEqual([
      '2026-12-31',
      '2027-01-29',
      '2027-02-26',
    ]);
  });

  it('ends where its rule ends, also beyond what Exchange counts', () => {
    const { take, events } = createMailbox();
    take(event('DTSTART:20261201T090000Z\nRRULE:FREQ=DAILY;COUNT=1200'));
    take(event('DTSTART:20261201T090000Z\nRRULE:FREQ=DAILY;UNTIL=20261205T085959Z').replace('u1', 'u2'));
    expect(events().map(({ recurrence }) => recurrence?.range)).toMatchObject([
      { type: 'endDate', endDate: '2030-03-14' },
      { type: 'endDate', endDate: '2026-12-04' },
    ]);
  });

  const refused: readonly (readonly [line: number, lines: string, said: string])[] = [
    [7, 'DTSTART:20261201T090000Z\nRRULE:FREQ=HOURLY', 'nothing repeats hourly'],
    [7, 'DTSTART:20270131T090000Z\nRRULE:FREQ=MONTHLY;BYMONTHDAY=31', 'no pattern falls on the same days'],
    [7, 'DTSTART:20261201T090000Z\nRRULE:FREQ=MONTHLY;BYMONTHDAY=1,15', 'no pattern falls on the same days'],
    [7, 'DTSTART:20261201T090000Z\nRRULE:FREQ=YEARLY;BYMONTH=1,7', 'no pattern falls on the same days'],
    [7, 'DTSTART:20261201T090000Z\nRDATE:20261205T090000Z', 'a series has one pattern'],
    [6, 'DTSTART;TZID=Mars/Base:20261201T090000', 'the time zone "Mars/Base" is not known'],
    [6, 'DTSTART:20261301T090000Z', 'no valid date'],
    [7, 'DTSTART:20261201T090000Z\nDTEND;VALUE=DATE:20261202', 'DTEND is a date where DTSTART is a time'],
    [3, 'DTSTART:20261201T090000Z\nDTEND:20261130T090000Z', 'lies before'],
    [3, 'DTEND:20261201T090000Z', 'no DTSTART'],
    [7, 'DTSTART:20261201T090000Z\nthis is no property', 'is no property'],
    [8, 'DTSTART:20261201T090000Z\nBEGIN:VALARM\nEND:VTODO', 'closes VALARM, which began on line 7'],
  ];
  it.each(refused)('is refused by line %i: %s', (line, lines, said) => {
    const { take, events } = createMailbox();
    const { refused: found } = take(event(lines));
    expect(found).toMatchObject([{ line }]);
    expect(found[0]?.reason).toContain(said);
    expect(events()).toEqual([]);
  });

  it('of one bad event among many costs one', () => {
    const { take } = createMailbox();
    const good = 'BEGIN:VEVENT\nDTSTART:20261201T090000Z\nEND:VEVENT';
    const bad = 'BEGIN:VEVENT\nDTSTART:never\nEND:VEVENT';
    const report = take(file([good, bad, good].join('\n')));
    expect([report.imported.length, report.refused.map(({ line }) => line)]).toEqual([2, [7]]);
  });

  it('in a zone that only the file describes keeps its time and shows no name', () => {
    const { take, events, days } = createMailbox();
    const zone = `BEGIN:VTIMEZONE
      TZID:Own
      BEGIN:STANDARD
      DTSTART:19701025T030000
      RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
      TZOFFSETFROM:+0200
      TZOFFSETTO:+0100
      END:STANDARD
      BEGIN:DAYLIGHT
      DTSTART:19700329T020000
      RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
      TZOFFSETFROM:+0100
      TZOFFSETTO:+0200
      END:DAYLIGHT
      END:VTIMEZONE`;
    take(
      file(`${zone}
        BEGIN:VEVENT
        SUMMARY:Talk
        DTSTART;TZID=Own:20261019T090000
        DTEND;TZID=Own:20261019T100000
        RRULE:FREQ=WEEKLY;COUNT=2
        END:VEVENT`),
    );
    expect(events()[0]).toMatchObject({
      start: { timeZone: 'tzone://Microsoft/Custom' },
      recurrence: { range: { recurrenceTimeZone: 'tzone://Microsoft/Custom' } },
    });
    expect(days('2026-10-01', '2026-11-30')).toEqual(['2026-10-19T07:00 Talk', '2026-10-26T08:00 Talk']);
  });
});
