import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import rrule from 'rrule';
import { describe, expect, it } from 'vitest';
import { seriesDays } from '../src/salesforce/series-days.ts';
import { formatSeriesRule, parseSeriesRule } from '../src/salesforce/series-rule.ts';
import { createTestOrg, type Json, type TestOrg } from './salesforce-org.ts';

const WEEKLY = {
  Subject: 'Weekly',
  StartDateTime: '2026-09-07T14:00:00.000Z',
  EndDateTime: '2026-09-07T14:30:00.000Z',
  Recurrence2PatternText: 'RRULE:FREQ=WEEKLY;INTERVAL=1;COUNT=13;BYDAY=MO',
};

async function createSeries(org: TestOrg, fields: Json = {}): Promise<string> {
  const answer = await org.send('POST', '/sobjects/Event', { body: { ...WEEKLY, ...fields } });
  expect(answer.body).toMatchObject({ success: true });
  return answer.body.id;
}

const living = (org: TestOrg): Json[] => org.sf.oracle.events().filter((row) => row.IsDeleted !== true);
const occurrences = (org: TestOrg): Json[] =>
  living(org)
    .filter((row) => row.GroupEventType !== '3')
    .sort((left, right) => (left.StartDateTime < right.StartDateTime ? -1 : 1));
const startsOf = (org: TestOrg): string[] => occurrences(org).map((row) => row.StartDateTime.slice(0, 16));

