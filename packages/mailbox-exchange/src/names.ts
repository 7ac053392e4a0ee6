import type { Fields } from '@tidelock/core';

const PARTS = ['title', 'givenName', 'middleName', 'surname', 'generation'] as const;

const textOf = (fields: Fields, name: string): string => {
  const value = fields[name];
  return typeof value === 'string' ? value.trim() : '';
};

const join = (fields: Fields, parts: readonly string[]): string =>
  parts
    .map((part) => textOf(fields, part))
    .filter((text) => text !== '')
    .join(' ');

/** What a contact without any name is shown as. */
const standIn = (fields: Fields): string => textOf(fields, 'companyName') || textOf(fields, 'email1');

/** Ways in which Outlook, the service and this adapter compose a display name. The first is ours. */
const STYLES: readonly ((fields: Fields) => string)[] = [
  (fields) => join(fields, PARTS),
  (fields) => join(fields, PARTS.slice(1)),
  (fields) => join(fields, ['givenName', 'surname']),
  (fields) =>
    [textOf(fields, 'surname'), textOf(fields, 'givenName')].filter((text) => text !== '').join(', '),
];

const compose = (style: (fields: Fields) => string, fields: Fields): string =>
  style(fields) || standIn(fields);

const [ours = () => ''] = STYLES;

/** Display name of a new contact; null when there is nothing to make it of. */
export const newDisplayName = (fields: Fields): string | null => compose(ours, fields) || null;

/**
 * The display name to send with an update, or undefined for none. The service composes it anew whenever a name part
 * changes, so it is sent with every such update: one that somebody wrote by hand stays, a composed one follows the
 * parts in the style it was composed in.
 */
export function nextDisplayName(
  shown: string | null | undefined,
  before: Fields,
  patch: Fields,
): string | null | undefined {
  if (shown === undefined) return undefined;
  const after = { ...before, ...patch };
  const present = shown?.trim() ?? '';
  const style = present === '' ? ours : STYLES.find((each) => compose(each, before) === present);
  const touched = PARTS.some((part) => patch[part] !== undefined);
  if (style === undefined) return touched ? shown : undefined;
  if (compose(style, before) === compose(style, after)) return touched ? shown : undefined;
  return compose(style, after) || null;
}
