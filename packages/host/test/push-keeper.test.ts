import { describe, expect, it } from 'vitest';
import { waitAfter } from '../src/push/renewal.ts';
import { createPushWorld, HOUR, LIFE, laneOf, ORIGIN, PATH, START } from './push-world.ts';

const seen = (world: ReturnType<typeof createPushWorld>) => [...new Set(world.state.hinted.flat())].sort();

describe('whoever keeps subscriptions', () => {
  it('makes one for each mailbox and kind that takes part, and has their lanes looked at', async () => {
    const world = createPushWorld();
    await world.keeper.tick();
    await world.advance(100);
    expect(world.service.live().map(({ mailbox, kind, url }) => [mailbox, kind, url])).toEqual([
      ['ann', 'contact', `${ORIGIN}/hooks/mailbox/${PATH}`],
      ['ben', 'contact', `${ORIGIN}/hooks/mailbox/${PATH}`],
      ['ann', 'event', `${ORIGIN}/hooks/mailbox/${PATH}`],
    ]);
    expect(world.row('ann')).toMatchObject({
      ...{ state: 'live', subscriptionId: 's1', expiresAt: START + LIFE, dueAt: START + LIFE / 2, rev: 2 },
    });
    expect(seen(world)).toEqual(['contact-ann', 'contact-ben', 'event-ann']);
    const secrets = [...world.service.there.values()].map(({ secret }) => secret);
    expect(new Set(secrets).size).toBe(3);
    for (const secret of secrets) {
      expect(secret).toMatch(/^[\w-]{43}$/);
      expect(JSON.stringify([...world.state.rows.values()])).not.toContain(secret);
    }
  });

  it('renews at half of their life, and asks for nothing in between', async () => {
    const world = createPushWorld();
    await world.keeper.tick();
    const asked = world.service.calls.length;
    await world.advance(LIFE / 2 - HOUR);
    await world.keeper.tick();
    expect(world.service.calls.slice(asked).filter((call) => call !== 'subscriptions')).toEqual([]);
    await world.advance(HOUR);
    await world.keeper.tick();
    expect(world.service.calls.filter((call) => call === 'renew')).toHaveLength(3);
    expect(world.row('ann')).toMatchObject({ expiresAt: START + LIFE * 1.5, subscriptionId: 's1' });
  });

  it('reads what it knows once, and again when something was changed there', async () => {
    const mailboxes = Array.from({ length: 40 }, (_, n) => laneOf(`m${n}`));
    const world = createPushWorld(mailboxes);
    const running = world.keeper.run();
    await world.advance(100);
    world.state.control.readings = 0;
    const looks = async (count: number): Promise<number> => {
      const before = world.state.control.readings;
      for (let n = 0; n < count; n += 1) await world.advance(20_000);
      return world.state.control.readings - before;
    };
    expect(await looks(12)).toBe(0);
    // Another process was told that one was removed.
    const row = world.row('m7');
    if (row === undefined) throw new Error('m7');
    world.state.rows.set('m7 contact', { ...row, rev: row.rev + 1, state: 'waiting', dueAt: 0 });
    world.service.there.delete(row.subscriptionId ?? '');
    expect(await looks(1)).toBe(2);
    expect(world.row('m7')?.state).toBe('live');
    // Who takes part may change without a subscription: it is asked now and then.
    expect(await looks(45)).toBeLessThanOrEqual(4);
    await world.stop();
    await running;
  });

  it('makes anew what the service has no more, and looks at what was told to nobody', async () => {
    const world = createPushWorld([laneOf('ann'), laneOf('ben')]);
    await world.keeper.tick();
    world.service.there.delete('s1');
    await world.advance(100);
    world.state.hinted.length = 0;
    await world.advance(LIFE / 2);
    await world.keeper.tick();
    await world.advance(100);
    expect(world.row('ann')).toMatchObject({ state: 'live', subscriptionId: 's3' });
    expect(seen(world)).toEqual(['contact-ann']);
  });

  it('finds out within hours what ended without a word, and takes back what nobody knows', async () => {
    const world = createPushWorld([laneOf('ann'), laneOf('ben')]);
    await world.keeper.tick();
    world.service.there.delete('s2');
    const stray = { mailbox: 'carl', kind: 'contact', expiresAt: START + LIFE, secret: 'x' } as const;
    world.service.there.set('ours', { id: 'ours', url: `${ORIGIN}/hooks/mailbox/old`, ...stray });
    world.service.there.set('theirs', {
      id: 'theirs',
      url: 'https://other.example/hooks/mailbox/x',
      ...stray,
    });
    await world.advance(6 * HOUR);
    await world.keeper.tick();
    expect([...world.service.there.keys()].sort()).toEqual(['s1', 's3', 'theirs']);
    expect(world.row('ben')).toMatchObject({ state: 'live', subscriptionId: 's3' });
  });

  it('takes back those of mailboxes that left', async () => {
    const world = createPushWorld();
    await world.keeper.tick();
    world.lanes.splice(0, 2);
    await world.keeper.tick();
    expect(world.service.live().map(({ id }) => id)).toEqual(['s3']);
    expect([...world.state.rows.keys()]).toEqual(['ann event']);
  });

  it('goes on where a process stopped in the middle of a creation: what it left is taken back', async () => {
    const world = createPushWorld([laneOf('ann')]);
    world.service.handshakes.push(() => new Promise(() => undefined));
    void world.keeper.tick();
    await world.turn();
    expect(world.row('ann')).toMatchObject({ state: 'creating', subscriptionId: null });
    // The service made it, and the answer was never read.
    const url = `${ORIGIN}/hooks/mailbox/${PATH}`;
    const lost = {
      id: 'lost',
      mailbox: 'ann',
      kind: 'contact',
      url,
      expiresAt: START + LIFE,
      secret: 'x',
    } as const;
    world.service.there.set('lost', lost);
    world.service.handshakes.length = 0;
    await world.advance(61_000);
    const next = world.process('two');
    await next.keeper.tick();
    expect(world.row('ann')).toMatchObject({ state: 'live', subscriptionId: 's1' });
    expect([...world.service.there.keys()]).toEqual(['s1']);
  });

  it('leaves the subscription of another installation alone, says so, and tries again later', async () => {
    const world = createPushWorld([laneOf('ann')]);
    const url = 'https://other.example/hooks/mailbox/x';
    const theirs = {
      id: 'theirs',
      mailbox: 'ann',
      kind: 'contact',
      url,
      expiresAt: START + HOUR,
      secret: 'x',
    } as const;
    world.service.there.set('theirs', theirs);
    await world.keeper.tick();
    expect(world.row('ann')).toMatchObject({ state: 'waiting', problem: 'conflict', failures: 1 });
    expect([...world.service.there.keys()]).toEqual(['theirs']);
    await world.advance(2 * HOUR);
    await world.keeper.tick();
    expect(world.row('ann')).toMatchObject({ state: 'live', problem: null, failures: 0 });
  });

  it('makes everything anew at another address', async () => {
    const world = createPushWorld([laneOf('ann')]);
    await world.keeper.tick();
    await world.advance(61_000);
    await world.process('two', 'https://new.example').keeper.tick();
    expect(world.service.live().map(({ url }) => url)).toEqual([`https://new.example/hooks/mailbox/${PATH}`]);
  });

  it('asks for the others while one mailbox is refused, and stops where the service is down', async () => {
    const mailboxes = Array.from({ length: 40 }, (_, n) => laneOf(`m${n}`));
    const refused = createPushWorld(mailboxes);
    refused.service.failures.push({ operation: 'subscribe', kind: 'not_found', times: 3 });
    await refused.keeper.tick();
    expect(refused.service.live()).toHaveLength(37);
    const down = createPushWorld(mailboxes);
    down.service.failures.push({ operation: 'subscribe', kind: 'unavailable', times: 100 });
    await down.keeper.tick();
    expect(down.service.calls.filter((call) => call === 'subscribe').length).toBeLessThanOrEqual(16);
  });

  it('waits longer after each failure, an hour at the most, and as long as the service asks for', () => {
    const wait = (failures: number, kind: 'unavailable' | 'forbidden', retryAfterMs?: number) =>
      waitAfter(failures, { kind, retryAfterMs, random: 0.5 });
    expect([1, 2, 3, 20].map((n) => wait(n, 'unavailable'))).toEqual([10_000, 20_000, 40_000, HOUR]);
    expect([1, 2, 20].map((n) => wait(n, 'forbidden'))).toEqual([300_000, 600_000, HOUR]);
    expect(wait(1, 'unavailable', 2 * HOUR)).toBe(2 * HOUR);
  });
});

