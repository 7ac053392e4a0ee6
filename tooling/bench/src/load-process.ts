import { performance } from 'node:perf_hooks';
import { Pool } from 'undici';
import { serveCalls } from './channel.ts';

// Whoever pushes, in a process of its own: so many notifications a second whether or not they are answered.

export interface Load {
  readonly url: string;
  /** Bodies of requests, sent in turns. */
  readonly bodies: readonly string[];
  readonly perSecond: number;
  readonly seconds: number;
  readonly connections: number;
}

export interface LoadReport {
  readonly sent: number;
  /** Answers by status. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Milliseconds from the moment at which a request was to be sent until it was answered. */
  readonly p50: number;
  readonly p99: number;
  readonly worst: number;
  /** From the first request to the last answer. */
  readonly ms: number;
}

const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;

async function run({ url, bodies, perSecond, seconds, connections }: Load): Promise<LoadReport> {
  const { origin, pathname } = new URL(url);
  const pool = new Pool(origin, { connections, pipelining: 1 });
  const statuses: Record<string, number> = {};
  const waits: number[] = [];
  const headers = { 'content-type': 'application/json; charset=utf-8' };
  const started = performance.now();
  const one = async (index: number): Promise<void> => {
    const due = started + (index / perSecond) * 1_000;
    const body = bodies[index % bodies.length] ?? '';
    let status = 'failed';
    try {
      const answer = await pool.request({ path: pathname, method: 'POST', headers, body });
      await answer.body.dump();
      status = String(answer.statusCode);
    } catch {
      // Counted as what it is.
    }
    statuses[status] = (statuses[status] ?? 0) + 1;
    waits.push(performance.now() - due);
  };
  const pending: Promise<void>[] = [];
  const total = perSecond * seconds;
  while (pending.length < total) {
    const due = Math.min(total, Math.floor(((performance.now() - started) / 1_000) * perSecond));
    while (pending.length < due) pending.push(one(pending.length));
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all(pending);
  const ms = performance.now() - started;
  await pool.close();
  const sorted = waits.sort((a, b) => a - b);
  const [p50, p99, worst] = [quantile(sorted, 0.5), quantile(sorted, 0.99), sorted.at(-1) ?? Number.NaN];
  return { sent: total, statuses, p50, p99, worst, ms };
}

const api = { run };
export type LoadApi = typeof api;

serveCalls(api, async () => process.exit(0));
