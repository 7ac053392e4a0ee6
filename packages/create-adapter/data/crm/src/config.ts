import * as z from 'zod';

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/** An origin and nothing else: a path, a user or a query would travel with every request. */
const Origin = z
  .url({ protocol: /^https?$/ })
  .refine((url) => URL.canParse(url) && new URL(url).origin === url.replace(/\/$/, ''), 'not a bare origin')
  .refine((url) => {
    const { protocol, hostname } = new URL(url);
    return protocol === 'https:' || LOOPBACK.has(hostname);
  }, 'https is required')
  .transform((url) => new URL(url).origin);

/** Strict: a misspelt option is an error. The schema is also the source of the documentation. */
export const AcmeOptionsSchema = z.strictObject({
  /** The host resolves a secret reference before it gets here. */
  token: z.string().min(1).max(1024),
  // TODO: the service's real address.
  baseUrl: Origin.default('https://api.acme.example'),
});

/** What a configuration file holds. */
export type AcmeOptionsInput = z.input<typeof AcmeOptionsSchema>;
export type AcmeOptions = z.output<typeof AcmeOptionsSchema>;
