import type { FeedCommit, LaneCommit } from '@tidelock/core';
import type { Effect } from '@tidelock/engine';
import { liveLinks } from './watch-brake.ts';
import type { Desk } from './watch-desk.ts';

type Touching = Extract<Effect, { kind: 'store' | 'state' }>;

/** Where in a pass an effect stands, by what was asked before it. */
export function phaseOf(desk: Desk, effect: Touching): string {
  if (effect.kind !== 'state') return desk.phase;
  if (effect.method === 'suspects') {
    const why = (effect.args[1] as { why?: readonly string[] }).why ?? [];
    return why.includes('removed') ? 'verify' : 'match';
  }
  if (effect.method === 'openIntentsOf') return desk.phase === 'start' ? 'recover' : desk.phase;
  if (effect.method === 'links' && (effect.args[1] as { by: string }).by === 'work') {
    if (desk.phase !== 'plan') desk.live = liveLinks(desk);
    return 'plan';
  }
  return desk.phase;
}

const ROW_OF: Readonly<Record<string, string>> = {
  acquireLane: '1',
  changes: '2',
  openIntents: '9',
  releaseLane: '16',
};

function commitRow(desk: Desk, commit: LaneCommit): string {
  const closed = commit.closed ?? [];
  if (closed.some((item) => item.state === 'confirmed')) return '13';
  if (closed.length > 0) return '15';
  return desk.phase === 'verify' ? '7' : '7*';
}

export function crashRow(desk: Desk, effect: Touching): string | null {
  const row = ROW_OF[effect.method];
  if (row !== undefined) return row;
  if (effect.method === 'read') return desk.phase === 'verify' ? '6' : desk.phase === 'plan' ? '8' : null;
  if (effect.method === 'commitLane') return commitRow(desk, effect.args[0] as LaneCommit);
  if (effect.method !== 'commitObservations') return null;
  const commit = effect.args[0] as FeedCommit;
  const was = desk.sim.state.tables.feeds.get(commit.feed);
  if (commit.gen !== was?.gen) return '4';
  return was.scanning && !commit.scanning ? '5' : '3';
}
