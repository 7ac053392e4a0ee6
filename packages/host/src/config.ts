import { access, constants } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { type FieldRule, InputError, type Mapping, MappingSchema, type Problem } from '@tidelock/core';
import * as z from 'zod';
import { type ConfigFile, ConfigSchema, configJsonSchema } from './config-schema.ts';
import { type Located, locate, type Path, toProblem } from './problems.ts';
import { profileProblems } from './profiles/config-checks.ts';
import { readYaml, type YamlFile } from './yaml-file.ts';

export const SLOTS = ['secrets', 'state', 'token', 'mailbox', 'crm'] as const;
export type Slot = (typeof SLOTS)[number];

export interface MailboxChoice {
  readonly address: string;
  readonly profile?: string | undefined;
  readonly folders?: readonly string[] | undefined;
  /** Absent = what the profile says. */
  readonly records?: 'own' | 'all' | undefined;
  /** E-mail of the CRM user. */
  readonly owner?: string | undefined;
}

/** A checked configuration with absolute paths. Options of adapters are as written; secrets are still names. */
export interface Config {
  /** Absolute path of the file it came from. */
  readonly file: string;
  readonly directory: string;
  readonly dataDir: string;
  readonly adapters: Readonly<Record<Slot, { readonly adapter: string; readonly options: unknown }>>;
  /** Secret stores that are not in use, by name. */
  readonly secretStores: ConfigFile['secretStores'];
  /** Further CRM connections by name. */
  readonly crms: ConfigFile['crms'];
  readonly mailboxes: readonly MailboxChoice[];
  readonly profiles: ConfigFile['profiles'];
  readonly assign: ConfigFile['assign'];
  readonly defaultProfile: string;
  readonly match: ConfigFile['match'];
  readonly alarm: ConfigFile['alarm'];
  readonly schedule: ConfigFile['schedule'];
  readonly sync: ConfigFile['sync'];
  readonly history: ConfigFile['history'];
  /** From the mapping file; null = the CRM adapter's own. */
  readonly mapping: Mapping | null;
  /** From mapping files of profiles, by name of the profile. */
  readonly profileMappings: ReadonlyMap<string, Mapping>;
  readonly mappingExtra: readonly FieldRule[];
  /** Absolute paths of the other files that it names and that are read with it. */
  readonly files: readonly string[];
  readonly server: ConfigFile['server'];
  readonly push: ConfigFile['push'];
  readonly network: ConfigFile['network'];
  readonly log: ConfigFile['log'];
  /** Line and column of a place in the file, for problems that turn up later. */
  where(path: Path, atKey: boolean): string | null;
}

const REMEDY = 'Run "tidelock init" to write one, or name yours with --config.';

type Environment = Readonly<Record<string, string | undefined>>;

async function isReadable(file: string): Promise<boolean> {
  return access(file, constants.R_OK).then(
    () => true,
    () => false,
  );
}

/** Places of files that the configuration names and that are not there. */
async function missingFiles(value: unknown, yaml: YamlFile, directory: string): Promise<Problem[]> {
  const named = z
    .object({ mapping: z.string().optional(), network: z.object({ ca: z.array(z.string()) }).optional() })
    .safeParse(value).data;
  const own = namedMappings(value);
  const places: { path: Path; file: string; what: string }[] = [
    ...(named?.mapping === undefined
      ? []
      : [{ path: ['mapping'], file: named.mapping, what: 'mapping file' }]),
    ...own.map(({ profile, file }) => ({
      path: ['profiles', profile, 'contacts', 'mapping'],
      file,
      what: 'mapping file',
    })),
    ...(named?.network?.ca ?? []).map((file, index) => ({
      path: ['network', 'ca', index],
      file,
      what: 'certificate file',
    })),
  ];
  const problems: Problem[] = [];
  for (const { path, file, what } of places) {
    const absolute = resolve(directory, file);
    if (await isReadable(absolute)) continue;
    const reason = `the ${what} ${absolute} cannot be read`;
    const remedy = 'Correct the path (relative to the configuration file) or create the file.';
    problems.push(toProblem({ path, reason, remedy, atKey: false }, yaml.where));
  }
  return problems;
}

function insecureTls(value: unknown, env: Environment): Problem[] {
  const tolerated = z.object({ network: z.object({ insecureForTests: z.literal(true) }) }).safeParse(value);
  if (env.NODE_TLS_REJECT_UNAUTHORIZED !== '0' || tolerated.success) return [];
  return [
    {
      path: 'NODE_TLS_REJECT_UNAUTHORIZED',
      reason: 'is 0, which turns off the check of every server certificate',
      remedy: 'Unset it, and list your own authority under network.ca.',
    },
  ];
}

const Addresses = z.object({ mailboxes: z.array(z.object({ address: z.string() }).or(z.unknown())) });

/** Looked for in the raw document: a refinement of the schema would stay silent next to any other problem. */
function repeatedMailboxes(value: unknown): Located[] {
  const entries = Addresses.safeParse(value).data?.mailboxes ?? [];
  const seen = new Set<string>();
  return entries.flatMap((entry, index): Located[] => {
    const { address } = (entry ?? {}) as { readonly address?: unknown };
    if (typeof address !== 'string') return [];
    const repeated = seen.has(address.toLowerCase());
    seen.add(address.toLowerCase());
    if (!repeated) return [];
    const path = ['mailboxes', index, 'address'];
    return [
      { path, reason: `the mailbox ${address} is listed twice`, remedy: 'Remove one of them.', atKey: false },
    ];
  });
}

