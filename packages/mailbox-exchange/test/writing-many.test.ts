import { describe, expect, it } from 'vitest';
import { signIn } from '../src/conformance/sign-in.ts';
import { counted, create, createWorld, json } from '../src/conformance/world.ts';

const make = () => createWorld({ signIn });

describe('many writes', () => {
  it('go twenty at a time, and values that the catalogue refuses are not sent', async () => {
    const world = await make();
    const writes = Array.from({ length: 45 }, (_, index) =>
      create(index, index === 7 ? { surname: 'x'.repeat(256) } : {}),
    );
    const outcomes = await world.store.write(writes);
    expect(outcomes[7]).toMatchObject({ status: 'rejected', code: 'too-long', property: 'surname' });
    expect(outcomes.filter((each) => each.status === 'ok')).toHaveLength(44);
    const batches = world.seen.map(
      (each) => (each.body as { requests?: { method: string }[] } | undefined)?.requests ?? [],
    );
    const posts = batches.map((steps) => steps.filter((step) => step.method === 'POST').length);
    expect(posts.filter((count) => count > 0)).toEqual([20, 20, 4]);
  });

  it('look for stamps only where one may have been sent before', async () => {
    const world = await make();
    const writes = Array.from({ length: 60 }, (_, index) => ({ ...create(index), fresh: true }));
    const before = world.seen.length;
    await world.store.write(writes);
    const sent = world.seen.slice(before).filter((each) => each.url.pathname.startsWith('/v1.0/'));
    expect(sent).toHaveLength(60 / 20);
    const again = await world.store.write(writes.map((write) => ({ ...write, fresh: false })));
    expect(again.every((each) => each.status === 'duplicate' && each.id !== undefined)).toBe(true);
    expect(world.emulator.oracle.counts(world.ann).contacts).toBe(60);
  });

  it('find the stamps that another process left there', async () => {
    const world = await make();
    const writes = Array.from({ length: 60 }, (_, index) => create(index));
    await world.store.write(writes.slice(30));
    const outcomes = await world.port.open({ mailbox: world.ann, kind: 'contact' }).write(writes);
    const duplicates = outcomes.flatMap((each, index) => (each.status === 'duplicate' ? [index] : []));
    expect(duplicates).toEqual(Array.from({ length: 30 }, (_, index) => 30 + index));
    expect(world.emulator.oracle.counts(world.ann).contacts).toBe(60);
  });

  it('stop where the service fails as a whole: the rest was certainly not sent', async () => {
    const world = await make();
    let posts = 0;
    world.control.intercept = (seen) => {
      const isWrite = counted([seen]).some((step) => step.method === 'POST');
      return isWrite && ++posts === 2 ? json(500, {}) : undefined;
    };
    const outcomes = await world.store.write(Array.from({ length: 60 }, (_, index) => create(index)));
    const count = (status: string) => outcomes.filter((each) => each.status === status).length;
    expect([count('ok'), count('unknown'), count('retry')]).toEqual([20, 20, 20]);
    expect(outcomes.slice(40)).toContainEqual({ status: 'retry', kind: 'unavailable' });
    expect(world.emulator.oracle.counts(world.ann).contacts).toBe(20);
  });

  it('an abort after the first batch answers for everything', async () => {
    const world = await make();
    const controller = new AbortController();
    let posts = 0;
    world.control.intercept = (seen) => {
      if (counted([seen]).some((step) => step.method === 'POST') && ++posts === 1)
        setImmediate(() => controller.abort(new Error('stop')));
      return undefined;
    };
    const writes = Array.from({ length: 60 }, (_, index) => create(index));
    const outcomes = await world.store.write(writes, { signal: controller.signal });
    const contacts = world.emulator.oracle.counts(world.ann).contacts;
    expect(outcomes).toHaveLength(60);
    expect(outcomes.filter((each) => each.status === 'ok').length).toBeLessThanOrEqual(contacts);
    expect(outcomes.slice(40).every((each) => each.status === 'retry')).toBe(true);
  });

  it('an abort between two batches answers for everything', async () => {
    const world = await make();
    const controller = new AbortController();
    let posts = 0;
    world.control.intercept = (seen, init) => {
      if (!counted([seen]).some((step) => step.method === 'POST') || ++posts > 1) return undefined;
      return world.emulator.fetch(seen.url, init).then((response) => {
        controller.abort(new Error('stop'));
        return response;
      });
    };
    const writes = Array.from({ length: 40 }, (_, index) => create(index));
    const outcomes = await world.store.write(writes, { signal: controller.signal });
    expect(outcomes.slice(20)).toEqual(
      writes.slice(20).map(() => ({ status: 'retry', kind: 'unavailable' })),
    );
    expect(outcomes.slice(0, 20).every((each) => each.status === 'ok' || each.status === 'unknown')).toBe(
      true,
    );
    expect(posts).toBe(1);
  });

  it('a success whose contact cannot be read is unknown', async () => {
    const world = await make();
    world.control.intercept = (seen) =>
      seen.method === 'POST' && seen.url.pathname.endsWith('/contacts') ? json(201, { id: 'A' }) : undefined;
    expect(await world.store.write([create(1)])).toEqual([{ status: 'unknown', kind: 'protocol' }]);
  });
});
