import * as z from 'zod';

/** Domains of vaults by cloud, and the authority that gives out tokens for them. */
const CLOUDS: Readonly<Record<string, string>> = {
  '.vault.azure.net': 'https://login.microsoftonline.com',
  '.vault.usgovcloudapi.net': 'https://login.microsoftonline.us',
  '.vault.azure.cn': 'https://login.chinacloudapi.cn',
};

/** The authority for a vault's cloud; undefined = no such cloud. */
export function authorityOf(vaultUrl: string): string | undefined {
  const { hostname } = new URL(vaultUrl);
  const domain = Object.keys(CLOUDS).find((each) => hostname.endsWith(each));
  return domain === undefined ? undefined : CLOUDS[domain];
}

function isVault(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  const plain = url.username === '' && url.password === '' && url.port === '' && url.search === '';
  return url.protocol === 'https:' && plain && url.pathname === '/' && authorityOf(text) !== undefined;
}

const Guid = z
  .string()
  .regex(
    /^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/,
    'an id such as 11111111-1111-4111-8111-111111111111',
  );
const Path = z.string().min(1).max(4096);
const Prefix = z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/, 'small letters, digits and "-"');

/** One named kind of credential: a chain could change the identity in silence. */
const CredentialSchema = z.union([
  z.strictObject({ managedIdentity: z.strictObject({ clientId: Guid.optional() }) }),
  z.strictObject({ workloadIdentity: z.strictObject({ tenantId: Guid, clientId: Guid, tokenFile: Path }) }),
  z.strictObject({
    clientCertificate: z.strictObject({ tenantId: Guid, clientId: Guid, certificateFile: Path }),
  }),
  z.strictObject({ azureCli: z.strictObject({ tenantId: Guid.optional() }) }),
]);

export const KeyVaultOptionsSchema = z.strictObject({
  /** `https://<name>.vault.azure.net`, or the domain of a national cloud. */
  vaultUrl: z.string().refine(isVault, 'the address of a vault: https://<name>.vault.azure.net'),
  /** Who Tidelock is: one named kind of identity. */
  credential: CredentialSchema,
  /** In front of every name, so that a vault can be shared. */
  prefix: Prefix.default('tidelock'),
  /** RSA key that wraps data keys. */
  wrapKey: Prefix.default('tidelock-data-keys'),
  /** Milliseconds for one answer. */
  timeoutMs: z.int().min(100).max(60_000).default(10_000),
});
export type KeyVaultOptions = z.infer<typeof KeyVaultOptionsSchema>;
export type KeyVaultOptionsInput = z.input<typeof KeyVaultOptionsSchema>;
