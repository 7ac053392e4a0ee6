import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:net';
import { Worker } from 'node:worker_threads';
import { afterEach, expect, it, vi } from 'vitest';
import { createSharedClock, type SharedClock } from '../src/clock.ts';
import { areOthersAtWork } from '../src/threads.ts';

let clock: SharedClock;
afterEach(() => {
  clock.close();
  vi.restoreAllMocks();
});

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

it('time jumps to the next sleeper when all that is left is waiting', async () => {
  clock = createSharedClock(1_000);
  await clock.product.sleep(60_000);
  expect(clock.now()).toBe(61_000);
});

it.each(['FSReqCallback', 'FSReqPromise', 'GetAddrInfoReqWrap', 'ConnectWrap'])(
  'time stands still while there is a %s under way',
  async (kind) => {
    const active = vi.spyOn(process, 'getActiveResourcesInfo').mockReturnValue([kind]);
    clock = createSharedClock(1_000);
    const slept = clock.product.sleep(60_000);
    await wait(150);
    expect(clock.now()).toBe(1_000);
    active.mockReturnValue(['TCPSocketWrap', 'Timeout']);
    await slept;
    expect(clock.now()).toBe(61_000);
  },
);

it('time stands still while another thread has something to do', async () => {
  let areOthers = true;
  clock = createSharedClock(1_000, () => areOthers);
  const slept = clock.product.sleep(60_000);
  await wait(150);
  expect(clock.now()).toBe(1_000);
  areOthers = false;
  await slept;
  expect(clock.now()).toBe(61_000);
});

const linux = process.platform === 'linux';

/** Whether what is looked for was seen within so many looks. */
async function isSeen(look: () => boolean): Promise<boolean> {
  for (let looks = 0; looks < 500; looks += 1) {
    if (look()) return true;
    await wait(2);
  }
  return false;
}

it.skipIf(!linux)(
  `a thread that has something to do is seen, and one that waits is not${linux ? '' : ' [skipped: only Linux tells]'}`,
  async () => {
    clock = createSharedClock(0);
    const busy = new Int32Array(new SharedArrayBuffer(4));
    const source = `const { workerData, parentPort } = require('node:worker_threads');
    parentPort.postMessage('there');
    while (Atomics.load(workerData, 0) === 0);
    Atomics.wait(workerData, 0, 1);`;
    const worker = new Worker(source, { eval: true, workerData: busy });
    await new Promise((resolve) => worker.once('message', resolve));
    expect(await isSeen(() => areOthersAtWork())).toBe(true);
    Atomics.store(busy, 0, 1);
    expect(await isSeen(() => !areOthersAtWork())).toBe(true);
    await worker.terminate();
  },
);

it('Node names a connection that is being made so', async () => {
  clock = createSharedClock(0);
  const server = createServer(() => {}).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const socket = connect((server.address() as AddressInfo).port, 'localhost');
  const seen = [process.getActiveResourcesInfo()];
  socket.once('lookup', () => setImmediate(() => seen.push(process.getActiveResourcesInfo())));
  await new Promise((resolve) => socket.once('connect', resolve));
  socket.destroy();
  server.close();
  expect(seen[0]).toContain('GetAddrInfoReqWrap');
  expect(seen.slice(1).flat()).toContain('ConnectWrap');
});
