import { z } from 'zod';

/**
 * The clouds of Microsoft 365, GCC being part of `global`. Each needs its own registration and certificate upload; tokens of
 * one are good in no other. This is the only table: whoever needs a root of the API takes it from `TokenProvider.home`.
 */
export const CLOUDS = {
  global: {
    authority: 'https://login.microsoftonline.com',
    resource: 'https://graph.microsoft.com',
    portal: 'https://entra.microsoft.com',
  },
  'usgov-l4': {
    authority: 'https://login.microsoftonline.us',
    resource: 'https://graph.microsoft.us',
    portal: 'https://entra.microsoft.us',
  },
  'usgov-l5': {
    authority: 'https://login.microsoftonline.us',
    resource: 'https://dod-graph.microsoft.us',
    portal: 'https://entra.microsoft.us',
  },
  china: {
    authority: 'https://login.partner.microsoftonline.cn',
    resource: 'https://microsoftgraph.chinacloudapi.cn',
    portal: 'https://entra.microsoftonline.cn',
  },
} as const;

const KeyName = z
  .string()
  .max(127)
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*(\/[a-z0-9]+(-[a-z0-9]+)*)*$/, 'not the name of a key pair');

/** An origin and nothing else: a path, a user or a query would travel with every assertion. */
const HttpsOrigin = z
  .url({ protocol: /^https$/ })
  .refine((url) => URL.canParse(url) && new URL(url).origin === url.replace(/\/$/, ''), 'not a bare origin')
  .transform((url) => new URL(url).origin);

/** Of this machine, for browsers that would not trust an emulator's certificate. */
const LoopbackOrigin = z
  .string()
  .regex(/^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/, 'http, on this machine, and no path');

export const EntraOptionsSchema = z.strictObject({
  /** Application (client) ID of the app registration. */
  clientId: z.guid().toLowerCase(),
  /** Key pairs of the secrets adapter, newest first. During a rotation both names stand here. */
  keys: z
    .array(KeyName)
    .min(1)
    .max(8)
    .refine((names) => new Set(names).size === names.length, 'a key is named twice'),
  cloud: z.enum(['global', 'usgov-l4', 'usgov-l5', 'china']).default('global'),
  /**
   * Tests only: sends signed assertions to another host. `allow` is there so that nobody does it by accident. `pages`: where
   * browsers are sent to instead.
   */
  authority: z
    .strictObject({ url: HttpsOrigin, pages: LoopbackOrigin.optional(), allow: z.literal(true) })
    .optional(),
});

/** What a configuration file holds. */
export type EntraOptionsInput = z.input<typeof EntraOptionsSchema>;
export type EntraOptions = z.output<typeof EntraOptionsSchema>;

/** Scope of everything that an app-only token is asked for, in the connection's cloud. */
export const toScope = ({ cloud }: Pick<EntraOptions, 'cloud'>): string =>
  `${CLOUDS[cloud].resource}/.default`;

export interface Authority {
  readonly origin: string;
  /** Where people sign in and consent. */
  readonly pages: string;
  readonly host: string;
  /** Set for the test switch only: it also widens what MSAL takes for an issuer. */
  readonly known: readonly string[];
}

export function toAuthority(options: EntraOptions): Authority {
  const origin = options.authority?.url ?? CLOUDS[options.cloud].authority;
  const { host } = new URL(origin);
  const pages = options.authority?.pages ?? origin;
  return { origin, pages, host, known: options.authority ? [host] : [] };
}
