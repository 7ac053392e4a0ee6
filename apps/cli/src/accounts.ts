import type { AccessRole } from '@tidelock/core';
import { type Access, AccessRefusal, openAccess, type UserInfo } from '@tidelock/host';
import { InvalidArgumentError } from 'commander';
import type { Cli } from './cli.ts';
import { UsageError } from './failure.ts';
import { configPath } from './session.ts';
import { printable } from './table.ts';

export const ROLE_WORDS = ['viewer', 'operator', 'setup'] as const satisfies readonly AccessRole[];

export function toRole(text: string): AccessRole {
  const role = ROLE_WORDS.find((word) => word === text);
  if (role === undefined) throw new InvalidArgumentError(`One of ${ROLE_WORDS.join(', ')}.`);
  return role;
}

export const toRoleOrNone = (text: string): AccessRole | null => (text === 'none' ? null : toRole(text));

export const day = (at: number | null): string =>
  at === null ? '–' : new Date(at).toISOString().slice(0, 10);

export interface Desk {
  readonly access: Access;
  readonly origin: string | null;
  readonly who: string;
}

/** Throws where a link would lead nowhere. */
export function requireOrigin({ origin }: Desk): void {
  if (origin !== null) return;
  const remedy = 'Write server: { origin: https://... } into the configuration, or give --origin.';
  throw new UsageError([{ path: 'server.origin', reason: 'is missing, so no link can be made', remedy }]);
}

/** Opens secret store and state for one command. A refusal is told as bad input. */
export async function withAccess<R>(
  cli: Cli,
  use: (desk: Desk) => Promise<R>,
  of: { readonly origin?: string | undefined } = {},
): Promise<R> {
  const at = { configPath: configPath(cli), resolveFrom: import.meta.url, env: cli.env, signal: cli.signal };
  await using opened = await openAccess({ ...at, ...of });
  try {
    return await use(opened);
  } catch (error) {
    if (!(error instanceof AccessRefusal)) throw error;
    throw new UsageError([{ path: error.code, reason: error.message, remedy: error.remedy }]);
  }
}

/** One user by name or id. Names of people who come from a provider need not be unique. */
export async function findUser({ access }: Desk, called: string): Promise<UserInfo> {
  const users = await access.users();
  const wanted = called.toLowerCase();
  const found = users.filter(({ id, name }) => id === called || name.toLowerCase() === wanted);
  const [only, ...others] = found;
  if (only !== undefined && others.length === 0) return only;
  const path = printable(called);
  if (only === undefined)
    throw new UsageError([{ path, reason: 'nobody is called so', remedy: 'List them: tidelock users list' }]);
  const ids = found.map(({ id, via }) => `${id} (${via})`).join(', ');
  throw new UsageError([
    { path, reason: `${found.length} people are called so`, remedy: `Write the id of one: ${ids}` },
  ]);
}
