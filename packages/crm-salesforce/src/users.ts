import type { CallOptions, CrmUser } from '@tidelock/core';
import type { Client } from './client.ts';
import { chunkForQuery, isIn, queryAllPages } from './query.ts';
import type { Row } from './wire.ts';

interface Candidate extends CrmUser {
  readonly federation: string | null;
}

const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);
const keyOf = (text: string | null): string | null => text?.trim().toLowerCase() ?? null;

function toCandidate(row: Row): Candidate {
  return {
    id: textOf(row.Id) ?? '',
    email: textOf(row.Email),
    name: textOf(row.Name) ?? '',
    active: row.IsActive === true,
    federation: textOf(row.FederationIdentifier),
  };
}

function only(candidates: readonly Candidate[]): Candidate | null {
  const [first] = candidates;
  return candidates.length === 1 && first ? first : null;
}

/**
 * The federation identifier is unique in the org, so it decides; then the e-mail address, active users before others.
 * Several holders of an address are nobody: an owner is never guessed.
 */
function pick(candidates: readonly Candidate[], address: string): CrmUser | null {
  const wanted = keyOf(address);
  const byEmail = candidates.filter((user) => keyOf(user.email) === wanted);
  const active = byEmail.filter((user) => user.active);
  const user =
    only(candidates.filter((each) => keyOf(each.federation) === wanted)) ??
    (active.length > 0 ? only(active) : only(byEmail));
  return user && { id: user.id, email: user.email, name: user.name, active: user.active };
}

export async function findUsers(
  client: Client,
  emails: readonly string[],
  options?: CallOptions,
): Promise<readonly (CrmUser | null)[]> {
  const wanted = [...new Set(emails.map((email) => email.trim().toLowerCase()))].filter(
    (each) => each !== '',
  );
  const candidates: Candidate[] = [];
  for (const group of chunkForQuery(wanted, 2)) {
    const rows = await queryAllPages(
      client,
      {
        operation: 'users.find',
        object: 'User',
        select: ['Id', 'Name', 'Email', 'FederationIdentifier', 'IsActive'],
        // Portal users may share an address with a colleague, and own nothing.
        where: [
          "UserType = 'Standard'",
          `(${isIn('Email', group)} OR ${isIn('FederationIdentifier', group)})`,
        ],
      },
      options,
    );
    candidates.push(...rows.map(toCandidate));
  }
  const unique = [...new Map(candidates.map((user) => [user.id, user])).values()];
  return emails.map((email) => pick(unique, email));
}
