import { type FieldRule, InputError, type Mapping, type ScopeRule } from '@tidelock/core';
import type { Config } from '../config.ts';
import { MAIN_CRM } from '../crm-connections.ts';
import { type EventRules, effectiveEvents } from './effective-events.ts';
import { allowed, type Direction, narrowed, withRows } from './flow.ts';
import type { ProfileInput } from './profile-schema.ts';

export interface ContactRules {
  readonly sync: boolean;
  readonly direction: Direction;
  /** null = the default folder. */
  readonly folders: readonly string[] | null;
  /** null = every contact. */
  readonly categories: readonly string[] | null;
  readonly records: 'own' | 'all' | readonly string[];
  readonly filter: readonly ScopeRule[];
  readonly create: { readonly mailbox: boolean; readonly crm: boolean };
  readonly onDelete: { readonly mailbox: 'delete' | 'unlink'; readonly crm: 'delete' | 'unlink' };
  readonly master: 'crm' | 'mailbox';
  /** null = each field's own. */
  readonly conflict: FieldRule['conflict'] | null;
  readonly mapping: Mapping;
}

/** A profile with everything that it leaves out filled in. */
export interface Profile {
  readonly name: string;
  readonly description: string | null;
  /** Name of the CRM connection that its mailboxes follow. */
  readonly crm: string;
  readonly contacts: ContactRules;
  /** null = events take no part. */
  readonly events: EventRules | null;
}

/** Name of the profile that stands for everything outside "profiles". */
export const DEFAULT = 'default';

function mappingOf(
  config: Config,
  own: ProfileInput['contacts'],
  of: { name: string; crm: string; shipped: Mapping | undefined },
): Mapping {
  // Names of properties are those of one CRM: what stands at the top of the file is about the one under "crm".
  const isMain = of.crm === MAIN_CRM;
  const base = config.profileMappings.get(of.name) ?? (isMain ? config.mapping : null) ?? of.shipped;
  if (base === undefined) {
    const reason = 'the CRM adapter ships no mapping';
    const remedy = 'Write a mapping file and name it under "mapping".';
    throw new InputError(reason, [{ path: 'mapping', reason, remedy }]);
  }
  const rows = withRows(withRows(base.fields, isMain ? config.mappingExtra : []), own.mappingExtra);
  const fields = rows
    .flatMap((rule) => narrowed(rule, own.direction))
    .map((rule) =>
      own.conflict !== undefined && rule.conflict === 'newer' ? { ...rule, conflict: own.conflict } : rule,
    );
  if (fields.length > 0) return { ...base, fields };
  const reason = `no row of the mapping goes ${own.direction}`;
  const remedy = 'Add rows in this direction, or write direction: both.';
  throw new InputError(reason, [{ path: `profiles.${of.name}.contacts.direction`, reason, remedy }]);
}

const NOTHING: ProfileInput['contacts'] = {
  sync: true,
  direction: 'both',
  filter: [],
  create: {},
  onDelete: {},
  mappingExtra: [],
};

/** Mappings that adapters ship, by name of the CRM connection. */
export type Shipped = ReadonlyMap<
  string,
  { readonly contacts: Mapping | undefined; readonly events: Mapping | undefined }
>;

/** The rules in force under a name: what the profile says, else "sync" and the top of the file, else the defaults. */
export function effectiveProfile(config: Config, name: string, shipped: Shipped): Profile {
  const written = config.profiles[name];
  const crm = written?.crm ?? MAIN_CRM;
  const own = written?.contacts ?? NOTHING;
  const { sync } = config;
  return {
    name,
    crm,
    description: written?.description ?? null,
    events: written?.events ? effectiveEvents(config, written.events, shipped.get(crm)?.events) : null,
    contacts: {
      sync: own.sync,
      direction: own.direction,
      folders: own.folders ?? null,
      categories: own.categories ?? null,
      records: own.records ?? 'own',
      filter: own.filter,
      ...allowed(config, own),
      master: own.master ?? sync.master,
      conflict: own.conflict ?? null,
      mapping: mappingOf(config, own, { name, crm, shipped: shipped.get(crm)?.contacts }),
    },
  };
}

/** Every profile of the file, and the implicit default one. */
export function profileNames(config: Config): readonly string[] {
  return [...new Set([DEFAULT, ...Object.keys(config.profiles)])].sort();
}
