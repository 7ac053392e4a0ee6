import { AdapterError } from '@tidelock/core';
import { expect, test } from 'vitest';
import { noteNamed, readHub } from '../src/runner/hub.ts';
import type { Machine } from '../src/runner/machine.ts';

/** Only what a reading asks for. Each reading takes 10 ms, and somebody hints while the first ones are under way. */
function createHub(of: { readonly hinted: number; readonly more: number; readonly fails?: boolean }) {
  let wall = 0;
  let told = 0;
  const began: number[] = [];
  const named: [number, string][] = [];
  const engine = {
    async readShared() {
      began.push(wall);
      wall += 10;
      if (began.length <= of.hinted) await ask();
      const more = began.length <= of.more;
      return [{ store: 'crm', lanes: 1, changes: 1, more, busy: false, error: null }];
    },
    async readNamed(records: ReadonlyMap<string, readonly string[]>) {
      for (const [store, ids] of records) named.push([wall, `${store}: ${ids.join(' ')}`]);
      wall += 10;
      const error = of.fails === true ? new AdapterError('unavailable', 'down', { operation: 'read' }) : null;
      return [{ store: 'crm', lanes: 1, changes: error === null ? 1 : 0, more: false, busy: false, error }];
    },
  };
  const on = {
    ...{ reading: false, readAt: Number.NEGATIVE_INFINITY, stopping: false, untold: new Set() },
    ...{ named: new Map<string, Set<string>>(), dueAsked: false },
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
  const ask = (): Promise<void> => {
    on.dueAsked = true;
    return readHub(on, tell);
  };
  const name = (...ids: readonly string[]): Promise<void> => {
    noteNamed(on, new Map([['crm', ids]]));
    return readHub(on, tell);
  };
  const pass = (ms: number): void => {
    wall += ms;
  };
  return { read: ask, name, began, named, told: () => told, pass };
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

test('records that were named are looked at by themselves, and feeds when somebody asks for them', async () => {
  const hub = createHub({ hinted: 0, more: 0 });
  await hub.name('1', '2');
  expect(hub.named).toEqual([[0, 'crm: 1 2']]);
  expect(hub.began).toEqual([]);
  expect(hub.told()).toBe(1);
  await hub.read();
  expect(hub.named).toHaveLength(1);
  expect(hub.began).toEqual([100]);
});

test('records that were named come before the feed, and are asked for once', async () => {
  const hub = createHub({ hinted: 0, more: 0 });
  const reading = hub.name('1');
  await hub.read();
  await reading;
  await hub.read();
  expect(hub.named).toEqual([[0, 'crm: 1']]);
  expect(hub.began).toEqual([10, 100]);
});

test('where records that were named cannot be read, the feed is asked', async () => {
  const hub = createHub({ hinted: 0, more: 0, fails: true });
  await hub.name('1');
  expect(hub.began).toEqual([10]);
});

test('more records than are worth a read by name are left to the feed, whenever they were named', async () => {
  const hub = createHub({ hinted: 0, more: 0 });
  const ids = Array.from({ length: 150 }, (_, id) => String(id));
  const reading = hub.name('a');
  void hub.name(...ids);
  void hub.name(...ids.map((id) => `other ${id}`));
  await reading;
  expect(hub.named).toEqual([[0, 'crm: a']]);
  expect(hub.began).toEqual([10]);
  const many = createHub({ hinted: 0, more: 0 });
  await many.name(...Array.from({ length: 201 }, (_, id) => String(id)));
  expect([many.named, many.began]).toEqual([[], [0]]);
});
