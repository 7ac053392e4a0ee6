import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CrmVendor, EmulatedCrm } from '../crm/index.ts';
import { createSystemClock, type EmulatorClock } from '../kit/index.ts';
import { SANDBOX_KEYS, toSandboxConfig } from './config.ts';
import { createEnds, type Ends, trust } from './ends.ts';

export interface SandboxOptions<V extends CrmVendor = CrmVendor> {
  /** Gets `tidelock.yaml` and the certificates of the two authorities. Created where it is missing. */
  readonly folder: string;
  /** Default `salesforce`. */
  readonly crm?: V;
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

/** Microsoft 365 and a CRM on loopback TLS, set up by their administrators, and a configuration that fits. */
export interface Sandbox<V extends CrmVendor = 'salesforce'> extends Ends<V>, AsyncDisposable {
  readonly configPath: string;
  readonly origins: { readonly microsoft365: string; readonly crm: string };
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

const CA_FILES = { microsoft365: 'microsoft365-ca.pem', crm: 'crm-ca.pem' } as const;

async function start<V extends CrmVendor>(options: SandboxOptions<V>, vendor: V): Promise<Sandbox<V>> {
  const { folder, clock = createSystemClock(), seed = 1, domain = 'contoso.example' } = options;
  const ends = createEnds({ crm: vendor, clock, seed, domain, people: options.people ?? ['Ann Archer'] });
  const crm: EmulatedCrm = ends.crm;
  const stack = new AsyncDisposableStack();
  try {
    const microsoft365 = await ends.microsoft365.listen();
    stack.defer(() => microsoft365.close());
    const served = await crm.listen();
    stack.defer(() => served.close());
    const origins = { microsoft365: microsoft365.origin, crm: served.origin };
    const configPath = join(folder, 'tidelock.yaml');
    const config = toSandboxConfig({ ...ends, crm, origins, caFiles: Object.values(CA_FILES) });
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, CA_FILES.microsoft365), microsoft365.caPem ?? '');
    await writeFile(join(folder, CA_FILES.crm), served.caPem ?? '');
    // JSON is YAML.
    await writeFile(configPath, `${JSON.stringify(config, null, 2)}\n`);
    const close = () => stack.disposeAsync();
    return {
      ...ends,
      configPath,
      origins,
      caFiles: Object.values(CA_FILES).map((name) => join(folder, name)),
      keys: SANDBOX_KEYS,
      trust: (of) => trust({ ...ends, crm }, { mailbox: toPem(of.mailbox), crm: toPem(of.crm) }),
      close,
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

/** Starts both services. The configuration file is overwritten: it belongs to this sandbox. */
export function createSandbox(options: SandboxOptions<'salesforce'>): Promise<Sandbox>;
export function createSandbox<V extends CrmVendor>(
  options: SandboxOptions<V> & { readonly crm: V },
): Promise<Sandbox<V>>;
export function createSandbox(options: SandboxOptions): Promise<Sandbox<CrmVendor>> {
  return start(options, options.crm ?? 'salesforce');
}
