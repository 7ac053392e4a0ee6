import { randomUUID } from 'node:crypto';
import Fastify, { type FastifyError, type FastifyInstance, type FastifyReply } from 'fastify';
import {
  hasZodFastifySchemaValidationErrors,
  isResponseSerializationError,
  serializerCompiler,
  validatorCompiler,
} from 'fastify-type-provider-zod';
import { drainConnections } from './drain.ts';
import { sendSafeHeaders } from './headers.ts';
import { enforceRoles } from './law.ts';
import { describeApi } from './openapi.ts';
import type { ServerParts } from './parts.ts';
import { PROBLEM_TYPE, type ProblemAnswer, problemOf, Refusal, unexpected } from './problem.ts';
import { addRoutes } from './routes/all.ts';
import { traceAnswers } from './traced-answers.ts';
import { version } from './version.ts';

/** Bytes of a body that is not a file. */
const BODY_LIMIT = 256 * 1024;
const REQUEST_MS = 120_000;

function send(reply: FastifyReply, { document, retryAfter }: ProblemAnswer): FastifyReply {
  if (retryAfter !== undefined) reply.header('retry-after', String(retryAfter));
  return reply.code(document.status).type(PROBLEM_TYPE).serializer(JSON.stringify).send(document);
}

/** A validation error names the field and the rule, never the value. */
function ofValidation(error: FastifyError): Refusal | null {
  if (!hasZodFastifySchemaValidationErrors(error)) return null;
  const problems = error.validation.map(({ instancePath, message }) => ({
    path: `${error.validationContext ?? 'request'}${instancePath}`,
    reason: message ?? 'is not what it should be',
    remedy: 'See the API document.',
  }));
  return new Refusal(400, 'The request is not what this route takes.', { code: 'malformed', problems });
}

function answerFailures(app: FastifyInstance, { log }: ServerParts): void {
  app.setErrorHandler<FastifyError>((error, request, reply) => {
    const answer = problemOf(ofValidation(error) ?? error);
    if (answer !== null && !isResponseSerializationError(error)) return send(reply, answer);
    const { method, routeOptions, id } = request;
    log.error('http.failed', { method, route: routeOptions.url, id, failure: error.stack });
    return send(reply, unexpected);
  });
  app.setNotFoundHandler((request, reply) => {
    const detail = `There is no ${request.method} at this address.`;
    return send(
      reply,
      problemOf(new Refusal(404, detail, { code: 'no-route', remedy: 'See the API document.' })) ??
        unexpected,
    );
  });
}

/** One line an answer. The route's pattern and not its address: those hold ids and, at sign-in, codes. */
function logAnswers(app: FastifyInstance, { log }: ServerParts): void {
  app.addHook('onResponse', (request, reply, done) => {
    const { method, routeOptions, principal, id } = request;
    const level = reply.statusCode >= 500 ? 'warn' : 'debug';
    log[level]('http.answered', {
      ...{ method, route: routeOptions.url ?? null, status: reply.statusCode, id },
      ...{ ms: Math.round(reply.elapsedTime), by: principal?.id ?? null },
    });
    done();
  });
}

/** The server, not yet listening. Closing it ends what is under way and closes no platform. */
export async function createServer(parts: ServerParts): Promise<FastifyInstance> {
  const app = Fastify({
    bodyLimit: BODY_LIMIT,
    requestTimeout: REQUEST_MS,
    genReqId: () => randomUUID(),
    logger: false,
    forceCloseConnections: 'idle',
    return503OnClosing: true,
    routerOptions: { maxParamLength: 500, ignoreTrailingSlash: false },
  });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  drainConnections(app);
  traceAnswers(app);
  answerFailures(app, parts);
  logAnswers(app, parts);
  sendSafeHeaders(app, parts.origin);
  enforceRoles(app, parts.access);
  await describeApi(app, version());
  await addRoutes(app, parts);
  await app.ready();
  return app;
}
