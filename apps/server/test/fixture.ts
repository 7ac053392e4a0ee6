import type { Logger } from '@tidelock/core';
import type { ConfigEditor, LivePlatform, Workroom } from '@tidelock/host';
import type { FastifyInstance } from 'fastify';
import { type Access, createServer, type Principal, type Role, type ServerParts } from '../src/index.ts';

export const quiet: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** Believes a header: what is tested is not how somebody signs in. */
export function headerAccess(): Access {
  return {
    async authenticate({ headers }): Promise<Principal | null> {
      const role = headers['x-test-role'] as Role | undefined;
      return role === undefined ? null : { id: `id-${role}`, name: `test ${role}`, role, via: 'token' };
    },
    routes() {},
  };
}

/** For tests in which no route asks for one. */
const noPlatform = {} as LivePlatform;

const noWork = { jobs: { onChange: () => () => {} } } as unknown as Workroom;

export async function openServer(
  parts: Partial<ServerParts> = {},
): Promise<{ readonly app: FastifyInstance; readonly origin: string }> {
  const app = await createServer({
    live: noPlatform,
    work: noWork,
    editor: {} as ConfigEditor,
    access: headerAccess(),
    clock: { now: () => Date.now(), mono: () => performance.now(), sleep: async () => {} },
    log: quiet,
    origin: 'https://tidelock.test',
    page: null,
    readiness: () => [],
    ...parts,
  });
  const origin = await app.listen({ host: '127.0.0.1', port: 0 });
  return { app, origin };
}
