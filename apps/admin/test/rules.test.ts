import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { CONTACT_RULES, EVENT_RULES } from '../src/words/profile-rules.ts';

/** Written by the schema of the configuration itself: each rule with what it may be. */
const reference = readFileSync(new URL('../../../docs/configuration.md', import.meta.url), 'utf8');

/** Conditions and mappings have a page of their own, or are written in the file. */
const ELSEWHERE = /\.(filter|mapping|mappingExtra)(\[|$)/;

const written = [
  ...reference.matchAll(/^\| `profiles\.<name>\.((?:contacts|events)\.[^`]+)` \| ([^|]+) \|/gm),
]
  .map(([, path = '', type = '']) => ({ path, type: type.trim() }))
  .filter(({ path, type }) => type !== 'object' && !ELSEWHERE.test(path));

it('every rule that the file knows is on the page, and no other', () => {
  expect(written.length).toBeGreaterThan(25);
  // Whether they take part at all stands beside the heading.
  const shown = ['contacts.sync', ...[...CONTACT_RULES, ...EVENT_RULES].map(({ path }) => path)];
  expect(shown.toSorted()).toEqual(written.map(({ path }) => path).toSorted());
});

it('offers of a rule exactly what the file takes', () => {
  for (const field of [...CONTACT_RULES, ...EVENT_RULES]) {
    const { type = '' } = written.find(({ path }) => path === field.path) ?? {};
    if (field.kind === 'choice') {
      const taken = [...type.matchAll(/`([^`]+)`/g)].map(([, word]) => word);
      expect([field.path, field.choices.map(({ id }) => id).toSorted()]).toEqual([
        field.path,
        taken.toSorted(),
      ]);
    } else if (field.kind === 'toggle') expect([field.path, type]).toEqual([field.path, '`true`, `false`']);
    else expect([field.path, type]).toEqual([field.path, expect.stringMatching(/list|text|number/)]);
  }
});
