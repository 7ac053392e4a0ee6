import { AdapterError, ERROR_KINDS, type ErrorKind } from '@tidelock/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { READ_RETRY, retryWait, WRITE_RETRY, withRetry } from '../src/index.ts';
import { createFixedRandom, createManualClock } from './manual-clock.ts';

const failure = (kind: ErrorKind, details: { retryAfterMs?: number; code?: string } = {}): AdapterError =>
  new AdapterError(kind, kind, { operation: 'test', ...details });

async function calls(kind: ErrorKind, policy = READ_RETRY): Promise<number> {
  const clock = createManualClock();
  let count = 0;
  const run = withRetry(
    () => {
      count += 1;
      return Promise.reject(failure(kind));
    },
    { clock, random: createFixedRandom(0.5), policy },
  );
  const outcome = expect(run).rejects.toMatchObject({ kind });
  await clock.advance(600_000);
  await outcome;
  return count;
}

describe('withRetry', () => {
  it.each(ERROR_KINDS)('reads: %s', async (kind) => {
    expect(await calls(kind)).toBe(kind === 'rate_limited' || kind === 'unavailable' ? 4 : 1);
  });

  it.each(ERROR_KINDS)('writes repeat only what was certainly not executed: %s', async (kind) => {
    expect(await calls(kind, WRITE_RETRY)).toBe(kind === 'rate_limited' ? 4 : 1);
  });

  it('does not repeat what is no AdapterError', async () => {
    const clock = createManualClock();
    let count = 0;
    const work = (): Promise<never> => {
      count += 1;
      return Promise.reject(new TypeError('a bug'));
    };
    await expect(
      withRetry(work, { clock, random: createFixedRandom(0), policy: READ_RETRY }),
    ).rejects.toThrow('a bug');
    expect(count).toBe(1);
  });

  it('waits within the jitter bounds of an exponential, and never less than Retry-After', () => {
    const unit = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(
        unit,
        fc.integer({ min: 1, max: 30 }),
        fc.option(fc.integer({ min: 0, max: 200_000 })),
        (r, attempt, asked) => {
          const wait = retryWait(READ_RETRY, createFixedRandom(r), {
            attempt,
            retryAfterMs: asked ?? undefined,
          });
          const delay = Math.min(READ_RETRY.maxMs, READ_RETRY.baseMs * 2 ** (attempt - 1));
          if (asked === null) return wait !== undefined && wait >= delay / 2 && wait <= delay;
          if (asked > READ_RETRY.maxMs) return wait === undefined;
          return wait !== undefined && wait >= asked && wait <= asked + READ_RETRY.baseMs;
        },
      ),
    );
  });

  it('Retry-After is binding: no call before it is over', async () => {
    const clock = createManualClock();
    const at: number[] = [];
    const waits: number[] = [];
    const run = withRetry(
      async (attempt) => {
        at.push(clock.mono());
        if (attempt === 1) throw failure('rate_limited', { retryAfterMs: 9000 });
        return 'done';
      },
      {
        clock,
        random: createFixedRandom(0),
        policy: WRITE_RETRY,
        onWait: (_, ms) => void waits.push(ms),
      },
    );
    await clock.advance(8999);
    expect(at).toEqual([0]);
    await clock.advance(1);
    expect(await run).toBe('done');
    expect([at, waits]).toEqual([[0, 9000], [9000]]);
  });

  it('a wait beyond the cap is thrown to the caller with its length', async () => {
    const clock = createManualClock();
    const run = withRetry(() => Promise.reject(failure('rate_limited', { retryAfterMs: 3_000_000 })), {
      clock,
      random: createFixedRandom(0),
      policy: READ_RETRY,
    });
    await expect(run).rejects.toMatchObject({ retryAfterMs: 3_000_000 });
    expect(clock.sleepers).toBe(0);
  });

  it('an abort ends the wait, and an aborted call is not repeated', async () => {
    const clock = createManualClock();
    const controller = new AbortController();
    const options = { clock, random: createFixedRandom(0.5), policy: READ_RETRY, signal: controller.signal };
    const waiting = withRetry(() => Promise.reject(failure('unavailable')), options);
    const stopped = expect(waiting).rejects.toThrow('enough');
    await clock.advance(1);
    controller.abort(new Error('enough'));
    await stopped;
    expect(clock.sleepers).toBe(0);
    await expect(withRetry(() => Promise.reject(failure('unavailable')), options)).rejects.toMatchObject({
      kind: 'unavailable',
    });
    let count = 0;
    const aborted = (): Promise<never> => {
      count += 1;
      return Promise.reject(failure('unavailable', { code: 'aborted' }));
    };
    const { signal: _, ...rest } = options;
    await expect(withRetry(aborted, rest)).rejects.toMatchObject({ code: 'aborted' });
    expect(count).toBe(1);
  });
});
