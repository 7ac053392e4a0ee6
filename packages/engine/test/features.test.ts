import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hash53, shortHash } from '../src/features.ts';

describe('hashes of blocking keys', () => {
  it('are those that stand in databases already', () => {
    expect(['', 'ada@example.com', 'lovelace', '+12025550120 lovelace'].map(shortHash)).toEqual(
      ['', 'ada@example.com', 'lovelace', '+12025550120 lovelace'].map((text) => hash53(text).toString(16)),
    );
  });

  it('are the hexadecimal text of the number, without zeros in front', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(shortHash(text)).toBe(hash53(text).toString(16));
      }),
      { numRuns: 5_000 },
    );
  });
});
