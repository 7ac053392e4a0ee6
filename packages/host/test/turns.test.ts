import { expect, test } from 'vitest';
import type { Machine } from '../src/runner/machine.ts';
import { createReadyLanes } from '../src/runner/ready.ts';
import { fill } from '../src/runner/turns.ts';

/** Only what the beginning of a turn asks for; a turn of a lane that takes no part ends at once. */
function createStart(lanes: number) {
  let wall = 0;
  const ready = createReadyLanes();
  for (let n = 0; n < lanes; n += 1) ready.add({ laneId: `lane-${n}`, tenantId: 't', turn: 'interactive' });
  const attached = { complete: false, firstTurnAt: 2_000, pace: { atOnce: 4 }, lanes: new Map() };
  const on = {
    ...{ ready, attached, stopping: false, running: new Map(), loads: new Set(), again: new Set() },
    ...{ clock: { now: () => wall, mono: () => wall }, circuit: { allows: (room: number) => room } },
  } as unknown as Machine;
  const begun = (): number => {
    fill(on);
    return on.running.size;
  };
  const complete = (): void => {
    attached.complete = true;
  };
  const at = (ms: number): void => {
    wall = ms;
  };
  return { begun, complete, at };
}

test('mailboxes have their first turns when every one was asked what it can do', () => {
  const start = createStart(9);
  expect(start.begun()).toBe(0);
  start.complete();
  expect(start.begun()).toBe(4);
});

test('and not later than two seconds after the start, however long that takes', () => {
  const start = createStart(9);
  start.at(1_999);
  expect(start.begun()).toBe(0);
  start.at(2_000);
  expect(start.begun()).toBe(4);
});

/** One turn at a time over these lanes, of which "large" has work for as many turns as are given; what had its turn, in order. */
async function turnsOf(
  lanes: readonly string[],
  large: { readonly turns: number; readonly backlog: boolean },
) {
  const ready = createReadyLanes();
  const had: string[] = [];
  let left = large.turns;
  const counts = { created: 5_000, updated: 0, deleted: 0, linked: 0, conflicts: 0, reviews: 0, withheld: 0 };
  const round = async ({ only: [laneId = ''] }: { readonly only: readonly string[] }) => {
    had.push(laneId);
    const more = laneId === 'large' && --left > 0;
    const report = {
      laneId,
      status: 'done',
      counts,
      done: [],
      held: null,
      error: null,
      waitMs: 0,
      cut: false,
    };
    return [{ ...report, more, backlog: more && large.backlog }];
  };
  const attached = {
    ...{ complete: true, firstTurnAt: 0, pace: { atOnce: 1 } },
    lanes: new Map(lanes.map((laneId) => [laneId, { label: laneId }])),
    scheduled: { engine: { isReady: () => true, round } },
  };
  const on = {
    ...{ ready, attached, stopping: false, running: new Map(), loads: new Set(), again: new Set() },
    ...{
      cut: new Set(),
      spins: new Map(),
      notBefore: new Map(),
      known: new Set(lanes),
      holdsFirst: () => true,
    },
    clock: { now: () => 0, mono: () => 0 },
    circuit: { allows: (room: number) => room, succeeded: () => {} },
    ...{ feed: { publish: () => {} }, tally: { add: () => {} }, pushes: { mailbox: () => false } },
  } as unknown as Machine;
  for (const laneId of lanes) ready.add({ laneId, tenantId: 't', turn: 'interactive' });
  fill(on);
  while (on.running.size > 0) await Promise.all(on.running.values());
  return had;
}

test('a mailbox that left a backlog waits among those that are loaded, behind whoever just changed something', async () => {
  const lanes = ['large', 'one', 'two', 'three'];
  expect(await turnsOf(lanes, { turns: 3, backlog: true })).toEqual([...lanes, 'large', 'large']);
});

test('one that only has a little more to do goes on among those where somebody just changed something', async () => {
  const lanes = ['large', 'one', 'two'];
  expect(await turnsOf(lanes, { turns: 2, backlog: false })).toEqual(['large', 'one', 'large', 'two']);
});
