import type { CallOptions, CrmUser } from '@tidelock/core';
import { createPageGuard } from '@tidelock/kit';
import type { Client } from './client.ts';
import { OwnersSchema, parseReply } from './wire.ts';

const OPERATION = 'owners.list';
const PAGE = 500;

async function listOwners(client: Client, archived: boolean, options?: CallOptions): Promise<CrmUser[]> {
  const guard = createPageGuard({ operation: OPERATION });
  const users: CrmUser[] = [];
  let after: string | null = null;
  do {
    const answer = await client.request({
      operation: OPERATION,
      method: 'GET',
      path: '/owners',
      query: { limit: String(PAGE), archived: String(archived), ...(after === null ? {} : { after }) },
      signal: options?.signal,
    });
    const { results, paging } = parseReply(OwnersSchema, answer.body, OPERATION);
    for (const owner of results) {
      const name = [owner.firstName, owner.lastName].filter((part) => part != null && part !== '').join(' ');
      const email = owner.email ?? null;
      users.push({ id: owner.id, email, name: name === '' ? (email ?? '') : name, active: !archived });
    }
    after = paging?.next?.after ?? null;
    if (after !== null) guard.check({ cursor: after, fingerprint: '' });
  } while (after !== null);
  return users;
}

/** Active owners, and then archived ones. */
export async function listAllOwners(client: Client): Promise<readonly CrmUser[]> {
  return [...(await listOwners(client, false)), ...(await listOwners(client, true))];
}

/** Owners by e-mail address, active ones before archived ones. Several holders are nobody: an owner is never guessed. */
export async function findUsers(
  client: Client,
  emails: readonly string[],
  options?: CallOptions,
): Promise<readonly (CrmUser | null)[]> {
  const active = await listOwners(client, false, options);
  const keyOf = (text: string | null): string => text?.trim().toLowerCase() ?? '';
  const known = new Set(active.map((user) => keyOf(user.email)));
  const missing = emails.some((email) => !known.has(keyOf(email)));
  const archived = missing ? await listOwners(client, true, options) : [];
  // There are as many as mailboxes, and each of those asks.
  const byEmail = [active, archived].map((users) => Map.groupBy(users, (user) => keyOf(user.email)));
  return emails.map((email) => {
    const wanted = keyOf(email);
    if (wanted === '') return null;
    const holders = byEmail.map((users) => users.get(wanted) ?? []);
    const [first, ...others] = holders.find((users) => users.length > 0) ?? [];
    return first !== undefined && others.length === 0 ? first : null;
  });
}
