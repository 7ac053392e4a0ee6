import { readFileSync } from 'node:fs';
import { createRequire, findPackageJSON } from 'node:module';
import { pathToFileURL } from 'node:url';
import {
  type AdapterManifest,
  CONTRACTS,
  type ContractName,
  InputError,
  type Problem,
  parseContract,
} from '@tidelock/core';
import { type Config, countOf, SLOTS, type Slot } from './config.ts';
import { crmChoices } from './crm-connections.ts';
import { nearestName } from './nearest-name.ts';
import { type Path, toProblem } from './problems.ts';

export interface AdapterInfo {
  readonly name: string;
  readonly title: string;
  /** `crm@1`. */
  readonly contract: string;
  /** Version of the package, null when it does not say. */
  readonly version: string | null;
}

export interface LoadedAdapter<C extends ContractName = ContractName> {
  readonly info: AdapterInfo;
  readonly manifest: AdapterManifest<C>;
}

export type LoadedSlots = { readonly [S in Slot]: LoadedAdapter<S> };
/** `crms`: by name of the connection, the one under "crm" too. */
export type LoadedAdapters = LoadedSlots & { readonly crms: ReadonlyMap<string, LoadedAdapter<'crm'>> };

export interface Fault {
  readonly reason: string;
  readonly remedy: string;
}

export const isFault = (value: object): value is Fault => 'reason' in value;

function resolveFrom(name: string, places: readonly string[]): string | null {
  for (const place of places) {
    try {
      return createRequire(place).resolve(name);
    } catch {}
  }
  return null;
}

function versionFrom(name: string, places: readonly string[]): string | null {
  for (const place of places) {
    try {
      const manifest: unknown = createRequire(place)(`${name}/package.json`);
      const version = (manifest as { readonly version?: unknown }).version;
      return typeof version === 'string' ? version : null;
    } catch {}
  }
  return null;
}

function isManifest(value: unknown): value is AdapterManifest {
  if (typeof value !== 'object' || value === null) return false;
  const { contract, create, options } = value as Partial<Record<string, unknown>>;
  return typeof contract === 'string' && typeof create === 'function' && options instanceof Object;
}

function contractFault(name: string, contract: string, slot: Slot): Fault | null {
  const parsed = parseContract(contract);
  if (parsed === null) {
    return {
      reason: `${name} names the contract "${contract}", which this version does not know`,
      remedy: `Use an adapter of ${slot}@${CONTRACTS[slot]}.`,
    };
  }
  if (parsed.name !== slot) {
    return {
      reason: `${name} is an adapter of the contract "${parsed.name}" and stands under "${slot}"`,
      remedy: `Name an adapter of ${slot}@${CONTRACTS[slot]} here.`,
    };
  }
  const present = CONTRACTS[slot];
  if (parsed.version === present || (parsed.version === present - 1 && parsed.version > 0)) return null;
  const newer = parsed.version > present;
  return {
    reason: `${name} speaks ${contract}; this version supports ${slot}@${present}`,
    remedy: newer ? 'Update Tidelock.' : `Update the adapter: npm install ${name}@latest`,
  };
}

const OURS = new RegExp(`^(@[^/]+/)?(${SLOTS.join('|')})-`);

function namesIn(place: string): string[] {
  try {
    const manifest: unknown = JSON.parse(readFileSync(findPackageJSON('.', place) ?? place, 'utf8'));
    const { dependencies } = manifest as { readonly dependencies?: Readonly<Record<string, unknown>> };
    return Object.keys(dependencies ?? {});
  } catch {
    return [];
  }
}

/** A slip of the pen must not end in the installation of somebody else's package. */
function notInstalled(name: string, places: readonly string[]): Fault {
  const known = [...new Set(places.flatMap(namesIn))].filter((each) => OURS.test(each));
  const meant = nearestName(name, known);
  const remedy = meant === null ? `Run: npm install ${name}` : `Did you mean ${meant}?`;
  return { reason: `the package ${name} is not installed`, remedy };
}

async function importAdapter(name: string, places: readonly string[]): Promise<AdapterManifest | Fault> {
  const file = resolveFrom(name, places);
  if (file === null) return notInstalled(name, places);
  let loaded: Record<string, unknown>;
  try {
    loaded = (await import(pathToFileURL(file).href)) as Record<string, unknown>;
  } catch (error) {
    const what = error instanceof Error ? error.name : 'an error';
    return {
      reason: `the package ${name} cannot be loaded (${what})`,
      remedy: `Install it again: npm install ${name}. If that does not help, ask its author.`,
    };
  }
  if (isManifest(loaded.adapter)) return loaded.adapter;
  return {
    reason: `the package ${name} exports no "adapter", so it is no Tidelock adapter`,
    remedy: 'Check the name of the package.',
  };
}

