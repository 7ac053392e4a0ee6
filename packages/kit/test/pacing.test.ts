import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPacer, nestPacers, type Pacer } from '../src/index.ts';
import { createManualClock, type ManualClock } from './manual-clock.ts';

const job = fc.record({
  arrival: fc.integer({ min: 0, max: 400 }),
  duration: fc.integer({ min: 0, max: 300 }),
  cost: fc.integer({ min: 1, max: 3 }),
  /** Gives up this long after arrival, if it still waits. */
  patience: fc.option(fc.integer({ min: 0, max: 300 }), { nil: undefined }),
});
type Job = typeof job extends fc.Arbitrary<infer T> ? T : never;

interface Start {
  readonly index: number;
  readonly at: number;
  readonly cost: number;
}

/** Lets the jobs arrive and run, and writes down what the pacer let happen. */
async function play(clock: ManualClock, pacer: Pacer, jobs: readonly Job[]) {
  const starts: Start[] = [];
  let running = 0;
  let most = 0;
  let ended = 0;
  const runs = jobs.map(async ({ arrival, duration, cost, patience }, index) => {
    await clock.sleep(arrival);
    const controller = new AbortController();
    if (patience !== undefined) clock.sleep(patience).then(() => controller.abort(new Error('gave up')));
    const work = async (): Promise<void> => {
      starts.push({ index, at: clock.mono(), cost });
      running += 1;
      most = Math.max(most, running);
      await clock.sleep(duration);
      running -= 1;
    };
    await pacer.run(work, { cost, signal: controller.signal }).catch((error: Error) => {
      expect(error.message).toBe('gave up');
    });
    ended += 1;
  });
  await clock.advance(60_000);
  expect(ended).toBe(jobs.length);
  await Promise.all(runs);
  return { starts, most };
}

function mostInWindow(starts: readonly Start[], perMs: number): number {
  const sums = starts.map(({ at }) =>
    starts.filter((other) => other.at >= at && other.at < at + perMs).reduce((sum, s) => sum + s.cost, 0),
  );
  return Math.max(0, ...sums);
}

