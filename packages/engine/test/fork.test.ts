import { AdapterError, type RecordStore, type SyncState } from '@tidelock/core';
import { describe, expect, it } from 'vitest';
import { type Core, drive, type World } from '../src/index.ts';
import { createWorld, person } from './world.ts';

/** A store whose writes wait to be let through. */
function gated(fail: (nth: number) => boolean = () => false) {
  const waiting: (() => void)[] = [];
  /** How many were waiting, each time one was let through. */
  const depths: number[] = [];
  let begun = 0;
  const through = (store: RecordStore): RecordStore => ({
    ...store,
    async write(batch, options) {
      const nth = ++begun;
      await new Promise<void>((resolve) => waiting.push(resolve));
      if (fail(nth)) throw new AdapterError('unavailable', 'down', { operation: 'x' });
      return store.write(batch, options);
    },
  });
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  /** Lets the oldest write through whenever nothing else moves, until the work has ended. */
  const play = async <T>(work: Promise<T>): Promise<T> => {
    let ended = false;
    const end = work.finally(() => {
      ended = true;
    });
    end.catch(() => {});
    while (!ended) {
      for (let idle = 0; idle < 3; idle++) await turn();
      if (waiting.length > 0) depths.push(waiting.length);
      waiting.shift()?.();
    }
    return end;
  };
  return { through, play, depths };
}

describe('chunks side by side', () => {
  it('send the next one while one is on the wire, after a first one that went alone, and do not wait for each other', async () => {
    const gate = gated();
    const world = await createWorld({ throughB: gate.through });
    for (let n = 0; n < 1_900; n++) await world.a.oracle.userCreate(person(n));
    const [report] = await gate.play(world.engine.round());
    expect(report).toMatchObject({ status: 'done', counts: { created: 1_900 } });
    expect(gate.depths).toEqual([1, 4, 4, 4, 4, 4, 4, 3, 2, 1]);
    const made = await world.b.oracle.all();
    expect(new Set(made.map(({ fields }) => fields.Email ?? fields.email)).size).toBe(1_900);
    expect(await world.state.sync.openIntentsOf('lane-1')).toEqual([]);
    await world.close();
  });

  it('are under way from the start in a pass that goes on with what one just before it has left', async () => {
    const gate = gated();
    const world = await createWorld({ throughB: gate.through, policy: { maxLinks: 1_000 } });
    for (let n = 0; n < 1_900; n++) await world.a.oracle.userCreate(person(n));
    const [cut] = await gate.play(world.engine.round());
    expect(cut).toMatchObject({ counts: { created: 1_000 }, backlog: true });
    expect(gate.depths).toEqual([1, 4, 3, 2, 1]);
    gate.depths.length = 0;
    const [report] = await gate.play(world.engine.round());
    expect(report).toMatchObject({ counts: { created: 900 } });
    expect(gate.depths).toEqual([4, 4, 3, 2, 1]);
    await world.close();
  });

  it('do not wait for each other either where known pairs are written', async () => {
    const gate = gated();
    const world = await createWorld({ throughB: gate.through });
    for (let n = 0; n < 1_500; n++) await world.a.oracle.userCreate(person(n));
    await gate.play(world.engine.sync());
    world.advance(600_000);
    for (const { id } of await world.a.oracle.all())
      await world.a.oracle.userUpdate(id, { phone: '+12025559999' });
    gate.depths.length = 0;
    const [report] = await gate.play(world.engine.round());
    expect(report).toMatchObject({ status: 'done', counts: { updated: 1_500 } });
    expect(gate.depths).toEqual([1, 4, 4, 4, 4, 3, 2, 1]);
    await world.close();
  });

  it('are two where other lanes have their turn at the same time, also in a pass that goes on to its end', async () => {
    const gate = gated();
    const world = await createWorld({ throughB: gate.through });
    for (let n = 0; n < 1_900; n++) await world.a.oracle.userCreate(person(n));
    // Too many planned links to stand still with: nobody waits in the middle of it.
    await gate.play(world.engine.round({ others: 9 }));
    expect(await world.b.oracle.all()).toHaveLength(1_900);
    expect(Math.max(...gate.depths)).toBe(2);
    await world.close();
  });

  it('are two where the service takes a chunk in many requests', async () => {
    const gate = gated();
    const inTwenties = (store: RecordStore): RecordStore => ({
      ...store,
      async probe(options) {
        const found = await store.probe(options);
        return { ...found, capabilities: { ...found.capabilities, batch: { read: 200, write: 20 } } };
      },
    });
    const world = await createWorld({ throughB: (store) => gate.through(inTwenties(store)) });
    for (let n = 0; n < 1_900; n++) await world.a.oracle.userCreate(person(n));
    await gate.play(world.engine.round());
    expect(await world.b.oracle.all()).toHaveLength(1_900);
    expect(Math.max(...gate.depths)).toBe(2);
    await world.close();
  });

  it('are one after the other for whoever numbers effects', async () => {
    const gate = gated();
    const world = await createWorld({ throughB: gate.through });
    for (let n = 0; n < 700; n++) await world.a.oracle.userCreate(person(n));
    const engine = await world.restart({ onEffect: () => {} });
    await gate.play(engine.round());
    expect(Math.max(...gate.depths)).toBe(1);
    expect(await world.b.oracle.all()).toHaveLength(700);
    await world.close();
  });

  it('let the one beside it end when one fails, and what was made stays made', async () => {
    const gate = gated((nth) => nth === 2);
    const world = await createWorld({ throughB: gate.through });
    for (let n = 0; n < 700; n++) await world.a.oracle.userCreate(person(n));
    const [failed] = await gate.play(world.engine.round());
    expect(failed).toMatchObject({ status: 'failed', error: { kind: 'unavailable' } });
    expect((await world.state.sync.lanes())[0]?.leaseOwner).toBeNull();
    const made = await world.b.oracle.all();
    expect(made.length).toBeGreaterThanOrEqual(400);
    world.advance(200_000);
    const report = await gate.play(world.engine.sync());
    expect(report.settled).toBe(true);
    expect(await world.b.oracle.all()).toHaveLength(700);
    await world.close();
  });
});

