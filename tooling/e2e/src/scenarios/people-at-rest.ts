import { expect } from 'vitest';
import { isQuiet, links } from '../inspect.ts';
import { sample } from '../people.ts';
import type { World } from '../world.ts';

/** The only live contact of a mailbox with the n-th sample's last name. */
export function contactOf(world: World, n: number, name?: string) {
  const found = world.mailbox(name).filter((contact) => contact.surname === sample(n).last);
  const [contact] = found;
  if (contact === undefined || found.length > 1)
    throw new Error(`${found.length} contacts are ${sample(n).last}`);
  return contact;
}

/** The only CRM contact outside the recycle bin with the n-th sample's last name. */
export function recordOf(world: World, n: number) {
  const found = world.records().filter((contact) => contact.values.lastName === sample(n).last);
  const [record] = found;
  if (record === undefined || found.length > 1)
    throw new Error(`${found.length} CRM contacts are ${sample(n).last}`);
  return record;
}

/** Nobody twice on either side: each last name of the samples is one person's. */
export function expectNoTwins(world: World): void {
  for (const name of Object.keys(world.stage.people)) {
    const surnames = world.mailbox(name).map((contact) => contact.surname);
    expect(surnames.toSorted(), `twins in ${name}'s mailbox`).toEqual([...new Set(surnames)].toSorted());
  }
  const lastNames = world.records().map((contact) => String(contact.values.lastName));
  expect(lastNames.toSorted(), 'twins in the CRM').toEqual([...new Set(lastNames)].toSorted());
}

export async function expectLive(world: World, count: number, name?: string): Promise<void> {
  const states = (await links(world, name)).map((link) => link.status).filter((status) => status !== 'tomb');
  expect(states).toEqual(Array.from({ length: count }, () => 'live'));
}

export async function expectQuiet(world: World): Promise<void> {
  expect(await isQuiet(world), 'two more syncs wrote something').toBe(true);
}
