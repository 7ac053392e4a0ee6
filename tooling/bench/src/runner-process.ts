import { subscribe } from 'node:diagnostics_channel';
import { readFileSync } from 'node:fs';
import {
  createPlatform,
  createRunner,
  createSystemRandom,
  keepMemoryLow,
  type Platform,
  type Runner,
  type RunnerHealth,
  sourceOf,
} from '@tidelock/host';
import { serveCalls } from './channel.ts';
import { createWarpClock } from './warp-clock.ts';

// The process that is measured: a platform and its runner, as a server has them, with the state on disk.

keepMemoryLow();

const clock = createWarpClock();
let platform: Platform | undefined;
let runner: Runner | undefined;

function opened(): { readonly platform: Platform; readonly runner: Runner } {
  if (platform === undefined || runner === undefined) throw new Error('the runner is not started');
  return { platform, runner };
}

/** Requests that are not answered yet. */
let underWay = 0;
subscribe('undici:request:create', () => {
  underWay += 1;
});
for (const end of ['undici:request:trailers', 'undici:request:error'])
  subscribe(end, () => {
    underWay -= 1;
  });

const troubles: string[] = [];

const isIdle = ({ queue, state, reading, lanes }: RunnerHealth): boolean =>
  state === 'running' && !reading && queue.waiting + queue.working + lanes.untold === 0;

async function waitFor(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** Kilobytes that are resident now. */
const resident = (): number =>
  Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? Number.NaN);

const api = {
  /** Milliseconds until the runner had begun, and until it had read the roster and asked every mailbox. */
  async start(of: {
    readonly configPath: string;
    /** Default: that of the product. */
    readonly tickMs?: number;
    /** Services tell about every change. Default: they do not. */
    readonly pushed?: boolean;
    /** What processes before this one let pass (milliseconds). Default: nothing. */
    readonly passedMs?: number;
  }): Promise<{ readonly begun: number; readonly complete: number; readonly cpu: number }> {
    clock.begin(of.passedMs ?? 0);
    const began = performance.now();
    const cpu = api.cpu();
    platform = await createPlatform({
      configPath: of.configPath,
      resolveFrom: import.meta.url,
      overrides: { clock },
    });
    runner = createRunner({
      ...{ source: sourceOf(platform), state: platform.state.sync, clock },
      ...{ random: createSystemRandom(), log: platform.log, tickMs: of.tickMs },
      ...(of.pushed === true && { pushes: { mailbox: () => true, store: () => true } }),
    });
    runner.events.listen(({ of: happening }) => {
      if (happening.type === 'error') troubles.push(`${happening.label}: ${happening.message}`);
    });
    runner.start();
    const begun = performance.now() - began;
    await runner.complete();
    return { begun, complete: performance.now() - began, cpu: (api.cpu() - cpu) / 1_000 };
  },
  /** Lane of each mailbox, by its id in the directory. */
  async lanes(): Promise<Readonly<Record<string, string>>> {
    const lanes = await opened().platform.lanes();
    return Object.fromEntries(lanes.map(({ mailboxId, id }) => [mailboxId, id]));
  },
  /** What a webhook would do: note it, and give the mailbox its turn. */
  async hint(lanes: readonly string[]): Promise<void> {
    const { platform, runner } = opened();
    const { sync } = platform.state;
    for (const lane of lanes) await sync.hintLane(lane, clock.now());
    runner.hint({ lanes });
  },
  async hintStores(stores: readonly string[]): Promise<void> {
    const { platform, runner } = opened();
    for (const store of stores) await platform.state.sync.hintFeeds(store, clock.now());
    runner.hint({ stores });
  },
  /** Resolves when nothing waits and nothing is worked on, twice in a row. */
  async quiet(): Promise<void> {
    const { runner } = opened();
    for (let seen = 0; seen < 3; ) {
      await waitFor(() => isIdle(runner.health()));
      await new Promise((resolve) => setTimeout(resolve, 100));
      seen = isIdle(runner.health()) ? seen + 1 : 0;
    }
  },
  /** What went wrong so far, a few of it. */
  troubles: (): readonly string[] => troubles.slice(0, 3),
  health: (): RunnerHealth => opened().runner.health(),
  /** Microseconds of processor time so far, of all threads. */
  cpu(): number {
    const { user, system } = process.cpuUsage();
    return user + system;
  },
  resident,
  /**
   * Moves the time on, as far as nothing is under way: from one sleeper to the next. Answers the passes made meanwhile, and how
   * far ahead of the machine's its clock is now: what took its time was not jumped over.
   */
  async pass(ms: number): Promise<{ readonly passes: number; readonly aheadMs: number }> {
    const { runner } = opened();
    const passes = (): number => runner.tally.read('passes').reduce((sum, { count }) => sum + count, 0);
    const before = passes();
    await clock.pass(ms, () => {
      const { queue, reading } = runner.health();
      return queue.working === 0 && !reading && underWay === 0;
    });
    return { passes: passes() - before, aheadMs: clock.ahead() };
  },
  async stop(): Promise<{ readonly finished: boolean; readonly ms: number }> {
    const began = performance.now();
    const finished = await opened().runner.stop();
    return { finished, ms: performance.now() - began };
  },
};
export type RunnerApi = typeof api;

serveCalls(api, async () => {
  await runner?.stop();
  await platform?.close();
  process.exit(0);
});
