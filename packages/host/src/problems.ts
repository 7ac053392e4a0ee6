import type { Problem } from '@tidelock/core';
import { nearestName } from './nearest-name.ts';

export type Path = readonly (string | number)[];

/** What Standard Schema promises of an issue, and what zod adds to it. */
export interface Issue {
  readonly message: string;
  readonly path?: ReadonlyArray<PropertyKey | { readonly key: PropertyKey }> | undefined;
  readonly code?: unknown;
  readonly keys?: unknown;
  readonly errors?: unknown;
  readonly values?: unknown;
}

/** `mailboxes[1].address` */
export function formatPath(path: Path): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    return text === '' ? step : `${text}.${step}`;
  }, '');
}

function pathOf(issue: Issue): Path {
  return (issue.path ?? []).map((step) => {
    const key = typeof step === 'object' ? step.key : step;
    return typeof key === 'number' ? key : String(key);
  });
}

type Schema = Readonly<Record<string, unknown>>;

const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function branches(schema: Schema): readonly Schema[] {
  const some = schema.anyOf ?? schema.oneOf;
  return Array.isArray(some) ? some.filter(isSchema).flatMap(branches) : [schema];
}

function stepInto(schema: Schema, step: string | number): readonly Schema[] {
  return branches(schema).flatMap((branch) => {
    if (typeof step === 'number') return isSchema(branch.items) ? [branch.items] : [];
    const properties = branch.properties;
    const next = isSchema(properties) ? properties[step] : undefined;
    return isSchema(next) ? [next] : [];
  });
}

/** Names that a JSON Schema knows at a path. */
function knownKeys(schema: Schema | undefined, path: Path): string[] {
  if (schema === undefined) return [];
  let at: readonly Schema[] = [schema];
  for (const step of path) at = at.flatMap((one) => stepInto(one, step));
  const properties = at.flatMap(branches).map((one) => one.properties);
  return [...new Set(properties.flatMap((one) => (isSchema(one) ? Object.keys(one) : [])))];
}

function remedyForKey(key: string, known: readonly string[]): string {
  const meant = nearestName(key, known);
  if (meant !== null) return `Did you mean "${meant}"?`;
  return known.length === 0 ? 'Remove it.' : `Remove it; known here: ${known.join(', ')}.`;
}

export interface Located {
  readonly path: Path;
  readonly reason: string;
  readonly remedy: string;
  /** The problem is the key itself, not its value. */
  readonly atKey: boolean;
}

function unknownKeys(issue: Issue, base: Path, schema: Schema | undefined): Located[] {
  const keys = Array.isArray(issue.keys) ? issue.keys.map(String) : [];
  const at = [...base, ...pathOf(issue)];
  const known = knownKeys(schema, at);
  return keys.map((key) => ({
    path: [...at, key],
    reason: `unknown key "${key}"`,
    remedy: remedyForKey(key, known),
    atKey: true,
  }));
}

/** Of a union, the branch that was most nearly met says what is wrong. */
function nearestBranch(issue: Issue): readonly Issue[] {
  const all = Array.isArray(issue.errors) ? (issue.errors as readonly (readonly Issue[])[]) : [];
  const cost = (issues: readonly Issue[]): number =>
    issues.reduce((sum, one) => sum + (one.code === 'unrecognized_keys' ? 2 : 1), 0);
  return [...all].sort((a, b) => cost(a) - cost(b))[0] ?? [];
}

const TYPES: Readonly<Record<string, string>> = {
  object: 'a block of keys',
  record: 'a block of keys',
  array: 'a list',
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  null: 'nothing',
};

const typeName = (type: string): string => TYPES[type] ?? type;

function boundIn(message: string): { reason: string; remedy: string } | null {
  const [, type = '', sign = '', bound = ''] =
    /^Too (?:small|big): expected (\w+) to (?:be|have) ([<>]=?)(\S+)/.exec(message) ?? [];
  if (bound === '') return null;
  const limit = { '>=': 'at least', '<=': 'at most', '>': 'more than', '<': 'less than' }[sign] ?? sign;
  const reason = `is too ${sign.startsWith('>') ? 'small' : 'large'}: ${limit} ${bound}`;
  if (type === 'number' || type === 'int')
    return { reason, remedy: `Write ${typeName(type)}: ${limit} ${bound}.` };
  const what = type === 'array' ? 'entries' : 'characters';
  return { reason: `needs ${limit} ${bound} ${what}`, remedy: `Give it ${limit} ${bound} ${what}.` };
}

function reword(message: string): { reason: string; remedy: string } {
  if (/received undefined/.test(message)) {
    const wanted = /expected (\w+)/.exec(message)?.[1];
    const remedy = wanted === undefined ? 'Add it.' : `Add it; it takes ${typeName(wanted)}.`;
    return { reason: 'is missing', remedy };
  }
  const typed = /^Invalid input: expected (.+), received (\w+)$/.exec(message);
  if (typed) {
    const [wanted, found] = [typeName(String(typed[1])), typeName(String(typed[2]))];
    return { reason: `expected ${wanted}, found ${found}`, remedy: `Write ${wanted}.` };
  }
  const option = /^Invalid option: expected one of (.+)$/.exec(message);
  if (option) {
    const list = String(option[1]).replaceAll('|', ', ');
    return { reason: 'is not one of the possible values', remedy: `Use one of ${list}.` };
  }
  const literal = /^Invalid input: expected (.+)$/.exec(message);
  if (literal) return { reason: `expected ${literal[1]}`, remedy: `Write ${literal[1]}.` };
  return boundIn(message) ?? { reason: message, remedy: 'Correct the value.' };
}

/** Issues of a schema as places with reason and remedy. `schema`: the JSON Schema, for "did you mean". */
export function locate(issues: readonly Issue[], schema?: Schema, base: Path = []): Located[] {
  return issues.flatMap((issue): Located[] => {
    if (issue.code === 'unrecognized_keys') return unknownKeys(issue, base, schema);
    const path = [...base, ...pathOf(issue)];
    if (issue.code === 'invalid_union') {
      const inner = nearestBranch(issue);
      if (inner.length > 0) return locate(inner, schema, path);
    }
    return [{ path, ...reword(issue.message), atKey: false }];
  });
}

/** `where` adds the line and column of a place, if the document is at hand. */
export function toProblem(located: Located, where?: (path: Path, atKey: boolean) => string | null): Problem {
  const position = where?.(located.path, located.atKey) ?? null;
  const path = formatPath(located.path) || '(top)';
  return {
    path: position === null ? path : `${path} (${position})`,
    reason: located.reason,
    remedy: located.remedy,
  };
}
