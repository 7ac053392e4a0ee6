import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { apiDocument } from '../src/admin/api-document.ts';
import { apiTypes, TYPES_FILES, typeOf } from '../src/admin/api-types.ts';

it('the page’s types are those of the server’s document', async () => {
  const made = apiTypes(await apiDocument());
  const command = 'node --conditions=@tidelock/source tooling/e2e/src/admin/write-api-types.ts';
  for (const file of TYPES_FILES)
    expect(readFileSync(file, 'utf8') === made, `${file} is older than the document; run ${command}`).toBe(
      true,
    );
});

it.each([
  [{ type: 'array', items: { type: 'string' } }, '(string)[]'],
  [{ anyOf: [{ type: 'string' }, { type: 'null' }] }, '(string) | (null)'],
  [{ type: ['string', 'null'] }, 'string | null'],
  [{ enum: ['a', 'b'] }, '"a" | "b"'],
  [{ type: 'object', properties: { a: { const: 1 } }, required: ['a'] }, '{ readonly a: 1; }'],
  [{ type: 'object', additionalProperties: { type: 'integer' } }, 'Readonly<Record<string, number>>'],
  [{ $ref: '#/components/schemas/Problem' }, `components['schemas']["Problem"]`],
  [{}, 'unknown'],
])('%j is %s', (schema, type) => {
  expect(typeOf(schema)).toBe(type);
});
