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
