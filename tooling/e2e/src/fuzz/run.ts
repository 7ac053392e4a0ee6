import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import type { WholeServer } from '../access/whole-server.ts';
import { toCrm } from '../people.ts';
import { createCaller, type Heard } from './caller.ts';
import { type ApiDocument, type FuzzedRequest, requestsOver } from './requests.ts';

/** A value that the server keeps and nobody may hear. */
const SECRET = 'canary-4f1d-of-the-secret-store';
/** Of a stack trace, or of a private key. */
const NEVER = /\.[tj]s:\d+:\d+|node:internal\/|node_modules|PRIVATE KEY/;
/** Each of these changes what all the others stand on: they have their turn when the others have had theirs. */
const GROUND =
  /keys\/rotate|\/retire$|\/revoke$|connections\/disconnect|session\/logout|^put .*\/connections\/crm|^put .*\/settings|settings\/restore/;
/** Of all requests; a new key takes half a second to make. */
const GROUND_SHARE = 0.002;
const MOST_GROUND = 200;
const CHUNK = 500;
const ADDRESSES = 8;

export interface FuzzOptions {
  readonly runs: number;
  readonly seed: number;
  /** Requests on their way at a time. */
  readonly atOnce: number;
  onProgress(report: FuzzReport): void;
}

export interface FuzzReport {
  readonly sent: number;
  /** How many answers had each status. */
  readonly statuses: Readonly<Record<string, number>>;
  /** How many answers each route gave that were no refusal. */
  readonly taken: ReadonlyMap<string, number>;
  readonly faults: readonly string[];
  readonly slowest: { readonly ms: number; readonly what: string };
  /** Bytes of the heap after a collection: when a fifth was sent, and in the end. */
  readonly heap: readonly [number, number];
}

function collectedHeap(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}