describe('records that match nobody', () => {
  it.each([
    { inOrder: false, most: 2 },
    { inOrder: true, most: 1 },
  ])('are stored beside one another, each once (in order: $inOrder)', async ({ inOrder, most }) => {
    const world = await createWorld();
    for (let n = 0; n < 1_300; n++) await world.a.oracle.userCreate(person(n));
    const atOnce: number[] = [];
    let underWay = 0;
    const commitLane: SyncState['commitLane'] = async (commit) => {
      if (commit.links?.every(({ link }) => link.status === 'half') !== true) {
        await world.state.sync.commitLane(commit);
        return;
      }
      atOnce.push(++underWay);
      await new Promise<void>((resolve) => setImmediate(resolve));
      await world.state.sync.commitLane(commit);
      underWay -= 1;
    };
    const engine = await world.restart({ state: { ...world.state.sync, commitLane }, inOrder });
    await engine.sync();
    expect(Math.max(...atOnce)).toBe(most);
    const ids = (await world.b.oracle.all()).map(({ fields }) => fields.email);
    expect([ids.length, new Set(ids).size]).toEqual([1_300, 1_300]);
    await world.close();
  });
});

describe('the driver', () => {
  const world = (inOrder: boolean): World => ({ clock: { now: () => 1 }, inOrder }) as unknown as World;
  function* part(name: string, log: string[], error?: Error): Core<void> {
    log.push(`${name}1`);
    yield { kind: 'now' };
    log.push(`${name}2`);
    if (error !== undefined) throw error;
  }
  function* both(log: string[], errors: readonly (Error | undefined)[]): Core<string> {
    yield { kind: 'fork', parts: [part('a', log, errors[0]), part('b', log, errors[1])] };
    log.push('joined');
    return 'done';
  }

  it('steps parts in turns, or one after the other', async () => {
    const log: string[] = [];
    expect(await drive(both(log, []), world(false))).toBe('done');
    expect(log).toEqual(['a1', 'b1', 'a2', 'b2', 'joined']);
    const ordered: string[] = [];
    await drive(both(ordered, []), world(true));
    expect(ordered).toEqual(['a1', 'a2', 'b1', 'b2', 'joined']);
  });

  it.each([true, false])(
    'throws the first error when all parts have ended (in order: %s)',
    async (inOrder) => {
      const log: string[] = [];
      await expect(drive(both(log, [new Error('first')]), world(inOrder))).rejects.toThrow('first');
      expect(log).toContain('b2');
      expect(log).not.toContain('joined');
    },
  );
});
