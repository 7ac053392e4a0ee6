import type { TokenProvider } from '@tidelock/core';
import { z } from 'zod';

/** Where a token provider names no cloud. */
const ROOT = 'https://graph.microsoft.com';

/** Property set of this product's named MAPI properties. Changing it makes every stamp written so far invisible. */
export const DEFAULT_NAMESPACE = '6f1a5c0e-2f7b-4b0a-9c57-41d6c8e3b2a9';
export const STAMP_NAME = 'TidelockStamp';
/** The folder that every mailbox has; `GET contactFolders` does not list it. */
export const DEFAULT_FOLDER = 'contacts';

/** The calendar that every mailbox has. */
export const DEFAULT_CALENDAR = 'calendar';

const isOrigin = (url: string): boolean =>
  URL.canParse(url) && new URL(url).origin === url.replace(/\/$/, '') && url.startsWith('https:');

const Origin = z
  .string()
  .refine(isOrigin, 'an https address without path, user or query')
  .transform((url) => new URL(url).origin);

const CustomName = z
  .string()
  .regex(/^[A-Za-z][\w.-]{0,63}$/, 'letters, digits and . _ - only, starting with a letter')
  .refine((name) => name !== STAMP_NAME, 'this name is taken by the product');

const unique = (names: readonly string[]): boolean =>
  new Set(names.map((name) => name.toLowerCase())).size === names.length;

export const ExchangeOptionsSchema = z.strictObject({
  /** Directory (tenant) id or one of its domains. */
  tenant: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9.-]{0,252}$/, 'a tenant id or a domain'),
  /** Tests only: sends tokens and contacts to another host. `allow` is there so that nobody does it by accident. */
  endpoint: z.strictObject({ url: Origin, allow: z.literal(true) }).optional(),
  /** Folder names or ids used where a scope names none; `contacts` is the default folder. */
  folders: z
    .array(z.string().min(1).max(255))
    .min(1)
    .max(50)
    .refine(unique, 'a folder is named twice')
    .default([DEFAULT_FOLDER]),
  /** Calendar names or ids used where a scope names none; `calendar` is the default calendar. */
  calendars: z
    .array(z.string().min(1).max(255))
    .min(1)
    .max(20)
    .refine(unique, 'a calendar is named twice')
    .default([DEFAULT_CALENDAR]),
  /** Contacts or events in one page of changes; a hint to the service. */
  pageSize: z.int().min(1).max(1000).default(200),
  /** Names of own text properties, in the catalogue as `x:<name>`. */
  custom: z.array(CustomName).max(20).refine(unique, 'a property is named twice').default([]),
  /** GUID under which stamps and own properties are stored. */
  namespace: z.guid().toLowerCase().default(DEFAULT_NAMESPACE),
});

/** What a configuration file holds. */
export type ExchangeOptionsInput = z.input<typeof ExchangeOptionsSchema>;
export type ExchangeOptions = z.output<typeof ExchangeOptionsSchema>;

export interface Endpoint {
  readonly origin: string;
  readonly host: string;
  /** Scope of the tokens. It names the cloud's own root also when the requests go to a test host. */
  readonly scope: string;
}

/** Tokens of one cloud are not good in another, so the cloud is the one that they come from. */
export function toEndpoint(
  options: Pick<ExchangeOptions, 'endpoint'>,
  token: Pick<TokenProvider, 'home'>,
): Endpoint {
  const root = token.home?.resource ?? ROOT;
  const origin = options.endpoint?.url ?? root;
  return { origin, host: new URL(origin).host, scope: `${root}/.default` };
}
