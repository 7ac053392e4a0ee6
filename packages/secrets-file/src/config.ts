import * as z from 'zod';

const Path = z.string().min(1).max(4096);
const VariableName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, 'the name of an environment variable');
const CredentialName = z.string().regex(/^[A-Za-z0-9][\w.-]{0,127}$/, 'the name of a systemd credential');

/** Where a key comes from, best first. Relative paths start at the data directory. */
export const KeySourceSchema = z.union([
  /** systemd's LoadCredential=, LoadCredentialEncrypted=: the file of that name in $CREDENTIALS_DIRECTORY. */
  z.strictObject({ credential: CredentialName }),
  /** 32 bytes: raw, hexadecimal or base64. `create` makes it where neither it nor a secrets file exists yet. */
  z.strictObject({ keyFile: Path, create: z.boolean().default(false) }),
  /** An environment variable with base64 or hexadecimal of 32 bytes. Visible to whoever reads /proc/PID/environ. */
  z.strictObject({ env: VariableName }),
  /** A passphrase of at least 12 characters, stretched by argon2id. */
  z.strictObject({
    passphrase: z.union([z.strictObject({ env: VariableName }), z.strictObject({ file: Path })]),
  }),
]);
export type KeySource = z.infer<typeof KeySourceSchema>;

export const OptionsSchema = z.strictObject({
  file: Path.default('secrets.jwe'),
  /** Newest first: the file is read with any of them and written with the first. */
  keys: z.array(KeySourceSchema).min(1).max(8),
});
export type FileSecretsOptions = z.infer<typeof OptionsSchema>;
