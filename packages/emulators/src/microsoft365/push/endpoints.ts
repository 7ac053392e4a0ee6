import type { Endpoint, PushSettings, PushWorld } from './push-world.ts';

/** Documented: delivered is what was answered within 3 s; a repeat has 10 s; both are counted over ten minutes. */
export const ANSWER_MS = 3_000;
export const REPEAT_MS = 10_000;
const WINDOW_MS = 600_000;
const SLOW_SHARE = 0.1;
const DROP_SHARE = 0.15;

/** The service keeps this per address, over all subscriptions; a query string makes no other address. */
const keyOf = (url: string): string => {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
};

export function endpointOf(push: PushWorld, url: string): Endpoint {
  const key = keyOf(url);
  const known = push.endpoints.get(key);
  if (known !== undefined) return known;
  const fresh: Endpoint = {
    url,
    queue: [],
    answers: [],
    slowUntil: 0,
    dropUntil: 0,
    dropped: new Set(),
    inFlight: 0,
    isRunning: false,
    wake: null,
  };
  push.endpoints.set(key, fresh);
  return fresh;
}

/** How long an answer took decides what becomes of later notifications. */
export function noteAnswer(
  endpoint: Endpoint,
  answer: { readonly at: number; readonly ms: number },
  { judgedFrom }: PushSettings,
): void {
  const { at } = answer;
  endpoint.answers.push(answer);
  let old = 0;
  while ((endpoint.answers[old]?.at ?? at) <= at - WINDOW_MS) old += 1;
  if (old > 0) endpoint.answers.splice(0, old);
  const { length } = endpoint.answers;
  if (length < judgedFrom) return;
  const share = (over: number): number => endpoint.answers.filter(({ ms }) => ms > over).length / length;
  if (share(REPEAT_MS) > DROP_SHARE) endpoint.dropUntil = at + WINDOW_MS;
  else if (share(ANSWER_MS) > SLOW_SHARE) endpoint.slowUntil = at + WINDOW_MS;
}

/** When a notification that comes up now is tried first; null = it is dropped for good. */
export function firstAttempt(endpoint: Endpoint, now: number): number | null {
  if (now < endpoint.dropUntil) return null;
  return now < endpoint.slowUntil ? now + WINDOW_MS : now;
}
