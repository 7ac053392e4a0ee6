import type { CrmPort, PushVerdict } from '@tidelock/core';
import { describe, expect, it } from 'vitest';
import { createHints, type Hinted } from '../src/push/hints.ts';
import { createCrmHook } from '../src/push/receive-crm.ts';
import { createRefusals } from '../src/push/refusals.ts';
import { quiet } from './fake-folder.ts';
import { createTestClock, createTestState } from './push-world.ts';

const PATH = 'c'.repeat(48);

/** A hook of one CRM that judges every request like this, and the seconds in which its store is hinted at. */
function createWorld(verdict: PushVerdict) {
  const { clock, advance } = createTestClock();
  const state = createTestState();
  const { signal } = new AbortController();
  const of = { clock, log: quiet, signal };
  const hints = createHints({ ...of, sync: state.sync, push: state.push });
  const heard: Hinted[] = [];
  hints.onHint((hinted) => void heard.push(hinted));
  const hook = createCrmHook({
    ...{ clock, signal, hints, paths: { mailbox: '', crm: () => PATH } },
    refusals: createRefusals({ ...of, record: async () => undefined }),
    crms: () => new Map([['crm', { verifyPush: () => verdict } as unknown as CrmPort]]),
    loneLanes: () => [],
  });
  return {
    heard,
    advance,
    push: () =>
      hook.receive({
        crm: 'crm',
        path: PATH,
        request: { method: 'POST', url: 'https://tidelock.example', headers: {}, body: new Uint8Array() },
      }),
    async secondsOfHints(seconds: number): Promise<readonly number[]> {
      const found: number[] = [];
      for (let tenth = 0; tenth < seconds * 10; tenth += 1) {
        const before = state.stores.length;
        await advance(100);
        if (state.stores.length > before) found.push(Math.round((tenth + 1) / 10));
      }
      return found;
    },
  };
}

describe('what a CRM pushes', () => {
  it('that shows it at once has one look', async () => {
    const world = createWorld({ accepted: true, hints: 1, kinds: ['contact'] });
    expect(world.push().status).toBe(202);
    expect(await world.secondsOfHints(20)).toEqual([0]);
  });

  it('that shows it later has a look soon, at the time that it usually takes, and when it is sure to be shown', async () => {
    const world = createWorld({ accepted: true, hints: 1, kinds: ['contact'], settlesMs: 10_000 });
    expect(world.push().status).toBe(202);
    expect(await world.secondsOfHints(20)).toEqual([0, 2, 4, 11]);
  });

  it('names records by the store that they are of, together with the hint and once', async () => {
    const records = [
      { kind: 'contact', id: '7' },
      { kind: 'event', id: '8' },
      { kind: 'contact', id: '9' },
    ] as const;
    const world = createWorld({ accepted: true, hints: 3, records, settlesMs: 10_000 });
    world.push();
    world.push();
    await world.advance(50);
    const named = world.heard.map((hinted) => [...hinted.named]);
    expect(named.flat()).toEqual([
      ['crm:contact', ['7', '9']],
      ['crm:event', ['8']],
    ]);
    expect(world.heard[0]?.stores).toEqual(['crm:contact', 'crm:event']);
    // The looks that follow are at the feeds.
    await world.advance(2_000);
    await world.advance(50);
    expect(world.heard.length).toBeGreaterThan(1);
    expect(world.heard.at(-1)?.named.size).toBe(0);
  });

  it('names none where there are so many that the feed is cheaper', async () => {
    const records = Array.from({ length: 201 }, (_, id) => ({ kind: 'contact', id: String(id) }) as const);
    const world = createWorld({ accepted: true, hints: 201, records });
    world.push();
    await world.advance(50);
    expect(world.heard.map(({ stores, named }) => [stores.length, named.size])).toEqual([[2, 0]]);
  });
});
