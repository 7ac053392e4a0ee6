import {
  type AdapterContext,
  type Certificate,
  type Clock,
  InputError,
  type Review,
  type Secrets,
  type StatePort,
  standing,
} from '@tidelock/core';
import { createCanon, type Desk, type Engine } from '@tidelock/engine';
import type { DependencyContainer } from 'tsyringe';
import { currentUser } from './actor.ts';
import { type LoadedAdapters, loadAdapters } from './adapters.ts';
import { type Administration, createAdministration } from './administration.ts';
import { answerReview } from './answer-review.ts';
import { createContext, makeDataDir } from './base-context.ts';
import { type Config, loadConfig } from './config.ts';
import { knownLanes } from './configured-lanes.ts';
import { readTrouble } from './connection-trouble.ts';
import { createContainer } from './container.ts';
import { MAIN_CRM, ofCrm } from './crm-connections.ts';
import { createCrmService } from './crm-service.ts';
import { runDoctor } from './doctor.ts';
import { openDesk, openEngine } from './engine.ts';
import { withEveryProblem } from './every-problem.ts';
import { type ExplainContext, explain } from './explain.ts';
import { type KeyLeft, keysLeft } from './keys/countdown.ts';
import { createLanes, type Lanes, TENANT } from './lanes.ts';
import { importPendingActs } from './pending-acts.ts';
import type { Platform, PlatformOptions } from './platform.ts';
import { proveReach, type ReachParts, type ReachReport } from './reach/proof.ts';
import { sayRules } from './say-rules.ts';
import type { DataKeysOptions } from './sealing/data-keys.ts';
import { type RewrapReport, rewrapDataKeys } from './sealing/rewrap.ts';
import { sealSyncState } from './sealing/sealed-state.ts';
import { createSealerSource } from './sealing/sealer-source.ts';
import { readStatus } from './status.ts';
import { findUndo, takeBack, type UndoContext } from './take-back.ts';
import { TOKENS } from './tokens.ts';
import { readRuns, readTrail } from './trail.ts';

/** What is wrong with the secret store is said here, and not later as a sign-in that failed for some reason. */
async function requireReadable({ abilities, keys, store }: Secrets): Promise<readonly Certificate[]> {
  if (abilities.keys) return keys.list();
  if (abilities.store) await store.list();
  return [];
}

/** The state as everybody here sees it: what it stores about people is sealed on the way in and opened on the way out. */
function sealedState(state: StatePort, of: Pick<DataKeysOptions, 'secrets' | 'clock' | 'random'>): StatePort {
  const opened = createSealerSource({ ...of, tenant: TENANT, tenants: state.tenants });
  return { tenants: state.tenants, sync: sealSyncState(state.sync, opened), close: () => state.close() };
}

/** What is left of certificates is said at every start, from sixty days on. */
function noteKeys(certificates: readonly Certificate[], { clock, log }: AdapterContext): readonly KeyLeft[] {
  const keys = keysLeft(certificates, clock.now());
  for (const { keyName, days, stage } of keys.filter((key) => key.stage !== 'ok'))
    log[stage === 'notice' ? 'warn' : 'error']('key.expires', { key: keyName, days, stage });
  return keys;
}

/** One after the other, so that closing in reverse order never closes something that another still needs. */
async function openPorts(container: DependencyContainer, context: AdapterContext) {
  const secrets = await container.resolve(TOKENS.secrets);
  const certificates = await requireReadable(secrets);
  const opened = await container.resolve(TOKENS.state);
  const state = sealedState(opened, { secrets, clock: context.clock, random: context.random });
  const token = await container.resolve(TOKENS.token);
  const mailbox = await container.resolve(TOKENS.mailbox);
  const crms = await container.resolve(TOKENS.crms);
  const keys = noteKeys(certificates, context);
  return { keys, secrets, state, token, mailbox, crms, crm: ofCrm(crms, MAIN_CRM) };
}

function explainContext(of: {
  readonly config: Config;
  readonly lanes: Lanes;
  readonly state: StatePort;
  readonly desk: () => Promise<Desk>;
  readonly clock: Clock;
}): ExplainContext {
  const { config, lanes, state, clock } = of;
  const known = () => knownLanes(config, state);
  return {
    state: state.sync,
    canon: createCanon({ region: config.sync.region }),
    lanes: async () =>
      (await known()).map(({ lane }) => ({ ...lane, approved: standing(lane.approved, clock.now()) })),
    about: async (laneId) => {
      const one = (await known()).find(({ lane }) => lane.id === laneId);
      const address = one?.lane.label ?? '';
      return sayRules(one?.assignment ?? null, { config, profiles: lanes.profiles(), address });
    },
    mappingOf: async (laneId) => (await of.desk()).mappingOf(laneId),
    shows: async (...record) => (await of.desk()).shows(...record),
  };
}

type Recorder = Pick<Administration, 'record'>;

