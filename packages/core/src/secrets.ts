/**
 * Contract `secrets@1`. An adapter offers any of three abilities and says which; asking for one that it does not
 * offer throws `unsupported`. Names are segments of `[a-z0-9-]` joined by `/`, at most 127 characters; no segment starts or ends
 * with `-` or holds `--`, so that stores without folders can join them.
 */
export interface Secrets {
  readonly abilities: SecretAbilities;
  readonly store: SecretStore;
  readonly keys: KeyStore;
  readonly wrapper: KeyWrapper;
  /** Releases handles and wipes what can be wiped. Safe to call twice. */
  close(): Promise<void>;
}

export interface SecretAbilities {
  readonly store: boolean;
  readonly keys: boolean;
  readonly wrapper: boolean;
  /** `put(..., { expected })` is honoured atomically. */
  readonly compareAndSet: boolean;
  /** Old versions can be read. */
  readonly versions: boolean;
}

export interface SecretValue {
  readonly name: string;
  /** At most 25,000 bytes; of what is no UTF-8 text at most 18,700, because some stores keep text only. */
  readonly value: Uint8Array;
  /** Opaque. Equal strings mean the same version; order means nothing. */
  readonly version: string;
}

/**
 * Reads answer `null` only when the store *said* that the name does not exist (or was deleted). Every other failure
 * throws an `AdapterError`: "could not read" must never look like "not there".
 */
export interface SecretStore {
  get(name: string, version?: string): Promise<SecretValue | null>;
  /**
   * Writes a new version and returns it. With `expected`, writes only while that is the current version (`null` =
   * only while the name does not exist), else throws `conflict` and changes nothing.
   */
  put(name: string, value: Uint8Array, options?: { readonly expected?: string | null }): Promise<string>;
  /** Deletes the name with all versions. Deleting what is not there is not an error. */
  remove(name: string): Promise<void>;
  /** Names that start with `prefix`, sorted. Never values. */
  list(prefix?: string): Promise<readonly string[]>;
}

export type SignatureAlgorithm = 'PS256' | 'RS256';

export interface Certificate {
  /** Name of the key pair in its store. */
  readonly keyName: string;
  readonly der: Uint8Array;
  /** Lower-case hexadecimal SHA-256 of the DER, without separators. */
  readonly sha256: string;
  /** Milliseconds since the epoch. */
  readonly notBefore: number;
  readonly notAfter: number;
}

/** Signs with a private key that need not be in this process. */
export interface Signer {
  certificate(): Promise<Certificate>;
  /** `digest`: the 32 bytes of a SHA-256. Returns the raw RSA signature (PS256: salt of 32 bytes). */
  sign(algorithm: SignatureAlgorithm, digest: Uint8Array): Promise<Uint8Array>;
}

export interface NewKeyPair {
  /** Subject common name of the self-signed certificate. */
  readonly commonName: string;
  /** RSA modulus length. Default 3072. */
  readonly bits?: 2048 | 3072 | 4096;
  /** Validity in days. Default 180. */
  readonly days?: number;
}

/** Key pairs with a certificate. Private halves never leave, but for `export` where a store has it. */
export interface KeyStore {
  /** Throws `not_found` when there is no key pair of that name. */
  signer(name: string): Promise<Signer>;
  /** Creates key pair and certificate. Throws `conflict` when the name is taken. */
  create(name: string, options: NewKeyPair): Promise<Certificate>;
  /** PKCS#8 and certificate as PEM. Throws `invalid` when they do not belong together, `conflict` when taken. */
  import(
    name: string,
    pem: { readonly privateKeyPem: string; readonly certificatePem: string },
  ): Promise<Certificate>;
  list(): Promise<readonly Certificate[]>;
  remove(name: string): Promise<void>;
  /**
   * Gives a key pair away, so that another store can import it. Absent = private halves cannot leave this store. Throws
   * `not_found` when there is no key pair of that name.
   */
  export?(name: string): Promise<{ readonly privateKeyPem: string; readonly certificatePem: string }>;
}

/** Wraps and unwraps data keys. `context` is bound into the ciphertext: unwrapping under another context fails. */
export interface KeyWrapper {
  wrap(dataKey: Uint8Array, context: string): Promise<Uint8Array>;
  /** Throws `invalid` when the bytes were changed or belong to another context or key. */
  unwrap(wrapped: Uint8Array, context: string): Promise<Uint8Array>;
  /**
   * Wraps anew, with the newest wrapping key, what an older one wrapped; the same bytes where there is nothing to do. A store
   * that can does it without showing the data key. Absent = the adapter's wrapping key does not change; `invalid` like `unwrap`.
   */
  rewrap?(wrapped: Uint8Array, context: string): Promise<Uint8Array>;
  /** Makes a new wrapping key for what is wrapped from now on; older ones go on unwrapping. Absent = it cannot from here. */
  rotate?(): Promise<void>;
}
