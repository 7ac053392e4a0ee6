import { AdapterError, type CallOptions, type CrmUser } from '@tidelock/core';
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

/** Candidates by what decides. There are as many as mailboxes, and each of those asks. */
interface Index {
  readonly byEmail: ReadonlyMap<string | null, readonly Candidate[]>;
  readonly byFederation: ReadonlyMap<string | null, readonly Candidate[]>;
}

const indexOf = (candidates: readonly Candidate[]): Index => ({
  byEmail: Map.groupBy(candidates, ({ email }) => keyOf(email)),
  byFederation: Map.groupBy(candidates, ({ federation }) => keyOf(federation)),
});

/**
 * The federation identifier is unique in the org, so it decides; then the e-mail address, active users before others.
 * Several holders of an address are nobody: an owner is never guessed.
 */
function pick(index: Index, address: string): CrmUser | null {
  const wanted = keyOf(address);
  const byEmail = index.byEmail.get(wanted) ?? [];
  const active = byEmail.filter((user) => user.active);
  const user =
    only(index.byFederation.get(wanted) ?? []) ?? (active.length > 0 ? only(active) : only(byEmail));
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
  const index = indexOf([...new Map(candidates.map((user) => [user.id, user])).values()]);
  return emails.map((email) => pick(index, email));
}

/** The contract's words, and what the object calls them. Anything else is the name of a field. */
const FIELDS: Readonly<Record<string, string>> = {
  id: 'Id',
  email: 'Email',
  login: 'Username',
  federation: 'FederationIdentifier',
  employee: 'EmployeeNumber',
};

const RECORD_ID = /^[A-Za-z0-9]{15}([A-Za-z0-9]{3})?$/;

function fieldOf(by: string): string {
  const field = FIELDS[by] ?? by;
  if (/^[A-Za-z]\w{0,79}$/.test(field)) return field;
  throw new AdapterError('invalid', 'The name of a user field has letters, digits and _ only.', {
    operation: 'users.find',
  });
}

/** Ids come with 15 or 18 characters, and the 15 tell case. */
const sameValue = (field: string, text: string | null): string | null =>
  field === 'Id' ? (text?.slice(0, 15) ?? null) : keyOf(text);

/** Every standard user that has one of the values in the field. */
export async function findUsersBy(
  client: Client,
  of: { readonly by: string; readonly values: readonly string[] },
  options?: CallOptions,
): Promise<readonly (readonly CrmUser[])[]> {
  const field = fieldOf(of.by);
  const askable = (value: string): boolean => value !== '' && (field !== 'Id' || RECORD_ID.test(value));
  const wanted = [...new Set(of.values.map((value) => value.trim()))].filter(askable);
  const rows: Row[] = [];
  for (const group of chunkForQuery(wanted, 1)) {
    const select = [...new Set(['Id', 'Name', 'Email', 'FederationIdentifier', 'IsActive', field])];
    const where = ["UserType = 'Standard'", isIn(field, group)];
    rows.push(
      ...(await queryAllPages(client, { operation: 'users.find', object: 'User', select, where }, options)),
    );
  }
  const users = rows.map((row) => {
    const { federation: _, ...user } = toCandidate(row);
    return { user, value: sameValue(field, textOf(row[field])) };
  });
  const byValue = Map.groupBy(users, ({ value }) => value);
  return of.values.map((value) => {
    const asked = sameValue(field, value.trim());
    return asked === null || asked === '' ? [] : (byValue.get(asked) ?? []).map(({ user }) => user);
  });
}
