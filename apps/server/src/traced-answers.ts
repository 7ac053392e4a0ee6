import { context, isSpanContextValid, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/** Asked for all the time, or open for hours: they would drown the rest. */
const UNTRACED = /^\/(healthz|readyz|metrics)$|\/events$/;

/**
 * A span for each request, by the route's pattern: addresses hold ids and, at sign-in, codes. A trace that a caller claims to belong
 * to is not joined; anybody may call a webhook.
 */
export function traceAnswers(app: FastifyInstance): void {
  const spans = new WeakMap<FastifyRequest, Span>();
  app.addHook('onRequest', (request, _reply, done) => {
    const { method, routeOptions } = request;
    const route = routeOptions.url;
    if (route === undefined || UNTRACED.test(route)) return done();
    const attributes = { 'http.request.method': method, 'http.route': route };
    const tracer = trace.getTracer('@tidelock/server');
    const span = tracer.startSpan(`${method} ${route}`, { kind: SpanKind.SERVER, attributes, root: true });
    // Nobody traces: then there is nothing to carry along.
    if (!isSpanContextValid(span.spanContext())) return done();
    spans.set(request, span);
    context.with(trace.setSpan(context.active(), span), done);
  });
  const end = (request: FastifyRequest, status?: number): void => {
    const span = spans.get(request);
    if (span === undefined) return;
    if (status !== undefined) span.setAttribute('http.response.status_code', status);
    if (status === undefined || status >= 500) {
      span.setAttribute('error.type', status === undefined ? 'aborted' : String(status));
      span.setStatus({ code: SpanStatusCode.ERROR });
    }
    span.end();
    spans.delete(request);
  };
  app.addHook('onResponse', (request, reply, done) => {
    end(request, reply.statusCode);
    done();
  });
  app.addHook('onRequestAbort', (request, done) => {
    end(request);
    done();
  });
}
