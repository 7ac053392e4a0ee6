import { setTimeout } from 'node:timers/promises';
import type { Sampler } from '@opentelemetry/sdk-trace';
import type { Logger } from '@tidelock/core';

/** A collector that does not answer keeps nobody from ending. */
const LAST_MS = 2_000;

type Environment = Readonly<Record<string, string | undefined>>;

/** Where spans go is said by the variables that every OpenTelemetry program knows. */
const ENDPOINTS = ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT'] as const;

export function wantsTraces(env: Environment): boolean {
  if (env.OTEL_SDK_DISABLED?.toLowerCase() === 'true' || env.OTEL_TRACES_EXPORTER === 'none') return false;
  return ENDPOINTS.some((name) => (env[name] ?? '') !== '');
}

/** The tracer reads its limits and not its sampler from the environment. Spans of one trace are all kept or none. */
function samplerOf(
  {
    AlwaysOffSampler,
    AlwaysOnSampler,
    ParentBasedSampler,
    TraceIdRatioBasedSampler,
  }: typeof import('@opentelemetry/sdk-trace'),
  env: Environment,
): Sampler {
  const name = env.OTEL_TRACES_SAMPLER ?? 'parentbased_always_on';
  const ratio = Number(env.OTEL_TRACES_SAMPLER_ARG ?? 1);
  const root = name.endsWith('traceidratio')
    ? new TraceIdRatioBasedSampler(ratio >= 0 && ratio <= 1 ? ratio : 1)
    : name.endsWith('always_off')
      ? new AlwaysOffSampler()
      : new AlwaysOnSampler();
  return new ParentBasedSampler({ root });
}

export interface TracingOptions {
  readonly env: Environment;
  readonly version: string;
  readonly log: Logger;
}

/**
 * Sends spans by OTLP over HTTP as JSON, to where the environment says; null where it says nothing, and then nothing of it is
 * loaded. The exporter reads its own variables (headers, time-out, compression) itself. One provider a process.
 */
export async function startTracing({ env, version, log }: TracingOptions): Promise<AsyncDisposable | null> {
  if (!wantsTraces(env)) return null;
  const [api, hooks, exporting, { resourceFromAttributes }, sdk] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/context-async-hooks'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
    import('@opentelemetry/sdk-trace'),
  ]);
  const warn = (): void => log.warn('traces.not-sent', { remedy: 'See OTEL_EXPORTER_OTLP_ENDPOINT.' });
  // What it says besides is about its own doings.
  api.diag.setLogger({ error: warn, warn() {}, info() {}, debug() {}, verbose() {} });
  const provider = new sdk.TracerProvider({
    sampler: samplerOf(sdk, env),
    resource: resourceFromAttributes({
      'service.name': env.OTEL_SERVICE_NAME ?? 'tidelock',
      'service.version': version,
    }),
    spanProcessors: [new sdk.BatchSpanProcessor({ exporter: new exporting.OTLPTraceExporter() })],
  });
  api.context.setGlobalContextManager(new hooks.AsyncLocalStorageContextManager().enable());
  api.trace.setGlobalTracerProvider(provider);
  return {
    async [Symbol.asyncDispose]() {
      const ended = new AbortController();
      const late = setTimeout(LAST_MS, undefined, { signal: ended.signal }).then(warn, () => undefined);
      await Promise.race([provider.shutdown().catch(warn), late]);
      ended.abort();
      api.trace.disable();
      api.context.disable();
      api.diag.disable();
    },
  };
}
