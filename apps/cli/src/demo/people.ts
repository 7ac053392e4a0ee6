import { readFileSync } from 'node:fs';
import * as z from 'zod';

const FILE = new URL('../../data/people.json', import.meta.url);
const PeopleFile = z.strictObject({
  source: z.string(),
  licence: z.string(),
  columns: z.array(z.string()),
  /** One person a line, cells in the order of `columns`, separated by `|`. */
  people: z.array(z.string()).min(1),
});

/** One real person as the source has them; blank texts are unknown. */
export interface Person {
  readonly first: string;
  readonly last: string;
  readonly nickname: string;
  /** `YYYY-MM-DD` */
  readonly birthday: string;
  readonly email: string;
  readonly phone: string;
  readonly street: string;
  readonly city: string;
  readonly region: string;
  readonly postalCode: string;
  readonly webPage: string;
  readonly title: string;
  /** State, with the district for members of the House: `PA-2`. */
  readonly state: string;
  readonly company: string;
}

/** The people of `data/people.json`, in the order of the file. */
export function loadPeople(): readonly Person[] {
  const file = PeopleFile.parse(JSON.parse(readFileSync(FILE, 'utf8')));
  return file.people.map((line) => {
    const cells = line.split('|');
    const cell = (name: keyof Person): string => cells[file.columns.indexOf(name)] ?? '';
    return {
      first: cell('first'),
      last: cell('last'),
      nickname: cell('nickname'),
      birthday: cell('birthday'),
      email: cell('email'),
      phone: cell('phone'),
      street: cell('street'),
      city: cell('city'),
      region: cell('region'),
      postalCode: cell('postalCode'),
      webPage: cell('webPage'),
      title: cell('title'),
      state: cell('state'),
      company: cell('company'),
    };
  });
}
