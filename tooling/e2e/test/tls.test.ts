import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createLoopbackTls, type LoopbackTls } from '@tidelock/emulators/kit';
import { openLivePlatform } from '@tidelock/host';
import { expect, test, vi } from 'vitest';
import { createConsentStage } from '../src/consent/world.ts';
import { silent } from '../src/server-world.ts';

vi.setConfig({ testTimeout: 120_000 });

const DAY_MS = 86_400_000;

/** A server that counts who came through. */
async function serve({ keyPem: key, certPem: cert }: LoopbackTls, host: string) {
  const seen: string[] = [];
  const server = createServer({ key, cert }, (request, response) => {
    seen.push(request.url ?? '');
    response.end('hello');
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `https://${host}:${port}/token`, seen, [Symbol.asyncDispose]: close };
}

test('only a server with a certificate of a known authority, for its own name and of today, is spoken to', async () => {
  await using stage = await createConsentStage();
  const [known, stranger, over] = await Promise.all([
    createLoopbackTls({ now: Date.now() }),
    createLoopbackTls({ now: Date.now() }),
    createLoopbackTls({ now: Date.now() - 200 * DAY_MS }),
  ]);
  const config = JSON.parse(readFileSync(stage.configPath, 'utf8'));
  for (const [name, { caPem }] of Object.entries({ known, over }))
    writeFileSync(join(stage.folder, `${name}.pem`), caPem);
  config.network.ca.push('known.pem', 'over.pem');
  writeFileSync(stage.configPath, JSON.stringify(config));
  await using live = await openLivePlatform({
    ...{ configPath: stage.configPath, resolveFrom: import.meta.url, env: {}, overrides: { log: silent } },
  });
  const { fetch } = live.foundation.context;
  await using good = await serve(known, '127.0.0.1');
  expect(await (await fetch(good.url)).text()).toBe('hello');
  expect(good.seen).toEqual(['/token']);
  const bad = {
    'an unknown authority': await serve(stranger, '127.0.0.1'),
    'another name': await serve(known, '127.0.0.2'),
    'last year': await serve(over, '127.0.0.1'),
  };
  for (const [name, server] of Object.entries(bad)) {
    await using _closed = server;
    const said = await fetch(server.url, { method: 'POST', body: 'client_assertion=x' }).then(
      () => 'answered',
      () => 'refused',
    );
    expect([name, said, server.seen]).toEqual([name, 'refused', []]);
  }
});
