/** The part of JSON Schema that our schemas use. */
export interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  /** Schema of every key that is not named: a map. */
  readonly additionalProperties?: JsonSchema | boolean;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly format?: string;
}

/** One key that a person may write. */
export interface OptionRow {
  /** `auth.username`, `keys[].keyFile`. */
  readonly path: string;
  /** The last key of the path. */
  readonly key: string;
  readonly type: string;
  readonly required: boolean;
  /** As it would be written; undefined = none. */
  readonly fallback: string | undefined;
  readonly description: string | undefined;
  /** The branch of a union that the key belongs to, by its constant; empty where it has none. */
  readonly within: string | undefined;
}

const shown = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

const branchesOf = (schema: JsonSchema): readonly JsonSchema[] => {
  const some = schema.anyOf ?? schema.oneOf;
  return some === undefined ? [schema] : some.flatMap(branchesOf);
};

/** Integers without a limit of their own carry the largest safe integer as one. */
const isLimit = (value: number | undefined): value is number =>
  value !== undefined && Math.abs(value) < Number.MAX_SAFE_INTEGER;

function rangeOf({ minimum, maximum, exclusiveMinimum }: JsonSchema): string {
  const low = isLimit(exclusiveMinimum) ? `above ${exclusiveMinimum}` : isLimit(minimum) ? `${minimum}` : '';
  const high = isLimit(maximum) ? `${maximum}` : '';
  if (low === '' && high === '') return '';
  return low === '' ? ` up to ${high}` : high === '' ? ` from ${low}` : ` ${low} to ${high}`;
}

function simpleTypeOf(schema: JsonSchema): string {
  if (schema.const !== undefined) return `\`${shown(schema.const)}\``;
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${shown(value)}\``).join(', ');
  if (schema.type === 'array') return `list of ${typeOf(schema.items ?? {})}`;
  if (schema.type === 'integer' || schema.type === 'number') return `number${rangeOf(schema)}`;
  if (schema.type === 'object') return 'object';
  if (schema.type === 'boolean') return '`true`, `false`';
  if (schema.format === 'uuid') return 'GUID';
  if (schema.format === 'uri') return 'URL';
  return schema.format === 'email' ? 'e-mail address' : 'text';
}

function typeOf(schema: JsonSchema): string {
  return [...new Set(branchesOf(schema).map(simpleTypeOf))].join(' or ');
}

/** `jwt`, for a branch of a union that says which one it is. */
function nameOf(branch: JsonSchema): string | undefined {
  const marks = Object.values(branch.properties ?? {}).map((property) => property.const);
  return marks.find((mark) => typeof mark === 'string');
}

function inner(schema: JsonSchema, path: string): OptionRow[] {
  const branches = branchesOf(schema);
  return branches.flatMap((branch) => {
    if (branch.items !== undefined) return inner(branch.items, `${path}[]`);
    const { additionalProperties: each } = branch;
    if (typeof each === 'object' && each.properties !== undefined) return inner(each, `${path}.<name>`);
    if (branch.properties === undefined) return [];
    const rows = toRows(branch, `${path}.`);
    if (branches.length === 1) return rows;
    return rows.map((row) => ({ ...row, within: row.within ?? nameOf(branch) ?? '' }));
  });
}

/** Keys that several branches share become one row. */
function merged(rows: readonly OptionRow[]): OptionRow[] {
  const byPath = new Map<string, OptionRow>();
  for (const row of rows) {
    const before = byPath.get(row.path);
    if (before === undefined) byPath.set(row.path, row);
    else {
      const types = [...new Set([before.type, row.type])];
      byPath.set(row.path, { ...before, type: types.join(' or '), within: undefined });
    }
  }
  return [...byPath.values()];
}

/** Every key of an object schema, depth first, in the order of the schema. */
export function toRows(schema: JsonSchema, prefix = ''): OptionRow[] {
  const rows = Object.entries(schema.properties ?? {}).flatMap(([key, value]) => {
    const path = `${prefix}${key}`;
    // `{}` stands for "every key has a default", which the keys themselves say.
    const hasDefault = value.default !== undefined && JSON.stringify(value.default) !== '{}';
    const row: OptionRow = {
      path,
      key,
      type: typeOf(value),
      required: schema.required?.includes(key) === true,
      fallback: hasDefault ? shown(value.default) : undefined,
      description: value.description,
      within: undefined,
    };
    return [row, ...inner(value, path)];
  });
  return merged(rows);
}
