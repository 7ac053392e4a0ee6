import type { FieldRule } from '@tidelock/core';
import { MAIN_CRM } from '../crm-connections.ts';
import type { Profile } from './effective.ts';

type Json = null | string | number | boolean | readonly Json[] | { readonly [key: string]: Json };

const rowOf = (rule: FieldRule): Json => {
  const { field: _, ...row } = rule;
  return row as unknown as Json;
};

/** The window is a number of days, not its dates: a day that passes is no change of the rules. */
function eventsOf({ events }: Profile): Json {
  if (events === null) return null;
  const { mapping, ...rules } = events;
  const fields = Object.fromEntries((mapping?.fields ?? []).map((rule) => [rule.field, rowOf(rule)]));
  return { ...(rules as unknown as Record<string, Json>), fields };
}

/** A profile as data for comparing and keeping: mapping rows by field, keys in order. */
export function documentOf(profile: Profile): Json {
  const { mapping, ...contacts } = profile.contacts;
  const fields = Object.fromEntries(mapping.fields.map((rule) => [rule.field, rowOf(rule)]));
  return {
    description: profile.description,
    ...(profile.crm === MAIN_CRM ? {} : { crm: profile.crm }),
    contacts: { ...(contacts as unknown as Record<string, Json>), fields },
    events: eventsOf(profile),
  };
}

function ordered(value: Json): Json {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value as Readonly<Record<string, Json | undefined>>);
  const kept = entries.filter((entry): entry is [string, Json] => entry[1] !== undefined);
  return Object.fromEntries(
    kept.sort(([x], [y]) => (x < y ? -1 : 1)).map(([key, one]) => [key, ordered(one)]),
  );
}

export const toText = (profile: Profile): string => JSON.stringify(ordered(documentOf(profile)));

function leaves(value: Json, path: string): [string, Json][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [[path, value]];
  const entries = Object.entries(value);
  return entries.flatMap(([key, one]) => leaves(one as Json, path === '' ? key : `${path}.${key}`));
}

/** Only what differs between two kept profiles, by path. */
export function differenceOf(
  before: string,
  after: string,
): { before: Record<string, Json>; after: Record<string, Json> } {
  const [old, now] = [before, after].map((text) => new Map(leaves(JSON.parse(text) as Json, ''))) as [
    Map<string, Json>,
    Map<string, Json>,
  ];
  const paths = [...new Set([...old.keys(), ...now.keys()])].sort();
  const changed = paths.filter((path) => JSON.stringify(old.get(path)) !== JSON.stringify(now.get(path)));
  const pick = (from: Map<string, Json>): Record<string, Json> =>
    Object.fromEntries(changed.map((path) => [path, from.get(path) ?? null]));
  return { before: pick(old), after: pick(now) };
}
