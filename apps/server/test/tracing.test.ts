import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Logger } from '@tidelock/core';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startTracing, wantsTraces } from '../src/tracing.ts';
import { openServer, quiet } from './fixture.ts';

interface Sent {
  readonly name: string;
  readonly traceId: string;
  readonly status: { readonly code?: number };
  readonly attributes: readonly { readonly key: string; readonly value: Record<string, unknown> }[];
}
interface Body {
  readonly resourceSpans: readonly { readonly scopeSpans: readonly { readonly spans: readonly Sent[] }[] }[];
}

let collector: Server;
let bodies: string[];
let env: Record<string, string>;

beforeEach(async () => {
  bodies = [];
  collector = createServer(async (request, response) => {
    bodies.push(`${request.url} ${await text(request)}`);
    response.setHeader('content-type', 'application/json').end('{}');
  });
  await new Promise<void>((done) => collector.listen(0, '127.0.0.1', done));
  const { port } = collector.address() as AddressInfo;
  env = { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` };
  // The exporter reads the environment of the process by itself.
  Object.assign(process.env, env);
});
afterEach(() => {
  delete process.env.OTEL_EXPORTER_OTLP_ENDPOINT;
  collector.closeAllConnections();
  collector.close();
});

const spans = (): Sent[] =>
  bodies
    .map((body) => JSON.parse(body.slice(body.indexOf(' ') + 1)) as Body)
    .flatMap(({ resourceSpans }) =>
      resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((of) => of.spans)),
    );

/** What asks meanwhile is traced; everything was sent when it resolves. */
async function traced(more: Record<string, string>, log: Logger = quiet): Promise<void> {
  const tracing = await startTracing({ env: { ...env, ...more }, version: '1.2.3', log });
  const { app, origin } = await openServer();
  try {
    for (const path of ['/api/v1/items/secret-id-7?q=ann%40example.com', '/healthz', '/nowhere-at-all'])
      await (await fetch(`${origin}${path}`, { headers: { 'x-test-role': 'viewer' } })).text();
  } finally {
    await app.close();
    await tracing?.[Symbol.asyncDispose]();
  }
}

it('sends a span for a request by the route’s pattern, and nothing that stood in its address', async () => {
  await traced({ OTEL_SERVICE_NAME: 'tidelock-blue' });
  const [span, ...others] = spans();
  expect([span?.name, others]).toEqual(['GET /api/v1/items/:id', []]);
  const of = Object.fromEntries(
    (span?.attributes ?? []).map(({ key, value }) => [key, Object.values(value)[0]]),
  );
  expect(of).toMatchObject({ 'http.request.method': 'GET', 'http.route': '/api/v1/items/:id' });
  expect([of['http.response.status_code'], of['error.type'], span?.status.code]).toEqual([
    ...[400, undefined, 0],
  ]);
  expect(bodies.join('\n')).toMatch(/^\/v1\/traces .*"tidelock-blue".*"1\.2\.3"/);
  expect(bodies.join('\n')).not.toMatch(/secret-id-7|ann(%40|@)example/);
});

it.each([
  ['without an endpoint', { OTEL_EXPORTER_OTLP_ENDPOINT: '' }],
  ['switched off', { OTEL_SDK_DISABLED: 'true' }],
  ['with traces switched off', { OTEL_TRACES_EXPORTER: 'none' }],
  ['of a sampler that takes none', { OTEL_TRACES_SAMPLER: 'parentbased_always_off' }],
  [
    'of a sampler that takes none in a hundred',
    { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' },
  ],
])('sends nothing %s', async (_how, more) => {
  await traced(more);
  expect(bodies).toEqual([]);
});

it('goes on without a collector, and says so', async () => {
  const warned: string[] = [];
  collector.closeAllConnections();
  await new Promise((done) => collector.close(done));
  await traced({}, { ...quiet, warn: (event) => void warned.push(event) });
  expect(new Set(warned)).toEqual(new Set(['traces.not-sent']));
});

it('wants none by itself', () => {
  expect([wantsTraces({}), wantsTraces(env), wantsTraces({ ...env, OTEL_SDK_DISABLED: 'TRUE' })]).toEqual([
    ...[false, true, false],
  ]);
});
