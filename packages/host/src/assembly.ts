import type { AdapterContext, CrmPort, MailboxPort, Secrets, StatePort, TokenProvider } from '@tidelock/core';
import { standing } from '@tidelock/core';
import { createCanon, type Desk, type Engine } from '@tidelock/engine';
import type { LoadedAdapters } from './adapters.ts';
import { type Administration, createAdministration } from './administration.ts';
import type { Config } from './config.ts';
import { knownLanes } from './configured-lanes.ts';
import { readStanding, readTrouble } from './connection-trouble.ts';
import { createCrmService } from './crm-service.ts';
import { runDoctor } from './doctor.ts';
import { openDesk, openEngine, openScheduled } from './engine.ts';
import { type ExplainContext, explain } from './explain.ts';
import type { KeyLeft } from './keys/countdown.ts';
import { createLanes, type Lanes } from './lanes.ts';
import type { ActingPlatform, Platform, PlatformOptions } from './platform.ts';
import { recordedAnswer, recordedReach, recordedRewrap, recordedUndo } from './recorded-acts.ts';
import type { ScheduledEngine } from './runner/scheduled.ts';
import { sayRules } from './say-rules.ts';
import { readStatus } from './status.ts';
import { findUndo, type UndoContext } from './take-back.ts';
import { readRuns, readTrail } from './trail.ts';

/** Everything that is open: one after the other, so that closing in reverse order never closes what another still needs. */
export interface Ports {
  readonly keys: readonly KeyLeft[];
  readonly secrets: Secrets;
  readonly state: StatePort;
  readonly token: TokenProvider;
  readonly mailbox: MailboxPort;
  readonly crms: ReadonlyMap<string, CrmPort>;
  readonly crm: CrmPort;
}

export interface Assembly {
  readonly options: Pick<PlatformOptions, 'overrides' | 'signal' | 'onProgress'>;
  readonly config: Config;
  readonly adapters: LoadedAdapters;
  readonly context: AdapterContext;
  readonly ports: Ports;
  readonly lanes: Lanes;
  /** Who acts: in the audit trail. */
  readonly who: string;
  /** Who works, in leases, beside the process itself. */
  readonly worker?: string | undefined;
}

function explainContext(
  { config, lanes, ports, context }: Assembly,
  desk: () => Promise<Desk>,
): ExplainContext {
  const { state } = ports;
  const known = () => knownLanes(config, state);
  return {
    state: state.sync,
    canon: createCanon({ region: config.sync.region }),
    lanes: async () =>
      (await known()).map(({ lane }) => ({
        ...lane,
        approved: standing(lane.approved, context.clock.now()),
      })),
    about: async (laneId) => {
      const one = (await known()).find(({ lane }) => lane.id === laneId);
      const address = one?.lane.label ?? '';
      return sayRules(one?.assignment ?? null, { config, profiles: lanes.profiles(), address });
    },
    mappingOf: async (laneId) => (await desk()).mappingOf(laneId),
    shows: async (...record) => (await desk()).shows(...record),
  };
}

function infosOf(adapters: LoadedAdapters): Pick<Platform, 'adapters' | 'crmAdapters'> {
  const { secrets, state, token, mailbox, crm } = adapters;
  return {
    adapters: {
      secrets: secrets.info,
      state: state.info,
      token: token.info,
      mailbox: mailbox.info,
      crm: crm.info,
    },
    crmAdapters: new Map([...adapters.crms].map(([name, { info }]) => [name, info])),
  };
}

/** What works: made when it is first asked for, and then the same one. */
interface Works {
  engine(): Promise<Engine>;
  desk(): Promise<Desk>;
  scheduled(previous: Engine | null): ScheduledEngine;
}

function createWorks(of: Assembly, administration: Administration): Works {
  const { options, config, context, ports, lanes, worker } = of;
  const parts = { options, config, context, state: ports.state, lanes, administration, worker };
  let engine: Promise<Engine> | undefined;
  let desk: Promise<Desk> | undefined;
  return {
    engine: () => {
      engine ??= openEngine(parts);
      return engine;
    },
    desk: () => {
      desk ??= openDesk(parts);
      return desk;
    },
    scheduled: (previous) => openScheduled(parts, previous),
  };
}

/** What is read, and what a person does through it. */
function actsOf(of: Assembly, administration: Administration, desk: Works['desk']) {
  const { options, config, context, ports, lanes } = of;
  const { clock } = context;
  const { signal } = options;
  const explained = () => explainContext(of, desk);
  const undoing = (): UndoContext => ({ ...explained(), desk });
  return {
    explain: (query) => explain(explained(), query),
    history: (query) => readTrail(explained(), query),
    runs: (query) => readRuns(explained(), query),
    findUndo: (query) => findUndo(undoing(), query),
    undo: (scope, how) => recordedUndo(administration, undoing(), { scope, how }),
    records: async (...query) => (await desk()).showAll(...query),
    rewrapKeys: (how) => recordedRewrap(administration, ports, how),
    reach: (outside) => recordedReach(administration, { ...ports, lanes, clock, signal }, outside),
    status: async () =>
      readStatus(await knownLanes(config, ports.state), {
        state: ports.state.sync,
        now: clock.now(),
        alarmMs: config.alarm.lagMinutes * 60_000,
      }),
    answer: (review, decision) =>
      recordedAnswer(administration, { review, decision }, { state: ports.state.sync, clock, desk }),
  } satisfies Partial<ActingPlatform>;
}

/** Who takes part: directory and CRM are asked once, when that is first needed. */
export function lanesOf({
  config,
  ports,
  adapters,
  context,
  options,
}: Omit<Assembly, 'lanes' | 'who'>): Lanes {
  return createLanes({ config, ports, adapters, signal: options.signal, now: () => context.clock.now() });
}

/** A platform over what is open already. It opens and closes nothing. */
export function assemble(of: Assembly): ActingPlatform {
  const { options, config, adapters, context, ports, lanes } = of;
  const { clock, log, random } = context;
  const { signal } = options;
  const administration = createAdministration({
    ...{ config, state: ports.state, crms: ports.crms, lanes, clock, random, who: of.who },
  });
  const works = createWorks(of, administration);
  return {
    config,
    ...infosOf(adapters),
    ...ports,
    clock,
    log,
    get findings() {
      return lanes.findings();
    },
    lanes: async () => (await lanes.resolve()).map((lane) => lane.info),
    engine: works.engine,
    scheduled: works.scheduled,
    doctor: () => runDoctor({ config, ports, adapters, lanes, clock, signal }),
    administration,
    crmService: createCrmService({
      ...{ config, crms: ports.crms, state: ports.state, clock, log, administration, signal },
    }),
    trouble: () => readTrouble(ports.state.tenants),
    standing: () => readStanding(ports.state.tenants),
    profiles: () => lanes.profiles(),
    ...actsOf(of, administration, works.desk),
    as: (who, { worker, signal = options.signal, onProgress } = {}) => {
      const next = { ...of, who, worker: worker ?? of.worker, options: { ...options, signal, onProgress } };
      return assemble(worker === undefined ? next : { ...next, lanes: lanesOf(next) });
    },
  };
}
