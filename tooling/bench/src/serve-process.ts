import { keepMemoryLow } from '@tidelock/host';
import { type Serving, serve } from '@tidelock/server';
import { serveCalls } from './channel.ts';
import { createWarpClock } from './warp-clock.ts';

// The process that is measured: what `tidelock serve` starts, without its page.

keepMemoryLow();

const clock = createWarpClock();
let serving: Serving | undefined;

/** Nothing is asked meanwhile: whoever asks every few milliseconds measures himself as well. */
async function untilReady({ address, runner }: Serving): Promise<void> {
  await runner?.complete();
  const { ok, status } = await fetch(new URL('/readyz', address));
  if (!ok) throw new Error(`every mailbox was asked, and /readyz answers ${status}`);
}

const api = {
  /** Milliseconds until it listened, and until it said that it can do its work. */
  async start(of: { readonly configPath: string; readonly passedMs?: number; readonly port?: number }) {
    clock.begin(of.passedMs ?? 0);
    const began = performance.now();
    serving = await serve({
      ...{ configPath: of.configPath, resolveFrom: import.meta.url, overrides: { clock } },
      ...{ role: 'all', host: '127.0.0.1', port: of.port ?? 0, page: null },
    });
    const listening = performance.now() - began;
    await untilReady(serving);
    return { listening, ready: performance.now() - began };
  },
  /** Nothing waits and nothing is worked on. */
  async quiet(): Promise<void> {
    for (;;) {
      const { queue, reading } = serving?.runner?.health() ?? {
        queue: { waiting: 0, working: 0 },
        reading: true,
      };
      if (queue.waiting + queue.working === 0 && !reading) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  },
  /** Mailboxes whose changes are pushed, and where a CRM is told to push to, by name of the connection. */
  pushed(): { readonly live: number; readonly crm: Readonly<Record<string, string>> } {
    const push = serving?.push;
    return {
      live: push?.status().subscriptions.live ?? 0,
      crm: Object.fromEntries(push?.crmAddresses() ?? []),
    };
  },
  health: () => serving?.runner?.health(),
  /** Microseconds of processor time so far, of all threads. */
  cpu(): number {
    const { user, system } = process.cpuUsage();
    return user + system;
  },
};
export type ServeApi = typeof api;

serveCalls(api, async () => {
  await serving?.close();
  process.exit(0);
});
