import * as z from 'zod';

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);
/** Where the service answers. Anything else would be sent the token. */
const HUBSPOT_HOST = /(^|\.)(hubapi|hubspot)\.com$/;

/** An origin and nothing else: a path, a user or a query would travel with every request. */
const Origin = z
  .url({ protocol: /^https?$/ })
  .refine((url) => URL.canParse(url) && new URL(url).origin === url.replace(/\/$/, ''), 'not a bare origin')
  .transform((url) => new URL(url).origin);

const PropertyName = z.string().regex(/^[a-z][a-z0-9_]{0,99}$/, 'the internal name of a property');

export const HubSpotOptionsSchema = z
  .strictObject({
    /** Access token of the private app. The host resolves a secret reference before it gets here. */
    token: z.string().min(1).max(1024),
    baseUrl: Origin.default('https://api.hubapi.com'),
    /** Property of contacts, and of meetings, that keeps our stamp: text, with unique values. */
    stampProperty: PropertyName.default('tidelock_key'),
    /** Property of meetings that tells events of whole days from others. */
    allDayProperty: PropertyName.default('tidelock_all_day'),
    /** Share of the account's rate limits that this connection may use. */
    rateShare: z.number().gt(0).max(1).default(0.9),
    /** Client secret of the private app, which signs webhooks. Without it no webhook is trusted. */
    webhookSecret: z.string().min(1).max(1024).optional(),
    /** Tests only: lets the API live on a host that is not the service's. `allow` guards against accidents. */
    endpoint: z.strictObject({ allow: z.literal(true) }).optional(),
  })
  .superRefine((options, context) => {
    const { hostname, protocol } = new URL(options.baseUrl);
    const refuse = (message: string): void =>
      context.addIssue({ code: 'custom', path: ['baseUrl'], message });
    if (protocol !== 'https:' && !(options.endpoint && LOOPBACK.has(hostname))) refuse('https is required');
    else if (!options.endpoint && !HUBSPOT_HOST.test(hostname)) refuse('not a host of HubSpot');
  });

/** What a configuration file holds. */
export type HubSpotOptionsInput = z.input<typeof HubSpotOptionsSchema>;
export type HubSpotOptions = z.output<typeof HubSpotOptionsSchema>;
