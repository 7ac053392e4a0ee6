import type { CallOptions, SetupStep } from '@tidelock/core';
import {
  type AdapterInfo,
  findAdapters,
  isFault,
  type LoadedAdapter,
  loadOne,
  placesOf,
} from '../adapters.ts';
import { type CheckResult, checksOf, fromFindings, okCheck } from '../check-result.ts';
import { crmChoices } from '../crm-connections.ts';
import { jsonSchemaOf, resolveOptions } from '../secret-options.ts';
import type { LivePlatform } from './live-platform.ts';

export interface CrmTrial {
  readonly checks: readonly CheckResult[];
  /** What the CRM needs before a first sync; empty where it could not be asked. */
  readonly steps: readonly SetupStep[];
}

export interface TrialOptions extends CallOptions {
  /** Name of the connection. */
  readonly name: string;
  /** Instead of what the configuration has. */
  readonly adapter?: string | undefined;
  readonly options?: unknown;
}

/** A failure as a check with its remedy, or what came of it. */
async function tried<R>(name: string, work: () => Promise<R>): Promise<R | readonly CheckResult[]> {
  try {
    return await work();
  } catch (error) {
    return checksOf(name, error);
  }
}

const isChecks = (value: unknown): value is readonly CheckResult[] => Array.isArray(value);

async function openTrial(live: LivePlatform, of: TrialOptions) {
  const { config, foundation, options: opened } = live;
  const present = crmChoices(config).find(({ name }) => name === of.name);
  const package_ = of.adapter ?? present?.adapter ?? '';
  const found = await loadOne(package_, 'crm', placesOf(opened.configPath, opened.resolveFrom));
  if (isFault(found))
    return [{ name: 'adapter', status: 'fail' as const, text: found.reason, remedy: found.remedy }];
  const loaded = found as LoadedAdapter<'crm'>;
  const path = of.name === 'crm' ? ['crm'] : ['crms', of.name];
  const place = { path, options: of.options ?? present?.options ?? {}, adapter: loaded };
  const { secrets, context } = foundation;
  const [options] = await resolveOptions([place], { config, secrets });
  const token = live.trouble === null ? live.now().token : undefined;
  const port = await loaded.manifest.create(options, {
    ...context,
    secrets,
    ...(token && { token }),
  } as never);
  return { port };
}

/**
 * Tries a CRM connection as it is, or as it would be: opens it, signs in, asks what is missing in it. Every failure is a check with
 * its remedy. Reads only, and stores nothing.
 */
export async function tryCrm(live: LivePlatform, of: TrialOptions): Promise<CrmTrial> {
  const opened = await tried('options', () => openTrial(live, of));
  if (isChecks(opened)) return { checks: opened, steps: [] };
  const { port } = opened;
  const call = { signal: of.signal };
  try {
    const findings = await tried('crm', async () => ({ found: await port.check(call) }));
    if (isChecks(findings)) return { checks: findings, steps: [] };
    const found = fromFindings('crm', findings.found);
    const isFine = !found.some(({ status }) => status !== 'ok');
    const checks = isFine ? [okCheck('crm', 'the CRM accepts the sign-in'), ...found] : found;
    const steps = await tried('crm-setup', async () => ({ steps: await port.setup(call) }));
    if (isChecks(steps)) return { checks: [...checks, ...steps], steps: [] };
    return { checks, steps: steps.steps };
  } finally {
    await port.close();
  }
}

/** A connection as it is written, and what can be written there. */
export interface CrmDescription {
  readonly name: string;
  readonly adapter: AdapterInfo;
  readonly options: unknown;
  /** JSON Schema of the options; null where the adapter tells none. */
  readonly schema: Readonly<Record<string, unknown>> | null;
}

/** Null: there is no such connection, or its adapter cannot be loaded. Secrets are names in the options. */
export async function describeCrm(live: LivePlatform, name: string): Promise<CrmDescription | null> {
  const choice = crmChoices(live.config).find((one) => one.name === name);
  if (choice === undefined) return null;
  const { configPath, resolveFrom } = live.options;
  const loaded = await loadOne(choice.adapter, 'crm', placesOf(configPath, resolveFrom));
  if (isFault(loaded)) return null;
  return { name, adapter: loaded.info, options: choice.options, schema: jsonSchemaOf(loaded) ?? null };
}

/** Installed adapters for a CRM. */
export async function crmAdaptersInstalled(live: LivePlatform): Promise<readonly AdapterInfo[]> {
  const { configPath, resolveFrom } = live.options;
  const named = crmChoices(live.config).map(({ adapter }) => adapter);
  const places = resolveFrom === undefined ? [configPath] : [configPath, resolveFrom];
  const found = await findAdapters(places, named);
  return found.flatMap(({ info }) => (info?.contract.startsWith('crm@') ? [info] : []));
}
