import { randomInt } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { crash, measure, type Reference } from '../src/kill.ts';
import { drawPoints, nameOf } from '../src/kill-points.ts';

const FIXED_SEED = 20_261_123;
const EACH = 5;
/** Five crash points are some 15 s on an idle machine of two cores. */
const PATIENCE_MS = 240_000;
const freshSeed = Number(process.env.TIDELOCK_KILL_SEED ?? randomInt(2 ** 31));

describe('kill -9 of the real process, then a restart', () => {
  let reference: Reference;
  beforeAll(async () => {
    reference = await measure();
  });

  it('has creates, updates and deletes in both directions in the pass that is killed', () => {
    const { effects, picture } = reference;
    for (const effect of ['a.write', 'b.write', 'openIntents', 'commitLane'])
      expect(effects).toContain(effect);
    expect(picture.mailbox).toHaveLength(11);
    expect(picture.crm).toHaveLength(11);
    const texts = picture.crm.join() + picture.mailbox.join();
    for (const text of ['Head of A', 'Head of B', 'from the mailbox', 'from the CRM', 'met twice']) {
      expect(texts.split(text)).toHaveLength(3);
    }
  });

  it.each([
    ['a fixed', FIXED_SEED],
    ['a fresh', freshSeed],
  ])(
    `leaves no duplicate and no loss, and the next pass is idle (%s seed: TIDELOCK_KILL_SEED=%i)`,
    async (_name, seed) => {
      for (const point of drawPoints(reference, { seed, count: EACH })) {
        const name = nameOf(point, reference);
        const { killed, picture, idleWrites } = await crash(point);
        expect.soft({ name, killed: killed || 'write' in point, picture, idleWrites }).toEqual({
          name,
          killed: true,
          picture: reference.picture,
          idleWrites: 0,
        });
      }
    },
    PATIENCE_MS,
  );
});