/** Ids, addresses and hashes that mean something on this server. */
async function openingOf(server: WholeServer): Promise<readonly string[]> {
  const { stage, sessions } = server;
  const { setup } = sessions;
  stage.salesforce.admin.seedContacts(5, (n) => toCrm(n + 1));
  const put = { method: 'PUT', headers: { 'x-tidelock-csrf': setup.csrf }, body: { value: SECRET } };
  const kept = await setup.ask('/api/v1/connections/secrets/fuzzed', put);
  if (kept.status !== 200) throw new Error(`the secret was not kept: ${kept.text}`);
  const done = async (path: string): Promise<Record<string, unknown>> => {
    const { body } = await setup.post(path, {});
    for (;;) {
      const job = (await setup.ask(`/api/v1/jobs/${String(body?.id)}`)).body ?? {};
      if (job.endedAt !== null) return job;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const plan = (await done('/api/v1/plans')).result as Record<string, unknown>;
  await done('/api/v1/sync');
  const rows = async (path: string, list = 'items'): Promise<readonly Record<string, unknown>[]> => {
    const found = (await setup.ask(`/api/v1${path}`)).body?.[list];
    return Array.isArray(found) ? found : [];
  };
  const first = async (path: string): Promise<Record<string, unknown>> => (await rows(path))[0] ?? {};
  const [pair, run, job, person] = [
    await first('/items?query=people.example'),
    await first('/runs'),
    await first('/jobs'),
    // Not the one who asks: whose sessions end, for instance, ends them.
    (await rows('/users', 'users')).find(({ name }) => name === 'operator') ?? {},
  ];
  const found = [pair.id, run.id, job.id, job.createdAt, plan?.planId, plan?.hash, person.id];
  const words = [stage.people.ann?.address, 'default', 'crm', 'tidelock', 'sales', ...found];
  return words.filter((one): one is string => typeof one === 'string');
}

type Caller = (turn: number) => Readonly<Record<string, string | undefined>>;

/** Mostly somebody who may do everything; also those who may not, and nobody. */
function callersOf({ tokens, sessions }: WholeServer): readonly Caller[] {
  const bearer = (token: string): Caller => {
    const headers = { authorization: `Bearer ${token}` };
    return () => headers;
  };
  const browser: Caller = () => ({
    cookie: [...sessions.setup.jar].map(([name, value]) => `${name}=${value}`).join('; '),
    ...{ 'x-tidelock-csrf': sessions.setup.csrf, 'sec-fetch-site': 'same-origin' },
  });
  const stranger: Caller = (turn) => ({
    ...{ 'x-forwarded-for': `198.51.100.${turn % ADDRESSES}`, 'sec-fetch-site': 'same-origin' },
  });
  const all = bearer(tokens.setup);
  return [all, all, all, all, browser, bearer(tokens.operator), bearer(tokens.viewer), stranger];
}

const formsOf = (value: string): readonly string[] => [
  value,
  Buffer.from(value).toString('base64').replace(/=+$/, '').slice(0, -1),
  Buffer.from(value).toString('hex'),
];

/** What must never be heard, whoever asks for whatever, in whatever form. */
function secretsOf({ sessions, tokens, password }: WholeServer): readonly string[] {
  const cookies = Object.values(sessions).flatMap(({ jar }) => [...jar.values()]);
  const ends = Object.values(tokens).map((token) => token.slice(-43));
  return [SECRET, password, ...ends, ...cookies].flatMap(formsOf);
}

const isReveal = ({ path }: FuzzedRequest): boolean => path.startsWith('/api/v1/tenant/reveal');
/** Not being ready is what it is there to say. */
const isUnready = ({ path }: FuzzedRequest, status: number): boolean =>
  status === 503 && path.startsWith('/readyz');
const sayRequest = ({ method, path, body }: FuzzedRequest): string =>
  `${method} ${path} ${JSON.stringify(body) ?? ''}`;

/** Fuzzes every route of the document, over sockets, with everything that a server has behind it. */
export async function fuzz(server: WholeServer, options: FuzzOptions): Promise<FuzzReport> {
  const { runs, seed, atOnce } = options;
  const known = await openingOf(server);
  const document = (await server.sessions.setup.ask('/api/v1/openapi.json')).body as unknown as ApiDocument;
  const callers = callersOf(server);
  const secrets = secretsOf(server);
  const tenant = formsOf(server.stage.tenantId);
  const caller = createCaller(server.serving.address, atOnce);
  const statuses: Record<string, number> = {};
  const taken = new Map<string, number>();
  const faults: string[] = [];
  let slowest = { ms: 0, what: '' };
  let sent = 0;
  let early = 0;

  const judge = (of: FuzzedRequest, { status, headers, text, ms }: Heard): void => {
    statuses[status] = (statuses[status] ?? 0) + 1;
    if (status < 300) taken.set(of.route, (taken.get(of.route) ?? 0) + 1);
    if (ms > slowest.ms) slowest = { ms, what: sayRequest(of) };
    const all = `${JSON.stringify(headers)}\n${text}`;
    if (status >= 500 && !isUnready(of, status))
      faults.push(`${status}: ${sayRequest(of)} ${text.slice(0, 300)}`);
    const heard = [...secrets, ...(isReveal(of) ? [] : tenant)].find((secret) => all.includes(secret));
    if (heard !== undefined || NEVER.test(all)) faults.push(`tells a secret: ${sayRequest(of)}`);
  };
  const one = async (of: FuzzedRequest, turn: number): Promise<void> => {
    const headers = callers[turn % callers.length]?.(turn) ?? {};
    try {
      judge(of, await caller.ask(of, headers));
    } catch (error) {
      faults.push(`no answer: ${sayRequest(of)} ${String(error)}`);
    }
  };
  const report = (): FuzzReport => ({
    ...{ sent, statuses, taken, faults, slowest },
    heap: [early, collectedHeap()],
  });
  const play = async (requests: fc.Arbitrary<FuzzedRequest>, most: number): Promise<void> => {
    for (let from = 0; from < most; from += CHUNK) {
      const numRuns = Math.min(CHUNK, most - from);
      const drawn = fc.sample(requests, { numRuns, seed: seed + from });
      let next = 0;
      const worker = async (): Promise<void> => {
        while (next < drawn.length) {
          const turn = next++;
          const of = drawn[turn];
          if (of !== undefined) await one(of, from + Math.floor(turn / 7));
        }
      };
      await Promise.all(Array.from({ length: atOnce }, worker));
      sent += numRuns;
      // What the emulated services write down is not the server's.
      for (const { log } of [server.stage.graph, server.stage.crm]) log.clear();
      if (early === 0 && sent >= runs / 5) early = collectedHeap();
      options.onProgress(report());
    }
  };
  const ground = Math.min(MOST_GROUND, Math.max(20, Math.floor(runs * GROUND_SHARE)));
  try {
    await play(requestsOver(document, { known, skip: (route) => GROUND.test(route) }), runs - ground);
    await play(requestsOver(document, { known, skip: (route) => !GROUND.test(route) }), ground);
  } finally {
    caller.close();
  }
  return report();
}
