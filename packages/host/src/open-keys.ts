import { InputError, type Secrets } from '@tidelock/core';
import { loadKeyAdapters, loadSecretStore } from './adapters.ts';
import type { Config } from './config.ts';
import { TENANT } from './lanes.ts';
import { foundationOn } from './live/foundation.ts';
import { type MoveParts, type MoveReport, moveAll } from './move-secrets.ts';
import { opened, openGround } from './opening.ts';
import type { PlatformOptions } from './platform.ts';
import { recordActs } from './profiles/record-roster.ts';
import { type EraseReport, eraseTenant } from './sealing/erase.ts';
import { type RewrapReport, rewrapDataKeys } from './sealing/rewrap.ts';
import { resolveOptions } from './secret-options.ts';

/** What the store in use is called where stores are named. */
export const IN_USE = 'secrets';

export interface OpenKeys extends AsyncDisposable {
  readonly config: Config;
  /** Wraps all data keys anew; see `rewrapDataKeys`. */
  rewrap(how: {
    readonly rotate: boolean;
    onProgress?(done: number, all: number): void;
  }): Promise<RewrapReport>;
  /** Names of stores: those under `secretStores`, and `secrets` or its adapter's last word for the one in use. */
  migrate(
    between: { readonly from: string; readonly to: string },
    how: Pick<MoveParts, 'replace' | 'signal' | 'onProgress'>,
  ): Promise<MoveReport>;
  /** Forgets the tenant for good; see `eraseTenant`. */
  erase(): Promise<EraseReport>;
  close(): Promise<void>;
}

type Parts = Awaited<ReturnType<typeof foundationOn>>;

/** `@tidelock/secrets-file` -> `file` */
const lastWord = (adapter: string): string => adapter.replace(/^.*secrets-/, '');

function unknownStore(config: Config, name: string, option: string): InputError {
  const known = [...Object.keys(config.secretStores), IN_USE].join(', ');
  const reason = `${config.file} has no secret store "${name}"`;
  const remedy = `Known: ${known}. Add it under "secretStores", with its adapter and options.`;
  return new InputError(reason, [{ path: option, reason, remedy }]);
}

async function openStore(parts: Parts, name: string, option: string): Promise<Secrets> {
  const { config, options, context, env, stack } = parts;
  const choice = Object.hasOwn(config.secretStores, name) ? config.secretStores[name] : undefined;
  if (choice === undefined) {
    if (name === IN_USE || name === lastWord(config.adapters.secrets.adapter)) return parts.secrets;
    throw unknownStore(config, name, option);
  }
  const adapter = await loadSecretStore(config, { name, adapter: choice.adapter }, options.resolveFrom);
  const place = { path: ['secretStores', name], options: choice.options, adapter };
  const [resolved] = await resolveOptions([place], { config, secrets: null });
  const store = await adapter.manifest.create(resolved, { ...context, env });
  stack.defer(() => store.close());
  return store;
}

async function tenantsOf({ state }: Parts): Promise<readonly string[]> {
  return [...new Set([TENANT, ...(await state.tenants.tenants()).map(({ id }) => id)])];
}

async function record(parts: Parts, act: string, after: Readonly<Record<string, unknown>>): Promise<void> {
  const { state, context, who } = parts;
  const recording = {
    ...{ tenants: state.tenants, tenantId: TENANT, random: context.random, now: context.clock.now(), who },
  };
  const row = { act, subject: 'data-keys', laneId: null, before: null, after };
  await recordActs({ ...recording, laneIdOf: () => '' }, [row]);
}

async function migrate(
  parts: Parts,
  between: { readonly from: string; readonly to: string },
  how: Pick<MoveParts, 'replace' | 'signal' | 'onProgress'>,
): Promise<MoveReport> {
  const from = await openStore(parts, between.from, '--from');
  const to = await openStore(parts, between.to, '--to');
  if (from === to) {
    const reason = 'both names mean the same secret store';
    throw new InputError(reason, [{ path: '--to', reason, remedy: 'Name another one.' }]);
  }
  const dataKeys = { tenants: parts.state.tenants, of: await tenantsOf(parts) };
  const report = await moveAll({ from, to, dataKeys, ...how });
  const count = (state: string) => report.items.filter((item) => item.state === state).length;
  const after = { ...between, moved: count('moved'), present: count('present'), differs: count('differs') };
  await record(parts, 'secrets.migrated', { ...after, kept: count('kept'), dataKeys: report.dataKeys.keys });
  return report;
}

/** Opens secret store and state, for work on keys; no CRM, no mailbox, no token. */
export const openKeys = (options: PlatformOptions): Promise<OpenKeys> =>
  opened(async (stack) => {
    const parts = await foundationOn(await openGround(options, stack, loadKeyAdapters));
    return {
      config: parts.config,
      async rewrap({ rotate, onProgress }) {
        const of = { tenants: parts.state.tenants, secrets: parts.secrets, of: await tenantsOf(parts) };
        const report = await rewrapDataKeys({ ...of, ...(onProgress && { onProgress }) }, { rotate });
        await record(parts, 'keys.rewrapped', { rotate, ...report });
        return report;
      },
      migrate: (between, how) => migrate(parts, between, how),
      async erase() {
        const report = await eraseTenant(parts.state, { tenant: TENANT, now: parts.context.clock.now() });
        await record(parts, 'tenant.erased', { ...report });
        return report;
      },
    };
  });
