import {
  constants,
  generateKeyPairSync,
  privateEncrypt,
  randomBytes,
  randomUUID,
  X509Certificate,
} from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { ContextOf, LogData } from '@tidelock/core';
import { createKeyVault, createSystemClock, type KeyVault, type KeyVaultSettings } from '@tidelock/emulators';
import { encodePkcs1 } from '@tidelock/kit';
import { createSelfSigned } from '@tidelock/kit/certificate';
import { createKeyVaultSecrets, type KeyVaultOptionsInput, KeyVaultOptionsSchema } from '../src/index.ts';

export type Context = ContextOf['secrets'];
export const CLIENT = '22222222-2222-4222-8222-222222222222';

export interface TestVault {
  readonly vault: KeyVault;
  /** Where requests really go: a TLS server on the loopback interface. */
  readonly port: number;
  readonly context: Context;
  readonly logged: string[];
  readonly waits: number[];
  /** While set, the network is down. */
  down: boolean;
  open(input?: Partial<KeyVaultOptionsInput>): ReturnType<typeof createKeyVaultSecrets>;
  close(): Promise<void>;
}

/** Key and certificate of the app in one PEM file, as the SDK wants it. */
export async function createAppPem(): Promise<{ readonly pem: string; readonly certificate: string }> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const options = { commonName: 'app' };
  const der = await createSelfSigned({
    ...{ options, publicKey, now: Date.now(), serial: randomBytes(16) },
    sign: async (digest) =>
      privateEncrypt({ key: privateKey, padding: constants.RSA_NO_PADDING }, encodePkcs1(digest, 256)),
  });
  const certificate = new X509Certificate(der).toString();
  return { pem: `${privateKey.export({ type: 'pkcs8', format: 'pem' })}${certificate}`, certificate };
}

const app = await createAppPem();

/**
 * A vault behind a real socket. The SDK believes to talk to the service's own hosts, so its checks of hosts and schemes stay
 * as they are; only the last step, the platform's `fetch`, knows better.
 */
export async function startVault(settings: Partial<KeyVaultSettings> = {}): Promise<TestVault> {
  const vault = createKeyVault({ clock: createSystemClock(), seed: 1, settings });
  const served = await vault.listen({ tls: false });
  const waits: number[] = [];
  const logged: string[] = [];
  const keep = (event: string, data?: LogData) => {
    logged.push(`${event} ${JSON.stringify(data ?? {})}`);
  };
  const dataDir = mkdtempSync(path.join(tmpdir(), 'secrets-keyvault-'));
  writeFileSync(path.join(dataDir, 'app.pem'), app.pem, { mode: 0o600 });
  vault.admin.registerApp(CLIENT, app.certificate);
  const clientCertificate = { tenantId: vault.tenantId, clientId: CLIENT, certificateFile: 'app.pem' };
  const test: TestVault = {
    ...{ vault, port: served.port, waits, logged, down: false },
    context: {
      dataDir,
      fetch: (input, init) => {
        if (test.down) return Promise.reject(new TypeError('fetch failed'));
        const url = new URL(input);
        return fetch(`http://127.0.0.1:${served.port}${url.pathname}${url.search}`, init);
      },
      clock: {
        now: () => Date.now(),
        mono: () => performance.now(),
        sleep: async (ms, signal) => {
          if (signal === undefined) {
            waits.push(ms);
            return;
          }
          await wait(ms, undefined, { signal });
        },
      },
      random: { next: () => Math.random(), uuid: () => randomUUID() },
      log: { debug: keep, info: keep, warn: keep, error: keep },
      env: {},
    },
    open(input = {}) {
      const options = { vaultUrl: vault.vaultUrl, credential: { clientCertificate }, ...input };
      return createKeyVaultSecrets(KeyVaultOptionsSchema.parse(options), test.context);
    },
    close: async () => {
      await served.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
  return test;
}
