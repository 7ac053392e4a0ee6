import { MessageChannel } from 'node:worker_threads';
import { AdapterError } from '@tidelock/core';
import { expect, it } from 'vitest';
import type { GroupingStore } from '../src/store-here.ts';
import { serve } from '../src/store-thread.ts';

interface Reply {
  readonly id: number;
  readonly value?: unknown;
  readonly refusal?: { readonly kind: string };
}

/** How many calls each commit held, of these ones, which all wait when the first is taken. */
async function commitsOf(calls: readonly { readonly method: string; readonly asked: unknown }[]) {
  const { port1: caller, port2: thread } = new MessageChannel();
  const answered = new Set<number>();
  caller.on('message', (replies: readonly Reply[]) => {
    for (const { id } of replies) answered.add(id);
  });
  const commits: number[] = [];
  const count = async (): Promise<void> => {
    commits[commits.length - 1] = (commits.at(-1) ?? 0) + 1;
  };
  const store = {
    ...{ sync: { lanes: count, commitLane: count }, tenants: {}, push: {}, access: {} },
    group(work: () => unknown) {
      commits.push(0);
      work();
    },
    close: async () => {},
  } as unknown as GroupingStore;
  serve(thread, () => store);
  caller.postMessage({ id: 0, part: 'open', method: '', args: ['file'] });
  for (const [index, { method, asked }] of calls.entries())
    caller.postMessage({ id: index + 1, part: 'sync', method, args: [asked] });
  await expect.poll(() => answered.size).toBe(calls.length + 1);
  caller.close();
  return commits;
}

it('small calls that wait are committed together, and batches of a first load by themselves', async () => {
  const small = { method: 'lanes', asked: ['lane-1'] };
  const batch = { method: 'commitLane', asked: { links: Array(60).fill({}), history: Array(60).fill({}) } };
  expect(await commitsOf(Array(100).fill(small))).toEqual([64, 36]);
  expect(await commitsOf([batch, batch, batch])).toEqual([1, 1, 1]);
  expect(await commitsOf([small, batch, small, small, batch])).toEqual([2, 3]);
});

it('a database that is closed behind a commit that fails is closed, and everybody is answered', async () => {
  const { port1: caller, port2: thread } = new MessageChannel();
  const replies = new Map<number, Reply>();
  caller.on('message', (some: readonly Reply[]) => {
    for (const reply of some) replies.set(reply.id, reply);
  });
  let closed = 0;
  const store = {
    ...{ sync: { lanes: async () => ['one'] }, tenants: {}, push: {}, access: {} },
    group(work: () => unknown) {
      work();
      throw new AdapterError('unavailable', 'The disk is full.', { operation: 'state.commit' });
    },
    close: async () => void closed++,
  } as unknown as GroupingStore;
  serve(thread, () => store);
  const ask = (id: number, part: string, method = ''): void =>
    caller.postMessage({ id, part, method, args: ['file'] });
  ask(1, 'open');
  await expect.poll(() => replies.size).toBe(1);
  // They wait together: the closing is taken with the group whose commit fails.
  ask(2, 'sync', 'lanes');
  ask(3, 'sync', 'lanes');
  ask(4, 'close');
  await expect.poll(() => replies.size).toBe(4);
  expect([replies.get(2)?.refusal?.kind, replies.get(3)?.refusal?.kind]).toEqual([
    'unavailable',
    'unavailable',
  ]);
  expect([replies.get(4), closed]).toEqual([{ id: 4, value: undefined }, 1]);
  caller.close();
});
