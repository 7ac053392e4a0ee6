import type { FeedRow, Link, RecordStore, Suspect } from '@tidelock/core';
import { afterEach, describe, expect, it } from 'vitest';
import { type Core, type Effect, type Engine, why } from '../src/index.ts';
import type { Pass } from '../src/lane.ts';
import { SCOPE_FEED } from '../src/scan.ts';
import { waitForScope } from '../src/scope-wait.ts';
import type { Work } from '../src/work.ts';
import { createWorld, person, type TestWorld } from './world.ts';

let world: TestWorld | undefined;
afterEach(async () => {
  await world?.close();
  world = undefined;
});

/** A CRM whose filter can be narrowed. */
function filtered(on: { scope: string; hidden: Set<string> }) {
  return (store: RecordStore): RecordStore => ({
    ...store,
    feeds: async () => (await store.feeds()).map((feed) => ({ ...feed, scopeHash: on.scope })),
    async changes(feed, cursor) {
      const page = await store.changes(feed, cursor);
      return { ...page, changes: page.changes.filter((change) => !on.hidden.has(change.id)) };
    },
  });
}

const quiet = { created: 0, updated: 0, deleted: 0, linked: 0 };

/** Twelve pairs in step; from here on another process has the feed of the CRM, and its filter is another one. */
async function narrowed() {
  const on = { scope: 'wide', hidden: new Set<string>() };
  world = await createWorld({ throughB: filtered(on) });
  const { a, b, engine, restart, state } = world;
  for (let n = 0; n < 12; n++) await a.oracle.userCreate(person(n));
  await engine.sync();
  const recordOf = async (side: 'a' | 'b', n: number): Promise<string> => {
    const all = await (side === 'a' ? a : b).oracle.all();
    return all.find(({ fields }) => fields.email === person(n).email)?.id ?? '';
  };
  const taken = { now: true };
  on.scope = 'narrow';
  const narrow = await restart({
    state: {
      ...state.sync,
      acquireFeed: async (request) =>
        taken.now && request.feed.startsWith('crm:') ? null : state.sync.acquireFeed(request),
    },
  });
  return { world, on, taken, narrow, recordOf };
}

const countsOf = async (engine: Engine) => (await engine.round())[0]?.counts;

async function explained({ state }: TestWorld, id: string): Promise<string> {
  const [link] = await state.sync.links('lane-1', { by: 'native', side: 'b', ids: [id] });
  const [lane] = await state.sync.lanes();
  if (link === undefined || lane === undefined) throw new Error('no such pair');
  const history = await state.sync.history('lane-1', { linkId: link.id, limit: 100 });
  const policy = { create: { a: true, b: true }, onDelete: { a: 'delete', b: 'delete' } } as const;
  const none = { suspects: [], reviews: [], intents: [], rules: [], mapping: null };
  return why({ link, history, lane, policy, ...none })[0]?.text ?? '';
}

describe('a filter was narrowed, and somebody else reads its feed', () => {
  it('deletes nothing that the filter may leave out, says why, and goes on with everything else', async () => {
    const { world, on, taken, narrow, recordOf } = await narrowed();
    const { a, b, state } = world;
    const left = await recordOf('b', 3);
    on.hidden.add(left);
    await a.oracle.userDelete(await recordOf('a', 3));
    await a.oracle.userUpdate(await recordOf('a', 4), { notes: 'goes on' });
    await a.oracle.userCreate(person(12));
    expect(await countsOf(narrow)).toMatchObject({ ...quiet, created: 1, updated: 1 });
    expect(await countsOf(narrow)).toMatchObject(quiet);
    expect(await b.oracle.all()).toHaveLength(13);
    expect(await explained(world, left)).toMatch(
      /filter or owner was changed.*Leaving a filter never deletes/,
    );
    const [link] = await state.sync.links('lane-1', { by: 'native', side: 'b', ids: [left] });
    const said = await state.sync.history('lane-1', { linkId: link?.id ?? '', limit: 100 });
    expect(said.filter(({ op }) => op === 'hold').map(({ rule }) => rule)).toEqual([
      'deleted on a; waits for the changed filter',
    ]);

    taken.now = false;
    expect((await narrow.sync()).lanes[0]).toMatchObject({ counts: quiet, held: null });
    expect((await b.oracle.all()).map(({ id }) => id)).toContain(left);
    const [kept] = await state.sync.links('lane-1', { by: 'native', side: 'b', ids: [left] });
    expect(kept?.status).toBe('detached');
  });

  it('is shown in a plan, and such a row is not carried out before', async () => {
    const { world, taken, narrow, recordOf } = await narrowed();
    const { a, b } = world;
    await a.oracle.userDelete(await recordOf('a', 3));
    const [report] = await narrow.plan();
    expect(report?.plan).toMatchObject([
      { action: 'delete', side: 'b', rule: 'deleted on a; waits for the changed filter', held: null },
    ]);
    const rows = new Map([['lane-1', report?.plan ?? []]]);
    await narrow.apply(rows, { maxRounds: 2 });
    expect(await b.oracle.all()).toHaveLength(12);
    taken.now = false;
    await narrow.apply(rows);
    expect(await b.oracle.all()).toHaveLength(11);
  });

  it('deletes what the filter still takes as soon as its records have been listed', async () => {
    const { world, taken, narrow, recordOf } = await narrowed();
    const { a, b } = world;
    await a.oracle.userDelete(await recordOf('a', 3));
    expect(await countsOf(narrow)).toMatchObject(quiet);
    taken.now = false;
    expect((await narrow.sync()).lanes[0]?.counts).toMatchObject({ ...quiet, deleted: 1 });
    expect(await b.oracle.all()).toHaveLength(11);
  });
});

