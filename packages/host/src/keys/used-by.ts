import type { Config } from '../config.ts';
import { referenceOf } from '../secret-options.ts';

type Path = readonly (string | number)[];

function placesOf(value: unknown, name: string, path: Path): string[] {
  if (value === name) return [path.join('.')];
  // The name of a secret is another thing.
  if (typeof value !== 'object' || value === null || referenceOf(value) !== null) return [];
  return Object.entries(value).flatMap(([key, inner]) => placesOf(inner, name, [...path, key]));
}

/** Where a configuration names this key beside the options of its token adapter: whoever signs with it there needs it too. */
export function usersOfKey(
  { adapters, crms, secretStores, server }: Config,
  name: string,
): readonly string[] {
  const { token: _, ...others } = adapters;
  const places: readonly (readonly [Path, unknown])[] = [
    ...Object.entries(others).map(([slot, { options }]) => [[slot, 'options'], options] as const),
    ...Object.entries(crms).map(([crm, { options }]) => [['crms', crm, 'options'], options] as const),
    ...Object.entries(secretStores).map(
      ([store, { options }]) => [['secretStores', store, 'options'], options] as const,
    ),
    [['server'], server],
  ];
  return places.flatMap(([path, options]) => placesOf(options, name, path));
}