/** Reads and checks a mapping file. Throws `InputError` with every problem. */
export async function loadMapping(path: string): Promise<Mapping> {
  const yaml = await readYaml(path, 'Correct "mapping" or create the file.');
  const parsed = MappingSchema.safeParse(yaml.value);
  if (parsed.success) return parsed.data;
  const located = locate(parsed.error.issues, z.toJSONSchema(MappingSchema, { io: 'input' }));
  const problems = located.map((one) => toProblem(one, yaml.where));
  throw new InputError(
    `${path} has ${countOf(problems)}.`,
    problems.map((problem) => ({ ...problem, path: `${path}: ${problem.path}` })),
  );
}

export const countOf = (problems: readonly unknown[]): string =>
  problems.length === 1 ? '1 problem' : `${problems.length} problems`;

async function mappingOf(value: unknown, directory: string): Promise<Mapping | InputError | null> {
  const named = z.object({ mapping: z.string() }).safeParse(value).data;
  if (named === undefined) return null;
  const path = resolve(directory, named.mapping);
  if (!(await isReadable(path))) return null;
  try {
    return await loadMapping(path);
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
}

const Mappings = z.object({
  profiles: z.record(z.string(), z.object({ contacts: z.object({ mapping: z.string() }) }).or(z.unknown())),
});

/** Mapping files that profiles name, in a document that may be wrong elsewhere. */
function namedMappings(value: unknown): { profile: string; file: string }[] {
  return Object.entries(Mappings.safeParse(value).data?.profiles ?? {}).flatMap(([profile, rules]) => {
    const file = (rules as { readonly contacts?: { readonly mapping?: unknown } } | null)?.contacts?.mapping;
    return typeof file === 'string' ? [{ profile, file }] : [];
  });
}

async function profileMappings(
  value: unknown,
  directory: string,
): Promise<{ found: Map<string, Mapping>; problems: Problem[] }> {
  const found = new Map<string, Mapping>();
  const problems: Problem[] = [];
  for (const { profile, file } of namedMappings(value)) {
    const mapping = await mappingOf({ mapping: file }, directory);
    if (mapping instanceof InputError) problems.push(...mapping.problems);
    else if (mapping !== null) found.set(profile, mapping);
  }
  return { found, problems };
}

/**
 * Reads and checks the configuration file and the files it names; makes no request and opens no adapter. Throws
 * `InputError` with every problem at once. `draft`: what would stand in the file.
 */
export async function loadConfig(
  path: string,
  options: { readonly env: Environment; readonly draft?: string | undefined },
): Promise<Config> {
  const file = resolve(path);
  const directory = dirname(file);
  const yaml = await readYaml(file, REMEDY, options.draft);
  if (yaml.value === null || yaml.value === undefined)
    throw new InputError(`${file} is empty.`, [{ path: file, reason: 'is empty', remedy: REMEDY }]);
  const parsed = ConfigSchema.safeParse(yaml.value);
  const issues = parsed.success ? [] : locate(parsed.error.issues, configJsonSchema());
  const mapping = await mappingOf(yaml.value, directory);
  const ownMappings = await profileMappings(yaml.value, directory);
  const problems = [
    ...[...issues, ...repeatedMailboxes(yaml.value), ...profileProblems(yaml.value)].map((one) =>
      toProblem(one, yaml.where),
    ),
    ...(await missingFiles(yaml.value, yaml, directory)),
    ...insecureTls(yaml.value, options.env),
    ...(mapping instanceof InputError ? mapping.problems : []),
    ...ownMappings.problems,
  ];
  if (!parsed.success || mapping instanceof InputError || problems.length > 0) {
    throw new InputError(`${file} has ${countOf(problems)}.`, problems);
  }
  const { data, secrets, state, token, mailbox, crm, crms, network, log, ...rest } = parsed.data;
  const named = [rest.mapping, ...namedMappings(yaml.value).map((one) => one.file), ...network.ca];
  return {
    file,
    directory,
    dataDir: resolve(directory, data),
    adapters: { secrets, state, token, mailbox, crm },
    crms,
    secretStores: rest.secretStores,
    mailboxes: rest.mailboxes,
    profiles: rest.profiles,
    assign: rest.assign,
    defaultProfile: rest.defaultProfile,
    match: rest.match,
    alarm: rest.alarm,
    schedule: rest.schedule,
    profileMappings: ownMappings.found,
    sync: rest.sync,
    history: rest.history,
    mapping,
    mappingExtra: rest.mappingExtra,
    files: [...new Set(named.flatMap((name) => (name === undefined ? [] : [resolve(directory, name)])))],
    server: rest.server,
    push: rest.push,
    network: { ...network, ca: network.ca.map((name) => resolve(directory, name)) },
    log: { ...log, ...(log.file === undefined ? {} : { file: resolve(directory, log.file) }) },
    where: yaml.where,
  };
}
