import type { TokenProvider } from '@tidelock/core';
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

export interface KeyUse {
  /** Place among the keys that the token adapter signs with, newest first; null = none of them. */
  readonly place: number | null;
  /** Where else the configuration names it. */
  readonly elsewhere: readonly string[];
}

export function useOfKey(config: Config, { keyNames = [] }: TokenProvider, name: string): KeyUse {
  const place = keyNames.indexOf(name);
  return { place: place < 0 ? null : place, elsewhere: usersOfKey(config, name) };
}

/** A key that nothing signs with any more: nobody has to renew it. A token adapter that tells no names may use any. */
export function isIdle(config: Config, token: TokenProvider, name: string): boolean {
  const { place, elsewhere } = useOfKey(config, token, name);
  return token.keyNames !== undefined && place === null && elsewhere.length === 0;
}
