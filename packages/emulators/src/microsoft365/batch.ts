import type { GraphAnswer } from './graph-call.ts';
import { badBody } from './graph-call.ts';
import { badRequest, GraphFailure } from './graph-error.ts';

export interface BatchStep {
  id: string;
  method: string;
  url: string;
  headers: Record<string, string>;
  body: unknown;
  dependsOn: readonly string[];
}

const maxSteps = 20;
const methods = ['GET', 'POST', 'PATCH', 'PUT', 'DELETE'];

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const readHeaders = (value: unknown): Record<string, string> => {
  const headers: Record<string, string> = {};
  if (!isRecord(value)) return headers;
  for (const [name, text] of Object.entries(value))
    if (typeof text === 'string') headers[name.toLowerCase()] = text;
  return headers;
};

/** A text body is base64url of the bytes. */
const readStepBody = (body: unknown): unknown => {
  if (typeof body !== 'string') return body;
  try {
    return JSON.parse(Buffer.from(body, 'base64url').toString('utf8'));
  } catch {
    return badBody;
  }
};

const readStep = (value: unknown): BatchStep => {
  if (!isRecord(value)) throw badRequest('Invalid batch payload format.');
  const { id, method, url, dependsOn } = value;
  if (typeof id !== 'string' || id === '')
    throw badRequest('Request id was not provided or is not a string.');
  if (typeof method !== 'string' || !methods.includes(method.toUpperCase())) {
    throw badRequest(`Request id : ${id} has no valid method.`);
  }
  if (typeof url !== 'string' || /^[a-z]+:\/\//i.test(url))
    throw badRequest(`Request id : ${id} needs a relative url.`);
  const headers = readHeaders(value.headers);
  if (value.body !== undefined && headers['content-type'] === undefined) {
    throw badRequest(`Write request id : ${id} does not contain Content-Type header or body.`);
  }
  return {
    id,
    method: method.toUpperCase(),
    url: url.startsWith('/') ? url : `/${url}`,
    headers,
    body: readStepBody(value.body),
    dependsOn: Array.isArray(dependsOn) ? dependsOn.map(String) : [],
  };
};

export type BatchShape = 'parallel' | 'sequential' | 'one-first';

/** All parallel, each on the one before, or all on the same one; nothing else is supported. */
const shapeOf = (steps: readonly BatchStep[]): BatchShape => {
  const bound = steps.filter((step) => step.dependsOn.length > 0);
  if (bound.length === 0) return 'parallel';
  const isSequential = steps.every((step, index) =>
    index === 0 ? step.dependsOn.length === 0 : step.dependsOn.join() === steps[index - 1]?.id,
  );
  if (isSequential) return 'sequential';
  const first = steps.find((step) => step.dependsOn.length === 0);
  const isFan =
    bound.length === steps.length - 1 && bound.every((step) => step.dependsOn.join() === first?.id);
  if (isFan) return 'one-first';
  throw badRequest('Batch should be either fully sequential or fully parallel.');
};

export interface Batch {
  steps: readonly BatchStep[];
  shape: BatchShape;
}

export function readBatch(body: unknown): Batch {
  const requests = isRecord(body) ? body.requests : undefined;
  if (!Array.isArray(requests) || requests.length === 0) throw badRequest('Invalid batch payload format.');
  if (requests.length > maxSteps) {
    throw new GraphFailure(
      400,
      'MaximumValueExceeded',
      `Number of batch request steps exceeds the maximum value of ${maxSteps}.`,
    );
  }
  const steps = requests.map(readStep);
  const ids = new Set(steps.map((step) => step.id.toLowerCase()));
  if (ids.size !== steps.length) throw badRequest('Request ids within a batch must be unique.');
  if (steps.some((step) => step.dependsOn.some((id) => !ids.has(id.toLowerCase())))) {
    throw badRequest('A request depends on an id that is not in the batch.');
  }
  return { steps, shape: shapeOf(steps) };
}

export const failedDependency = (): GraphFailure =>
  new GraphFailure(424, 'FailedDependency', 'The request failed because a request it depends on failed.');

type Run = (step: BatchStep) => Promise<GraphAnswer>;
type Answers = Map<string, GraphAnswer>;

const runParallel = async (steps: readonly BatchStep[], run: Run, answers: Answers): Promise<void> => {
  const waiting = [...steps];
  const worker = async (): Promise<void> => {
    for (let step = waiting.shift(); step !== undefined; step = waiting.shift())
      answers.set(step.id, await run(step));
  };
  const results = await Promise.allSettled([worker(), worker(), worker(), worker()]);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
};

const runInOrder = async (
  steps: readonly BatchStep[],
  run: Run,
  options: { answers: Answers; fail: Run },
) => {
  for (const step of steps) {
    const hasFailed = step.dependsOn.some((id) => (options.answers.get(id)?.status ?? 500) >= 400);
    options.answers.set(step.id, await (hasFailed ? options.fail(step) : run(step)));
  }
};

/** At most four steps at a time; a step whose predecessor failed goes to `fail` instead of `run`. */
export async function runBatch(batch: Batch, run: Run, fail: Run): Promise<Answers> {
  const answers: Answers = new Map();
  if (batch.shape === 'parallel') await runParallel(batch.steps, run, answers);
  else if (batch.shape === 'sequential') await runInOrder(batch.steps, run, { answers, fail });
  else {
    const free = batch.steps.filter((step) => step.dependsOn.length === 0);
    const bound = batch.steps.filter((step) => step.dependsOn.length > 0);
    await runInOrder(free, run, { answers, fail });
    const status = answers.get(free[0]?.id ?? '')?.status ?? 500;
    await runParallel(bound, status >= 400 ? fail : run, answers);
  }
  return answers;
}
