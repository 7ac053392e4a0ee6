import {
  AdapterError,
  type ConsentPort,
  type MailboxPort,
  type Secrets,
  type StatePort,
  type TokenProvider,
} from '@tidelock/core';
import { type LoadedAdapters, loadAdapters } from './adapters.ts';
import type { HostContext } from './base-context.ts';
import type { Config } from './config.ts';
import { readStanding, type Standing } from './connection-trouble.ts';
import { createAttempts } from './consent/attempts.ts';
import { type Bindings, createBindings } from './consent/bindings.ts';
import { type DisconnectOptions, type DisconnectReport, disconnectTenant } from './consent/disconnect.ts';
import { type ConsentFlow, createConsentFlow, type Visitor } from './consent/flow.ts';
import { createConnectHandler, type HttpHandler, RETURN_PATH } from './consent/handler.ts';
import { proveConsent, type ServiceLook } from './consent/proving.ts';
import { type TenantPlace, tenantPlaceOf, withTenant } from './consent/tenant-place.ts';
import { TENANT } from './lanes.ts';
import { type Foundation, foundationOn } from './live/foundation.ts';
import { opened, openGround } from './opening.ts';
import type { PlatformOptions } from './platform.ts';
import { recordActs } from './profiles/record-roster.ts';
import { openBlindIndex } from './sealing/blind-index.ts';
import { openSealer } from './sealing/data-keys.ts';
import type { FieldSealer } from './sealing/field-seal.ts';
import type { SealerSource } from './sealing/sealer-source.ts';
import { placeOf, resolveOptions } from './secret-options.ts';

export interface ConnectPages {
  readonly flow: ConsentFlow;
  readonly handler: HttpHandler;
}

/** What is needed to connect a tenant and to let go of it again: no CRM is opened, and no tenant need be known yet. */
export interface Connections extends AsyncDisposable {
  readonly config: Config;
  /** The account that this configuration is about. */
  readonly account: string;
  /** How it stands, as it is remembered. */
  standing(): Promise<Standing>;
  /** The tenant that it holds by consent; null = none. */
  tenant(): Promise<string | null>;
  /**
   * Setup page and handlers. `origin`: address of this installation as browsers know it, `https://tidelock.example`;
   * `visitor` says who asks.
   */
  pages(of: {
    readonly origin: string;
    readonly base: string;
    /** Place on this origin that the pages lead back to. */
    readonly home?: string | undefined;
    visitor(request: Request): Promise<Visitor | null>;
  }): ConnectPages;
  /** Lets go of the organisation; see `disconnectTenant`. */
  disconnect(how?: DisconnectOptions): Promise<DisconnectReport>;
  close(): Promise<void>;
}

interface Parts {
  readonly config: Config;
  readonly adapters: LoadedAdapters;
  readonly context: HostContext;
  readonly secrets: Secrets;
  readonly state: StatePort;
  readonly token: TokenProvider;
  readonly bindings: Bindings;
  /** Looked up each time: another process may have made a key, or destroyed them. */
  opened(): Promise<FieldSealer>;
  /** Of everything else in this process. */
  readonly sealer: SealerSource;
  readonly place: TenantPlace;
  readonly who: string;
  /** Aborted when everything is closed, or by the caller. */
  readonly signal: AbortSignal;
  readonly flows: ConsentFlow[];
  readonly onBound: (() => void) | undefined;
  readonly onReleased: (() => Promise<void>) | undefined;
}

/** Enough to see that mailboxes open, and few enough to be no scan. */
const LOOKED_AT = 3;

/** What the mailbox side says as that tenant. Reads only. */
async function lookAs(parts: Parts, tenant: string, signal: AbortSignal | undefined): Promise<ServiceLook> {
  const addresses = parts.config.mailboxes.slice(0, LOOKED_AT).map(({ address }) => address);
  return withMailbox(parts, tenant, async (port) => {
    const findings = await port.check({ signal });
    const blocked = findings.some(({ severity }) => severity === 'block');
    const found = blocked || addresses.length === 0 ? [] : await port.mailboxes(addresses, { signal });
    return { findings, ready: found.some(({ state }) => state === 'ready') };
  });
}

function recorder({ state, context, who }: Parts) {
  const { clock, random } = context;
  return (
    by: string,
    of: { act: string; subject: string; after: Readonly<Record<string, unknown>> | null },
  ) =>
    recordActs(
      {
        ...{ tenants: state.tenants, tenantId: TENANT, random, now: clock.now(), who: by || who },
        laneIdOf: () => '',
      },
      [{ ...of, laneId: null, before: null }],
    );
}

async function storeTenant({ secrets, place, token }: Parts, tenant: string): Promise<void> {
  token.forget(tenant);
  if (place.kind === 'fixed') return;
  const value = new TextEncoder().encode(tenant);
  const present = await secrets.store.get(place.name);
  if (present !== null && Buffer.compare(Buffer.from(present.value), Buffer.from(value)) === 0) return;
  await secrets.store.put(place.name, value);
}

function requireConsent({ token, adapters }: Parts): ConsentPort {
  if (token.consent !== undefined) return token.consent;
  throw new AdapterError('unsupported', `${adapters.token.info.name} connects no tenants.`, {
    operation: 'connect',
    remedy:
      'Let an administrator consent where the directory offers it, and write the tenant into the configuration.',
  });
}

