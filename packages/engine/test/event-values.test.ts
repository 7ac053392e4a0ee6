import {
  type FieldCatalogue,
  type FieldSpec,
  type FieldType,
  type FieldValue,
  MappingSchema,
} from '@tidelock/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CompiledMapping, compileMapping, createCanon, getFields, putFields } from '../src/index.ts';

const canon = createCanon({ region: 'US' });
const spec = (type: FieldType, more: Partial<FieldSpec> = {}): FieldSpec => ({
  type,
  label: type,
  writable: true,
  ...more,
});

function lens(a: FieldCatalogue, b: FieldCatalogue): CompiledMapping {
  const fields = Object.keys(a).map((field) => ({ field, mailbox: field, crm: field }));
  return compileMapping(MappingSchema.parse({ version: 1, kind: 'event', fields }), { a, b }, canon);
}

const time = (start: string, end: string, zone: string | null): FieldValue => ({
  kind: 'time',
  start,
  end,
  zone,
});
const berlin = time('2026-07-01T09:00:00', '2026-07-01T10:00:00', 'Europe/Berlin');
const utc = time('2026-07-01T07:00:00', '2026-07-01T08:00:00', 'UTC');
const rule = (more: object): FieldValue => ({
  ...{ kind: 'recurrence', every: 'week', interval: 1, days: ['monday'], zone: 'Europe/Berlin', ...more },
});
const people = (...attendees: readonly object[]): FieldValue => ({
  kind: 'people',
  organizer: 'Ann@Example.com',
  attendees: attendees.map((each) => ({ role: 'required', response: 'none', email: '', ...each })),
});
const exceptions = (byStart: Readonly<Record<string, 'cancelled' | object>>): FieldValue => ({
  kind: 'occurrences',
  byStart,
});

describe('values of events', () => {
  for (const [type, left, right, same] of [
    ['time', berlin, utc, true],
    ['time', berlin, time('2026-07-01T07:00:00', '2026-07-01T08:00:00', null), true],
    ['time', berlin, time('2026-07-01T09:00:00', '2026-07-01T10:00:00', 'UTC'), false],
    ['time', time('2026-07-01', '2026-07-02', null), time('2026-07-01', '2026-07-02', 'UTC'), true],
    [
      'time',
      time('2026-07-01', '2026-07-02', null),
      time('2026-07-01T00:00:00', '2026-07-02T00:00:00', 'UTC'),
      false,
    ],
    ['recurrence', rule({ weekStart: 'sunday' }), rule({}), true],
    ['recurrence', rule({ weekStart: 'sunday', interval: 2 }), rule({ interval: 2 }), false],
    ['recurrence', rule({ zone: 'Asia/Calcutta' }), rule({ zone: 'Asia/Kolkata' }), true],
    ['recurrence', rule({}), rule({ zone: 'Europe/London' }), false],
    ['recurrence', rule({ monthDay: 0 }), rule({}), true],
    [
      'people',
      people({ email: 'B@x.com' }, { email: 'a@x.com' }),
      people({ email: 'a@X.com', name: 'A' }, { email: 'b@x.com' }),
      true,
    ],
    ['people', people({ email: 'a@x.com' }), people({ email: 'a@x.com', response: 'accepted' }), false],
    ['people', people({ email: 'ann@example.com' }), null, true],
    ['occurrences', exceptions({ k: {} }), null, true],
    ['occurrences', exceptions({ k: { time: berlin } }), exceptions({ k: { time: utc } }), true],
    ['occurrences', exceptions({ k: 'cancelled' }), exceptions({ k: { subject: null } }), false],
    ['choice', 'Busy', 'busy', true],
    ['minutes', '015', '15', true],
    [
      'html',
      '<html><head><style>p{}</style></head><body><p>Hi  there</p></body></html>',
      '<div>Hi there</div>',
      true,
    ],
    ['html', '<p>Hi</p>', '<p><b>Hi</b></p>', false],
    ['html', '<a href="x">Hi</a>', '<a href="y">Hi</a>', false],
    ['html', '<p>a &amp; b</p>', '<p>a & b</p>', true],
    ['html', '<p> </p><!-- nothing -->', null, true],
  ] as const) {
    it(`compares ${type} ${JSON.stringify(left)} and ${JSON.stringify(right)}`, () => {
      const [x, y] = [canon.clean(type, left), canon.clean(type, right)];
      expect(canon.clean(type, x)).toEqual(x);
      expect(canon.equal(type, x, y)).toBe(same);
    });
  }

  it('keep what a store can hold of them', () => {
    const full = lens(
      { who: spec('people'), showAs: spec('choice'), changes: spec('occurrences') },
      {
        who: spec('people', { keeps: ['response'] }),
        showAs: spec('choice', { choices: ['free', 'busy'] }),
        changes: spec('occurrences', { children: ['time'] }),
      },
    );
    const values = {
      who: people({ email: 'a@x.com', role: 'optional', response: 'declined' }),
      showAs: 'tentative',
      changes: exceptions({ k: { subject: 'x', time: utc }, l: { subject: 'y' }, m: 'cancelled' }),
    };
    const patch = putFields(full, 'b', { values, current: null });
    expect(patch).toEqual({
      who: {
        kind: 'people',
        organizer: null,
        attendees: [{ email: 'a@x.com', role: 'required', response: 'declined' }],
      },
      changes: exceptions({ k: { time: utc }, m: 'cancelled' }),
    });
  });

  it('of other types than the mapping pairs are a finding that blocks', () => {
    const { findings, fields } = lens({ when: spec('time') }, { when: spec('text') });
    expect(fields).toEqual([]);
    expect(findings).toMatchObject([{ code: 'mapping-types-differ', severity: 'block' }]);
  });
});

