import { availableParallelism } from 'node:os';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { NURSERY } from './crew.ts';
import { type Found, type Hunt, type Kill, playShare, type Share, type Trail, trail } from './hunt.ts';

interface Order {
  readonly share: Share;
  readonly trail: Trail;
}

/** Each thread hunts a mutant of its own; who finds none left helps with one that another hunts. */
function nextOrder(trails: ReadonlySet<Trail>): Order | null {
  const byLoad = [...trails].sort((x, y) => x.underWay() - y.underWay());
  for (const one of byLoad) {
    const share = one.next();
    if (share !== null) return { share, trail: one };
  }
  return null;
}

/** Hunts mutants on all cores, and reports each as it ends. */
export async function huntAll(hunts: readonly Hunt[], onKill: (kill: Kill) => void): Promise<Kill[]> {
  const kills: Kill[] = [];
  const trails = new Set(hunts.map(trail));
  const orders = new Map<Worker, Order>();
  const idle = new Set<Worker>();
  const feed = (member: Worker): void => {
    const order = nextOrder(trails);
    idle.delete(member);
    if (order === null && trails.size > 0) idle.add(member);
    else if (order !== null) orders.set(member, order);
    if (order !== null || trails.size === 0) member.postMessage(order?.share ?? null);
  };
  const take = (member: Worker, found: Found | null): void => {
    const order = orders.get(member);
    if (order === undefined) return;
    orders.delete(member);
    const kill = trails.has(order.trail) ? order.trail.ended(order.share, found) : null;
    if (kill !== null) {
      trails.delete(order.trail);
      kills.push(kill);
      onKill(kill);
    }
    for (const waiting of [member, ...idle]) feed(waiting);
  };
  const serve = (member: Worker): Promise<void> =>
    new Promise((resolve, reject) => {
      member.on('error', reject);
      member.on('exit', () => resolve());
      member.on('message', (found: Found | null) => take(member, found));
      feed(member);
    });
  const crew = Array.from(
    { length: availableParallelism() },
    () =>
      new Worker(new URL(import.meta.url), {
        workerData: 'mutants',
        resourceLimits: { maxYoungGenerationSizeMb: NURSERY },
      }),
  );
  await Promise.all(crew.map(serve));
  return kills.sort((x, y) => (x.name < y.name ? -1 : 1));
}

if (!isMainThread && workerData === 'mutants') {
  Error.stackTraceLimit = 0;
  parentPort?.on('message', (share: Share | null) => {
    if (share === null) parentPort?.close();
    else parentPort?.postMessage(playShare(share));
  });
}
