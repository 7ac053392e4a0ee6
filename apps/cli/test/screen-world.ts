import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Fields } from '@tidelock/core';
import { type Bench, createBench, type RunMore } from './fake-sides.ts';

const MAPPING = `version: 1
kind: contact
fields:
  - { field: firstName, mailbox: city, crm: city }
  - { field: lastName, mailbox: familyName, crm: familyName }
  - { field: email, mailbox: email, crm: email }
  - { field: mobilePhone, mailbox: phone, crm: phone }
  - { field: birthday, mailbox: birthday, crm: birthday, conflict: hold }
  - { field: notes, mailbox: notes, crm: notes }
  - { field: homeAddress, mailbox: home, crm: home }
  - { field: categories, mailbox: tags, crm: tags, merge: set }
`;

/** Field names as an address book has them, over the reference stores' own. */
const PROPERTY: Readonly<Record<string, string>> = {
  firstName: 'city',
  lastName: 'familyName',
  mobilePhone: 'phone',
  homeAddress: 'home',
  categories: 'tags',
};

export const native = (fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [PROPERTY[name] ?? name, value]));

export interface ScreenWorld extends Omit<Bench, 'tidelock'> {
  /** One command on a terminal of this many columns, without colours; what a person would see. */
  see(words: string, columns?: number): Promise<string>;
  add(side: 'a' | 'b', fields: Fields): Promise<string>;
  edit(side: 'a' | 'b', lastName: string, patch: Fields): Promise<void>;
  remove(side: 'a' | 'b', lastName: string): Promise<void>;
}

/** A mailbox and a CRM with a few people in them, to show what commands print. */
export async function createScreenWorld(): Promise<ScreenWorld> {
  const bench = await createBench();
  await writeFile(join(bench.path, 'mapping.yaml'), MAPPING);
  const config = join(bench.path, 'tidelock.yaml');
  const text = `version: 1
secrets: { adapter: '@tidelock/secrets-file', options: { keys: [{ keyFile: master.key, create: true }] } }
state: { adapter: '@tidelock/state-sqlite' }
token: { adapter: '@fake/token' }
mailbox: { adapter: '@fake/mailbox' }
crm: { adapter: '@fake/crm' }
mailboxes: [{ address: ann.archer@contoso.example, records: all }]
mapping: mapping.yaml
sync: { brake: { least: 2, share: 0 } }
`;
  await writeFile(config, text);
  const idOf = async (side: 'a' | 'b', lastName: string): Promise<string> => {
    const found = (await bench.sides[side].oracle.all()).find(({ fields }) => fields.familyName === lastName);
    if (found === undefined) throw new Error(`nobody is called ${lastName} on side ${side}`);
    return found.id;
  };
  return {
    ...bench,
    see: async (words, columns = 80) => {
      const more: RunMore = { tty: true, columns };
      const { out } = await bench.tidelock(`${words} --no-color`, more);
      return out;
    },
    add: (side, fields) => bench.sides[side].oracle.userCreate(native(fields)),
    edit: async (side, lastName, patch) =>
      bench.sides[side].oracle.userUpdate(await idOf(side, lastName), native(patch)),
    remove: async (side, lastName) => bench.sides[side].oracle.userDelete(await idOf(side, lastName)),
  };
}
