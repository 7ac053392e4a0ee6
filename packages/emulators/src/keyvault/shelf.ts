import type { EmulatorClock, Random } from '../kit/index.ts';
import { badParameter, isBeingDeleted, isBeingRecovered, isDeleted, missing, Refusal } from './refusal.ts';

export interface Attributes {
  enabled: boolean;
  created: number;
  updated: number;
  exp?: number | undefined;
  nbf?: number | undefined;
}

export interface Version<T> {
  readonly id: string;
  readonly attributes: Attributes;
  tags: Record<string, string>;
  readonly content: T;
}

export interface Entry<T> {
  readonly name: string;
  /** Oldest first. */
  readonly versions: Version<T>[];
  state: 'live' | 'deleted';
  /** Until when the last change of state is under way. */
  busyUntil: number;
  deletedAt: number;
}

export interface ShelfSettings {
  /** Milliseconds that deleting and recovering take: until then neither the old nor the new state answers. */
  transitionMs: number;
  purgeProtection: boolean;
}

export interface Shelf<T> {
  readonly entries: ReadonlyMap<string, Entry<T>>;
  /** A live entry; names are not case-sensitive. */
  require(name: string): Entry<T>;
  version(name: string, id: string | undefined): Version<T>;
  add(
    name: string,
    content: T,
    more: { tags?: Record<string, string>; attributes?: Partial<Attributes> },
  ): Version<T>;
  remove(name: string): Entry<T>;
  deleted(name: string): Entry<T>;
  recover(name: string): Entry<T>;
  purge(name: string): void;
}

const NAME = /^[0-9a-zA-Z-]{1,127}$/;

/** Objects with versions, soft delete and recovery, which both take their time. */
export function createShelf<T>(
  kind: 'Secret' | 'Key',
  of: { readonly clock: EmulatorClock; readonly random: Random; readonly settings: ShelfSettings },
): Shelf<T> {
  const { clock, random, settings } = of;
  const entries = new Map<string, Entry<T>>();
  const keyOf = (name: string): string => {
    if (!NAME.test(name)) throw badParameter('The request URI contains an invalid name');
    return name.toLowerCase();
  };
  const seconds = (): number => Math.floor(clock.now() / 1000);
  const isBusy = (entry: Entry<T>): boolean => clock.now() < entry.busyUntil;
  const change = (entry: Entry<T>, state: Entry<T>['state']): Entry<T> => {
    entry.state = state;
    entry.busyUntil = clock.now() + settings.transitionMs;
    return entry;
  };
  const require = (name: string): Entry<T> => {
    const entry = entries.get(keyOf(name));
    if (entry === undefined || entry.state === 'deleted' || isBusy(entry)) throw missing(kind, name);
    return entry;
  };
  const deleted = (name: string): Entry<T> => {
    const entry = entries.get(keyOf(name));
    if (entry === undefined || entry.state === 'live' || isBusy(entry)) throw missing(kind, name);
    return entry;
  };
  return {
    entries,
    require,
    deleted,
    version(name, id) {
      const { versions } = require(name);
      const found = id === undefined ? versions.at(-1) : versions.find((each) => each.id === id);
      if (found === undefined) throw missing(kind, name);
      return found;
    },
    add(name, content, { tags = {}, attributes = {} }) {
      const key = keyOf(name);
      const entry = entries.get(key) ?? { name, versions: [], state: 'live', busyUntil: 0, deletedAt: 0 };
      if (isBusy(entry)) throw entry.state === 'deleted' ? isBeingDeleted(name) : isBeingRecovered(name);
      if (entry.state === 'deleted') throw isDeleted(kind, name);
      const now = seconds();
      const made: Version<T> = {
        ...{ id: random.hex(32), tags, content },
        attributes: { enabled: true, created: now, updated: now, ...attributes },
      };
      entry.versions.push(made);
      entries.set(key, entry);
      return made;
    },
    remove(name) {
      const entry = change(require(name), 'deleted');
      entry.deletedAt = seconds();
      return entry;
    },
    recover: (name) => change(deleted(name), 'live'),
    purge(name) {
      if (settings.purgeProtection)
        throw new Refusal(403, 'Forbidden', {
          message: 'Operation "purge" is not allowed because purge protection is enabled for this vault.',
          inner: 'ForbiddenByPolicy',
        });
      entries.delete(keyOf(deleted(name).name));
    },
  };
}
