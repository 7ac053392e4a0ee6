import type { ErrorKind } from '@tidelock/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  chunk,
  createPageGuard,
  createSingleFlight,
  errorFromResponse,
  kindOfStatus,
  parseRetryAfter,
} from '../src/index.ts';

const NOW = Date.UTC(2026, 10, 23, 12, 0, 0);

describe('kindOfStatus', () => {
  const table: [number, ErrorKind][] = [
    [400, 'invalid'],
    [401, 'auth'],
    [403, 'forbidden'],
    [404, 'not_found'],
    [408, 'unavailable'],
    [409, 'conflict'],
    [410, 'not_found'],
    [412, 'conflict'],
    [413, 'invalid'],
    [414, 'invalid'],
    [418, 'protocol'],
    [422, 'invalid'],
    [429, 'rate_limited'],
    [500, 'unavailable'],
    [503, 'unavailable'],
    [504, 'unavailable'],
    [302, 'protocol'],
    [600, 'protocol'],
  ];
  it.each(table)('%i is %s', (status, kind) => {
    expect(kindOfStatus(status)).toBe(kind);
  });
});

describe('parseRetryAfter', () => {
  const table: [string | null, number | undefined][] = [
    [null, undefined],
    ['', undefined],
    ['soon', undefined],
    ['-5', undefined],
    ['2026-11-23T12:00:05Z', undefined],
    ['0', 0],
    ['17', 17_000],
    [' 1.5 ', 1500],
    ['86400', 3_600_000],
    ['Mon, 23 Nov 2026 12:00:30 GMT', 30_000],
    ['Mon, 23 Nov 2026 11:00:00 GMT', 0],
    ['Tue, 24 Nov 2026 12:00:00 GMT', 3_600_000],
    ['Mon, 23 Foo 2026 12:00:30 GMT', undefined],
  ];
  it.each(table)('%j', (value, expected) => {
    expect(parseRetryAfter(value, NOW)).toBe(expected);
  });
});

describe('errorFromResponse', () => {
  it('carries status, code, request id, remedy and the binding wait, and nothing else of the answer', () => {
    const headers = new Headers({ 'retry-after': '20', 'x-private': 'jane@example.com' });
    const error = errorFromResponse(
      { status: 429, headers },
      { operation: 'contacts.delta', code: 'TooMany', requestId: 'r-1', remedy: 'Wait.', now: NOW },
    );
    expect(error).toMatchObject({
      kind: 'rate_limited',
      message: 'contacts.delta: HTTP 429 (TooMany)',
      operation: 'contacts.delta',
      status: 429,
      code: 'TooMany',
      requestId: 'r-1',
      remedy: 'Wait.',
      retryAfterMs: 20_000,
    });
    expect(JSON.stringify(error)).not.toContain('jane');
  });

  it('lets the vendor’s code win over the status', () => {
    const response = { status: 410, headers: new Headers() };
    const error = errorFromResponse(response, { operation: 'delta', kind: 'cursor_expired', now: NOW });
    expect([error.kind, error.retryAfterMs]).toEqual(['cursor_expired', undefined]);
  });
});

describe('createPageGuard', () => {
  const endless = expect.objectContaining({ kind: 'protocol', code: 'endless-pages' });
  const thrown = (run: () => void): unknown => {
    try {
      run();
    } catch (error) {
      return error;
    }
    return null;
  };

  it('ends a chain whose cursor comes back, also after other cursors', () => {
    const guard = createPageGuard({ operation: 'list' });
    for (const cursor of ['a', 'b', 'c']) guard.check({ cursor, fingerprint: cursor });
    expect(thrown(() => guard.check({ cursor: 'a', fingerprint: 'd' }))).toEqual(endless);
  });

  it('ends a chain of equal pages under new cursors at the third, but bears empty pages', () => {
    const guard = createPageGuard({ operation: 'list' });
    for (let page = 0; page < 50; page += 1) guard.check({ cursor: `empty-${page}`, fingerprint: '' });
    guard.check({ cursor: '1', fingerprint: 'same' });
    guard.check({ cursor: '2', fingerprint: 'same' });
    expect(thrown(() => guard.check({ cursor: '3', fingerprint: 'same' }))).toEqual(endless);
  });

  it('ends a chain that is longer than allowed', () => {
    const guard = createPageGuard({ operation: 'list', maxPages: 2 });
    guard.check({ cursor: '1', fingerprint: '' });
    guard.check({ cursor: '2', fingerprint: '' });
    expect(thrown(() => guard.check({ cursor: '3', fingerprint: '' }))).toEqual(endless);
  });
});

describe('chunk', () => {
  it('keeps every item in order, in runs that are full but for the last', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.integer({ min: 1, max: 9 }), (items, size) => {
        const chunks = chunk(items, size);
        expect(chunks.flat()).toEqual(items);
        expect(chunks.slice(0, -1).every((part) => part.length === size)).toBe(true);
        expect(chunks.every((part) => part.length >= 1 && part.length <= size)).toBe(true);
      }),
    );
  });

  it('refuses a size that makes no chunks', () => {
    for (const size of [0, -1, 1.5, Number.NaN]) expect(() => chunk([1], size)).toThrow(RangeError);
  });
});

describe('createSingleFlight', () => {
  it('shares one run per key and forgets it when it is over, failed or not', async () => {
    const flight = createSingleFlight<string, number>();
    let runs = 0;
    const work = async (): Promise<number> => {
      runs += 1;
      const mine = runs;
      await Promise.resolve();
      if (mine === 2) throw new Error('second');
      return mine;
    };
    expect(await Promise.all([flight.run('a', work), flight.run('a', work)])).toEqual([1, 1]);
    await expect(Promise.all([flight.run('a', work), flight.run('a', work)])).rejects.toThrow('second');
    expect(await Promise.all([flight.run('a', work), flight.run('b', work)])).toEqual([3, 4]);
  });

  it('takes work that throws at once for a failure, not for a crash', async () => {
    const flight = createSingleFlight<string, number>();
    const broken = (): Promise<number> => {
      throw new Error('at once');
    };
    await expect(flight.run('a', broken)).rejects.toThrow('at once');
    expect(await flight.run('a', async () => 1)).toBe(1);
  });
});
