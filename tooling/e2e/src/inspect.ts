import type { ConflictRow, HistoryRow, Link, Review } from '@tidelock/core';
import type { World } from './world.ts';

async function laneOf(world: World, name?: string): Promise<string> {
  const { mailboxId } = world.person(name);
  const lane = (await world.platform().lanes()).find((one) => one.mailboxId === mailboxId);
  if (lane === undefined) throw new Error('this mailbox takes no part');
  return lane.id;
}

export async function links(world: World, name?: string): Promise<readonly Link[]> {
  const lane = await laneOf(world, name);
  return world.platform().state.sync.links(lane, { by: 'page', after: '', limit: 100_000 });
}

export async function reviews(world: World, name?: string): Promise<readonly Review[]> {
  return world.platform().state.sync.reviews(await laneOf(world, name), { open: true });
}

export async function history(world: World, name?: string): Promise<readonly HistoryRow[]> {
  return world.platform().state.sync.history(await laneOf(world, name), { limit: 100_000 });
}

export async function conflicts(world: World, name?: string): Promise<readonly ConflictRow[]> {
  const { sync } = world.platform().state;
  const lane = await laneOf(world, name);
  const all = await links(world, name);
  const intents = await Promise.all(all.map((link) => sync.intentsOf(lane, link.id)));
  return intents.flat().flatMap((intent) => intent.conflicts);
}

export async function lane(world: World, name?: string) {
  const id = await laneOf(world, name);
  const row = (await world.platform().state.sync.lanes()).find((one) => one.id === id);
  if (row === undefined) throw new Error('the state has no such lane');
  return row;
}

/** Drops every cursor of both stores, as a reset does. */
export async function resetFeeds(world: World): Promise<void> {
  const { sync } = world.platform().state;
  for (const row of await sync.lanes()) {
    await sync.resetFeeds(row.storeA);
    await sync.resetFeeds(row.storeB);
  }
}

export interface Writes {
  readonly mailbox: number;
  readonly crm: number;
}

/** Successful writes of the product on each side so far. */
export function writes(world: World): Writes {
  return { mailbox: world.graph.oracle.writes().length, crm: world.crm.writes().length };
}

/** Both sides as comparable rows, by e-mail address or name. */
export function picture(world: World, name?: string) {
  const mailbox = world.mailbox(name).map((contact) => JSON.stringify(contact));
  return { mailbox: mailbox.toSorted(), crm: world.crm.picture().toSorted() };
}

/** Two syncs without a user change in between must write nothing and change nothing. */
export async function isQuiet(world: World): Promise<boolean> {
  world.later();
  const before = { writes: writes(world), picture: picture(world) };
  await world.sync();
  await world.sync();
  const after = { writes: writes(world), picture: picture(world) };
  return JSON.stringify(before) === JSON.stringify(after);
}
