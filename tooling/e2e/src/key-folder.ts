import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Certificate, Logger } from '@tidelock/core';
import { createSystemClock, createSystemRandom } from '@tidelock/host';
import { createFileSecrets } from '@tidelock/secrets-file';

export const KEY_NAME = 'tidelock';
export const SECRETS_OPTIONS = { keys: [{ keyFile: 'master.key', create: true }] };
export const KEY_FILES = ['master.key', 'secrets.jwe'];
const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** What a data folder with one key pair in it holds. */
export interface KeyFolder {
  readonly certificate: Certificate;
  readonly pem: string;
  copyTo(dataDir: string): void;
}

function toPem(der: Uint8Array): string {
  const text = Buffer.from(der)
    .toString('base64')
    .replace(/(.{64})/g, '$1\n');
  return `-----BEGIN CERTIFICATE-----\n${text.trimEnd()}\n-----END CERTIFICATE-----\n`;
}

/** Makes the pair as the product does, valid for `days` from `startMs`. */
export async function createKeyFolder(startMs: number, days = 180): Promise<KeyFolder> {
  const folder = mkdtempSync(join(tmpdir(), 'tidelock-e2e-key-'));
  const clock = { ...createSystemClock(), now: () => startMs };
  const context = {
    clock,
    random: createSystemRandom(),
    log: silent,
    dataDir: folder,
    fetch: () => Promise.reject(new Error('secrets-file makes no request')),
  };
  const secrets = await createFileSecrets(
    { file: 'secrets.jwe', keys: [{ keyFile: 'master.key', create: true }] },
    context,
  );
  const certificate = await secrets.keys.create(KEY_NAME, { commonName: 'Tidelock e2e', bits: 2048, days });
  await secrets.close();
  const files = KEY_FILES.map((name) => ({ name, bytes: readFileSync(join(folder, name)) }));
  rmSync(folder, { recursive: true });
  return {
    certificate,
    pem: toPem(certificate.der),
    copyTo(dataDir) {
      mkdirSync(dataDir, { recursive: true, mode: 0o700 });
      for (const { name, bytes } of files) writeFileSync(join(dataDir, name), bytes, { mode: 0o600 });
    },
  };
}

let shared: Promise<KeyFolder> | undefined;

/** One for all worlds of a test file: an RSA key takes a tenth of a second. Valid around `startMs`. */
export function sharedKeyFolder(startMs: number): Promise<KeyFolder> {
  shared ??= createKeyFolder(startMs);
  return shared;
}
