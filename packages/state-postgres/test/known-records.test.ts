import { expect, it } from 'vitest';
import type { Session } from '../src/database-session.ts';
import { knownRecords } from '../src/sync/known-records.ts';
import { LINK_QUERIES } from '../src/sync/links.ts';
import { SUSPECT_QUERIES } from '../src/sync/suspects.ts';

it('asks for suspects before links: what is placed between the two statements goes from the one to the other', async () => {
  const asked: string[] = [];
  const session: Session = {
    async all(sql) {
      asked.push(sql);
      return [];
    },
    run: async () => 0,
  };
  await knownRecords(session, 'hub', ['b-1']);
  expect(asked).toEqual([SUSPECT_QUERIES.known, LINK_QUERIES.known]);
});
