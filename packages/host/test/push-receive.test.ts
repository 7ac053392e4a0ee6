import { describe, expect, it } from 'vitest';
import { createPushWorld, laneOf } from './push-world.ts';

async function open(mailboxes = ['ann', 'ben']) {
  const world = createPushWorld(mailboxes.map((name) => laneOf(name)));
  await world.keeper.tick();
  await world.advance(100);
  await world.advance(100);
  world.state.hinted.length = 0;
  return world;
}

/** What waits for its turn to look gets it. */
const laterIn =
  (world: Awaited<ReturnType<typeof open>>) =>
  async <T>(work: Promise<T>): Promise<T> => {
    await world.advance(200);
    return work;
  };

describe('a hook for notifications', () => {
  it('judges them one by one: one is taken, three are dropped and stand in the trail (R4)', async () => {
    const world = await open();
    const answer = await world.receive([
      { id: 's1', secret: world.secretOf('s1') },
      { id: 's1', secret: 'wrong' },
      { id: 's2', secret: world.secretOf('s2'), tenant: 'another' },
      { id: 'nobody', secret: world.secretOf('s1') },
    ]);
    expect(answer.status).toBe(202);
    await world.advance(1_000);
    expect(world.state.hinted).toEqual([['contact-ann']]);
    expect(world.trail.map(({ act, after }) => [act, after])).toEqual([
      ['push.refused', { reason: 'forged' }],
      ['push.refused', { reason: 'foreign' }],
      ['push.refused', { reason: 'unknown' }],
    ]);
  });

  it('repeats the text of a handshake as plain text, and only while a subscription is made (R5)', async () => {
    const world = await open(['ann']);
    const ask = (text: string) =>
      world.receive('', { query: `?validationToken=${encodeURIComponent(text)}` });
    expect((await laterIn(world)(ask('hello'))).status).toBe(404);
    let answered: Awaited<ReturnType<typeof ask>>[] = [];
    world.service.handshakes.push(async () => {
      answered = [
        await ask('<script>alert(1)</script>'),
        await ask('x'.repeat(2_048)),
        await ask('x'.repeat(2_049)),
      ];
      return true;
    });
    world.lanes.push(laneOf('carl'));
    await world.keeper.tick();
    const [script, longest, tooLong] = answered;
    expect(script).toMatchObject({ status: 200, body: '<script>alert(1)</script>' });
    expect(script?.headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(script?.headers['x-content-type-options']).toBe('nosniff');
    expect([longest?.status, tooLong?.status]).toEqual([200, 400]);
    expect((await laterIn(world)(ask('hello'))).status).toBe(404);
  });

  it('is at one address that nobody can guess', async () => {
    const world = await open();
    const good = [{ id: 's1', secret: world.secretOf('s1') }];
    for (const path of ['x'.repeat(48), '', 'p'.repeat(47), 'P'.repeat(48)])
      expect((await world.receive(good, { path })).status).toBe(404);
    expect(world.state.hinted).toEqual([]);
  });

  it('takes 256 KB and no more (R6)', async () => {
    const world = await open();
    expect((await world.receive(`[${' '.repeat(256 * 1024 - 2)}]`)).status).toBe(202);
    expect((await world.receive(`[${' '.repeat(256 * 1024 - 1)}]`)).status).toBe(413);
  });

  it('answers what it does not understand with 400, and says nothing about it', async () => {
    const world = await open();
    for (const text of ['', '{', 'null']) expect((await world.receive(text)).status).toBe(400);
  });

  it('asks for a later delivery once the state takes nothing any more, and loses nothing of what it took (R6)', async () => {
    const world = await open();
    const good = [{ id: 's1', secret: world.secretOf('s1') }];
    world.state.control.broken = true;
    expect((await world.receive(good)).status).toBe(202);
    for (let n = 0; n < 10; n += 1) await world.advance(1_000);
    const shed = await world.receive([{ id: 's2', secret: world.secretOf('s2') }]);
    expect([shed.status, shed.headers['retry-after']]).toEqual([503, '10']);
    world.state.control.broken = false;
    for (let n = 0; n < 10; n += 1) await world.advance(1_000);
    expect(world.state.hinted).toEqual([['contact-ann']]);
    expect((await world.receive(good)).status).toBe(202);
  });

  it('asks for a later delivery where it cannot look up what it does not know, and knows it later', async () => {
    const world = await open();
    const two = world.process('two');
    await two.book.refresh();
    world.lanes.push(laneOf('carl'));
    await world.keeper.tick();
    await world.advance(1_000);
    const items = ['s3', 's1'].map((id) => ({ id, secret: world.secretOf(id) }));
    const handshake = () => laterIn(world)(two.receive('', { query: '?validationToken=x' }));
    world.state.control.unreadable = true;
    expect((await two.receive(items)).status).toBe(503);
    expect((await handshake()).status).toBe(503);
    world.state.control.unreadable = false;
    await world.advance(1_000);
    expect((await two.receive(items)).status).toBe(202);
    expect((await handshake()).status).toBe(404);
    await world.advance(100);
    expect(new Set(world.state.hinted.at(-1))).toEqual(new Set(['contact-carl', 'contact-ann']));
  });

  it('stops where the state takes nothing any more, and does not wait for it', async () => {
    const world = await open();
    world.state.control.broken = true;
    await world.receive([{ id: 's1', secret: world.secretOf('s1') }]);
    await world.turn();
    await world.stop();
    expect(world.state.hinted).toEqual([]);
  });

  it('writes a thousand notifications of two lanes in a few transactions', async () => {
    const world = await open();
    const items = ['s1', 's2'].map((id) => ({ id, secret: world.secretOf(id) }));
    const before = world.hints.writes;
    for (let n = 0; n < 500; n += 1) await world.receive(items);
    await world.advance(50);
    await world.advance(50);
    expect(world.hints.writes - before).toBeLessThanOrEqual(3);
    expect(new Set(world.state.hinted.flat())).toEqual(new Set(['contact-ann', 'contact-ben']));
  });

  it('tells of a mailbox less and less often while notifications go on, and of its last one still', async () => {
    const world = await open();
    await world.advance(1_000);
    const from = world.state.hinted.length;
    const items = [{ id: 's1', secret: world.secretOf('s1') }];
    for (let n = 0; n < 200; n += 1) {
      await world.receive(items);
      await world.advance(50);
    }
    // At once, a tenth of a second later, and in growing intervals that end between 1.5 and 3 s.
    const during = world.state.hinted.length - from;
    expect(during).toBeGreaterThanOrEqual(7);
    expect(during).toBeLessThanOrEqual(11);
    for (let n = 0; n < 70; n += 1) await world.advance(50);
    expect(world.state.hinted.length - from).toBe(during + 1);
  });

  it('tells at once of one mailbox while another is told about over and over, and of that one after a silence', async () => {
    const world = await open();
    await world.advance(1_000);
    const of = (id: string) => [{ id, secret: world.secretOf(id) }];
    for (let n = 0; n < 100; n += 1) {
      await world.receive(of('s1'));
      await world.advance(50);
    }
    await world.receive(of('s2'));
    await world.advance(50);
    expect(world.state.hinted.flat()).toContain('contact-ben');
    for (let n = 0; n < 100; n += 1) await world.advance(50);
    world.state.hinted.length = 0;
    await world.receive(of('s1'));
    await world.advance(50);
    expect(world.state.hinted).toEqual([['contact-ann']]);
  });

  it('writes down what waits when it stops', async () => {
    const world = await open(['ann']);
    await world.advance(1_000);
    const items = [{ id: 's1', secret: world.secretOf('s1') }];
    await world.receive(items);
    await world.advance(50);
    await world.receive(items);
    await world.turn();
    expect(world.state.hinted).toEqual([['contact-ann']]);
    await world.stop();
    expect(world.state.hinted).toEqual([['contact-ann'], ['contact-ann']]);
  });

  it('keeps the trail short in a flood: twenty one by one each minute, the others as a number', async () => {
    const world = await open();
    for (let n = 0; n < 5_000; n += 1) await world.receive([{ id: 's1', secret: `guess ${n}` }]);
    await world.advance(1_000);
    expect(world.trail).toHaveLength(20);
    await world.advance(60_000);
    await world.receive([{ id: 's1', secret: 'guess' }]);
    await world.advance(1_000);
    expect(world.trail.slice(20).map(({ after }) => after)).toEqual([
      { reason: 'forged', count: 4_980 },
      { reason: 'forged' },
    ]);
    expect(world.refusals.counts().get('forged')).toBe(5_001);
  });

  it('knows at once what another process has subscribed to', async () => {
    const world = await open();
    const two = world.process('two');
    await two.book.refresh();
    world.lanes.push(laneOf('carl'));
    await world.keeper.tick();
    await world.advance(1_000);
    await two.receive([{ id: 's3', secret: world.secretOf('s3') }]);
    await world.advance(100);
    expect(world.state.hinted.at(-1)).toEqual(['contact-carl']);
  });
});
