import {
  createConfigEditor,
  createRunner,
  createSystemClock,
  createSystemRandom,
  createWorkroom,
  keepMemoryLow,
  openLivePlatform,
  openPush,
} from '@tidelock/host';
import { createServer } from '@tidelock/server';
import { serveCalls } from './channel.ts';

// The process that is measured: server, workers and state in one, as `tidelock serve` is.

keepMemoryLow();

const log = { debug() {}, info() {}, warn() {}, error() {} };

async function openAll(of: { readonly configPath: string; readonly port: number }) {
  const clock = createSystemClock();
  const random = createSystemRandom();
  const live = await openLivePlatform({
    configPath: of.configPath,
    resolveFrom: import.meta.url,
    overrides: { clock, random, log },
  });
  const work = createWorkroom(live);
  const push = await openPush({ live, origin: null });
  const runner = createRunner({
    ...{ source: live, state: live.foundation.state.sync, clock, random, log, pushes: push.pushes },
  });
  push.onHint((hinted) => runner.hint(hinted));
  const access = { authenticate: async () => null, routes() {} };
  const app = await createServer({
    ...{ live, work, editor: createConfigEditor(live), access, clock, log, push, runner },
    ...{ origin: `http://localhost:${of.port}`, page: null, readiness: () => [] },
  });
  await app.listen({ host: '127.0.0.1', port: of.port });
  push.keep();
  runner.start();
  await runner.complete();
  const close = async (): Promise<void> => {
    await runner.stop();
    await push.close();
    await work.close();
    await app.close();
    await live.close();
  };
  const turns = (): number => runner.tally.read('passes').reduce((sum, { count }) => sum + count, 0);
  return { live, push, turns, close };
}

let running: Awaited<ReturnType<typeof openAll>> | undefined;

const api = {
  async open(of: { readonly configPath: string; readonly port: number }): Promise<void> {
    running = await openAll(of);
  },
  /** Subscriptions that deliver, notifications that were believed, and what was written for them. */
  state() {
    const status = running?.push.status();
    return {
      live: status?.subscriptions.live ?? 0,
      problems: Object.fromEntries(status?.problems ?? []),
      taken: status?.taken.get('changed') ?? 0,
      writes: status?.writes ?? 0,
      turns: running?.turns() ?? 0,
      cpu: process.cpuUsage(),
    };
  },
};
export type HookApi = typeof api;

serveCalls(api, async () => {
  await running?.close();
  process.exit(0);
});
