import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createSystemClock, type EmulatorClock } from '../kit/index.ts';
import { SANDBOX_KEYS, toSandboxConfig } from './config.ts';
import { createEnds, type Ends, trust } from './ends.ts';

export interface SandboxOptions {
  /** Gets `tidelock.yaml` and the certificates of the two authorities. Created where it is missing. */
  readonly folder: string;
  /** Default: the machine's. */
  readonly clock?: EmulatorClock;
  /** Default 1. */
  readonly seed?: number;
  /** Default `contoso.example`. */
  readonly domain?: string;
  /** People with a mailbox and a CRM user: `Ann Archer` is ann.archer@<domain>. Default: that one. */
  readonly people?: readonly string[];
}

/** A certificate as PEM, or as DER. */
export type SandboxCertificate = string | Uint8Array;

/** Microsoft 365 and Salesforce on loopback TLS, set up by their administrators, and a configuration that fits. */
export interface Sandbox extends Ends, AsyncDisposable {
  readonly configPath: string;
  readonly origins: { readonly microsoft365: string; readonly salesforce: string };
  /** Absolute paths. */
  readonly caFiles: readonly string[];
  /** Names of the key pairs that the configuration refers to: make them, then `trust` their certificates. */
  readonly keys: typeof SANDBOX_KEYS;
  trust(certificates: Readonly<Record<keyof typeof SANDBOX_KEYS, SandboxCertificate>>): void;
  close(): Promise<void>;
}

function toPem(certificate: SandboxCertificate): string {
  if (typeof certificate === 'string') return certificate;
  const lines =
    Buffer.from(certificate)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

const CA_FILES = { microsoft365: 'microsoft365-ca.pem', salesforce: 'salesforce-ca.pem' } as const;

/** Starts both services. The configuration file is overwritten: it belongs to this sandbox. */
export async function createSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { folder, clock = createSystemClock(), seed = 1, domain = 'contoso.example' } = options;
  const ends = createEnds({ clock, seed, domain, people: options.people ?? ['Ann Archer'] });
  const stack = new AsyncDisposableStack();
  try {
    const microsoft365 = await ends.microsoft365.listen();
    stack.defer(() => microsoft365.close());
    const salesforce = await ends.salesforce.listen();
    stack.defer(() => salesforce.close());
    const origins = { microsoft365: microsoft365.origin, salesforce: salesforce.origin };
    const configPath = join(folder, 'tidelock.yaml');
    const config = toSandboxConfig({ ...ends, origins, caFiles: Object.values(CA_FILES) });
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, CA_FILES.microsoft365), microsoft365.caPem ?? '');
    await writeFile(join(folder, CA_FILES.salesforce), salesforce.caPem ?? '');
    // JSON is YAML.
    await writeFile(configPath, `${JSON.stringify(config, null, 2)}\n`);
    const close = () => stack.disposeAsync();
    return {
      ...ends,
      configPath,
      origins,
      caFiles: Object.values(CA_FILES).map((name) => join(folder, name)),
      keys: SANDBOX_KEYS,
      trust: ({ mailbox, crm }) => trust(ends, { mailbox: toPem(mailbox), crm: toPem(crm) }),
      close,
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}
