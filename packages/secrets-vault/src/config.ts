import * as z from 'zod';

const Text = z.string().min(1).max(4096);
const Mount = z
  .string()
  .regex(
    /^[a-zA-Z0-9_-]+(?:\/[a-zA-Z0-9_-]+)*$/,
    'a mount: letters, digits, "-" and "_", no slash at either end',
  );
const Prefix = z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/, 'small letters, digits and "-"');

function isSafe(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  const loopback = ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname);
  const plain = url.username === '' && url.password === '' && url.search === '' && url.hash === '';
  return (
    plain && url.pathname === '/' && (url.protocol === 'https:' || (url.protocol === 'http:' && loopback))
  );
}

const Address = z
  .string()
  .refine(
    isSafe,
    'an https address without path (http only to this machine itself): https://vault.example:8200',
  );

/** Where something that must not stand in the configuration is read from, anew each time it is needed. */
export const SourceSchema = z.union([
  /** File with it; relative to the data directory. */
  z.strictObject({ file: Text }),
  z.strictObject({
    env: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, 'the name of an environment variable'),
  }),
]);
export type Source = z.infer<typeof SourceSchema>;

const AppRole = z.strictObject({
  roleId: Text,
  secretId: SourceSchema,
  /** What stands there is a wrapping token: it is checked, unwrapped once and worthless afterwards. */
  wrapped: z.boolean().default(false),
  mount: Mount.default('approle'),
});

export const LoginSchema = z.union([
  z.strictObject({ token: SourceSchema }),
  z.strictObject({ appRole: AppRole }),
  z.strictObject({
    kubernetes: z.strictObject({
      role: Text,
      tokenFile: Text.default('/var/run/secrets/kubernetes.io/serviceaccount/token'),
      mount: Mount.default('kubernetes'),
    }),
  }),
  z.strictObject({
    jwt: z.strictObject({ role: Text, token: SourceSchema, mount: Mount.default('jwt') }),
  }),
]);
export type Login = z.infer<typeof LoginSchema>;

const Kv = z.strictObject({
  mount: Mount.default('secret'),
  /** Folder of the names; several installations can share a mount. */
  path: Mount.default('tidelock'),
});

const Transit = z.strictObject({
  mount: Mount.default('transit'),
  /** In front of the names of key pairs. */
  keyPrefix: Prefix.default('tidelock'),
  /** Wraps data keys: of type aes256-gcm96. */
  wrapKey: Prefix.default('tidelock-data-keys'),
});

export const VaultOptionsSchema = z.strictObject({
  /** One server, or the nodes of one cluster: the next is asked when one does not answer, is sealed or sends elsewhere. */
  address: z.union([Address, z.array(Address).min(1).max(8)]),
  /** `team/a` */
  namespace: Mount.optional(),
  login: LoginSchema,
  /** Where secrets are kept (KV version 2); `false` = no store. */
  kv: z.union([z.literal(false), Kv]).default({ mount: 'secret', path: 'tidelock' }),
  /** Where key pairs sign and data keys are wrapped; `false` = neither. */
  transit: z
    .union([z.literal(false), Transit])
    .default({ mount: 'transit', keyPrefix: 'tidelock', wrapKey: 'tidelock-data-keys' }),
  /** Milliseconds for one answer. */
  timeoutMs: z.int().min(100).max(60_000).default(5000),
});
export type VaultOptions = z.infer<typeof VaultOptionsSchema>;
export type VaultOptionsInput = z.input<typeof VaultOptionsSchema>;
export type KvOptions = z.infer<typeof Kv>;
export type TransitOptions = z.infer<typeof Transit>;
