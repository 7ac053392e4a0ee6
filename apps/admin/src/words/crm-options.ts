type Options = Readonly<Record<string, unknown>>;

export interface ParsedOptions {
  readonly options: Options | null;
  /** Why the text is no options, or null. */
  readonly problem: string | null;
}

const isOptions = (value: unknown): value is Options =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export function parseOptions(text: string): ParsedOptions {
  try {
    const value: unknown = JSON.parse(text);
    if (isOptions(value)) return { options: value, problem: null };
    return { options: null, problem: 'It has to be an object: { "option": "value" }.' };
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'it cannot be read';
    return { options: null, problem: `That is not JSON: ${reason}` };
  }
}

/** Names of the secrets that the options speak of: `{ secret: name }` at any depth, each once. */
export function secretNames(value: unknown): readonly string[] {
  if (Array.isArray(value)) return [...new Set(value.flatMap((one: unknown) => secretNames(one)))];
  if (!isOptions(value)) return [];
  if (typeof value.secret === 'string' && Object.keys(value).length === 1) return [value.secret];
  return [...new Set(Object.values(value).flatMap((one) => secretNames(one)))];
}