describe('several processes', () => {
  it('keep one at a time; whoever takes over looks at every lane', async () => {
    const world = createPushWorld();
    const two = world.process('two');
    await Promise.all([world.keeper.tick(), two.keeper.tick()]);
    await world.advance(100);
    expect(await two.keeper.tick()).toBe(null);
    expect(world.service.calls.filter((call) => call === 'subscribe')).toHaveLength(3);
    // The second one knows what the first one made.
    await two.receive([{ id: 's1', secret: world.secretOf('s1') }]);
    await world.advance(100);
    expect(world.state.hinted.at(-1)).toEqual(['contact-ann']);
    world.state.hinted.length = 0;
    await world.advance(60_000);
    await two.keeper.tick();
    await world.advance(100);
    expect(seen(world)).toEqual(['contact-ann', 'contact-ben', 'event-ann']);
    expect(await world.keeper.tick()).toBe(null);
    expect(world.service.calls.filter((call) => call === 'subscribe')).toHaveLength(3);
  });

  it('hold the lease while a look takes long, and give it back when they stop', async () => {
    const world = createPushWorld([laneOf('ann')]);
    let answer: (is: boolean) => void = () => undefined;
    world.service.handshakes.push(() => new Promise((resolve) => (answer = resolve)));
    const running = world.keeper.run();
    for (let n = 0; n < 6; n += 1) await world.advance(20_000);
    const two = world.process('two');
    expect(await two.keeper.tick()).toBe(null);
    answer(true);
    await world.turn();
    expect(world.row('ann')?.state).toBe('live');
    await world.stop();
    await running;
    expect(await two.keeper.tick()).not.toBe(null);
  });
});