export async function loadOne(
  name: string,
  slot: Slot,
  places: readonly string[],
): Promise<LoadedAdapter | Fault> {
  const manifest = await importAdapter(name, places);
  if (isFault(manifest)) return manifest;
  const fault = contractFault(name, manifest.contract, slot);
  if (fault) return fault;
  const { contract, title } = manifest;
  return { manifest, info: { name, title, contract, version: versionFrom(name, places) } };
}

/** Where adapters are looked for: beside the configuration file, then from the program itself. */
export function placesOf(configFile: string, from: string | undefined): string[] {
  return from === undefined ? [configFile] : [configFile, from];
}

interface Wanted {
  readonly slot: Slot;
  readonly name: string;
  readonly path: Path;
}

/**
 * Loads adapters that a configuration names, in the order asked. Throws `InputError` with everything that is wrong with
 * any of them. `from`: a file or URL of the program, which may bring adapters of its own.
 */
async function loadAll(
  wanted: readonly Wanted[],
  config: Config,
  from: string | undefined,
): Promise<readonly LoadedAdapter[]> {
  const places = placesOf(config.file, from);
  const problems: Problem[] = [];
  const loaded: LoadedAdapter[] = [];
  for (const { slot, name, path } of wanted) {
    const result = await loadOne(name, slot, places);
    if (isFault(result))
      problems.push(toProblem({ path: [...path, 'adapter'], ...result, atKey: false }, config.where));
    else loaded.push(result);
  }
  if (problems.length > 0) {
    throw new InputError(`${config.file} has ${countOf(problems)} with its adapters.`, problems);
  }
  return loaded;
}

async function loadSlots<S extends Slot>(
  slots: readonly S[],
  config: Config,
  from: string | undefined,
): Promise<Pick<LoadedSlots, S>> {
  const wanted = slots.map((slot) => ({ slot, name: config.adapters[slot].adapter, path: [slot] }));
  const loaded = await loadAll(wanted, config, from);
  return Object.fromEntries(slots.map((slot, index) => [slot, loaded[index]])) as Pick<LoadedSlots, S>;
}

export async function loadAdapters(config: Config, from?: string): Promise<LoadedAdapters> {
  const choices = crmChoices(config);
  const wanted = [
    ...SLOTS.map((slot) => ({ slot, name: config.adapters[slot].adapter, path: [slot] })),
    ...choices.slice(1).map(({ adapter, path }) => ({ slot: 'crm' as const, name: adapter, path })),
  ];
  const loaded = await loadAll(wanted, config, from);
  const slots = Object.fromEntries(SLOTS.map((slot, index) => [slot, loaded[index]])) as LoadedSlots;
  const more = loaded.slice(SLOTS.length) as readonly LoadedAdapter<'crm'>[];
  const crms = [slots.crm, ...more].map((adapter, index) => [choices[index]?.name ?? '', adapter] as const);
  return { ...slots, crms: new Map(crms) };
}

export const loadSecretsAdapter = (config: Config, from?: string): Promise<Pick<LoadedSlots, 'secrets'>> =>
  loadSlots(['secrets'], config, from);

/** A secret store that is not in use, by its name in the configuration. */
export async function loadSecretStore(
  config: Config,
  of: { readonly name: string; readonly adapter: string },
  from?: string,
): Promise<LoadedAdapter<'secrets'>> {
  const path = ['secretStores', of.name];
  const [loaded] = await loadAll([{ slot: 'secrets', name: of.adapter, path }], config, from);
  return loaded as LoadedAdapter<'secrets'>;
}

export const loadKeyAdapters = (
  config: Config,
  from?: string,
): Promise<Pick<LoadedSlots, 'secrets' | 'state'>> => loadSlots(['secrets', 'state'], config, from);

export interface FoundAdapter {
  readonly name: string;
  /** Null when it cannot be used. */
  readonly info: AdapterInfo | null;
  readonly problem: Fault | null;
}

/**
 * Adapters among the dependencies of the packages around `places` (files or file URLs), by the naming rule
 * `<contract>-<vendor>`, and those in `named`.
 */
export async function findAdapters(
  places: readonly string[],
  named: readonly string[] = [],
): Promise<readonly FoundAdapter[]> {
  const names = new Set([...named, ...places.flatMap(namesIn).filter((name) => OURS.test(name))]);
  const found: FoundAdapter[] = [];
  for (const name of [...names].sort()) {
    const manifest = await importAdapter(name, places);
    const slot = isFault(manifest) ? undefined : parseContract(manifest.contract)?.name;
    const result = isFault(manifest) ? manifest : await loadOne(name, slot ?? 'crm', places);
    found.push(
      isFault(result) ? { name, info: null, problem: result } : { name, info: result.info, problem: null },
    );
  }
  return found;
}