describe('salesforce: series', () => {
  it('become one record of the pattern and one for each occurrence, in the wall time of the owner', async () => {
    const org = await createTestOrg();
    const owner = org.sf.admin.addUser({ username: 'ulla@example.com', timeZone: 'Europe/Berlin' });
    org.sf.admin.addField('Activity', { name: 'Key__c', type: 'string', unique: true, externalId: true });
    org.sf.admin.addField('Activity', { name: 'Series__c', type: 'string', externalId: true });
    const id = await createSeries(org, { OwnerId: owner, Key__c: 'k1', Series__c: 's1' });
    const pattern: Json = org.sf.oracle.event(id);
    expect(pattern).toMatchObject({
      GroupEventType: '3',
      IsRecurrence2: true,
      Recurrence2PatternText: 'RRULE:FREQ=WEEKLY;BYDAY=MO;WKST=SU;INTERVAL=1;COUNT=13',
      Recurrence2PatternTimeZone: 'Europe/Berlin',
      Recurrence2PatternStartDate: '2026-09-07T14:00:00.000+0000',
      Key__c: 'k1',
    });
    expect(occurrences(org)).toHaveLength(13);
    expect(occurrences(org)[0]).toMatchObject({ Key__c: null, Series__c: 's1', DurationInMinutes: 30 });
    // 16:00 in Berlin before and after the clocks change.
    expect(startsOf(org).slice(6, 9)).toEqual(['2026-10-19T14:00', '2026-10-26T15:00', '2026-11-02T15:00']);
  });

  it('keep their text from creation on', async () => {
    const org = await createTestOrg();
    const id = await createSeries(org);
    const body = { Recurrence2PatternText: 'RRULE:FREQ=DAILY;COUNT=2' };
    expect((await org.send('PATCH', `/sobjects/Event/${id}`, { body })).body[0].errorCode).toBe(
      'INVALID_FIELD_FOR_INSERT_UPDATE',
    );
  });

  it('change as a whole with a future occurrence, and come anew with new ids where that moves them', async () => {
    const org = await createTestOrg();
    await createSeries(org);
    const third: Json = occurrences(org)[2];
    await org.send('PATCH', `/sobjects/Event/${third.Id}`, { body: { Location: 'Room 2' } });
    expect(living(org).every((row) => row.Location === 'Room 2')).toBe(true);
    const before = new Set(living(org).map((row) => row.Id));
    const moved = { StartDateTime: '2026-09-21T15:00:00Z', DurationInMinutes: 45 };
    expect((await org.send('PATCH', `/sobjects/Event/${third.Id}`, { body: moved })).status).toBe(204);
    expect(living(org).some((row) => before.has(row.Id))).toBe(false);
    expect(occurrences(org)).toHaveLength(13);
    expect(startsOf(org).slice(0, 3)).toEqual(['2026-09-07T15:00', '2026-09-14T15:00', '2026-09-21T15:00']);
    expect(occurrences(org)[0]).toMatchObject({ Location: 'Room 2', DurationInMinutes: 45 });
  });

  it('have exceptions in the past, and gaps where an occurrence was deleted', async () => {
    const org = await createTestOrg();
    await createSeries(org, { StartDateTime: '2026-07-06T14:00:00Z', EndDateTime: '2026-07-06T14:30:00Z' });
    const [first, second] = occurrences(org);
    await org.send('PATCH', `/sobjects/Event/${first.Id}`, { body: { Subject: 'Kick-off' } });
    expect(
      occurrences(org)
        .map((row) => row.Subject)
        .filter((each) => each !== 'Weekly'),
    ).toEqual(['Kick-off']);
    expect(occurrences(org)[0]).toMatchObject({ IsRecurrence2Exception: true });
    await org.send('DELETE', `/sobjects/Event/${second.Id}`);
    expect(occurrences(org)).toHaveLength(12);
    const gone = await org.queryAll(`SELECT Id FROM Event WHERE IsRecurrence2Exclusion = true`);
    expect(gone.body.records).toMatchObject([{ Id: second.Id }]);
  });

  it('end before an occurrence, and go whole with their first one or their pattern', async () => {
    const org = await createTestOrg();
    await createSeries(org);
    const tenth: Json = occurrences(org)[9];
    const path = `/sobjects/Event/${tenth.Id}/fromThisEventOnwards`;
    expect((await org.send('DELETE', path)).status).toBe(204);
    expect(occurrences(org)).toHaveLength(9);
    expect(occurrences(org)[0].Recurrence2PatternText).toContain('UNTIL=20261102T150000Z');
    const first: Json = occurrences(org)[0];
    await org.send('DELETE', `/sobjects/Event/${first.Id}/fromThisEventOnwards`);
    expect(living(org)).toEqual([]);
    const other = await createSeries(org);
    expect((await org.send('DELETE', `/sobjects/Event/${other}/fromThisEventOnwards`)).status).toBe(400);
    await org.send('DELETE', `/sobjects/Event/${other}`);
    expect(living(org)).toEqual([]);
  });

  it.each([
    ['FREQ=HOURLY', 'FREQ'],
    ['FREQ=WEEKLY;COUNT=3', 'BYDAY'],
    ['FREQ=DAILY;COUNT=3;UNTIL=20270101T000000Z', 'exclude'],
    ['FREQ=DAILY;COUNT=1000', 'COUNT'],
    ['FREQ=YEARLY;INTERVAL=2', 'INTERVAL'],
    ['FREQ=MONTHLY;BYDAY=5MO', 'BYDAY'],
    ['FREQ=DAILY;BYHOUR=3', 'BYHOUR'],
    ['FREQ=DAILY;UNTIL=20260101T000000Z', 'no occurrence'],
    ['FREQ=DAILY;UNTIL=soon', 'UNTIL'],
  ])('refuse %s', async (text, reason) => {
    const org = await createTestOrg();
    const body = { ...WEEKLY, Recurrence2PatternText: `RRULE:${text}` };
    const answer = await org.send('POST', '/sobjects/Event', { body });
    expect(answer.body[0]).toMatchObject({ errorCode: 'FIELD_INTEGRITY_EXCEPTION' });
    expect(answer.body[0].message).toContain(reason);
  });
});

