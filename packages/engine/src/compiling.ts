import type { FieldCatalogue, Mapping, Side } from '@tidelock/core';
import { type Canon, createCanon } from './canonical.ts';
import { type CompiledMapping, compileMapping } from './lens.ts';

export interface Compiled {
  readonly canon: Canon;
  readonly mapping: CompiledMapping;
}

interface Entry extends Compiled {
  readonly region: string;
  readonly catalogues: Readonly<Record<Side, FieldCatalogue>>;
}

/** Stores that lanes under one mapping have, at once: a CRM or two, and the mailboxes of a tenant or two. */
const KEPT = 8;

export interface Compiling {
  /** The same for lanes that have the same mapping over stores that can do the same. */
  compile(mapping: Mapping, of: { catalogues: Entry['catalogues']; region: string }): Compiled;
}

/** A thousand mailboxes under one profile have one compiled mapping, and not each its own. */
export function createCompiling(): Compiling {
  const known = new WeakMap<Mapping, Entry[]>();
  return {
    compile(mapping, { catalogues, region }) {
      const entries = known.get(mapping) ?? [];
      const { a, b } = catalogues;
      const found = entries.find(
        (one) => one.region === region && one.catalogues.a === a && one.catalogues.b === b,
      );
      if (found !== undefined) return found;
      const canon = createCanon({ region });
      const made = { region, catalogues, canon, mapping: compileMapping(mapping, catalogues, canon) };
      known.set(mapping, [made, ...entries].slice(0, KEPT));
      return made;
    },
  };
}
