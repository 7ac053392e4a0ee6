import type { CrmVendor, Fault, FaultRule, Faults } from '@tidelock/emulators';
import type { Death, World } from './world.ts';

interface Random {
  next(): number;
  int(maxExclusive: number): number;
}

/** Bad weather at both services: faults drawn from a seed. */
export interface Storm {
  /** Scripts the next faults, on top of those that have not struck yet. */
  gust(): void;
  /** Ends all of them. */
  lift(): void;
  /** Nothing that was scripted is still to come. */
  spent(): boolean;
  chance(share: number): boolean;
  /** Where a process dies. */
  death(): Death;
  /** How long until the next run. */
  minutes(): number;
  /** How many faults have struck so far. */
  struck(): number;
  /** What was scripted, one a line. */
  story(): string;
}

type Draw = (random: Random) => FaultRule;

const pick = <T>(random: Random, from: readonly [T, ...T[]]): T => from[random.int(from.length)] ?? from[0];

const graphBody = (code: string) => ({ error: { code, message: 'Injected by the storm.' } });
const crmBody = (errorCode: string) => [{ errorCode, message: 'Injected by the storm.' }];

/** Time-outs included: adapters wait 60 s at most for an answer. */
const delay: Draw = (random) => ({
  fault: { kind: 'delay', ms: pick(random, [900, 20_000, 70_000, 130_000]) },
});
const lost: Draw = (random) => ({ fault: { kind: 'lost', applied: random.next() < 0.6 } });
const twice: Draw = () => ({ fault: { kind: 'duplicate' } });

function status(of: { status: number; body: unknown; retryAfter?: number }): Fault {
  const headers: Record<string, string> = { 'Content-Type': 'application/json' };
  if (of.retryAfter !== undefined) headers['Retry-After'] = String(of.retryAfter);
  return { kind: 'status', status: of.status, body: of.body, headers };
}

const GRAPH: Readonly<Record<string, Draw>> = {
  throttled: (random) => ({
    fault: status({
      status: 429,
      body: graphBody('ApplicationThrottled'),
      retryAfter: pick(random, [1, 10, 120]),
    }),
  }),
  down: (random) => ({
    fault: status({ status: pick(random, [500, 502, 503, 504]), body: graphBody('serviceNotAvailable') }),
  }),
  signedOut: () => ({ fault: status({ status: 401, body: graphBody('InvalidAuthenticationToken') }) }),
  delay,
  lost,
  twice,
  partialBatch: () => ({ fault: { kind: 'named', name: 'partial-batch' } }),
  changedMeanwhile: () => ({ fault: { kind: 'named', name: 'transient-412' } }),
  repeatedEntries: () => ({ fault: { kind: 'named', name: 'duplicate-entries' } }),
  expiredToken: () => ({ fault: { kind: 'named', name: 'expired-delta-token' } }),
};

const SALESFORCE: Readonly<Record<string, Draw>> = {
  down: (random) => ({
    fault: status({ status: pick(random, [500, 503]), body: crmBody('SERVER_UNAVAILABLE') }),
  }),
  throttled: () => ({ fault: status({ status: 403, body: crmBody('REQUEST_LIMIT_EXCEEDED') }) }),
  delay,
  lost,
  twice,
  expiredSession: () => ({ fault: { kind: 'named', name: 'expired-session' } }),
  lockedRow: () => ({ fault: { kind: 'named', name: 'unable-to-lock-row' } }),
  expiredLocator: () => ({ fault: { kind: 'named', name: 'expired-locator' } }),
};

const hubspotBody = (category: string, more: object = {}) => ({
  status: 'error',
  message: 'Injected by the storm.',
  correlationId: 'a0b1c2d3-0000-4000-8000-000000000000',
  category,
  ...more,
});
const policies = ['TEN_SECONDLY_ROLLING', 'SECONDLY'] as const;

const HUBSPOT: Readonly<Record<string, Draw>> = {
  down: (random) => ({
    fault: status({ status: pick(random, [500, 502, 503, 504]), body: hubspotBody('INTERNAL_ERROR') }),
  }),
  throttled: (random) => ({
    fault: status({
      status: 429,
      body: hubspotBody('RATE_LIMITS', { errorType: 'RATE_LIMIT', policyName: pick(random, policies) }),
    }),
  }),
  delay,
  lost,
  twice,
  tokenRefused: () => ({ fault: { kind: 'named', name: 'expired-token' } }),
  locked: () => ({ fault: { kind: 'named', name: 'locked' } }),
  missingResult: () => ({ fault: { kind: 'named', name: 'missing-result' } }),
};

