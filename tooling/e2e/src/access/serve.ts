import type { Clock, Logger } from '@tidelock/core';
import type * as Host from '@tidelock/host';
import * as Server from '@tidelock/server';
import { type Browser, createBrowser } from './browser.ts';

export const quiet: Logger = { debug() {}, info() {}, warn() {}, error() {} };

const noWork = { jobs: { onChange: () => () => {} } } as unknown as Host.Workroom;
const realClock: Clock = { now: () => Date.now(), mono: () => performance.now(), sleep: async () => {} };

export interface ServedAccess extends AsyncDisposable {
  /** Where the server listens. */
  readonly address: string;
  browser(forwardedFor?: string): Browser;
}

export interface ServeHow {
  readonly server?: typeof Server;
  readonly clock?: Clock;
  trustedProxies?(): number;
}

/** The server with its way in, over sockets, and nothing behind it: no route of these tests asks for a platform. */
export async function serveAccess(
  access: Host.Access,
  origin: string,
  { server = Server, clock = realClock, trustedProxies = () => 0 }: ServeHow = {},
): Promise<ServedAccess> {
  const app = await server.createServer({
    ...{ live: {} as Host.LivePlatform, work: noWork, editor: {} as Host.ConfigEditor },
    ...{ clock, log: quiet, origin, page: null, readiness: () => [] },
    access: server.createAccessRoutes({ access, trustedProxies }),
  });
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    address,
    browser: (forwardedFor) =>
      createBrowser(address, forwardedFor === undefined ? {} : { 'x-forwarded-for': forwardedFor }),
    [Symbol.asyncDispose]: async () => {
      await app.close();
    },
  };
}
