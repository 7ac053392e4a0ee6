import { readFile } from 'node:fs/promises';
import { getCACertificates } from 'node:tls';
import { type Fetch, InputError } from '@tidelock/core';
import { type Dispatcher, EnvHttpProxyAgent, fetch as undiciFetch } from 'undici';
import type { Config } from './config.ts';

export interface Network {
  readonly fetch: Fetch;
  close(): Promise<void>;
}

const PEM = /-----BEGIN CERTIFICATE-----/;
const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

async function readAuthorities(files: readonly string[]): Promise<string[]> {
  return Promise.all(
    files.map(async (file, index) => {
      const text = await readFile(file, 'utf8');
      if (PEM.test(text)) return text;
      const reason = `${file} holds no certificate in PEM form`;
      const remedy = 'Convert it: openssl x509 -inform der -in <file> -out <file.pem>';
      throw new InputError(reason, [{ path: `network.ca[${index}]`, reason, remedy }]);
    }),
  );
}

/**
 * `fetch` with the operator's trust anchors, proxy (HTTPS_PROXY, NO_PROXY) and time-out. A redirect is an error:
 * following one would carry credentials to another host.
 */
export async function createNetwork(
  config: Pick<Config, 'network'>,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Network> {
  const ca = [...getCACertificates('default'), ...(await readAuthorities(config.network.ca))];
  const timeout = config.network.timeoutSeconds * 1000;
  const noProxy = [env.NO_PROXY ?? env.no_proxy, ...LOOPBACK].filter(Boolean).join(',');
  const agent: Dispatcher = new EnvHttpProxyAgent({
    noProxy,
    connect: { ca, timeout: Math.min(timeout, 30_000) },
    requestTls: { ca },
    headersTimeout: timeout,
    bodyTimeout: timeout,
  });
  return {
    fetch: async (input, init) => {
      const signals = [AbortSignal.timeout(timeout), ...(init?.signal ? [init.signal] : [])];
      const request = {
        ...init,
        redirect: init?.redirect === 'manual' ? 'manual' : 'error',
        signal: AbortSignal.any(signals),
        dispatcher: agent,
      } as unknown as Parameters<typeof undiciFetch>[1];
      return (await undiciFetch(input, request)) as unknown as Response;
    },
    close: () => agent.close(),
  };
}
