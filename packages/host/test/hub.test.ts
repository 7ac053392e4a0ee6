import { expect, test } from 'vitest';
import { readHub } from '../src/runner/hub.ts';
import type { Machine } from '../src/runner/machine.ts';

/** Only what a reading asks for. Each reading takes 10 ms, and somebody hints while the first ones are under way. */
function createHub(of: { readonly hinted: number; readonly more: number }) {
  let wall = 0;
  let told = 0;
  const began: number[] = [];
  const engine = {
    async readShared() {
      began.push(wall);
      wall += 10;
      if (began.length <= of.hinted) await readHub(on, tell);
      const more = began.length <= of.more;
      return [{ store: 'crm', lanes: 1, changes: 1, more, busy: false, error: null }];
    },
  };
  const on = {
    ...{ reading: null, readAt: Number.NEGATIVE_INFINITY, stopping: false, untold: new Set() },
    clock: {
      mono: () => wall,
      async sleep(ms: number) {
        wall += ms;
      },
    },
    tally: { add: () => undefined },
    attached: { complete: true, scheduled: { engine } },
  } as unknown as Machine;
  const tell = async (): Promise<void> => {
    told += 1;
  };
  const pass = (ms: number): void => {
    wall += ms;
  };
  return { read: () => readHub(on, tell), began, told: () => told, pass };
}

test('readings that hints ask for are one at a time, and begin some time apart', async () => {
  const hub = createHub({ hinted: 3, more: 0 });
  await hub.read();
  expect(hub.began).toEqual([0, 100, 200, 300]);
  expect(hub.told()).toBe(4);
});

test('a hint that comes just after a reading waits as well, and one that comes later does not', async () => {
  const hub = createHub({ hinted: 0, more: 0 });
  await hub.read();
  hub.pass(20);
  await hub.read();
  hub.pass(500);
  await hub.read();
  expect(hub.began).toEqual([0, 100, 610]);
});

test('a feed that has more is read on at once', async () => {
  const hub = createHub({ hinted: 0, more: 2 });
  await hub.read();
  expect(hub.began).toEqual([0, 10, 20]);
});