describe('what the service says about a subscription', () => {
  it('that was removed: it is made anew, and everything is looked at', async () => {
    const world = createPushWorld([laneOf('ann'), laneOf('ben')]);
    const running = world.keeper.run();
    await world.turn();
    await world.advance(100);
    const secret = world.secretOf('s1');
    world.service.there.delete('s1');
    world.state.hinted.length = 0;
    await world.receive([{ id: 's1', secret, event: 'removed' }]);
    await world.turn();
    await world.advance(100);
    await world.advance(100);
    expect(world.row('ann')).toMatchObject({ state: 'live', subscriptionId: 's3' });
    expect(seen(world)).toEqual(['contact-ann']);
    await world.stop();
    await running;
  });

  it('that wants to be renewed: it is renewed at once', async () => {
    const world = createPushWorld([laneOf('ann')]);
    const running = world.keeper.run();
    await world.turn();
    await world.advance(HOUR);
    await world.receive([{ id: 's1', secret: world.secretOf('s1'), event: 'expiring' }]);
    await world.turn();
    expect(world.row('ann')).toMatchObject({ subscriptionId: 's1', expiresAt: START + HOUR + LIFE });
    await world.stop();
    await running;
  });

  it('that something was missed: its lanes are looked at, and nothing else happens', async () => {
    const world = createPushWorld([laneOf('ann'), laneOf('ben')]);
    await world.keeper.tick();
    await world.advance(100);
    world.state.hinted.length = 0;
    const calls = world.service.calls.length;
    await world.receive([{ id: 's2', secret: world.secretOf('s2'), event: 'missed' }]);
    await world.advance(100);
    await world.advance(100);
    expect(seen(world)).toEqual(['contact-ben']);
    expect(world.service.calls).toHaveLength(calls);
  });
});