const CRM: Readonly<Record<CrmVendor, Readonly<Record<string, Draw>>>> = {
  salesforce: SALESFORCE,
  hubspot: HUBSPOT,
};

const PLACES: readonly [FaultRule['match'], ...FaultRule['match'][]] = [
  undefined,
  { method: 'GET' },
  { method: 'POST' },
  { method: 'PATCH' },
  { method: 'DELETE' },
  { path: /\$batch|composite|batch\// },
  { path: /delta|query|search|contacts\?/ },
];

interface Service {
  readonly name: string;
  readonly faults: Faults;
  readonly draws: Readonly<Record<string, Draw>>;
}

/** Each seed knows a few kinds of trouble only: where all kinds come at once, none of them gets far. */
function createSwarm(random: Random, { name, faults, draws }: Service) {
  const kinds = Object.keys(draws).filter(() => random.next() < 0.45);
  const most = 1 + random.int(6);
  let open: { remaining(): number }[] = [];
  let scripted = 0;
  const left = (): number => open.reduce((sum, rule) => sum + rule.remaining(), 0);
  const draw = (kind: string) => {
    const rule = draws[kind]?.(random);
    if (rule === undefined) return null;
    // A named fault knows its own place.
    const match = rule.fault.kind === 'named' ? undefined : pick(random, PLACES);
    const when = { skip: random.int(9), times: 1 + random.int(3) };
    return match === undefined ? { ...rule, ...when } : { ...rule, match, ...when };
  };
  return {
    struck: () => scripted - left(),
    kinds: () => (kinds.length === 0 ? `${name}: fair` : `${name}: ${kinds.join(', ')}`),
    spent: () => left() === 0,
    gust(note: (line: string) => void): void {
      for (let count = random.int(most + 1); count > 0 && kinds.length > 0; count--) {
        const kind = kinds[random.int(kinds.length)] ?? '';
        const rule = draw(kind);
        if (rule === null) continue;
        note(`${name} ${kind} ${JSON.stringify(rule)} ${rule.match?.path ?? ''}`);
        open.push(faults.inject(rule));
        scripted += rule.times;
      }
    },
    lift(): void {
      scripted -= left();
      faults.clear();
      open = [];
    },
  };
}

export function createStorm(world: World, random: Random): Storm {
  const { graph, crm, stage } = world;
  const swarms = [
    createSwarm(random, { name: 'Graph', faults: graph.faults, draws: GRAPH }),
    createSwarm(random, { name: crm.title, faults: crm.faults, draws: CRM[crm.vendor] }),
  ];
  const signIn = random.next() < 0.3;
  const lines: string[] = [];
  const note = (line: string): void => {
    lines.push(`${new Date(world.clock.now()).toISOString()}  ${line}`);
  };
  const chance = (share: number): boolean => random.next() < share;
  return {
    chance,
    death() {
      const method = pick(random, [undefined, 'openIntents', 'write', 'commitLane', 'commitObservations']);
      const steps = random.int(method === undefined ? 150 : 6);
      note(`(process killed after ${steps} steps of ${method ?? 'any kind'})`);
      return method === undefined ? { steps } : { steps, method };
    },
    minutes: () => pick(random, [1, 5, 30, 90]),
    gust() {
      for (const swarm of swarms) swarm.gust(note);
      if (!signIn || !chance(0.3)) return;
      const code = pick(random, [90_033, 50_196, 500_011]);
      graph.admin.entra.fail(stage.tenantId, code);
      note(`Entra AADSTS${code}`);
    },
    spent: () => swarms.every((swarm) => swarm.spent()),
    struck: () => swarms.reduce((sum, swarm) => sum + swarm.struck(), 0),
    lift() {
      for (const swarm of swarms) swarm.lift();
      graph.admin.entra.clearFailures(stage.tenantId);
      note('(fair again)');
    },
    story: () => [...swarms.map((swarm) => swarm.kinds()), ...lines].join('\n'),
  };
}
