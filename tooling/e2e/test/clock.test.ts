import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:net';
import { afterEach, expect, it, vi } from 'vitest';
import { createSharedClock, type SharedClock } from '../src/clock.ts';

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
