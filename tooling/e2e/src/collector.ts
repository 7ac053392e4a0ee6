import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** Takes spans as an OpenTelemetry collector does, and keeps their words. */
export interface Collector extends AsyncDisposable {
  readonly address: string;
  spans(): string;
}

export async function startCollector(): Promise<Collector> {
  let taken = '';
  const server = createServer(async (request, response) => {
    taken += `${await text(request)}\n`;
    response.setHeader('content-type', 'application/json').end('{}');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}`,
    spans: () => taken,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
