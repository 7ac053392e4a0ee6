import { randomInt } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { crash, measureBoth, type References, referenceOf } from '../src/kill/crash.ts';
import { openStatePlace, STATES, type StateName, type StatePlace } from '../src/kill/place.ts';
import { allPoints, drawPoints, nameOf, rowsOfPoint } from '../src/kill/points.ts';
import { CRASH_ROWS } from '../src/kill/rows.ts';

const FIXED_SEED = 20_261_123;
/** Besides one point of each of the last two rows. */
const EACH: Readonly<Record<StateName, number>> = { sqlite: 2, postgres: 1 };
/** Eight crash points are some 60 s on an idle machine of two cores. */
const PATIENCE_MS = 480_000;
const freshSeed = Number(process.env.TIDELOCK_KILL_SEED ?? randomInt(2 ** 31));
/** Each seed with one of the databases, by turns; with both where a person named the seed. `npm run kill` leaves nothing out. */
const drawnFor = (state: StateName): readonly (readonly [string, number])[] => {
  const fixed = ['a fixed', FIXED_SEED] as const;
  const fresh = ['a fresh', freshSeed] as const;
  if (process.env.TIDELOCK_KILL_SEED !== undefined) return [fixed, fresh];
  return STATES[freshSeed % STATES.length] === state ? [fresh] : [fixed];
};

let references: References;
beforeAll(async () => {
  references = await measureBoth();
}, PATIENCE_MS);

async function openOrSay(name: StateName): Promise<StatePlace | string> {
  try {
    return await openStatePlace(name);
  } catch (error) {
    return error instanceof Error ? error.message : 'it cannot be opened';
  }
}

describe('the pass that is killed', () => {
  it('has creates, updates and deletes in both directions', () => {
    const { effects, picture } = references.alone;
    for (const effect of ['a.write', 'b.write', 'openIntents', 'commitLane'])
      expect(effects).toContain(effect);
    // One of the twelve is refused by the CRM.
    expect(picture.mailbox).toHaveLength(12);
    expect(picture.crm).toHaveLength(11);
    const texts = picture.crm.join() + picture.mailbox.join();
    for (const text of ['Head of A', 'Head of B', 'from the mailbox', 'from the CRM', 'met twice']) {
      expect(texts.split(text)).toHaveLength(3);
    }
  });

  it.each(STATES)('reaches every row of the crash table (%s)', (state) => {
    const rows = new Set(allPoints(references, state).flatMap((point) => rowsOfPoint(point, references)));
    expect([...rows].toSorted((x, y) => x - y)).toEqual(Object.keys(CRASH_ROWS).map(Number));
  });
});

for (const state of STATES) {
  const opened = await openOrSay(state);
  const missing = typeof opened === 'string';
  const title = `kill -9 of the real process, then a restart: ${state}`;
  describe.skipIf(missing)(`${title}${missing ? ` [skipped: ${opened}]` : ''}`, () => {
    const place = (): StatePlace => {
      if (typeof opened === 'string') throw new Error(opened);
      return opened;
    };
    afterAll(() => place().close());

    it.each(drawnFor(state))(
      `leaves no duplicate and no loss, and the next pass is idle (%s seed: TIDELOCK_KILL_SEED=%i)`,
      async (_name, seed) => {
        for (const point of drawPoints(references, { state, seed, count: EACH[state] })) {
          const what = nameOf(point, references);
          const { picture } = referenceOf(point, references);
          const after = await crash(point, place());
          expect.soft({ what, ...after }).toEqual({ what, killed: true, picture, idleWrites: 0 });
        }
      },
      PATIENCE_MS,
    );
  });
}
