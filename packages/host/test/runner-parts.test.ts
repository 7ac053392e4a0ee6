import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { revisionOf } from '../src/lane-revision.ts';
import { createCircuit } from '../src/runner/circuit.ts';
import { createEventFeed } from '../src/runner/events.ts';
import { createReadyLanes } from '../src/runner/ready.ts';
import { createSharedPace } from '../src/runner/shared-pace.ts';
import { createTraffic } from '../src/traffic.ts';

describe('the feed of events', () => {
  const open = (kept = 5) => {
    let now = 1_000;
    const feed = createEventFeed({ now: () => now, kept });
    const say = (late: number) => feed.publish({ type: 'lag', late, worstMs: 0 });
    return { feed, say, later: (ms: number) => (now += ms) };
  };
  const lates = (events: readonly { readonly of: object }[]) =>
    events.map(({ of }) => ('late' in of ? of.late : null));

  it('goes on behind an id, and says when something is missing', () => {
    const { feed, say } = open();
    say(1);
    const first = feed.last;
    for (const n of [2, 3]) say(n);
    expect(lates(feed.after(first).events)).toEqual([2, 3]);
    expect(feed.after(first).complete).toBe(true);
    expect(feed.after(feed.last)).toEqual({ events: [], complete: true });
    expect(feed.after(null)).toEqual({ events: [], complete: true });
    for (const n of [4, 5, 6, 7]) say(n);
    expect(lates(feed.after(first).events)).toEqual([3, 4, 5, 6, 7]);
    expect(feed.after(first).complete).toBe(false);
  });

  it('takes an id of another process for what it is', () => {
    const before = open();
    before.say(1);
    const { feed, say, later } = open();
    later(0);
    say(9);
    expect(feed.after(7).complete).toBe(false);
    expect(feed.after(feed.last + 50).complete).toBe(false);
    expect(before.feed.last).toBeGreaterThan(0);
  });

  it('keeps a bounded number, whatever happens', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 0, max: 60 }), (kept, said) => {
        const { feed, say } = open(kept);
        const start = feed.last;
        for (let n = 0; n < said; n++) say(n);
        const { events, complete } = feed.after(start);
        expect(events).toHaveLength(Math.min(kept, said));
        expect(complete).toBe(said <= kept);
        expect(events.map(({ id }) => id)).toEqual([...events.map(({ id }) => id)].sort((a, b) => a - b));
      }),
    );
  });

  it('tells listeners until they leave, and leaves out one that throws', () => {
    const { feed, say } = open();
    const heard: number[] = [];
    let thrown = 0;
    const leave = feed.listen(({ id }) => heard.push(id));
    feed.listen(() => {
      thrown += 1;
      throw new Error('gone');
    });
    say(1);
    say(2);
    leave();
    say(3);
    expect([heard.length, thrown]).toEqual([2, 1]);
  });
});

describe('lanes that wait for their turn', () => {
  const lane = (laneId: string, turn: 'interactive' | 'regular' | 'loading') => ({
    laneId,
    tenantId: 't',
    turn,
  });

  it('come by class, each once, and loads only where there is room for them', () => {
    const ready = createReadyLanes();
    for (const one of [lane('load', 'loading'), lane('due', 'regular'), lane('edit', 'regular')])
      ready.add(one);
    ready.add(lane('edit', 'interactive'));
    ready.add(lane('due', 'loading'));
    expect(ready.size).toBe(3);
    expect(ready.next({ loads: false })?.laneId).toBe('edit');
    expect(ready.next({ loads: false })?.laneId).toBe('due');
    expect(ready.next({ loads: false })).toBeNull();
    expect(ready.next({ loads: true })?.laneId).toBe('load');
    expect(ready.next({ loads: true })).toBeNull();
  });

  it('come one of each tenant in turn, also when others come meanwhile', () => {
    const ready = createReadyLanes();
    const of = (tenantId: string, n: number) => ({ ...lane(`${tenantId}${n}`, 'regular'), tenantId });
    for (const n of [1, 2, 3]) ready.add(of('large', n));
    ready.add(of('small', 1));
    const served = [1, 2, 3, 4, 5].map((n) => {
      const next = ready.next({ loads: true })?.laneId;
      if (n === 2) ready.add(of('small', 2));
      return next;
    });
    expect(served).toEqual(['large1', 'small1', 'large2', 'small2', 'large3']);
  });

  it.each([10, 1_000])('cost the same to add and to take, with %d of them', (count) => {
    const ready = createReadyLanes();
    let looked = 0;
    const counted = (laneId: string) =>
      new Proxy(lane(laneId, 'regular'), {
        get(of, key) {
          looked += 1;
          return Reflect.get(of, key) as unknown;
        },
      });
    for (let n = 0; n < count; n += 1) ready.add(counted(String(n)));
    looked = 0;
    ready.next({ loads: true });
    ready.add(counted('another'));
    ready.next({ loads: true });
    expect(looked).toBeLessThan(40);
  });

  it('are all served, whatever comes in which order', () => {
    const turns = fc.constantFrom('interactive' as const, 'regular' as const, 'loading' as const);
    const act = fc.oneof(fc.record({ id: fc.integer({ min: 0, max: 9 }), turn: turns }), fc.constant(null));
    fc.assert(
      fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
        const ready = createReadyLanes();
        const waiting = new Set<string>();
        for (const one of acts) {
          if (one !== null) {
            ready.add(lane(String(one.id), one.turn));
            waiting.add(String(one.id));
            continue;
          }
          const next = ready.next({ loads: true });
          expect(next === null).toBe(waiting.size === 0);
          if (next !== null) expect(waiting.delete(next.laneId)).toBe(true);
        }
        expect(ready.size).toBe(waiting.size);
      }),
    );
  });
});