const DAYS = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA'];
const ruleText = fc.oneof(
  fc
    .record({ interval: fc.integer({ min: 1, max: 40 }) })
    .map(({ interval }) => `FREQ=DAILY;INTERVAL=${interval}`),
  fc
    .record({
      days: fc.uniqueArray(fc.constantFrom(...DAYS), { minLength: 1 }),
      interval: fc.integer({ min: 1, max: 6 }),
      start: fc.constantFrom(...DAYS),
    })
    .map(
      ({ days, interval, start }) => `FREQ=WEEKLY;INTERVAL=${interval};BYDAY=${days.join(',')};WKST=${start}`,
    ),
  fc
    .record({ day: fc.integer({ min: 1, max: 31 }), interval: fc.integer({ min: 1, max: 14 }) })
    .map(({ day, interval }) => `FREQ=MONTHLY;INTERVAL=${interval};BYMONTHDAY=${day}`),
  fc
    .record({
      day: fc.constantFrom(...DAYS),
      nth: fc.constantFrom(-1, 1, 2, 3, 4),
      interval: fc.integer({ min: 1, max: 5 }),
    })
    .map(({ day, nth, interval }) => `FREQ=MONTHLY;INTERVAL=${interval};BYDAY=${nth}${day}`),
  fc
    .record({
      days: fc.uniqueArray(fc.constantFrom(...DAYS), { minLength: 1 }),
      nth: fc.constantFrom(-1, 1, 2, 3, 4),
    })
    .map(({ days, nth }) => `FREQ=MONTHLY;BYDAY=${days.join(',')};BYSETPOS=${nth}`),
  fc
    .record({ day: fc.integer({ min: 1, max: 28 }), month: fc.integer({ min: 1, max: 12 }) })
    .map(({ day, month }) => `FREQ=YEARLY;BYMONTH=${month};BYMONTHDAY=${day}`),
  fc
    .record({
      day: fc.constantFrom(...DAYS),
      month: fc.integer({ min: 1, max: 12 }),
      nth: fc.constantFrom(-1, 1, 2, 3, 4),
    })
    .map(({ day, month, nth }) => `FREQ=YEARLY;BYMONTH=${month};BYDAY=${nth}${day}`),
);

describe('salesforce: days of a series', () => {
  it('are those of an independent library', () => {
    const start = fc.integer({ min: 20_000, max: 23_000 });
    fc.assert(
      fc.property(ruleText, start, fc.integer({ min: 1, max: 40 }), (text, day, count) => {
        const dtstart = new Date(day * 86_400_000);
        const theirs = new rrule.RRule({
          ...rrule.RRule.parseString(`${text};COUNT=${count}`),
          dtstart,
        }).all();
        const ours = [...seriesDays(parseSeriesRule(`RRULE:${text};COUNT=${count}`), day)];
        expect(ours.map((each) => each * 86_400_000)).toEqual(theirs.map((each) => each.getTime()));
      }),
      { numRuns: 400 },
    );
  });

  it('do not change with the order in which the service writes its rule', () => {
    fc.assert(
      fc.property(ruleText, (text) => {
        const rule = parseSeriesRule(`RRULE:${text};UNTIL=20270101T093000Z`);
        expect(parseSeriesRule(formatSeriesRule(rule))).toEqual(rule);
      }),
      { numRuns: 200 },
    );
  });
});

const DESCRIBE = fileURLToPath(
  new URL('../../../../shared/reference/crm/data/salesforce/Event.describe.json', import.meta.url),
);
const present = existsSync(DESCRIBE);

describe('salesforce: describe of Event', () => {
  it.skipIf(!present)('shows what was recorded [skipped: ../shared is absent]', async () => {
    const org = await createTestOrg();
    const recorded: Json = JSON.parse(readFileSync(DESCRIBE, 'utf8'));
    const { body } = await org.get('/sobjects/Event/describe');
    const keys = ['name', 'label', 'type', 'soapType', 'nillable', 'createable', 'updateable', 'referenceTo'];
    const optional = [
      'length',
      'filterable',
      'sortable',
      'relationshipName',
      'restrictedPicklist',
      'idLookup',
    ];
    const toFacts = (field: Json): Json => ({
      ...Object.fromEntries(keys.map((key) => [key, field[key] ?? []])),
      ...Object.fromEntries(optional.map((key) => [key, field[key] || false])),
      values: (field.picklistValues ?? []).map((each: Json) => each.value ?? each),
      defaulted: field.defaultedOnCreate ?? false,
    });
    expect(body.fields.map(toFacts)).toEqual(recorded.fields.map(toFacts));
    const { createable, updateable, deletable, undeletable, mergeable, queryable } = recorded;
    expect(body).toMatchObject({ createable, updateable, deletable, undeletable, mergeable, queryable });
  });
});
