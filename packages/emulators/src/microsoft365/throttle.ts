import { GraphFailure } from './graph-error.ts';
import type { Lane, World } from './world.ts';

const laneOf = (world: World, key: string): Lane => {
  const known = world.lanes.get(key);
  if (known !== undefined) return known;
  const lane: Lane = { inFlight: 0, times: [], head: 0 };
  world.lanes.set(key, lane);
  return lane;
};

const dropOld = (lane: Lane, oldest: number): void => {
  while (lane.head < lane.times.length && (lane.times[lane.head] ?? 0) <= oldest) lane.head += 1;
  if (lane.head > 4096 && lane.head * 2 > lane.times.length) {
    lane.times = lane.times.slice(lane.head);
    lane.head = 0;
  }
};

const throttled = (limit: string, retryAfterSeconds: number): GraphFailure =>
  new GraphFailure(429, 'ApplicationThrottled', {
    message: `Application is over its ${limit} limit.`,
    headers: { 'Retry-After': String(Math.max(1, Math.ceil(retryAfterSeconds))) },
  });

/** Takes a slot of the app at the mailbox; the answer gives it back. Refused requests count against the window too. */
export function acquireSlot(world: World, clientId: string, userId: string): () => void {
  const { concurrent, requests, windowMs, retryAfterSeconds } = world.settings.throttle;
  const lane = laneOf(world, `${clientId}|${userId}`);
  const now = world.clock.now();
  dropOld(lane, now - windowMs);
  const counted = lane.times.length - lane.head;
  if (counted >= requests) {
    const oldest = lane.times[lane.head] ?? now;
    throw throttled('MailboxRequests', (oldest + windowMs - now) / 1000);
  }
  lane.times.push(now);
  if (lane.inFlight >= concurrent) throw throttled('MailboxConcurrency', retryAfterSeconds);
  lane.inFlight += 1;
  return () => {
    lane.inFlight -= 1;
  };
}
