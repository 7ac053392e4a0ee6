import { createRunner, type FeedEvent, type Runner, sourceOf } from '@tidelock/host';
import { afterEach, describe, expect, it } from 'vitest';
import { createWorld, type World } from '../src/world.ts';

const NAMES = ['ann', 'ben', 'cat'];

let world: World | undefined;
let runner: Runner | undefined;
afterEach(async () => {
  await runner?.stop();
  runner = undefined;
  await world?.[Symbol.asyncDispose]();
  world = undefined;
});

interface Scene {
  readonly world: World;
  readonly runner: Runner;
  readonly heard: FeedEvent[];
  laneOf(name: string): Promise<string>;
  /** Waits, in the time of the test, until it is so. */
  until(what: string, isSo: () => boolean | Promise<boolean>, seconds?: number): Promise<void>;
}

async function begin(mailboxes: readonly string[] = NAMES): Promise<Scene> {
  const opened = await createWorld({ mailboxes, records: 'own' });
  world = opened;
  const platform = opened.platform();
  const { clock, log } = platform;
  const random = { next: () => Math.random(), uuid: () => crypto.randomUUID() };
  const started = createRunner({
    source: sourceOf(platform),
    state: platform.state.sync,
    clock,
    random,
    log,
  });
  runner = started;
  const heard: FeedEvent[] = [];
  started.events.listen((event) => heard.push(event));
  const until: Scene['until'] = async (what, isSo, seconds = 3_600) => {
    const end = opened.clock.now() + seconds * 1_000;
    while (!(await isSo())) {
      if (opened.clock.now() > end) throw new Error(`not so after ${seconds} s: ${what}`);
      await clock.sleep(500);
    }
  };
  const laneOf = async (name: string): Promise<string> => {
    const lane = (await platform.lanes()).find(
      ({ mailboxId }) => mailboxId === opened.person(name).mailboxId,
    );
    if (lane === undefined) throw new Error(`no lane of ${name}`);
    return lane.id;
  };
  return { world: opened, runner: started, heard, laneOf, until };
}

const addTo = (scene: Scene, name: string, givenName: string): void => {
  scene.world.graph.admin.createContact(scene.world.person(name).mailboxId, {
    givenName,
    surname: 'Runner',
    emailAddresses: [{ address: `${givenName.toLowerCase()}@example.com`, name: givenName }],
  });
};

const named = (scene: Scene, name: string): boolean =>
  scene.world.contacts().some((contact) => contact.FirstName === name);