describe('a filter was narrowed, and whoever listed its records died before it looked at what was left out', () => {
  it('deletes no partner although such a record is removed then: nothing says that it was inside', async () => {
    const { world, on, taken, narrow, recordOf } = await narrowed();
    const { a, b, state } = world;
    const [left, inside] = [await recordOf('b', 3), await recordOf('b', 4)];
    taken.now = false;
    on.hidden.add(left);
    const dying = await world.restart({
      state: {
        ...state.sync,
        suspects: async (laneId, query) => {
          if (query.why?.includes('removed')) throw new Error('the process is gone');
          return state.sync.suspects(laneId, query);
        },
      },
    });
    await expect(dying.round()).rejects.toThrow('the process is gone');
    on.hidden.clear();
    await b.oracle.userDelete(left);
    await b.oracle.userDelete(inside);
    world.advance(120_000);
    expect((await narrow.sync()).lanes[0]?.counts).toMatchObject({ ...quiet, deleted: 1 });
    expect(await a.oracle.all()).toHaveLength(11);
    const [link] = await state.sync.links('lane-1', { by: 'native', side: 'b', ids: [left] });
    expect(link?.status).toBe('out');
  });
});

describe('which deletes wait for a changed scope (6.5)', () => {
  const LINK = { id: 'l', a: { id: 'a1' }, b: { id: 'b1' } } as Link;
  const work = (action: Work['plan']['action']): Work =>
    ({ plan: { action, link: LINK, writes: [] } }) as unknown as Work;
  const pass = {
    lane: { spec: { id: 'lane-1', storeA: 'A', storeB: 'B' }, feeds: { a: ['A/f'], b: ['B/f'] } },
    scopes: new Map([
      ['A/f', 'x'],
      ['B/f', 'x'],
    ]),
  } as unknown as Pass;

  function ask(scopes: Readonly<Record<string, string | null>>, suspects: readonly Suspect[] = []): number {
    const core: Core<ReadonlySet<Work>> = waitForScope(pass, [work('delete'), work('update')]);
    const answer = (effect: Effect): unknown => {
      if (effect.kind !== 'state') throw new Error('only the state is asked');
      const [store] = effect.args as readonly string[];
      if (effect.method === 'suspects') return suspects;
      return [{ id: `${store}/f`, scopeHash: scopes[store ?? ''] ?? null }] as Partial<FeedRow>[];
    };
    let step = core.next();
    while (!step.done) step = core.next(answer(step.value));
    return step.value.size;
  }
  const left = { side: 'b', id: 'b1', why: 'missing', feed: SCOPE_FEED } as Suspect;

  it.each([
    ['none, where both feeds were listed under their scopes', { A: 'x', B: 'x' }, [], 0],
    ['none, where a feed told several lanes', { A: 'x', B: 'w x' }, [], 0],
    ['none, where a feed was never read', { A: 'x', B: null }, [], 0],
    ['all, where the scope of the record changed', { A: 'x', B: 'y' }, [], 1],
    ['all, where that of its partner did', { A: 'y', B: 'x' }, [], 1],
    ['all, while the enumeration goes on', { A: 'x', B: 'moving:x' }, [], 1],
    ['one that was left out and was not looked at', { A: 'x', B: 'x' }, [left], 1],
    ['none, where somebody else was left out', { A: 'x', B: 'x' }, [{ ...left, id: 'b2' }], 0],
  ])('%s', (...[, scopes, suspects, size]) => {
    expect(ask(scopes, suspects)).toBe(size);
  });
});
