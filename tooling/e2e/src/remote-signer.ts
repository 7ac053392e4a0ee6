import { writeSync } from 'node:fs';
import { stdin } from 'node:process';
import { writeHeapSnapshot } from 'node:v8';
import type { ContextOf, Secrets } from '@tidelock/core';
import { createSystemClock, createSystemRandom } from '@tidelock/host';
import { createFileSecrets } from '@tidelock/secrets-file';
import { createKeyVaultSecrets, KeyVaultOptionsSchema } from '@tidelock/secrets-keyvault';
import { createVaultSecrets, VaultOptionsSchema } from '@tidelock/secrets-vault';
import { createEntraTokens, EntraOptionsSchema } from '@tidelock/token-entra';

/** What the parent says on standard input. */
export interface Order {
  readonly store: 'file' | 'vault' | 'keyvault';
  readonly options: unknown;
  readonly dataDir: string;
  readonly clientId: string;
  readonly tenant: string;
  readonly keyName: string;
  /** Where requests to a host really go, by the end of the host's name; others fail. */
  readonly ports: Readonly<Record<string, number>>;
  readonly assertions: number;
  readonly snapshot: string;
}

function openSecrets({ store, options }: Order, context: ContextOf['secrets']): Promise<Secrets> | Secrets {
  if (store === 'vault') return createVaultSecrets(VaultOptionsSchema.parse(options), context);
  if (store === 'keyvault') return createKeyVaultSecrets(KeyVaultOptionsSchema.parse(options), context);
  return createFileSecrets(options as Parameters<typeof createFileSecrets>[0], context);
}

function fetchOf({ ports }: Order): ContextOf['token']['fetch'] {
  return (input, init) => {
    const url = new URL(input);
    if (url.hostname === '127.0.0.1') return fetch(url, init);
    const host = Object.keys(ports).find((end) => url.hostname.endsWith(end));
    if (host === undefined) return Promise.reject(new TypeError(`no port for ${url.hostname}`));
    return fetch(`http://127.0.0.1:${ports[host]}${url.pathname}${url.search}`, init);
  };
}

async function sign(order: Order): Promise<void> {
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const base = { dataDir: order.dataDir, log, clock: createSystemClock(), random: createSystemRandom() };
  const context = { ...base, fetch: fetchOf(order) };
  const secrets = await openSecrets(order, { ...context, env: process.env });
  const options = EntraOptionsSchema.parse({
    clientId: order.clientId,
    keys: [order.keyName],
    cloud: 'global',
  });
  for (let done = 0; done < order.assertions; done += 1) {
    const tokens = createEntraTokens(options, { ...context, secrets });
    await tokens.getToken({ tenant: order.tenant, scope: 'https://graph.microsoft.com/.default' });
    await tokens.close();
  }
  writeHeapSnapshot(order.snapshot);
  writeSync(1, 'done\n');
  // Stays as it is, secrets open, until the parent has looked at its memory and ends it.
  await new Promise(() => setInterval(() => {}, 1_000_000));
}

let text = '';
for await (const part of stdin) text += part;
await sign(JSON.parse(text) as Order);