describe('a service that is down', () => {
  it('is tried by one lane at a time, later each time, and by all once it answers', () => {
    const circuit = createCircuit();
    for (const id of ['a', 'a', 'b', 'c', 'd']) circuit.failed(id, 'unavailable', 0);
    expect(circuit.allows(6, 0)).toBe(6);
    circuit.failed('e', 'auth', 0);
    expect([circuit.allows(6, 4_999), circuit.allows(6, 5_000)]).toEqual([0, 1]);
    circuit.failed('a', 'unavailable', 5_000);
    expect([circuit.allows(6, 14_999), circuit.allows(6, 15_000)]).toEqual([0, 1]);
    circuit.succeeded();
    expect([circuit.allows(6, 5_001), circuit.openUntil]).toEqual([6, null]);
  });

  it('is not seen in failures that are of one mailbox', () => {
    const circuit = createCircuit();
    for (const id of ['a', 'b', 'c', 'd', 'e', 'f']) circuit.failed(id, 'not_found', 0);
    expect(circuit.allows(6, 0)).toBe(6);
  });
});

describe('the pace of a shared feed', () => {
  const poll = { floorMs: 30_000, ceilingMs: 60_000 };

  it('is quick while something changes, slower while nothing does, and backs off after failures', () => {
    const pace = createSharedPace(() => 0.5);
    expect(pace.next('crm', { changes: 3, poll })).toBe(30_000);
    expect(pace.next('crm', { changes: 0, poll })).toBe(45_000);
    expect(pace.next('crm', { changes: 0, poll })).toBe(60_000);
    expect(pace.next('other', { changes: 0, poll })).toBe(30_000);
    expect([pace.failed('crm'), pace.failed('crm'), pace.failed('other')]).toEqual([5_000, 10_000, 5_000]);
    expect(pace.next('crm', { changes: 1, poll })).toBe(30_000);
    expect(pace.failed('crm')).toBe(5_000);
  });
});

describe('the revision of a lane', () => {
  it('looks once at what many lanes have in common, and tells apart what is different', () => {
    let looks = 0;
    const mapping = {
      fields: ['email'],
      toJSON() {
        looks += 1;
        return this.fields;
      },
    };
    const ids = Array.from({ length: 50 }, (_, n) => `lane-${n}`);
    const once = ids.map((id) => revisionOf([mapping], { id }));
    expect(looks).toBe(1);
    expect(new Set(once).size).toBe(50);
    expect(revisionOf([{ fields: ['email'] }], { id: 'a' })).toBe(
      revisionOf([{ fields: ['email'] }], { id: 'a' }),
    );
    expect(revisionOf([{ fields: ['email'] }], { id: 'a' })).not.toBe(
      revisionOf([{ fields: [] }], { id: 'a' }),
    );
  });
});

describe('requests', () => {
  it('are counted by connection and by how they ended, and answered as they were', async () => {
    const traffic = createTraffic();
    const answers = [200, 204, 404, 429, 503, 500];
    const through = traffic.through('crm', async () => {
      const status = answers.shift();
      if (status === undefined) throw new TypeError('fetch failed');
      return new Response(null, { status });
    });
    const seen: number[] = [];
    for (let n = 0; n < 6; n += 1) seen.push((await through('https://crm.example/')).status);
    await expect(through('https://crm.example/')).rejects.toThrow('fetch failed');
    expect(seen).toEqual([200, 204, 404, 429, 503, 500]);
    expect(traffic.read()).toEqual([
      { connection: 'crm', outcome: 'ok', count: 2 },
      { connection: 'crm', outcome: 'refused', count: 1 },
      { connection: 'crm', outcome: 'throttled', count: 2 },
      { connection: 'crm', outcome: 'failed', count: 1 },
      { connection: 'crm', outcome: 'unanswered', count: 1 },
    ]);
  });
});
