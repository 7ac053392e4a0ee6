import { COMMON, type CommonName, type CrmInput } from './emulated-crm.ts';

/** Names of the CRM for the common ones; those that it has no place for are left out. */
export type NameTable = Readonly<Partial<Record<CommonName, string>>> & { readonly owner: string };

/** Values under the names of the CRM. */
export function toNative(values: CrmInput, names: NameTable): Record<string, string | null> {
  const native: Record<string, string | null> = {};
  const known: Readonly<Record<string, string | undefined>> = names;
  for (const [name, value] of Object.entries(values)) {
    const own = known[name] ?? ((COMMON as readonly string[]).includes(name) ? undefined : name);
    if (own !== undefined && value !== undefined) native[own] = value;
  }
  return native;
}

/** Values under common names, blanks left out; properties that were added keep their own. */
export function toCommon(
  native: Readonly<Record<string, unknown>>,
  names: NameTable,
  added: ReadonlySet<string>,
): Record<string, string> {
  const values: Record<string, string> = {};
  const take = (name: string, value: unknown): void => {
    if (typeof value === 'string' && value !== '') values[name] = value;
  };
  for (const name of COMMON) take(name, names[name] === undefined ? undefined : native[names[name]]);
  for (const name of added) take(name, native[name]);
  return values;
}