async function recordedUndo(
  administration: Recorder,
  context: UndoContext,
  { scope, how }: { scope: Parameters<Platform['undo']>[0]; how: Parameters<Platform['undo']>[1] },
): ReturnType<Platform['undo']> {
  const reports = await takeBack(context, scope, how);
  for (const { laneId, mailbox, items } of how.preview ? [] : reports) {
    const after = { mode: how.mode, items: items.length };
    await administration.record({ act: 'undo', subject: mailbox, laneId, before: null, after });
  }
  return reports;
}

async function recordedRewrap(
  administration: Recorder,
  { secrets, state }: { readonly secrets: Secrets; readonly state: StatePort },
  how: { readonly rotate: boolean },
): Promise<RewrapReport> {
  const of = [...new Set([TENANT, ...(await state.tenants.tenants()).map(({ id }) => id)])];
  const report = await rewrapDataKeys({ tenants: state.tenants, secrets, of }, how);
  const act = { act: 'keys.rewrapped', subject: 'data-keys', laneId: null, before: null };
  await administration.record({ ...act, after: { ...how, ...report } });
  return report;
}

async function recordedReach(
  administration: Recorder,
  parts: ReachParts,
  outside: readonly string[] | undefined,
): Promise<ReachReport> {
  const report = await proveReach(parts, outside);
  const { asIntended, counts, findings } = report;
  const after = { asIntended, ...counts, findings: findings.map(({ code }) => code) };
  await administration.record({
    act: 'reach.proved',
    subject: 'mailboxes',
    laneId: null,
    before: null,
    after,
  });
  return report;
}

async function recordedAnswer(
  administration: Recorder,
  { review, decision }: { review: Review; decision: string },
  of: Parameters<typeof answerReview>[2],
): Promise<void> {
  await answerReview(review, decision, of);
  const before = { kind: review.kind, decision: review.decision };
  const about = { act: 'review.decided', subject: review.id, laneId: review.laneId };
  await administration.record({ ...about, before, after: { decision } });
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

async function compose(options: PlatformOptions, stack: AsyncDisposableStack): Promise<Platform> {
  const env = options.env ?? process.env;
  const config = await loadConfig(options.configPath, { env });
  const adapters = await loadAdapters(config, options.resolveFrom);
  await makeDataDir(config);
  const context = await createContext(config, { options, env, stack });
  const ports = await openPorts(createContainer({ config, adapters, context, env, stack }), context);
  const { clock, log } = context;
  const { signal } = options;
  await importPendingActs(config.dataDir, ports.state.tenants);
  const lanes = createLanes({ config, ports, adapters, signal, now: () => clock.now() });
  let engine: Promise<Engine> | undefined;
  const administration: Administration = createAdministration({
    ...{ config, state: ports.state, crms: ports.crms, lanes, clock, random: context.random },
    who: options.actor ?? currentUser(env),
  });
  const parts = { options, config, context, state: ports.state, lanes, administration };
  let desk: Promise<Desk> | undefined;
  const openedDesk = () => {
    desk ??= openDesk(parts);
    return desk;
  };
  const explained = () => explainContext({ config, lanes, state: ports.state, desk: openedDesk, clock });
  const undoing = (): UndoContext => ({ ...explained(), desk: openedDesk });
  const close = () => stack.disposeAsync();
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
    engine: () => {
      engine ??= openEngine(parts);
      return engine;
    },
    doctor: () => runDoctor({ config, ports, adapters, lanes, clock, signal }),
    administration,
    crmService: createCrmService({
      ...{ config, crms: ports.crms, state: ports.state, clock, log, administration, signal },
    }),
    reach: (outside) => recordedReach(administration, { ...ports, lanes, clock, signal }, outside),
    trouble: () => readTrouble(ports.state.tenants),
    profiles: () => lanes.profiles(),
    status: async () =>
      readStatus(await knownLanes(config, ports.state), {
        state: ports.state.sync,
        now: clock.now(),
        alarmMs: config.alarm.lagMinutes * 60_000,
      }),
    explain: (query) => explain(explained(), query),
    history: (query) => readTrail(explained(), query),
    runs: (query) => readRuns(explained(), query),
    findUndo: (query) => findUndo(undoing(), query),
    undo: (scope, how) => recordedUndo(administration, undoing(), { scope, how }),
    records: async (...query) => (await openedDesk()).showAll(...query),
    rewrapKeys: (how) => recordedRewrap(administration, ports, how),
    answer: (review, decision) =>
      recordedAnswer(
        administration,
        { review, decision },
        { state: ports.state.sync, clock, desk: openedDesk },
      ),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/**
 * From a configuration file to a running platform. Makes no request besides reading the secret store. Throws
 * `InputError` for what a person wrote, and `AdapterError` unchanged for what an adapter met while opening (a
 * folder in use is `conflict`, a newer state file `invalid`); whatever was open by then is closed again.
 */
export async function createPlatform(options: PlatformOptions): Promise<Platform> {
  const stack = new AsyncDisposableStack();
  try {
    return await compose(options, stack);
  } catch (error) {
    // What went wrong first is what a person must hear about.
    await stack.disposeAsync().catch(() => undefined);
    throw error instanceof InputError ? await withEveryProblem(error, options) : error;
  }
}