describe('the runner', () => {
  it('brings everything together by itself, and then changes of either side', async () => {
    const scene = await begin();
    for (const name of NAMES) addTo(scene, name, `First${name}`);
    scene.runner.start();
    await scene.until('first sync', () => NAMES.every((name) => named(scene, `First${name}`)));
    await scene.runner.complete();
    addTo(scene, 'ben', 'Later');
    await scene.until('a change of the mailbox', () => named(scene, 'Later'), 1_200);
    const later = scene.world.contacts().find((contact) => contact.FirstName === 'Later');
    scene.world.salesforce.admin.updateContact(String(later?.Id), { Title: 'Captain' });
    await scene.until(
      'a change of the CRM',
      () => scene.world.mailbox('ben').some((contact) => contact.jobTitle === 'Captain'),
      1_200,
    );
    const items = scene.heard.flatMap(({ of }) => (of.type === 'item' ? [of] : []));
    expect(items.filter(({ op, side }) => op === 'create' && side === 'b')).toHaveLength(NAMES.length + 1);
    expect(items.find(({ side, op }) => side === 'a' && op === 'update')).toMatchObject({
      fields: ['jobTitle'],
    });
  });

  it('makes a hinted mailbox its turn at once, and asks the CRM nothing for it', async () => {
    const scene = await begin();
    scene.runner.start();
    await scene.runner.complete();
    const lane = await scene.laneOf('ann');
    await scene.until('quiet', () => scene.runner.health().queue.working === 0);
    addTo(scene, 'ann', 'Hinted');
    const at = scene.world.clock.now();
    scene.runner.hint({ lanes: [lane] });
    await scene.until('the write', () => named(scene, 'Hinted'), 10);
    expect(scene.world.clock.now() - at).toBeLessThan(10_000);
  });

  it('stops at a safe point, and another runner goes on with what is left', async () => {
    const scene = await begin(['ann']);
    for (let n = 0; n < 60; n++) addTo(scene, 'ann', `Many${n}`);
    scene.runner.start();
    await scene.until('some writes', () => scene.world.contacts().length > 0);
    expect(await scene.runner.stop()).toBe(true);
    const written = scene.world.contacts().length;
    const platform = scene.world.platform();
    const { clock, log } = platform;
    const random = { next: () => 0.5, uuid: () => crypto.randomUUID() };
    runner = createRunner({ source: sourceOf(platform), state: platform.state.sync, clock, random, log });
    runner.start();
    await scene.until('the rest', () => scene.world.contacts().length === 60);
    expect(written).toBeLessThanOrEqual(60);
    const titles = scene.world.contacts().map((contact) => contact.FirstName);
    expect(new Set(titles).size).toBe(60);
  });

  it('shares the work with another one by leases: nothing is done twice, and the other goes on when one stops', async () => {
    const scene = await begin();
    const platform = scene.world.platform();
    const { clock, log } = platform;
    const random = { next: () => 0.5, uuid: () => crypto.randomUUID() };
    const of = { source: sourceOf(platform), state: platform.state.sync, clock, random, log };
    const other = createRunner({ ...of, worker: 'other', tickMs: 400 });
    for (const name of NAMES) for (let n = 0; n < 20; n++) addTo(scene, name, `${name}${n}`);
    scene.runner.start();
    other.start();
    const all = NAMES.flatMap((name) => Array.from({ length: 20 }, (_, n) => `${name}${n}`));
    await scene.until('first sync', () => all.every((name) => named(scene, name)));
    const given = () => scene.world.contacts().map((contact) => contact.FirstName);
    expect(new Set(given()).size).toBe(given().length);
    expect(await scene.runner.stop()).toBe(true);
    addTo(scene, 'cat', 'Afterwards');
    await scene.until('the other one alone', () => named(scene, 'Afterwards'));
    expect(given()).toHaveLength(61);
    await other.stop();
  });

  it('leaves paused mailboxes alone, goes on when they are resumed, and counts what it does', async () => {
    const scene = await begin(['ann', 'ben']);
    scene.runner.start();
    await scene.runner.complete();
    const { administration } = scene.world.platform();
    await administration.pause([scene.world.person('ann').address], 'test');
    addTo(scene, 'ann', 'Paused');
    addTo(scene, 'ben', 'Going');
    scene.runner.hint({ lanes: [await scene.laneOf('ann'), await scene.laneOf('ben')] });
    await scene.until('the other one', () => named(scene, 'Going'));
    expect(named(scene, 'Paused')).toBe(false);
    await administration.resume([scene.world.person('ann').address]);
    await scene.until('the resumed one', () => named(scene, 'Paused'));
    const passes = scene.runner.tally.read('passes');
    expect(passes.some(({ labels }) => labels[0] === 'paused')).toBe(true);
    expect(scene.runner.tally.read('writes')).toContainEqual({ labels: ['b', 'create'], count: 2 });
  });

  it('tells of trouble once, waits longer each time, and goes on when it is over', async () => {
    const scene = await begin(['ann']);
    scene.runner.start();
    await scene.runner.complete();
    await scene.until('quiet', () => scene.runner.health().queue.working === 0);
    const down = { kind: 'status', status: 503, headers: { 'Retry-After': '1' } } as const;
    const fault = scene.world.graph.faults.inject({ match: { path: /delta/ }, times: 40, fault: down });
    addTo(scene, 'ann', 'Despite');
    scene.runner.hint({ lanes: [await scene.laneOf('ann')] });
    const errors = () => scene.heard.flatMap(({ of, at }) => (of.type === 'error' ? [{ ...of, at }] : []));
    await scene.until('trouble', () => errors().length >= 2, 3_600);
    const [first, second] = errors();
    expect(first).toMatchObject({ kind: 'unavailable', laneId: await scene.laneOf('ann') });
    expect((second?.retryAt ?? 0) - (second?.at ?? 0)).toBeGreaterThan(
      (first?.retryAt ?? 0) - (first?.at ?? 0),
    );
    expect(second?.at).toBeGreaterThanOrEqual(first?.retryAt ?? Number.POSITIVE_INFINITY);
    fault.remove();
    await scene.until('the write after it', () => named(scene, 'Despite'), 3_600);
    expect(scene.runner.tally.read('errors')).toContainEqual({
      labels: ['unavailable'],
      count: errors().length,
    });
  });
});
