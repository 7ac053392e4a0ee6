import { AdapterError } from '@tidelock/core';
import { expect, it } from 'vitest';
import type { Core } from '../src/effect.ts';
import { emptyCounts, type Pass } from '../src/lane.ts';
import { type Ending, release, tryRelease } from '../src/release.ts';

const pass = {
  ...{ lane: { spec: { id: 'l' }, notifies: ['a'], mapping: { fields: [] }, policy: { events: {} } } },
  ...{ guard: { laneId: 'l', fence: 1 }, runId: 'r', counts: emptyCounts(), waiting: new Map(), more: true },
} as unknown as Pass;
const at: Ending = { doneSeq: 1, errorKind: null, waitMs: 0, row: null, moved: false, poll: undefined };

/** What the state is asked for; the lane is somebody else's where `lost`. */
function asked(core: Core<unknown>, lost: boolean): readonly unknown[] {
  const calls: unknown[] = [];
  try {
    for (let step = core.next(); !step.done; ) {
      const effect = step.value as {
        kind: string;
        method?: string;
        args?: readonly { stopReason?: unknown }[];
      };
      if (effect.method === 'finishRun') calls.push(['finishRun', effect.args?.[0]?.stopReason]);
      else if (effect.method !== undefined) calls.push(effect.method);
      const refused = new AdapterError('conflict', 'The lease was lost.', { operation: 'state.releaseLane' });
      step = lost && effect.method === 'releaseLane' ? core.throw(refused) : core.next(1);
    }
  } catch {
    calls.push('throws');
  }
  return calls;
}

it('is what lets a run say that it has done all: whoever has lost the lane cannot know (0549)', () => {
  expect(asked(release(pass, at), false)).toEqual(['releaseLane', ['finishRun', null]]);
  expect(asked(release(pass, at), true)).toEqual(['releaseLane', 'throws']);
});

it('comes after the reason of a pass that failed', () => {
  const failed: Ending = { ...at, errorKind: 'unavailable' };
  expect(asked(tryRelease(pass, failed), true)).toEqual([['finishRun', 'unavailable'], 'releaseLane']);
});
