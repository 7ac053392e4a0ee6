import { afterEach, describe, expect, it } from 'vitest';
import { createEventWorld, DAY_MS, type EventWorld, event, laneId, START } from './event-world.ts';

let world: EventWorld;
afterEach(() => world.close());

const mailbox = (index = 0) => {
  const one = world.mailboxes[index];
  if (one === undefined) throw new Error(`there is no mailbox ${index}`);
  return one;
};
const dayOf = (days: number): string => new Date(START + days * DAY_MS).toISOString().slice(0, 10);

/** Everybody looks at these days, counted from the beginning of the world. */
function lookAt(from: number, to: number): void {
  world.window = { from: START + from * DAY_MS, to: START + to * DAY_MS };
  world.policy = { window: { from: dayOf(from), to: dayOf(to) } };
}

const counted = async (): Promise<[number, number]> => [
  (await world.all(mailbox())).length,
  (await world.all(world.crm)).length,
];
const statuses = async (): Promise<string[]> =>
  (await world.state.sync.links(laneId(0), { by: 'page', after: '', limit: 100 })).map(
    ({ status }) => status,
  );

describe('what lies outside the dates that are looked at', () => {
  it('is not made in the mailbox, is told why, and is made once the window reaches it', async () => {
    world = await createEventWorld();
    lookAt(0, 100);
    await world.crm.oracle.userCreate(event('Far', 200));
    await world.sync();
    expect(await counted()).toEqual([0, 1]);
    expect(await statuses()).toEqual(['out']);
    const [row] = await world.state.sync.history(laneId(0), { limit: 5 });
    expect(row?.rule).toContain(`outside the dates that are looked at, ${dayOf(0)} to ${dayOf(100)}`);
    lookAt(150, 250);
    await world.sync();
    expect(await counted()).toEqual([1, 1]);
    expect(await statuses()).toEqual(['live']);
  });

  it('is one event when both sides have it and the window reaches it', async () => {
    world = await createEventWorld();
    lookAt(0, 100);
    await world.crm.oracle.userCreate(event('Far', 200));
    await mailbox().oracle.userCreate(event('Far', 200));
    await world.sync();
    lookAt(150, 250);
    await world.sync();
    expect(await counted()).toEqual([1, 1]);
    expect(await statuses()).toEqual(['live']);
  });

  it('goes into the CRM from the mailbox as before: the CRM is looked at as a whole', async () => {
    world = await createEventWorld();
    lookAt(0, 100);
    await mailbox().oracle.userCreate(event('Near', 50));
    await world.sync();
    expect(await counted()).toEqual([1, 1]);
    const before = { ...world.written };
    lookAt(60, 160);
    await world.sync();
    expect(await counted()).toEqual([1, 1]);
    expect(world.written).toEqual(before);
  });
});
