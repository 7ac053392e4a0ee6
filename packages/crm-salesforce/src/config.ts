import * as z from 'zod';

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);
/** Where Salesforce serves sign-in and API. Anything else would be sent credentials. */
const SALESFORCE_HOST = /(^|\.)(salesforce\.com|force\.com|salesforce\.mil|sfcrmproducts\.cn)$/;

/** A host of Salesforce's own, by the suffix of its name. */
export function isSalesforceHost(host: string): boolean {
  return SALESFORCE_HOST.test(host);
}

/** An origin and nothing else: a path, a user or a query would travel with every credential. */
const Origin = z
  .url({ protocol: /^https?$/ })
  .refine((url) => URL.canParse(url) && new URL(url).origin === url.replace(/\/$/, ''), 'not a bare origin')
  .refine(
    (url) => URL.canParse(url) && (new URL(url).protocol === 'https:' || LOOPBACK.has(new URL(url).hostname)),
    'https is required',
  )
  .transform((url) => new URL(url).origin);

const KeyName = z
  .string()
  .max(127)
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*(\/[a-z0-9]+(-[a-z0-9]+)*)*$/, 'not the name of a key pair');

const CustomField = /^[A-Za-z][A-Za-z0-9_]{0,39}__c$/;

const JwtSchema = z.strictObject({
  flow: z.literal('jwt'),
  /** Consumer key of the app. */
  consumerKey: z.string().min(1).max(512),
  /** User name of the integration user, which is not an e-mail address although it looks like one. */
  username: z.string().min(1).max(80),
  /** Name of the key pair in the secrets adapter; its certificate is uploaded to the app. */
  key: KeyName,
});

const ClientCredentialsSchema = z.strictObject({
  flow: z.literal('client-credentials'),
  clientId: z.string().min(1).max(512),
  /** The host resolves a secret reference before it gets here. */
  clientSecret: z.string().min(1).max(1024),
  /** This flow exists on the org's own host only: `https://acme.my.salesforce.com`. */
  myDomainUrl: Origin,
});

export const SalesforceOptionsSchema = z
  .strictObject({
    /** `https://login.salesforce.com`, `https://test.salesforce.com` for sandboxes, or an Experience Cloud site. */
    loginUrl: Origin.default('https://login.salesforce.com'),
    auth: z.discriminatedUnion('flow', [JwtSchema, ClientCredentialsSchema]),
    apiVersion: z
      .string()
      .regex(/^[6-9]\d\.0$/, 'a version from 60.0 up, like 66.0')
      .default('66.0'),
    /** Custom text field on Contact and on Activity (its events), unique and external id, that keeps our stamp. */
    stampField: z.string().regex(CustomField, 'the API name of a custom field').default('TidelockKey__c'),
    /** Company: `match` an Account by its exact name, or `text:<Field__c>`, a plain text field of Contact. */
    account: z
      .union([
        z.literal('match'),
        z
          .templateLiteral(['text:', z.string()])
          .refine((text) => CustomField.test(text.slice(5)), 'the API name of a custom field'),
      ])
      .default('match'),
    /** Share of the org's daily API requests that this connection may use up. */
    dailyShare: z.number().gt(0).max(1).default(0.2),
    /** Tests only: lets sign-in and API live on hosts that are not Salesforce's. `allow` guards against accidents. */
    endpoint: z.strictObject({ allow: z.literal(true) }).optional(),
  })
  .superRefine((options, context) => {
    if (options.endpoint) return;
    const urls: [path: string[], url: string][] = [[['loginUrl'], options.loginUrl]];
    if (options.auth.flow === 'client-credentials')
      urls.push([['auth', 'myDomainUrl'], options.auth.myDomainUrl]);
    for (const [path, url] of urls) {
      const { host, protocol } = new URL(url);
      if (protocol === 'https:' && isSalesforceHost(host)) continue;
      context.addIssue({ code: 'custom', path, message: 'not a host of Salesforce' });
    }
  });

/** What a configuration file holds. */
export type SalesforceOptionsInput = z.input<typeof SalesforceOptionsSchema>;
export type SalesforceOptions = z.output<typeof SalesforceOptionsSchema>;

/** Where the token request goes. */
export function toTokenOrigin(options: SalesforceOptions): string {
  return options.auth.flow === 'jwt' ? options.loginUrl : options.auth.myDomainUrl;
}

/** The text field that stands for the company, or null when accounts are matched. */
export function toCompanyField(options: Pick<SalesforceOptions, 'account'>): string | null {
  return options.account === 'match' ? null : options.account.slice('text:'.length);
}