describe('createPacer', () => {
  it('never exceeds its concurrency or its window, finishes everything and leaves nothing behind', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(job, { maxLength: 12 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 3, max: 6 }),
        async (jobs, concurrency, tokens) => {
          const clock = createManualClock();
          const pacer = createPacer({ clock, concurrency, tokens, perMs: 200 });
          const { starts, most } = await play(clock, pacer, jobs);
          expect(most).toBeLessThanOrEqual(concurrency);
          expect(mostInWindow(starts, 200)).toBeLessThanOrEqual(tokens);
          expect([pacer.inFlight, pacer.waiting, clock.sleepers]).toEqual([0, 0, 0]);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('starts in the order of arrival', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(job, { maxLength: 12 }), async (jobs) => {
        const clock = createManualClock();
        const pacer = createPacer({ clock, concurrency: 2, tokens: 3, perMs: 100 });
        const patient = jobs.map((item, index) => ({ ...item, arrival: index, patience: undefined }));
        const { starts } = await play(clock, pacer, patient);
        expect(starts.map(({ index }) => index)).toEqual(patient.map((_, index) => index));
      }),
      { numRuns: 25 },
    );
  });

  it('uses what it may use: the whole window at once, the next as soon as it slides', async () => {
    const clock = createManualClock();
    const pacer = createPacer({ clock, concurrency: 10, tokens: 3, perMs: 1000 });
    const at: number[] = [];
    const runs = Array.from({ length: 6 }, () => pacer.run(async () => void at.push(clock.mono())));
    await clock.advance(5000);
    await Promise.all(runs);
    expect(at).toEqual([0, 0, 0, 1000, 1000, 1000]);
  });

  it('long work does not hold up the next start once the window has slid', async () => {
    const clock = createManualClock();
    const pacer = createPacer({ clock, concurrency: 2, tokens: 1, perMs: 100 });
    const long = pacer.run(() => clock.sleep(10_000));
    const next = pacer.run(async () => clock.mono());
    await clock.advance(10_000);
    await long;
    expect(await next).toBe(100);
  });

  it('an abort while waiting takes nothing and lets the next one go', async () => {
    const clock = createManualClock();
    const pacer = createPacer({ clock, concurrency: 1, tokens: 100, perMs: 1000 });
    const controller = new AbortController();
    const first = pacer.run(() => clock.sleep(50));
    const second = pacer.run(async () => 'second', { signal: controller.signal });
    const third = pacer.run(async () => 'third');
    controller.abort(new Error('no longer needed'));
    await expect(second).rejects.toThrow('no longer needed');
    expect(pacer.waiting).toBe(1);
    await clock.advance(50);
    await first;
    expect(await third).toBe('third');
    await expect(pacer.run(async () => 'late', { signal: controller.signal })).rejects.toThrow('no longer');
  });

  it('a failure frees its place', async () => {
    const clock = createManualClock();
    const pacer = createPacer({ clock, concurrency: 1, tokens: 100, perMs: 1000 });
    const broken = pacer.run(() => Promise.reject(new Error('broken')));
    await expect(broken).rejects.toThrow('broken');
    expect(await pacer.run(async () => 'next')).toBe('next');
  });

  it('starts nothing during a penalty, and a shorter penalty does not end a longer one', async () => {
    const clock = createManualClock();
    const pacer = createPacer({ clock, concurrency: 5, tokens: 100, perMs: 1000 });
    pacer.penalize(700);
    pacer.penalize(100);
    const at: number[] = [];
    const run = pacer.run(async () => void at.push(clock.mono()));
    await clock.advance(699);
    expect(at).toEqual([]);
    await clock.advance(1);
    await run;
    expect(at).toEqual([700]);
  });

  it('refuses a cost that would wait for ever, and limits that let nothing through', async () => {
    const clock = createManualClock();
    const pacer = createPacer({ clock, concurrency: 1, tokens: 2, perMs: 10 });
    await expect(pacer.run(async () => 0, { cost: 3 })).rejects.toThrow(RangeError);
    expect(() => createPacer({ clock, concurrency: 0, tokens: 1, perMs: 1 })).toThrow(RangeError);
  });
});

describe('nestPacers', () => {
  it('keeps the limits of both, also when the outer one delays what the inner one let through', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(job, { maxLength: 12 }), async (jobs) => {
        const clock = createManualClock();
        const outer = createPacer({ clock, concurrency: 2, tokens: 4, perMs: 300 });
        const inner = createPacer({ clock, concurrency: 3, tokens: 3, perMs: 200 });
        outer.penalize(150);
        const { starts, most } = await play(clock, nestPacers(outer, inner), jobs);
        expect(most).toBeLessThanOrEqual(2);
        expect(mostInWindow(starts, 200)).toBeLessThanOrEqual(3);
        expect(mostInWindow(starts, 300)).toBeLessThanOrEqual(4);
        expect([outer.inFlight, inner.inFlight, clock.sleepers]).toEqual([0, 0, 0]);
      }),
      { numRuns: 40 },
    );
  });

  it('a throttled inner pacer does not hold up its siblings', async () => {
    const clock = createManualClock();
    const outer = createPacer({ clock, concurrency: 1, tokens: 100, perMs: 1000 });
    const limits = { clock, concurrency: 4, tokens: 100, perMs: 1000 };
    const slow = nestPacers(outer, createPacer(limits));
    const quick = nestPacers(outer, createPacer(limits));
    slow.penalize(5000);
    const late = slow.run(async () => clock.mono());
    expect(await quick.run(async () => clock.mono())).toBe(0);
    expect([slow.waiting, quick.waiting]).toEqual([1, 0]);
    await clock.advance(5000);
    expect(await late).toBe(5000);
  });
});
