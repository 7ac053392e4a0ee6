import type { FieldType, FieldValue } from '@tidelock/core';
import fc from 'fast-check';
import { parsePhoneNumberFromString } from 'libphonenumber-js';
import { describe, expect, it } from 'vitest';
import { createCanon } from '../src/index.ts';

const canon = createCanon({ region: 'US' });
const TEXTUAL: readonly FieldType[] = ['text', 'multiline', 'email', 'phone', 'date', 'url'];

describe('canonical values', () => {
  it.each([
    ['text', ' Ann \u00a0 Lee ', 'Ann Lee'],
    ['multiline', 'a  \r\nb\r\n\r\n', 'a\nb'],
    ['text', '   ', null],
    ['set', ['b', 'A', 'a ', ''], ['A', 'b']],
    ['address', { street: ' ', city: ' Bonn ' }, { city: 'Bonn' }],
    ['address', { street: '', city: '' }, null],
  ] as const)('cleans %s %j', (type, value, expected) => {
    expect(canon.clean(type, value as FieldValue)).toEqual(expected);
  });

  for (const [type, left, right, same] of [
    ['phone', '(202) 555-0143', '+1 202 555 0143', true],
    ['phone', '202-555-0143 x12', '+12025550143', false],
    ['phone', '(202) 555-0143', '(202) 555-0144', false],
    ['email', 'Ann@Example.COM', 'ann@example.com', true],
    ['url', 'https://Example.com/', 'example.com', true],
    ['url', 'https://example.com/A', 'example.com/a', false],
    ['text', 'Müller', 'Mu\u0308ller', true],
    ['multiline', 'a\r\nb', 'a\nb', true],
    ['address', { city: 'Bonn' }, { city: 'BONN' }, true],
    ['set', ['x', 'Y'], ['y', 'X'], true],
  ] as const) {
    it(`compares ${type} ${JSON.stringify(left)} and ${JSON.stringify(right)}`, () => {
      const [x, y] = [canon.clean(type, left as FieldValue), canon.clean(type, right as FieldValue)];
      expect(canon.equal(type, x, y)).toBe(same);
    });
  }

  it('cleans idempotently, and white space around a value makes no difference', () => {
    fc.assert(
      fc.property(fc.constantFrom(...TEXTUAL), fc.string({ unit: 'grapheme' }), (type, text) => {
        const once = canon.clean(type, text);
        expect(canon.clean(type, once)).toEqual(once);
        expect(canon.equal(type, once, canon.clean(type, `${text} `))).toBe(true);
      }),
    );
  });

  it('takes the short way with plain texts only where it ends at the same place', () => {
    const char = fc.constantFrom(...' \n\t\u00a0a1.~!é\u0301ﬁ\u200b'.split(''));
    fc.assert(
      fc.property(fc.string({ unit: char, maxLength: 12 }), (text) => {
        const squeezed = text
          .normalize('NFC')
          .replace(/[\s\u00a0]+/gu, ' ')
          .trim();
        const lines = text
          .normalize('NFC')
          .replace(/\r\n?/g, '\n')
          .split('\n')
          .map((line) => line.trimEnd())
          .join('\n')
          .trim();
        expect(canon.clean('text', text)).toBe(squeezed === '' ? null : squeezed);
        expect(canon.clean('multiline', text)).toBe(lines === '' ? null : lines);
      }),
    );
  });

  it('takes the short way with numbers of North America only where the library ends at the same place', () => {
    const digits = (first: string, count: number) =>
      fc
        .tuple(fc.constantFrom(...first), fc.stringMatching(new RegExp(`^\\d{${count}}$`)))
        .map((parts) => parts.join(''));
    const blank = fc.constantFrom('', ' ', '-', '.', '  ', ' (', ') ');
    const number = fc
      .tuple(
        fc.constantFrom('+1', '1', '+', '+44', '+1 1'),
        blank,
        digits('023459', 2),
        blank,
        digits('0257', 2),
        blank,
      )
      .chain((parts) => digits('09', 3).map((last) => [...parts, last].join('')));
    const bracketed = fc
      .tuple(digits('29', 2), digits('29', 2), digits('09', 3))
      .map(([area, office, line]) => `+1 (${area}) ${office}-${line}`);
    let short = 0;
    fc.assert(
      fc.property(fc.oneof(number, bracketed), (text) => {
        const parsed = parsePhoneNumberFromString(text, 'US');
        if (parsed === undefined) return;
        if (/^\+1/.test(text)) short++;
        expect(canon.key('phone', text)).toBe(parsed.number + (parsed.ext ? `;${parsed.ext}` : ''));
      }),
      { numRuns: 2_000 },
    );
    expect(short).toBeGreaterThan(200);
  });
});
