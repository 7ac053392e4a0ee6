import assert from 'node:assert/strict';
import { isAdapterError, type Link, type LinkStatus, type Mark, type Side } from '@tidelock/core';
import * as fc from 'fast-check';
import type { StateCase } from './fixture.ts';
import { createLinkModel, type LinkModel } from './model.ts';
import { aLink, type Desk, desk, hold, holdFeed, idsOf, laneSpec, NOW, observe, sideRef } from './sample.ts';

const IDS = ['1', '2', '3', '4'];
const MONOS = ['', 'm1', 'm2', 'm3'];

type Step =
  | { readonly do: 'put'; readonly links: readonly Link[]; readonly marked: readonly Side[] }
  | { readonly do: 'mark'; readonly marks: readonly Mark[] }
  /** Puts back what was read, cleaned, with a mark in between. */
  | { readonly do: 'settle'; readonly id: string; readonly between: Mark | null }
  | { readonly do: 'takeover' }
  | { readonly do: 'stale' };

const side = fc.constantFrom<Side>('a', 'b');
const small = fc.integer({ min: 0, max: 6 });

const ref = fc.option(
  fc.record({
    id: fc.constantFrom('x1', 'x2', 'x3', 'x4', 'x5'),
    gen: small,
    mono: fc.constantFrom(...MONOS),
    container: fc.constantFrom('f1', 'f2'),
    closed: fc.constant(true as const),
  }),
  { freq: 5 },
);

const quarantine = fc.option(
  fc.constantFrom(null, NOW - 1, NOW + 1).map((nextAt) => ({
    ...{ class: 'item' as const, code: 'c', message: 'm', inputHash: 'h', attempts: 1 },
    nextAt,
  })),
  { freq: 2 },
);

const link: fc.Arbitrary<Link> = fc
  .record({
    id: fc.constantFrom(...IDS),
    status: fc.constantFrom<LinkStatus>('half', 'live', 'live', 'tomb', 'out', 'merged', 'detached'),
    ...{ refA: ref, refB: ref, quarantine, goneA: fc.boolean(), goneB: fc.boolean() },
    ...{ dirtyA: small, dirtyB: small, cleanA: small, cleanB: small },
    ...{ seenA: fc.constantFrom(...MONOS), seenB: fc.constantFrom(...MONOS) },
  })
  .map(({ refA, refB, id, ...rest }) =>
    aLink(id, { ...rest, a: refA && sideRef(refA.id, refA), b: refB && sideRef(refB.id, refB) }),
  );

const mark: fc.Arbitrary<Mark> = fc.record(
  {
    side,
    linkId: fc.constantFrom(...IDS),
    kind: fc.constantFrom<Mark['kind']>('dirty', 'clean'),
    version: fc.constantFrom('v1', 'v2', 'v3'),
    mono: fc.constantFrom(...MONOS),
    gen: small,
  },
  { requiredKeys: ['side', 'linkId', 'kind'] },
);

const links = fc.uniqueArray(link, { minLength: 1, maxLength: 4, selector: (item) => item.id });

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('put'), links, marked: fc.uniqueArray(side, { maxLength: 2 }) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('mark'), marks: fc.array(mark, { minLength: 1, maxLength: 3 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('settle'),
      id: fc.constantFrom(...IDS),
      between: fc.option(mark),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('takeover', 'stale') }) },
) as fc.Arbitrary<Step>;

async function accepted(work: Promise<unknown>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    if (isAdapterError(error) && error.kind === 'conflict') return false;
    throw error;
  }
}

interface World {
  readonly at: Desk;
  readonly model: LinkModel;
}

/** Does it to both; they must agree on whether it is refused. */
async function put({ at, model }: World, links: readonly Link[], marked: readonly Side[]): Promise<void> {
  const { guard } = at;
  const mine = links.map((item) => ({ ...item, laneId: guard.laneId }));
  const done = at.sync.commitLane({
    guard,
    now: NOW,
    links: mine.map((item) => ({ link: item, mark: marked })),
  });
  assert.equal(await accepted(done), model.put(mine, marked), 'one of them refused the put');
}

async function look({ at, model }: World, marks: readonly Mark[]): Promise<void> {
  const done = observe(at, { laneId: at.guard.laneId, marks });
  assert.equal(await accepted(done), model.mark(marks), 'one of them refused the marks');
}

async function settle(world: World, id: string, between: Mark | null): Promise<void> {
  const { sync, guard } = world.at;
  const [read] = await sync.links(guard.laneId, { by: 'id', ids: [id] });
  if (read === undefined) return;
  if (between !== null) await look(world, [between]);
  await put(world, [{ ...read, cleanA: read.dirtyA, cleanB: read.dirtyB }], []);
}

async function takeOver({ at, model }: World): Promise<World> {
  const guard = await hold(at.sync, at.guard.laneId);
  const feedFence = await holdFeed(at.sync);
  assert.ok(guard.fence > at.guard.fence && feedFence > at.feedFence, 'a fence went back');
  return { model, at: { ...at, guard, feedFence } };
}

async function refuseStale({ at }: World): Promise<void> {
  const { laneId, fence } = at.guard;
  const links = [{ link: aLink('1', { laneId }) }];
  assert.equal(
    await accepted(at.sync.commitLane({ guard: { laneId, fence: fence - 1 }, now: NOW, links })),
    false,
  );
  assert.equal(await accepted(observe({ ...at, feedFence: at.feedFence - 1 }, { laneId })), false);
}

async function apply(world: World, todo: Step): Promise<World> {
  if (todo.do === 'takeover') return takeOver(world);
  if (todo.do === 'put') await put(world, todo.links, todo.marked);
  if (todo.do === 'mark') await look(world, todo.marks);
  if (todo.do === 'settle') await settle(world, todo.id, todo.between);
  if (todo.do === 'stale') await refuseStale(world);
  return world;
}

async function compare({ at, model }: World): Promise<void> {
  const { sync, guard } = at;
  const { laneId } = guard;
  assert.deepEqual(await sync.links(laneId, { by: 'page', after: '', limit: 99 }), model.all());
  for (const now of [NOW - 1, NOW, NOW + 1]) {
    assert.deepEqual(await idsOf(sync, { by: 'work', now, limit: 99 }, laneId), model.work(now));
    const { suspects: _s, reviews: _r, openIntents: _o, ...counted } = await sync.counts(laneId, now);
    assert.deepEqual(counted, model.counts(now));
  }
  for (const which of ['a', 'b'] as const) {
    const unseen = await idsOf(sync, { by: 'unseen', side: which, gen: 3, limit: 99 }, laneId);
    assert.deepEqual(unseen.sort(), model.unseen(which, 3));
  }
}

async function freshWorld(at: Desk, round: number): Promise<World> {
  const laneId = `random-${round}`;
  await at.sync.saveLanes([laneSpec(laneId)], NOW);
  const guard = await hold(at.sync, laneId);
  return { model: createLinkModel(), at: { ...at, guard, feedFence: await holdFeed(at.sync) } };
}

export const modelCases: readonly StateCase[] = [
  {
    id: 'state-160',
    title: 'random commits, marks, takeovers and stale guards agree with the model of links',
    async run(fixture) {
      const at = await desk(fixture.state);
      let round = 0;
      const property = fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
        round += 1;
        let world = await freshWorld(at, round);
        for (const todo of steps) world = await apply(world, todo);
        await compare(world);
      });
      await fc.assert(property, { numRuns: 60, seed: 20_260_801 });
    },
  },
];