describe('a store that keeps instants', () => {
  const instants = lens({ when: spec('time') }, { when: spec('time', { instantsOnly: true }) });

  it('gets them in UTC, and a changed one comes back into the zone that the event has', () => {
    expect(putFields(instants, 'b', { values: { when: berlin }, current: null })).toEqual({ when: utc });
    const later = time('2026-12-01T07:00:00', '2026-12-01T08:00:00', 'UTC');
    const patch = putFields(instants, 'a', {
      values: { when: later },
      current: { fields: { when: berlin } },
    });
    expect(patch).toEqual({ when: time('2026-12-01T08:00:00', '2026-12-01T09:00:00', 'Europe/Berlin') });
  });
});

describe('a body that is HTML here and text there (AC-38)', () => {
  const body = lens({ body: spec('html') }, { body: spec('multiline', { maxLength: 500 }) });
  const agenda =
    '<p>Agenda</p><ul><li>First, <b>bold</b></li><li>Second</li></ul><p>See <a href="https://x.example">this</a></p>';

  it('goes round without a write', () => {
    const [seen] = [getFields(body, 'a', { fields: { body: agenda } })];
    const patch = putFields(body, 'b', { values: seen, current: null });
    expect(patch).toEqual({ body: 'Agenda\nFirst, bold\nSecond\nSee this' });
    const back = getFields(body, 'b', { fields: patch });
    expect(putFields(body, 'a', { values: back, current: { fields: { body: agenda } } })).toEqual({});
  });

  it('keeps the formatting of the lines that did not change', () => {
    const back = getFields(body, 'b', {
      fields: { body: 'Agenda\nFirst, bold\nSecond & <third>\nSee this' },
    });
    const patch = putFields(body, 'a', { values: back, current: { fields: { body: agenda } } });
    expect(patch.body).toContain('<li>First, <b>bold</b></li>');
    expect(patch.body).toContain('<a href="https://x.example">this</a>');
    expect(patch.body).toContain('<div>Second &amp; &lt;third&gt;</div>');
  });

  it('reads as what was written, whatever it was before (PutGet)', () => {
    const text = fc.array(fc.string({ maxLength: 12 }), { maxLength: 5 }).map((lines) => lines.join('\n'));
    fc.assert(
      fc.property(text, text, (before, after) => {
        const values = getFields(body, 'b', { fields: { body: after } });
        const html = getFields(body, 'b', { fields: { body: before } });
        const current = { fields: html };
        const shown = { fields: { ...html, ...putFields(body, 'a', { values, current }) } };
        const [field] = body.fields;
        const got = getFields(body, 'a', shown).body ?? null;
        expect(field?.equal(got, values.body ?? null)).toBe(true);
        expect(putFields(body, 'a', { values, current: shown })).toEqual({});
      }),
    );
  });
});
