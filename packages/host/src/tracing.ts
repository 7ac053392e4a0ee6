import { type Attributes, type Span, SpanKind, SpanStatusCode, type Tracer, trace } from '@opentelemetry/api';
import { isAdapterError } from '@tidelock/core';

/**
 * Nothing is recorded until a program registers a provider, as `serve` does when it is told where to send spans. Asked for each time:
 * a tracer that is kept stays with the first provider of the process.
 */
const tracer = (): Tracer => trace.getTracer('@tidelock/host');

const reasonOf = (error: unknown): string => {
  if (isAdapterError(error)) return error.kind;
  return error instanceof Error ? error.name : 'unknown';
};

export interface SpanOptions {
  /** Closed lists, numbers and lane ids: no name, address, record id or message is ever put in. */
  readonly attributes: Attributes;
  readonly kind?: SpanKind | undefined;
}

/** What begins in `work` belongs to this span. A failure gives it its kind; messages stay out, for they may quote a service. */
export function traced<T>(
  name: string,
  { attributes, kind = SpanKind.INTERNAL }: SpanOptions,
  work: (span: Span) => Promise<T>,
): Promise<T> {
  return tracer().startActiveSpan(name, { kind, attributes }, async (span) => {
    try {
      return await work(span);
    } catch (error) {
      span.setAttribute('error.type', reasonOf(error));
      span.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  });
}

/** Marks a span whose work ended with a failure that nobody threw. */
export function markFailed(span: Span, kind: string): void {
  span.setAttribute('error.type', kind);
  span.setStatus({ code: SpanStatusCode.ERROR });
}
