import type { ActingPlatform, LivePlatform } from '@tidelock/host';
import type { FastifyRequest } from 'fastify';
import { Refusal } from './problem.ts';

interface Troubled extends Error {
  readonly problems?: readonly { readonly path: string; readonly reason: string; readonly remedy: string }[];
  readonly remedy?: string;
}

/** Nothing is wrong with the request: something is not connected yet. */
function notConnected(trouble: Error): Refusal {
  const { message, problems, remedy } = trouble as Troubled;
  return new Refusal(409, `Mailboxes and CRM are not connected: ${message}`, {
    code: 'not-connected',
    remedy: remedy ?? 'Finish the connections first.',
    ...(problems === undefined ? {} : { problems }),
  });
}

function requireConnected({ trouble }: LivePlatform): void {
  if (trouble !== null) throw notConnected(trouble);
}

/** Name of whoever asks, for the audit trail. Only for routes with a role. */
export function nameOf({ principal }: FastifyRequest): string {
  if (principal === null) throw new TypeError('a route without a role has no name to act under');
  return principal.name;
}

/** Names whoever acts at once, beside jobs, in leases. */
const DESK = 'desk';

/** The platform of the moment, for what is read and takes no time. */
export function platformNow(live: LivePlatform): ActingPlatform {
  requireConnected(live);
  return live.now();
}

/** The platform for a read that takes its time: what it stands on stays open until then, whatever is reloaded meanwhile. */
export function withPlatform<R>(
  live: LivePlatform,
  work: (platform: ActingPlatform) => Promise<R>,
): Promise<R> {
  requireConnected(live);
  return live.use(work);
}

/** The platform in the hands of whoever asks. */
export function actingFor<R>(
  live: LivePlatform,
  request: FastifyRequest,
  work: (platform: ActingPlatform) => Promise<R>,
): Promise<R> {
  requireConnected(live);
  return live.use((platform) => work(platform.as(nameOf(request))));
}

type Desk = <R>(request: FastifyRequest, work: (platform: ActingPlatform) => Promise<R>) => Promise<R>;

/** One for all routes: two under one name in leases would take mailboxes from each other. */
const desks = new WeakMap<LivePlatform, Desk>();

function createDesk(live: LivePlatform): Desk {
  let turn: Promise<unknown> = Promise.resolve();
  return (request, work) => {
    requireConnected(live);
    const who = nameOf(request);
    const next = turn.then(() => live.use((platform) => work(platform.as(who, { worker: DESK }))));
    turn = next.catch(() => undefined);
    return next;
  };
}

/**
 * What a person does to mailboxes at once, and not as a job: under a name of its own in leases, one after the other, so that two
 * answers to questions of one mailbox do not take it from each other.
 */
export function deskOf(live: LivePlatform): Desk {
  const desk = desks.get(live) ?? createDesk(live);
  desks.set(live, desk);
  return desk;
}
