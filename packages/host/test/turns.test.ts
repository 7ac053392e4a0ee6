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
