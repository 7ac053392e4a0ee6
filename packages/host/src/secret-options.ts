import { type ContractName, InputError, type Problem, type Secrets } from '@tidelock/core';
import type { LoadedAdapter } from './adapters.ts';
import { type Config, countOf, type Slot } from './config.ts';
import { type Issue, locate, type Path, toProblem } from './problems.ts';

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export function referenceOf(value: unknown): string | null {
  if (!isRecord(value) || Object.keys(value).length !== 1) return null;
  return typeof value.secret === 'string' ? value.secret : null;
}

interface Resolving {
  readonly secrets: Secrets | null;
  readonly config: Config;
  readonly problems: Problem[];
}

async function readSecret(name: string, path: Path, context: Resolving): Promise<string | undefined> {
  const report = (reason: string, remedy: string): undefined => {
    context.problems.push(toProblem({ path, reason, remedy, atKey: false }, context.config.where));
  };
  if (context.secrets === null) {
    return report('the secrets adapter cannot be configured from itself', 'Write the value, or a file.');
  }
  if (!context.secrets.abilities.store) {
    return report('the secrets adapter keeps no secrets (keys only)', 'Use one that does.');
  }
  const found = await context.secrets.store.get(name);
  if (found === null && (await context.secrets.store.list()).length === 0) {
    const remedy = `If it held something before, restore it from its backup. Else: tidelock secrets put ${name}`;
    return report(`the secret store is empty or missing, so it has no secret "${name}"`, remedy);
  }
  if (found === null) {
    return report(`the secret store has no secret "${name}"`, `Put it there: tidelock secrets put ${name}`);
  }
  return new TextDecoder().decode(found.value);
}

async function resolveValue(value: unknown, path: Path, context: Resolving): Promise<unknown> {
  const name = referenceOf(value);
  if (name !== null) return readSecret(name, path, context);
  if (Array.isArray(value)) {
    return Promise.all(value.map((item, index) => resolveValue(item, [...path, index], context)));
  }
  if (!isRecord(value)) return value;
  const entries = Object.entries(value).map(
    async ([key, item]) => [key, await resolveValue(item, [...path, key], context)] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}

interface JsonSchemaOf {
  readonly input?: (options: { readonly target: string }) => Record<string, unknown>;
}

export function jsonSchemaOf(adapter: LoadedAdapter): Record<string, unknown> | undefined {
  const standard = adapter.manifest.options['~standard'] as { readonly jsonSchema?: JsonSchemaOf };
  try {
    return standard.jsonSchema?.input?.({ target: 'draft-2020-12' });
  } catch {
    return undefined;
  }
}

/** A value that came out of the secret store must not come back in a message about it. */
function hidesValue(message: string, value: unknown): string {
  const texts = textsIn(value).filter((text) => text.length >= 4);
  return texts.reduce((safe, text) => safe.replaceAll(text, '[secret]'), message);
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}

/** Options of one adapter as they are written, and where. */
export interface OptionsPlace {
  readonly path: Path;
  readonly options: unknown;
  readonly adapter: LoadedAdapter<ContractName>;
}

/**
 * Options of several adapters, in the order asked, with `{ secret: name }` replaced by the secret, checked by each
 * adapter's own schema. Throws `InputError` with everything that is wrong with any of them.
 */
export async function resolveOptions(
  places: readonly OptionsPlace[],
  context: { readonly config: Config; readonly secrets: Secrets | null },
): Promise<readonly unknown[]> {
  const { config, secrets } = context;
  const problems: Problem[] = [];
  const resolved: unknown[] = [];
  for (const { path, options, adapter } of places) {
    const base = [...path, 'options'];
    const before = problems.length;
    const value = await resolveValue(options, base, { secrets, config, problems });
    const result = await adapter.manifest.options['~standard'].validate(value);
    if (result.issues === undefined) {
      resolved.push(result.value);
      continue;
    }
    const missing = new Set(problems.slice(before).map((problem) => problem.path));
    const issues = result.issues.map(
      (issue): Issue => ({ ...issue, message: hidesValue(issue.message, value) }),
    );
    const found = locate(issues, jsonSchemaOf(adapter), base).map((one) => toProblem(one, config.where));
    problems.push(...found.filter((problem) => !missing.has(problem.path)));
  }
  if (problems.length > 0) {
    throw new InputError(
      `${config.file} has ${countOf(problems)} with the options of its adapters.`,
      problems,
    );
  }
  return resolved;
}

/** The options under the name of a contract. */
export const placeOf = <S extends Slot>(
  slot: S,
  config: Config,
  adapters: Readonly<Record<S, LoadedAdapter<ContractName>>>,
): OptionsPlace => ({ path: [slot], options: config.adapters[slot].options, adapter: adapters[slot] });
