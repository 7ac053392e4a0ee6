import type { Link } from '@tidelock/core';
import { describe, expect, it } from 'vitest';
import { createMemoryState } from '../src/memory-state.ts';
import type { Sim } from '../src/sim.ts';
import type { Desk } from '../src/watch-desk.ts';
import { checkLooks } from '../src/watch-lane.ts';

const PLANNED = 1_000_000;
const ASKED = PLANNED + 300_000;
const ENDED = PLANNED + 10;
const FORGOTTEN = /waits for a second look, and nobody comes back for it/;
const BESIDE = { store: 'B', scopeHash: null, pageHash: null, scanning: false, gen: 1, now: ENDED };

const waiting = (id: string, nextAt: number): Link => {
  const ref = { id, inc: 0, version: 'v1', mono: '1', stamp: null, gen: 1 };
  const quarantine = { class: 'transient', code: 'second-look', message: '', inputHash: '', attempts: 1 };
  return {
    ...{ laneId: 'lane-0', id: `link-${id}`, status: 'live', a: ref, b: { ...ref, id: `b-${id}` } },
    ...{ shownA: {}, shownB: {}, goneA: true, goneB: false, holds: [], updatedAt: 0, seenA: '', seenB: '' },
    ...{ quarantine: { ...quarantine, nextAt }, dirtyA: 0, dirtyB: 0, cleanA: 0, cleanB: 0 },
  } as Link;
};

/** A pass leaves these looks, another process reports some of them after it asked, and it names its usual five minutes. */
function leave(looks: Readonly<Record<string, number>>, of: { reported: readonly string[]; heard?: true }) {
  const { tables, twin, callSync } = createMemoryState();
  const spec = { id: 'lane-0', tenantId: 't', storeA: 'A', storeB: 'B', label: '' };
  twin.saveLanes([spec], 0);
  twin.saveFeeds([{ id: 'B/main', store: 'B', side: 'b', key: 'main' }]);
  const lane = twin.acquireLane({ laneId: spec.id, owner: 'pass', now: PLANNED, ttlMs: 60_000 });
  const feed = twin.acquireFeed({ feed: 'B/main', owner: 'reader', now: PLANNED, ttlMs: 60_000 });
  const guard = { laneId: spec.id, fence: lane?.fence ?? 0 };
  const links = Object.entries(looks).map(([id, nextAt]) => ({ link: waiting(id, nextAt) }));
  twin.commitLane({ guard, now: PLANNED, links });
  const marks = of.reported.map((id) => ({ side: 'b', linkId: `link-${id}`, kind: 'dirty' }) as const);
  const lanes = [{ laneId: spec.id, marks, suspects: [] }];
  if (marks.length > 0)
    twin.commitObservations({ ...BESIDE, feed: 'B/main', fence: feed?.fence ?? 0, cursor: '1', lanes });
  const doneSeq = of.heard === true ? (tables.lanes.get(spec.id)?.row.dirtySeq ?? 0) : 0;
  const request = { guard, now: ENDED, doneSeq, dueAt: ENDED + 300_000, errorKind: null, scopeHash: null };
  twin.releaseLane(request);
  const caps = { caps: { lagSeconds: 20 } };
  const sim = { options: { a: caps, b: caps }, state: { tables, callSync }, count() {} } as unknown as Sim;
  const desk = { sim, lane: 0, plannedAt: PLANNED, askedUntil: ASKED, approved: null } as unknown as Desk;
  return () => checkLooks(desk, { args: [request] });
}

describe('S15: whoever leaves a second look behind comes back for it', () => {
  const near = PLANNED + 20_000;
  const far = ASKED + 60_000;

  it('is not blamed for one further ahead that another process reports after the pass had asked', () => {
    expect(leave({ far }, { reported: ['far'] })).not.toThrow();
  });

  it('fails where the lane is left to rest although that was reported', () => {
    expect(leave({ far }, { reported: ['far'], heard: true })).toThrow(FORGOTTEN);
  });

  it('fails for one that the pass could see, whatever was reported', () => {
    expect(leave({ near }, { reported: [] })).toThrow(FORGOTTEN);
    expect(leave({ near }, { reported: ['near'] })).toThrow(FORGOTTEN);
    expect(leave({ a: far, near }, { reported: ['a'] })).toThrow(FORGOTTEN);
  });
});
