import { shortHash } from './features.ts';
import type { CompiledMapping } from './lens.ts';

const known = new WeakMap<CompiledMapping, string>();

/** A name for what this mapping does: fields, properties and directions. Another one means other writes. */
export function mappingVersion(mapping: CompiledMapping): string {
  const version =
    known.get(mapping) ??
    shortHash(JSON.stringify(mapping.fields.map((field) => [field.name, field.property, field.flows])));
  known.set(mapping, version);
  return version;
}
