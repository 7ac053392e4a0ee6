import { InputError, isAdapterError } from '@tidelock/core';
import type { ActingPlatform } from '../platform.ts';
import { type Attached, type Machine, storeOf } from './machine.ts';
import { paceOf } from './pace.ts';
import type { Refreshed } from './scheduled.ts';
import { tellBlocked } from './turn.ts';

/** Mailboxes that are asked together what they can do, so that others have their turns between. */
const TOGETHER = 16;

/**
 * A process that starts asks every mailbox first what it can do: that is what it is not ready without, and takes a moment where
 * nothing is asked of the services for it. Where it takes longer, mailboxes have their turns meanwhile.
 */
const FIRST_TURN_MS = 2_000;

const sameServices = (one: ActingPlatform, other: ActingPlatform): boolean =>
  one.mailbox === other.mailbox &&
  one.crms.size === other.crms.size &&
  [...one.crms].every(([name, port]) => other.crms.get(name) === port);

function open(on: Machine, platform: ActingPlatform, previous: Attached | null): Attached {
  const stop = new AbortController();
  const onProgress: NonNullable<Parameters<ActingPlatform['as']>[1]>['onProgress'] = (laneId, progress) => {
    const { phase, done, total = null } = progress;
    // What several mailboxes are read for at once has no name, and nothing that would say it has ended.
    const label = on.attached?.lanes.get(laneId)?.label;
    if (label !== undefined) on.progress(laneId, { type: 'run.progress', laneId, label, phase, done, total });
  };
  const how = { worker: on.worker, signal: stop.signal, onProgress };
  const acting = platform.as('tidelock', how);
  const held = Promise.withResolvers<void>();
  void on.source.use(() => held.promise).catch(() => undefined);
  return {
    platform: acting,
    scheduled: acting.scheduled(previous?.scheduled.engine ?? null),
    pace: paceOf(platform.config),
    lanes: previous?.lanes ?? new Map(),
    complete: previous?.complete ?? false,
    firstTurnAt: on.clock.mono() + FIRST_TURN_MS,
    stop: previous?.stop ?? stop,
    letGo: held.resolve,
  };
}

/** Everything under way comes to a safe point, and what stood still to its end. */
export async function detach(on: Machine): Promise<void> {
  const { attached } = on;
  on.attached = null;
  if (attached === null) return;
  attached.stop.abort(new Error('stopping'));
  await Promise.allSettled(on.running.values());
  await attached.scheduled.engine.finish();
  on.cut.clear();
  attached.letGo();
}

/** From now on this platform. What others know of mailboxes that stay as they are goes on where the services do. */
export async function attach(on: Machine, platform: ActingPlatform | null): Promise<void> {
  const { attached } = on;
  if (on.stopping) return;
  if (platform === null) return detach(on);
  const goesOn = attached !== null && sameServices(attached.platform, platform);
  if (!goesOn) await detach(on);
  on.attached = open(on, platform, goesOn ? attached : null);
  if (goesOn) attached.letGo();
}

function forget(on: Machine, laneIds: readonly string[]): void {
  for (const id of laneIds) {
    on.ready.drop(id);
    for (const set of [on.again, on.cut, on.untold, on.known]) set.delete(id);
    for (const map of [on.notBefore, on.spins, on.blocked]) map.delete(id);
  }
}

/** Lanes that were paused until their configuration changes have their look at it now. */
async function addPaused(on: Machine, at: Attached, laneIds: readonly string[]): Promise<void> {
  for (const row of await on.state.lanes(laneIds)) {
    if (row.paused?.under != null && at.lanes.has(row.id))
      on.ready.add({ ...row, laneId: row.id, turn: 'regular' });
  }
}

async function prepareAll(on: Machine, at: Attached, laneIds: readonly string[]): Promise<void> {
  for (let start = 0; start < laneIds.length && on.attached === at && !on.stopping; start += TOGETHER) {
    const chunk = laneIds.slice(start, start + TOGETHER);
    tellBlocked(on, await at.scheduled.engine.prepare({ only: chunk }));
    for (const id of chunk) if (at.scheduled.engine.isReady(id)) on.wake(id);
  }
}

async function take(on: Machine, at: Attached, { lanes, removed, changed }: Refreshed): Promise<void> {
  const before = at.lanes;
  at.lanes = new Map(lanes.map((lane) => [lane.id, lane]));
  forget(on, removed);
  const joined = lanes.filter(({ id }) => !before.has(id)).length;
  if (joined > 0 || removed.length > 0)
    on.feed.publish({ type: 'roster', lanes: lanes.length, joined, left: removed.length });
  await addPaused(on, at, changed);
  await prepareAll(on, at, changed);
  if (on.attached !== at || on.stopping) return;
  at.complete = true;
  // Feeds that they share know nothing of the new ones yet.
  const stores = new Set(changed.flatMap((id) => storeOf(on, id) ?? []));
  for (const store of stores) await on.state.hintFeeds(store, on.clock.now());
}

const RETRY_MS = 60_000;

/**
 * Asks who takes part, and makes it so. Answers milliseconds until it is to be done again. Trouble of directory or CRM is told;
 * those who took part before go on.
 */
export async function refresh(on: Machine): Promise<number> {
  const at = on.attached;
  if (at === null) return RETRY_MS;
  try {
    // Another process may have let the organisation go: then there is nobody to work for, whatever token is still at hand.
    if ((await at.platform.standing()).state === 'disconnected') {
      await on.source.reconnect?.();
      return RETRY_MS;
    }
    await take(on, at, await at.scheduled.refresh());
    on.tally.add('refreshes', ['done']);
    return at.pace.rosterMs * (0.9 + 0.2 * on.random.next());
  } catch (error) {
    if (!isAdapterError(error) && !(error instanceof InputError)) throw error;
    const kind = isAdapterError(error) ? error.kind : 'invalid';
    const remedy = isAdapterError(error) ? (error.remedy ?? null) : null;
    const retryAt = on.clock.now() + RETRY_MS;
    on.tally.add('refreshes', ['failed']);
    on.tally.add('errors', [kind]);
    const { message } = error;
    on.feed.publish({ type: 'error', laneId: null, label: 'roster', kind, message, remedy, retryAt });
    return RETRY_MS;
  }
}
