import { readFile } from 'node:fs/promises';
import { createSecureContext, getCACertificates } from 'node:tls';
import { type Fetch, InputError } from '@tidelock/core';
import { type Dispatcher, EnvHttpProxyAgent, fetch as undiciFetch } from 'undici';
import type { Config } from './config.ts';

export interface Network {
  readonly fetch: Fetch;
  close(): Promise<void>;
}

const PEM = /-----BEGIN CERTIFICATE-----/;
const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Bytes that a socket takes before it asks to wait. undici ends a connection whose answer is there before the last
 * part of the request was taken, which is what a batch of more than the usual 16 kB meets with a near server.
 */
const SOCKET_BUFFER = 2 ** 20;

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

/** Milliseconds without a look at the network after which it is looked at before anything is sent. */
const BLIND_MS = 1_000;

/**
 * A process that was busy for seconds has not heard yet that the other side closed a connection, and a write that is sent
 * into it has an outcome that nobody knows. Asked before each request: costs nothing while answers come in.
 */
function createLookout() {
  let lookedAt = performance.now();
  const looked = (): void => {
    lookedAt = performance.now();
  };
  return {
    looked,
    async look(): Promise<void> {
      if (performance.now() - lookedAt < BLIND_MS) return;
      // What has arrived is handled before an immediate is.
      await new Promise<void>((resolve) => setImmediate(resolve));
      looked();
    },
  };
}

/** Milliseconds: requests that begin within them have one deadline, as long after the last of them as is allowed. */
const TOGETHER_MS = 1_000;

/**
 * Ends requests that take too long. A signal of its own for each would live until it fires, minutes after the answer: in a process that sends a
 * hundred requests a second these were 17,000 of them, 15 MB.
 */
function createDeadlines(allowedMs: number): () => AbortSignal {
  let until = Number.NEGATIVE_INFINITY;
  let signal: AbortSignal;
  return () => {
    const now = performance.now();
    if (now > until) {
      until = now + TOGETHER_MS;
      signal = AbortSignal.timeout(allowedMs + TOGETHER_MS);
    }
    return signal;
  };
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
  // Made once: reading some 150 certificates anew costs each connection more than its handshake.
  const tls = { secureContext: createSecureContext({ ca }), highWaterMark: SOCKET_BUFFER };
  const agent: Dispatcher = new EnvHttpProxyAgent({
    noProxy,
    connect: { ...tls, timeout: Math.min(timeout, 30_000) },
    requestTls: tls,
    // Behind the deadline, whose error says what it is.
    headersTimeout: timeout + 2 * TOGETHER_MS,
    bodyTimeout: timeout + 2 * TOGETHER_MS,
  });
  const { look, looked } = createLookout();
  const deadline = createDeadlines(timeout);
  return {
    fetch: async (input, init) => {
      await look();
      const signals = [deadline(), ...(init?.signal ? [init.signal] : [])];
      const request = {
        ...init,
        redirect: init?.redirect === 'manual' ? 'manual' : 'error',
        signal: AbortSignal.any(signals),
        dispatcher: agent,
      } as unknown as Parameters<typeof undiciFetch>[1];
      const response = await undiciFetch(input, request);
      looked();
      return response as unknown as Response;
    },
    close: () => agent.close(),
  };
}
