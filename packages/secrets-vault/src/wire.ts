import * as z from 'zod';
import { createFailure } from './errors.ts';

/** Answers of the service, as far as they are used (OpenBao 2.6 API documentation and source). */
export const AuthSchema = z.looseObject({
  auth: z.looseObject({
    client_token: z.string().min(1),
    /** Seconds; 0 = for good. */
    lease_duration: z.number().min(0),
    renewable: z.boolean().default(false),
  }),
});

export const LookupSchema = z.looseObject({
  data: z.looseObject({ ttl: z.number().min(0), renewable: z.boolean().default(false) }),
});

export const WrappedSchema = z.looseObject({ data: z.looseObject({ creation_path: z.string() }) });
export const SecretIdSchema = z.looseObject({ data: z.looseObject({ secret_id: z.string().min(1) }) });

const VersionSchema = z.looseObject({
  version: z.int().min(1),
  deletion_time: z.string().default(''),
  destroyed: z.boolean().default(false),
});

/** A live version, or one that was deleted: then `data` is null. */
export const ReadSchema = z.looseObject({
  data: z.looseObject({ data: z.record(z.string(), z.unknown()).nullable(), metadata: VersionSchema }),
});

export const WrittenSchema = z.looseObject({ data: z.looseObject({ version: z.int().min(1) }) });

export const MetadataSchema = z.looseObject({
  data: z.looseObject({
    current_version: z.int().min(0),
    versions: z.record(
      z.string(),
      z.looseObject({ deletion_time: z.string().default(''), destroyed: z.boolean().default(false) }),
    ),
  }),
});

export const KeysSchema = z.looseObject({ data: z.looseObject({ keys: z.array(z.string()) }) });

export const TransitKeySchema = z.looseObject({
  data: z.looseObject({
    imported_key: z.boolean().default(false),
    keys: z.record(
      z.string(),
      z.looseObject({
        public_key: z.string().default(''),
        certificate_chain: z.string().default(''),
        creation_time: z.string().default(''),
      }),
    ),
  }),
});
export type TransitKey = z.infer<typeof TransitKeySchema>['data'];

export const SignatureSchema = z.looseObject({ data: z.looseObject({ signature: z.string() }) });
export const CiphertextSchema = z.looseObject({ data: z.looseObject({ ciphertext: z.string() }) });
export const PlaintextSchema = z.looseObject({ data: z.looseObject({ plaintext: z.string() }) });
export const WrappingKeySchema = z.looseObject({ data: z.looseObject({ public_key: z.string() }) });

/** Parses an answer, or says that it is not one. Nothing of it reaches the message. */
export function parseAnswer<S extends z.ZodType>(schema: S, body: unknown, operation: string): z.infer<S> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw createFailure('PROTOCOL', {
    operation,
    text: 'the answer has another form than the API describes',
    remedy: 'Check that the address is that of the secret store itself, in a version that is supported.',
  });
}

/** The service's own form of signatures and ciphertexts: `vault:v<version>:<base64 of either alphabet>`. */
export function parseVersioned(text: string, operation: string): { version: number; bytes: Uint8Array } {
  const match = /^vault:v(\d{1,9}):([A-Za-z0-9+/_-]+={0,2})$/.exec(text);
  if (match?.[2] !== undefined)
    return { version: Number(match[1]), bytes: new Uint8Array(Buffer.from(match[2], 'base64')) };
  throw createFailure('PROTOCOL', {
    operation,
    text: 'a signature or ciphertext has another form than the API describes',
    remedy: 'Check the version of the secret store.',
  });
}
