import { type Recurrence, WEEK_INDEXES, WEEKDAYS } from '@tidelock/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { innerOf, joinBody, splitBody } from '../src/event-body.ts';
import { fromGraphRecurrence, toGraphRecurrence } from '../src/event-rule.ts';
import { fromZoneName, toZoneName } from '../src/event-zones.ts';

describe('zones', () => {
  it.each([
    ['W. Europe Standard Time', 'Europe/Berlin'],
    ['Pacific Standard Time', 'America/Los_Angeles'],
    ['Europe/Vienna', 'Europe/Vienna'],
    ['UTC', 'UTC'],
    ['tzone://Microsoft/Utc', 'UTC'],
    ['tzone://Microsoft/Custom', null],
    ['Customized Time Zone 1', null],
    ['', null],
    [undefined, null],
  ])('%s is %s', (name, zone) => expect(fromZoneName(name)).toBe(zone));

  it('are written under the name of Windows, and mean the same clocks when they come back', () => {
    const names = [
      'Europe/Berlin',
      'America/New_York',
      'Asia/Kolkata',
      'Pacific/Auckland',
      'America/Sao_Paulo',
      'UTC',
    ];
    for (const name of names) expect(fromZoneName(toZoneName(name))).toBe(fromZoneName(name));
    expect(toZoneName('Europe/Berlin')).toBe('W. Europe Standard Time');
    expect(toZoneName('Not/AZone')).toBe('Not/AZone');
  });
});

const ZONE = 'Europe/Berlin';
const days = fc
  .uniqueArray(fc.constantFrom(...WEEKDAYS), { minLength: 1 })
  .map((some) => WEEKDAYS.filter((day) => some.includes(day)));
const interval = fc.integer({ min: 1, max: 999 });
const base = { kind: 'recurrence' as const, zone: ZONE };
const rule: fc.Arbitrary<Recurrence> = fc.oneof(
  fc.record({ interval }).map((given) => ({ ...base, every: 'day' as const, ...given })),
  fc
    .record({ interval, days, weekStart: fc.constantFrom(...WEEKDAYS) })
    .map((given) => ({ ...base, every: 'week' as const, ...given })),
  fc
    .record({ interval, monthDay: fc.integer({ min: 1, max: 31 }) })
    .map((given) => ({ ...base, every: 'month' as const, ...given })),
  fc
    .record({ interval, days, index: fc.constantFrom(...WEEK_INDEXES) })
    .map((given) => ({ ...base, every: 'month' as const, ...given })),
  fc
    .record({ interval, month: fc.integer({ min: 1, max: 12 }), monthDay: fc.integer({ min: 1, max: 31 }) })
    .map((given) => ({ ...base, every: 'year' as const, ...given })),
  fc
    .record({
      interval,
      month: fc.integer({ min: 1, max: 12 }),
      days,
      index: fc.constantFrom(...WEEK_INDEXES),
    })
    .map((given) => ({ ...base, every: 'year' as const, ...given })),
);
const end = fc.oneof(
  fc.constant({}),
  fc.integer({ min: 1, max: 999 }).map((count) => ({ count })),
  fc.constant({ until: '2029-12-31' }),
);

describe('rules', () => {
  it('go to Graph and back unchanged, whatever kind and end they have', () => {
    const time = {
      kind: 'time',
      start: '2027-03-02T09:00:00',
      end: '2027-03-02T10:00:00',
      zone: ZONE,
    } as const;
    fc.assert(
      fc.property(rule, end, (some, range) => {
        const given = { ...some, ...range };
        const wire = JSON.parse(JSON.stringify(toGraphRecurrence(given, time)));
        expect(wire.range.startDate).toBe('2027-03-02');
        expect(fromGraphRecurrence(wire, { zone: ZONE, allDay: false })).toEqual(given);
      }),
    );
  });

  it('begin on the day that the clocks of the rule show', () => {
    const late = {
      kind: 'time',
      start: '2027-03-02T23:30:00',
      end: '2027-03-03T00:30:00',
      zone: 'Europe/London',
    } as const;
    const wire = toGraphRecurrence({ ...base, every: 'day', interval: 1 }, late);
    expect(wire.range).toMatchObject({
      startDate: '2027-03-03',
      recurrenceTimeZone: 'W. Europe Standard Time',
      type: 'noEnd',
    });
  });

  it('of patterns that Graph does not have are not guessed', () => {
    const wire = { pattern: { type: 'hourly', interval: 1 }, range: { type: 'noEnd' } };
    expect(fromGraphRecurrence(wire as never, { zone: ZONE, allDay: false })).toBeUndefined();
  });
});

const RULE = '_'.repeat(80);
const LINK = 'https://teams.microsoft.com/l/meetup-join/19%3ameeting_x%40thread.v2/0?context=%7b%7d';
const block = `<div style="width:100%"><span>${RULE}</span></div>\r\n<div class="me-email-text"><a href="${LINK}">Join</a></div>\r\n<div><span>${RULE}</span></div>`;
const documentOf = (inner: string): string =>
  `<html><head><meta charset="utf-8"></head><body lang="EN">\r\n${inner}\r\n</body></html>`;

describe('bodies', () => {
  it('show what people wrote, and keep the block byte for byte', () => {
    const parts = splitBody(documentOf(`<p>Agenda</p>\r\n${block}`), LINK);
    expect(parts).toEqual({ text: '<p>Agenda</p>', block });
    expect(joinBody({ text: '<p>New</p>', block: parts.block })).toBe(`<p>New</p>\r\n${block}`);
    expect(splitBody(joinBody({ text: '<p>New</p>', block }), LINK)).toEqual({ text: '<p>New</p>', block });
  });

  it.each([
    ['in front', `${block}<p>After</p>`, '<p>After</p>'],
    ['in between', `<p>Before</p>${block}<p>After</p>`, '<p>Before</p><p>After</p>'],
    [
      'inside of the document’s own element',
      `<div class="w"><p>Before</p>${block}<p>After</p></div>`,
      '<div class="w"><p>Before</p><p>After</p></div>',
    ],
    ['as the only thing', block, ''],
    ['as bare text', `Agenda<br>${RULE}<br>Join: <a href="${LINK}">here</a><br>${RULE}`, 'Agenda'],
  ])('find the block %s', (_, inner, text) => {
    const parts = splitBody(documentOf(inner), null);
    expect(parts.text).toBe(text);
    expect(parts.block).toContain(LINK);
    expect(documentOf(inner)).toContain(parts.block);
  });

  it('find none where the link or a rule is not there', () => {
    for (const inner of ['<p>Agenda</p>', `<p>${RULE}</p>`, `<a href="${LINK}">Join</a><p>${RULE}</p>`])
      expect(splitBody(documentOf(inner), null).block).toBe('');
    expect(innerOf('<p>fragment</p>')).toBe('<p>fragment</p>');
  });

  it('never lose a byte of the block, whatever is written before and behind it', () => {
    const words = fc.array(
      fc.constantFrom('<p>a</p>', '<br>', 'text', '<ul><li>b</li></ul>', '\r\n', '<div>c</div>'),
    );
    fc.assert(
      fc.property(words, words, (before, behind) => {
        const parts = splitBody(documentOf(`${before.join('')}${block}${behind.join('')}`), LINK);
        expect(parts.block).toContain(block);
        expect(splitBody(documentOf(joinBody({ text: 'x', block: parts.block })), LINK).block).toContain(
          block,
        );
      }),
    );
  });
});