function createPages(parts: Parts, of: Parameters<Connections['pages']>[0]): ConnectPages {
  const { context, bindings, place, signal, state, opened: sealer } = parts;
  const { clock, log } = context;
  const consent = requireConsent(parts);
  const record = recorder(parts);
  const { origin, base, visitor } = of;
  const flow = createConsentFlow({
    ...{ consent, clock, log, signal, attempts: createAttempts({ store: state.access, sealer }) },
    redirectUri: `${origin}${base}${RETURN_PATH}`,
    allowedTenant: (account) => (account === TENANT && place.kind === 'fixed' ? place.tenant : null),
    requireFree: ({ account }, tenant) => bindings.requireFree(account, tenant),
    prove: (tenant, onWait) =>
      proveConsent({ consent, clock, onWait, look: (of, until) => lookAs(parts, of, until) }, tenant, signal),
    async bind({ account, who }, { tenant, proved }) {
      await bindings.bind(account, tenant);
      parts.sealer.forget();
      if (account === TENANT) await storeTenant(parts, tenant);
      const findings = proved.findings.map(({ code }) => code);
      const after = { account, roles: proved.roles, findings };
      await record(who, { act: 'tenant.connected', subject: bindings.fingerprint(tenant), after });
      parts.onBound?.();
    },
    record: ({ account, who }, act, about) =>
      record(who, { act: `consent.${act}`, subject: account, after: about }),
  });
  parts.flows.push(flow);
  const revealed = ({ account, who }: Visitor): Promise<void> =>
    record(who, { act: 'tenant.revealed', subject: account, after: { result: 'done', by: 'setup-page' } });
  return {
    flow,
    handler: createConnectHandler({ flow, consent, origin, base, home: of.home, visitor, revealed }),
  };
}

/** With the mailbox side as that tenant, whatever the secret store holds. */
async function withMailbox<R>(
  parts: Pick<Parts, 'config' | 'adapters' | 'context' | 'token' | 'place' | 'secrets'>,
  tenant: string,
  use: (port: MailboxPort) => Promise<R>,
): Promise<R> {
  const { config, adapters, context, token, place } = parts;
  const secrets = withTenant(parts.secrets, place, tenant);
  const [options] = await resolveOptions([placeOf('mailbox', config, adapters)], { config, secrets });
  const port = await adapters.mailbox.manifest.create(options, { ...context, secrets, token });
  try {
    return await use(port);
  } finally {
    await port.close();
  }
}

function disconnect(parts: Parts, { who = parts.who, keep }: DisconnectOptions): Promise<DisconnectReport> {
  const { onReleased, context } = parts;
  return disconnectTenant(
    {
      ...{ ...parts, clock: context.clock, log: context.log },
      withMailbox: (tenant, use) => withMailbox(parts, tenant, ({ push }) => use(push)),
      record: (act, of) => recorder(parts)(who, { act, ...of }),
      ...(onReleased && { onReleased }),
    },
    { keep },
  );
}

/** What is open already, in a process that stays. */
type Present = Pick<Foundation, 'context' | 'secrets' | 'state' | 'sealer'>;

/** A configuration that says nowhere where the tenant stands is told so before anything else. */
async function loadPlaced(config: Config, resolveFrom?: string): Promise<LoadedAdapters> {
  tenantPlaceOf(config);
  return loadAdapters(config, resolveFrom);
}

async function open(
  options: PlatformOptions,
  stack: AsyncDisposableStack,
  of: ConnectionsOptions,
): Promise<Parts> {
  const life = new AbortController();
  const flows: ConsentFlow[] = [];
  const ground = await openGround(options, stack, loadPlaced);
  const { config, adapters } = ground;
  const place = tenantPlaceOf(config);
  const { context, secrets, state, sealer } = of.ground ?? (await foundationOn(ground));
  const [tokenOptions] = await resolveOptions([placeOf('token', config, adapters)], { config, secrets });
  const token = await adapters.token.manifest.create(tokenOptions, { ...context, secrets });
  stack.defer(() => token.close());
  const openedSealer = () => openSealer({ tenant: TENANT, tenants: state.tenants, secrets, ...context });
  const bindings = createBindings({
    tenants: state.tenants,
    index: await openBlindIndex(secrets, 'tenant-id'),
    sealer: openedSealer,
    adapter: adapters.mailbox.info.name,
    now: () => context.clock.now(),
  });
  // Last opened, first closed: a proof that is under way still needs everything else.
  stack.defer(async () => {
    life.abort(new Error('closed'));
    await Promise.all(flows.map((flow) => flow.idle()));
  });
  const signal = options.signal ? AbortSignal.any([options.signal, life.signal]) : life.signal;
  const { who } = ground;
  const { onBound, onReleased } = of;
  const parts = { config, adapters, context, secrets, state, token };
  return { ...parts, bindings, sealer, opened: openedSealer, place, who, signal, flows, onBound, onReleased };
}

export interface ConnectionsOptions {
  /** Used instead of opening secret store and state, and not closed. */
  readonly ground?: Present | undefined;
  /** Called when a tenant was connected and everything about it is stored. */
  readonly onBound?: (() => void) | undefined;
  /** Called when a tenant is let go and cannot be found any more, before what was remembered of it is destroyed. */
  readonly onReleased?: (() => Promise<void>) | undefined;
}

/**
 * Opens secret store, state and token provider of a configuration. Throws `InputError`, and `AdapterError` for what an
 * adapter met while opening.
 */
export const openConnections = (
  options: PlatformOptions,
  of: ConnectionsOptions = {},
): Promise<Connections> =>
  opened(async (stack) => {
    const parts = await open(options, stack, of);
    return {
      config: parts.config,
      account: TENANT,
      standing: () => readStanding(parts.state.tenants),
      tenant: () => parts.bindings.tenantOf(TENANT),
      pages: (of) => createPages(parts, of),
      disconnect: (how = {}) => disconnect(parts, how),
    };
  });
