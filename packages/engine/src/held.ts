import { AdapterError, type HeldDeletes, type SyncState } from '@tidelock/core';
import { type Core, now, state, uuid } from './effect.ts';
import type { Lane } from './lane.ts';
import { LEASE } from './policy.ts';

/**
 * A person said "keep" to held deletes: the pairs are unlinked for good, the surviving records stay, and the question
 * is never asked again. Throws `conflict` while another worker has the lane.
 */
export function* keepHeld(of: {
  readonly lane: Lane;
  readonly held: HeldDeletes;
  readonly owner: string;
}): Core<void> {
  const laneId = of.lane.spec.id;
  const wall = yield* now();
  const lease = yield* state('acquireLane', { laneId, owner: of.owner, now: wall, ttlMs: LEASE.ttl });
  if (lease === null) {
    throw new AdapterError('conflict', 'Another process is working on this lane.', {
      operation: 'held.keep',
      remedy: 'Try again when it has finished.',
    });
  }
  const guard = { laneId, fence: lease.fence };
  const links = yield* state('links', laneId, { by: 'id', ids: of.held.linkIds });
  const runId = yield* uuid();
  yield* state('commitLane', {
    guard,
    now: wall,
    links: links.map((link) => ({
      link: {
        ...link,
        status: 'detached',
        goneA: false,
        goneB: false,
        cleanA: link.dirtyA,
        cleanB: link.dirtyB,
      },
    })),
    held: null,
    history: links.map((link, seq) => ({
      runId,
      seq,
      laneId,
      linkId: link.id,
      side: of.held.side,
      op: 'unlink',
      field: null,
      old: null,
      new: null,
      rule: 'kept by a person',
      intentId: null,
      cause: null,
      mapping: null,
      at: wall,
    })),
  });
  yield* state('releaseLane', {
    guard,
    now: wall,
    doneSeq: -1,
    dueAt: wall,
    errorKind: null,
    scopeHash: null,
  });
}

/** Approves what is held under this hash, or refuses it for good. Throws `conflict` for another hash. */
export async function decideHeld(
  of: {
    readonly state: SyncState;
    readonly laneId: string;
    readonly hash: string;
    readonly decision: 'apply' | 'keep';
    /** Milliseconds since the epoch. */
    readonly now: number;
  },
  keep: (held: HeldDeletes) => Promise<void>,
): Promise<void> {
  const row = (await of.state.lanes()).find((lane) => lane.id === of.laneId);
  if (row?.held?.hash !== of.hash) {
    throw new AdapterError('conflict', 'These deletes are not (or no longer) held under that hash.', {
      operation: 'held.decide',
      remedy: 'Run plan again and use the hash it prints.',
    });
  }
  await (of.decision === 'apply' ? of.state.approveHeld(of.laneId, of.hash, of.now) : keep(row.held));
}
