import { AdapterError } from '@tidelock/core';
import type { Database } from './database.ts';
import { LOCK } from './migrate.ts';
import { bool, text } from './row.ts';

const OPERATION = 'state.role';

const WHO = `select current_user::text as name, r.rolsuper as super, r.rolbypassrls as bypass,
  exists (select from pg_class c join pg_namespace s on s.oid = c.relnamespace
    where s.nspname = $1 and pg_has_role(current_user, c.relowner, 'member')) as owns
  from pg_roles r where r.rolname = current_user`;

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** What the program needs and no more: it reads and writes rows, and of the audit trail it can only write new ones. */
const grants = (schema: string, role: string): string => `grant usage on schema "${schema}" to ${role};
  grant select, insert, update, delete on all tables in schema "${schema}" to ${role};
  revoke update, delete, truncate on $.audit from ${role};
  revoke insert, update, delete on $.migration from ${role}`;

function refuse(what: string): AdapterError {
  return new AdapterError(
    'invalid',
    `The database role of "url" ${what}, so it is not held to what it needs.`,
    {
      operation: OPERATION,
      code: 'owning-role',
      remedy:
        'Create another role for "url" (create role ... login) that owns nothing, and keep the owner’s connection for "ownerUrl"; where the database has one role only, set allowOwner: true.',
    },
  );
}

/** Gives the role of `db` what it needs of the schema that `owner` owns. */
export async function grantRole(owner: Database, db: Database): Promise<void> {
  const [row = {}] = await db.single(OPERATION, (session) => session.all(WHO, [db.schema]));
  const role = quoted(text(row, 'name'));
  await owner.transaction(OPERATION, async (session) => {
    // Programs that start at once take turns.
    await session.all(LOCK, [db.schema]);
    await session.run(grants(db.schema, role));
  });
}

/** Throws where the role owns a table of the schema, is a superuser, or passes row-level security by. */
export async function requirePlainRole(db: Database): Promise<void> {
  const [row = {}] = await db.single(OPERATION, (session) => session.all(WHO, [db.schema]));
  if (bool(row, 'super')) throw refuse('is a superuser');
  if (bool(row, 'bypass')) throw refuse('bypasses row-level security');
  if (bool(row, 'owns')) throw refuse('owns tables');
}
