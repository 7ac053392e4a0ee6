import { InputError, type Problem } from '@tidelock/core';
import * as z from 'zod';
import { isFault, type LoadedAdapter, loadOne, placesOf } from './adapters.ts';
import { countOf, SLOTS, type Slot } from './config.ts';
import { AdapterName } from './config-schema.ts';
import { formatPath, locate, type Path, toProblem } from './problems.ts';
import { jsonSchemaOf, referenceOf } from './secret-options.ts';
import { readYaml, type YamlFile } from './yaml-file.ts';

const Choice = z.object({ adapter: AdapterName, options: z.unknown().optional() });

/** Any text: what becomes of a place where the secret store would put a secret is not judged here. */
const UNKNOWN_SECRET = 'a-secret';

/** The value with a text in each place of a secret, and those places. */
function withoutSecrets(value: unknown, path: Path, places: string[]): unknown {
  if (referenceOf(value) !== null) {
    places.push(formatPath(path));
    return UNKNOWN_SECRET;
  }
  if (Array.isArray(value)) return value.map((item, index) => withoutSecrets(item, [...path, index], places));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  return Object.fromEntries(
    entries.map(([key, item]) => [key, withoutSecrets(item, [...path, key], places)]),
  );
}

async function optionProblems(
  adapter: LoadedAdapter,
  of: { path: Path; options: unknown; where: YamlFile['where'] },
): Promise<Problem[]> {
  const base = [...of.path, 'options'];
  const places: string[] = [];
  const value = withoutSecrets(of.options ?? {}, base, places);
  const { issues } = await adapter.manifest.options['~standard'].validate(value);
  return locate(issues ?? [], jsonSchemaOf(adapter), base)
    .filter(({ path }) => !places.some((place) => place.startsWith(formatPath(path))))
    .map((located) => toProblem(located, of.where));
}

const Crms = z.record(z.string(), z.unknown());

/** Every place where a document that may be wrong elsewhere names an adapter. */
function placesIn(value: unknown): { slot: Slot; path: Path; choice: unknown }[] {
  const document = value as Partial<Record<Slot | 'crms', unknown>> | null;
  const crms = Object.entries(Crms.safeParse(document?.crms).data ?? {});
  return [
    ...SLOTS.map((slot) => ({ slot, path: [slot], choice: document?.[slot] })),
    ...crms.map(([name, choice]) => ({ slot: 'crm' as const, path: ['crms', name], choice })),
  ];
}

async function adapterProblems(yaml: YamlFile, places: readonly string[]): Promise<Problem[]> {
  const problems: Problem[] = [];
  for (const { slot, path, choice: written } of placesIn(yaml.value)) {
    const choice = Choice.safeParse(written).data;
    if (choice === undefined) continue;
    const { adapter: name, options } = choice;
    const loaded = await loadOne(name, slot, places);
    if (isFault(loaded)) {
      const { reason, remedy } = loaded;
      problems.push(toProblem({ path: [...path, 'adapter'], reason, remedy, atKey: false }, yaml.where));
    } else {
      problems.push(...(await optionProblems(loaded, { path, options, where: yaml.where })));
    }
  }
  return problems;
}

/**
 * A configuration is checked in steps: its own schema, the adapters it names, their options. Where one step fails, this
 * adds what the later ones would have said, so that a person sees every problem at once.
 */
export async function withEveryProblem(
  error: InputError,
  of: {
    readonly configPath: string;
    readonly resolveFrom?: string | undefined;
    readonly draft?: string | undefined;
  },
): Promise<InputError> {
  let more: Problem[];
  try {
    const yaml = await readYaml(of.configPath, '', of.draft);
    more = await adapterProblems(yaml, placesOf(of.configPath, of.resolveFrom));
  } catch {
    return error;
  }
  const known = new Set(error.problems.map((problem) => problem.path));
  const added = more.filter((problem) => !known.has(problem.path));
  if (added.length === 0) return error;
  const problems = [...error.problems, ...added];
  return new InputError(`${of.configPath} has ${countOf(problems)}.`, problems);
}
