import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyRounds } from '../src/apply.ts';
import { type PassReport, reportOf } from '../src/pass-report.ts';
import { syncRounds } from '../src/sync.ts';

/** What a lane's next passes find: `w` something to do, `.` nothing, `~` nothing but a wait, `f` an error, `t` an error with a time to come back. After the last: nothing. */
type Script = string;

interface Play {
  readonly scripts: Readonly<Record<string, Script>>;
  /** How long a round takes, milliseconds. */
  readonly roundMs?: number;
  /** Called before each round, with its number from 1: may append to what lanes find. */
  readonly before?: (round: number, left: Map<string, Script>) => void;
}

const FOUND: Readonly<Record<string, (laneId: string) => PassReport>> = {
  w: (laneId) => reportOf(laneId, 'done', { more: true }),
  '.': (laneId) => reportOf(laneId, 'done', {}),
  '~': (laneId) => reportOf(laneId, 'done', { waitMs: 5_000 }),
  f: (laneId) =>
    reportOf(laneId, 'failed', { error: { kind: 'unavailable', message: 'down', remedy: null } }),
  t: (laneId) =>
    reportOf(laneId, 'failed', {
      waitMs: 5_000,
      error: { kind: 'rate_limited', message: 'later', remedy: null },
    }),
};

async function play({ scripts, roundMs = 10, before }: Play) {
  let now = 0;
  const left = new Map(Object.entries(scripts));
  const rounds: string[] = [];
  const sleep = async (ms: number): Promise<void> => {
    now += ms;
  };
  const report = await syncRounds({
    clock: { now: () => now, mono: () => now, sleep },
    maxRounds: 200,
    async round(without) {
      now += roundMs;
      before?.(rounds.length + 1, left);
      const asked = [...left.keys()].filter((laneId) => !without.has(laneId));
      rounds.push(asked.map((laneId) => laneId + (left.get(laneId)?.[0] ?? '.')).join(' '));
      return asked.map((laneId) => {
        const script = left.get(laneId) ?? '';
        left.set(laneId, script.slice(1));
        return (FOUND[script[0] ?? '.'] ?? FOUND['.'])?.(laneId) as PassReport;
      });
    },
  });
  return { report, rounds, ended: now, times: (name: string) => rounds.join(' ').split(name).length - 1 };
}

describe('rounds of a sync', () => {
  it('ask a lane that has nothing to do once more at the end, however long another one is at work', async () => {
    const { report, rounds } = await play({ scripts: { large: 'wwwwww', small: 'w', empty: '' } });
    expect(report.settled).toBe(true);
    expect(rounds).toEqual([
      'largew smallw empty.',
      'largew small.',
      'largew',
      'largew',
      'largew',
      'largew',
      'large.',
      'small. empty.',
    ]);
  });

  it('ask it again each minute meanwhile, and go on with what it found', async () => {
    const before: Play['before'] = (round, left) => {
      if (round === 4) left.set('small', 'w');
    };
    const { report, rounds } = await play({
      scripts: { large: 'wwwwwwwww', small: '' },
      roundMs: 25_000,
      before,
    });
    expect(report.settled).toBe(true);
    expect(rounds).toEqual([
      ...['largew small.', 'largew', 'largew', 'largew', 'largew smallw', 'largew small.'],
      ...['largew', 'largew', 'largew', 'large. small.'],
    ]);
  });

  it('end after as many rounds as ever where a lane is by itself', async () => {
    const { rounds } = await play({ scripts: { only: 'www' } });
    expect(rounds).toEqual(['onlyw', 'onlyw', 'onlyw', 'only.']);
  });

  it('ask one that failed with each round, and end without it where it goes on failing', async () => {
    const once = await play({ scripts: { one: 'ww', two: 'ff' } });
    expect([once.report.settled, once.times('two')]).toEqual([true, 3]);
    const always = await play({ scripts: { one: 'w', two: 'f'.repeat(50) } });
    expect([always.report.settled, always.rounds.length]).toEqual([false, 2]);
  });

  it('ask those that are left at once, whatever one without work says of waiting', async () => {
    const { report, rounds, ended } = await play({ scripts: { one: 'ww~', two: '.' } });
    expect([report.settled, rounds.length, ended]).toEqual([true, 4, 40]);
  });

  it('wait for one that was told when to come back', async () => {
    const { report, rounds } = await play({ scripts: { one: 'ww', two: 'tt' } });
    expect(report.settled).toBe(true);
    expect(rounds).toEqual(['onew twot', 'onew', 'one.', 'twot', 'two.']);
  });

  it('never end before each lane was asked after the last one that had something to do', async () => {
    const script = fc.string({ unit: fc.constantFrom('w', '.', 'f', 't'), maxLength: 8 });
    const scripts = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), script, { minKeys: 1 });
    await fc.assert(
      fc.asyncProperty(scripts, fc.constantFrom(10, 40_000), async (found, roundMs) => {
        const { report, rounds } = await play({ scripts: found, roundMs });
        const last = rounds.findLastIndex((round) => round.includes('w'));
        const asked = new Set(
          rounds.slice(last + 1).flatMap((round) => round.match(/\w(?=[.f]|t\b)/g) ?? []),
        );
        if (report.settled) expect(asked).toEqual(new Set(Object.keys(found)));
        expect(rounds.length).toBeLessThan(100);
      }),
    );
  });
});

it('what a mailbox would do beyond its plan is still known when it was left out of the last rounds', async () => {
  let rounds = 0;
  const report = await applyRounds({
    clock: { now: () => 0, mono: () => 0, sleep: async () => {} },
    maxRounds: 20,
    rows: new Map([
      ['large', []],
      ['small', []],
    ]),
    async round(without, approvals) {
      rounds += 1;
      const asked = ['large', 'small'].filter((laneId) => !without.has(laneId));
      for (const laneId of asked) approvals.get(laneId)?.beyond.add('link');
      return asked.map((laneId) => reportOf(laneId, 'done', { more: laneId === 'large' && rounds < 5 }));
    },
  });
  expect(report.settled).toBe(true);
  expect(report.fates.map(({ laneId, beyond }) => [laneId, beyond])).toEqual([
    ['large', 1],
    ['small', 1],
  ]);
});
