import type { CallOptions, Clock } from '@tidelock/core';
import type { Client } from './client.ts';
import { chunkForQuery, isIn, queryAllPages } from './query.ts';

/** What a company name stands for: exactly one account, none, or several. */
export type AccountMatch = { readonly id: string } | 'none' | 'several';

/** Matches company names to accounts. One query for all names of a batch that are not known yet. */
export interface Accounts {
  /** By normalised name. */
  resolve(names: readonly string[], options?: CallOptions): Promise<ReadonlyMap<string, AccountMatch>>;
}

const KEEP_MS = 5 * 60_000;
const MAX_KEPT = 20_000;

/** Names are equal when they differ in case, width and spaces only. */
export function normalizeName(name: string): string {
  return name.normalize('NFKC').trim().replace(/\s+/g, ' ').toLowerCase();
}

function toMatch(ids: readonly string[]): AccountMatch {
  const [id] = ids;
  if (id === undefined) return 'none';
  return ids.length === 1 ? { id } : 'several';
}

/** The forms to ask for: the service compares without case, and keeps single spaces at the ends of nothing. */
function toQueryNames(names: readonly string[]): string[] {
  const forms = names.flatMap((name) => {
    const tidy = name.trim().replace(/\s+/g, ' ');
    return [tidy, tidy.normalize('NFKC')];
  });
  return [...new Set(forms)];
}

export function createAccounts(client: Client, clock: Clock): Accounts {
  const known = new Map<string, { readonly match: AccountMatch; readonly until: number }>();

  const ask = async (names: readonly string[], options?: CallOptions): Promise<Map<string, string[]>> => {
    const found = new Map<string, string[]>();
    for (const group of chunkForQuery(toQueryNames(names))) {
      const rows = await queryAllPages(
        client,
        {
          operation: 'accounts.match',
          object: 'Account',
          select: ['Id', 'Name'],
          where: [isIn('Name', group)],
        },
        options,
      );
      for (const row of rows) {
        if (typeof row.Name !== 'string' || typeof row.Id !== 'string') continue;
        const key = normalizeName(row.Name);
        found.set(key, [...new Set([...(found.get(key) ?? []), row.Id])]);
      }
    }
    return found;
  };

  return {
    async resolve(names, options) {
      const now = clock.mono();
      const wanted = new Map(names.map((name) => [normalizeName(name), name]));
      const missing = [...wanted].filter(([key]) => (known.get(key)?.until ?? 0) <= now);
      if (known.size > MAX_KEPT) known.clear();
      if (missing.length > 0) {
        const found = await ask(
          missing.map(([, name]) => name),
          options,
        );
        for (const [key] of missing) {
          known.set(key, { match: toMatch(found.get(key) ?? []), until: now + KEEP_MS });
        }
      }
      return new Map([...wanted.keys()].map((key) => [key, known.get(key)?.match ?? 'none']));
    },
  };
}
