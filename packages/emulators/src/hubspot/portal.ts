import type { EmulatorClock, Faults, Random } from '../kit/index.ts';
import { notFound } from './api-error.ts';
import { OBJECT_TYPES, type ObjectType } from './standard-objects.ts';
import { createTable, type Table } from './table.ts';
import type { WebhookEvent } from './webhook-event.ts';

/** Switches of the account that tests and people may turn at any time. */
export interface PortalSettings {
  /** Time until searches show a write, in ms. */
  searchLagMs: number;
  /** Requests per rolling 10 s and private app, and for associations. */
  requestsPerTenSeconds: number;
  /** Searches per rolling second and account. */
  searchesPerSecond: number;
  /** Requests per day and account, all apps; the day is that of the account's zone, here UTC. */
  requestsPerDay: number;
  /** `new`: merged contacts become a record with a new id. `primary`: the chosen one keeps its id. */
  mergeId: 'new' | 'primary';
  /** How a value that another record holds in a unique property is refused. */
  uniqueRefusal: 'conflict' | 'validation';
}

export interface WriteEntry {
  readonly at: number;
  readonly operation:
    | 'create'
    | 'update'
    | 'archive'
    | 'merge'
    | 'restore'
    | 'purge'
    | 'associate'
    | 'dissociate';
  readonly objectType: string;
  readonly id: string;
  /** Private app; undefined for acts of people. */
  readonly app: string | undefined;
}

export interface Owner {
  readonly id: string;
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly userId: number;
  readonly archived: boolean;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** Who acts: an app through the API, or a person in the CRM. */
export interface Actor {
  readonly app: string | undefined;
}

/** State of one emulated account. */
export interface Portal {
  readonly id: number;
  readonly clock: EmulatorClock;
  readonly random: Random;
  readonly faults: Faults;
  readonly settings: PortalSettings;
  readonly tables: readonly Table[];
  readonly owners: Map<string, Owner>;
  readonly writes: WriteEntry[];
  /** Type ids of associations by `fromType:id` and `toType:id`; kept in both directions. */
  readonly associations: Map<string, Map<string, ReadonlySet<number>>>;
  /** Grows with every change of data or schema. */
  version: number;
  /** By plural, singular or type id; undefined for object types that do not exist here. */
  table(name: string): Table | undefined;
  nextId(): string;
  note(entry: Omit<WriteEntry, 'at'>): void;
  /** What was archived, oldest first. */
  readonly archive: { readonly table: Table; readonly id: string; readonly at: number }[];
  readonly onEvent: Set<(event: WebhookEvent) => void>;
  /** Makes due versions searchable and empties the archive of what is older than 90 days; the present time. */
  settle(): number;
}

export function requireTable(portal: Portal, name: string): Table {
  const table = portal.table(name);
  if (table === undefined) throw notFound(`Unable to infer object type from: ${name}`);
  return table;
}

const namesOf = (type: ObjectType): string[] => [type.name, type.singular, type.typeId];

/** Archived records can be restored, and are listed, for this long. */
const ARCHIVE_MS = 90 * 24 * 3_600_000;

function emptyArchive({ archive }: Portal, now: number): void {
  const old = archive.filter(({ at }) => at <= now - ARCHIVE_MS);
  archive.splice(0, old.length);
  for (const { table, id, at } of old)
    if (table.get(id)?.archivedAt === at) table.remove(id, { now, searchableAt: now });
}

export function createPortal(options: {
  readonly clock: EmulatorClock;
  readonly random: Random;
  readonly faults: Faults;
  readonly settings: PortalSettings;
}): Portal {
  const { clock, random } = options;
  const tables = OBJECT_TYPES.map(createTable);
  const byName = new Map(tables.flatMap((table) => namesOf(table.type).map((name) => [name, table])));
  let lastId = 30_000 + random.int(5_000);
  const portal: Portal = {
    ...options,
    id: 1_000_000 + random.int(9_000_000),
    tables,
    owners: new Map(),
    writes: [],
    associations: new Map(),
    version: 0,
    table: (name) => byName.get(name.toLowerCase()),
    nextId() {
      lastId += 1 + random.int(40);
      return String(lastId);
    },
    note(entry) {
      portal.version += 1;
      portal.writes.push({ at: clock.now(), ...entry });
    },
    archive: [],
    onEvent: new Set(),
    settle() {
      const now = clock.now();
      for (const { index } of tables) index.settle(now);
      emptyArchive(portal, now);
      return now;
    },
  };
  return portal;
}
