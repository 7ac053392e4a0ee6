import {
  type AdapterContext,
  type Certificate,
  InputError,
  type Secrets,
  type StatePort,
} from '@tidelock/core';
import { currentUser } from './actor.ts';
import { type LoadedAdapters, loadAdapters } from './adapters.ts';
import { assemble, lanesOf, type Ports } from './assembly.ts';
import type { Config } from './config.ts';
import { chosenOptions, createContainer, type Parts } from './container.ts';
import { MAIN_CRM, ofCrm } from './crm-connections.ts';
import { withEveryProblem } from './every-problem.ts';
import { type KeyLeft, keysLeft } from './keys/countdown.ts';
import { isIdle } from './keys/used-by.ts';
import { TENANT } from './lanes.ts';
import { opened, openGround, openSecretStore, openStateStore } from './opening.ts';
import type { ActingPlatform, Platform, PlatformOptions } from './platform.ts';
import type { DataKeysOptions } from './sealing/data-keys.ts';
import { sealSyncState } from './sealing/sealed-state.ts';
import { createSealerSource, type SealerSource } from './sealing/sealer-source.ts';
import { TOKENS } from './tokens.ts';

/** What is wrong with the secret store is said here, and not later as a sign-in that failed for some reason. */
export async function requireReadable({ abilities, keys, store }: Secrets): Promise<readonly Certificate[]> {
  if (abilities.keys) return keys.list();
  if (abilities.store) await store.list();
  return [];
}

/** The state as everybody here sees it: what it stores about people is sealed on the way in and opened on the way out. */
export function sealedState(
  state: StatePort,
  of: Pick<DataKeysOptions, 'secrets' | 'clock' | 'random'>,
): { readonly state: StatePort; readonly sealer: SealerSource } {
  const sealer = createSealerSource({ ...of, tenant: TENANT, tenants: state.tenants });
  const sealed = { ...state, sync: sealSyncState(state.sync, sealer), close: () => state.close() };
  return { state: sealed, sealer };
}

/** What is left of certificates is said at every start, from sixty days on. */
export function noteKeys(
  certificates: readonly Certificate[],
  { clock, log }: AdapterContext,
): readonly KeyLeft[] {
  const keys = keysLeft(certificates, clock.now());
  for (const { keyName, days, stage } of keys.filter((key) => key.stage !== 'ok'))
    log[stage === 'notice' ? 'warn' : 'error']('key.expires', { key: keyName, days, stage });
  return keys;
}

/** One after the other, so that closing in reverse order never closes something that another still needs. */
export async function openPorts(parts: Parts, certificates: readonly Certificate[]): Promise<Ports> {
  const { context, secrets, state } = parts;
  const container = createContainer(parts);
  const token = await container.resolve(TOKENS.token);
  const mailbox = await container.resolve(TOKENS.mailbox);
  const crms = await container.resolve(TOKENS.crms);
  // Nobody has to renew what nothing signs with any more.
  const used = certificates.filter(({ keyName }) => !isIdle(parts.config, token, keyName));
  const keys = noteKeys(used, context);
  return { keys, secrets, state, token, mailbox, crms, crm: ofCrm(crms, MAIN_CRM) };
}

/** What a platform is made of beside its rules. */
export interface Opened {
  readonly options: PlatformOptions;
  readonly adapters: LoadedAdapters;
  readonly context: AdapterContext;
  readonly ports: Ports;
}

/** A platform under these rules, over what is open. */
export function assembleOver(config: Config, of: Opened): ActingPlatform {
  const { options } = of;
  const who = options.actor ?? currentUser(options.env ?? process.env);
  return assemble({ ...of, config, lanes: lanesOf({ ...of, config }), who });
}

/** What people wrote is judged as a whole before the state is opened. */
async function compose(options: PlatformOptions, stack: AsyncDisposableStack): Promise<ActingPlatform> {
  const ground = await openGround(options, stack, loadAdapters);
  const { config, adapters, context } = ground;
  const secrets = await openSecretStore(ground);
  const certificates = await requireReadable(secrets);
  const chosen = await chosenOptions(ground, secrets);
  const { state } = sealedState(await openStateStore(ground, chosen.state), { ...context, secrets });
  const ports = await openPorts({ ...ground, secrets, state, chosen }, certificates);
  return assembleOver(config, { options, adapters, context, ports });
}

/**
 * From a configuration file to a running platform. Makes no request besides reading the secret store. Throws
 * `InputError` for what a person wrote, and `AdapterError` unchanged for what an adapter met while opening (a
 * folder in use is `conflict`, a newer state file `invalid`); whatever was open by then is closed again.
 */
export async function createPlatform(options: PlatformOptions): Promise<Platform> {
  try {
    return await opened((stack) => compose(options, stack));
  } catch (error) {
    throw error instanceof InputError ? await withEveryProblem(error, options) : error;
  }
}
